# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a rules extension does in Provision: new connectors and connectors taken away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..configuration.model import Syntax
from .extension import Connectors, CsEntry, NoSuchAttributeError, NoSuchManagementAgentError, ObjectAlreadyExistsError, script_failure, text_of
from .objects import ADD, BY_PROVISIONING, CsObject, MvObject, same_values
from .systems.base import Value, Values

if TYPE_CHECKING:
    from .outbound import Outbound
    from .rules import AgentRules


class Draft:
    """A connector that is being made; without `commit` it is dropped."""

    def __init__(self, owner: AgentConnectors, object_type: str) -> None:
        self.owner = owner
        self.object_type = object_type
        self.values: dict[str, Values] = {}
        self.dn = ""

    def set(self, name: str, *values: Value) -> None:
        self.values[spelled(self.owner.rules, name)] = values

    def kind_of(self, name: str) -> tuple[Syntax, bool]:
        return kind_in(self.owner.rules, name)

    def commit(self) -> None:
        """Raises ObjectAlreadyExistsError for a DN that an object has, ValueError without a DN."""
        self.owner.add(self)


class Held:
    """Implements `extension.HeldConnector`."""

    def __init__(self, owner: AgentConnectors, item: CsObject) -> None:
        self.owner = owner
        self.item = item

    @property
    def entry(self) -> CsEntry:
        item = self.item
        return self.owner.outbound.views.cs_entry(item, {**item.view(), **item.unconfirmed, **item.export})

    def kind_of(self, name: str) -> tuple[Syntax, bool]:
        return kind_in(self.owner.rules, name)

    def set(self, name: str, *values: Value) -> None:
        """A pending export, unless the connector holds the values already."""
        known = spelled(self.owner.rules, name)
        item = self.item
        have = item.unconfirmed[known] if known in item.unconfirmed else (item.hologram or {}).get(known, ())
        pending = {other: held for other, held in item.export.items() if other != known}
        if not same_values(values, have):
            pending[known] = values
        if pending != item.export:
            self.owner.outbound.set_export(item, pending)

    def rename(self, dn: str) -> None:
        """Raises ObjectAlreadyExistsError; NotImplementedError for an object that the system holds: such exports are not modelled."""
        if self.owner.rules.dn_from_anchor and not self.item.in_system:
            raise ValueError("the agent makes the distinguished name of the anchor")
        if self.item.in_system:
            raise NotImplementedError(f"the rename of an object that was exported ({self.item.dn}) is not modelled")
        space = self.owner.outbound.store.space(self.owner.rules.id)
        other = space.by_dn(dn)
        if other is not None and other is not self.item and not other.placeholder:
            raise ObjectAlreadyExistsError(dn)
        space.touch(self.item)
        self.item.dn = dn
        space.save(self.item)

    def deprovision(self) -> None:
        self.owner.deprovision(self.item)


def spelled(rules: AgentRules, name: str) -> str:
    known = rules.names.spelling.get(name) or rules.names.spelling.get(name.lower())
    if known is None:
        raise NoSuchAttributeError(f"agent {rules.agent.name} has no attribute {name}")
    return known


def kind_in(rules: AgentRules, name: str) -> tuple[Syntax, bool]:
    known = spelled(rules, name)
    return rules.names.syntax_of(known), known in rules.names.single


class AgentConnectors:
    """Implements `extension.Connectors`."""

    def __init__(self, outbound: Outbound, mv: MvObject, rules: AgentRules, fresh: dict[int, None], recalled: set[str]) -> None:
        self.outbound = outbound
        self.mv = mv
        self.rules = rules
        self.fresh = fresh
        self.recalled = recalled

    def _items(self) -> list[CsObject]:
        items = (self.outbound.store.cs_object(number) for number in self.mv.links)
        return [item for item in items if item is not None and item.agent_id == self.rules.id]

    def __len__(self) -> int:
        return len(self._items())

    def __iter__(self) -> Iterator[Held]:
        return iter([Held(self, item) for item in self._items()])

    def new(self, object_type: str) -> Draft:
        return Draft(self, object_type)

    def add(self, draft: Draft) -> None:
        anchors = self.rules.of(draft.object_type).anchors
        dn = draft.dn or next((text_of(draft.values[name][0]) for name in anchors if draft.values.get(name)), "")
        if not dn:
            raise ValueError("the new connector has neither a distinguished name nor an anchor")
        space = self.outbound.store.space(self.rules.id)
        other = space.by_dn(dn)
        if other is not None and not other.placeholder:
            raise ObjectAlreadyExistsError(dn)
        item = other or space.new(self._partition(), draft.object_type, dn)
        space.touch(item)
        item.type, item.placeholder, item.partition_id = draft.object_type, False, self._partition()
        # The PnP extension sets AccountName, which the system only delivers: such a value is never sent.
        import_only = self.rules.of(draft.object_type).import_only
        item.export_op, item.export = ADD, {name: values for name, values in draft.values.items() if name not in import_only}
        space.save(item)
        self.outbound.link(item, self.mv, BY_PROVISIONING)
        self.fresh[item.id] = None

    def _partition(self) -> str:
        partition = next((partition for partition in self.rules.agent.partitions if partition.selected), None)
        if partition is None:
            raise ValueError(f"agent {self.rules.agent.name} has no selected partition")
        return partition.id

    def deprovision_all(self) -> None:
        for item in self._items():
            self.deprovision(item)

    def deprovision(self, item: CsObject) -> None:
        self.outbound.unlink(item, self.mv, item.state)
        self.outbound.deprovision(item)
        self.fresh.pop(item.id, None)
        self.recalled |= self.outbound.recall(self.mv, self.rules.id)


class Provisioning:
    """Calls the metaverse's extension."""

    def __init__(self, outbound: Outbound) -> None:
        self.outbound = outbound
        self.by_name = {rules.agent.name.casefold(): rules for rules in outbound.rules.agents.values()}

    def call(self, mv: MvObject, fresh: dict[int, None]) -> set[str]:
        """One call of Provision; answers which attributes changed by recall."""
        recalled: set[str] = set()

        def connectors(name: str) -> Connectors:
            rules = self.by_name.get(name.casefold())
            if rules is None:
                raise NoSuchManagementAgentError(name)
            return AgentConnectors(self.outbound, mv, rules, fresh, recalled)

        assembly = self.outbound.rules.configuration.metaverse.extension
        extension = self.outbound.scripts.extension(assembly, "mv")
        entry = self.outbound.views.mv_entry(mv, mv.values, connectors)
        entry.agent_names = tuple(rules.agent.name for rules in self.by_name.values())
        try:
            extension.provision(entry)
        except Exception as problem:
            raise script_failure(problem, "provisioning", "provisioning", assembly) from problem
        return recalled
