# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A declaration becomes values, or everything that is wrong with it is told at once, with its place."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired import (
    ActiveDirectoryAgent,
    Credentials,
    Filter,
    FilterCondition,
    Pictures,
    ProfileStoreAgent,
    read_declaration,
)
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError
from hypothesis import given
from hypothesis import strategies as st

STAFF = "OU=Staff,DC=corp,DC=example,DC=com"
FULL: dict[str, Any] = {
    "provisioning": "scripted",
    "agents": [
        {
            "name": "ADMA",
            "type": "active_directory",
            "forest": "corp.example.com",
            "credentials": {"username": "CORP\\svc-adma", "password": "secret-1"},
            "partitions": [{"domain": "corp.example.com", "include": [STAFF], "exclude": [f"OU=Leavers,{STAFF}"], "object_types": ["user", "group"]}],
            "filters": {"user": [{"attribute": "userAccountControl", "operator": "bit-on", "value": "0x2"}]},
            "disabled_users": "synchronize",
        },
        {
            "name": "SPMA",
            "type": "sharepoint_profile_store",
            "url": "https://ca.corp.example.com:5555",
            "pictures": "from_sharepoint",
            "credentials": {"username": "svc-spma@corp.example.com", "password": "secret-2"},
        },
    ],
}


def changed(path: str, value: Any) -> dict[str, Any]:
    """FULL with the value at `path` replaced, or taken away for None; the path leads through lists by numbers."""
    result = copy.deepcopy(FULL)
    place: Any = result
    *way, last = [int(part) if part.isdigit() else part for part in path.replace("[", ".").replace("]", "").split(".")]
    for part in way:
        place = place[part]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return result


def test_everything_that_can_be_declared() -> None:
    declaration = read_declaration(FULL)
    directory, store = declaration.agents
    assert isinstance(directory, ActiveDirectoryAgent) and isinstance(store, ProfileStoreAgent)
    assert declaration.provisioning == "scripted"
    assert directory.credentials == Credentials("CORP", "svc-adma", "secret-1")
    assert directory.filters == {"user": (Filter((FilterCondition("userAccountControl", "bit-on", 2),)),)}
    assert (directory.partitions[0].include, directory.partitions[0].object_types) == ((STAFF,), ("user", "group"))
    assert directory.disabled_users is False
    assert (store.protocol, store.host, store.port, store.pictures) == ("HTTPS", "ca.corp.example.com", "5555", Pictures.FROM_SHAREPOINT)
    assert store.credentials is not None and store.credentials.account == "corp.example.com\\svc-spma"


def test_what_is_not_declared_is_left_open() -> None:
    agent = read_declaration({"agents": [{"name": "A", "type": "active_directory"}]}).agents[0]
    assert agent == ActiveDirectoryAgent("A", path="agents[0]")


def test_account_without_domain_takes_the_one_beside_it() -> None:
    given_alone = changed("agents[0].credentials", {"username": "svc-adma", "domain": "CORP", "password": "p"})
    assert read_declaration(given_alone).agents[0].credentials == Credentials("CORP", "svc-adma", "p")


def test_conditions_can_be_joined() -> None:
    both = {"all": [{"attribute": "a", "operator": "starts_with", "value": "x"}, {"attribute": "b", "operator": "present"}]}
    agent = read_declaration(changed("agents[0].filters.user", [both])).agents[0]
    assert isinstance(agent, ActiveDirectoryAgent)
    assert agent.filters["user"] == (Filter((FilterCondition("a", "substring-start", "x"), FilterCondition("b", "present", ""))),)


def test_a_password_is_never_shown() -> None:
    assert "secret" not in repr(read_declaration(FULL))
    for bad in ({"username": "svc", "password": "secret-9"}, {"username": "A\\b", "password": {"secret-9": 1}}):
        with pytest.raises(InputError) as caught:
            read_declaration(changed("agents[0].credentials", bad))
        assert "secret-9" not in str(caught.value)


