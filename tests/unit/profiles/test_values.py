# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Attributes of the directory held against properties of profiles, in sentences; the right to write single attributes."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.profiles.presence import group_failures, presence_failures
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.profiles.values import attribute_access_rules, value_failures

PAIRS = {"drink": "FavoriteDrink"}


def account(name: str, drink: Any = None) -> dict[str, Any]:
    return {"sAMAccountName": name, "drink": drink}


def profile(name: str, drink: Any = "") -> dict[str, Any]:
    return {"account": f"EXAMPLE\\{name}", "properties": {"FavoriteDrink": drink}}


@pytest.mark.parametrize(("held", "shown"), [("Tea", "Tea"), (["Tea"], "Tea"), (None, ""), ([], ""), (["a", "b"], ["b", "a"])])
def test_equal_values_are_no_failure(held: Any, shown: Any) -> None:
    assert value_failures(["EXAMPLE\\Anna"], [account("anna", held)], [profile("anna", shown)], PAIRS) == []


@pytest.mark.parametrize(
    ("held", "shown", "sentence"),
    [
        (None, "Tea", "anna: drink is empty in the directory, FavoriteDrink is 'Tea' in SharePoint."),
        (["Tea"], "tea", "anna: drink is 'Tea' in the directory, FavoriteDrink is 'tea' in SharePoint."),
        (["a", "b"], "", "anna: drink is 'a', 'b' in the directory, FavoriteDrink is empty in SharePoint."),
    ],
)
def test_other_values_are_told(held: Any, shown: Any, sentence: str) -> None:
    assert value_failures(["anna"], [account("anna", held)], [profile("anna", shown)], PAIRS) == [sentence]


def test_people_without_an_account_or_a_profile_are_told() -> None:
    told = value_failures(["anna", "ben"], [account("ben")], [], PAIRS)
    assert told == ["anna: there is no such account in the directory.", "ben: there is no profile in SharePoint."]


def test_the_right_is_on_the_attribute_alone_and_on_users_alone() -> None:
    (rule,) = attribute_access_rules(["OU=Staff,DC=x"], "svc-adma", "EXAMPLE", ["drink"])
    assert (rule["trustee"], rule["path"], rule["attributes"]) == ("EXAMPLE\\svc-adma", "OU=Staff,DC=x", ["drink"])
    assert (rule["inherited_object_class"], rule["state"]) == ("user", "present")
    assert attribute_access_rules(["OU=Staff,DC=x"], "OTHER\\svc", "EXAMPLE", ["drink"], "absent")[0]["trustee"] == "OTHER\\svc"


SCOPE = {"include": ["OU=Staff,DC=x", "OU=Kept,OU=Lyon,OU=Staff,DC=x"], "exclude": ["ou=lyon, OU=Staff,DC=x"]}


@pytest.mark.parametrize(
    ("dn", "control", "disabled", "wanted"),
    [
        ("CN=a,OU=Staff,DC=x", 0x200, "filter", True),
        ("CN=a,OU=Staff,DC=x", 0x202, "filter", False),
        ("CN=a,OU=Staff,DC=x", 0x202, "synchronize", True),
        ("CN=a,OU=Lyon,OU=Staff,DC=x", 0x200, "filter", False),
        ("CN=a,OU=Kept,OU=Lyon,OU=Staff,DC=x", 0x200, "filter", True),
        ("CN=a,OU=Others,DC=x", 0x200, "filter", False),
    ],
)
def test_who_has_a_profile_follows_the_scope(dn: str, control: int, disabled: str, wanted: bool) -> None:
    accounts = [{"DistinguishedName": dn, "sAMAccountName": "anna", "userAccountControl": control}]
    there, nobody = presence_failures(accounts, [profile("anna")], SCOPE, disabled), presence_failures(accounts, [], SCOPE, disabled)
    assert (len(there), len(nobody)) == ((0, 1) if wanted else (1, 0))
    assert nobody == (["anna is in scope, but has no profile."] if wanted else [])


def test_a_group_in_scope_has_a_member_group_of_its_name_in_the_directory() -> None:
    held = [{"DistinguishedName": "CN=Leads,OU=Staff,DC=x"}, {"DistinguishedName": "CN=Leads,OU=Lyon,OU=Staff,DC=x"}]
    assert group_failures(held, [{"name": "Leads", "source_reference": "cn=leads,ou=Staff,dc=x"}], SCOPE) == []
    assert group_failures(held, [], SCOPE) == ["SharePoint has no member group of CN=Leads,OU=Staff,DC=x."]
