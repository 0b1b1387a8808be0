# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Calls of a rules file's extension as data: written for the C# runner, made on the Python twin.

The runner's text form is described in rules_extension/tests/rules/RuleRunner.cs.
"""

from __future__ import annotations

import struct
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import Syntax
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.extension import (
    CsEntry,
    DeclineMappingError,
    EntryPointNotImplementedError,
    MvEntry,
    NoSuchManagementAgentError,
    ObjectAlreadyExistsError,
    UnexpectedDataError,
    Vocabulary,
    text_of,
)
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.rules_file.extension import RuleFileExtension
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.systems.base import Value
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.text import equals_ignoring_case
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.rules.model import RulesFile

Values = tuple[Value, ...]
TEXTS = "text other third displayName accountName distinguishedName type dc nCName nETBIOSName Anchor".split()
SYNTAX = dict.fromkeys([*TEXTS, "texts"], Syntax.STRING) | {
    "number": Syntax.INTEGER,
    "numbers": Syntax.INTEGER,
    "flag": Syntax.BOOLEAN,
    "bytes": Syntax.BINARY,
    "binaries": Syntax.BINARY,
    "link": Syntax.REFERENCE,
}
MANY = frozenset({"texts", "numbers", "binaries"})
VOCABULARY = Vocabulary({name.lower(): name for name in SYNTAX} | {name: name for name in SYNTAX}, frozenset({"link"}), str, SYNTAX, frozenset(SYNTAX) - MANY)
EXCEPTIONS = {
    UnexpectedDataError: "UnexpectedDataException",
    DeclineMappingError: "DeclineMappingException",
    EntryPointNotImplementedError: "EntryPointNotImplementedException",
    NoSuchManagementAgentError: "NoSuchManagementAgentException",
    ObjectAlreadyExistsError: "ObjectAlreadyExistsException",
}
ACTIONS = {"make-normal-disconnector": "Disconnect", "make-explicit-disconnector": "ExplicitDisconnect", "delete-object": "Delete"}


@dataclass(frozen=True)
class Thing:
    """An object: type, values by attribute, and its name and agent where it is a connector."""

    type: str = "user"
    values: Mapping[str, Values] = field(default_factory=dict)
    dn: str = ""
    agent: str = "AD"


@dataclass(frozen=True)
class Case:
    """One call. `database`: what a search of the metaverse finds, or the candidates of a join."""

    entry_point: str
    rule: str = ""
    space: Thing = Thing()
    metaverse: Thing = Thing("person")
    database: tuple[Thing, ...] = ()
    connectors: tuple[Thing, ...] = ()
    taken: tuple[str, ...] = ()


# Outcome; then what was written and done, or the beginning of the message.
Answer = tuple[str, tuple[str, ...]]


def line_of(number: int, case: Case) -> str:
    parts = [str(number), case.entry_point, packed(case.rule), f"cs={case.space.type},{packed(case.space.dn)}", f"agent={case.space.agent}"]
    parts += [f"mv={case.metaverse.type}", *_fields("cs", case.space), *_fields("mv", case.metaverse)]
    for index, thing in enumerate(case.database):
        parts += [f"db{index}={thing.type}", *_fields(f"db{index}", thing)]
    for index, thing in enumerate(case.connectors):
        parts += [f"con{index}={thing.agent},{thing.type},{packed(thing.dn)}", *_fields(f"con{index}", thing)]
    return "\t".join([*parts, f"taken={','.join(map(packed, case.taken))}"])


def answer_of(line: str) -> tuple[int, Answer]:
    number, outcome, *texts = line.split("\t")
    return int(number), shortened(outcome, [unpacked(text) for text in texts])


def shortened(outcome: str, texts: Iterable[str]) -> Answer:
    """Messages as far as they name rule, object and attribute; the rest is each language's own."""
    if outcome.startswith("throws:Unexpected"):
        return outcome, tuple(text.partition("': ")[0] for text in texts)
    return outcome, () if outcome.startswith("throws:") else tuple(texts)


def packed(text: str) -> str:
    return "." + b64encode(text.encode("utf-16-le", "surrogatepass")).decode()


def unpacked(text: str) -> str:
    return b64decode(text[1:]).decode("utf-16-le", "surrogatepass")


def _fields(lead: str, thing: Thing) -> list[str]:
    return [f"{lead}.{name}={','.join(packed(text_of(value)) for value in values)}" for name, values in thing.values.items() if values]


def _shown(written: Mapping[str, Values]) -> str:
    return ";".join(sorted(f"{name}={'|'.join(map(text_of, values))}" for name, values in written.items()))


