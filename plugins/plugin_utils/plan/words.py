# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How rules are called in a plan's sentences."""

from __future__ import annotations

from ..configuration.model import (
    Condition,
    ConstantMapping,
    DirectMapping,
    DnPartMapping,
    JoinCriterion,
    Mapping_,
    Projection,
    RunStep,
    ScriptedMapping,
    Source,
)

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def ordinal(index: int) -> str:
    """`index` counts from 0."""
    return _ORDINALS[index] if index < len(_ORDINALS) else f"number {index + 1}"


def _name(source: Source) -> str:
    return f"<{source.name}>" if source.intrinsic and source.name != "dn" else source.name


def mapping(value: Mapping_) -> str:
    """The source of a flow: an attribute, "a constant", a rule of the extension."""
    match value:
        case DirectMapping(source):
            return _name(source)
        case ConstantMapping(text):
            return f'"{text}"'
        case DnPartMapping(part):
            return f"part {part} of the DN"
        case ScriptedMapping(sources, context):
            return f"rule {context}({', '.join(map(_name, sources))})"
    return f"synchronization rule({', '.join(map(_name, value.sources))})"


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def criterion(value: JoinCriterion) -> str:
    """One search of a join, with its resolution where it has one."""
    pairs = " and ".join(f"{mapping(one.mapping)} = {_name(Source(one.mv_attribute, one.intrinsic))}" for one in value.mappings)
    target = value.mv_object_type or "any type"
    return f"{pairs} ({target})" + (f", resolved by rule {value.resolution_context or 'of the extension'}" if value.resolution == "scripted" else "")


def projection(value: Projection) -> str:
    return f"to {value.mv_object_type}" if value.type == "declared" else "by the rules extension"


def condition(value: Condition) -> str:
    return f"{value.attribute} {value.operator} {value.value}".strip()


def alternative(conditions: tuple[Condition, ...]) -> str:
    return " and ".join(map(condition, conditions))


def step(value: RunStep, partition: str) -> str:
    limits = (
        (value.object_limit, "objects"),
        (value.delete_limit, "deletions"),
        (value.batch_size, "a batch"),
        (value.page_size, "a page"),
        (value.timeout, "s"),
    )
    told = [f"{number} {name}" for number, name in limits if number]
    told += [f"{path.rpartition('/')[2]} {text}" for path, text in value.data]
    told += [f"drop file {value.drop_file}"] if value.drop_file else []
    kind = value.kind.value if value.kind.value != "other" else " ".join((value.type, *value.subtypes))
    return f"{kind} of {partition}" + (f" ({', '.join(told)})" if told else "")
