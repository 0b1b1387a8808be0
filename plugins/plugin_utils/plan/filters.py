# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Connector filters: which objects stay apart from the metaverse."""

from __future__ import annotations

from collections.abc import Sequence

from ..configuration.element import Element
from ..configuration.folder import Folder
from ..configuration.markup import Fragment
from ..configuration.model import AttributeType, Syntax
from ..desired import ActiveDirectoryAgent, Filter, FilterCondition
from ..desired.operators import ON_BITS, OPERATORS, comparable_operator
from ..desired.problems import suggestion
from .change import Change, Risk
from .context import Context, data_of, make_guid

# userAccountControl: ADS_UF_ACCOUNTDISABLE (MS-ADTS 2.2.16).
_DISABLED = Filter((FilterCondition("userAccountControl", OPERATORS["bit-on"], 2),))
_FILTERED = "objects that match become disconnectors at the next synchronization"

# One condition as compared: attribute, operator, value, all in one spelling.
Key = tuple[str, str, str]


def plan_filters(context: Context, agent: ActiveDirectoryAgent) -> None:
    """Declared filters of a type replace that type's filters; `disabled_users` adds or removes one filter of users."""
    wanted = dict(agent.filters)
    if agent.disabled_users is not None:
        spelled = next((name for name in wanted if name.casefold() == "user"), "user")
        given = wanted.get(spelled)
        wanted[spelled] = _with_disabled(context, agent, given, filtered=agent.disabled_users)
    for object_type, filters in wanted.items():
        _plan_type(context, agent, object_type, filters)


def _with_disabled(context: Context, agent: ActiveDirectoryAgent, given: tuple[Filter, ...] | None, *, filtered: bool) -> tuple[Filter, ...]:
    filters = given if given is not None else _present_filters(_find(context.data(agent.name), "user"))
    others = tuple(one for one in filters if _key(one) != _key(_DISABLED))
    return (*others, _DISABLED) if filtered else others


def _find(data: Element, object_type: str) -> Element | None:
    for filter_set in data.find_all("stay-disconnector/filter-set"):
        if filter_set.get("cd-object-type").casefold() == object_type.casefold():
            return filter_set
    return None


def _present_filters(filter_set: Element | None) -> tuple[Filter, ...]:
    if filter_set is None:
        return ()
    return tuple(Filter(tuple(_read(condition) for condition in one.find_all("condition"))) for one in filter_set.find_all("filter-alternative"))


def _read(condition: Element) -> FilterCondition:
    return FilterCondition(condition.get("cd-attribute"), condition.get("operator"), condition.find_text("value"))


def _key(one: Filter) -> frozenset[Key]:
    return frozenset((item.attribute.casefold(), comparable_operator(item.operator), _plain(item.value)) for item in one.conditions)


def _plain(value: str | int) -> str:
    """Numbers in one spelling: documents write them as 0x..., people as they like."""
    text = str(value)
    try:
        return str(int(text, 0))
    except ValueError:
        return text


def _plan_type(context: Context, agent: ActiveDirectoryAgent, object_type: str, filters: tuple[Filter, ...]) -> None:
    known = context.schema(agent.name).classes.get(object_type.casefold())
    if known is None:
        hint = suggestion(object_type, (one.name for one in context.schema(agent.name).classes.values()))
        context.fault(f"{agent.path}.filters.{object_type}", f"the schema of {agent.name!r} has no object type {object_type!r}{hint}")
        return
    if not _fits(context, agent, known.name, known.attributes, filters):
        return
    filter_set = _find(context.data(agent.name), object_type)
    present = _present_filters(filter_set)
    scripted = filter_set is not None and filter_set.get("type") == "scripted"
    if not scripted and {_key(one) for one in present} == {_key(one) for one in filters}:
        return
    for one in filters:
        for condition in one.conditions:
            _plan_attribute(context, agent.name, condition.attribute)
    _plan_filter_set(context, agent.name, known.name, present, filters, scripted=scripted)


def _fits(context: Context, agent: ActiveDirectoryAgent, object_type: str, attributes: Sequence[str], filters: tuple[Filter, ...]) -> bool:
    """Every attribute is one of the type, and its kind fits the operator."""
    names = {name.casefold() for name in attributes}
    good = True
    for condition in (item for one in filters for item in one.conditions):
        path = f"{condition.path}.attribute" if condition.path else f"{agent.path}.disabled_users"
        kind = context.schema(agent.name).attributes.get(condition.attribute.casefold())
        if condition.attribute.casefold() not in names or kind is None:
            hint = suggestion(condition.attribute, attributes)
            context.fault(path, f"the object type {object_type} of {agent.name!r} has no attribute {condition.attribute!r}{hint}")
            good = False
        elif condition.operator in ON_BITS and kind.syntax is not Syntax.INTEGER:
            context.fault(path, f"{condition.attribute!r} holds {kind.syntax.value} values; {condition.operator} needs an integer")
            good = False
    return good


