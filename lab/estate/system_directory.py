# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A forest of the lab as a connected system: what the Active Directory management agent reads and writes.

Facts: reference page `sync-engine` (6, Active Directory). Every import uses the DirSync control, so the account needs
Replicating Directory Changes on the head of each partition.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ...plugins.plugin_utils.engine.systems.base import (
    ChangeType,
    ExportedChange,
    ExportResult,
    ImportedObject,
    ImportPage,
    ImportRequest,
    SystemConnectionError,
    Values,
)
from .directory_errors import INVALID_DN, NAME_IN_USE, AccessDenied, DirectoryError, failure
from .directory_names import NameProblem, dn_key, parent_of, split_dn, split_rdn
from .domains import controllers, forest_named
from .system_logon import agent_account

if TYPE_CHECKING:
    from ...plugins.plugin_utils.configuration.model import ManagementAgent
    from .directory import ChangePage, Directory, DirectoryChange, Entry
    from .estate import Estate
    from .synchronization_state import AgentSecret

# Win32 errors that MIM has a name of its own for
_EXPORT_ERRORS = {8333: "cd-missing-object", 8305: "cd-existing-object", 1316: "cd-existing-object", 8322: "constraint-violation", 8321: "constraint-violation"}
# What a domain controller says of a write that it denies: the Win32 code in hexadecimal, then the directory's own words.
_DENIED = "{code:08X}: SecErr: DSID-03150F94, problem 4003 (INSUFF_ACCESS_RIGHTS), data 0"
# They come with every change.
_NEVER_CHANGED = frozenset({"objectguid", "instancetype"})


class ContainerScope:
    """The containers of a partition: of all that match a name, the longest one decides.

    Containers above an included one are in scope too: the hierarchy of the connector space consists of them.
    """

    def __init__(self, inclusions: Sequence[str], exclusions: Sequence[str]) -> None:
        marked = [(dn.casefold(), True) for dn in inclusions if dn] + [(dn.casefold(), False) for dn in exclusions if dn]
        self.rules = sorted(marked, key=lambda rule: len(rule[0]), reverse=True)
        self.above = {parent for dn, included in marked if included for parent in _parents(dn)}

    def holds(self, dn: str) -> bool:
        name = dn.casefold()
        if name in self.above:
            return True
        return next((included for container, included in self.rules if _is_below(name, container)), False)


