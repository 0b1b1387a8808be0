# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Attribute flows as functions, compiled once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from ..configuration.model import (
    ConstantMapping,
    DirectMapping,
    DnPartMapping,
    ExportFlow,
    ImportFlow,
    ManagementAgent,
    Mapping_,
    ScriptedMapping,
    Source,
    SyncRuleMapping,
    Syntax,
)
from .extension import CsEntry, DeclineMappingError, MvEntry, Scripts, script_failure
from .failures import ObjectFailure
from .objects import NOTHING, Attributes, CsObject, MvObject, Origin, guid
from .store import Store
from .switches import PORTAL_INBOUND
from .systems.base import Values
from .values import constant, converter, dn_part

if TYPE_CHECKING:
    from .rules import Names
    from .systems.base import Value

# None: the flow says nothing (declined, or a script that wrote nothing); an empty tuple: there is no value.
ImportFunction = Callable[["Attributes", CsObject, "Attributes"], "Values | None"]
ExportFunction = Callable[[MvObject, CsObject, "Attributes"], "Values | None"]
Convert = Callable[["Values"], "Values"]


@dataclass(frozen=True)
class Plain:
    """What a flow does that copies: the values of `source`, or always `values`; the object's own name for neither.

    `reference`: it turns references into those of the other side.
    """

    source: str = ""
    values: Values = NOTHING
    reference: bool = False


@dataclass(frozen=True)
class ImportFlowRule:
    """`compute(view, connector, values of the metaverse object)`."""

    agent_id: str
    cd_type: str
    origin: Origin
    compute: ImportFunction
    sources: tuple[str, ...]
    declared: bool
    reference: bool
    # For the run history: element of the mapping, id of the flow, name of a script.
    kind: str = ""
    id: str = ""
    context: str = ""
    # None: the outcome has to be worked out.
    plain: Plain | None = None


@dataclass(frozen=True)
class ExportFlowRule:
    """`compute(metaverse object, connector, view of the connector)`. `source` of a direct flow, for the loop guard."""

    target: str
    allow_nulls: bool
    compute: ExportFunction
    sources: tuple[str, ...]
    source: str
    reference: bool
    single: bool
    # An import flow brings the target's own values to the source: they must not go back.
    loop: bool
    kind: str = ""
    id: str = ""
    context: str = ""
    # None: the outcome has to be worked out.
    plain: Plain | None = None


