# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Rules extensions: what the engine calls, what an extension sees, how it fails.

The Python twin of an assembly is a subclass of RulesExtension, made anew for every run as the service loads an
assembly. Source: reference page `rules-extension` sections 1.1 to 1.4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Protocol, cast

from ..configuration.model import Syntax
from .failures import ObjectFailure, StepStopped
from .objects import NOTHING, Attributes
from .systems.base import Value, Values


class EntryPointNotImplementedError(Exception):
    """The extension has no such entry point."""


class UnexpectedDataError(Exception):
    """The extension does not want this object's values."""


class DeclineMappingError(Exception):
    """A flow that leaves the attribute to the next mapping."""


class TerminateRunError(Exception):
    """The extension ends the run."""


class NoSuchAttributeError(Exception):
    """The attribute is not in the schema, or not selected on the agent."""


class NoSuchManagementAgentError(Exception):
    """There is no agent of that name."""


class ObjectAlreadyExistsError(Exception):
    """A new connector has the distinguished name of another object."""


class MissingParentObjectError(Exception):
    """The container of a new connector is not in the connector space."""


class NoCompatiblePartitionFoundError(Exception):
    """No selected partition of the agent holds the new connector's name."""


class ExtensionLoadError(Exception):
    """The assembly cannot be used; `reason` completes `stopped-extension-dll-...`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


TextOf = Callable[[Value], str]


class Vocabulary:
    """What the attributes of one side are: spelling by any letter case, which are references, how those read."""

    __slots__ = ("references", "single", "spelling", "syntax", "text")

    def __init__(
        self,
        spelling: Mapping[str, str],
        references: frozenset[str],
        text: TextOf,
        syntax: Mapping[str, Syntax] | None = None,
        single: frozenset[str] = frozenset(),
    ) -> None:
        self.spelling = spelling
        self.references = references
        self.text = text
        self.syntax = {} if syntax is None else syntax
        self.single = single


class Entry:
    """An object as an extension sees it: values by name without regard to case; references read as text."""

    __slots__ = ("_values", "_vocabulary", "object_type", "written")

    def __init__(self, object_type: str, values: Attributes, vocabulary: Vocabulary) -> None:
        self.object_type = object_type
        self._values = values
        self._vocabulary = vocabulary
        self.written: dict[str, Values] = {}

    def _name(self, name: str) -> str:
        spelling = self._vocabulary.spelling
        known = spelling.get(name) or spelling.get(name.lower())
        if known is None:
            raise NoSuchAttributeError(name)
        return known

    def values(self, name: str) -> Values:
        """All values; what the extension wrote in this call counts already."""
        known = self._name(name)
        values = self.written[known] if known in self.written else self._values.get(known, NOTHING)
        if values and known in self._vocabulary.references:
            return tuple(self._vocabulary.text(value) for value in values)
        return values

    def present(self, name: str) -> bool:
        return bool(self.values(name))

    def kind_of(self, name: str) -> tuple[Syntax, bool]:
        """Syntax, and whether there is one value at most."""
        known = self._name(name)
        return self._vocabulary.syntax.get(known, Syntax.STRING), known in self._vocabulary.single

    def text(self, name: str) -> str:
        """The single value as text; AttributeError-like failure when there is none."""
        values = self.values(name)
        if len(values) != 1:
            raise ValueError(f"attribute {name} holds {len(values)} values, one is wanted")
        return text_of(values[0])

    def set(self, name: str, *values: Value) -> None:
        self.written[self._name(name)] = values

    def clear(self, name: str) -> None:
        self.written[self._name(name)] = NOTHING

    def present_names(self) -> Iterator[str]:
        return (name for name, values in self._values.items() if values)


class CsEntry(Entry):
    """A connector-space object; `dn` as text."""

    __slots__ = ("agent_name", "dn")

    def __init__(self, agent_name: str, dn: str, object_type: str, values: Attributes, vocabulary: Vocabulary) -> None:
        # Not through Entry's: very many are made.
        self.object_type, self._values, self._vocabulary = object_type, values, vocabulary
        self.written = {}
        self.agent_name = agent_name
        self.dn = dn


class NewConnector(Protocol):
    """A connector that Provision is making. Without a `dn` its name comes from the anchor."""

    dn: str

    def kind_of(self, name: str) -> tuple[Syntax, bool]: ...

    def set(self, name: str, *values: Value) -> None: ...

    def commit(self) -> None:
        """Raises ObjectAlreadyExistsError."""


class HeldConnector(Protocol):
    """A connector that Provision finds. `entry` shows what it holds."""

    @property
    def entry(self) -> CsEntry: ...

    def kind_of(self, name: str) -> tuple[Syntax, bool]: ...

    def set(self, name: str, *values: Value) -> None: ...

    def rename(self, dn: str) -> None: ...

    def deprovision(self) -> None: ...


class Connectors(Protocol):
    """The connectors of a metaverse object in one agent."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[HeldConnector]: ...

    def new(self, object_type: str) -> NewConnector: ...

    def deprovision_all(self) -> None: ...


