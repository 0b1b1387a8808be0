# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Edits of all sorts on a real server, with the sentences of their plans: for plans on documents and for the lab."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import (
    AttributeType,
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
    ObjectClass,
    Partition,
    Projection,
    RunProfile,
    RunStep,
    Schema,
    ScriptedMapping,
    ServerConfiguration,
    Source,
    StepKind,
)
from ansible_collections.mimsync.sharepoint.tests.unit.plan.server_support import agent_of, model_of, with_agent, with_metaverse

Model = ServerConfiguration
PNP = "pnp-usermimsync"
DOMAIN = "DC=Litware,DC=com"


def group(model: Model, name: str) -> tuple[int, ImportFlows]:
    return next((index, one) for index, one in enumerate(model.metaverse.import_flows) if f"{one.mv_object_type}/{one.mv_attribute}" == name)


def regroup(model: Model, name: str, **values: object) -> Model:
    index, one = group(model, name)
    groups = list(model.metaverse.import_flows)
    groups[index] = replace(one, **values)  # type: ignore[arg-type]
    return with_metaverse(model, import_flows=tuple(groups))


def flow(model: Model, agent: str, source: str, object_type: str = "user") -> ImportFlow:
    return ImportFlow("", agent_of(model, agent).id, object_type, DirectMapping(Source(source)))


def new_group(model: Model) -> Model:
    groups = (*model.metaverse.import_flows, ImportFlows("person", "employeeType", "ranked", (flow(model, "ADMA", "employeeType"),)))
    return with_metaverse(model, import_flows=groups)


def second_source(model: Model) -> Model:
    return regroup(model, "person/mail", flows=(flow(model, "SPMA", "WorkEmail"), *group(model, "person/mail")[1].flows))


def remapped(model: Model) -> Model:
    one = group(model, "person/title")[1].flows[0]
    return regroup(model, "person/title", flows=(replace(one, mapping=ConstantMapping("A & <B>")),))


def without_title(model: Model) -> Model:
    return with_metaverse(model, import_flows=tuple(one for one in model.metaverse.import_flows if one.mv_attribute != "title"))


def exports(model: Model, edit: Callable[[tuple[ExportFlow, ...]], tuple[ExportFlow, ...]]) -> Model:
    sets = agent_of(model, "SPMA").export_flows
    return with_agent(model, "SPMA", export_flows=(replace(sets[0], flows=edit(sets[0].flows)), *sets[1:]))


def picture(flows: tuple[ExportFlow, ...]) -> tuple[ExportFlow, ...]:
    return tuple(replace(one, allow_nulls=not one.allow_nulls) if one.attribute == "Picture" else one for one in flows)


def schema(model: Model, attribute: AttributeType | None = None, bound: ObjectClass | None = None) -> Model:
    known = model.metaverse.schema
    attributes = {**known.attributes, attribute.name.casefold(): attribute} if attribute else known.attributes
    classes = {**known.classes, bound.name.casefold(): bound} if bound else known.classes
    return with_metaverse(model, schema=Schema(classes, attributes))


def partition(model: Model, place: int, **values: object) -> Model:
    found = list(agent_of(model, "ADMA").partitions)
    found[place] = replace(found[place], **values)  # type: ignore[arg-type]
    return with_agent(model, "ADMA", partitions=tuple(found))


def profile(model: Model, place: int, **values: object) -> Model:
    found = list(agent_of(model, "ADMA").run_profiles)
    found[place] = replace(found[place], **values)  # type: ignore[arg-type]
    return with_agent(model, "ADMA", run_profiles=tuple(found))


def first_step(model: Model, **values: object) -> Model:
    steps = agent_of(model, "ADMA").run_profiles[0].steps
    return profile(model, 0, steps=(replace(steps[0], **values), *steps[1:]))  # type: ignore[arg-type]


def deletion(model: Model, *rules: DeletionRule) -> Model:
    return with_metaverse(model, deletion_rules=(*model.metaverse.deletion_rules, *rules))