class MappingCompiler:
    """Makes the functions; they read references through the store."""

    def __init__(
        self, store: Store, scripts: Scripts, mv_syntax: Callable[[str], Syntax], mv_spell: Callable[[str], str], *, portal_flows: str = PORTAL_INBOUND
    ) -> None:
        self.portal_flows = portal_flows
        self.store = store
        self.scripts = scripts
        self.mv_syntax = mv_syntax
        self.mv_spell = mv_spell
        self.mv_entry: Callable[[MvObject, Attributes], MvEntry] = _unbound
        self.cs_entry: Callable[[CsObject, Attributes], CsEntry] = _unbound

    # Import: connector space -> metaverse

    def import_flow(self, flow: ImportFlow, target: tuple[str, str], origin: Origin, agent: ManagementAgent, names: Names) -> ImportFlowRule:
        """`target`: metaverse object type and attribute."""
        sources = tuple("dn" if source.intrinsic else names.spell(source.name) for source in _sources(flow.mapping))
        mapping = self._effective(flow.mapping)
        return ImportFlowRule(
            agent_id=flow.agent_id,
            cd_type=flow.object_type.lower(),
            origin=origin,
            compute=self._import_function(mapping, target, agent, names),
            sources=sources,
            declared=not isinstance(flow.mapping, ScriptedMapping),
            reference=any(names.syntax_of(name) is Syntax.REFERENCE for name in sources),
            kind=kind_of(flow.mapping),
            id=flow.id,
            context=getattr(flow.mapping, "context", ""),
            plain=_plain(flow.mapping, names.syntax_of, names.spell, self.mv_syntax(target[1])),
        )

    def _effective(self, mapping: Mapping_) -> Mapping_:
        """What an inbound flow of the portal does, where the document holds all of it: direct flows and constants."""
        if not isinstance(mapping, SyncRuleMapping) or self.portal_flows != PORTAL_INBOUND or mapping.existence_test:
            return mapping
        if mapping.kind.casefold() == "direct" and len(mapping.sources) == 1:
            return DirectMapping(mapping.sources[0])
        return ConstantMapping(mapping.value) if mapping.kind.casefold() == "constant" and mapping.value else mapping

    def _import_function(self, mapping: Mapping_, target: tuple[str, str], agent: ManagementAgent, names: Names) -> ImportFunction:
        wanted = self.mv_syntax(target[1])
        if isinstance(mapping, DirectMapping):
            return self._direct_import(mapping.source, wanted, names)
        if isinstance(mapping, ConstantMapping):
            values = constant(mapping.value, wanted)
            return lambda view, cs, mv: values
        if isinstance(mapping, DnPartMapping):
            part = mapping.part
            return lambda view, cs, mv: (dn_part(cs.dn, part),)
        if isinstance(mapping, ScriptedMapping):
            return self._scripted_import(mapping, target, agent, names)
        # A flow of the portal of which the document does not hold all.
        return lambda view, cs, mv: None

    def _direct_import(self, source: Source, wanted: Syntax, names: Names) -> ImportFunction:
        if source.intrinsic:
            if wanted is Syntax.REFERENCE:
                return lambda view, cs, mv: (cs.mv_id,) if cs.mv_id else NOTHING
            return lambda view, cs, mv: (cs.dn,)
        name = names.spell(source.name)
        have = names.syntax_of(name)
        if have is Syntax.REFERENCE:
            if wanted is Syntax.REFERENCE:
                return lambda view, cs, mv: self._mv_targets(view.get(name, NOTHING))
            return lambda view, cs, mv: tuple(self.cs_text(value) for value in view.get(name, NOTHING))
        convert = converter(have, wanted)
        if convert is None:
            return lambda view, cs, mv: view.get(name, NOTHING)
        return lambda view, cs, mv: convert(view.get(name, NOTHING))

    def _mv_targets(self, values: Values) -> Values:
        """A reference exists in the metaverse only if its target does (MS-UPSDBDAP 3.1.1)."""
        if not values:
            return NOTHING
        find = self.store.cs_object
        found = [item.mv_id for item in (find(cast("int", value)) for value in values) if item is not None and item.mv_id]
        return tuple(found)

    def cs_text(self, value: Value) -> str:
        """A connector-space reference as text: the target's distinguished name."""
        item = self.store.cs_object(cast("int", value))
        return item.dn if item is not None else ""

    def mv_text(self, value: Value) -> str:
        return guid("mv", cast("int", value))

    def _scripted_import(self, mapping: ScriptedMapping, into: tuple[str, str], agent: ManagementAgent, names: Names) -> ImportFunction:
        mv_type, target = into
        sources = tuple(names.spell(source.name) for source in mapping.sources if not source.intrinsic)
        intrinsic = any(source.intrinsic for source in mapping.sources)

        def compute(view: Attributes, cs: CsObject, mv_values: Attributes) -> Values | None:
            # With the last source gone the engine deletes the target itself, without a call (ms696514).
            if not intrinsic and not any(view.get(name) for name in sources):
                return NOTHING
            mv = self.mv_entry(MvObject(cs.mv_id, mv_type), mv_values)
            self._call_import(mapping.context, agent, self.cs_entry(cs, view), mv)
            stray = next((name for name in mv.written if name != target), None)
            if stray is not None:
                problem = ValueError(f"the rule writes {stray}, the flow's target is {target}")
                raise script_failure(problem, "import-flow", "import-flow", agent.extension, mapping.context)
            return mv.written.get(target)

        return compute

    def _call_import(self, context: str, agent: ManagementAgent, cs: CsEntry, mv: MvEntry) -> None:
        extension = self.scripts.extension(agent.extension, "ma")
        try:
            extension.import_rule(context)(cs, mv)
        except DeclineMappingError:
            mv.written.clear()
        except Exception as problem:
            raise script_failure(problem, "import-flow", "import-flow", agent.extension, context) from problem

    # Export: metaverse -> connector space

    def export_flow(self, flow: ExportFlow, agent: ManagementAgent, names: Names, loops: Callable[[str, str], bool]) -> ExportFlowRule:
        """`loops(source, target)`: whether an import flow of the same object type goes the other way."""
        target = names.spell(flow.attribute)
        sources = tuple(self.mv_spell(source.name) for source in _sources(flow.mapping) if not source.intrinsic)
        source = sources[0] if isinstance(flow.mapping, DirectMapping) and sources else ""
        return ExportFlowRule(
            target=target,
            allow_nulls=flow.allow_nulls,
            compute=self._export_function(flow.mapping, target, agent, names),
            sources=sources,
            source=source,
            reference=names.syntax_of(target) is Syntax.REFERENCE,
            single=target in names.single,
            loop=bool(source) and loops(source, target),
            kind=kind_of(flow.mapping),
            id=flow.id,
            context=getattr(flow.mapping, "context", ""),
            plain=None if _is_intrinsic(flow.mapping) else _plain(flow.mapping, self.mv_syntax, self.mv_spell, names.syntax_of(target)),
        )

    def _export_function(self, mapping: Mapping_, target: str, agent: ManagementAgent, names: Names) -> ExportFunction:
        wanted = names.syntax_of(target)
        if isinstance(mapping, DirectMapping):
            return self._direct_export(mapping.source, wanted, agent.id)
        if isinstance(mapping, ConstantMapping):
            values = constant(mapping.value, wanted)
            return lambda mv, cs, view: values
        if isinstance(mapping, ScriptedMapping):
            return self._scripted_export(mapping, target, agent)
        return lambda mv, cs, view: None

    def _direct_export(self, source: Source, wanted: Syntax, agent_id: str) -> ExportFunction:
        if source.intrinsic:
            return lambda mv, cs, view: (guid("mv", mv.id),)
        name = self.mv_spell(source.name)
        have = self.mv_syntax(name)
        if have is Syntax.REFERENCE:
            return lambda mv, cs, view: self._cs_targets(mv.values.get(name, NOTHING), agent_id)
        convert = converter(have, wanted)
        if convert is None:
            return lambda mv, cs, view: mv.values.get(name, NOTHING)
        return lambda mv, cs, view: convert(mv.values.get(name, NOTHING))

    def _cs_targets(self, values: Values, agent_id: str) -> Values:
        """The targets' connectors in the same agent; a target without one is left out until it has one."""
        found: list[int] = []
        for value in values:
            mv = self.store.metaverse.get(cast("int", value))
            links = () if mv is None else mv.links
            items = (self.store.cs_object(number) for number in links)
            there = [item.id for item in items if item is not None and item.agent_id == agent_id]
            if len(there) > 1:
                raise ObjectFailure("ambigous-reference-value-for-export-flow", "export-flow")
            found.extend(there)
        return tuple(found)

    def _scripted_export(self, mapping: ScriptedMapping, target: str, agent: ManagementAgent) -> ExportFunction:
        def compute(mv: MvObject, cs: CsObject, view: Attributes) -> Values | None:
            entry = self.cs_entry(cs, view)
            extension = self.scripts.extension(agent.extension, "ma")
            try:
                extension.export_rule(mapping.context)(self.mv_entry(mv, mv.values), entry)
            except DeclineMappingError:
                return None
            except Exception as problem:
                raise script_failure(problem, "export-flow", "export-flow", agent.extension, mapping.context) from problem
            stray = next((name for name in entry.written if name != target), None) if entry.written else None
            if stray is not None:
                stray_problem = ValueError(f"the rule writes {stray}, the flow's target is {target}")
                raise script_failure(stray_problem, "export-flow", "export-flow", agent.extension, mapping.context)
            return entry.written.get(target)

        return compute


