# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The flows as a picture: what agents give on the left, the metaverse in the middle, what agents take on the right.

One picture for each metaverse type. Everything that belongs to a metaverse attribute carries its number, so that the
page can show an attribute's whole way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from .sections import Change, Flow, Report

WIDTH, SIDE, MIDDLE = 1240, 330, 260
LINE, HEAD, GAP = 19, 26, 14
_LEFT_END, _MIDDLE_START = SIDE, (WIDTH - MIDDLE) // 2
_MIDDLE_END, _RIGHT_START = _MIDDLE_START + MIDDLE, WIDTH - SIDE
_LETTERS = 42


@dataclass(frozen=True)
class Drawn:
    """A flow with what became of it."""

    flow: Flow
    change: Change


@dataclass
class End:
    """A line of text at an agent: one attribute of one object type."""

    text: str
    numbers: list[int]
    changes: set[Change]
    y: int = 0


@dataclass
class Box:
    """An agent's frame on one side."""

    agent: str
    ends: list[End]
    y: int = 0


def pictures(report: Report) -> list[tuple[str, str]]:
    """(metaverse type, SVG), the type with most flows first."""
    drawn: dict[str, list[Drawn]] = {}
    names: dict[str, str] = {}
    for part in report.parts:
        for section in part.sections:
            for row in section.rows if section.counted else ():
                if row.flow is not None and row.flow.mv_type:
                    key = row.flow.mv_type.casefold()
                    names.setdefault(key, row.flow.mv_type)
                    drawn.setdefault(key, []).append(Drawn(row.flow, row.change))
    ordered = sorted(drawn, key=lambda key: (-len(drawn[key]), key))
    return [(names[key], _Picture(number, names[key], drawn[key]).draw()) for number, key in enumerate(ordered)]


class _Picture:
    def __init__(self, number: int, mv_type: str, drawn: Sequence[Drawn]) -> None:
        self.number = number
        self.mv_type = mv_type
        self.drawn = drawn
        spelled: dict[str, str] = {}
        for item in drawn:
            for name in item.flow.mv_attributes:
                spelled.setdefault(name.casefold(), name)
        self.attributes = [spelled[key] for key in sorted(spelled)]
        self.numbers = {key: number for number, key in enumerate(sorted(spelled))}
        self.left = self._boxes(inbound=True)
        self.right = self._boxes(inbound=False)

    def draw(self) -> str:
        height = max(_place(self.left), _place(self.right), HEAD + GAP + LINE * len(self.attributes)) + GAP
        pieces = [
            f'<svg class="flows" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="Flows of {escape(self.mv_type)}" data-type="{self.number}">',
            *self._lines(),
            *(text for box in self.left for text in _box(box, 0)),
            *(text for box in self.right for text in _box(box, _RIGHT_START)),
            *self._middle(),
            "</svg>",
        ]
        return "\n".join(pieces)

    def _boxes(self, *, inbound: bool) -> list[Box]:
        """Agents by name, their attributes in the order of the metaverse's, so that few lines cross."""
        boxes: dict[str, dict[tuple[str, str], End]] = {}
        for item in self.drawn:
            flow = item.flow
            if flow.inbound is not inbound:
                continue
            ends = boxes.setdefault(flow.agent, {})
            for name in flow.ends:
                end = ends.setdefault((flow.object_type.casefold(), name.casefold()), End(f"{flow.object_type} / {name}", [], set()))
                end.numbers += [self.numbers[one.casefold()] for one in flow.mv_attributes]
                end.changes.add(item.change)
        return [Box(agent, sorted(boxes[agent].values(), key=_rank)) for agent in sorted(boxes, key=str.casefold)]

    def _lines(self) -> Iterator[str]:
        """Grouped by agent, so that the page can dim the others'."""
        sides = ((True, self.left), (False, self.right))
        ends = {(inbound, box.agent, end.text.casefold()): end for inbound, boxes in sides for box in boxes for end in box.ends}
        by_agent: dict[str, list[str]] = {}
        for item in self.drawn:
            flow = item.flow
            for name in flow.ends:
                end = ends[flow.inbound, flow.agent, f"{flow.object_type} / {name}".casefold()]
                for attribute in dict.fromkeys(flow.mv_attributes):
                    number = self.numbers[attribute.casefold()]
                    by_agent.setdefault(flow.agent, []).append(_curve(end.y, _middle_y(number), number, item.change, inbound=flow.inbound))
        for agent, lines in by_agent.items():
            yield f'<g data-agent="{escape(agent)}">'
            yield from lines
            yield "</g>"

    def _middle(self) -> Iterator[str]:
        height = HEAD + LINE * len(self.attributes) + 6
        yield f'<rect class="mv" x="{_MIDDLE_START}" y="1" width="{MIDDLE}" height="{height}" rx="6"/>'
        yield _text(_MIDDLE_START + MIDDLE // 2, 18, self.mv_type, "head mid")
        for number, name in enumerate(self.attributes):
            yield _text(_MIDDLE_START + MIDDLE // 2, _middle_y(number) + 4, name, "mid key", numbers=[number], focus=True)


def _rank(end: End) -> tuple[int, str]:
    return (min(end.numbers, default=-1), end.text.casefold())


def _middle_y(number: int) -> int:
    return HEAD + LINE * number + LINE // 2


def _place(boxes: Iterable[Box]) -> int:
    """Puts boxes below each other; the height they take."""
    y = 1
    for box in boxes:
        box.y = y
        for index, end in enumerate(box.ends):
            end.y = y + HEAD + LINE * index + LINE // 2
        y += HEAD + LINE * len(box.ends) + 6 + GAP
    return y


def _box(box: Box, x: int) -> Iterator[str]:
    height = HEAD + LINE * len(box.ends) + 6
    yield f'<g data-agent="{escape(box.agent)}"><rect class="agent" x="{x + 1}" y="{box.y}" width="{SIDE - 2}" height="{height}" rx="6"/>'
    yield _text(x + 12, box.y + 17, box.agent, "head")
    for end in box.ends:
        change = next((one.value for one in end.changes), "same") if len(end.changes) == 1 else "same"
        yield _text(x + 12, end.y + 4, end.text, f"key {change}", numbers=end.numbers)
    yield "</g>"


def _text(x: int, y: int, text: str, classes: str, numbers: Sequence[int] = (), *, focus: bool = False) -> str:
    """Long names are cut; the whole one shows when the pointer rests on it."""
    short = text if len(text) <= _LETTERS else text[: _LETTERS - 1] + "…"
    title = f"<title>{escape(text)}</title>" if short != text else ""
    data = f' data-k="{" ".join(map(str, sorted(set(numbers))))}"' if numbers else ""
    reach = ' tabindex="0"' if focus else ""
    return f'<text x="{x}" y="{y}" class="{classes}"{data}{reach}>{title}{escape(short)}</text>'


def _curve(y: int, middle: int, number: int, change: Change, *, inbound: bool) -> str:
    start, end = ((_LEFT_END, y), (_MIDDLE_START, middle)) if inbound else ((_MIDDLE_END, middle), (_RIGHT_START, y))
    bend = (start[0] + end[0]) // 2
    path = f"M{start[0]} {start[1]}C{bend} {start[1]} {bend} {end[1]} {end[0]} {end[1]}"
    return f'<path class="line {change.value}" d="{path}" data-k="{number}"/>'
