# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Templates and operands as a user writes them: `{firstName} {lastName}`, `{cs:mail|lower}`, `{title?}`, `{[dn]}`, `{$full_name}`, `{{` for a brace."""

from __future__ import annotations

import re

from .model import PSEUDO, Operand, Placeholder, Side, Step, Template

_OPERAND = re.compile(r"(?:(?P<side>cs|mv):)?(?P<name>[^{}|?$\[\]:\s][^{}|?$\[\]:]*)|\[(?P<pseudo>[a-z_]+)\]|\$(?P<value>[A-Za-z0-9_-]+)")


class TemplateError(ValueError):
    """The text is no template; the message ends a sentence that begins with its place."""


def parse_operand(text: str, side: Side | None) -> Operand:
    """`side` counts for a bare name; None where the user has to name one."""
    found = _OPERAND.fullmatch(text.strip())
    if found is None:
        raise TemplateError(f"{text!r} names no attribute; write mail, cs:mail, mv:mail, [dn] or $value")
    if found["pseudo"]:
        if found["pseudo"] not in PSEUDO:
            raise TemplateError(f"[{found['pseudo']}] is not known; there are {', '.join(f'[{name}]' for name in PSEUDO)}")
        return Operand(Side.PSEUDO, found["pseudo"])
    if found["value"]:
        return Operand(Side.VALUE, found["value"])
    if found["side"]:
        return Operand(Side(found["side"]), found["name"].strip())
    if side is None:
        raise TemplateError(f"{text!r} may belong to either side; write cs:{text} or mv:{text}")
    return Operand(side, found["name"].strip())


def parse_template(text: str, side: Side | None) -> Template:
    parts: list[str | Placeholder] = []
    literal = ""
    at = 0
    while at < len(text):
        char = text[at]
        if text[at : at + 2] in ("{{", "}}"):
            literal += char
            at += 2
        elif char == "}":
            raise TemplateError(f"a closing brace without an opening one at character {at + 1}; write }}}} for the character")
        elif char == "{":
            end = text.find("}", at)
            if end < 0:
                raise TemplateError(f"a brace that is not closed at character {at + 1}; write {{{{ for the character")
            parts += [literal] if literal else []
            literal = ""
            parts.append(_placeholder(text[at + 1 : end], side))
            at = end + 1
        else:
            literal += char
            at += 1
    return Template((*parts, literal) if literal or not parts else tuple(parts))


def _placeholder(text: str, side: Side | None) -> Placeholder:
    name, *functions = (item.strip() for item in text.split("|"))
    optional = name.endswith("?")
    return Placeholder(parse_operand(name.rstrip("?"), side), optional, tuple(Step(function) for function in functions))
