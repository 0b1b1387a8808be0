# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Parameters of ECMA 2 connectors, and private settings of other agents (`private-configuration`)."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from ...configuration.element import Element
from ...configuration.folder import Folder
from ...configuration.markup import Fragment
from ...configuration.model import ManagementAgent, Parameter
from ...configuration.settings import setting_paths
from ..change import Change, Edit, Risk
from ..comparison import Comparison, agent_change
from ..context import data_of
from ..editing import Items, Listing, by_attributes, paired, set_text

_VALUES = "private-configuration/MAConfig/parameter-values"
_PARAMETERS = Listing("parameter", by_attributes("name", "use"))
_OTHER = "what the connector reads may change with it"


def _key(parameter: Parameter) -> Hashable:
    return (parameter.name.casefold(), parameter.use.casefold())


def _write(parameter: Parameter) -> Fragment:
    encrypted = {"encrypted": "1"} if parameter.encrypted else {}
    return Fragment("parameter", {"name": parameter.name, "type": parameter.type, "use": parameter.use, **encrypted}, parameter.value)


def changes(comparison: Comparison) -> Iterator[Change]:
    for present, wanted in comparison.pairs():
        for old, new in paired(present.parameters, wanted.parameters, _key):
            if old is None or new is None or (old.value != new.value and not new.encrypted):
                yield _parameter(present, wanted, old, new)
        yield from _settings(present, wanted)


def _parameter(agent: ManagementAgent, wanted: ManagementAgent, old: Parameter | None, new: Parameter | None) -> Change:
    items: Items[Parameter] = Items(_PARAMETERS, lambda folder: _place(folder, agent.name), _key, _write)
    some = new or old
    if some is None:
        raise AssertionError("some is there by construction")
    if old is None:
        edits: tuple[Edit, Edit] = (items.put(some, wanted.parameters), items.take(some))
    elif new is None:
        edits = (items.take(some), items.put(some, agent.parameters))
    else:
        edits = (_set(agent, new), _set(agent, old))
    values = ("" if old is None else _shown(old), "" if new is None else _shown(new))
    told = f"parameter {some.name}: {values[0] or 'none'} -> {values[1] or 'none'}"
    item = ("parameter", agent.name.casefold(), some.name.casefold())
    return agent_change(agent, "parameter", told, values=values, edits=edits, risk=Risk.RECALCULATES, reason=_OTHER, imports=True, item=item)


def _shown(parameter: Parameter) -> str:
    return "(secret)" if parameter.encrypted or parameter.type.startswith("encrypted") else parameter.value


def _place(folder: Folder, agent: str) -> Element:
    found = data_of(folder, agent)
    for name in _VALUES.split("/"):
        found = found.find(name) or found.append(Fragment(name))
    return found


def _set(agent: ManagementAgent, parameter: Parameter) -> Edit:
    def edit(folder: Folder) -> None:
        element = _PARAMETERS.find(_place(folder, agent.name), _key(parameter))
        if element is not None:
            element.set_value(parameter.value)

    return edit


def _settings(present: ManagementAgent, wanted: ManagementAgent) -> Iterator[Change]:
    paths = setting_paths(present.category)
    for name in dict.fromkeys((*present.settings, *wanted.settings)):
        old, new = present.settings.get(name, ""), wanted.settings.get(name, "")
        if old != new and name in paths:
            edits = (_set_setting(present, paths[name], new), _set_setting(present, paths[name], old))
            item = ("setting", present.name.casefold(), name)
            risk, reason = (Risk.NONE, "") if name in ("user", "domain") else (Risk.RECALCULATES, _OTHER)
            told = f"{name.replace('_', ' ')} {old or 'none'} -> {new or 'none'}"
            yield agent_change(present, "setting", told, values=(old, new), edits=edits, risk=risk, reason=reason, imports=True, item=item)


def _set_setting(agent: ManagementAgent, path: str, value: str) -> Edit:
    return lambda folder: set_text(data_of(folder, agent.name), path, value)
