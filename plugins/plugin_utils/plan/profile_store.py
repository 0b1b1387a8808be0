# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The SharePoint agent: where it calls, as whom, and which way pictures go.

Parameters by the connector's own names (reference page `sharepoint-and-setup`, 4.1).
"""

from __future__ import annotations

from ..configuration.element import Element
from ..configuration.folder import Folder
from ..configuration.markup import Fragment
from ..desired import Pictures, ProfileStoreAgent
from ..desired.problems import suggestion
from .change import Change, Risk
from .context import Context, data_of

CONNECTOR = "SharePoint Profile Store"
PICTURES = {
    Pictures.TO_SHAREPOINT: "Export only (NEVER from SharePoint)",
    Pictures.FROM_SHAREPOINT: "Import only (ALWAYS from SharePoint)",
}
_VALUES = "private-configuration/MAConfig/parameter-values"
_DEFINITIONS = "private-configuration/MAConfig/parameter-definitions/parameter"
_OTHER_STORE = "every object of the agent comes from the profile store that it calls"


def plan_profile_store(context: Context, agent: ProfileStoreAgent) -> None:
    """Connectivity parameters."""
    data = context.data(agent.name)
    kind = data.find_text("ma-listname") or data.find_text("category")
    if kind.casefold() != CONNECTOR.casefold():
        context.fault(f"{agent.path}.type", f"the management agent {agent.name!r} is of the kind {kind!r}, not {CONNECTOR!r}")
        return
    for parameter, wanted, key, risk in _wanted(agent):
        if wanted is not None and _fits(context, agent, parameter, wanted, key):
            _plan_parameter(context, agent.name, parameter, wanted, risk)


def _wanted(agent: ProfileStoreAgent) -> list[tuple[str, str | None, str, Risk]]:
    credentials = agent.credentials
    return [
        ("HTTP Protocol", agent.protocol, "url", Risk.NONE),
        ("Host Name", agent.host, "url", Risk.RECALCULATES),
        ("Port", agent.port, "url", Risk.RECALCULATES),
        ("Domain", credentials.domain if credentials else None, "credentials", Risk.NONE),
        ("User Name", credentials.user if credentials else None, "credentials", Risk.NONE),
        ("Picture Flow Direction", PICTURES[agent.pictures] if agent.pictures else None, "pictures", Risk.RECALCULATES),
    ]


def _fits(context: Context, agent: ProfileStoreAgent, parameter: str, wanted: str, key: str) -> bool:
    definitions = {item.find_text("name"): item for item in context.data(agent.name).find_all(_DEFINITIONS) if item.find_text("name")}
    definition = definitions.get(parameter)
    if definition is None:
        context.fault(f"{agent.path}.{key}", f"the connector of {agent.name!r} has no parameter {parameter!r}{suggestion(parameter, definitions)}")
        return False
    choices = [choice for choice in definition.find_text("validation").split(",") if choice]
    if definition.find_text("type") == "drop-down" and choices and wanted not in choices:
        context.fault(f"{agent.path}.{key}", f"the connector of {agent.name!r} does not take {wanted!r} for {parameter!r}; it takes {', '.join(choices)}")
        return False
    return True


def _find(data: Element, parameter: str) -> Element | None:
    return next((item for item in data.find_all(f"{_VALUES}/parameter") if item.get("name") == parameter), None)


def _plan_parameter(context: Context, agent: str, parameter: str, wanted: str, risk: Risk) -> None:
    found = _find(context.data(agent), parameter)
    present = found.text.strip() if found is not None else ""
    if present.casefold() == wanted.casefold():
        return

    def edit(folder: Folder) -> None:
        data = data_of(folder, agent)
        item = _find(data, parameter)
        if item is not None:
            item.set_text(wanted)
            return
        kind = next((one.find_text("type") for one in data.find_all(_DEFINITIONS) if one.find_text("name") == parameter), "string")
        data.require(_VALUES).append(Fragment("parameter", {"name": parameter, "type": kind, "use": "connectivity"}, wanted))

    reason = _OTHER_STORE if parameter in ("Host Name", "Port") else ("pictures are computed anew" if parameter.startswith("Picture") else "")
    context.add(Change(agent, parameter, f"{parameter} {present or 'none'} -> {wanted}", present, wanted, edit, risk, reason))
