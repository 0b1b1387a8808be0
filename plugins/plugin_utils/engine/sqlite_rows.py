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

from .objects import CsObject, MvObject, ObjectError
from .systems.base import Value

VERSION = 4
LONGEST_KEY = 200
# What stands in columns of its own is not repeated in the body.
BODY = tuple(
    "type dn anchor hologram staged import_op former_dn transient_dn export_op export escrowed_op escrowed unconfirmed_op unconfirmed "
    "link_rule link_date state placeholder system_dn unconfirmed_dn evaluate".split()
)
body_of = attrgetter(*BODY)
MODULES = ("engine.history", "engine.counters", "engine.imports", "engine.objects", "configuration.model")

SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;
CREATE TABLE agents (number INTEGER PRIMARY KEY, id TEXT UNIQUE);
CREATE TABLE cs (id INTEGER PRIMARY KEY, agent INTEGER, part TEXT, anchor BLOB, dn BLOB, parent BLOB, lists INTEGER, absent INTEGER, depth INTEGER,
  seen INTEGER, mv INTEGER, body BLOB);
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


def pack_cs(item: CsObject) -> bytes:
    return marshal.dumps((*body_of(item), _plain(item.import_error), _plain(item.export_error)), VERSION)


def unpack_cs(object_id: int, body: bytes) -> CsObject:
    """The object without what stands in columns of its own."""
    item = CsObject.__new__(CsObject)
    item.id = object_id
    (
        item.type,
        item.dn,
        item.anchor,
        item.hologram,
        item.staged,
        item.import_op,
        item.former_dn,
        item.transient_dn,
        item.export_op,
        item.export,
        item.escrowed_op,
        item.escrowed,
        item.unconfirmed_op,
        item.unconfirmed,
        item.link_rule,
        item.link_date,
        item.state,
        item.placeholder,
        item.system_dn,
        item.unconfirmed_dn,
        item.evaluate,
        import_error,
        export_error,
    ) = plain(body)
    item.import_error, item.export_error = _error(import_error), _error(export_error)
    return item


def _plain(error: ObjectError | None) -> tuple[Any, ...] | None:
    if error is None:
        return None
    return (error.error_type, error.first, error.last, error.retries, error.step, dict(error.detail), error.changes)


def _error(plain: tuple[Any, ...] | None) -> ObjectError | None:
    return None if plain is None else ObjectError(*plain)


def pack_mv(item: MvObject) -> bytes:
    parts: tuple[Any, ...] = (item.type, item.values, item.lineage, item.links, item.dates)
    return marshal.dumps(parts, VERSION)


def unpack_mv(object_id: int, body: bytes) -> MvObject:
    kind, values, lineage, links, dates = plain(body)
    item = MvObject(object_id, kind)
    item.values, item.lineage, item.links, item.dates = values, lineage, links, dates
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
