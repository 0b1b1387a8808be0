# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Calls of the rules extension as data: made at random from a seed, written for the C# runner, made on the Python twin.

The runner's text form is described in rules_extension/tests/Runner.cs.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import Syntax
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.extension import (
    CsEntry,
    DeclineMappingError,
    MvEntry,
    NoSuchAttributeError,
    NoSuchManagementAgentError,
    ObjectAlreadyExistsError,
    UnexpectedDataError,
    Vocabulary,
    text_of,
)
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.functions import SharePointRules
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.systems.base import Value
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.text import equals_ignoring_case

Values = tuple[Value, ...]
METAVERSE = (
    "accountName department displayName mail lastName firstName telephoneNumber sAMAccountName distinguishedName dc type nCName nETBiosName stringSID "
    "SPS-SipAddress msDS-SourceObjectDN objectSid"
).split()
DIRECTORY = "objectSid nCName proxyAddresses msDS-SourceObjectDN hideDLMembership".split()
STORE = "Anchor ProfileIdentifier PreferredName AccountName Department UserName WorkEmail LastName FirstName WorkPhone SID".split()
EXCEPTIONS = {
    UnexpectedDataError: "UnexpectedDataException",
    DeclineMappingError: "DeclineMappingException",
    NoSuchAttributeError: "NoSuchAttributeException",
    NoSuchManagementAgentError: "NoSuchManagementAgentException",
    ObjectAlreadyExistsError: "ObjectAlreadyExistsException",
    # The twin's word for a single value that is not there.
    ValueError: "AttributeNotPresentException",
}
# Decoders differ in how many replacement characters damaged UTF-8 gives.
REPLACEMENTS = re.compile("\ufffd+")


@dataclass(frozen=True)
class Thing:
    """An object: its type and its values by attribute."""

    type: str
    values: Mapping[str, Values] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """One call. `database` is what a search of the metaverse finds; `keep` calls the extension of the case before."""

    entry_point: str
    rule: str = ""
    space: Thing = Thing("user")
    dn: str = ""
    metaverse: Thing = Thing("person")
    database: tuple[Thing, ...] = ()
    agent: str = "SPMA"
    connectors: int = 0
    taken: tuple[str, ...] = ()
    keep: bool = False

    @property
    def exports(self) -> bool:
        return self.entry_point == "export"


Answer = tuple[str, tuple[str, ...]]


def line_of(number: int, case: Case) -> str:
    """The case as the runner reads it."""
    parts = [str(number), case.entry_point, case.rule, f"cs={case.space.type},{_packed([case.dn])}", f"mv={case.metaverse.type}"]
    parts += _fields("cs", case.space) + _fields("mv", case.metaverse)
    for index, thing in enumerate(case.database):
        parts += [f"db{index}={thing.type}", *_fields(f"db{index}", thing)]
    parts += [f"agent={case.agent}", f"connectors={case.connectors}", f"taken={_packed(case.taken)}"]
    return "\t".join(parts + (["keep=1"] if case.keep else []) + (["store=1"] if case.exports else []))


def answer_of(line: str) -> tuple[int, Answer]:
    """What the runner printed, comparable with `Twin.call`."""
    number, outcome, *written = line.split("\t")
    return int(number), (_plain(outcome), tuple(written))


class Twin:
    """The Python twin, called case by case."""

    def __init__(self) -> None:
        self.database: list[MvEntry] = []
        self.rules = SharePointRules(self)

    def find_mv_entries(self, attribute: str, value: Value) -> Iterable[MvEntry]:
        return [entry for entry in self.database if entry.present(attribute) and equals_ignoring_case(entry.text(attribute), str(value))]

    def call(self, case: Case) -> Answer:
        if not case.keep:
            self.rules = SharePointRules(self)
        self.database = [_mv(thing) for thing in case.database]
        store = Store(case)
        space = CsEntry("ADMA", case.dn, case.space.type, case.space.values, _vocabulary(STORE if case.exports else DIRECTORY))
        metaverse = _mv(case.metaverse, store.of)
        try:
            outcome = self._outcome(case, space, metaverse)
        except tuple(EXCEPTIONS) as problem:
            return f"throws:{EXCEPTIONS[type(problem)]}", ()
        written = [*_written("cs", space.written), *_written("mv", metaverse.written), *store.lines]
        return outcome, tuple(sorted(written))

    def _outcome(self, case: Case, space: CsEntry, metaverse: MvEntry) -> str:
        if case.entry_point == "project":
            projected = self.rules.should_project(space)
            return f"yes:{projected}" if projected else "no"
        if case.entry_point == "import":
            self.rules.import_rule(case.rule)(space, metaverse)
        elif case.exports:
            self.rules.export_rule(case.rule)(metaverse, space)
        else:
            self.rules.provision(metaverse)
        return "done"


class Store:
    """The agent that takes new connectors of a case."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.taken = case.taken
        self.lines: list[str] = []

    def of(self, name: str) -> Store:
        if name.upper() != self.case.agent.upper():
            raise NoSuchManagementAgentError(name)
        return self

    def __len__(self) -> int:
        return self.case.connectors

    def new(self, object_type: str) -> Connector:
        return Connector(self, object_type)

    def deprovision_all(self) -> None:
        raise AssertionError("no rule under test deprovisions")


class Connector:
    def __init__(self, store: Store, object_type: str) -> None:
        self.store = store
        self.type = object_type
        self.values: dict[str, Values] = {}

    def kind_of(self, name: str) -> tuple[Syntax, bool]:
        return Syntax.STRING, True

    def set(self, name: str, *values: Value) -> None:
        self.values[name] = values

    def commit(self) -> None:
        anchor = text_of(self.values["Anchor"][0])
        if any(equals_ignoring_case(anchor, other) for other in self.store.taken):
            raise ObjectAlreadyExistsError(anchor)
        self.store.lines += [f"new={self.type}", *_written("new", self.values)]


def comparable(answer: Answer) -> Answer:
    """Texts in clear, without what may differ between decoders."""
    return answer[0], tuple(_decoded(line) for line in answer[1])


def _decoded(line: str) -> str:
    name, _unused, packed = line.partition("=")
    if name == "new":
        return line
    texts = [b64decode(text[1:]).decode() for text in packed.split(",")] if packed else []
    return f"{name}={[REPLACEMENTS.sub('?', text) for text in texts]}"


def _plain(outcome: str) -> str:
    """The type that goes with a refused projection says nothing."""
    return "no" if outcome.startswith("no:") else outcome


def _mv(thing: Thing, connectors: Any = None) -> MvEntry:
    return MvEntry(1, thing.type, thing.values, _vocabulary(METAVERSE), connectors)


def _vocabulary(attributes: list[str]) -> Vocabulary:
    return Vocabulary({name: name for name in attributes} | {name.lower(): name for name in attributes}, frozenset(), str)


def _fields(lead: str, thing: Thing) -> list[str]:
    return [f"{lead}.{name}={_packed(map(text_of, values))}" for name, values in thing.values.items() if values]


def _written(lead: str, values: Mapping[str, Values]) -> list[str]:
    return [f"{lead}.{name}={_packed(map(text_of, items))}" for name, items in values.items()]


def _packed(texts: Iterable[str]) -> str:
    return ",".join("." + b64encode(text.encode()).decode() for text in texts)
