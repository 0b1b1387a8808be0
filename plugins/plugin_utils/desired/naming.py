# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Names of agents as parts of names of files and variables: ASCII letters, digits and underscores, short, told apart."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

_LONGEST = 60


def slug(name: str) -> str:
    """`Straße & Co.` -> `strasse_co`; a name without a letter that can be written so gets one of its digest.

    >>> slug("Größe 7")
    'grosse_7'
    """
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    found = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    if not found:
        return f"agent_{_digest(name)}"
    return found if len(found) <= _LONGEST else f"{found[:_LONGEST].rstrip('_')}_{_digest(name)}"


def slugs(names: Iterable[str]) -> dict[str, str]:
    """One for each name; where several names would have one, their digests tell them apart."""
    found = {name: slug(name) for name in names}
    count = Counter(found.values())
    return {name: one if count[one] == 1 else f"{one}_{_digest(name)}" for name, one in found.items()}


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:6]
