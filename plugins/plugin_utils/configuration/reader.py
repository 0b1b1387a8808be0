# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Configuration documents as values of `model`.

Element and attribute names: reference page `server-configuration`, checked against two servers' real exports.
Text is read without white space around it: files that went through an editor have line breaks in empty elements.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..errors import DocumentError
from .document import Document
from .element import Element
from .model import (
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
    Parameter,
    ParameterDefinition,
    Partition,
    Projection,
    RunProfile,
    RunStep,
    ScriptedMapping,
    ServerConfiguration,
    Source,
    StepKind,
    SyncRuleMapping,
)
from .schema_reader import read_schema
from .settings import read_columns, read_settings

_COMBINED = {
    "full-import": StepKind.FULL_IMPORT_DELTA_SYNC,
    "delta-import": StepKind.DELTA_IMPORT_DELTA_SYNC,
    "full-import-reevaluate-rules": StepKind.FULL_IMPORT_FULL_SYNC,
    "export": StepKind.EXPORT,
}
_STAGED = {"full-import": StepKind.FULL_IMPORT, "delta-import": StepKind.DELTA_IMPORT}
_STEP_FIELDS = frozenset({"batch-size", "page-size", "time-limit", "timeout"})
_RULES = {"apply-pending": StepKind.DELTA_SYNC, "reevaluate-flow-connectors": StepKind.FULL_SYNC}


def read_configuration(metaverse: Document | None, agents: Sequence[Document]) -> ServerConfiguration:
    """Raises DocumentError when a document is not of the kind that is expected."""
    return ServerConfiguration(
        metaverse=read_metaverse(metaverse) if metaverse is not None else Metaverse(),
        agents=tuple(read_agent(document) for document in agents),
    )


def metaverse_data(document: Document) -> Element:
    """The `mv-data` element; raises DocumentError when the document holds none."""
    return _data(document, "mv-data")


def agent_data(document: Document) -> Element:
    """The `ma-data` element, in a server's export as in the file of one agent (`export-ma`)."""
    return _data(document, "ma-data")


def _data(document: Document, name: str) -> Element:
    found = document.root if document.root.local == name else document.root.find(name)
    if found is None:
        raise DocumentError(f"{document.name} holds no <{name}>: its outermost element is <{document.root.tag}>.")
    return found


def read_metaverse(document: Document) -> Metaverse:
    data = metaverse_data(document)
    provisioning = data.find("provisioning")
    return Metaverse(
        schema=read_schema(data.find("schema")),
        import_flows=_import_flows(data),
        recall={
            option.get("ma-id").upper(): option.find_text("enable-recall", "true").lower() in ("true", "1")
            for option in data.find_all("import-attribute-flow/per-ma-options/ma-options")
        },
        provisioning="none" if provisioning is None else provisioning.get("type", "none"),
        deletion_rules=read_deletion_rules(data),
        extension=data.find_text("extension/assembly-name"),
        extension_protection=data.find_text("extension/application-protection"),
        password_sync=data.find_text("password-sync/password-sync-enabled") == "1",
        password_history=_number(data.find_text("password-change-history-size")),
    )


def _import_flows(data: Element) -> tuple[ImportFlows, ...]:
    """One for each attribute, also where a document names it twice, which `lint` tells of."""
    found: dict[tuple[str, str], ImportFlows] = {}
    for flow_set in data.find_all("import-attribute-flow/import-flow-set"):
        object_type = flow_set.get("mv-object-type")
        for item in flow_set.find_all("import-flows"):
            attribute = item.get("mv-attribute")
            flows = tuple(
                ImportFlow(flow.get("id").upper(), flow.get("src-ma").upper(), flow.get("cd-object-type"), read_mapping(flow))
                for flow in item.find_all("import-flow")
            )
            key = (object_type.casefold(), attribute.casefold())
            known = found.get(key) or ImportFlows(object_type, attribute, item.get("type", "ranked"), ())
            found[key] = replace(known, flows=known.flows + flows)
    return tuple(found.values())