def _plan_attribute(context: Context, agent: str, attribute: str) -> None:
    """Selects the attribute: a filter on one that is not selected makes the import fail."""
    data = context.data(agent)
    if attribute.casefold() in {element.text.strip().casefold() for element in data.find_all("attribute-inclusion/attribute")}:
        return
    name = _spelled(context, agent, attribute).name

    def edit(folder: Folder) -> None:
        parent = data_of(folder, agent).require("attribute-inclusion")
        later = next((index for index, child in enumerate(parent.children) if child.text.strip().casefold() > name.casefold()), len(parent.children))
        parent.insert(later, Fragment("attribute", text=name))

    context.add(Change(agent, "attribute", f"attribute {name} selected", "", f"{name} selected", edit, Risk.RECALCULATES, "its values are read from now on"))


def _spelled(context: Context, agent: str, attribute: str) -> AttributeType:
    return context.schema(agent).attributes[attribute.casefold()]


def _plan_filter_set(context: Context, agent: str, object_type: str, present: tuple[Filter, ...], filters: tuple[Filter, ...], *, scripted: bool) -> None:
    identifier = context.data(agent).find_text("id")
    alternatives = tuple(_alternative(context, agent, identifier, object_type, one) for one in filters)
    keys = {_key(one) for one in filters}

    def edit(folder: Folder) -> None:
        parent = data_of(folder, agent).require("stay-disconnector")
        old = _find(data_of(folder, agent), object_type)
        if not alternatives:
            if old is not None:
                parent.remove(old)
            return
        if old is None or scripted:
            new = Fragment("filter-set", {"import-filter": "0", "cd-object-type": object_type, "type": "declared"}, children=alternatives)
            if old is None:
                parent.append(new)
            else:
                parent.replace(old, new)
            return
        _set_alternatives(old, keys, tuple(zip(filters, alternatives, strict=True)))

    gone = [one for one in present if _key(one) not in keys]
    new = [one for one in filters if _key(one) not in {_key(known) for known in present}]
    words = [f"no longer {_words(one)}" for one in gone] + [_words(one) for one in new] + (["no longer decided by the rules extension"] if scripted else [])
    risk, reason = (Risk.RECALCULATES, "objects that no longer match are joined or projected") if not new else _risk(context, agent)
    before = "rules extension" if scripted else "\n".join(_words(one) for one in present)
    context.add(
        Change(
            agent,
            f"filter {object_type}",
            f"connector filter of {object_type}: {'; '.join(words)}",
            before,
            "\n".join(map(_words, filters)),
            edit,
            risk,
            reason,
        )
    )


def _risk(context: Context, agent: str) -> tuple[Risk, str]:
    further = context.deletes_with(agent)
    return (Risk.CAN_DELETE, f"{_FILTERED}; {further}") if further else (Risk.DISCONNECTS, _FILTERED)


def _set_alternatives(filter_set: Element, keys: set[frozenset[Key]], wanted: tuple[tuple[Filter, Fragment], ...]) -> None:
    there = set()
    for alternative in filter_set.find_all("filter-alternative"):
        key = _key(Filter(tuple(_read(condition) for condition in alternative.find_all("condition"))))
        if key not in keys:
            filter_set.remove(alternative)
        there.add(key)
    for one, fragment in wanted:
        if _key(one) not in there:
            filter_set.append(fragment)


def _alternative(context: Context, agent: str, identifier: str, object_type: str, one: Filter) -> Fragment:
    conditions = tuple(_condition(_spelled(context, agent, item.attribute), item) for item in one.conditions)
    return Fragment("filter-alternative", {"id": make_guid(identifier, object_type, _words(one))}, children=conditions)


def _condition(attribute: AttributeType, item: FilterCondition) -> Fragment:
    # Servers write numbers in hexadecimal and note how the designer shows them.
    number = attribute.syntax is Syntax.INTEGER and _plain(item.value).lstrip("-").isdigit()
    value = Fragment("value", {"ui-radix": "10"}, hex(int(_plain(item.value)))) if number else Fragment("value", text=str(item.value))
    return Fragment("condition", {"cd-attribute": attribute.name, "operator": item.operator}, children=(value,))


def _words(one: Filter) -> str:
    return " and ".join(f"{item.attribute} {comparable_operator(item.operator)} {_plain(item.value)}".strip() for item in one.conditions)
