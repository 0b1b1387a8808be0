# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Security descriptors as a directory keeps them (nTSecurityDescriptor over LDAP), to and from the values of `sddl`.

Layout: [MS-DTYP] 2.4.2 (SID), 2.4.4 (ACE), 2.4.5 (ACL), 2.4.6 (self-relative descriptor). Conditional entries, claims and
labels of process trust have no place in a directory's access list and are refused by name.
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Mapping

from .sddl import ALIASES, DOMAIN_ALIASES, RIGHTS, Ace, Acl, SddlProblem, SecurityDescriptor, expand_trustee

_HEADER = struct.Struct("<BBHIIII")
_ACL = struct.Struct("<BBHHH")
_ACE = struct.Struct("<BBHI")
_SELF_RELATIVE = 0x8000
# Control bits of one list: present, protected, inheritance requested, inherited.
_DACL_BITS = {"present": 0x4, "P": 0x1000, "AR": 0x100, "AI": 0x400}
_SACL_BITS = {"present": 0x10, "P": 0x2000, "AR": 0x200, "AI": 0x800}
_TYPES = {"A": 0, "D": 1, "AU": 2, "AL": 3, "OA": 5, "OD": 6, "OU": 7, "OL": 8, "ML": 0x11, "SP": 0x13}
_TYPE_NAMES = {number: name for name, number in _TYPES.items()}
_OBJECT_TYPES = frozenset({5, 6, 7, 8})
_FLAGS = {"OI": 0x1, "CI": 0x2, "NP": 0x4, "IO": 0x8, "ID": 0x10, "SA": 0x40, "FA": 0x80}
_OBJECT, _INHERITED_OBJECT = 0x1, 0x2
# Generic rights keep their own bits: the directory replaces them when it takes the descriptor.
_GENERIC = {"GR": 0x80000000, "GW": 0x40000000, "GX": 0x20000000, "GA": 0x10000000}
_LETTERS = {name: mask for name, mask in RIGHTS.items() if name not in _GENERIC} | _GENERIC
_LABEL_LETTERS = {"NW": 0x1, "NR": 0x2, "NX": 0x4}
_ALIAS_OF = {sid: alias for alias, sid in ALIASES.items()}
_BASIC_REVISION, _OBJECT_REVISION = 2, 4


def to_binary(descriptor: SecurityDescriptor, *, domain_sid: str = "", root_sid: str = "") -> bytes:
    """The self-relative form; the SIDs stand behind aliases such as DA and EA. Raises SddlProblem."""
    control = _SELF_RELATIVE
    body = bytearray()
    offsets = {"owner": 0, "group": 0, "sacl": 0, "dacl": 0}
    # Windows writes the lists before the principals.
    for name, acl, bits in (("sacl", descriptor.sacl, _SACL_BITS), ("dacl", descriptor.dacl, _DACL_BITS)):
        if acl is None:
            continue
        control |= _control(acl, bits)
        if not acl.is_null:
            offsets[name] = _HEADER.size + len(body)
            body += _pack_acl(acl, domain_sid, root_sid)
    for name, trustee in (("owner", descriptor.owner), ("group", descriptor.group)):
        if trustee:
            offsets[name] = _HEADER.size + len(body)
            body += pack_sid(expand_trustee(trustee, domain_sid, root_sid))
    return _HEADER.pack(1, 0, control, offsets["owner"], offsets["group"], offsets["sacl"], offsets["dacl"]) + bytes(body)


def from_binary(data: bytes, *, domain_sid: str = "") -> SecurityDescriptor:
    """The descriptor with aliases where a principal has one; those of a domain only with its SID. Raises SddlProblem."""
    try:
        _unused, _unused, control, owner, group, sacl, dacl = _HEADER.unpack_from(data)
        names = _names(domain_sid)
        return SecurityDescriptor(
            owner=_principal(data, owner, names) if owner else "",
            group=_principal(data, group, names) if group else "",
            dacl=_read_acl(data, dacl, control, _DACL_BITS, names),
            sacl=_read_acl(data, sacl, control, _SACL_BITS, names),
        )
    except (struct.error, IndexError) as problem:
        raise SddlProblem(f"The binary security descriptor of {len(data)} bytes is cut off or damaged.") from problem


def pack_sid(sid: str) -> bytes:
    """A SID's bytes; raises SddlProblem for what is none, an alias of an unknown domain too."""
    parts = sid.upper().split("-")
    if len(parts) < 3 or parts[0] != "S" or not all(part.isdigit() for part in parts[1:]):
        raise SddlProblem(f"'{sid}' is not a security identifier, and no domain is known that it could be an alias of.")
    authority, relative = int(parts[2]), [int(part) for part in parts[3:]]
    if len(relative) > 15 or authority >= 2**48 or any(number >= 2**32 for number in relative):
        raise SddlProblem(f"'{sid}' is too long for a security identifier.")
    return bytes((int(parts[1]) & 0xFF, len(relative))) + authority.to_bytes(6, "big") + struct.pack(f"<{len(relative)}I", *relative)


def unpack_sid(data: bytes, offset: int = 0) -> str:
    """`S-1-5-...` from its bytes; raises SddlProblem."""
    count = data[offset + 1]
    if len(data) < offset + 8 + 4 * count:
        raise SddlProblem("A security identifier is cut off.")
    relative = struct.unpack_from(f"<{count}I", data, offset + 8)
    return "-".join(["S", str(data[offset]), str(int.from_bytes(data[offset + 2 : offset + 8], "big")), *map(str, relative)])


def _control(acl: Acl, bits: Mapping[str, int]) -> int:
    control = bits["present"]
    flags = acl.flags.replace("NO_ACCESS_CONTROL", "")
    for name in ("AR", "AI"):
        if name in flags:
            control |= bits[name]
            flags = flags.replace(name, "")
    if "P" in flags:
        control |= bits["P"]
    return control


