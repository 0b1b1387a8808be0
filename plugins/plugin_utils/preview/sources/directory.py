# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Directories that a preview reads over LDAP: for each domain of an agent's scope a controller of that domain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...configuration import distinguished_name
from ...configuration.model import ManagementAgent, Partition
from ...engine.systems.base import ImportedObject, ImportRequest, SystemConnectionError
from ...errors import InputError
from ...ldap.problems import Unreachable


class DirectorySources:
    """Remembers which partitions were read: a controller holds its own domain and the configuration, which is read once."""

    def __init__(self) -> None:
        self._read: dict[str, set[str]] = {}
        self._agents: dict[str, tuple[ManagementAgent, str]] = {}

    def objects(self, agent: ManagementAgent, given: Mapping[str, Any], path: str) -> list[ImportedObject]:
        """All objects of the agent's types in the selected partitions that this host holds, in scope or not; raises InputError with the directory's words."""
        from ...engine.systems.active_directory import ActiveDirectorySystem, open_directory
        from ...ldap.connect import Directory

        self._agents.setdefault(agent.name, (agent, path))
        found: list[ImportedObject] = []
        try:
            system = ActiveDirectorySystem(open_directory(Directory(**{name: value for name, value in given.items() if value is not None})))
            try:
                for partition in self._held(agent, system.naming_contexts()):
                    asked = ImportRequest(_dn(partition), partition.object_types, agent.included_attributes)
                    found += [item for page in system.import_pages(asked) for item in page.objects]
            finally:
                system.close()
        except SystemConnectionError as problem:
            raise InputError(f"the directory {given['host']} cannot be read: {problem}{_remedy(agent, given, problem)}", path=path) from problem
        return found

    def _held(self, agent: ManagementAgent, contexts: tuple[str, ...]) -> list[Partition]:
        """Selected partitions of the host that no source before it has read."""
        known = {distinguished_name.comparable(name) for name in contexts}
        read = self._read.setdefault(agent.name, set())
        held = [one for one in _selected(agent) if (name := distinguished_name.comparable(_dn(one))) in known and name not in read]
        read.update(distinguished_name.comparable(_dn(one)) for one in held)
        return held

    def check(self) -> None:
        """Raises InputError for a partition that no source holds: its objects would be taken for deleted."""
        for name, (agent, path) in self._agents.items():
            left = [_dn(one) for one in _selected(agent) if distinguished_name.comparable(_dn(one)) not in self._read.get(name, set())]
            if left:
                raise InputError(f"{name} reads {', '.join(left)}, too; name a domain controller of it as a further source", path=path)


def _selected(agent: ManagementAgent) -> list[Partition]:
    return [partition for partition in agent.partitions if partition.selected]


def _dn(partition: Partition) -> str:
    return partition.dn or partition.name


# Replication access was denied: the DirSync control wants the right on the whole naming context (MS-ADTS 3.1.1.3.4.1.3).
REPLICATION_DENIED = "8453"


def _remedy(agent: ManagementAgent, given: Mapping[str, Any], problem: SystemConnectionError) -> str:
    """The end of the sentence, where it is known what helps."""
    if problem.code == REPLICATION_DENIED:
        places = ", ".join(partition.dn or partition.name for partition in agent.partitions if partition.selected)
        return f" {given['user']} needs Replicating Directory Changes on {places}."
    cause = problem.__cause__
    if isinstance(cause, Unreachable):
        return f" {cause.message}"
    if problem.connection_result == "failed-authentication":
        return f" The name {given['user']} or its password is wrong, or the account is locked or disabled."
    return ""
