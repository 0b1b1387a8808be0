# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a server shall hold: its present model, a declaration and a state make the wanted model. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..configuration.model import AttributeType, DeletionRule, ManagementAgent, Metaverse, ObjectClass, Schema, ServerConfiguration
from .checker import at
from .combining import DELETED, OVERRIDDEN, combine, combine_groups, make_guid
from .kinds import kind_of_agent
from .ledger import Ledger, place
from .new_agent import Template, completed, missing_parameters, new_agent, no_template
from .origin import check_origin, with_new_names
from .problems import Problems, suggestion
from .wanted_agent import AgentMaker
from .wanted_flows import FlowMaker
from .wishes import AgentWish, ClassWish, MetaverseWish, ServerWish
from .words import STATES


@dataclass(frozen=True)
class Wanted:
    """`paths` leads from an item of the model to the user's data: `agent:<name>`, `import-flow:<id>`, `export-flow:<id>`,
    `joins:<agent>/<object type>`, `mv-attribute:<name>`, ..., names in lower case. `secrets`: (agent, parameter) -> value.
    """

    model: ServerConfiguration
    paths: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[tuple[str, str], str] = field(default_factory=dict, repr=False)
    new_agents: tuple[str, ...] = ()

    def path_of(self, kind: str, *names: str) -> str:
        return self.paths.get(place(kind, *names), "")


def wanted_model(
    present: ServerConfiguration, wish: ServerWish, state: str = "merged", template: Template = no_template, problems: Problems | None = None
) -> Wanted:
    """Raises InputError listing all that does not fit the server, each with its path in the declaration.

    `template` gives agents whose schema the collection brings along, for those that are made from nothing. With `problems` nothing is
    raised: who gave them stops.
    """
    if state not in STATES:
        raise ValueError(state)
    ledger = Ledger() if problems is None else Ledger(problems)
    wanted = _Maker(present, wish, state, ledger, template).make()
    if problems is None:
        ledger.problems.stop()
    return wanted


