# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filters of the role directory: names and rules out of what the inventory says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError


def agent_access_rules(
    account: str, netbios: str, contexts: Sequence[str], attribute_writes: Sequence[Mapping[str, Any]], object_writes: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The rules of directory_access_rule for the Active Directory agent's account."""
    if not account:
        raise AnsibleFilterError("The Active Directory agent's account has no name.")
    trustee = account if "\\" in account or "@" in account else f"{netbios}\\{account}"
    replication = [{"naming_context": context, "rights": ["replicating_directory_changes"]} for context in contexts]
    return [{"trustee": trustee, **rule} for rule in (*replication, *map(_attribute_rule, attribute_writes), *map(_object_rule, object_writes))]


def _attribute_rule(item: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "path": item["path"],
        "rights": ["read_property", "write_property"],
        "attributes": list(item["attributes"]),
        "applies_to": "descendants",
        "inherited_object_class": item.get("object_class", "user"),
    }


def _object_rule(item: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "path": item["path"],
        "rights": ["create_child", "delete_child"],
        "object_classes": list(item["object_classes"]),
        "applies_to": "this_object_and_descendants",
    }


def computer_accounts(hosts: Sequence[str]) -> list[str]:
    """Account names of computers: `mim1.corp.example.com` -> `mim1$`."""
    return [f"{host.partition('.')[0]}$" for host in hosts]


class FilterModule:
    """What Ansible asks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"agent_access_rules": agent_access_rules, "computer_accounts": computer_accounts}