class DirectorySystem:
    """A connection for one run step, as the account with this SID; each domain of the forest is asked at its own controller.

    `forest` is its first domain, the estate's own if it is left out. Without an account it is the system itself that asks.
    """

    def __init__(self, estate: Estate, server: str, account: str | None, forest: Directory | None = None) -> None:
        self.estate = estate
        self.server = server
        self.account = account
        self.forest = forest or estate.directory

    def _domain(self, dn: str) -> tuple[Directory, frozenset[str] | None]:
        """Who answers for a name, and the account's token there; raises SystemConnectionError where no controller does."""
        further = (one for one in self.forest.domains[1:] if _is_below(dn.casefold(), one.domain_dn.casefold()))
        domain = next(further, self.forest)
        if domain is not self.forest and not controllers(self.estate, domain):
            raise SystemConnectionError("stopped-connectivity", "failed-connection", server=domain.dns_name, code="81", literal="Server Down")
        return domain, None if self.account is None else domain.directory_token(self.account)

    # --- import

    def import_pages(self, request: ImportRequest) -> Iterator[ImportPage]:
        scope = ContainerScope(request.inclusions, request.exclusions)
        wanted = {name.casefold(): name for name in request.attributes}
        pages = self._open(request, wanted)
        while True:
            with self.estate.lock:
                page = next(pages, None)
                if page is None:
                    return
                found, filtered = self._page(page.changes, request, scope, wanted)
            yield ImportPage(tuple(found), page.cookie, filtered)

    def _open(self, request: ImportRequest, wanted: dict[str, str]) -> Iterator[ChangePage]:
        try:
            with self.estate.lock:
                domain, token = self._domain(request.partition_dn)
                return iter(domain.changes_since(request.watermark, request.partition_dn, token=token, attributes=wanted, page_size=max(request.page_size, 1)))
        except DirectoryError as problem:
            raise SystemConnectionError("stopped-connectivity", "failed-search", server=self.server, code=str(problem.code), literal=problem.message) from None

    def _page(
        self, changes: Sequence[DirectoryChange], request: ImportRequest, scope: ContainerScope, wanted: dict[str, str]
    ) -> tuple[list[ImportedObject], int]:
        found: list[ImportedObject] = []
        filtered = 0
        for change in changes:
            objects = list(self._objects(change, request, scope, wanted))
            found += objects
            filtered += not objects
        return found, filtered

    def _objects(self, change: DirectoryChange, request: ImportRequest, scope: ContainerScope, wanted: dict[str, str]) -> Iterator[ImportedObject]:
        """What a change means for the connector space; nothing for what lies out of scope."""
        delta = bool(request.watermark)
        kind = change.object_classes[-1]
        if change.deleted:
            if kind in request.object_types:
                yield ImportedObject(ChangeType.DELETE, change.guid, change.dn, kind)
            return
        entry = self.forest.find(f"<GUID={change.guid}>")
        if entry is None:
            return
        if delta and not (change.created or change.renamed):
            yield from self._changed(change, entry, request, scope, wanted)
            return
        yield from self._present(entry, request, scope, wanted, moved=delta and change.renamed)

    def _changed(
        self, change: DirectoryChange, entry: Entry, request: ImportRequest, scope: ContainerScope, wanted: dict[str, str]
    ) -> Iterator[ImportedObject]:
        """Only what changed; an attribute that was cleared comes without values (reference 6, "A delta carries only changed attributes")."""
        given = {wanted[name.casefold()]: values for name, values in change.attributes.items() if name.casefold() in wanted.keys() - _NEVER_CHANGED}
        if given and entry.object_class in request.object_types and scope.holds(entry.dn):
            yield ImportedObject(ChangeType.UPDATE, entry.guid, entry.dn, entry.object_class, given)

    def _present(self, entry: Entry, request: ImportRequest, scope: ContainerScope, wanted: dict[str, str], *, moved: bool) -> Iterator[ImportedObject]:
        """The object as it is now. DirSync names a moved container alone, so all below it follows here."""
        kind, dn = entry.object_class, entry.dn
        if kind in request.object_types and scope.holds(dn):
            yield ImportedObject(ChangeType.REPLACE, entry.guid, dn, kind, _attributes(entry, wanted))
        elif moved and kind in request.object_types:
            yield ImportedObject(ChangeType.DELETE, entry.guid, dn, kind)
        if moved:
            for child in (entry.children or {}).values():
                yield from self._present(child, request, scope, wanted, moved=True)

    # --- export

    def export(self, changes: Sequence[ExportedChange]) -> Sequence[ExportResult]:
        with self.estate.lock:
            return [self._export_one(change) for change in changes]

    def _export_one(self, change: ExportedChange) -> ExportResult:
        try:
            entry = self._apply(change)
        except AccessDenied as problem:
            return ExportResult(change.object_id, "permission-issue", _DENIED.format(code=problem.code))
        except DirectoryError as problem:
            renaming = change.change is ChangeType.UPDATE and problem.code == NAME_IN_USE[0]
            kind = "rename-to-existing-dn" if renaming else _EXPORT_ERRORS.get(problem.code, "cd-error")
            return ExportResult(change.object_id, kind, f"{problem.code} {problem.message}")
        return ExportResult(change.object_id, anchor=entry.guid, dn=entry.dn)

    def _apply(self, change: ExportedChange) -> Entry:
        values = {name: list(given) for name, given in change.attributes.items()}
        if change.change is ChangeType.ADD:
            domain, token = self._domain(change.dn)
            return domain.create(change.dn, change.object_type, values, token=token)
        entry = self.forest.find(f"<GUID={change.anchor}>") or self.forest.get(change.dn)
        domain, token = self._domain(entry.dn)
        if change.change is ChangeType.DELETE:
            domain.delete(entry, token=token)
        else:
            self._place(domain, token, entry, change.dn)
            domain.set(entry, values, token=token)
        return entry

    def _place(self, domain: Directory, token: frozenset[str] | None, entry: Entry, dn: str) -> None:
        """Renames or moves the object to where the connector space has it."""
        try:
            if dn_key(entry.dn) == dn_key(dn):
                return
        except NameProblem as problem:
            raise failure(INVALID_DN, detail=str(problem)) from problem
        domain.move(entry, domain.get(parent_of(dn)), split_rdn(split_dn(dn)[0])[1], token=token)


def connect_directory(estate: Estate, agent: ManagementAgent, secret: AgentSecret) -> DirectorySystem:
    """Opens the forest that the agent names; raises SystemConnectionError."""
    settings = agent.forest
    if settings is None:
        raise AssertionError("settings is there by construction")
    forest = forest_named(estate, settings.forest)
    found = controllers(estate, forest) if forest is not None else []
    if forest is None or not found or settings.forest.casefold() != forest.dns_name.casefold():
        raise SystemConnectionError(
            "no-start-no-domain-controller", "failed-connection", literal="The specified domain either does not exist or could not be contacted."
        )
    server = f"{found[0].fqdn}:389"
    account = agent_account(estate, forest, settings.domain, settings.user, secret)
    if account is None:
        raise SystemConnectionError("stopped-connectivity", "failed-authentication", server=server, code="49", literal="Invalid Credentials")
    return DirectorySystem(estate, server, account.sid, forest)


def _attributes(entry: Entry, wanted: dict[str, str]) -> dict[str, Values]:
    """The selected attributes that have a value, by the names the agent uses."""
    found = {name: entry.values(name) for name in wanted.values()}
    return {name: values for name, values in found.items() if values}


def _is_below(name: str, container: str) -> bool:
    """Both in lower case. A comma with a backslash in front belongs to a name."""
    if name == container:
        return True
    place = len(name) - len(container) - 1
    return place > 0 and name[place] == "," and name[place - 1] != "\\" and name.endswith(container)


def _parents(dn: str) -> list[str]:
    """The containers above a DN, as text after each comma that no backslash escapes."""
    parents = []
    for index, char in enumerate(dn):
        if char == "," and (index == 0 or dn[index - 1] != "\\"):
            parents.append(dn[index + 1 :])
    return parents
