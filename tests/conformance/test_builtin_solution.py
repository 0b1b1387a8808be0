# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The built-in configuration means what the PnP solution's exported configuration means, as the document model sees both."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import ManagementAgent, ObjectClass, ServerConfiguration
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution import build_files
from ansible_collections.mimsync.sharepoint.tests.conformance.configuration_facts import configuration_of, facts_of, leaves, schema_facts

# The sample forest has Exchange's schema, so its partitions name a class of Exchange that stays out; a forest without it has no such class.
HINT = "/filter-hints/object-classes/object-class"
OUR_NAMES = {"sharepoint.forest.invalid": "<host>", "DC=forest,DC=invalid": "<root>", "forest.invalid": "<dns>", "forest": "<netbios>"}
THEIR_NAMES = {"sharepoint.litware.com": "<host>", "DC=litware,DC=com": "<root>", "litware.com": "<dns>", "litware": "<netbios>"}
REAL = Path(__file__).resolve().parents[3] / "shared" / "fixtures" / "pnp-usermimsync"
# Every fact in which the two differ, with the reason. A difference that is not here is a bug, and so is one that is gone.
MEANT_DIFFERENCES = {
    "ADMA/forest": "a placeholder that never resolves instead of the name of the forest that the sample was exported from",
    "SPMA/parameter Host Name": "a placeholder that never resolves instead of the sample's SharePoint server",
    "SPMA/parameter Port": "the placeholder's port; the role sync_configuration takes the port from the URL",
    "SPMA/parameter Domain": "a placeholder instead of the sample's domain",
}
# Meant as well: the built-in AD agent's copy of the forest's schema is smaller. It leaves out classes that the agent neither reads nor descends from, and
# attributes of the sample forest's own extensions and of Exchange; a schema refresh on the server brings in what a forest has. What it holds has to be right.


@pytest.fixture(scope="module")
def built() -> ServerConfiguration:
    return configuration_of(build_files())


@pytest.fixture(scope="module")
def real() -> ServerConfiguration:
    if not REAL.is_dir():
        pytest.skip("the real configuration lies in ../shared/fixtures, which is absent")
    return configuration_of({path.name: path.read_bytes() for path in REAL.glob("*.XML")})


def test_every_rule_is_the_same_but_for_the_meant_differences(built: ServerConfiguration, real: ServerConfiguration) -> None:
    ours, theirs = facts_of(built), facts_of(real)
    different = {name: (ours.get(name), theirs.get(name)) for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)}
    assert different.keys() == MEANT_DIFFERENCES.keys(), different


def test_the_comparison_sees_all_kinds_of_rules(real: ServerConfiguration) -> None:
    kinds = {name.split(" ")[0] for name in facts_of(real)}
    wanted = {"metaverse/import", "metaverse/deletion", "metaverse/recall", "SPMA/export", "SPMA/join", "ADMA/join", "ADMA/projection"}
    assert wanted | {"ADMA/partition", "SPMA/partition", "ADMA/run", "SPMA/run", "SPMA/parameter", "ADMA/included", "SPMA/included"} <= kinds


def test_the_metaverse_has_the_same_schema(built: ServerConfiguration, real: ServerConfiguration) -> None:
    assert schema_facts(built.metaverse.schema) == schema_facts(real.metaverse.schema)


def test_the_sharepoint_agent_has_the_same_schema(built: ServerConfiguration, real: ServerConfiguration) -> None:
    assert schema_facts(_agent(built, "SPMA").schema) == schema_facts(_agent(real, "SPMA").schema)


def test_what_the_directory_agent_knows_of_attributes_is_right(built: ServerConfiguration, real: ServerConfiguration) -> None:
    ours, theirs = _agent(built, "ADMA").schema.attributes, _agent(real, "ADMA").schema.attributes
    assert {name: value for name, value in ours.items() if value != theirs.get(name)} == {}


def test_what_the_directory_agent_knows_of_classes_is_right(built: ServerConfiguration, real: ServerConfiguration) -> None:
    ours, theirs = _agent(built, "ADMA").schema.classes, _agent(real, "ADMA").schema.classes
    wrong = {name: _beyond(value, theirs[name]) for name, value in ours.items() if name not in theirs or _beyond(value, theirs[name])}
    assert wrong == {}


def test_the_directory_agent_knows_all_that_it_reads(built: ServerConfiguration) -> None:
    agent = _agent(built, "ADMA")
    assert {name for name in agent.included_attributes if name.lower() not in agent.schema.attributes} == set()
    types = {name for partition in agent.partitions for name in partition.object_types}
    assert {name for name in types if name.lower() not in agent.schema.classes} == set()


def test_every_flow_reads_an_attribute_of_its_own_class(built: ServerConfiguration) -> None:
    agent = _agent(built, "ADMA")
    for flows in built.metaverse.import_flows:
        for flow in flows.flows:
            names = [source.name for source in getattr(flow.mapping, "sources", ())] or [getattr(getattr(flow.mapping, "source", None), "name", "dn")]
            known = {name.lower() for name in agent.schema.classes[flow.object_type.lower()].attributes} | {"dn"}
            assert {name.lower() for name in names} <= known, f"{flow.object_type}: {names}"


@pytest.mark.parametrize("name", sorted(build_files()))
def test_an_importing_server_finds_every_element_that_it_finds_in_a_real_export(name: str) -> None:
    if not REAL.is_dir():
        pytest.skip("the real configuration lies in ../shared/fixtures, which is absent")
    ours, theirs = leaves(build_files()[name], OUR_NAMES), leaves((REAL / name).read_bytes(), THEIR_NAMES)
    extra, missing = ours - theirs, theirs - ours
    assert {path for path in extra if not path.endswith("parameter 80")} == set()
    assert {path for path in missing if not path.endswith("parameter 8080") and HINT not in path} == set()
    # One class with its chain of three, in each of two partitions.
    assert sum(count for path, count in missing.items() if HINT in path) in (0, 14)


def _agent(configuration: ServerConfiguration, name: str) -> ManagementAgent:
    agent = configuration.agent(name)
    assert agent is not None
    return agent


def _beyond(ours: ObjectClass, theirs: ObjectClass) -> set[str]:
    """Attributes that our class has and theirs has not, or requires otherwise."""
    known, required = ({name.lower() for name in names} for names in (theirs.attributes, theirs.required))
    return {name for name in ours.attributes if name.lower() not in known or ((name in ours.required) != (name.lower() in required))}