SUB = Partition("", f"DC=sub,{DOMAIN}", True, ("user",), (f"DC=sub,{DOMAIN}",), (), f"DC=sub,{DOMAIN}", "{22222222-1111-4111-8111-111111111111}", True)
MAIL_JOIN = JoinCriterion("", "person", (JoinMapping("mail", DirectMapping(Source("WorkEmail"))),))
RULE_JOIN = JoinCriterion("", "", (JoinMapping("mail", ScriptedMapping((Source("WorkEmail"),), "ByMail")),), "scripted", "Choose")
DISABLED = FilterSet("user", "declared", ((Condition("userAccountControl", "bit-on", "2"),),))
THING = replace(model_of("built-in").metaverse.schema.classes["contact"], name="thing", attributes=("mail",), required=frozenset())
# Edit -> the sentences of its plan and the greatest risk among them.
EDITS: dict[str, tuple[Callable[[Model], Model], list[str], str]] = {
    "flow in": (new_group, ["ADMA: import flow user/employeeType -> person/employeeType added"], "recalculates"),
    "second source": (second_source, ["SPMA: import flow user/WorkEmail -> person/mail added, first in precedence"], "recalculates"),
    "flow changed": (remapped, ['ADMA: import flow to person/title from user changed: title -> "A & <B>"'], "recalculates"),
    "flow removed": (without_title, ["ADMA: import flow user/title -> person/title removed"], "recalculates"),
    "equal": (
        lambda model: regroup(model, "person/mail", precedence="equal"),
        ["metaverse: precedence of person/mail is now equal (was by rank)"],
        "recalculates",
    ),
    "export added": (
        lambda model: exports(model, lambda flows: (*flows, ExportFlow("", "CellPhone", True, DirectMapping(Source("mobile"))))),
        ["SPMA: export flow person/mobile -> user/CellPhone added, nulls allowed"],
        "recalculates",
    ),
    "export removed": (
        lambda model: exports(model, lambda flows: tuple(one for one in flows if one.attribute != "WorkEmail")),
        ["SPMA: export flow person/mail -> user/WorkEmail removed"],
        "recalculates",
    ),
    "nulls": (lambda model: exports(model, picture), ["SPMA: export flow to user/Picture from person changed: nulls not exported"], "recalculates"),
    "metaverse attribute": (
        lambda model: schema(model, AttributeType("drink")),
        ["metaverse: attribute drink added: string, single-valued"],
        "none",
    ),
    "index": (
        lambda model: schema(model, replace(model.metaverse.schema.attributes["mail"], indexed=True)),
        ["metaverse: attribute mail is now indexed"],
        "none",
    ),
    "object type": (lambda model: schema(model, bound=THING), ["metaverse: object type thing added with mail"], "none"),
    "join added": (
        lambda model: with_agent(model, "SPMA", joins=(JoinProfile("user", (*agent_of(model, "SPMA").joins[0].criteria, MAIL_JOIN)),)),
        ["SPMA: join rule of user added as the second: WorkEmail = mail (person)"],
        "recalculates",
    ),
    "join by rule": (
        lambda model: with_agent(model, "SPMA", joins=(*agent_of(model, "SPMA").joins, JoinProfile("group", (RULE_JOIN,)))),
        ["SPMA: join rule of group added: rule ByMail(WorkEmail) = mail (any type), resolved by rule Choose"],
        "recalculates",
    ),
    "join removed": (lambda model: with_agent(model, "SPMA", joins=()), ["SPMA: join rule of user removed: UserName = accountName (person)"], "recalculates"),
    "projection": (
        lambda model: with_agent(model, "SPMA", projections=(Projection("", "contact", "declared", "contact"),)),
        ["SPMA: projection of contact to contact added"],
        "recalculates",
    ),
    "filter": (
        lambda model: with_agent(model, "ADMA", filters=(DISABLED,)),
        ["ADMA: connector filter of user: userAccountControl bit-on 2 added"],
        "can delete",
    ),
    "attribute selected": (
        lambda model: with_agent(model, "ADMA", included_attributes=(*agent_of(model, "ADMA").included_attributes, "employeeType")),
        ["ADMA: attribute employeeType selected"],
        "recalculates",
    ),
    "attribute dropped": (
        lambda model: with_agent(model, "ADMA", included_attributes=agent_of(model, "ADMA").included_attributes[1:]),
        ["ADMA: attribute dc no longer selected"],
        "recalculates",
    ),
    "container": (
        lambda model: partition(model, 1, inclusions=(f"OU=Staff,{DOMAIN}",)),
        [f"ADMA: partition {DOMAIN}: inclusions: {DOMAIN} no longer; OU=Staff,{DOMAIN}"],
        "can delete",
    ),
    "exclusion": (
        lambda model: partition(model, 1, exclusions=(f"CN=Configuration,{DOMAIN}", f"OU=Leavers,{DOMAIN}")),
        [f"ADMA: partition {DOMAIN}: exclusions: OU=Leavers,{DOMAIN}"],
        "can delete",
    ),
    "deselected": (lambda model: partition(model, 1, selected=False), [f"ADMA: partition {DOMAIN} no longer selected"], "can delete"),
    "controllers": (
        lambda model: partition(model, 1, preferred_controllers=("dc1.litware.com", "dc2.litware.com")),
        [f"ADMA: partition {DOMAIN}: preferred domain controllers: dc1.litware.com, dc2.litware.com"],
        "none",
    ),
    "domain": (
        lambda model: with_agent(model, "ADMA", partitions=(*agent_of(model, "ADMA").partitions, SUB)),
        [f"ADMA: partition DC=sub,{DOMAIN} added"],
        "recalculates",
    ),
    "step limit": (
        lambda model: first_step(model, delete_limit=25),
        [
            f"ADMA: run profile DeltaImport changed: no longer delta-import of CN=Configuration,{DOMAIN} (100 a batch, 500 a page, 120 s); "
            f"now delta-import of CN=Configuration,{DOMAIN} (25 deletions, 100 a batch, 500 a page, 120 s)"
        ],
        "none",
    ),
    "steps turned": (
        lambda model: profile(model, 1, steps=agent_of(model, "ADMA").run_profiles[1].steps[::-1]),
        ["ADMA: run profile DeltaSync changed: steps in another order"],
        "none",
    ),
    "profile": (
        lambda model: with_agent(model, "ADMA", run_profiles=(*agent_of(model, "ADMA").run_profiles, RunProfile("", "Export", (export_step(model),)))),
        [f"ADMA: run profile Export added with export of {DOMAIN} (100 a batch, 500 a page, 120 s)"],
        "none",
    ),
    "profile removed": (
        lambda model: with_agent(model, "ADMA", run_profiles=agent_of(model, "ADMA").run_profiles[1:]),
        ["ADMA: run profile DeltaImport removed"],
        "none",
    ),
    "deprovisioning": (
        lambda model: with_agent(model, "ADMA", deprovisioning="delete-object"),
        ["ADMA: deprovisioning make-normal-disconnector -> delete-object"],
        "can delete",
    ),
    "deletion rule": (
        lambda model: deletion(model, DeletionRule("", "contact", "declared-last")),
        ["metaverse: deletion rule of contact added: when the last connector goes"],
        "can delete",
    ),
    "recall": (
        lambda model: with_metaverse(model, recall={**model.metaverse.recall, agent_of(model, "SPMA").id: False}),
        ["metaverse: values of SPMA are kept when its connector goes"],
        "none",
    ),
    "provisioning off": (lambda model: with_metaverse(model, provisioning="none"), ["metaverse: provisioning scripted -> none"], "none"),
    "extension": (
        lambda model: with_agent(model, "ADMA", extension="Other.dll"),
        ["ADMA: rules extension SharePointSynchronization.dll -> Other.dll"],
        "recalculates",
    ),
    "account": (
        lambda model: with_agent(model, "ADMA", forest=replace(agent_of(model, "ADMA").forest, user="svc-adma")),  # type: ignore[type-var]
        ["ADMA: account administrator -> svc-adma"],
        "none",
    ),
    "parameter": (
        lambda model: with_agent(
            model, "SPMA", parameters=tuple(replace(one, value="443") if one.name == "Port" else one for one in agent_of(model, "SPMA").parameters)
        ),
        ["SPMA: parameter Port: 8080 -> 443"],
        "recalculates",
    ),
}
RISKS = ("none", "recalculates", "disconnects", "can delete")


def export_step(model: Model) -> RunStep:
    step = agent_of(model, "ADMA").run_profiles[2].steps[1]
    return RunStep(StepKind.EXPORT, step.partition_id, type="export", batch_size=step.batch_size, page_size=step.page_size, timeout=step.timeout)
