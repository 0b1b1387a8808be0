# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Operations on the systems of ECMA 2 agents: rows that come and go by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .estate.system_generic import table_of
from .operations import operation

if TYPE_CHECKING:
    from .estate.estate import Estate


@operation
def put_row(estate: Estate, host: str, agent: str, *, anchor: str, kind: str, values: dict[str, Any]) -> None:
    """Adds an object of the type `kind` to an agent's system, or replaces it. A value may be a list."""
    rows = {name: tuple(value) if isinstance(value, list) else (value,) for name, value in values.items()}
    table_of(estate.host(host), agent).put(anchor, kind, rows)


@operation
def drop_row(estate: Estate, host: str, agent: str, anchor: str) -> bool:
    """Removes an object; False if there was none."""
    table = table_of(estate.host(host), agent)
    if anchor not in table.rows:
        return False
    table.drop(anchor)
    return True
