# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The parts of LDAP that sansldap leaves out: requests that change something, and Active Directory's controls.

Messages: RFC 4511; DirSync: [MS-ADTS] 3.1.1.3.4.1.3; parts of a security descriptor: 3.1.1.3.4.1.11.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

from .records import Bytes, Edit

# connect.py says what is missing.
with suppress(ImportError):
    from sansldap import LDAPControl
    from sansldap.asn1 import ASN1Reader, ASN1Tag, ASN1Writer, NotEnougData, TagClass

DIRSYNC = "1.2.840.113556.1.4.841"
DESCRIPTOR_PARTS = "1.2.840.113556.1.4.801"
SHOW_DELETED = "1.2.840.113556.1.4.417"
# Owner, group and access list: the system's list needs a privilege that ordinary readers do not have.
OWNER, ACCESS_LIST, READABLE_PARTS = 1, 4, 7
# Parents come before their children.
ANCESTORS_FIRST = 0x800
_MODIFY, _ADD, _DELETE, _RENAME = 6, 8, 10, 12
WRITE_ANSWERS = frozenset({_MODIFY + 1, _ADD + 1, _DELETE + 1, _RENAME + 1})
_OPERATIONS = {"add": 0, "delete": 1, "replace": 2}


def dirsync_control(cookie: bytes, *, max_bytes: int) -> LDAPControl:
    """Asks for what changed since the cookie; an empty one means everything."""
    return LDAPControl(DIRSYNC, True, _sequence(ANCESTORS_FIRST, max_bytes, cookie))


def read_dirsync(value: bytes) -> tuple[bool, bytes]:
    """(more follows, cookie) of the control in the answer."""
    reader = ASN1Reader(value).read_sequence()
    more = reader.read_integer() != 0
    reader.read_integer()
    return more, bytes(reader.read_octet_string())


def descriptor_control(parts: int) -> LDAPControl:
    """Which parts of nTSecurityDescriptor are meant."""
    return LDAPControl(DESCRIPTOR_PARTS, True, _sequence(parts))


def show_deleted_control() -> LDAPControl:
    return LDAPControl(SHOW_DELETED, True, None)


def _sequence(*values: int | bytes) -> bytes:
    writer = ASN1Writer()
    with writer.push_sequence() as inner:
        for value in values:
            if isinstance(value, int):
                inner.write_integer(value)
            else:
                inner.write_octet_string(value)
    return bytes(writer.get_data())


# --- requests that change something


def add_request(number: int, dn: str, attributes: Mapping[str, Bytes]) -> bytes:
    writer = ASN1Writer()
    with writer.push_sequence() as message:
        message.write_integer(number)
        with message.push_sequence(ASN1Tag(TagClass.APPLICATION, _ADD, True)) as request:
            request.write_octet_string(dn.encode())
            with request.push_sequence() as listed:
                for name, values in attributes.items():
                    with listed.push_sequence() as item:
                        _write_attribute(item, name, values)
    return bytes(writer.get_data())


def modify_request(number: int, dn: str, edits: Sequence[Edit], controls: Sequence[LDAPControl] = ()) -> bytes:
    writer = ASN1Writer()
    with writer.push_sequence() as message:
        message.write_integer(number)
        with message.push_sequence(ASN1Tag(TagClass.APPLICATION, _MODIFY, True)) as request:
            request.write_octet_string(dn.encode())
            with request.push_sequence() as listed:
                for edit in edits:
                    with listed.push_sequence() as item:
                        item.write_enumerated(_OPERATIONS[edit.operation])
                        with item.push_sequence() as attribute:
                            _write_attribute(attribute, edit.attribute, edit.values)
        _write_controls(message, controls)
    return bytes(writer.get_data())


def delete_request(number: int, dn: str) -> bytes:
    writer = ASN1Writer()
    with writer.push_sequence() as message:
        message.write_integer(number)
        message.write_octet_string(dn.encode(), ASN1Tag(TagClass.APPLICATION, _DELETE, False))
    return bytes(writer.get_data())


def rename_request(number: int, dn: str, rdn: str, parent: str = "") -> bytes:
    """A new relative name, and a new parent if one is given."""
    writer = ASN1Writer()
    with writer.push_sequence() as message:
        message.write_integer(number)
        with message.push_sequence(ASN1Tag(TagClass.APPLICATION, _RENAME, True)) as request:
            request.write_octet_string(dn.encode())
            request.write_octet_string(rdn.encode())
            request.write_boolean(True)
            if parent:
                request.write_octet_string(parent.encode(), ASN1Tag(TagClass.CONTEXT_SPECIFIC, 0, False))
    return bytes(writer.get_data())


def _write_attribute(writer: ASN1Writer, name: str, values: Iterable[bytes]) -> None:
    writer.write_octet_string(name.encode())
    with writer.push_set() as listed:
        for value in values:
            listed.write_octet_string(value)


def _write_controls(writer: ASN1Writer, controls: Sequence[LDAPControl]) -> None:
    if not controls:
        return
    with writer.push_sequence(ASN1Tag(TagClass.CONTEXT_SPECIFIC, 0, True)) as listed:
        for control in controls:
            with listed.push_sequence() as item:
                item.write_octet_string(control.control_type.encode())
                if control.critical:
                    item.write_boolean(True)
                if control.value is not None:
                    item.write_octet_string(control.value)


# --- answers


def message_length(data: bytes | bytearray) -> int:
    """Bytes of the first message, head included; 0 while too few have come to tell."""
    try:
        header = ASN1Reader(bytes(data[:16])).peek_header()
    except NotEnougData:
        return 0
    return header.tag_length + header.length


def answer_kind(message: bytes) -> int:
    """The choice of the message: 4 an entry, 5 the end of a search, 7 9 11 13 answers to changes."""
    reader = ASN1Reader(message).read_sequence()
    reader.read_integer()
    return reader.peek_header().tag.tag_number


def read_change_answer(message: bytes) -> tuple[int, str]:
    """(result code, diagnostic text) of an answer to a change."""
    reader = ASN1Reader(message).read_sequence()
    reader.read_integer()
    inner = reader.read_sequence(header=reader.peek_header())
    code = inner.read_integer(tag=ASN1Tag(TagClass.UNIVERSAL, 10, False))
    inner.read_octet_string()
    return code, inner.read_octet_string().decode("utf-8", errors="replace").strip("\0")
