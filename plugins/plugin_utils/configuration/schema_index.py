# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where each entry of a schema stands, by id and name, found without reading the entries themselves."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from . import markup
from .document import parse_stretch
from .element import Element, Source
from .flat import ENTRY, LEAF
from .unread import Stretch

_PREFIX = rb"(?:[^\s<>/:\"'=]+:)?"
# An entry as servers write it: an id, and where it has a name this stands first.
_OTHER = rb"(?:\s+(?!id=)[^\s<>/\"'=]+=\"[^\"<&]*\")*+"
_REGULAR = re.compile(
    rb"<" + _PREFIX + rb"(attribute-type|class|dit-content-rule)" + _OTHER + rb"\s+id=\"([^\"<&]*)\"" + _OTHER + rb"\s*>\s*"
    rb"(?:<" + _PREFIX + rb"name>([^<]*)</[^<>]*>)?+[^<]*+"
    rb"(?:(?!<" + _PREFIX + rb"name[\s/>])" + LEAF + rb")*+</[^<>]*+>|(" + ENTRY + rb")"
)


# Offsets of an entry in the file.
Place = tuple[int, int]


@dataclass(frozen=True)
class SchemaIndex:
    """`types` and `class_ids` have lower-case names as keys, the others ids; `names` gives an attribute's name."""

    source: Source
    types: dict[str, Place] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    classes: dict[str, Place] = field(default_factory=dict)
    class_ids: dict[str, str] = field(default_factory=dict)
    rules: dict[str, Place] = field(default_factory=dict)

    def element(self, place: Place) -> Element:
        """An entry, read for itself."""
        return parse_stretch(self.source, *place)


def index_of(stretch: Stretch) -> SchemaIndex | None:
    """None when an entry is written in another way than servers do; then the elements are to be read."""
    found = SchemaIndex(stretch.source)
    class_names: dict[str, str] = {}
    for match in _REGULAR.finditer(stretch.source.data, stretch.start, stretch.end):
        kind, raw_id, raw_name, odd = match.groups()
        if odd is not None or (raw_name is None and kind != b"dit-content-rule"):
            return None
        key, place = raw_id.decode(), match.span()
        if kind == b"dit-content-rule":
            found.rules[key] = place
            continue
        name = markup.decode_text(raw_name).strip()
        if kind == b"class":
            found.classes[key] = place
            class_names[key] = name
        else:
            found.types[(name or key).lower()] = place
            found.names[key] = name or key
    # By the order of the ids, as whoever reads all classes would meet them.
    found.class_ids.update((name.lower(), key) for key, name in class_names.items())
    return found
