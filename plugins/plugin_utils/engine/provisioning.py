# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a rules extension does in Provision: new connectors and connectors taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .extension import Connectors, NoSuchManagementAgentError, ObjectAlreadyExistsError, script_failure, text_of
from .objects import ADD, BY_PROVISIONING, CsObject, MvObject
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
        names = self.owner.rules.names
        known = names.spelling.get(name) or names.spelling.get(name.lower())
        if known is None:
            raise KeyError(f"agent {self.owner.rules.agent.name} has no attribute {name}")
        self.values[known] = values

    def commit(self) -> None:
        """Raises ObjectAlreadyExistsError for a DN that an object has, ValueError without a DN."""
        self.owner.add(self)


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
        try:
            extension.provision(entry)
        except Exception as problem:
            raise script_failure(problem, "provisioning", "provisioning", assembly) from problem
        return recalled
