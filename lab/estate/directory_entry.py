# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One object of the directory."""

from __future__ import annotations

import base64
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Union

from .directory_names import split_rdn
from .directory_sids import sid_bytes

Value = Union[str, int, bool, bytes]
Values = tuple[Value, ...]
# One value is kept bare, several as a tuple: that halves what a hundred thousand people cost.
Stored = Union[Value, Values]


class Entry:
    """Keys of `attributes` are the schema's own spelling. Links hold entries, so a rename needs no repair.

    `versions` has the change number of every attribute that was changed after creation; `created`, `changed` are
    seconds since 1970, UTC. `descriptor` is the object's own part of the security descriptor (see directory_security).
    """

    __slots__ = (
        "attributes", "back_links", "changed", "children", "classes", "created", "deleted", "descriptor", "guid", "links",
        "parent", "rdn", "sid", "usn_changed", "usn_created", "versions",
    )  # fmt: skip

    def __init__(self, guid: str, sid: str, rdn: str, parent: Entry | None, classes: tuple[str, ...]) -> None:
        self.guid = guid
        self.sid = sid
        self.rdn = rdn
        self.parent = parent
        self.classes = classes
        self.attributes: dict[str, Stored] = {}
        self.links: dict[str, dict[Entry, int]] | None = None
        self.back_links: dict[str, dict[Entry, None]] | None = None
        self.children: dict[str, Entry] | None = None
        self.versions: dict[str, int] | None = None
        self.usn_created = self.usn_changed = 0
        self.created = self.changed = 0.0
        self.descriptor = ""
        self.deleted = False

    def __repr__(self) -> str:
        return f"<Entry {self.dn}>"

    @property
    def dn(self) -> str:
        if self.parent is None:
            return self.rdn
        return f"{self.rdn},{self.parent.dn}"

    @property
    def name(self) -> str:
        """The value of the relative name, without escapes; a naming context's is its first label."""
        return split_rdn(self.rdn.split(",", 1)[0] if self.parent is None else self.rdn)[1]

    @property
    def object_class(self) -> str:
        return self.classes[-1]

    @property
    def depth(self) -> int:
        return 0 if self.parent is None else self.parent.depth + 1

    def get(self, attribute: str) -> Value | None:
        """The first value or None."""
        return next(iter(self.values(attribute)), None)

    def text(self, attribute: str) -> str:
        """The first value as text; empty if there is none."""
        value = self.get(attribute)
        return "" if value is None else str(value)

    def number(self, attribute: str, default: int = 0) -> int:
        value = self.get(attribute)
        return value if isinstance(value, int) else default

    def values(self, attribute: str) -> Values:
        """All values; references are DNs. The name is looked up without regard to case."""
        stored = self.attributes.get(attribute)
        if stored is not None:
            return stored if isinstance(stored, tuple) else (stored,)
        return self._rare_values(attribute)

    def _rare_values(self, attribute: str) -> Values:
        wanted = attribute.casefold()
        computed = _COMPUTED.get(wanted)
        if computed is not None:
            return computed(self)
        for table in (self.links, self.back_links):
            if table is None:
                continue
            targets = table.get(attribute) or next((found for name, found in table.items() if name.casefold() == wanted), None)
            if targets:
                return tuple(entry.dn for entry in targets)
        key = next((name for name in self.attributes if name.casefold() == wanted), None)
        return self.values(key) if key is not None else ()

    def names(self) -> Iterator[str]:
        """The attributes that have a value, computed ones included."""
        yield from self.attributes
        for table in (self.links, self.back_links):
            yield from (name for name, targets in (table or {}).items() if targets and name[0] != "?")
        yield from (name for name in _COMPUTED_NAMES if self.values(name))

    def is_a(self, class_name: str) -> bool:
        return class_name in self.classes

    def below(self, ancestor: Entry) -> bool:
        """True if `ancestor` is this entry or stands above it."""
        current: Entry | None = self
        while current is not None:
            if current is ancestor:
                return True
            current = current.parent
        return False


def generalized_time(seconds: float) -> str:
    """The form of whenCreated: `20260101120000.0Z`."""
    return time.strftime("%Y%m%d%H%M%S.0Z", time.gmtime(seconds))


def file_time(seconds: float) -> int:
    """Windows' FILETIME: 100 nanoseconds since 1601, UTC."""
    return int((seconds + 11644473600) * 10_000_000)


def from_file_time(value: int) -> float:
    return value / 10_000_000 - 11644473600


def _name_value(entry: Entry) -> Values:
    return (entry.name,)


def _rdn_attribute(kind: str) -> Callable[[Entry], Values]:
    prefix = kind + "="
    return lambda entry: (entry.name,) if entry.rdn[: len(prefix)].casefold() == prefix else ()


_COMPUTED: dict[str, Callable[[Entry], Values]] = {
    "distinguishedname": lambda entry: (entry.dn,),
    "dn": lambda entry: (entry.dn,),
    "name": _name_value,
    "cn": _rdn_attribute("cn"),
    "ou": _rdn_attribute("ou"),
    "dc": _rdn_attribute("dc"),
    "objectguid": lambda entry: (uuid.UUID(entry.guid).bytes_le,),
    "objectsid": lambda entry: (sid_bytes(entry.sid),) if entry.sid else (),
    "objectclass": lambda entry: entry.classes,
    "usncreated": lambda entry: (entry.usn_created,),
    "usnchanged": lambda entry: (entry.usn_changed,),
    "whencreated": lambda entry: (generalized_time(entry.created),),
    "whenchanged": lambda entry: (generalized_time(entry.changed),),
    "isdeleted": lambda entry: (True,) if entry.deleted else (),
}
_COMPUTED_NAMES = (
    "distinguishedName", "name", "cn", "ou", "dc", "objectGUID", "objectSid", "objectClass", "uSNCreated", "uSNChanged",
    "whenCreated", "whenChanged", "isDeleted",
)  # fmt: skip


def as_text(value: Value) -> str:
    """A value for people: bytes as base64, truth as TRUE/FALSE."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return str(value).upper() if isinstance(value, bool) else str(value)
