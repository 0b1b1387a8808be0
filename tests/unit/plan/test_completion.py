# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A declared line brings what it needs; what cannot be is refused, all of it at once, with its place."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import (
    Condition,
    ConstantMapping,
    DeletionRule,
    DirectMapping,
    ExportFlow,
    FilterSet,
    ImportFlow,
    ImportFlows,
    JoinCriterion,
    JoinMapping,
    JoinProfile,
    Mapping_,
    Partition,
    Projection,
    ServerConfiguration,
    Source,
)
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import PlanError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.changes import changes_between
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.checks import prepared, problems
from server_support import SETS, agent_of, model_of, with_agent, with_metaverse

PNP = "pnp-usermimsync"
DOMAIN = "DC=Litware,DC=com"


@pytest.fixture
def model() -> ServerConfiguration:
    return model_of(PNP)


def plan(model: ServerConfiguration, wanted: ServerConfiguration) -> list[str]:
    return [change.sentence for change in changes_between(model, prepared(model, wanted))]


def direct(name: str) -> DirectMapping:
    return DirectMapping(Source(name))


def flow_in(model: ServerConfiguration, attribute: str, mapping: Mapping_, object_type: str = "user", mv_type: str = "person") -> ServerConfiguration:
    one = ImportFlow("{F}", agent_of(model, "ADMA").id, object_type, mapping)
    return with_metaverse(model, import_flows=(*model.metaverse.import_flows, ImportFlows(mv_type, attribute, "ranked", (one,))))


def flow_out(model: ServerConfiguration, agent: str, attribute: str, mapping: Mapping_) -> ServerConfiguration:
    sets = agent_of(model, "SPMA").export_flows
    made = replace(sets[0], flows=(ExportFlow("{G}", attribute, True, mapping),))
    own = agent_of(model, agent).export_flows
    return with_agent(model, agent, export_flows=(replace(own[0], flows=(*own[0].flows, *made.flows)), *own[1:]) if own else (made,))


def test_a_flow_in_brings_attribute_binding_and_selection(model: ServerConfiguration) -> None:
    assert plan(model, flow_in(model, "costUnit", direct("division"))) == [
        "metaverse: attribute costUnit added: string, single-valued, indexable",
        "metaverse: attribute costUnit added to object type person",
        "ADMA: attribute division selected",
        "ADMA: import flow user/division -> person/costUnit added",
    ]


def test_a_flow_out_brings_selection_and_an_export_profile(model: ServerConfiguration) -> None:
    assert plan(model, flow_out(model, "ADMA", "info", direct("mail"))) == [
        f"ADMA: run profile Export added with export of {DOMAIN} (100 a batch, 500 a page, 120 s)",
        "ADMA: attribute info selected",
        "ADMA: export flow person/mail -> user/info added, nulls allowed",
    ]


def test_a_new_domain_gets_a_step_in_every_profile(model: ServerConfiguration) -> None:
    name = f"DC=sub,{DOMAIN}"
    new = Partition("{11111111-1111-4111-8111-111111111111}", name, True, ("user",), (name,), (), name, "{2}", True)
    found = plan(model, with_agent(model, "ADMA", partitions=(*agent_of(model, "ADMA").partitions, new)))
    assert found[0] == f"ADMA: partition {name} added"
    assert [sentence.split(" of DC=")[0] for sentence in found[1:]] == [
        "ADMA: run profile DeltaImport changed: now delta-import",
        "ADMA: run profile DeltaSync changed: now delta-sync",
        "ADMA: run profile FullImport changed: now full-import",
        "ADMA: run profile FullSync changed: now full-sync",
    ]


def filtered(model: ServerConfiguration, condition: Condition, object_type: str = "user") -> ServerConfiguration:
    return with_agent(model, "ADMA", filters=(FilterSet(object_type, "declared", ((condition,),)),))


def joined(model: ServerConfiguration, attribute: str) -> ServerConfiguration:
    return with_agent(model, "SPMA", joins=(JoinProfile("user", (JoinCriterion("", "person", (JoinMapping(attribute, direct("WorkEmail")),)),)),))


def scoped(model: ServerConfiguration, container: str) -> ServerConfiguration:
    first, second = agent_of(model, "ADMA").partitions
    return with_agent(model, "ADMA", partitions=(first, replace(second, inclusions=(container,))))


REFUSED = {
    "did you mean": (lambda model: flow_in(model, "x", direct("departmnt")), "has no attribute 'departmnt' (did you mean 'department'?)"),
    "refresh": (lambda model: flow_in(model, "x", direct("zzqqxxyy")), "refresh the agent's schema"),
    "not of the type": (lambda model: flow_in(model, "x", direct("dnsRoot")), "the object type user of 'ADMA' has no attribute 'dnsRoot'"),
    "wrong type": (lambda model: flow_in(model, "mail", direct("objectGUID")), "'objectGUID' is binary, but person/mail is string"),
    "several into one": (lambda model: flow_in(model, "mail", direct("otherMailbox")), "'otherMailbox' is multi-valued"),
    "object type": (lambda model: flow_in(model, "x", direct("mail"), "usr"), "has no object type 'usr' (did you mean 'user'?)"),
    "metaverse type": (lambda model: flow_in(model, "x", direct("mail"), "user", "persn"), "the metaverse has no object type 'persn' (did you mean 'person'?)"),
    "constant": (lambda model: flow_in(model, "manager", ConstantMapping("x")), "a constant cannot flow into person/manager"),
    "no source": (lambda model: flow_out(model, "SPMA", "CellPhone", direct("mobil")), "the metaverse has no attribute 'mobil' (did you mean 'mobile'?)"),
    "fight": (lambda model: flow_out(model, "SPMA", "WorkEmail", direct("cn")), "two flows from person fight over SPMA/user/WorkEmail"),
    "not indexed": (lambda model: joined(model, "mail"), "joins on 'mail', which is not indexed"),
    "bits": (lambda model: filtered(model, Condition("mail", "bit-on", "2")), "'mail' holds string values; bit-on needs an integer"),
    "outside": (lambda model: scoped(model, "OU=Staff,DC=example,DC=com"), f"'OU=Staff,DC=example,DC=com' lies outside of the partition {DOMAIN}"),
    "projection": (lambda model: with_agent(model, "SPMA", projections=(Projection("", "user", "declared", "x"),)), "the metaverse has no object type 'x'"),
    "rule": (lambda model: with_metaverse(model, deletion_rules=(DeletionRule("", "person", "declared-any", ("{0}",)),)), "counts the agent {0}"),
}


@pytest.mark.parametrize("wrong", REFUSED)
def test_what_cannot_be_is_refused(model: ServerConfiguration, wrong: str) -> None:
    make, words = REFUSED[wrong]
    with pytest.raises(PlanError) as caught:
        prepared(model, make(model))
    assert words in str(caught.value)


def test_everything_wrong_is_listed_at_once_with_its_place(model: ServerConfiguration) -> None:
    wanted = joined(scoped(flow_in(model, "x", direct("departmnt")), "OU=Staff,DC=example,DC=com"), "mail")
    paths = {"import-flow:{f}": "flows[3]", "joins:spma/user": "agents[1].joins.user"}
    with pytest.raises(PlanError) as caught:
        prepared(model, wanted, paths)
    assert [detail.split(": ")[0] for detail in caught.value.details] == ["flows[3]", f"ADMA/partitions/{DOMAIN}", "agents[1].joins.user"]


@pytest.mark.parametrize("name", SETS)
def test_what_is_there_already_is_left_alone(name: str) -> None:
    present = model_of(name)
    assert prepared(present, present) == present
    assert problems(present, present, {}) == []
