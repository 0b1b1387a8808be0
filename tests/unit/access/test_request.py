# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Options of a task, the question to the host, and root keys."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.access.request import assume, missing, plan_objects, question, read_request, words
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.access.root_key import plan_root_key, read_state
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError

AGENT = "EXAMPLE\\svc-adma"
RULES = {
    "rules": [
        {"naming_context": "domain", "trustee": AGENT, "rights": ["replicating_directory_changes"]},
        {"naming_context": "configuration", "trustee": AGENT, "rights": ["Site Right"]},
        {"path": "OU=a,DC=x", "trustee": AGENT, "rights": ["write_property"], "attributes": ["mail", "Personal Information"]},
    ]
}


def answer(**more: Any) -> dict[str, Any]:
    found = {
        "domain_sid": "S-1-5-21-1-2-3",
        "root_sid": "S-1-5-21-1-2-3",
        "objects": {"domain": {"dn": "DC=x", "sddl": "D:"}, "configuration": {"dn": "CN=c", "sddl": "D:"}, "OU=a,DC=x": {"dn": "OU=a,DC=x", "sddl": "D:"}},
        "trustees": {AGENT: {"sid": "S-1-5-21-1-2-3-1105", "account": AGENT}},
        "schema": {"mail": "bf967961-0de6-11d0-a285-00aa003049e2"},
        "rights": [{"name": "Site-Right", "display": "Site Right", "guid": "11111111-2222-3333-4444-555555555555", "valid_accesses": 256}],
    }
    return found | more


def test_one_question_holds_all_that_is_needed() -> None:
    asked = question(read_request(RULES))
    assert asked == {"Paths": ["domain", "configuration", "OU=a,DC=x"], "Trustees": [AGENT], "SchemaNames": ["mail"], "AllRights": True}


def test_rights_of_this_forest_are_taken_from_the_host() -> None:
    plans = plan_objects(read_request(RULES), answer())
    assert [item.plan.after for item in plans][1] == "D:(OA;;CR;11111111-2222-3333-4444-555555555555;;S-1-5-21-1-2-3-1105)"
    assert words(plans, "absent") == ""
    assert len(words(plans, "present").splitlines()) == 4


def test_options_and_rules_give_the_same() -> None:
    single = {"path": "OU=a,DC=x", "trustee": AGENT, "rights": ["delete"]}
    assert read_request(single).rules["OU=a,DC=x"][0].rights == read_request({"rules": [single]}).rules["OU=a,DC=x"][0].rights


@pytest.mark.parametrize(
    ("values", "path", "reason"),
    [
        ({"trustee": AGENT, "rights": ["delete"]}, "", "Say on which object"),
        ({"rules": [{"path": "DC=x", "trustee": AGENT, "rights": ["write_property"], "attributes": ["ma)il"]}]}, "rules[0]", "not a name of the schema"),
    ],
)
def test_bad_options_are_named_with_their_place(values: dict[str, Any], path: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason) as caught:
        read_request(values)
    assert caught.value.path == path


def test_check_mode_takes_what_is_missing_as_made() -> None:
    absent = answer(trustees={AGENT: {"sid": "", "account": ""}})
    request = read_request(RULES)
    assert missing(request, absent) == (AGENT,)
    with pytest.raises(InputError, match="not known in the domain"):
        plan_objects(request, absent)
    assert all(item.plan.changed for item in plan_objects(request, assume(absent)))


def test_an_object_that_does_not_exist_is_named() -> None:
    objects = answer()["objects"] | {"OU=a,DC=x": {"dn": "", "sddl": ""}}
    with pytest.raises(InputError, match="has no object 'OU=a,DC=x'"):
        plan_objects(read_request(RULES), answer(objects=objects))


NOW = "2026-01-31T12:00:00Z"


def test_a_new_root_key_counts_after_ten_hours() -> None:
    plan = plan_root_key(read_state({"now": NOW, "keys": []}))
    assert (plan.changed, plan.effective_at, plan.usable_at, plan.usable) == (True, NOW, "2026-01-31T22:00:00Z", False)


def test_a_root_key_without_the_wait_counts_at_once() -> None:
    plan = plan_root_key(read_state({"now": NOW, "keys": []}), skip_wait=True)
    assert (plan.effective_at, plan.usable_at, plan.usable) == ("2026-01-31T02:00:00Z", NOW, True)


def test_an_existing_root_key_is_left_alone() -> None:
    keys = [{"id": "b", "effective": "2026-01-31T11:00:00Z", "created": NOW}, {"id": "a", "effective": "2026-01-30T11:00:00Z", "created": NOW}]
    plan = plan_root_key(read_state({"now": NOW, "keys": keys}), "2027-01-01T00:00:00Z")
    assert (plan.changed, plan.key_id, plan.usable) == (False, "a", True)


def test_a_time_that_is_none_is_named() -> None:
    with pytest.raises(InputError, match="'tomorrow' is not a time"):
        plan_root_key(read_state({"now": NOW, "keys": []}), "tomorrow")