def read_deletion_rules(data: Element) -> tuple[DeletionRule, ...]:
    """Of an `mv-data`."""
    return tuple(_deletion_rule(rule) for rule in data.find_all("mv-deletion/mv-deletion-rule"))


def _deletion_rule(rule: Element) -> DeletionRule:
    agents = tuple(agent.text.strip().upper() for agent in rule.find_all("src-ma"))
    return DeletionRule(rule.get("id").upper(), rule.get("mv-object-type"), rule.get("type"), agents)


def read_mapping(parent: Element) -> Mapping_:
    """The mapping inside of a flow or join. One that cannot be read is carried like those of the portal, for `lint` to tell of."""
    for element in parent.children:
        if not element.local.endswith("-mapping"):
            continue
        sources = tuple(Source(source.text.strip(), source.get("intrinsic") == "true") for source in element.find_all("src-attribute"))
        match element.local:
            case "direct-mapping" if sources:
                return DirectMapping(sources[0])
            case "constant-mapping":
                return ConstantMapping(element.find_text("constant-value"))
            case "scripted-mapping":
                return ScriptedMapping(sources, element.find_text("script-context"))
            case "dn-part-mapping" if _number(element.find_text("dn-part")):
                return DnPartMapping(_number(element.find_text("dn-part")))
            case "sync-rule-mapping":
                test = element.get("is-existence-test") == "true"
                value = element.find_text("sync-rule-value")
                return SyncRuleMapping(sources, kind=element.get("mapping-type"), value=value, existence_test=test)
    return SyncRuleMapping(known=False)


def read_agent(document: Document) -> ManagementAgent:
    data = agent_data(document)
    cleanup = data.find("provisioning-cleanup")
    return ManagementAgent(
        id=data.find_text("id").upper(),
        name=data.find_text("name"),
        category=data.find_text("category"),
        subtype=data.find_text("subtype"),
        list_name=data.find_text("ma-listname"),
        schema=read_schema(data.find("schema")),
        included_attributes=tuple(item.text.strip() for item in data.find_all("attribute-inclusion/attribute")),
        filters=_filter_sets(data),
        joins=_join_profiles(data),
        projections=tuple(_projection(item) for item in data.find_all("projection/class-mapping")),
        export_flows=_export_flow_sets(data),
        deprovisioning=data.find_text("provisioning-cleanup/action", "make-normal-disconnector"),
        deprovisioning_type="declared" if cleanup is None else cleanup.get("type", "declared"),
        extension=data.find_text("extension/assembly-name"),
        partitions=tuple(read_partition(item) for item in data.find_all("ma-partition-data/partition")),
        run_profiles=tuple(_run_profile(item) for item in data.find_all("ma-run-data/run-configuration")),
        forest=_forest(data.find("private-configuration/adma-configuration")),
        parameters=tuple(_parameter(item) for item in data.find_all("private-configuration/MAConfig/parameter-values/parameter")),
        connector_file=data.find_text("private-configuration/MAConfig/extension-config/filename"),
        dn_attributes=_dn_attributes(data.find("dn-construction")),
        export_type=_number(data.find_text("export-type"), 1),
        definitions=tuple(_definition(item) for item in data.find_all("private-configuration/MAConfig/parameter-definitions/parameter")),
        description=data.find_text("description"),
        company=data.find_text("ma-companyname"),
        password_sync_allowed=data.find_text("password-sync-allowed") == "1",
        extension_protection=data.find_text("extension/application-protection"),
        controller_protection=data.find_text("controller-configuration/application-protection"),
        controller_architecture=data.find_text("controller-configuration/application-architecture"),
        settings=read_settings(data, data.find_text("category")),
        columns=read_columns(data),
        capability_bits=_number(data.find_text("private-configuration/MAConfig/extension-config/capability-bits")),
    )


def _filter_sets(data: Element) -> tuple[FilterSet, ...]:
    found: dict[str, FilterSet] = {}
    for item in data.find_all("stay-disconnector/filter-set"):
        made = _filter_set(item)
        known = found.setdefault(made.object_type.casefold(), made)
        if known is not made:
            ids = known.alternative_ids + made.alternative_ids
            found[made.object_type.casefold()] = replace(known, alternatives=known.alternatives + made.alternatives, alternative_ids=ids)
    return tuple(found.values())


