# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Objects in use, once each: whoever asks for an object of the file while somebody holds it gets the same one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import ref

from .objects import CsObject, MvObject

# Entries kept before those of objects that nobody holds are swept out.
FIRST_SWEEP = 20_000
T = TypeVar("T", CsObject, MvObject)


class Live(Generic[T]):
    """By number. Leaner than a WeakValueDictionary: entries of objects that are gone stay until a sweep."""

    def __init__(self) -> None:
        self.held: dict[int, Callable[[], T | None]] = {}
        self.sweep_at = FIRST_SWEEP

    def get(self, number: int) -> T | None:
        found = self.held.get(number)
        return None if found is None else found()

    def put(self, item: T) -> None:
        self.held[item.id] = ref(item)
        if len(self.held) > self.sweep_at:
            self.held = {number: found for number, found in self.held.items() if found() is not None}
            self.sweep_at = max(FIRST_SWEEP, 2 * len(self.held))

    def pop(self, number: int) -> None:
        self.held.pop(number, None)