KINDS: dict[type, str] = {
    DirectMapping: "direct-mapping",
    ScriptedMapping: "scripted-mapping",
    ConstantMapping: "constant-mapping",
    DnPartMapping: "dn-part-mapping",
}


def kind_of(mapping: Mapping_) -> str:
    """The mapping's element in documents."""
    return KINDS.get(type(mapping), "sync-rule-mapping")


def _is_intrinsic(mapping: Mapping_) -> bool:
    return isinstance(mapping, DirectMapping) and mapping.source.intrinsic


def _plain(mapping: Mapping_, syntax_of: Callable[[str], Syntax], spell: Callable[[str], str], wanted: Syntax) -> Plain | None:
    """What a mapping copies; None for one that converts, follows references or calls an extension."""
    if isinstance(mapping, ConstantMapping):
        return Plain(values=constant(mapping.value, wanted))
    if not isinstance(mapping, DirectMapping):
        return None
    if mapping.source.intrinsic:
        return None if wanted is Syntax.REFERENCE else Plain()
    name = spell(mapping.source.name)
    return Plain(name, reference=wanted is Syntax.REFERENCE) if syntax_of(name) is wanted else None


def _sources(mapping: Mapping_) -> tuple[Source, ...]:
    if isinstance(mapping, DirectMapping):
        return (mapping.source,)
    if isinstance(mapping, DnPartMapping):
        return (Source("dn", intrinsic=True),)
    return getattr(mapping, "sources", ())


def _unbound(item: object, values: object) -> Any:
    """Stands until the engine is put together."""
    raise RuntimeError("the compiler has not been bound to an engine")
