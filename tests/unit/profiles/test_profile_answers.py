# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a farm needs for an external identity manager, profiles as they are shown, people held against the directory."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate.directory import Directory
from ansible_collections.mimsync.sharepoint.lab.estate.directory_filter import parse_filter
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError, PlanError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.profiles.answer import accounts_filter, email_failures, full_names, profile_facts
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.profiles.farm import FarmChanges, check_accounts, decide, described, lacking, read_state
from hypothesis import given
from hypothesis import strategies as st

DIRECTORY = Directory("corp.example.com", "EXAMPLE")
APPLICATION = {
    "name": "UPA",
    "proxy": "UPA Proxy",
    "application_pool": "Pool",
    "no_ilm_used": False,
    "netbios_names": True,
    "administrators": [{"name": "EXAMPLE\\svc-spma", "levels": ["Full Control", "Manage Profiles"]}],
    "sharing": [{"name": "EXAMPLE\\svc-spma", "levels": []}],
}


def answer(build: str = "16.0.10337.12109", *, no_ilm_used: bool = False, exists: bool = True, enabled: bool = True, site: bool = True) -> dict[str, Any]:
    return {
        "build": build,
        "applications": [{**APPLICATION, "no_ilm_used": no_ilm_used}],
        "job": {"exists": exists, "enabled": enabled},
        "my_site": {"found": site, "policies": []},
    }


@pytest.mark.parametrize(
    ("found", "changes"),
    [
        (answer(), FarmChanges()),
        (answer(no_ilm_used=True), FarmChanges(no_ilm_used=False)),
        (answer(exists=False, enabled=False), FarmChanges(provision=True)),
        (answer(enabled=False), FarmChanges(enable_job=True)),
        (answer("16.0.4456.1003", exists=False, enabled=False), FarmChanges(no_ilm_used=True)),
        (answer("16.0.4456.1003", no_ilm_used=True, exists=False, enabled=False), FarmChanges()),
        (answer("16.0.4498.1002", no_ilm_used=True, exists=False, enabled=False), FarmChanges(no_ilm_used=False, provision=True)),
    ],
)
def test_the_changes_depend_on_the_build(found: dict[str, Any], changes: FarmChanges) -> None:
    assert decide(read_state(found, "")) == changes


def test_sharepoint_2013_is_refused() -> None:
    with pytest.raises(PlanError, match=r"15\.0\.4569"):
        decide(read_state(answer("15.0.4569.1000"), ""))


def test_the_service_application_is_the_only_one_or_named() -> None:
    two = {**answer(), "applications": [APPLICATION, {**APPLICATION, "name": "Second"}]}
    assert read_state(two, "second").name == "Second"
    for given_answer, name, message in ((two, "", "2 User Profile Service Applications"), (two, "Third", "no User Profile Service Application 'Third'")):
        with pytest.raises(InputError, match=message):
            read_state(given_answer, name)
    with pytest.raises(InputError, match="has 0 User Profile"):
        read_state({**answer(), "applications": []}, "")


def test_accounts_lack_what_is_not_full_control() -> None:
    found = lacking(read_state(answer(), ""), ["example\\SVC-SPMA", "EXAMPLE\\photo"], pictures=True)
    assert found == {
        "administrators": ["EXAMPLE\\photo"],
        "sharing": ["example\\SVC-SPMA", "EXAMPLE\\photo"],
        "pictures": ["example\\SVC-SPMA", "EXAMPLE\\photo"],
    }
    assert lacking(read_state(answer(site=False), ""), ["x"], pictures=False)["pictures"] == []
    with pytest.raises(InputError, match="my_site_url"):
        lacking(read_state(answer(site=False), ""), ["x"], pictures=True)


def test_accounts_that_are_not_there_are_named() -> None:
    check_accounts(read_state(answer(), ""))
    with pytest.raises(InputError, match=r"nobody.*make the accounts first"):
        check_accounts(read_state({**answer(), "unknown_accounts": ["EXAMPLE\\nobody"]}, ""))


def test_before_and_after_differ_where_something_changes() -> None:
    state = read_state(answer(no_ilm_used=True, exists=False, enabled=False), "")
    assert described(state) != described(state, decide(state))
    settled = read_state(answer(), "")
    assert described(settled) == described(settled, decide(settled))


# --- profiles


def test_names_get_their_domain_once() -> None:
    assert full_names(["anna", "EXAMPLE\\Anna", "OTHER\\ben"], "EXAMPLE") == ["EXAMPLE\\anna", "OTHER\\ben"]
    with pytest.raises(InputError, match=r"names\[1\]"):
        full_names(["EXAMPLE\\anna", "ben"], "")


def test_profiles_are_counted_and_their_values_plain() -> None:
    values = {"WorkEmail": ["anna@example.com"], "SPS-Skills": ["a", "b"], "PictureURL": [], "Manager": None}
    facts = profile_facts({"total": 9, "missing": [], "profiles": [{"account": "EXAMPLE\\anna", "record_id": 3, "values": values}]}, list(values))
    assert facts["profiles"][0]["properties"] == {"WorkEmail": "anna@example.com", "SPS-Skills": ["a", "b"], "PictureURL": "", "Manager": ""}
    assert facts["counts"] == {"profiles": 1, "with_email": 1, "with_picture": 0, "with_manager": 0}


def test_an_unknown_property_is_named() -> None:
    with pytest.raises(InputError, match="no property 'Nowhere'"):
        profile_facts({"total": 9, "unknown_properties": ["Nowhere"]}, ["Nowhere"])


def test_each_person_who_did_not_arrive_is_named() -> None:
    directory = [
        {"sAMAccountName": ["Anna"], "mail": ["anna@example.com"]},
        {"sAMAccountName": "ben", "mail": None},
        {"sAMAccountName": "carla", "mail": "carla@example.com"},
        {"sAMAccountName": "dora", "mail": "dora@example.com"},
    ]
    profiles = [
        {"account": "EXAMPLE\\anna", "properties": {"WorkEmail": "ANNA@example.com"}},
        {"account": "EXAMPLE\\dora", "properties": {"WorkEmail": "old@example.com"}},
    ]
    assert email_failures(["anna", "EXAMPLE\\ben", "carla", "dora", "emil"], directory, profiles) == [
        "EXAMPLE\\ben: the account has no e-mail address in the directory.",
        "carla: there is no profile in SharePoint.",
        "dora: SharePoint shows the e-mail address 'old@example.com', the directory has 'dora@example.com'.",
        "emil: there is no such account in the directory.",
    ]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1, max_size=4))
def test_no_name_breaks_out_of_the_filter(names: list[str]) -> None:
    found = accounts_filter(names)
    assert found.count("(sAMAccountName=") >= len(names)
    parse_filter(found, DIRECTORY)
