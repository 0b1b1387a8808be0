# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Attributes of the directory against properties of profiles, and the right to write single attributes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any


def value_failures(people: Sequence[str], directory: Iterable[Mapping[str, Any]], profiles: Iterable[Mapping[str, Any]], pairs: Mapping[str, str]) -> list[str]:
    """One sentence for each value of a person that differs on both sides, letter case included; no value equals no value.

    `directory`: objects with sAMAccountName and the attributes; `profiles`: as the module profile_info gives them;
    `pairs`: attribute -> property.
    """
    accounts = {_bare(_texts(item.get("sAMAccountName"))[:1]): item for item in directory}
    found = {_bare([str(item["account"])]): item for item in profiles}
    return [sentence for person in people for sentence in _of_person(person, accounts.get(_bare([person])), found.get(_bare([person])), pairs)]


def attribute_access_rules(containers: Sequence[str], account: str, netbios: str, attributes: Sequence[str], state: str = "present") -> list[dict[str, Any]]:
    """The rules of directory_access_rule that let an account write these attributes of the users below some containers, and nothing else."""
    trustee = account if "\\" in account or "@" in account else f"{netbios}\\{account}"
    rule = {
        "trustee": trustee,
        "rights": ["read_property", "write_property"],
        "attributes": list(attributes),
        "applies_to": "descendants",
        "inherited_object_class": "user",
        "state": state,
    }
    return [{**rule, "path": container} for container in containers]


def _of_person(person: str, account: Mapping[str, Any] | None, profile: Mapping[str, Any] | None, pairs: Mapping[str, str]) -> Iterator[str]:
    if account is None:
        yield f"{person}: there is no such account in the directory."
        return
    if profile is None:
        yield f"{person}: there is no profile in SharePoint."
        return
    for attribute, name in pairs.items():
        held, shown = _texts(account.get(attribute)), _texts((profile.get("properties") or {}).get(name))
        if sorted(held) != sorted(shown):
            yield f"{person}: {attribute} is {_words(held)} in the directory, {name} is {_words(shown)} in SharePoint."


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, (list, tuple)) else [value]
    return [str(one) for one in values if one is not None and one != ""]


def _words(values: Sequence[str]) -> str:
    return ", ".join(f"'{value}'" for value in values) or "empty"


def _bare(names: Sequence[str]) -> str:
    return names[0].rpartition("\\")[2].casefold() if names else ""
