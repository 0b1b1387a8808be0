# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Security descriptors as text: parsed, edited, written back without loss.

Entries that this module does not understand (conditional, resource attributes, mandatory labels) stay as they are written.
Form: [MS-DTYP] 2.5.1; masks of directory objects: [MS-ADTS] 5.1.3.2.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..errors import DocumentError

# Rights of a directory object and the standard ones.
RIGHTS: dict[str, int] = {
    "CC": 0x1,
    "DC": 0x2,
    "LC": 0x4,
    "SW": 0x8,
    "RP": 0x10,
    "WP": 0x20,
    "DT": 0x40,
    "LO": 0x80,
    "CR": 0x100,
    "SD": 0x10000,
    "RC": 0x20000,
    "WD": 0x40000,
    "WO": 0x80000,
    # What the generic ones mean on a directory object.
    "GA": 0xF01FF,
    "GR": 0x20094,
    "GW": 0x20028,
    "GX": 0x20004,
}
_WRITE_ORDER = ("CC", "DC", "LC", "SW", "RP", "WP", "DT", "LO", "CR", "SD", "RC", "WD", "WO")
_GENERIC_BITS = {0x10000000: 0xF01FF, 0x80000000: 0x20094, 0x40000000: 0x20028, 0x20000000: 0x20004}
# Two-letter names of principals whose SID is the same everywhere.
ALIASES: dict[str, str] = {
    "AN": "S-1-5-7",
    "AO": "S-1-5-32-548",
    "AU": "S-1-5-11",
    "BA": "S-1-5-32-544",
    "BG": "S-1-5-32-546",
    "BO": "S-1-5-32-551",
    "BU": "S-1-5-32-545",
    "CD": "S-1-5-32-574",
    "CG": "S-1-3-1",
    "CO": "S-1-3-0",
    "ED": "S-1-5-9",
    "IU": "S-1-5-4",
    "LS": "S-1-5-19",
    "NO": "S-1-5-32-556",
    "NS": "S-1-5-20",
    "NU": "S-1-5-2",
    "OW": "S-1-3-4",
    "PO": "S-1-5-32-550",
    "PS": "S-1-5-10",
    "PU": "S-1-5-32-547",
    "RC": "S-1-5-12",
    "RD": "S-1-5-32-555",
    "RE": "S-1-5-32-552",
    "RU": "S-1-5-32-554",
    "SO": "S-1-5-32-549",
    "SU": "S-1-5-6",
    "SY": "S-1-5-18",
    "WD": "S-1-1-0",
}
# ... and of those that every domain has its own of: RID, and whether it is the forest root's.
DOMAIN_ALIASES: dict[str, tuple[int, bool]] = {
    "LA": (500, False),
    "LG": (501, False),
    "DA": (512, False),
    "DU": (513, False),
    "DG": (514, False),
    "DC": (515, False),
    "DD": (516, False),
    "CA": (517, False),
    "SA": (518, True),
    "EA": (519, True),
    "PA": (520, False),
    "RS": (553, False),
    "RO": (498, True),
    "CN": (522, False),
    "AP": (525, False),
    "KA": (526, False),
    "EK": (527, True),
}
_COMPONENT = re.compile(r"[OGDS]:")
_SID = re.compile(r"S-1-\d+(?:-\d+)*", re.IGNORECASE)


class SddlProblem(DocumentError):
    """A text that is no security descriptor."""


@dataclass(frozen=True, slots=True)
class Ace:
    """The fields as they are written; `rest` is what follows the trustee (condition, claim), with its semicolon."""

    type: str
    flags: str
    rights: str
    object_guid: str = ""
    inherited_guid: str = ""
    trustee: str = ""
    rest: str = ""

    @property
    def text(self) -> str:
        return f"({self.type};{self.flags};{self.rights};{self.object_guid};{self.inherited_guid};{self.trustee}{self.rest})"

    @property
    def flag_set(self) -> frozenset[str]:
        return frozenset(self.flags[at : at + 2].upper() for at in range(0, len(self.flags), 2))

    @property
    def inherited(self) -> bool:
        return "ID" in self.flag_set

    @property
    def mask(self) -> int:
        return parse_rights(self.rights)

    @property
    def allows(self) -> bool:
        return self.type.upper() in ("A", "OA")

    @property
    def denies(self) -> bool:
        return self.type.upper() in ("D", "OD")

    @property
    def simple(self) -> bool:
        """An ordinary entry of allow or deny, without a condition."""
        return (self.allows or self.denies) and not self.rest


@dataclass(frozen=True, slots=True)
class Acl:
    """`flags` as written: P, AR, AI, NO_ACCESS_CONTROL."""

    flags: str = ""
    aces: tuple[Ace, ...] = ()

    @property
    def text(self) -> str:
        return self.flags + "".join(ace.text for ace in self.aces)

    @property
    def protected(self) -> bool:
        """Takes nothing from above."""
        return "P" in self.flags.replace("NO_ACCESS_CONTROL", "")

    @property
    def is_null(self) -> bool:
        """Present but without a list: everybody may everything."""
        return "NO_ACCESS_CONTROL" in self.flags


