# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Any model that documents can hold is gathered and wanted again without a difference."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import (
    AttributeType,
    Condition,
    ConstantMapping,
    DeletionRule,
    DirectMapping,
    DnPartMapping,
    ExportFlow,
    ExportFlowSet,
    FilterSet,
    ForestSettings,
    ImportFlow,
    ImportFlows,
    JoinCriterion,
    JoinMapping,
    JoinProfile,
    ManagementAgent,
    Mapping_,
    Metaverse,
    ObjectClass,
    Partition,
    Projection,
    RunProfile,
    RunStep,
    Schema,
    ScriptedMapping,
    ServerConfiguration,
    Source,
    SyncRuleMapping,
    Syntax,
)
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.gathering import gather
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.operators import OPERATORS
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.reading import read_wish
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.variables import declaration_of, variable_files
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.wanted import wanted_model
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.words import DEPROVISIONING, STEP_TYPES
from hypothesis import given, settings
from hypothesis import strategies as st

NAMES = st.sampled_from(["cn", "sn", "givenName", "dn", "<dn>", "a/b", "Straße", "no", "on", "1", "{{ x }}", "with space", "O'Neil", "a: b", "# c"])
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp")), max_size=6) | st.sampled_from(["0x2", "true", "{{ y }}", "2"])
SOURCES = st.builds(Source, NAMES.filter(lambda name: not name.startswith("<")), st.booleans())
MAPPINGS: st.SearchStrategy[Mapping_] = st.one_of(
    st.builds(DirectMapping, SOURCES),
    st.builds(ConstantMapping, TEXTS),
    st.builds(ScriptedMapping, st.lists(SOURCES, max_size=3).map(tuple), TEXTS),
    st.builds(DnPartMapping, st.integers(1, 9)),
)
FLOW_MAPPINGS = MAPPINGS | st.builds(SyncRuleMapping, st.lists(SOURCES, max_size=2).map(tuple))
TYPES = st.sampled_from(["user", "group", "odd/type"])
GUIDS = st.integers(0, 2**48).map(lambda number: f"{{00000000-0000-4000-8000-{number:012X}}}")


def lists(items: st.SearchStrategy[object], key: str, most: int = 3) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(items, max_size=most, unique_by=lambda item: str(getattr(item, key)).casefold()).map(tuple)


CONDITIONS = st.builds(Condition, NAMES.filter(lambda name: not name.startswith("<")), st.sampled_from([*OPERATORS.values(), "odd"]), TEXTS, st.booleans())
DECLARED = st.builds(
    FilterSet, TYPES, st.just("declared"), st.lists(st.lists(CONDITIONS, min_size=1, max_size=2).map(tuple), min_size=1, max_size=2).map(tuple), st.booleans()
)
SCRIPTED = st.builds(FilterSet, TYPES, st.just("scripted"))
FILTERS = (DECLARED | SCRIPTED).map(lambda item: replace(item, alternative_ids=tuple(f"{{{number}}}" for number, _unused in enumerate(item.alternatives))))
CRITERIA = st.builds(
    JoinCriterion,
    GUIDS,
    st.sampled_from(["", "person"]),
    st.lists(st.builds(JoinMapping, NAMES, MAPPINGS), min_size=1, max_size=3).map(tuple),
    st.sampled_from(["none", "scripted"]),
    TEXTS,
)
JOINS = st.builds(JoinProfile, TYPES, st.lists(CRITERIA, min_size=1, max_size=2, unique_by=lambda item: item.id).map(tuple))
PROJECTIONS = st.builds(Projection, GUIDS, TYPES, st.just("declared"), st.just("person")) | st.builds(Projection, GUIDS, TYPES, st.just("scripted"))
EXPORTS = st.builds(ExportFlow, GUIDS, NAMES, st.booleans(), FLOW_MAPPINGS)
EXPORT_SETS = st.builds(ExportFlowSet, TYPES, st.just("person"), st.lists(EXPORTS, min_size=1, max_size=4, unique_by=lambda item: item.id).map(tuple))
PARTITIONS = [Partition(f"{{P{number}}}", name, number != 1, ("user",), (name,)) for number, name in enumerate(("default", "second", "third"))]


@st.composite
def steps(draw: st.DrawFn) -> RunStep:
    kind = draw(st.sampled_from(list(STEP_TYPES)))
    words, subtypes = STEP_TYPES[kind]
    numbers = [draw(st.integers(0, 3)) for _unused in range(5)]
    data = (("run-config/input-file", "in.txt"),) if draw(st.booleans()) else ()
    return RunStep(kind, draw(st.sampled_from(["{P0}", "{P1}", "{P2}", "{GONE}", ""])), *numbers, type=words, subtypes=subtypes, data=data)


PROFILES = st.builds(RunProfile, GUIDS, NAMES, st.lists(steps(), min_size=1, max_size=3).map(tuple))


@st.composite
def agents(draw: st.DrawFn, number: int) -> ManagementAgent:
    return ManagementAgent(
        id=f"{{A{number}}}",
        name=draw(st.sampled_from(["HR", "Straße 7", "a/b", "x"])) + str(number),
        category=draw(st.sampled_from(["AD", "LDIF", "Notes"])),
        included_attributes=tuple(draw(st.lists(NAMES, max_size=4, unique_by=str.casefold))),
        filters=draw(lists(FILTERS, "object_type")),
        joins=draw(lists(JOINS, "object_type")),
        projections=draw(lists(PROJECTIONS, "object_type")),
        export_flows=draw(lists(EXPORT_SETS, "object_type")),
        deprovisioning=draw(st.sampled_from(list(DEPROVISIONING.values()))),
        partitions=tuple(PARTITIONS[: draw(st.integers(0, 3))]),
        run_profiles=draw(lists(PROFILES, "name")),
        description=draw(TEXTS),
    )


@st.composite
def models(draw: st.DrawFn) -> ServerConfiguration:
    made = [draw(agents(number)) for number in range(draw(st.integers(0, 3)))]
    made = [replace(agent, forest=ForestSettings("f", "", "u@v")) if agent.category == "AD" else agent for agent in made]
    owners = st.sampled_from([agent.id for agent in made] or ["{DANGLING}"])
    flows = st.builds(ImportFlow, GUIDS, owners | st.just("{DANGLING}"), TYPES, FLOW_MAPPINGS)
    groups = st.builds(
        ImportFlows, st.just("person"), NAMES, st.sampled_from(["ranked", "equal", "manual"]), st.lists(flows, min_size=1, max_size=4).map(tuple)
    )
    attributes = [AttributeType(name, draw(st.sampled_from(Syntax)), draw(st.booleans()), draw(st.booleans())) for name in draw(st.sets(NAMES, max_size=3))]
    rules = tuple(DeletionRule(f"{{R{number}}}", kind, "declared-any", (draw(owners),)) for number, kind in enumerate(draw(st.sets(TYPES, max_size=2))))
    schema = Schema({"person": ObjectClass("person", tuple(item.name for item in attributes))}, {item.name.lower(): item for item in attributes})
    return ServerConfiguration(Metaverse(schema, draw(lists(groups, "mv_attribute", 4)), deletion_rules=rules), tuple(made))  # type: ignore[arg-type]


@settings(max_examples=80, deadline=None)
@given(models(), st.sampled_from(["merged", "replaced", "overridden"]))
def test_a_gathered_model_is_wanted_again(model: ServerConfiguration, state: str) -> None:
    declaration = gather(model)
    assert wanted_model(model, read_wish(declaration), state).model == model
    assert declaration_of(variable_files(declaration)) == declaration
