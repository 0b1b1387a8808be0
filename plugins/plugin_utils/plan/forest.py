# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An Active Directory agent's forest: its name and account, and the naming contexts behind its partitions.

The solution's files carry a placeholder forest. Its partitions become those of the real one: name, DN and objectGUID,
and the containers in them. Partition ids stay, because run steps refer to them.
"""

from __future__ import annotations

from ..configuration import distinguished_name
from ..configuration.element import Element
from ..configuration.folder import Folder
from ..desired import ActiveDirectoryAgent
from .change import Change, Risk
from .context import Context, data_of, partition_of
from .facts import Domain, ForestFacts

_CONFIGURATION = "CN=Configuration,"
_SETTINGS = "private-configuration/adma-configuration"
_OTHER_FOREST = "every object of the agent comes from the forest that it reads"


def plan_forest(context: Context, agent: ActiveDirectoryAgent, facts: ForestFacts | None) -> None:
    """Forest name, account, partitions' names and GUIDs."""
    if context.data(agent.name).find(_SETTINGS) is None:
        context.fault(f"{agent.path}.type", f"the management agent {agent.name!r} is of category {context.data(agent.name).find_text('category')}, not AD")
        return
    if agent.forest is not None:
        _plan_setting(context, agent.name, "forest-name", agent.forest)
    if agent.credentials is not None:
        _plan_setting(context, agent.name, "forest-login-domain", agent.credentials.domain)
        _plan_setting(context, agent.name, "forest-login-user", agent.credentials.user)
    if facts is not None and not facts.error:
        _plan_partitions(context, agent, facts)


# Element of the settings -> how sentences call it, and whether another value means other objects.
_LABELS = {"forest-name": ("forest", True), "forest-login-domain": ("account's domain", False), "forest-login-user": ("account", False)}


def _plan_setting(context: Context, agent: str, element: str, wanted: str) -> None:
    present = context.data(agent).find_text(f"{_SETTINGS}/{element}")
    if present.casefold() == wanted.casefold():
        return

    def edit(folder: Folder) -> None:
        data_of(folder, agent).require(f"{_SETTINGS}/{element}").set_text(wanted)

    label, other = _LABELS[element]
    risk, reason = (Risk.CAN_DELETE, _OTHER_FOREST) if other else (Risk.NONE, "")
    context.add(Change(agent, label, f"{label} {present or 'none'} -> {wanted}", present, wanted, edit, risk, reason))


def _plan_partitions(context: Context, agent: ActiveDirectoryAgent, facts: ForestFacts) -> None:
    partitions = context.data(agent.name).find_all("ma-partition-data/partition")
    old_root = _root_of(partitions)
    for partition in partitions:
        name = partition.find_text("name")
        known = facts.context(name)
        target = known or (facts.context(distinguished_name.moved(name, old_root, facts.root)) if old_root else None)
        if target is not None:
            _plan_partition(context, agent.name, partition, target, (old_root, facts.root) if known is None else None)
        elif partition.find_text("selected") == "1":
            context.fault(f"{agent.path}.forest", f"the forest {facts.name} has no naming context for the agent's partition {name}")


def _root_of(partitions: list[Element]) -> str:
    """DN of the forest's root domain as the documents have it: what the configuration partition lies in."""
    for partition in partitions:
        name = partition.find_text("name")
        if name[: len(_CONFIGURATION)].casefold() == _CONFIGURATION.casefold():
            return name[len(_CONFIGURATION) :]
    return next((partition.find_text("name") for partition in partitions if _private(partition, "is-domain") == "1"), "")


def _private(partition: Element, name: str) -> str:
    return partition.find_text(f"custom-data/adma-partition-data/{name}")


def _plan_partition(context: Context, agent: str, partition: Element, target: Domain, roots: tuple[str, str] | None) -> None:
    name, guid = partition.find_text("name"), _private(partition, "guid")
    if distinguished_name.same(name, target.dn) and guid.upper() == target.guid:
        return

    def edit(folder: Folder) -> None:
        found = partition_of(folder, agent, name)
        found.require("name").set_text(target.dn)
        private = found.require("custom-data/adma-partition-data")
        private.require("dn").set_text(target.dn)
        private.require("guid").set_text(target.guid)
        if target.dns:
            private.require("name").set_text(target.dns)
        if roots is not None:
            _move_containers(found, *roots)

    before, after = f"{name} {guid}", f"{target.dn} {target.guid}"
    sentence = f"partition {name} -> {target.dn}" if not distinguished_name.same(name, target.dn) else f"partition {name}: objectGUID {guid} -> {target.guid}"
    context.add(Change(agent, "partition", sentence, before, after, edit, Risk.CAN_DELETE, _OTHER_FOREST))


def _move_containers(partition: Element, old_root: str, new_root: str) -> None:
    containers = partition.find("filter/containers")
    for element in containers.walk() if containers is not None else ():
        if not element.children and element.text.strip():
            element.set_text(distinguished_name.moved(element.text.strip(), old_root, new_root))
