# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documents damaged at random: byte by byte, token by token, element by element."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.document import parse
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.element import Element
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import MimSyncError

Files = dict[str, bytes]

_TOKENS = re.compile(rb"<[^<>]*>|[^<>]+")
GUID = "{00000000-0000-4000-8000-00000000000A}"
VALUES = (
    *("", " ", "0", "1", "-1", "99999999999999999999", "true", "no", "é", "\U0001f600", "a" * 3000, "\u202e", "x\ny", "\t", "<dn>", "dn", "object-id"),
    *(
        "person",
        "PERSON",
        "user",
        "group",
        "sync-rule",
        "scripted",
        "declared",
        "equal",
        "manual",
        "ranked",
        "default",
        "name/with/slash",
        "{{ x }}",
        "!unsafe",
    ),
    *("AD", "Extensible2", "MSSQL", "export", "full-import", "apply-rules", "a & <b> \"c\" 'd'", GUID, GUID.lower(), "DC=a,DC=b", "OU=x,DC=a,DC=b", ",", "="),
)
_BYTES = (
    b"\x00",
    b"\xff",
    b"<",
    b">",
    b"&",
    b"]]>",
    b"<!--",
    b"-->",
    b"<![CDATA[",
    b"<!DOCTYPE a>",
    b"<?x?>",
    b"&#0;",
    b"&amp;",
    b"'",
    b'"',
    b"/",
    b"\r",
    b"\xef\xbb\xbf",
)


def damaged(chance: random.Random, files: Files) -> Files:
    """One to three files of the set changed in one of the ways."""
    way = chance.choice(_WAYS)
    changed = dict(files)
    for name in chance.sample(sorted(files), min(len(files), chance.choice((1, 1, 2, 3)))):
        changed[name] = way(chance, files[name])
    if chance.random() < 0.1:
        changed[f"copy of {chance.choice(sorted(changed))}"] = chance.choice(list(changed.values()))
    if chance.random() < 0.05:
        changed.pop(chance.choice(sorted(changed)))
    return changed


def _in_bytes(chance: random.Random, data: bytes) -> bytes:
    made = bytearray(data)
    for _unused in range(chance.choice((1, 1, 2, 5))):
        place = chance.randrange(len(made) + 1)
        match chance.randrange(4):
            case 0:
                made[place : place + 1] = bytes((chance.randrange(256),))
            case 1:
                made[place:place] = chance.choice(_BYTES)
            case 2:
                del made[place : place + chance.choice((1, 10, 1000))]
            case _:
                end = place + chance.choice((5, 100, 5000))
                made[place:place] = made[place:end]
    return bytes(made)


def _in_tokens(chance: random.Random, data: bytes) -> bytes:
    tokens = _TOKENS.findall(data)
    for _unused in range(chance.choice((1, 1, 3, 8))):
        place = chance.randrange(len(tokens))
        match chance.randrange(4):
            case 0:
                tokens[place] = chance.choice(tokens)
            case 1:
                tokens.insert(place, chance.choice(tokens))
            case 2:
                tokens[place] = b""
            case _:
                tokens[place] = re.sub(rb"\"[^\"]*\"|'[^']*'", b'"' + _escaped(chance.choice(VALUES)) + b'"', tokens[place], count=1)
    return b"".join(tokens)


def _escaped(text: str) -> bytes:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;").encode()


def _in_structure(chance: random.Random, data: bytes) -> bytes:
    """Stays well-formed: elements removed, repeated, moved, and given other texts and attributes."""
    document = parse(data)
    for _unused in range(chance.choice((1, 1, 2, 4, 10))):
        below = list(document.root.walk())[1:]
        if below:
            try:
                _rearranged(chance, chance.choice(below), below)
            except MimSyncError:
                continue
    return document.write()


def _rearranged(chance: random.Random, element: Element, others: list[Element]) -> None:
    parent = element.parent
    if parent is None:
        return
    match chance.randrange(6):
        case 0:
            parent.remove(element)
        case 1:
            parent.insert(chance.randrange(len(parent.children) + 1), element.copy())
        case 2:
            target = chance.choice(others)
            target.insert(chance.randrange(len(target.children) + 1), element.copy())
        case 3 if not element.children:
            element.set_text(chance.choice((chance.choice(VALUES), chance.choice(others).text)))
        case 4 if element.attributes:
            name = chance.choice(list(element.attributes))
            element.set_attribute(name, chance.choice((None, chance.choice(VALUES))))
        case _:
            like = [other for other in others if other.local == element.local and not other.children]
            if like and not element.children:
                element.set_text(chance.choice(like).text)


_WAYS: tuple[Callable[[random.Random, bytes], bytes], ...] = (_in_bytes, _in_tokens, _in_structure, _in_structure, _in_structure)
