# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Previews of the lab's estate: with its live systems, and from the files that csexport writes of it."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate.connector_space_export import csexport
from ansible_collections.mimsync.sharepoint.lab.estate.synchronization_engine import LabConnector, read_server
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.digest import digest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.functions import sharepoint_registry
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.systems.base import ConnectedSystem, ImportPage, ImportRequest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import DocumentError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.answer import Answer, Preview
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.findings import Findings
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.scene import Scene
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.sources.csexport import parsed, state_of
from ansible_collections.mimsync.sharepoint.tests.unit.lab.mim_estate import STAFF, MimEstate, built_in_files, configure, make_mim_estate


class ReadOnly:
    """A live system of the lab that can be read."""

    def __init__(self, system: ConnectedSystem) -> None:
        self.system = system
        self.server = system.server

    def import_pages(self, request: ImportRequest) -> Iterator[ImportPage]:
        return self.system.import_pages(request)

    def export(self, changes: Sequence[Any]) -> Any:
        raise AssertionError("a preview exports nothing")


@pytest.fixture
def mim() -> MimEstate:
    made = make_mim_estate(people=25)
    configure(made, built_in_files(made))
    made.cycle()
    made.cycle()
    return made


def profiles(mim: MimEstate) -> dict[str, dict[str, Any]]:
    return {profile.anchor: copy.deepcopy(dict(profile.values)) for profile in mim.farm.service_application.store.live("user")}


def change_people(mim: MimEstate) -> None:
    """A title, a move, a departure, an arrival."""
    directory = mim.estate.directory
    people = [entry for entry in directory.search(STAFF, query="(objectClass=user)") if not entry.get("msDS-SourceObjectDN")]
    directory.set(people[0], {"title": ["Head of everything"]})
    directory.move(people[1], directory.get(f"OU=London,{STAFF}"))
    directory.delete(people[2])
    directory.create(f"CN=New Comer,OU=London,{STAFF}", "user", {"sAMAccountName": "newcomer", "displayName": "New Comer"}, password="Long-Enough.1")


def told(answer: Answer, transition: str) -> set[str]:
    return {row.dn for row in answer.rows if (row.agent, row.object_type, row.transition) == ("SPMA", "user", transition)}


def test_live_systems_are_read_and_what_is_foretold_happens(mim: MimEstate) -> None:
    configuration, store = read_server(mim.service), mim.service.state.store
    change_people(mim)
    connector = LabConnector(mim.service)
    bases = {agent.name: ReadOnly(connector.connect(agent.name)) for agent in configuration.agents}
    agents = [agent.id for agent in configuration.agents]
    before, state = profiles(mim), digest(store, agents)
    answer = Preview(Scene(configuration, store, bases), sharepoint_registry(), cycle="full").run()
    assert (profiles(mim), digest(store, agents)) == (before, state)
    mim.cycle()
    after = profiles(mim)
    assert told(answer, "added") == after.keys() - before.keys() == {"newcomer"}
    assert told(answer, "deleted") == before.keys() - after.keys()
    assert len(told(answer, "deleted")) == 1
    changed = {anchor for anchor in before.keys() & after.keys() if before[anchor] != after[anchor]}
    # The farm itself takes away managers who are gone: their flow does not write nulls.
    assert told(answer, "value changed") | told(answer, "read anew") == changed


def test_files_of_csexport_hold_the_state(mim: MimEstate) -> None:
    configuration, store = read_server(mim.service), mim.service.state.store
    change_people(mim)
    mim.run("ADMA", "DeltaImport")
    mim.run("ADMA", "DeltaSync")
    findings = Findings()
    files = {agent.name: csexport(store, agent) for agent in configuration.agents}
    read = state_of(files, configuration, sharepoint_registry(), findings)
    assert findings.all == []
    live = Preview(Scene(configuration, store), sharepoint_registry()).run()
    filed = Preview(Scene(configuration, read), sharepoint_registry()).run()
    assert {row for row in filed.rows if row.agent == "SPMA"} == {row for row in live.rows if row.agent == "SPMA"}
    assert told(filed, "added") == {"newcomer"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><cs-objects/>", "document type"),
        (b"<cs-objects>", "no XML"),
        (b"<saved-ma-configuration/>", "no export of a connector space"),
        ("<cs-objects>".encode("utf-16"), "no XML"),
    ],
)
def test_files_that_are_no_connector_space_are_refused(content: bytes, message: str) -> None:
    with pytest.raises(DocumentError, match=message):
        parsed(content, "ADMA")
