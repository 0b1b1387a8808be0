# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Placeholders that another object takes the name of."""

from __future__ import annotations

from .objects import CsObject, redirected
from .store import ConnectorSpace

PARTS = ("hologram", "staged", "export", "unconfirmed")


def absorb(space: ConnectorSpace, placeholder: CsObject, item: CsObject, references: frozenset[str]) -> None:
    """References to a name came before the object that takes the name: they mean that object, and the placeholder goes."""
    for referrer in space.referrers(placeholder):
        space.touch(referrer)
        for part in PARTS:
            values = getattr(referrer, part)
            if values:
                setattr(referrer, part, redirected(values, references, placeholder.id, item.id))
        space.save(referrer)
    space.remove(placeholder)
