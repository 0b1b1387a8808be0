# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Security identifiers, the NT hash and well-known principals."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable

_SID = re.compile(r"S-1-(\d+)((?:-\d+)*)", re.IGNORECASE)

EVERYONE = "S-1-1-0"
AUTHENTICATED_USERS = "S-1-5-11"
SYSTEM = "S-1-5-18"
BUILTIN = "S-1-5-32"
ADMINISTRATORS = "S-1-5-32-544"
CREATOR_OWNER = "S-1-3-0"
SELF = "S-1-5-10"
ENTERPRISE_DOMAIN_CONTROLLERS = "S-1-5-9"

# name below CN=WellKnown Security Principals -> (SID, authority as Windows shows it)
WELL_KNOWN: dict[str, tuple[str, str]] = {
    "Everyone": (EVERYONE, ""),
    "Creator Owner": (CREATOR_OWNER, ""),
    "Creator Group": ("S-1-3-1", ""),
    "Dialup": ("S-1-5-1", "NT AUTHORITY"),
    "Network": ("S-1-5-2", "NT AUTHORITY"),
    "Batch": ("S-1-5-3", "NT AUTHORITY"),
    "Interactive": ("S-1-5-4", "NT AUTHORITY"),
    "Service": ("S-1-5-6", "NT AUTHORITY"),
    "Anonymous Logon": ("S-1-5-7", "NT AUTHORITY"),
    "Enterprise Domain Controllers": (ENTERPRISE_DOMAIN_CONTROLLERS, "NT AUTHORITY"),
    "Self": (SELF, "NT AUTHORITY"),
    "Authenticated Users": (AUTHENTICATED_USERS, "NT AUTHORITY"),
    "Local Service": ("S-1-5-19", "NT AUTHORITY"),
    "Network Service": ("S-1-5-20", "NT AUTHORITY"),
    "System": (SYSTEM, "NT AUTHORITY"),
}


def is_sid(text: str) -> bool:
    return _SID.fullmatch(text) is not None


def sid_bytes(sid: str) -> bytes:
    """The binary form as objectSid holds it; raises ValueError for another text."""
    found = _SID.fullmatch(sid)
    if found is None:
        raise ValueError(f"'{sid}' is not a security identifier.")
    parts = [int(part) for part in found[2].split("-")[1:]] if found[2] else []
    # The first number after the revision is the authority, big-endian in six bytes.
    return bytes((1, len(parts))) + int(found[1]).to_bytes(6, "big") + struct.pack(f"<{len(parts)}I", *parts)


def sid_text(data: bytes) -> str:
    """The text form of binary `objectSid`."""
    count = data[1]
    parts = struct.unpack(f"<{count}I", data[8 : 8 + 4 * count])
    return "-".join(["S", str(data[0]), str(int.from_bytes(data[2:8], "big")), *map(str, parts)])


def nt_hash(password: str) -> bytes:
    """MD4 of the password in UTF-16LE ([MS-NLMP] 3.3.1)."""
    return _md4(password.encode("utf-16-le", "surrogatepass"))


def _rotate(value: int, count: int) -> int:
    value &= 0xFFFFFFFF
    return (value << count | value >> (32 - count)) & 0xFFFFFFFF


_Round = tuple[Callable[[int, int, int], int], int, tuple[int, ...], tuple[int, ...]]
# (function, constant, order of the words, rotations) of the three rounds (RFC 1320).
_ROUNDS: tuple[_Round, ...] = (
    (lambda x, y, z: (x & y) | (~x & z), 0, tuple(range(16)), (3, 7, 11, 19)),
    (lambda x, y, z: (x & y) | (x & z) | (y & z), 0x5A827999, (0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15), (3, 5, 9, 13)),
    (lambda x, y, z: x ^ y ^ z, 0x6ED9EBA1, (0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15), (3, 9, 11, 15)),
)


def _md4(data: bytes) -> bytes:
    """Python's hashlib has no MD4 where OpenSSL 3 leaves the legacy provider out."""
    state = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476]
    padded = data + b"\x80" + b"\0" * ((55 - len(data)) % 64) + struct.pack("<Q", len(data) * 8)
    for start in range(0, len(padded), 64):
        words = struct.unpack("<16I", padded[start : start + 64])
        work = list(state)
        for function, constant, order, rotations in _ROUNDS:
            for step, word in enumerate(order):
                first = -step % 4
                b, c, d = (work[(first + offset) % 4] for offset in (1, 2, 3))
                work[first] = _rotate(work[first] + function(b, c, d) + words[word] + constant, rotations[step % 4])
        state = [(old + new) & 0xFFFFFFFF for old, new in zip(state, work, strict=True)]
    return struct.pack("<4I", *state)
