# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which controller a preview reads which partition from, where an agent reads several domains."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import ManagementAgent, Partition
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.systems import active_directory
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.systems.base import ChangeType, ImportedObject, ImportPage, ImportRequest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.sources.directory import DirectorySources

CORP, EMEA = "DC=corp,DC=example,DC=com", "DC=emea,DC=corp,DC=example,DC=com"
CONFIGURATION = f"CN=Configuration,{CORP}"
HELD = {"dc1": (CORP, CONFIGURATION), "dc2": (EMEA, CONFIGURATION.upper())}


class Stub:
    """A controller with one object in each naming context."""

    def __init__(self, host: str) -> None:
        self.host = host

    def naming_contexts(self) -> tuple[str, ...]:
        return HELD[self.host]

    def import_pages(self, request: ImportRequest) -> Iterator[ImportPage]:
        yield ImportPage((ImportedObject(ChangeType.REPLACE, "", f"CN={self.host},{request.partition_dn}", "user"),), "done")

    def close(self) -> None: ...


@pytest.fixture(autouse=True)
def controllers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(active_directory, "open_directory", lambda directory: directory.host)
    monkeypatch.setattr(active_directory, "ActiveDirectorySystem", Stub)


def agent(*partitions: str) -> ManagementAgent:
    return ManagementAgent("{A}", "ADMA", "AD", partitions=tuple(Partition(f"{{{name}}}", name, selected=True) for name in partitions))


def read(sources: DirectorySources, host: str, *partitions: str) -> list[str]:
    given: dict[str, Any] = {"host": host, "user": "EXAMPLE\\svc", "password": "x"}
    return [item.dn for item in sources.objects(agent(*partitions), given, "objects[0].ldap")]


def test_each_domain_is_read_from_its_own_controller_and_the_configuration_once() -> None:
    sources, partitions = DirectorySources(), (CONFIGURATION, CORP, EMEA)
    assert read(sources, "dc1", *partitions) == [f"CN=dc1,{CONFIGURATION}", f"CN=dc1,{CORP}"]
    assert read(sources, "dc2", *partitions) == [f"CN=dc2,{EMEA}"]
    sources.check()


def test_a_domain_that_no_source_holds_is_not_taken_for_empty() -> None:
    sources = DirectorySources()
    read(sources, "dc1", CORP, EMEA)
    with pytest.raises(InputError, match=f"ADMA reads {EMEA}, too; name a domain controller of it"):
        sources.check()