class Twin:
    """The Python twin of one rules file."""

    def __init__(self, rules: RulesFile) -> None:
        self.database: list[MvEntry] = []
        self.rules = RuleFileExtension(self, rules)

    def find_mv_entries(self, attribute: str, value: Value) -> Iterable[MvEntry]:
        return [entry for entry in self.database if entry.present(attribute) and equals_ignoring_case(text_of(entry.values(attribute)[0]), str(value))]

    def call(self, case: Case) -> Answer:
        events: list[str] = []
        agents = [Agent("AD", False, case.taken, events), Agent("APP", True, case.taken, events)]
        for thing in case.connectors:
            agent = next(item for item in agents if item.name == thing.agent)
            agent.all.append(Connector(agent, thing.type, thing.dn, thing.values))
        self.database = [MvEntry(1, thing.type, thing.values, VOCABULARY) for thing in case.database]
        space = CsEntry(case.space.agent, case.space.dn, case.space.type, case.space.values, VOCABULARY)
        metaverse = MvEntry(1, case.metaverse.type, case.metaverse.values, VOCABULARY, lambda name: _agent(agents, name))
        metaverse.agent_names = tuple(agent.name for agent in agents)
        try:
            outcome, search = self._outcome(case, space, metaverse)
        except tuple(EXCEPTIONS) as problem:
            return shortened(f"throws:{EXCEPTIONS[type(problem)]}", [str(problem)])
        held = [f"held {item.dn} {_shown(item.entry.written)}" for agent in agents for item in agent.all]
        return outcome, (*events, f"cs {_shown(space.written)}", f"mv {_shown(metaverse.written)}", f"search {'|'.join(map(str, search))}", *held)

    def _outcome(self, case: Case, space: CsEntry, metaverse: MvEntry) -> tuple[str, Values]:
        rules = self.rules
        if case.entry_point == "join":
            return "done", rules.map_for_join(case.rule, space)
        if case.entry_point == "import":
            rules.import_rule(case.rule)(space, metaverse)
        elif case.entry_point == "export":
            rules.export_rule(case.rule)(metaverse, space)
        elif case.entry_point == "provision":
            rules.provision(metaverse)
        else:
            return self._answered(case, space, metaverse), ()
        return "done", ()

    def _answered(self, case: Case, space: CsEntry, metaverse: MvEntry) -> str:
        if case.entry_point == "filter":
            return "yes" if self.rules.filter_for_disconnection(space) else "no"
        if case.entry_point == "project":
            projected = self.rules.should_project(space)
            return f"yes:{projected}" if projected else "no"
        if case.entry_point == "resolve":
            index = self.rules.resolve_join(case.rule, space, self.database)
            return "no" if index is None else f"yes:{index}"
        if case.entry_point == "cleanup":
            return ACTIONS[self.rules.deprovision(space)]
        return "yes" if self.rules.should_delete(space, metaverse) else "no"


def _agent(agents: list[Agent], name: str) -> Agent:
    found = next((agent for agent in agents if equals_ignoring_case(agent.name, name)), None)
    if found is None:
        raise NoSuchManagementAgentError(name)
    return found


class Agent:
    """Implements `extension.Connectors`."""

    def __init__(self, name: str, anchored: bool, taken: Iterable[str], events: list[str]) -> None:
        self.name = name
        self.anchored = anchored
        self.taken = list(taken)
        self.events = events
        self.all: list[Connector] = []

    def __len__(self) -> int:
        return len(self.all)

    def __iter__(self) -> Iterator[Connector]:
        return iter(self.all)

    def new(self, object_type: str) -> Connector:
        return Connector(self, object_type, "", {})

    def deprovision_all(self) -> None:
        for connector in list(self.all):
            connector.deprovision()

    def take(self, anchor: str) -> None:
        if any(equals_ignoring_case(anchor, other) for other in self.taken):
            raise ObjectAlreadyExistsError(anchor)
        self.taken.append(anchor)


class Connector:
    """Implements `extension.NewConnector` and `extension.HeldConnector`."""

    def __init__(self, agent: Agent, object_type: str, dn: str, values: Mapping[str, Values]) -> None:
        self.agent = agent
        self.entry = CsEntry(agent.name, dn, object_type, values, VOCABULARY)

    @property
    def dn(self) -> str:
        return self.entry.dn

    @dn.setter
    def dn(self, dn: str) -> None:
        self.entry.dn = dn

    def kind_of(self, name: str) -> tuple[Syntax, bool]:
        return self.entry.kind_of(name)

    def set(self, name: str, *values: Value) -> None:
        self.entry.set(name, *values)

    def commit(self) -> None:
        self.agent.take(self.entry.text("Anchor") if self.agent.anchored else self.dn)
        self.agent.all.append(self)
        self.agent.events.append(f"{self.agent.name} new {self.entry.object_type} {self.dn} {_shown(self.entry.written)}")

    def rename(self, dn: str) -> None:
        self.agent.events.append(f"{self.agent.name} rename {self.dn} > {dn}")
        self.dn = dn

    def deprovision(self) -> None:
        self.agent.all.remove(self)
        self.agent.events.append(f"{self.agent.name} deprovision {self.dn}")


def sid(*parts: int) -> bytes:
    return bytes([1, len(parts), 0, 0, 0, 0, 0, 5]) + b"".join(struct.pack("<I", part) for part in parts)