class MvEntry(Entry):
    """A metaverse object. `connectors(name)` raises NoSuchManagementAgentError; `agent_names`: all agents, in Provision."""

    __slots__ = ("agent_names", "connectors", "id")

    def __init__(
        self, object_id: int, object_type: str, values: Attributes, vocabulary: Vocabulary, connectors: Callable[[str], Connectors] | None = None
    ) -> None:
        self.object_type, self._values, self._vocabulary = object_type, values, vocabulary
        self.written = {}
        self.id = object_id
        self.agent_names: tuple[str, ...] = ()
        self.connectors = _no_connectors if connectors is None else connectors


def _no_connectors(name: str) -> Connectors:
    raise EntryPointNotImplementedError(f"connectors of {name} are at hand in Provision only")


class Utilities(Protocol):
    """What an extension may ask the engine (`Utils` in the real interface)."""

    def find_mv_entries(self, attribute: str, value: Value) -> Iterable[MvEntry]: ...


ImportRule = Callable[[CsEntry, MvEntry], None]
ExportRule = Callable[[MvEntry, CsEntry], None]


class RulesExtension:
    """The entry points; what a subclass leaves out raises EntryPointNotImplementedError as a stub of the designer does."""

    def __init__(self, utilities: Utilities) -> None:
        self.utilities = utilities

    def filter_for_disconnection(self, cs: CsEntry) -> bool:
        raise EntryPointNotImplementedError

    def map_for_join(self, context: str, cs: CsEntry) -> Values:
        raise EntryPointNotImplementedError

    def resolve_join(self, context: str, cs: CsEntry, found: list[MvEntry]) -> int | None:
        """Index of the entry to join; None: none of them."""
        raise EntryPointNotImplementedError

    def should_project(self, cs: CsEntry) -> str:
        """The metaverse object type; empty for no projection."""
        raise EntryPointNotImplementedError

    def import_rule(self, context: str) -> ImportRule:
        """The function of an import flow, looked up once by its script context."""
        raise EntryPointNotImplementedError

    def export_rule(self, context: str) -> ExportRule:
        raise EntryPointNotImplementedError

    def provision(self, mv: MvEntry) -> None:
        raise EntryPointNotImplementedError

    def deprovision(self, cs: CsEntry) -> str:
        """One of the declared actions: make-normal-disconnector, make-explicit-disconnector, delete-object."""
        raise EntryPointNotImplementedError

    def should_delete(self, cs: CsEntry, mv: MvEntry) -> bool:
        raise EntryPointNotImplementedError


class ExtensionLoader(Protocol):
    """Finds the twin of an assembly; raises ExtensionLoadError."""

    def load(self, assembly: str, utilities: Utilities) -> RulesExtension: ...


class Registry:
    """Extensions by assembly name. A name that is not there is a file that is missing from the Extensions folder."""

    def __init__(self, factories: Mapping[str, Callable[[Utilities], RulesExtension]]) -> None:
        self.factories = {name.casefold(): factory for name, factory in factories.items()}

    def load(self, assembly: str, utilities: Utilities) -> RulesExtension:
        factory = self.factories.get(assembly.casefold())
        if factory is None:
            raise ExtensionLoadError("file-not-found")
        return factory(utilities)


class Scripts:
    """The extensions loaded for the present run."""

    def __init__(self, loader: ExtensionLoader) -> None:
        self.loader = loader
        self.utilities: Utilities | None = None
        self.loaded: dict[str, RulesExtension] = {}
        self.generation = 0

    def reset(self) -> None:
        """Unloads all, as the service does between runs that lie apart."""
        self.loaded.clear()
        self.generation += 1

    def extension(self, assembly: str, owner: str) -> RulesExtension:
        """`owner`: ma or mv, for an extension that is wanted and not configured. Raises StepStopped."""
        found = self.loaded.get(assembly)
        if found is not None:
            return found
        if not assembly:
            raise StepStopped(f"stopped-extension-dll-not-configured-for-{owner}")
        try:
            found = self.loader.load(assembly, cast("Utilities", self.utilities))
        except ExtensionLoadError as problem:
            raise StepStopped(f"stopped-extension-dll-{problem.reason}") from problem
        self.loaded[assembly] = found
        return found


def script_failure(problem: Exception, step: str, callsite: str, assembly: str, context: str = "") -> ObjectFailure:
    """What the run history shows for an exception out of an extension; ends the run for TerminateRunError."""
    if isinstance(problem, TerminateRunError):
        raise StepStopped("stopped-user-termination-from-extension") from problem
    if isinstance(problem, EntryPointNotImplementedError):
        kind = "extension-entry-point-not-implemented"
    elif isinstance(problem, UnexpectedDataError):
        kind = "extension-unexpected-attribute-value"
    else:
        kind = "extension-dll-exception"
    stack = f"{type(problem).__name__}: {problem}"
    return ObjectFailure(kind, step, {"extension-name": assembly, "extension-callsite": callsite, "extension-context": context, "call-stack": stack})


def text_of(value: Value) -> str:
    """A value as the interface's `Value` property gives it: Base64 for binary."""
    if isinstance(value, bytes):
        from base64 import b64encode

        return b64encode(value).decode("ascii")
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
