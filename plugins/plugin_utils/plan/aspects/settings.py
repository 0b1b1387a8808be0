# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Single values of an agent and of the metaverse: one line of a table each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from ...configuration.element import Element
from ...configuration.folder import Folder
from ...configuration.model import ForestSettings, ManagementAgent, Metaverse
from ..change import FULL_IMPORT, FULL_SYNC, Change, Edit, Risk
from ..comparison import Comparison
from ..context import data_of, metaverse_of
from ..editing import set_value

T = TypeVar("T")
_FOREST = "private-configuration/adma-configuration"
_CONNECTOR = "private-configuration/MAConfig/extension-config/filename"
_DECIDED = "the rules extension decides what becomes of objects that are deprovisioned"
_OTHER_FOREST = "every object of the agent comes from the forest that it reads"


def _switch(value: object) -> str:
    return "1" if value else "0"


@dataclass(frozen=True)
class Setting(Generic[T]):
    """`path` leads to the text, or with an @ to the attribute; `read` gives it as documents write it.

    `risk` holds for all other values than those in `risks`. `exact`: letter case counts.
    """

    title: str
    path: str
    read: Callable[[T], str]
    risk: Risk = Risk.NONE
    reason: str = ""
    run_after: tuple[str, ...] = ()
    risks: tuple[tuple[str, Risk, str], ...] = ()
    exact: bool = True

    def differs(self, before: T, after: T) -> bool:
        old, new = self.read(before), self.read(after)
        return old != new if self.exact else old.casefold() != new.casefold()

    def risk_of(self, value: str) -> tuple[Risk, str]:
        return next(((risk, reason) for known, risk, reason in self.risks if known == value), (self.risk, self.reason))


def _forest(read: Callable[[ForestSettings], str]) -> Callable[[ManagementAgent], str]:
    return lambda agent: "" if agent.forest is None else read(agent.forest)


_BOTH = (FULL_IMPORT, FULL_SYNC)
_EXTENSION = "the rules extension computes flows, joins and filters"
AGENT: tuple[Setting[ManagementAgent], ...] = (
    Setting("description", "description", lambda agent: agent.description),
    Setting("forest", f"{_FOREST}/forest-name", _forest(lambda forest: forest.forest), Risk.CAN_DELETE, _OTHER_FOREST, _BOTH, exact=False),
    Setting("account's domain", f"{_FOREST}/forest-login-domain", _forest(lambda forest: forest.domain), exact=False),
    Setting("account", f"{_FOREST}/forest-login-user", _forest(lambda forest: forest.user), exact=False),
    Setting("signing and sealing", f"{_FOREST}/sign-and-seal", _forest(lambda forest: _switch(forest.sign_and_seal))),
    Setting("TLS", f"{_FOREST}/ssl-bind", _forest(lambda forest: _switch(forest.ssl))),
    Setting("simple bind", f"{_FOREST}/simple-bind", _forest(lambda forest: _switch(forest.simple_bind))),
    Setting(
        "connector",
        "private-configuration/MAConfig/extension-config/filename",
        lambda agent: agent.connector_file,
        Risk.RECALCULATES,
        "another connector reads the system",
        _BOTH,
    ),
    Setting("rules extension", "extension/assembly-name", lambda agent: agent.extension, Risk.RECALCULATES, _EXTENSION, (FULL_SYNC,), exact=False),
    Setting("rules extension's process", "extension/application-protection", lambda agent: agent.extension_protection),
    Setting("agent's process", "controller-configuration/application-protection", lambda agent: agent.controller_protection),
    Setting("agent's architecture", "controller-configuration/application-architecture", lambda agent: agent.controller_architecture),
    Setting(
        "deprovisioning decided",
        "provisioning-cleanup@type",
        lambda agent: agent.deprovisioning_type,
        Risk.CAN_DELETE,
        _DECIDED,
        risks=(("declared", Risk.NONE, ""),),
    ),
    Setting(
        "deprovisioning",
        "provisioning-cleanup/action",
        lambda agent: agent.deprovisioning,
        Risk.NONE,
        "",
        risks=(("delete-object", Risk.CAN_DELETE, "objects that lose their metaverse object are deleted in the connected system"),),
    ),
    Setting("password synchronization", "password-sync-allowed", lambda agent: _switch(agent.password_sync_allowed)),
)
METAVERSE: tuple[Setting[Metaverse], ...] = (
    Setting(
        "rules extension",
        "extension/assembly-name",
        lambda metaverse: metaverse.extension,
        Risk.RECALCULATES,
        "it provisions and deletes",
        (FULL_SYNC,),
        exact=False,
    ),
    Setting("rules extension's process", "extension/application-protection", lambda metaverse: metaverse.extension_protection),
    Setting(
        "provisioning",
        "provisioning@type",
        lambda metaverse: metaverse.provisioning,
        Risk.RECALCULATES,
        "objects are provisioned to other systems by the next synchronization",
        (FULL_SYNC,),
        (("none", Risk.NONE, ""),),
    ),
    Setting("password synchronization", "password-sync/password-sync-enabled", lambda metaverse: _switch(metaverse.password_sync)),
    Setting("remembered password changes", "password-change-history-size", lambda metaverse: str(metaverse.password_history)),
)


def agent_changes(comparison: Comparison) -> Iterator[Change]:
    for present, wanted in comparison.pairs():
        name = present.name
        for setting in AGENT:
            if setting.differs(present, wanted):
                yield _change(setting, (present, wanted), name, partial(_data, name))


def _data(agent: str, folder: Folder) -> Element:
    return data_of(folder, agent)


def metaverse_changes(comparison: Comparison) -> Iterator[Change]:
    before, after = comparison.present.metaverse, comparison.wanted.metaverse
    for setting in METAVERSE:
        if setting.differs(before, after):
            yield _change(setting, (before, after), "", metaverse_of)


def _change(setting: Setting[T], sides: tuple[T, T], agent: str, root: Callable[[Folder], Element]) -> Change:
    old, new = setting.read(sides[0]), setting.read(sides[1])
    risk, reason = setting.risk_of(new)
    sentence = f"{agent or 'metaverse'}: {setting.title} {_shown(old)} -> {_shown(new)}"
    steps = setting.run_after if risk is not Risk.NONE else ()
    item = (setting.title, agent.casefold())
    return Change(agent, setting.title, sentence, old, new, _edit(setting.path, root, new), risk, reason, steps, undo=_edit(setting.path, root, old), item=item)


def _edit(path: str, root: Callable[[Folder], Element], value: str) -> Edit:
    return lambda folder: set_value(root(folder), path, value)


def _shown(value: str) -> str:
    return {"": "none", "1": "on", "0": "off"}.get(value, value)