def _filter_set(item: Element) -> FilterSet:
    alternatives = tuple(
        tuple(read_condition(condition) for condition in alternative.find_all("condition")) for alternative in item.find_all("filter-alternative")
    )
    identifiers = tuple(alternative.get("id").upper() for alternative in item.find_all("filter-alternative"))
    return FilterSet(
        item.get("cd-object-type"), item.get("type", "declared"), alternatives, item.get("import-filter") == "1", item.get("id").upper(), identifiers
    )


def read_condition(item: Element) -> Condition:
    # Exports of servers leave `intrinsic-attribute` out when false; it stands for the DN (MS-UPSCDS 2.2.14.1.1.1).
    return Condition(item.get("cd-attribute"), item.get("operator"), item.find_text("value"), item.get("intrinsic-attribute") == "true")


def _join_profiles(data: Element) -> tuple[JoinProfile, ...]:
    """One for each object type: synchronization rules stand in profiles of their own, beside the others of the type."""
    found: dict[str, JoinProfile] = {}
    for item in data.find_all("join/join-profile"):
        object_type = item.get("cd-object-type")
        known = found.get(object_type.casefold(), JoinProfile(object_type, ()))
        criteria = tuple(read_join_criterion(criterion) for criterion in item.find_all("join-criterion"))
        found[object_type.casefold()] = replace(known, criteria=known.criteria + criteria)
    return tuple(found.values())


def read_join_criterion(item: Element) -> JoinCriterion:
    search, resolution = item.find("search"), item.find("resolution")
    mappings = () if search is None else tuple(_join_mapping(one) for one in search.find_all("attribute-mapping"))
    return JoinCriterion(
        id=item.get("id").upper(),
        mv_object_type="" if search is None else search.get("mv-object-type"),
        mappings=mappings,
        resolution="none" if resolution is None else resolution.get("type", "none"),
        resolution_context=item.find_text("resolution/script-context"),
        sync_rule=item.get("join-cri-type") == "sync-rule",
    )


def _join_mapping(item: Element) -> JoinMapping:
    return JoinMapping(item.get("mv-attribute"), read_mapping(item), item.get("intrinsic-attribute") == "true")


def _projection(item: Element) -> Projection:
    return Projection(item.get("id").upper(), item.get("cd-object-type"), item.get("type"), item.find_text("mv-object-type"))


def _export_flow_sets(data: Element) -> tuple[ExportFlowSet, ...]:
    found: dict[tuple[str, str], ExportFlowSet] = {}
    for item in data.find_all("export-attribute-flow/export-flow-set"):
        made = _export_flow_set(item)
        key = (made.object_type.casefold(), made.mv_object_type.casefold())
        known = found.setdefault(key, made)
        if known is not made:
            found[key] = replace(known, flows=known.flows + made.flows)
    return tuple(found.values())


def _export_flow_set(item: Element) -> ExportFlowSet:
    flows = tuple(
        ExportFlow(flow.get("id").upper(), flow.get("cd-attribute"), flow.get("suppress-deletions") != "true", read_mapping(flow))
        for flow in item.find_all("export-flow")
    )
    return ExportFlowSet(item.get("cd-object-type"), item.get("mv-object-type"), flows)


def read_partition(item: Element) -> Partition:
    custom = item.find("custom-data")
    private = next((child for child in custom.children if child.local.endswith("-partition-data")), None) if custom else None
    return Partition(
        id=item.find_text("id").upper(),
        name=item.find_text("name"),
        selected=item.find_text("selected") == "1",
        object_types=_texts(item, "filter/object-classes/object-class"),
        inclusions=_texts(item, "filter/containers/inclusions/inclusion"),
        exclusions=_texts(item, "filter/containers/exclusions/exclusion"),
        dn="" if private is None else private.find_text("dn"),
        guid="" if private is None else private.find_text("guid").upper(),
        is_domain=private is not None and private.find_text("is-domain") == "1",
        preferred_controllers=() if private is None else _texts(private, "preferred-dcs/preferred-dc"),
    )


