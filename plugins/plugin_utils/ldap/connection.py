# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An open connection to a directory: searches, changes since a cookie, modifications.

Searches and logon are sansldap's, signing and sealing pyspnego's: the two libraries that Ansible's own microsoft.ad collection reads directories with.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from . import wire
from .problems import INVALID_CREDENTIALS, Refused
from .records import Bytes, ChangedRecords, Edit, Record, record_of

if TYPE_CHECKING:
    from types import TracebackType

    from .channel import Channel

# connect.py says what is missing.
with suppress(ImportError):
    import sansldap
    import spnego

# RFC 4511, 4.5.1.2
_SCOPES = {"base": 0, "one_level": 1, "subtree": 2}
# The library counts its own requests from one on.
_FIRST_NUMBER = 1_000_000
EVERYTHING = "(objectClass=*)"
# A directory answers with at most this many bytes of values at once (its own limit is lower).
_MAX_BYTES = 10_000_000


class Connection:
    """For one thread. Every method raises Refused with the directory's own error, or Dropped."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self._protocol = sansldap.LDAPClient()
        self._numbers = itertools.count(_FIRST_NUMBER)
        self._root: Record | None = None

    @property
    def server(self) -> str:
        """`host:port`."""
        return self.channel.server

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self.channel.close()

    # --- logon

    def bind_simple(self, user: str, password: str) -> None:
        """The password itself, for connections that TLS protects."""
        self._bound(self._protocol.bind_simple(user, password))

    def bind_sealed(self, host: str, user: str, password: str, *, protocol: str = "negotiate") -> None:
        """Kerberos or NTLM; from then on the connection is signed and encrypted."""
        wanted = spnego.ContextReq.mutual_auth | spnego.ContextReq.sequence_detect | spnego.ContextReq.integrity | spnego.ContextReq.confidentiality
        try:
            self._negotiate(spnego.client(user, password, hostname=host, service="ldap", context_req=wanted, protocol=protocol))
        except spnego.exceptions.SpnegoError as problem:
            raise Refused("the logon", INVALID_CREDENTIALS, str(problem)) from problem

    def _negotiate(self, context: spnego.ContextProxy) -> None:
        token: bytes | None = None
        while not context.complete:
            sent = context.step(in_token=token)
            if not sent:
                break
            token = self._bound(self._protocol.bind_sasl("GSS-SPNEGO", None, sent))
        self.channel.seal(context)

    def _bound(self, number: int) -> bytes | None:
        for answer in self._answers(number):
            if isinstance(answer, sansldap.BindResponse):
                code = int(answer.result.result_code)
                if code not in (0, sansldap.LDAPResultCode.SASL_BIND_IN_PROGRESS):
                    raise Refused("the logon", code, answer.result.diagnostics_message)
                return answer.server_sasl_creds
        raise Refused("the logon", INVALID_CREDENTIALS)

    # --- reading

    @property
    def root(self) -> Record:
        """What the directory says of itself: naming contexts, its name, supported controls."""
        if self._root is None:
            self._root = next(self.search("", EVERYTHING, ("*", "+"), scope="base"))
        return self._root

    def search(
        self, base: str, query: str, attributes: Sequence[str], *, scope: str = "subtree", controls: Sequence[sansldap.LDAPControl] = ()
    ) -> Iterator[Record]:
        """In one answer, so for few objects only: a directory ends it at its limit (1000). `attributes`: those wanted."""
        yield from self._search(base, query, attributes, scope, list(controls))[0]

    def search_pages(self, base: str, query: str, attributes: Sequence[str], *, scope: str = "subtree", page_size: int = 500) -> Iterator[tuple[Record, ...]]:
        """Page by page, for any number of objects; long lists of values are completed."""
        cookie = b""
        while True:
            records, controls = self._search(base, query, attributes, scope, [sansldap.PagedResultControl(True, page_size, cookie)])
            yield tuple(self.complete(record) for record in records)
            cookie = next((control.cookie for control in controls if isinstance(control, sansldap.PagedResultControl)), b"")
            if not cookie:
                return

    def complete(self, record: Record) -> Record:
        """With all values of those attributes of which the directory gave the first ones only."""
        while record.partial:
            name, start = next(iter(record.partial.items()))
            more = next(self.search(record.dn, EVERYTHING, (f"{name};range={start}-*",), scope="base"), Record(record.dn, {}))
            attributes = {**record.attributes, name: record.values(name) + more.values(name)}
            rest = {other: at for other, at in record.partial.items() if other != name}
            record = Record(record.dn, attributes, rest | dict(more.partial))
        return record

    def changes(self, base: str, cookie: bytes, attributes: Sequence[str], *, query: str = EVERYTHING) -> ChangedRecords:
        """The next part of what changed below the head of a naming context since the cookie; an empty cookie means everything."""
        records, controls = self._search(base, query, attributes, "subtree", [wire.dirsync_control(cookie, max_bytes=_MAX_BYTES)])
        value = next((control.value for control in controls if control.control_type == wire.DIRSYNC and control.value), None)
        if value is None:
            return ChangedRecords(tuple(records), cookie, more=False)
        more, following = wire.read_dirsync(value)
        return ChangedRecords(tuple(records), following, more)

    def descriptor(self, dn: str) -> bytes:
        """Owner, group and access list of an object, a deleted one too; empty where they may not be read."""
        controls = (wire.descriptor_control(wire.READABLE_PARTS), wire.show_deleted_control())
        found = next(self.search(dn, EVERYTHING, ("nTSecurityDescriptor",), scope="base", controls=controls), None)
        values = found.values("nTSecurityDescriptor") if found is not None else ()
        return values[0] if values else b""

    def _search(
        self, base: str, query: str, attributes: Sequence[str], scope: str, controls: list[sansldap.LDAPControl]
    ) -> tuple[list[Record], Sequence[sansldap.LDAPControl]]:
        number = self._protocol.search_request(
            base, _SCOPES[scope], filter=sansldap.LDAPFilter.from_string(query), attributes=list(attributes), controls=controls
        )
        found: list[Record] = []
        for answer in self._answers(number):
            if isinstance(answer, sansldap.SearchResultEntry):
                found.append(record_of(answer.object_name, {item.name: tuple(item.values) for item in answer.attributes}))
            elif isinstance(answer, sansldap.SearchResultDone):
                if answer.result.result_code != sansldap.LDAPResultCode.SUCCESS:
                    raise Refused("a search", int(answer.result.result_code), answer.result.diagnostics_message, dn=base)
                return found, answer.controls
        return found, ()

    def _answers(self, number: int) -> Iterator[sansldap.LDAPMessage]:
        self.channel.send(self._protocol.data_to_send())
        while True:
            for answer in self._protocol.receive(self.channel.receive()):
                if answer.message_id == number:
                    yield answer

    # --- changing

    def add(self, dn: str, attributes: Mapping[str, Bytes]) -> None:
        self._change("the new object", dn, wire.add_request(next(self._numbers), dn, attributes))

    def modify(self, dn: str, edits: Sequence[Edit]) -> None:
        """All edits or none."""
        self._change("the change", dn, wire.modify_request(next(self._numbers), dn, edits))

    def rename(self, dn: str, rdn: str, parent: str = "") -> None:
        """`rdn`: the new relative name, `CN=...`; `parent`: the DN of the new place, empty to stay."""
        self._change("the rename", dn, wire.rename_request(next(self._numbers), dn, rdn, parent))

    def delete(self, dn: str) -> None:
        self._change("the deletion", dn, wire.delete_request(next(self._numbers), dn))

    def write_descriptor(self, dn: str, descriptor: bytes, *, parts: int = wire.ACCESS_LIST) -> None:
        """Replaces the named parts only: without more said the access list; owner and group stay whatever the descriptor says."""
        edit = Edit("replace", "nTSecurityDescriptor", (descriptor,))
        controls = (wire.descriptor_control(parts), wire.show_deleted_control())
        self._change("the access list", dn, wire.modify_request(next(self._numbers), dn, (edit,), controls))

    def _change(self, what: str, dn: str, request: bytes) -> None:
        self.channel.send(request)
        message = self.channel.receive()
        while wire.answer_kind(message) not in wire.WRITE_ANSWERS:
            message = self.channel.receive()
        code, diagnostic = wire.read_change_answer(message)
        if code:
            raise Refused(what, code, diagnostic, dn=dn)