@dataclass(frozen=True, slots=True)
class SecurityDescriptor:
    """`order` lists the components as the text had them (O, G, D, S)."""

    owner: str = ""
    group: str = ""
    dacl: Acl | None = None
    sacl: Acl | None = None
    order: str = "OGDS"

    @property
    def text(self) -> str:
        parts = {
            "O": f"O:{self.owner}" if self.owner else "",
            "G": f"G:{self.group}" if self.group else "",
            "D": "" if self.dacl is None else f"D:{self.dacl.text}",
            "S": "" if self.sacl is None else f"S:{self.sacl.text}",
        }
        order = self.order + "".join(name for name in "OGDS" if name not in self.order)
        return "".join(parts[name] for name in order)

    def with_dacl(self, dacl: Acl) -> SecurityDescriptor:
        return replace(self, dacl=dacl)


def parse(text: str) -> SecurityDescriptor:
    """Reads a descriptor; white space between entries is dropped. Raises SddlProblem."""
    found: dict[str, str] = {}
    position = 0
    body = text.strip()
    while position < len(body):
        name = body[position]
        if body[position + 1 : position + 2] != ":" or name not in "OGDS" or name in found:
            raise SddlProblem(f"The security descriptor has '{body[position : position + 12]}' where O:, G:, D: or S: is expected.")
        end = _end_of_component(body, position + 2)
        found[name] = body[position + 2 : end].strip()
        position = end
    return SecurityDescriptor(
        owner=found.get("O", ""),
        group=found.get("G", ""),
        dacl=parse_acl(found["D"]) if "D" in found else None,
        sacl=parse_acl(found["S"]) if "S" in found else None,
        order="".join(found),
    )


def _end_of_component(text: str, start: int) -> int:
    """Where the next component begins that does not stand in parentheses or quotation marks."""
    depth = 0
    quoted = False
    for position in range(start, len(text)):
        char = text[position]
        if char == '"':
            quoted = not quoted
        elif quoted:
            continue
        elif char in "()":
            depth += 1 if char == "(" else -1
        elif depth == 0 and _COMPONENT.match(text, position):
            return position
    if depth or quoted:
        raise SddlProblem("The security descriptor ends in the middle of an entry.")
    return len(text)


def parse_acl(text: str) -> Acl:
    """Flags and entries of a list."""
    start = text.find("(")
    if start < 0:
        return Acl(text.strip())
    return Acl(text[:start].strip(), tuple(parse_ace(part) for part in _entries(text[start:])))


def _entries(text: str) -> list[str]:
    found: list[str] = []
    depth = start = 0
    quoted = False
    for position, char in enumerate(text):
        if char == '"':
            quoted = not quoted
        elif quoted:
            continue
        elif char == "(":
            if depth == 0:
                start = position
            depth += 1
        elif char == ")":
            depth -= 1
            if depth == 0:
                found.append(text[start : position + 1])
            if depth < 0:
                raise SddlProblem("The security descriptor closes an entry that was not opened.")
        elif depth == 0 and not char.isspace():
            raise SddlProblem(f"The security descriptor has '{text[position : position + 12]}' between two entries.")
    if depth or quoted:
        raise SddlProblem("The security descriptor ends in the middle of an entry.")
    return found


def parse_ace(text: str) -> Ace:
    """One entry in its parentheses; raises SddlProblem."""
    fields = text.strip()[1:-1].split(";", 5)
    if len(fields) != 6 or not text.strip().startswith("("):
        raise SddlProblem(f"The access control entry {text} has no six fields.")
    trustee, separator, rest = fields[5].partition(";")
    return Ace(fields[0], fields[1], fields[2], fields[3], fields[4], trustee, separator + rest)


def parse_rights(text: str) -> int:
    """The mask behind letters, hexadecimal, octal or decimal; generic rights as their meaning here."""
    word = text.strip()
    if not word:
        return 0
    if word[0].isdigit():
        mask = int(word, 16 if word[:2].lower() == "0x" else 8 if word[0] == "0" and len(word) > 1 else 10)
        for bit, meaning in _GENERIC_BITS.items():
            mask = (mask & ~bit) | meaning if mask & bit else mask
        return mask
    mask = 0
    for at in range(0, len(word), 2):
        value = RIGHTS.get(word[at : at + 2].upper())
        if value is None:
            raise SddlProblem(f"'{word[at : at + 2]}' is not a right of a directory object.")
        mask |= value
    return mask


def write_rights(mask: int) -> str:
    """The mask in letters, hexadecimal where a bit has none."""
    known = sum(RIGHTS[name] for name in _WRITE_ORDER)
    if mask & ~known:
        return f"0x{mask:x}"
    return "".join(name for name in _WRITE_ORDER if mask & RIGHTS[name])


def expand_trustee(text: str, domain_sid: str = "", root_sid: str = "") -> str:
    """The SID behind a trustee; an alias of a domain stays as it is where the domain is not known."""
    if _SID.fullmatch(text):
        return text.upper()
    alias = text.upper()
    if alias in ALIASES:
        return ALIASES[alias]
    relative = DOMAIN_ALIASES.get(alias)
    if relative is None:
        return text
    base = (root_sid or domain_sid) if relative[1] else domain_sid
    return f"{base}-{relative[0]}" if base else alias


def shorten_trustee(sid: str, names: Mapping[str, str]) -> str:
    """The name for people: from `names` (SID -> name), else the SID."""
    return names.get(sid.upper(), sid)