def _texts(item: Element, path: str) -> tuple[str, ...]:
    """Texts of all elements at `path`; empty ones (an agent without containers has one) are left out."""
    return tuple(text for found in item.find_all(path) if (text := found.text.strip()))


def _run_profile(item: Element) -> RunProfile:
    steps = tuple(read_step(step) for step in item.find_all("configuration/step"))
    return RunProfile(item.find_text("id").upper(), item.find_text("name"), steps)


def step_kind(step_type: str, subtypes: Sequence[str]) -> StepKind:
    """A step by its `type` and subtypes; drop files and other variants are `OTHER`."""
    if step_type == "apply-rules":
        return _RULES.get(subtypes[0], StepKind.OTHER) if len(subtypes) == 1 else StepKind.OTHER
    if not subtypes:
        return _COMBINED.get(step_type, StepKind.OTHER)
    return _STAGED.get(step_type, StepKind.OTHER) if list(subtypes) == ["to-cs"] else StepKind.OTHER


def read_step(item: Element) -> RunStep:
    kind = item.find("step-type")
    subtypes = [child.text.strip() for child in kind.children if child.local.endswith("-subtype")] if kind is not None else []
    custom = item.find("custom-data")
    data = next((child for child in custom.children if child.local.endswith("-step-data")), None) if custom is not None else None
    batch = data.find_text("batch-size") if data is not None else ""
    return RunStep(
        kind=step_kind("" if kind is None else kind.get("type"), subtypes),
        partition_id=item.find_text("partition").upper(),
        object_limit=_number(item.find_text("threshold/object")),
        delete_limit=_number(item.find_text("threshold/delete")),
        batch_size=_number(batch or item.find_text("threshold/batch-size")),
        page_size=_number(data.find_text("page-size")) if data is not None else 0,
        timeout=_number(data.find_text("time-limit") or data.find_text("timeout")) if data is not None else 0,
        type="" if kind is None else kind.get("type"),
        subtypes=tuple(subtypes),
        data=() if custom is None else tuple(dict(_further_data(custom)).items()),
        drop_file=item.find_text("dropfile-name"),
    )


def _further_data(custom: Element) -> Iterator[tuple[str, str]]:
    """Texts below `custom-data` that have no field of their own, by their path."""
    for kind in custom.children:
        typed = kind.local.endswith("-step-data")
        for item in kind.children:
            if not item.children and item.text.strip() and not (typed and item.local in _STEP_FIELDS):
                yield f"{kind.local}/{item.local}", item.text.strip()


def _forest(item: Element | None) -> ForestSettings | None:
    if item is None:
        return None
    return ForestSettings(
        forest=item.find_text("forest-name"),
        domain=item.find_text("forest-login-domain"),
        user=item.find_text("forest-login-user"),
        sign_and_seal=item.find_text("sign-and-seal") == "1",
        ssl=item.find_text("ssl-bind") == "1",
        simple_bind=item.find_text("simple-bind") == "1",
    )


def _parameter(item: Element) -> Parameter:
    return Parameter(item.get("name"), item.text.strip(), item.get("type", "string"), item.get("use", "connectivity"), item.get("encrypted") == "1")


def _definition(item: Element) -> ParameterDefinition:
    kind, validation = item.find_text("type", "string"), item.find_text("validation")
    choices = tuple(part.strip() for part in validation.split(",") if part.strip()) if kind == "drop-down" else ()
    return ParameterDefinition(item.find_text("name"), kind, item.find_text("use", "connectivity"), validation, item.find_text("default-value"), choices)


def _dn_attributes(item: Element | None) -> dict[str, tuple[str, ...]]:
    """Attributes that make up the DN by lower-case object type; under the empty name those for all types."""
    if item is None:
        return {}
    by_type = {one.get("object-type").lower(): _texts(one, "attribute") for one in item.find_all("dn")}
    everywhere = _texts(item, "attribute")
    return {**by_type, "": everywhere} if everywhere else by_type


def _number(text: str, default: int = 0) -> int:
    return int(text) if text.isascii() and text.isdigit() else default
