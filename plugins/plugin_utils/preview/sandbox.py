# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""State that a preview may work on: a copy, and within it work that is always taken back.

A preview holds no way to the systems but `shadow`, which refuses nothing and sends nothing; the state that it was given
is read only to copy it.
"""

from __future__ import annotations

import pickle
import sqlite3
import weakref
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Union

from ..engine.memory import MemoryStore
from ..engine.objects import CsObject
from ..engine.sqlite_store import SqliteStore
from ..engine.store import ConnectorSpace
from ..engine.store_base import Journal

AnyStore = Union[MemoryStore, SqliteStore]


def copied(store: AnyStore) -> AnyStore:
    """Another store with the same objects under the same numbers; nothing is shared. That of a file is a file, which goes with it."""
    if isinstance(store, SqliteStore):
        folder = TemporaryDirectory(prefix="mimsync-preview-")
        copy = store.copy_to(Path(folder.name) / "state.sqlite")
        weakref.finalize(copy, _removed, copy.connection, folder)
        return copy
    twin: MemoryStore = pickle.loads(pickle.dumps(store, pickle.HIGHEST_PROTOCOL))  # noqa: S301  # bytes of this very line
    return twin


def _removed(connection: sqlite3.Connection, folder: TemporaryDirectory[str]) -> None:
    """Nothing of a preview is left behind."""
    connection.close()
    folder.cleanup()


class Noting(Journal):
    """A journal that remembers which objects were worked on at all."""

    __slots__ = ("met", "met_mv")

    def __init__(self) -> None:
        super().__init__()
        self.met: set[int] = set()
        self.met_mv: set[int] = set()

    def keep(self, owner: Any, item: Any, state_of: Callable[[Any], tuple[Any, ...]] | None) -> None:
        (self.met if isinstance(item, CsObject) else self.met_mv).add(item.id)
        super().keep(owner, item, state_of)


RETRIES = ("provisioning_retries", "inbound_retries", "outbound_retries")


class OneByOne:
    """A connector space of which a synchronization takes the named objects only."""

    def __init__(self, space: ConnectorSpace, due: Collection[int]) -> None:
        self._space = space
        self._due = due

    def __getattr__(self, name: str) -> Any:
        return getattr(self._space, name)

    def __len__(self) -> int:
        return len(self._space)

    def due(self, partition_id: str, **options: Any) -> Sequence[int]:
        return tuple(self._due)


class Sandbox:
    """Stands in for `engine.store.Store` over a memory store: transactions within one transaction that is never committed.

    A transaction of the engine that fails takes back its own work alone; leaving `taken_back` takes back everything.
    """

    def __init__(self, store: AnyStore) -> None:
        self.__dict__.update(inner=store, outer=[], due=())

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["inner"], name)

    def __setattr__(self, name: str, value: Any) -> None:
        """What the engine sets is set in the store; the sandbox's own things are three."""
        if name in ("outer", "due"):
            self.__dict__[name] = value
        else:
            setattr(self.__dict__["inner"], name, value)

    def space(self, agent_id: str) -> Any:
        return OneByOne(self.inner.space(agent_id), self.due)

    def begin(self) -> None:
        journal = self.inner.journal
        self.outer.append(journal.before)
        journal.before, journal.active = {}, True

    def commit(self) -> None:
        """What has to be put back becomes the concern of the transaction around this one."""
        journal = self.inner.journal
        inner, journal.before = journal.before, self.outer.pop()
        for key, state in inner.items():
            journal.before.setdefault(key, state)
        journal.active = bool(self.outer)

    def rollback(self) -> None:
        self.inner.rollback()
        journal = self.inner.journal
        journal.before = self.outer.pop()
        journal.active = bool(self.outer)

    @contextmanager
    def taken_back(self, items: Sequence[CsObject]) -> Iterator[None]:
        """`items`: the objects to be worked on; their errors are noted outside of transactions. What was to be retried waits."""
        kept = {name: getattr(self.inner, name) for name in RETRIES}
        for name, value in kept.items():
            setattr(self.inner, name, type(value)())
        self.begin()
        try:
            for item in items:
                self.inner.space(item.agent_id).touch(item)
            yield
        finally:
            self.rollback()
            for name, value in kept.items():
                setattr(self.inner, name, value)