class _Maker:
    def __init__(self, present: ServerConfiguration, wish: ServerWish, state: str, ledger: Ledger, template: Template) -> None:
        self.present = with_new_names(present, wish, ledger)
        self.template = template
        self.wish = wish
        self.state = state
        self.ledger = ledger
        self.wishes = {agent.name.casefold(): agent for agent in wish.agents}
        for agent in wish.agents:
            ledger.name("agent", agent.name, agent.path)
        self.new: list[str] = []

    def make(self) -> Wanted:
        bases = self.bases()
        flows = FlowMaker(self.present, bases, self.wish, self.state, self.ledger)
        exports = flows.exports()
        agents = []
        for base in bases:
            wish = self.wishes.get(base.name.casefold())
            agent = replace(base, export_flows=exports.get(base.id, base.export_flows))
            agents.append(agent if wish is None else self.agent(agent, wish))
        metaverse = self.metaverse(agents, flows)
        return Wanted(ServerConfiguration(metaverse, tuple(agents)), self.ledger.paths, self.ledger.secrets, tuple(self.new))

    # -- agents ----------------------------------------------------------------------------------------------------

    def bases(self) -> list[ManagementAgent]:
        """The agents that shall be there, as they are; new ones with what makes their kind."""
        kept = [agent for agent in self.present.agents if self.stays(agent)]
        for wish in self.wish.agents:
            if self.present.agent(wish.name) is None and not wish.absent and self.state != DELETED:
                kept.append(self.created(wish))
                self.new.append(wish.name)
        return kept

    def stays(self, agent: ManagementAgent) -> bool:
        wish = self.wishes.get(agent.name.casefold())
        if wish is None:
            if self.state == OVERRIDDEN:
                message = f"does not name the agent {agent.name!r}, which would go; name it, with 'state: absent' and 'confirm' if that is meant"
                self.ledger.problems.add("agents", message)
            return True
        gone = wish.absent or (self.state == DELETED and not _names_a_part(wish))
        if gone and wish.confirm.casefold() != wish.name.casefold():
            message = f"is missing; the agent {agent.name!r} would be deleted with its connector space. Repeat its name there if that is meant"
            self.ledger.problems.add(f"{wish.path}.confirm", message)
        return not gone

    def created(self, wish: AgentWish) -> ManagementAgent:
        return new_agent(wish, [agent.name for agent in self.present.agents], self.template, self.ledger.problems)

    def agent(self, base: ManagementAgent, wish: AgentWish) -> ManagementAgent:
        shown = kind_of_agent(base).word
        if wish.name in self.new:
            shown = wish.kind
        if wish.kind != shown:
            self.ledger.problems.add(f"{wish.path}.type", f"is {wish.kind!r}, but the agent {base.name!r} is of the type {shown!r}")
            return base
        if wish.name not in self.new:
            check_origin(base, wish, self.ledger.problems)
        made = AgentMaker(base, wish, self.state, self.wish.run_profiles, self.ledger).make()
        if wish.name not in self.new:
            return made
        self.check_new(made, wish)
        return completed(made, wish)

    def check_new(self, made: ManagementAgent, wish: AgentWish) -> None:
        secrets = [name for agent, name in self.ledger.secrets if agent == made.name]
        for name in missing_parameters(made, wish.kind, secrets):
            self.ledger.problems.add(at(f"{wish.path}.parameters", name), "is missing; the connector does not run without it")

    # -- metaverse -------------------------------------------------------------------------------------------------

    def metaverse(self, agents: list[ManagementAgent], flows: FlowMaker) -> Metaverse:
        present, wish = self.present.metaverse, self.wish.metaverse
        gone = {agent.id for agent in self.present.agents} - {agent.id for agent in agents}
        values: dict[str, Any] = {
            "schema": (schema := self.schema(present.schema, wish)),
            "import_flows": flows.imports(gone),
            "deletion_rules": self.deletion_rules(agents, gone),
            "recall": self.recall(agents, gone),
        }
        if self.state != DELETED:
            self.check_precedence(schema, flows)
            values |= {
                name: value
                for name, value in {
                    "provisioning": self.wish.provisioning,
                    "extension": wish.rules_extension,
                    "password_sync": wish.password_sync,
                    "password_history": wish.password_history,
                }.items()
                if value is not None
            }
        return replace(present, **values)

    def schema(self, present: Schema, wish: MetaverseWish) -> Schema:
        for name in wish.attributes or {}:
            self.ledger.name("mv-attribute", name, f"metaverse.attributes.{name}")
        declared = None if wish.attributes is None else {name.casefold(): _attribute(present, item) for name, item in wish.attributes.items()}
        attributes = combine(tuple(present.attributes.values()), declared, lambda item: item.name.casefold(), self.state)
        types = None if wish.object_types is None else {name.casefold(): self.object_class(name, item) for name, item in wish.object_types.items()}
        classes = combine(tuple(present.classes.values()), types, lambda item: item.name.casefold(), self.state)
        return Schema({item.name.lower(): item for item in classes}, {item.name.lower(): item for item in attributes})

    def check_precedence(self, schema: Schema, flows: FlowMaker) -> None:
        """Ranks of object types into which nothing flows, too, name what is there."""
        for name in self.wish.metaverse.precedence:
            flows.order_of(name)
            if name not in schema.classes:
                hint = suggestion(name, [one.name for one in schema.classes.values()])
                self.ledger.problems.add(at("metaverse.precedence", name), f"the metaverse has no object type {name!r}{hint}")

    def object_class(self, name: str, wish: ClassWish) -> ObjectClass:
        self.ledger.name("mv-object-type", name, f"metaverse.object_types.{name}")
        present = self.present.metaverse.schema.classes.get(name.lower(), ObjectClass(name))
        declared = {attribute.casefold(): attribute for attribute in wish.attributes}
        there = {attribute.casefold(): attribute for attribute in present.attributes}
        named: dict[str, str] = {key: there.get(key, attribute) for key, attribute in declared.items()}
        attributes = combine(present.attributes, named, str.casefold, self.state)
        required = present.required if wish.required is None else wish.required
        return replace(present, attributes=attributes, required=required)

    def deletion_rules(self, agents: list[ManagementAgent], gone: set[str]) -> tuple[DeletionRule, ...]:
        rules = self.wish.metaverse.deletion_rules
        names = {agent.name.casefold(): agent.id for agent in agents}
        known = {agent for rule in self.present.metaverse.deletion_rules for agent in rule.agent_ids}
        declared: dict[str, list[DeletionRule]] | None = None if rules is None else {}
        if rules is not None and declared is not None:
            for mv_type, items in rules.items():
                path = f"metaverse.deletion_rules.{mv_type}"
                self.ledger.name("deletion-rule", mv_type, path)
                present = [rule for rule in self.present.metaverse.deletion_rules if rule.mv_object_type.casefold() == mv_type.casefold()]
                made = []
                for index, item in enumerate(items):
                    base = present[index] if index < len(present) else replace(item, id=make_guid("deletion", mv_type, index), agent_ids=())
                    identifiers = [self.agent_id(name, names, known, path) for name in item.agent_ids]
                    there = [agent for agent in base.agent_ids if agent in identifiers]
                    made.append(replace(base, type=item.type, agent_ids=(*there, *(agent for agent in identifiers if agent not in there))))
                declared[mv_type.casefold()] = made
        combined = combine_groups(self.present.metaverse.deletion_rules, declared, lambda rule: rule.mv_object_type.casefold(), self.state)
        return tuple(replace(rule, agent_ids=tuple(agent for agent in rule.agent_ids if agent not in gone)) for rule in combined)

    def agent_id(self, name: str, names: Mapping[str, str], known: set[str], path: str) -> str:
        if name.upper() in known:
            return name.upper()
        if name.casefold() not in names:
            self.ledger.problems.add(path, f"names the agent {name!r}, which is not there{suggestion(name, names)}")
        return names.get(name.casefold(), "")

    def recall(self, agents: list[ManagementAgent], gone: set[str]) -> dict[str, bool]:
        found = {identifier: value for identifier, value in self.present.metaverse.recall.items() if identifier not in gone}
        for agent in agents:
            wish = self.wishes.get(agent.name.casefold())
            if wish is not None and wish.recall is not None and self.state != DELETED:
                found[agent.id] = wish.recall
        return found


def _names_a_part(wish: AgentWish) -> bool:
    parts = (wish.attributes, wish.partitions, wish.filters, wish.joins, wish.projections, wish.run_profiles)
    return wish.flows_named or any(part is not None for part in parts)


def _attribute(present: Schema, wish: AttributeType) -> AttributeType:
    """What the declaration does not know (flags of agents' schemas, spellings of the syntax) stays."""
    base = present.attributes.get(wish.name.lower())
    if base is None:
        return wish
    changed = replace(base, syntax=wish.syntax, single_value=wish.single_value, indexable=wish.indexable, indexed=wish.indexed)
    return changed if base.syntax is wish.syntax else replace(changed, syntax_oid=wish.syntax_oid)
