# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads flows: the short form of one line, and the long form for everything else. The data has been checked already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..configuration.model import ConstantMapping, DirectMapping, DnPartMapping, Mapping_, ScriptedMapping, Source, SyncRuleMapping
from .checker import at
from .problems import Problems
from .wishes import ExportWish, ImportWish

FROM_FORM = "agent/object type/attribute"
THROUGH_FORM = "object type/attribute"
# Keys that `rules.declared` has taken out of a line, unless they make no rule.
RULE_KEYS = ("value", "rule", "then", "when", "when_empty", "default")


@dataclass(frozen=True)
class _End:
    """One end; `mapping` says what values are made of there."""

    agent: str
    object_type: str
    mapping: Mapping_


def read_flows(lines: Any, path: str, problems: Problems) -> tuple[list[ImportWish], list[ExportWish]]:
    imports: list[ImportWish] = []
    exports: list[ExportWish] = []
    for index, line in enumerate(lines or []):
        read_flow(line, f"{path}[{index}]", problems, imports, exports)
    return imports, exports


def read_flow(line: Mapping[str, Any], path: str, problems: Problems, imports: list[ImportWish], exports: list[ExportWish]) -> None:
    """One line; what it says is added to the lists."""
    for key in RULE_KEYS:
        if line.get(key) is not None:
            problems.add(at(path, key), "goes with a rule, which this line does not have; say value, rule or then")
    origin = _end(line.get("from"), at(path, "from"), 3, problems)
    middle = _end(line["through"], at(path, "through"), 2, problems)
    target = _end(line.get("to"), at(path, "to"), 3, problems)
    if middle is None:
        return
    if line.get("from") is not None and origin is not None:
        attribute = _mv_attribute(line["through"], middle, at(path, "through"), problems)
        if attribute:
            imports.append(ImportWish(origin.agent, origin.object_type, origin.mapping, middle.object_type, attribute, line.get("precedence"), path))
    elif line.get("precedence") is not None and line.get("from") is None:
        problems.add(at(path, "precedence"), "goes with flows into the metaverse, and this line has no 'from'")
    if target is not None and isinstance(target.mapping, DirectMapping):
        nulls = {None: None, "export": True, "ignore": False}[line.get("nulls")]
        attribute = line["to"]["attribute"] if isinstance(line["to"], dict) else target.mapping.source.name
        exports.append(ExportWish(target.agent, target.object_type, attribute, middle.mapping, middle.object_type, nulls, path))
    elif line.get("nulls") is not None and line.get("to") is None:
        problems.add(at(path, "nulls"), "goes with flows out of the metaverse, and this line has no 'to'")


def _mv_attribute(given: Any, middle: _End, path: str, problems: Problems) -> str:
    """The one attribute that values are imported into."""
    named = given.get("attribute") if isinstance(given, dict) else None
    if named:
        return str(named)
    if isinstance(middle.mapping, DirectMapping) and not middle.mapping.source.intrinsic:
        return middle.mapping.source.name
    problems.add(path, "must name one metaverse attribute, because the flow has a 'from'; make two lines of it")
    return ""


def _end(given: Any, path: str, parts: int, problems: Problems) -> _End | None:
    if given is None:
        return None
    if isinstance(given, dict):
        mapping = read_source(given, path, problems)
        return None if mapping is None else _End(str(given.get("agent", "")), given["object_type"], mapping)
    pieces = [piece.strip() for piece in given.split("/")]
    if len(pieces) != parts or not all(pieces):
        form = FROM_FORM if parts == 3 else THROUGH_FORM
        problems.add(path, f"is {given!r}, but must be of the form '{form}'; a name that holds a slash needs the long form")
        return None
    return _End(pieces[0] if parts == 3 else "", pieces[-2], DirectMapping(read_name(pieces[-1])))


def read_name(text: str) -> Source:
    """An attribute's name; one in angle brackets is intrinsic."""
    if len(text) > 2 and text.startswith("<") and text.endswith(">"):
        return Source(text[1:-1], intrinsic=True)
    return Source(text)


def read_source(given: Any, path: str, problems: Problems) -> Mapping_ | None:
    """What values are made of: text is one attribute."""
    if isinstance(given, str):
        return DirectMapping(read_name(given))
    sources = tuple(read_name(name) for name in given.get("attributes") or ())
    if given.get("sync_rule"):
        return SyncRuleMapping(sources)
    if given.get("constant") is not None:
        return ConstantMapping(str(given["constant"]))
    if given.get("dn_part") is not None:
        return DnPartMapping(given["dn_part"])
    if given.get("rule") is not None:
        single = (read_name(given["attribute"]),) if given.get("attribute") else ()
        return ScriptedMapping(sources or single, given["rule"])
    if given.get("attribute"):
        return DirectMapping(read_name(given["attribute"]))
    if len(sources) == 1:
        return DirectMapping(sources[0])
    problems.add(at(path, "attributes"), "are several, which only a rule can make one value of; name it with 'rule'")
    return None
