# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Values of the model as elements to be written (reference page `server-configuration`)."""

from __future__ import annotations

from ..configuration.element import Element
from ..configuration.markup import Fragment
from ..configuration.model import (
    ConstantMapping,
    DirectMapping,
    DnPartMapping,
    ExportFlow,
    ImportFlow,
    JoinCriterion,
    JoinMapping,
    Mapping_,
    Projection,
    ScriptedMapping,
    Source,
)


def _source(source: Source) -> Fragment:
    return Fragment("src-attribute", {"intrinsic": "true"} if source.intrinsic else {}, source.name)


def mapping(value: Mapping_) -> Fragment:
    match value:
        case DirectMapping(source):
            return Fragment("direct-mapping", children=(_source(source),))
        case ConstantMapping(text):
            return Fragment("constant-mapping", children=(Fragment("constant-value", text=text),))
        case ScriptedMapping(sources, context):
            return Fragment("scripted-mapping", children=(*map(_source, sources), Fragment("script-context", text=context)))
        case DnPartMapping(part):
            return Fragment("dn-part-mapping", children=(Fragment("dn-part", text=str(part)),))
    return Fragment("sync-rule-mapping", children=tuple(map(_source, value.sources)))


def replace_mapping(element: Element, value: Mapping_) -> None:
    """Puts a mapping in the place of the element's own."""
    own = next(child for child in element.children if child.local.endswith("-mapping"))
    element.replace(own, mapping(value))


def import_flow(flow: ImportFlow) -> Fragment:
    attributes = {"src-ma": flow.agent_id, "cd-object-type": flow.object_type, "id": flow.id}
    return Fragment("import-flow", attributes, children=(mapping(flow.mapping),))


def export_flow(flow: ExportFlow) -> Fragment:
    attributes = {"cd-attribute": flow.attribute, "id": flow.id, "suppress-deletions": "false" if flow.allow_nulls else "true"}
    return Fragment("export-flow", attributes, children=(mapping(flow.mapping),))


def join_criterion(criterion: JoinCriterion) -> Fragment:
    search = {"mv-object-type": criterion.mv_object_type} if criterion.mv_object_type else {}
    resolution = Fragment("resolution", {"type": criterion.resolution}, children=(Fragment("script-context", text=criterion.resolution_context),))
    found = Fragment("search", search, children=tuple(map(join_mapping, criterion.mappings)))
    return Fragment("join-criterion", {"id": criterion.id}, children=(found, resolution))


def join_mapping(one: JoinMapping) -> Fragment:
    intrinsic = {"intrinsic-attribute": "true"} if one.intrinsic else {}
    return Fragment("attribute-mapping", {"mv-attribute": one.mv_attribute, **intrinsic}, children=(mapping(one.mapping),))


def projection(value: Projection) -> Fragment:
    attributes = {"type": value.type, "id": value.id, "cd-object-type": value.object_type}
    children = (Fragment("mv-object-type", text=value.mv_object_type),) if value.mv_object_type else ()
    return Fragment("class-mapping", attributes, children=children)