@pytest.mark.parametrize(
    ("path", "value", "at", "message"),
    [
        ("agents", "ADMA", "agents", "must be a list, not text"),
        ("agents[0]", "ADMA", "agents[0]", "must be a dictionary, not text"),
        ("agents[0].name", None, "agents[0].name", "is missing"),
        ("agents[0].name", 5, "agents[0].name", "must be text, not a number"),
        ("agents[0].type", None, "agents[0].type", "is missing; it is one of active_directory"),
        ("agents[0].type", "active-directory", "agents[0].type", "did you mean 'active_directory'"),
        ("agents[0].forrest", "x", "agents[0].forrest", "did you mean 'forest'"),
        ("agents[0].flows", [], "agents[0].flows", "is not a key of the configuration"),
        ("run_profiles", "standard", "run_profiles", "is not a key of the configuration"),
        ("agents[0].forest", "corp example", "agents[0].forest", "must be a DNS name"),
        ("agents[0].credentials.username", "svc-adma", "agents[0].credentials.username", "of the form DOMAIN\\name"),
        ("agents[0].credentials.password", None, "agents[0].credentials.password", "is missing"),
        ("agents[0].credentials.password", "", "agents[0].credentials.password", "is missing"),
        ("agents[0].partitions[0].domain", None, "agents[0].partitions[0].domain", "is missing"),
        ("agents[0].partitions[0].include", [], "agents[0].partitions[0].include", "nothing would be read"),
        ("agents[0].partitions[0].include", [STAFF, "OU=X"], "agents[0].partitions[0].include[1]", "lies outside of the domain corp.example.com"),
        ("agents[0].partitions[0].include", ["Staff"], "agents[0].partitions[0].include[0]", "is no distinguished name: the part 'Staff'"),
        ("agents[0].partitions[0].include", [STAFF, STAFF.upper()], "agents[0].partitions[0].include[1]", "is named twice"),
        ("agents[0].partitions[0].include", [STAFF, f"OU=A,{STAFF}"], "agents[0].partitions[0].include[1]", "is read anyway as a part of"),
        ("agents[0].partitions[0].exclude", [STAFF], "agents[0].partitions[0].exclude[0]", "is included and excluded at once"),
        ("agents[0].partitions[0].exclude", ["OU=X,DC=corp,DC=example,DC=com"], "agents[0].partitions[0].exclude[0]", "lies in none of the included"),
        ("agents[0].filters.user", [{"attribute": "a", "operator": "bit_one", "value": 1}], "agents[0].filters.user[0].operator", "did you mean 'bit-on'"),
        ("agents[0].filters.user", [{"attribute": "a", "operator": "bit-on", "value": "two"}], "agents[0].filters.user[0].value", "must be a number"),
        ("agents[0].filters.user", [{"attribute": "a", "operator": "equals"}], "agents[0].filters.user[0].value", "is missing"),
        ("agents[0].filters.user", [{"attribute": "a", "operator": "present", "value": 1}], "agents[0].filters.user[0].value", "does not go with"),
        ("agents[0].disabled_users", "ignore", "agents[0].disabled_users", "must be one of filter, synchronize"),
        ("agents[1].url", "ca.corp.example.com", "agents[1].url", "must be of the form http(s)://host[:port]"),
        ("agents[1].url", "ftp://ca", "agents[1].url", "must be of the form http(s)://host[:port]"),
        ("agents[1].url", "https://ca:99999", "agents[1].url", "which is no URL"),
        ("agents[1].url", "https://ca/sites/x", "agents[1].url", "only protocol, host and port"),
        ("agents[1].pictures", "both", "agents[1].pictures", "must be one of to_sharepoint, from_sharepoint"),
        ("agents[1].name", "adma", "agents[1].name", "is declared twice, first at agents[0]"),
        ("provisioning", "script", "provisioning", "did you mean 'scripted'"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(path: str, value: Any, at: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_declaration(changed(path, value))
    told = [f"{caught.value.path}: {caught.value.message}", *caught.value.details]
    assert any(text.startswith(f"{at}: ") and message in text for text in told), told


def test_a_container_below_an_excluded_one_can_be_included_again() -> None:
    again = f"OU=Back,OU=Leavers,{STAFF}"
    agent = read_declaration(changed("agents[0].partitions[0].include", [STAFF, again])).agents[0]
    assert isinstance(agent, ActiveDirectoryAgent) and agent.partitions[0].include == (STAFF, again)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://sp", ("HTTP", "sp", "80")),
        ("https://SP.corp.example.com/", ("HTTPS", "SP.corp.example.com", "443")),
        ("https://sp:8443", ("HTTPS", "sp", "8443")),
    ],
)
def test_port_of_the_protocol_counts_when_none_is_given(url: str, expected: tuple[str, str, str]) -> None:
    agent = read_declaration(changed("agents[1].url", url)).agents[1]
    assert isinstance(agent, ProfileStoreAgent)
    assert (agent.protocol, agent.host, agent.port) == expected


def test_all_faults_come_at_once() -> None:
    wrong = changed("agents[0].forest", "")
    wrong["agents"][1]["url"] = "x"
    wrong["agents"][1]["colour"] = "red"
    with pytest.raises(InputError, match="3 values of the configuration are wrong") as caught:
        read_declaration(wrong)
    assert [detail.split(":")[0] for detail in caught.value.details] == ["agents[0].forest", "agents[1].colour", "agents[1].url"]


ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.floats(), st.sampled_from([STAFF, "corp.example.com", "bit-on"])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)),
    max_leaves=8,
)
PLACES = (
    "agents provisioning agents[0] agents[0].name agents[0].forest agents[0].credentials agents[0].credentials.username agents[0].partitions "
    "agents[0].partitions[0] agents[0].partitions[0].include agents[0].partitions[0].exclude agents[0].filters agents[0].filters.user "
    "agents[0].filters.user[0] agents[0].filters.user[0].value agents[0].filters.user[0].operator agents[1].url agents[1].pictures"
).split()


@given(ANYTHING)
def test_any_data_is_read_or_refused(data: Any) -> None:
    try:
        read_declaration(data)
    except InputError as error:
        assert error.message


@given(st.sampled_from(PLACES), ANYTHING.filter(lambda value: value is not None))
def test_any_value_at_any_place_is_read_or_refused(place: str, value: Any) -> None:
    try:
        read_declaration(changed(place, value))
    except InputError as error:
        assert error.path
