# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Objects as rows of the file store.

Bodies are marshalled: only plain values can come out of them, and it is the fastest form that keeps all kinds of values.
The form's version stands in the file, see `SqliteStore`.
"""

from __future__ import annotations

import hashlib
import io
import marshal
import pickle
from operator import attrgetter
from typing import Any

from .objects import NO_ATTRIBUTES, CsObject, MvObject, ObjectError
from .sqlite_shapes import Shapes
from .systems.base import Value

VERSION = 4
LONGEST_KEY = 200
# What only objects have that are not at rest, beside the maps; the short form's length.
MORE = tuple("import_op former_dn transient_dn export_op escrowed_op unconfirmed_op state placeholder system_dn unconfirmed_dn evaluate".split())
SHORT = 6
more_of = attrgetter(*MORE)
MODULES = ("engine.history", "engine.counters", "engine.refusals", "engine.objects", "configuration.model")

SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;
CREATE TABLE agents (number INTEGER PRIMARY KEY, id TEXT UNIQUE);
CREATE TABLE shapes (number INTEGER PRIMARY KEY, kind INTEGER, body BLOB);
CREATE TABLE cs (id INTEGER PRIMARY KEY, agent INTEGER, mv INTEGER, mark BLOB, part TEXT, anchor BLOB, dn BLOB, parent BLOB, lists INTEGER, absent INTEGER,
  depth INTEGER, body BLOB);
CREATE INDEX cs_anchor ON cs (agent, anchor);
CREATE INDEX cs_dn ON cs (agent, dn);
CREATE INDEX cs_parent ON cs (agent, parent) WHERE parent <> x'';
CREATE INDEX cs_lists ON cs (agent, lists) WHERE lists <> 0;
CREATE TABLE cs_refs (target INTEGER, source INTEGER, PRIMARY KEY (target, source)) WITHOUT ROWID;
CREATE TABLE mv (id INTEGER PRIMARY KEY, body BLOB);
CREATE TABLE mv_refs (target INTEGER, source INTEGER, PRIMARY KEY (target, source)) WITHOUT ROWID;
CREATE TABLE mv_find (attribute TEXT, key BLOB, id INTEGER, PRIMARY KEY (attribute, key, id)) WITHOUT ROWID;
CREATE TABLE runs (number INTEGER PRIMARY KEY, body BLOB);
"""


def name_key(text: str) -> bytes:
    """A name without regard to case; halves of surrogate pairs are kept."""
    return text.casefold().encode("utf-8", "surrogatepass")


def value_key(value: Value) -> bytes:
    """What a search compares: text without regard to case. Long values are represented by their hash."""
    if isinstance(value, str):
        key = b"s" + name_key(value)
    elif isinstance(value, bytes):
        key = b"b" + value
    else:
        key = b"i%d" % value
    return key if len(key) <= LONGEST_KEY else b"h" + hashlib.sha256(key).digest()


def pack_cs(item: CsObject, shapes: Shapes) -> bytes:
    """An object at rest has the short form: identity, link and what was imported."""
    rest = (item.type, item.dn, item.anchor, item.link_rule, item.link_date, shapes.pack(item.hologram))
    if is_at_rest(item):
        return marshal.dumps(rest, VERSION)
    maps = tuple(shapes.pack(part) for part in (item.staged, item.export, item.escrowed, item.unconfirmed))
    return marshal.dumps((*rest, *maps, *more_of(item), _plain(item.import_error), _plain(item.export_error)), VERSION)


def is_at_rest(item: CsObject) -> bool:
    """Nothing is pending, under way or wrong: so most objects are most of the time."""
    return not (
        item.import_op
        or item.export_op
        or item.unconfirmed_op
        or item.unconfirmed
        or item.state
        or item.placeholder
        or item.evaluate
        or item.escrowed_op
        or item.export
        or item.escrowed
        or item.former_dn
        or item.transient_dn
        or item.system_dn
        or item.unconfirmed_dn
        or item.import_error
        or item.export_error
        or item.staged is not None
    )


def unpack_cs(object_id: int, body: bytes, shapes: Shapes) -> CsObject:
    """The object without what stands in columns of its own."""
    item = CsObject.__new__(CsObject)
    item.id = object_id
    item.empty()
    parts = plain(body)
    item.type, item.dn, item.anchor, item.link_rule, item.link_date, hologram = parts if len(parts) == SHORT else parts[:SHORT]
    item.hologram = shapes.unpack(hologram)
    if len(parts) > SHORT:
        _unpack_more(item, parts[SHORT:], shapes)
    return item


def _unpack_more(item: CsObject, parts: tuple[Any, ...], shapes: Shapes) -> None:
    item.staged = shapes.unpack(parts[0])
    item.export, item.escrowed, item.unconfirmed = (shapes.unpack(part) or NO_ATTRIBUTES for part in parts[1:4])
    for name, value in zip(MORE, parts[4:], strict=False):
        setattr(item, name, value)
    item.import_error, item.export_error = _error(parts[-2]), _error(parts[-1])


def _plain(error: ObjectError | None) -> tuple[Any, ...] | None:
    if error is None:
        return None
    return (error.error_type, error.first, error.last, error.retries, error.step, dict(error.detail), error.changes)


def _error(plain: tuple[Any, ...] | None) -> ObjectError | None:
    return None if plain is None else ObjectError(*plain)


def pack_mv(item: MvObject, shapes: Shapes) -> bytes:
    parts: tuple[Any, ...] = (item.type, shapes.pack(item.values), shapes.pack_lineage(item.lineage), item.links, item.dates)
    return marshal.dumps(parts, VERSION)


def unpack_mv(object_id: int, body: bytes, shapes: Shapes) -> MvObject:
    kind, values, lineage, links, dates = plain(body)
    item = MvObject.__new__(MvObject)
    item.id, item.type, item.links, item.dates = object_id, kind, links, dates
    item.values, item.lineage = shapes.unpack(values) or NO_ATTRIBUTES, shapes.unpack_lineage(lineage)
    return item


class _RunsOnly(pickle.Unpickler):
    """Reads runs and nothing else: the file could come from anywhere."""

    def find_class(self, module: str, name: str) -> Any:
        if not module.endswith(MODULES):
            raise pickle.UnpicklingError(f"{module}.{name} is no part of a run history")
        return super().find_class(module, name)


def pack_run(run: object) -> bytes:
    return pickle.dumps(run, 5)


def unpack_run(body: bytes) -> Any:
    return _RunsOnly(io.BytesIO(body)).load()


def plain(body: bytes) -> Any:
    """A value out of the file: texts, numbers, bytes, tuples, lists, maps."""
    return marshal.loads(body)  # noqa: S302 - the file is the engine's own, made by the same Python
