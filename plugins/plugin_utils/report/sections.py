# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What stands between a configuration and its renderers: parts (metaverse, agents), sections, rows of text cells.

A row knows what it is about (`key`) apart from what it says (`cells`), so that two reports can be laid upon each other
(see `difference`) and a changed rule shows as changed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import count

_GUID = re.compile(r"\{[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}")
_NO_SLUG = re.compile(r"[\W_]+")


class Change(str, Enum):
    """What became of a row; `moved` is another place in an order that means something."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    MODIFIED = "modified"
    MOVED = "moved"


CHANGES = (Change.ADDED, Change.REMOVED, Change.MODIFIED, Change.MOVED)


def with_upper_guids(text: str) -> str:
    return _GUID.sub(lambda match: match.group().upper(), text) if "{" in text else text


def folded(text: str) -> str:
    """How names are compared: MIM knows no letter case in them."""
    return text.casefold()


def slug(text: str) -> str:
    """A text as part of an anchor.

    >>> slug("Import flows (person)")
    'import-flows-person'
    """
    return _NO_SLUG.sub("-", text.lower()).strip("-") or "x"


@dataclass(frozen=True)
class Column:
    """`reading` gives the form in which two cells are compared; a column that is not `compared` only informs."""

    title: str
    reading: Callable[[str], str] = with_upper_guids
    compared: bool = True


@dataclass(frozen=True)
class Flow:
    """A flow as the picture draws it: `ends` at the agent, `mv_attributes` in the metaverse; an import when `inbound`."""

    inbound: bool
    agent: str
    object_type: str
    ends: tuple[str, ...]
    mv_type: str
    mv_attributes: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """`group`: rows of one group stand in an order that means something, each at its `place`. `fixed`: never a difference, the server changes it by itself."""

    key: tuple[str, ...]
    cells: tuple[str, ...]
    change: Change = Change.SAME
    before: tuple[str, ...] = ()
    group: str = ""
    place: int = 0
    identifier: str = ""
    agent: str = ""
    flow: Flow | None = None
    fixed: bool = False

    @property
    def title(self) -> str:
        return " / ".join(part for part in self.key if part)


@dataclass(frozen=True)
class Section:
    """`kind` names what its rows are, in the summary and in anchors. A section that is not `counted` shows rows of another one again."""

    kind: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...] = ()
    empty: str = "None."
    note: str = ""
    counted: bool = True
    anchor: str = ""

    @property
    def changed(self) -> bool:
        return any(row.change is not Change.SAME for row in self.rows)


@dataclass(frozen=True)
class Part:
    """The metaverse or one agent; `detail` is its kind in words."""

    name: str
    detail: str
    sections: tuple[Section, ...]
    is_agent: bool = True
    change: Change = Change.SAME
    anchor: str = ""

    @property
    def changed(self) -> bool:
        return self.change is not Change.SAME or any(section.changed for section in self.sections)


@dataclass(frozen=True)
class Origin:
    """Where a configuration comes from: the server's name and the date as the export writes them, `label` as the user named it."""

    label: str
    server: str = ""
    exported: str = ""

    def __str__(self) -> str:
        facts = ", ".join(fact for fact in (f"server {self.server}" if self.server else "", f"exported {self.exported}" if self.exported else "") if fact)
        return f"{self.label} ({facts})" if facts else self.label


@dataclass(frozen=True)
class Report:
    """`against` is None for the report of one configuration. `findings` are no differences, whatever became of them."""

    origin: Origin
    parts: tuple[Part, ...]
    against: Origin | None = None
    notes: tuple[str, ...] = field(default=())
    findings: Part | None = None

    @property
    def different(self) -> bool:
        return any(part.changed for part in self.parts)

    @property
    def agents(self) -> tuple[str, ...]:
        return tuple(part.name for part in self.parts if part.is_agent)


@dataclass(frozen=True)
class Count:
    """One line of the summary; `total` counts what is there now, so removed rows are not in it."""

    title: str
    total: int
    changes: dict[Change, int]


def counted_rows(report: Report) -> Iterator[tuple[Part, Section, Row]]:
    """Every row that says something of its own."""
    for part in report.parts:
        for section in part.sections:
            if section.counted:
                yield from ((part, section, row) for row in section.rows)


def counts(report: Report) -> list[Count]:
    """Agents first, then a line for each kind of section, in the order in which they appear."""
    agents = [part for part in report.parts if part.is_agent]
    found: dict[str, list[Change]] = {"Agents": [part.change for part in agents]}
    for _unused, section, row in counted_rows(report):
        found.setdefault(section.kind, []).append(row.change)
    return [
        Count(title, sum(change is not Change.REMOVED for change in changes), {change: changes.count(change) for change in CHANGES})
        for title, changes in found.items()
    ]


def change_totals(report: Report) -> dict[Change, int]:
    """How often each change occurs in the report; an agent that came or went counts once, not with all its rows."""
    totals = dict.fromkeys(CHANGES, 0)
    for part in report.parts:
        if part.change in (Change.ADDED, Change.REMOVED):
            totals[part.change] += 1
            continue
        for section in part.sections:
            for row in section.rows if section.counted else ():
                if row.change is not Change.SAME:
                    totals[row.change] += 1
    return totals


def anchored(parts: Sequence[Part]) -> tuple[Part, ...]:
    """The parts with anchors for themselves and their sections; names that look alike in an anchor are numbered."""
    names = _told_apart([f"agent-{slug(part.name)}" if part.is_agent else slug(part.name) for part in parts])
    return tuple(_with_anchors(part, name) for part, name in zip(parts, names, strict=True))


def _with_anchors(part: Part, anchor: str) -> Part:
    names = _told_apart([slug(section.title) for section in part.sections])
    sections = (replace(section, anchor=f"{anchor}.{name}") for section, name in zip(part.sections, names, strict=True))
    return replace(part, anchor=anchor, sections=tuple(sections))


def _told_apart(names: Sequence[str]) -> list[str]:
    taken: set[str] = set()
    found = []
    for name in names:
        unused = next(text for number in count(1) if (text := name if number == 1 else f"{name}-{number}") not in taken)
        taken.add(unused)
        found.append(unused)
    return found


def anchors(part: Part) -> dict[int, list[str]]:
    """Anchor of each row by the index of its section: from what the row is about, so that it stays when others come and go."""
    taken: dict[str, int] = {}
    found: dict[int, list[str]] = {}
    for index, section in enumerate(part.sections):
        found[index] = [_unused(f"{section.anchor}.{slug('-'.join(row.key))}", taken) for row in section.rows]
    return found


def _unused(anchor: str, taken: dict[str, int]) -> str:
    taken[anchor] = taken.get(anchor, 0) + 1
    return anchor if taken[anchor] == 1 else f"{anchor}.{taken[anchor]}"


def without_empty_columns(section: Section) -> Section:
    """Drops columns in which no row says anything."""
    used = [index for index in range(len(section.columns)) if any(row.cells[index] or (row.before and row.before[index]) for row in section.rows)]
    if len(used) == len(section.columns) or not section.rows:
        return section
    columns = tuple(section.columns[index] for index in used)
    return replace(section, columns=columns, rows=tuple(_narrowed(row, used) for row in section.rows))


def _narrowed(row: Row, used: list[int]) -> Row:
    before = tuple(row.before[index] for index in used) if row.before else ()
    return replace(row, cells=tuple(row.cells[index] for index in used), before=before)
