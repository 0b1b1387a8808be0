# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Random edits of whole servers: one plan reaches them, a second is empty, and the way back ends where it began."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import (
    AttributeType,
    Condition,
    ConstantMapping,
    DeletionRule,
    DirectMapping,
    ExportFlow,
    ExportFlowSet,
    FilterSet,
    ImportFlow,
    ImportFlows,
    JoinCriterion,
    JoinMapping,
    JoinProfile,
    ManagementAgent,
    Mapping_,
    Metaverse,
    Projection,
    RunProfile,
    RunStep,
    Schema,
    ScriptedMapping,
    ServerConfiguration,
    Source,
    StepKind,
    SyncRuleMapping,
)
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.changes import changes_between
from hypothesis import given, settings
from hypothesis import strategies as st
from server_support import SAMPLES, SETS, applied, files_of, model_of

TEXTS = ("plain", "A & <B>", "ü", "x\"y'z", "  blank  ".strip())


def mapping(chance: random.Random) -> Mapping_:
    return chance.choice(
        (
            DirectMapping(Source(f"attribute{chance.randrange(3)}")),
            ConstantMapping(chance.choice(TEXTS)),
            ScriptedMapping((Source("a"), Source("dn", intrinsic=True)), chance.choice(TEXTS)),
        )
    )


def shuffled(chance: random.Random, items: tuple, drop: float = 0.2) -> tuple:  # type: ignore[type-arg]
    kept = [item for item in items if chance.random() > drop]
    if chance.random() < 0.3:
        chance.shuffle(kept)
    return tuple(kept)


def flows_of(chance: random.Random, model: ServerConfiguration) -> tuple[ImportFlows, ...]:
    groups = []
    portal = [group for group in model.metaverse.import_flows if any(isinstance(flow.mapping, SyncRuleMapping) for flow in group.flows)]
    for group in (*portal, *shuffled(chance, tuple(group for group in model.metaverse.import_flows if group not in portal), 0.1)):
        flows = list(shuffled(chance, group.flows, 0.1))
        # What the portal has made stays: no declaration can take it out.
        flows += [flow for flow in group.flows if isinstance(flow.mapping, SyncRuleMapping) and flow not in flows]
        if chance.random() < 0.2:
            agent = chance.choice(model.agents)
            flows.insert(chance.randrange(len(flows) + 1), ImportFlow("", agent.id, "user", mapping(chance)))
        if flows:
            groups.append(replace(group, flows=tuple(flows), precedence=chance.choice(("ranked", "ranked", "equal", "manual"))))
    return tuple(groups)


def metaverse_of(chance: random.Random, model: ServerConfiguration) -> Metaverse:
    schema = model.metaverse.schema
    attributes = {name: one for name, one in schema.attributes.items() if chance.random() > 0.05}
    attributes["drink"] = AttributeType("drink", indexed=chance.random() < 0.5)
    classes = {name: replace(one, attributes=shuffled(chance, one.attributes)) for name, one in schema.classes.items()}
    rules = (*shuffled(chance, model.metaverse.deletion_rules), DeletionRule("", "thing", "declared-any", tuple(agent.id for agent in model.agents)))
    return replace(
        model.metaverse,
        schema=Schema(classes, attributes),
        import_flows=flows_of(chance, model),
        deletion_rules=rules,
        recall={agent.id: chance.random() < 0.5 for agent in model.agents},
        provisioning=chance.choice(("none", "scripted", "sync-rule")),
        extension=chance.choice(TEXTS),
    )


