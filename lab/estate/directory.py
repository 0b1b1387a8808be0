# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A domain, first of its forest: objects, links, security, change numbers. Light enough for 100,000 people.

Further domains are in directory_domain. A domain finds what is in its whole forest; it changes and lists what it holds itself.

`DirectorySource` is what an adapter needs; a real directory (Samba over LDAP) can stand behind it.
A `token` is the set of a principal's SIDs; None stands for the system itself, to which nothing is denied.
"""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from typing import Any, Protocol

from . import directory_accounts, directory_changes, directory_security, directory_state, directory_write
from .directory_changes import ChangePage, DirectoryChange
from .directory_entry import Entry, Value, Values
from .directory_errors import NOT_FOUND, REFERRAL, DirectoryError, failure
from .directory_filter import parse_filter
from .directory_names import NameProblem, comparison_key, domain_dn, rdn_key, split_dn
from .directory_rules import Modification
from .directory_schema import Schema, load_schema
from .directory_sids import WELL_KNOWN, is_sid

Token = frozenset[str]
__all__ = ["ChangePage", "Directory", "DirectoryChange", "DirectoryError", "DirectorySource", "Entry", "Modification", "Token", "Value", "Values"]


class DirectorySource(Protocol):
    """Entries, security descriptors and changes of a directory, as seen by the principal that opened it."""

    def naming_contexts(self) -> tuple[str, ...]: ...

    def search(self, base: str, *, scope: str = "subtree", query: str = "(objectClass=*)", token: Token | None = None) -> Iterator[Entry]: ...

    def changes_since(
        self, cookie: str, nc: str, *, token: Token | None = None, attributes: Iterable[str] | None = None, page_size: int = 500
    ) -> Iterator[ChangePage]: ...

    def security_descriptor(self, entry: Entry) -> str: ...

    def set_security_descriptor(self, entry: Entry, sddl: str, *, token: Token | None = None) -> None: ...


class Directory:
    """`recycle_bin`: deleted objects keep their attributes and links' names as after Enable-ADOptionalFeature."""

    def __init__(self, dns_name: str, netbios_name: str, *, seed: int = 0, recycle_bin: bool = False) -> None:
        self.dns_name = dns_name
        self.netbios_name = netbios_name
        self.domain_dn = domain_dn(dns_name)
        self.configuration_dn = f"CN=Configuration,{self.domain_dn}"
        self.schema_dn = f"CN=Schema,{self.configuration_dn}"
        self.recycle_bin = recycle_bin
        self.random = random.Random(seed)
        self.domain_sid = "S-1-5-21-" + "-".join(str(self.random.randrange(10**8, 2**32)) for _unused in range(3))
        self.invocation_id = self.new_guid()
        self.schema: Schema = load_schema()
        self.clock: Callable[[], float] = time.time
        self.usn = 0
        self.next_rid = 1103
        self.heads: dict[str, Entry] = {}
        self.by_guid: dict[str, Entry] = {}
        self.by_sid: MutableMapping[str, Entry] = {}
        self.by_account: dict[str, Entry] = {}
        self.by_upn: dict[str, Entry] = {}
        # SID -> NT hash; whoever is not in it cannot log on.
        self.hashes: dict[str, bytes] = {}
        self.descriptor_cache: dict[Any, Any] = {}
        # The forest's first domain, and all of them.
        self.root: Directory = self
        self.domains: list[Directory] = [self]

    # --- the forest's domains ------------------------------------------------------------------------------------

    def domain_of(self, entry: Entry) -> Directory:
        """The domain whose naming context an object lies in; the forest's first one for configuration and schema."""
        if len(self.domains) == 1:
            return self.root
        sid = _head(entry).sid
        return next((domain for domain in self.domains if domain.domain_sid == sid), self.root)

    def domain_named(self, name: str) -> Directory | None:
        """By DNS or NetBIOS name."""
        wanted = name.casefold()
        return next((domain for domain in self.domains if wanted in (domain.dns_name.casefold(), domain.netbios_name.casefold())), None)

    def holds(self, entry: Entry) -> bool:
        """Whether this domain's controllers have the object: it lies in the domain, the configuration or the schema."""
        if len(self.domains) == 1:
            return True
        return _head(entry).sid in ("", self.domain_sid)

    def require_here(self, entry: Entry) -> None:
        """Raises the referral with which a controller answers for another domain."""
        if not self.holds(entry):
            raise failure(REFERRAL, detail=entry.dn)

    # --- finding -------------------------------------------------------------------------------------------------

    def naming_contexts(self) -> tuple[str, ...]:
        """Those that this domain's controllers hold."""
        return tuple(head.dn for head in self.heads.values() if self.holds(head))

    def find(self, dn: str) -> Entry | None:
        """By DN without regard to case; `<GUID=...>` and `<SID=...>` too. None if there is none or it is no DN."""
        if dn.startswith("<") and dn.endswith(">"):
            kind, _unused, value = dn[1:-1].partition("=")
            return self.by_guid.get(value.strip("{}").lower()) if kind.upper() == "GUID" else self.by_sid.get(value.upper())
        try:
            keys = [rdn_key(part) for part in split_dn(dn)]
        except NameProblem:
            return None
        head, depth = self._head_of(keys)
        return self._walk(head, keys[: len(keys) - depth]) if head is not None else None

    def _head_of(self, keys: list[str]) -> tuple[Entry | None, int]:
        """The naming context with the longest matching end, and its number of parts."""
        for count in range(len(keys), 0, -1):
            head = self.heads.get(",".join(keys[len(keys) - count :]))
            if head is not None:
                return head, count
        return None, 0

    @staticmethod
    def _walk(head: Entry, keys: list[str]) -> Entry | None:
        current: Entry | None = head
        for key in reversed(keys):
            if current is None or current.children is None:
                return None
            current = current.children.get(key)
        return current

    def get(self, dn: str) -> Entry:
        """Like find; raises DirectoryError if there is none."""
        entry = self.find(dn)
        if entry is None:
            raise failure(NOT_FOUND, detail=dn)
        return entry

    def resolve(self, name: str) -> Entry | None:
        """`DOMAIN\\name`, `name@dns`, DN, SID, GUID or bare account name."""
        text = name.strip()
        if is_sid(text):
            return self.by_sid.get(text.upper())
        if "\\" in text and "=" not in text.partition("\\")[0]:
            return self._resolve_account(*text.split("\\", 1))
        if "@" in text and "=" not in text:
            return self._resolve_upn(text)
        if "=" in text:
            return self.find(text)
        return self.by_guid.get(text.strip("{}").lower()) or self._resolve_account("", text)

    def _resolve_upn(self, text: str) -> Entry | None:
        found = self.by_upn.get(comparison_key(text))
        account, _unused, suffix = text.rpartition("@")
        if found is None and self.domain_named(suffix) is not None:
            found = self._resolve_account(suffix, account)
        return found

    def _resolve_account(self, domain: str, account: str) -> Entry | None:
        wanted = domain.casefold()
        named = self.domain_named(wanted) if wanted else None
        # A bare name is looked up here first, then in the domains that this one trusts.
        for place in (named,) if named else (() if wanted else (self, *self.domains)):
            found = place.by_account.get(comparison_key(account))
            # Aliases of the Builtin container belong to no domain.
            if found is not None and not (wanted and found.sid.startswith("S-1-5-32-")):
                return found
        if wanted == "builtin":
            found = self.by_account.get(comparison_key(account))
            return found if found is not None and found.sid.startswith("S-1-5-32-") else None
        for known, (sid, authority) in WELL_KNOWN.items():
            if known.casefold() == account.casefold() and wanted in ("", authority.casefold()):
                return self.by_sid.get(sid)
        return None

    def account_name(self, sid: str) -> str:
        """`EXAMPLE\\name`, `BUILTIN\\Administrators`, `NT AUTHORITY\\SYSTEM`; the SID itself if nobody has it."""
        for known, (known_sid, authority) in WELL_KNOWN.items():
            if known_sid == sid:
                label = known.upper() if authority and known not in ("Authenticated Users",) else known
                return f"{authority}\\{label}" if authority else known
        entry = self.by_sid.get(sid)
        account = entry.text("sAMAccountName") if entry is not None else ""
        if entry is None or not account:
            return sid
        return f"{'BUILTIN' if sid.startswith('S-1-5-32-') else self.domain_of(entry).netbios_name}\\{account}"

    def search(self, base: str, *, scope: str = "subtree", query: str = "(objectClass=*)", token: Token | None = None) -> Iterator[Entry]:
        """Entries below `base` in the tree's order; scope base, one_level or subtree; `query` is an LDAP filter.

        Other naming contexts and deleted objects are left out; what the token may not list is not seen.
        """
        matches = parse_filter(query, self)
        top = self.get(base)
        self.require_here(top)
        for entry in self._scope(top, scope):
            if not entry.deleted and matches(entry) and directory_security.visible(self, token, entry):
                yield entry

    def search_pages(self, base: str, *, page_size: int = 1000, **options: Any) -> Iterator[tuple[Entry, ...]]:
        """The same in pages."""
        page: list[Entry] = []
        for entry in self.search(base, **options):
            page.append(entry)
            if len(page) == page_size:
                yield tuple(page)
                page.clear()
        if page:
            yield tuple(page)

    def _scope(self, base: Entry, scope: str) -> Iterable[Entry]:
        if scope == "base":
            return (base,)
        if scope == "one_level":
            return (base.children or {}).values()
        return self.subtree(base)

    @staticmethod
    def subtree(base: Entry) -> Iterator[Entry]:
        """The entry and all below it, parents first."""
        stack = [base]
        while stack:
            entry = stack.pop()
            yield entry
            if entry.children:
                stack.extend(reversed(entry.children.values()))

    def entries(self) -> Iterator[Entry]:
        """Everything in the forest, naming context by naming context."""
        for head in self.heads.values():
            yield from self.subtree(head)

    # --- changing ------------------------------------------------------------------------------------------------

    def create(
        self, dn: str, object_class: str, attributes: Mapping[str, Any] | None = None, *, password: str | None = None, token: Token | None = None
    ) -> Entry:
        """Adds an object; raises DirectoryError with the domain controller's words."""
        return directory_write.create(self, dn, object_class, attributes or {}, password=password, token=token)

    def modify(self, entry: Entry, changes: Sequence[Modification], *, token: Token | None = None) -> bool:
        """Adds, deletes and replaces values, all or nothing; True if something changed."""
        return directory_write.modify(self, entry, changes, token=token)

    def set(self, entry: Entry, attributes: Mapping[str, Any], *, token: Token | None = None) -> bool:
        """Replaces the values of the named attributes; None or an empty list clears."""
        changes = [Modification("replace", name, directory_write.as_values(value)) for name, value in attributes.items()]
        return self.modify(entry, changes, token=token)

    def move(self, entry: Entry, parent: Entry | None = None, name: str | None = None, *, token: Token | None = None) -> None:
        """Renames (`name` without escapes) or moves an object, or both."""
        directory_write.move(self, entry, parent, name, token=token)

    def delete(self, entry: Entry, *, recursive: bool = False, token: Token | None = None) -> None:
        """Makes a tombstone of it."""
        directory_write.delete(self, entry, recursive=recursive, token=token)

    def set_password(self, entry: Entry, password: str, *, must_change: bool = False, token: Token | None = None) -> None:
        directory_accounts.set_password(self, entry, password, must_change=must_change, token=token)

    # --- logon ---------------------------------------------------------------------------------------------------

    def verify(self, domain: str, name: str, password: str) -> Entry:
        """The account if the password is right and it may log on now; raises LogonFailure. Counts wrong passwords."""
        return directory_accounts.verify(self, domain, name, password)

    def password_hash(self, entry: Entry) -> bytes | None:
        return self.hashes.get(entry.sid)

    def check_logon(self, entry: Entry) -> None:
        """Raises LogonFailure if the account is locked, disabled, expired or has to change its password."""
        directory_accounts.check_logon(self, entry)

    def record_logon(self, entry: Entry, *, succeeded: bool) -> None:
        """Counts towards the lockout, or resets the count."""
        directory_accounts.record_logon(self, entry, succeeded=succeeded)

    def token(self, sid: str) -> Token:
        """The SIDs of an account as any host of the domain sees them: itself, its groups, nested ones, well-known ones."""
        return directory_accounts.token(self, sid)

    def directory_token(self, sid: str) -> Token:
        """The token on a domain controller: with the aliases of CN=Builtin."""
        return directory_accounts.with_builtins(self, self.token(sid))

    def can_retrieve_password(self, account: Entry, token: Token) -> bool:
        """Whether a computer with this token gets a group-managed account's password."""
        return directory_accounts.can_retrieve_password(account, token)

    # --- security and replication --------------------------------------------------------------------------------

    def security_descriptor(self, entry: Entry) -> str:
        """The whole descriptor as SDDL, inherited entries included."""
        return directory_security.descriptor_text(self, entry)

    def set_security_descriptor(self, entry: Entry, sddl: str, *, token: Token | None = None) -> None:
        directory_security.set_descriptor(self, entry, sddl, token=token)

    def has_access(self, token: Token | None, entry: Entry, right: str, guid: str = "") -> bool:
        """`right` as SDDL names it (RP, WP, CC, DC, CR, LC, SD, DT, WD ...); `guid` of attribute, class or extended right."""
        return directory_security.has_access(self, token, entry, right, guid)

    def changes_since(
        self, cookie: str, nc: str, *, token: Token | None = None, attributes: Iterable[str] | None = None, page_size: int = 500
    ) -> Iterator[ChangePage]:
        """What DirSync answers; raises DirectoryError 8453 without DS-Replication-Get-Changes on the naming context."""
        return directory_changes.changes_since(self, cookie, nc, token=token, attributes=attributes, page_size=page_size)

    # --- bookkeeping ---------------------------------------------------------------------------------------------

    def new_guid(self) -> str:
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def new_sid(self) -> str:
        rid = self.next_rid
        self.next_rid += 1
        return f"{self.domain_sid}-{rid}"

    def next_usn(self) -> int:
        self.usn += 1
        return self.usn

    def __getstate__(self) -> dict[str, Any]:
        return directory_state.freeze(self)

    def __setstate__(self, state: dict[str, Any]) -> None:
        directory_state.thaw(self, state)


def _head(entry: Entry) -> Entry:
    while entry.parent is not None:
        entry = entry.parent
    return entry
