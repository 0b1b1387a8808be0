# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a rules extension does in Provision: new connectors and connectors taken away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..configuration.model import Syntax
from .extension import (
    Connectors,
    CsEntry,
    MissingParentObjectError,
    NoCompatiblePartitionFoundError,
    NoSuchAttributeError,
    NoSuchManagementAgentError,
    ObjectAlreadyExistsError,
    script_failure,
    text_of,
)
from .failures import ObjectFailure
from .objects import ADD, BY_PROVISIONING, DELETE, DELETE_ADD, NONE, UPDATE, CsObject, MvObject, same_values
from .placeholders import absorb
from .systems.base import Value, Values
from .values import below, parent_of

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
        """The new name is exported if the system holds the object. Raises ObjectAlreadyExistsError, ValueError, ObjectFailure."""
        item, rules = self.item, self.owner.rules
        if dn == item.dn:
            return
        if rules.dn_from_anchor:
            raise ValueError("the agent makes the distinguished name of the anchor")
        space = self.owner.outbound.store.space(rules.id)
        other = space.by_dn(dn)
        if other is not None and other is not item and not other.placeholder:
            raise ObjectAlreadyExistsError(dn)
        if space.has_children(item):
            raise ObjectFailure("unsupported-container-rename" if item.in_system else "unexported-container-rename", "provisioning")
        self.owner.check_parent(dn)
        if other is not None and other is not item:
            absorb(space, other, item, rules.names.references)
        space.touch(item)
        self._move(item, dn)
        space.save(item)
        if item.in_system:
            self.owner.fresh.setdefault(item.id, "rename")

    @staticmethod
    def _move(item: CsObject, dn: str) -> None:
        if not item.in_system:
            item.dn = dn
            return
        known = item.system_dn or item.dn
        item.dn, item.system_dn = dn, "" if known == dn else known
        if item.export_op in (NONE, UPDATE):
            item.export_op = UPDATE if item.export or item.system_dn else NONE

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

    def __init__(self, outbound: Outbound, mv: MvObject, rules: AgentRules, fresh: dict[int, str], recalled: set[str]) -> None:
        self.outbound = outbound
        self.mv = mv
        self.rules = rules
        self.fresh = fresh
        self.recalled = recalled

    def _items(self) -> list[CsObject]:
        items = (self.outbound.store.cs_object(number) for number in self._numbers())
        return [item for item in items if item is not None]

    def _numbers(self) -> list[int]:
        agent_of = self.outbound.store.agent_of
        return [number for number in self.mv.links if agent_of(number) == self.rules.id]

    def __len__(self) -> int:
        return len(self._numbers())

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
        again = other is not None and self._deleted_by_us(other)
        if other is not None and not other.placeholder and not again:
            raise ObjectAlreadyExistsError(dn)
        partition = self._partition(dn)
        self.check_parent(dn)
        item = other or space.new(partition, draft.object_type, dn)
        space.touch(item)
        item.type, item.placeholder, item.partition_id = draft.object_type, False, partition
        # The PnP extension sets AccountName, which the system only delivers: such a value is never sent.
        import_only = self.rules.of(draft.object_type).import_only
        item.export_op, item.export = DELETE_ADD if again else ADD, {name: values for name, values in draft.values.items() if name not in import_only}
        space.save(item)
        self.outbound.link(item, self.mv, BY_PROVISIONING)
        self.fresh[item.id] = "delete-add" if again else "add"

    @staticmethod
    def _deleted_by_us(other: CsObject) -> bool:
        """A deletion that waits for its export: with a new object of that name it becomes a delete-add."""
        return other.export_op == DELETE and not other.mv_id and other.in_system

    def _partition(self, dn: str) -> str:
        """The selected partition that holds the name: the deepest one. Raises NoCompatiblePartitionFoundError."""
        fitting = [item for item in self.rules.agent.partitions if item.selected and (self.rules.dn_from_anchor or below(dn, item.dn))]
        if not fitting:
            raise NoCompatiblePartitionFoundError(f"agent {self.rules.agent.name} has no selected partition for {dn}")
        return max(fitting, key=lambda item: len(item.dn)).id

    def check_parent(self, dn: str) -> None:
        """The container that a new name lies in; by a switch it has to be known, else a placeholder stands in for it."""
        parent = parent_of(dn)
        space = self.outbound.store.space(self.rules.id)
        if self.rules.dn_from_anchor or not parent or space.by_dn(parent) is not None:
            return
        partition = next((item for item in self.rules.agent.partitions if item.id == self._partition(dn)), None)
        if partition is None or not below(parent, partition.dn):
            return
        if self.outbound.switches.parent_required:
            raise MissingParentObjectError(parent)
        item = space.new(partition.id, "", parent)
        item.placeholder = True
        space.save(item)
        self.check_parent(parent)

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
        self.names = tuple(rules.agent.name for rules in self.by_name.values())

    def call(self, mv: MvObject, fresh: dict[int, str]) -> set[str]:
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
        entry.agent_names = self.names
        try:
            extension.provision(entry)
        except ObjectFailure:
            raise
        except Exception as problem:
            raise script_failure(problem, "provisioning", "provisioning", assembly) from problem
        return recalled
