# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Python's collector of cyclic garbage, while a run lasts.

The engine makes very many objects that hold no cycles. Looking for some among them every few hundred objects costs a fifth of the time.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# Objects made between two looks at the youngest ones (Python's own: 700).
THRESHOLD = 100_000
_before: list[tuple[int, int, int]] = []


@contextmanager
def seldom() -> Iterator[None]:
    """Looks for cycles less often until the last of the runs that last has ended; a program that looks less often already is left alone."""
    _before.append(gc.get_threshold())
    gc.set_threshold(max(THRESHOLD, _before[-1][0]) if _before[-1][0] else 0, *_before[-1][1:])
    try:
        yield
    finally:
        left = _before.pop()
        if not _before:
            gc.set_threshold(*left)