def _pack_acl(acl: Acl, domain_sid: str, root_sid: str) -> bytes:
    entries = [_pack_ace(ace, domain_sid, root_sid) for ace in acl.aces]
    body = b"".join(entries)
    revision = _OBJECT_REVISION if any(entry[0] in _OBJECT_TYPES for entry in entries) else _BASIC_REVISION
    if _ACL.size + len(body) > 0xFFFF:
        raise SddlProblem(f"An access list of {len(entries)} entries is larger than the 64 KiB that a descriptor can hold.")
    return _ACL.pack(revision, 0, _ACL.size + len(body), len(entries), 0) + body


def _pack_ace(ace: Ace, domain_sid: str, root_sid: str) -> bytes:
    kind = _TYPES.get(ace.type.upper())
    if kind is None or ace.rest:
        raise SddlProblem(f"The entry {ace.text} is conditional or carries a claim; such entries cannot be written to a directory here.")
    scope = b""
    if kind in _OBJECT_TYPES:
        present = (_OBJECT if ace.object_guid else 0) | (_INHERITED_OBJECT if ace.inherited_guid else 0)
        scope = struct.pack("<I", present) + b"".join(_guid(text) for text in (ace.object_guid, ace.inherited_guid) if text)
    elif ace.object_guid or ace.inherited_guid:
        raise SddlProblem(f"The entry {ace.text} names a GUID, which only the types OA, OD, OU and OL can hold.")
    body = scope + pack_sid(expand_trustee(ace.trustee, domain_sid, root_sid))
    return _ACE.pack(kind, _flag_bits(ace), _ACE.size + len(body), raw_mask(ace)) + body


def _guid(text: str) -> bytes:
    try:
        return uuid.UUID(text).bytes_le
    except ValueError:
        raise SddlProblem(f"'{text}' is not a GUID.") from None


def _flag_bits(ace: Ace) -> int:
    bits = 0
    for flag in ace.flag_set:
        if flag not in _FLAGS:
            raise SddlProblem(f"'{flag}' is not a flag of an access control entry: {ace.text}.")
        bits |= _FLAGS[flag]
    return bits


def raw_mask(ace: Ace) -> int:
    """The mask as it is stored: generic rights as their own bits, not as what they mean. Raises SddlProblem."""
    text = ace.rights.strip()
    if not text:
        return 0
    if text[0].isdigit():
        return int(text, 16 if text[:2].lower() == "0x" else 8 if text[0] == "0" and len(text) > 1 else 10) & 0xFFFFFFFF
    letters = _LABEL_LETTERS if ace.type.upper() == "ML" else _LETTERS
    mask = 0
    for at in range(0, len(text), 2):
        value = letters.get(text[at : at + 2].upper())
        if value is None:
            raise SddlProblem(f"'{text[at : at + 2]}' is not a right of a directory object.")
        mask |= value
    return mask


def _letters(mask: int, kind: str) -> str:
    known = _LABEL_LETTERS if kind == "ML" else _LETTERS
    if mask & ~sum(known.values()):
        return f"0x{mask:x}"
    return "".join(name for name, bit in known.items() if mask & bit)


def _names(domain_sid: str) -> dict[str, str]:
    """Aliases by SID. Those of the forest's root are left out: whether this domain is the root is not known here."""
    if not domain_sid:
        return _ALIAS_OF
    return _ALIAS_OF | {f"{domain_sid}-{rid}": alias for alias, (rid, of_root) in DOMAIN_ALIASES.items() if not of_root}


def _principal(data: bytes, offset: int, names: Mapping[str, str]) -> str:
    sid = unpack_sid(data, offset)
    return names.get(sid, sid)


def _read_acl(data: bytes, offset: int, control: int, bits: Mapping[str, int], names: Mapping[str, str]) -> Acl | None:
    if not control & bits["present"]:
        return None
    flags = "".join(name for name in ("P", "AR", "AI") if control & bits[name])
    if not offset:
        return Acl(flags + "NO_ACCESS_CONTROL")
    _unused, _unused, size, count, _unused = _ACL.unpack_from(data, offset)
    if offset + size > len(data):
        raise SddlProblem("An access list is longer than its security descriptor.")
    aces = []
    position = offset + _ACL.size
    for _unused in range(count):
        ace, length = _read_ace(data, position, names)
        aces.append(ace)
        position += length
    return Acl(flags, tuple(aces))


def _read_ace(data: bytes, start: int, names: Mapping[str, str]) -> tuple[Ace, int]:
    kind, flags, size, mask = _ACE.unpack_from(data, start)
    name = _TYPE_NAMES.get(kind)
    if name is None or size < _ACE.size:
        raise SddlProblem(f"The security descriptor holds an entry of type 0x{kind:02x}, a conditional one or a claim, which is not read here.")
    position = start + _ACE.size
    guids = {_OBJECT: "", _INHERITED_OBJECT: ""}
    if kind in _OBJECT_TYPES:
        (present,) = struct.unpack_from("<I", data, position)
        position += 4
        for bit in guids:
            if present & bit:
                guids[bit] = str(uuid.UUID(bytes_le=_slice(data, position, 16)))
                position += 16
    text = "".join(flag for flag, bit in _FLAGS.items() if flags & bit)
    trustee = _principal(data, position, names)
    return Ace(name, text, _letters(mask, name), guids[_OBJECT], guids[_INHERITED_OBJECT], trustee), size


def _slice(data: bytes, start: int, length: int) -> bytes:
    found = data[start : start + length]
    if len(found) < length:
        raise SddlProblem("An access control entry is cut off.")
    return found