def agent_of(chance: random.Random, agent: ManagementAgent) -> ManagementAgent:
    flows = (*agent.export_flows, ExportFlowSet("thing", "person", (ExportFlow("", "x", True, mapping(chance)),)))
    criterion = JoinCriterion("", "", (JoinMapping("mail", mapping(chance)),), "scripted", chance.choice(TEXTS))
    filters = FilterSet("thing", "declared", tuple((Condition("x", "equality", text),) for text in shuffled(chance, TEXTS)))
    partitions = tuple(replace(one, selected=chance.random() < 0.7, object_types=shuffled(chance, one.object_types)) for one in agent.partitions)
    steps = tuple(RunStep(chance.choice((StepKind.EXPORT, StepKind.FULL_SYNC)), one.id, delete_limit=chance.randrange(3)) for one in partitions)
    profiles = tuple(replace(one, steps=shuffled(chance, one.steps)) for one in agent.run_profiles)
    return replace(
        agent,
        description=chance.choice(TEXTS),
        included_attributes=(*shuffled(chance, agent.included_attributes), "employeeType"),
        filters=(*shuffled(chance, agent.filters), filters),
        joins=tuple(JoinProfile(one.object_type, (criterion, *one.criteria[::-1])) for one in agent.joins),
        projections=(*shuffled(chance, agent.projections), Projection("", "thing", "declared", "person")),
        export_flows=tuple(replace(one, flows=shuffled(chance, one.flows, 0.1)) for one in flows),
        deprovisioning=chance.choice(("delete-object", "make-normal-disconnector")),
        partitions=partitions,
        run_profiles=(*shuffled(chance, profiles), RunProfile("", "Random", tuple(dict.fromkeys(steps)))),
    )


def edited(chance: random.Random, model: ServerConfiguration) -> ServerConfiguration:
    """A few of its parts changed at random."""
    agents = tuple(agent_of(chance, agent) if chance.random() < 0.6 else agent for agent in model.agents)
    metaverse = metaverse_of(chance, model) if chance.random() < 0.7 else model.metaverse
    return ServerConfiguration(metaverse, agents)


@pytest.mark.parametrize("name", SETS)
@given(seed=st.integers(0, 2**32))
@settings(max_examples=8, deadline=None)
def test_one_plan_reaches_it_and_the_way_back_too(name: str, seed: int) -> None:
    present = model_of(name)
    wanted = edited(random.Random(seed), present)
    changes = changes_between(present, wanted)
    reached = applied(name, changes)
    assert [change.sentence for change in changes_between(reached.model(), wanted)] == []
    back = changes_between(reached.model(), present)
    for change in back:
        change.apply(reached)
    assert [change.sentence for change in changes_between(read_folder(reached.write()).model(), present)] == []


@pytest.mark.parametrize("name", SETS)
@given(seed=st.integers(0, 2**32))
@settings(max_examples=4, deadline=None)
def test_the_order_of_declaring_does_not_matter(name: str, seed: int) -> None:
    """Lists without order, turned round, give the same sentences."""
    present = model_of(name)
    wanted = edited(random.Random(seed), present)
    metaverse = replace(wanted.metaverse, import_flows=wanted.metaverse.import_flows[::-1], deletion_rules=wanted.metaverse.deletion_rules[::-1])
    turned = ServerConfiguration(metaverse, wanted.agents[::-1])
    first, second = changes_between(present, wanted), changes_between(present, turned)
    assert sorted(change.sentence for change in first) == sorted(change.sentence for change in second)


@pytest.mark.parametrize("name", SETS)
def test_a_server_is_as_it_is(name: str) -> None:
    assert changes_between(model_of(name), read_folder(files_of(name)).model()) == ()


@pytest.mark.parametrize("name", [name for name in SETS if name not in SAMPLES])
def test_agents_come_from_nothing_and_go(name: str) -> None:
    """Without its schema, which a connector tells, every agent can be made anew, and is then what was wanted."""
    present = model_of(name)
    made = tuple(replace(agent, id="", name=f"New {agent.name}", schema=Schema()) for agent in present.agents)
    wanted = replace(present, agents=(*present.agents, *made))
    changes = changes_between(present, wanted)
    assert [change.kind for change in changes] == ["agent"] * len(made)
    reached = applied(name, changes)
    assert [change.sentence for change in changes_between(reached.model(), wanted)] == []
    for change in changes_between(reached.model(), present):
        assert change.risk.value == "can delete" or not change.sentence.endswith("removed")
        change.apply(reached)
    assert reached.write() == files_of(name)
