# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Declarations changed at random, as data and as text."""

from __future__ import annotations

import copy
import random
from typing import Any

from .documents import VALUES

_ODD: tuple[Any, ...] = (None, True, False, 0, -1, 7, 1.5, [], {}, [None], {"a": "b"}, "", " ", "x", float("inf"), 10**30, ["a", ["b"]], {1: 2})


def changed(chance: random.Random, data: dict[str, Any]) -> dict[str, Any]:
    """A copy with a few of its values removed, repeated, exchanged or made something else."""
    made = copy.deepcopy(data)
    for _unused in range(chance.choice((1, 1, 2, 4))):
        places = list(_places(made))
        if places:
            _change(chance, *chance.choice(places), [holder[key] for holder, key in places])
    return made


def shuffled(chance: random.Random, data: Any) -> Any:
    """The same declaration with lists and keys whose order means nothing in another order."""
    if isinstance(data, dict):
        items = [
            (key, shuffled(chance, value) if key not in ("joins", "steps", "preferred_controllers", "attributes") else value) for key, value in data.items()
        ]
        chance.shuffle(items)
        return dict(items)
    if isinstance(data, list):
        made = [shuffled(chance, item) for item in data]
        if all(isinstance(item, dict) and {"through", "name"} & set(item) for item in made):
            chance.shuffle(made)
        return made
    return data


def _places(value: Any) -> Any:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield value, key
        yield from _places(item)


def _change(chance: random.Random, holder: Any, key: Any, others: list[Any]) -> None:
    match chance.randrange(7):
        case 0:
            del holder[key]
        case 1:
            holder[key] = chance.choice(_ODD)
        case 2:
            holder[key] = chance.choice(VALUES)
        case 3:
            holder[key] = copy.deepcopy(chance.choice(others))
        case 4 if isinstance(holder, list):
            holder.insert(chance.randrange(len(holder) + 1), copy.deepcopy(chance.choice((holder[key], chance.choice(others)))))
        case 5 if isinstance(holder, dict):
            holder[str(chance.choice((*holder, "odd", "state", "flows", "rule", "value")))] = copy.deepcopy(chance.choice(others))
        case _ if isinstance(holder[key], str):
            same = [other for other in others if isinstance(other, str)]
            holder[key] = chance.choice(same)
        case _:
            holder[key] = copy.deepcopy(chance.choice(others))


def damaged_text(chance: random.Random, text: str) -> str:
    """YAML with letters and lines changed."""
    lines = text.split("\n")
    for _unused in range(chance.choice((1, 2, 5))):
        place = chance.randrange(len(lines))
        match chance.randrange(5):
            case 0:
                lines[place] = chance.choice(("  ", "\t", "- ", "? ", "&a ", "*a ", "!!python/object:os.system ", "{", "[", "'", '"', "|\n")) + lines[place]
            case 1:
                lines.insert(place, chance.choice(lines))
            case 2:
                del lines[place : place + 1]
                lines = lines or [""]
            case 3:
                lines[place] = lines[place].replace(":", chance.choice(("", ": [", ": {", ": &x", " :")), 1)
            case _:
                at = chance.randrange(len(lines[place]) + 1)
                lines[place] = lines[place][:at] + chance.choice(("\x00", "\u2028", "é", ":", "#", "}", "%", "@", "`", "\x85")) + lines[place][at:]
    return "\n".join(lines)
