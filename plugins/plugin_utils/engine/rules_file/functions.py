# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the functions of rules do. Each takes all values and gives all values; twin of rules_extension/RuleFunctions*.cs.

Names, arguments and meaning: rules/catalogue.py. Arguments were checked when the rules file was read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from ...rules.catalogue import FUNCTIONS, PER_VALUE, Function
from ...rules.model import Step
from . import chance, conversions, names
from .letters import check_text, flag, integer, lower, title, upper, without_diacritics
from .matching import Machine, first, group, machine, replace, replacement
from .surroundings import Surroundings

Texts = tuple[str, ...]
Transform = Callable[[Texts], Texts]
Arguments = Mapping[str, str]
# One value to none, one or several.
Each = Callable[[str], "str | Texts | None"]
WHITE_SPACE = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"


def compile_step(step: Step, around: Surroundings) -> Transform:
    """The step as a function. Its results are checked against the rules file's limit."""
    function = FUNCTIONS[step.function]
    arguments = completed(function, step.arguments)
    limit = around.rules.text_length
    if step.function in PER_VALUE:
        each = EACH[step.function](arguments, around)
        return lambda texts: _checked(_flattened(map(each, texts)), limit)
    whole = WHOLE[step.function](arguments, around)
    return lambda texts: _checked(whole(texts), limit)


def completed(function: Function, given: Arguments) -> dict[str, str]:
    return {item.name: given.get(item.name, item.default or "") for item in function.parameters}


def _flattened(results: Iterable[str | Texts | None]) -> Texts:
    out: list[str] = []
    for result in results:
        if isinstance(result, str):
            out.append(result)
        elif result is not None:
            out.extend(result)
    return tuple(out)


def _checked(texts: Texts, limit: int) -> Texts:
    for text in texts:
        if len(text) > limit or not text.isascii():
            check_text(text, limit)
    return texts


def _machine(a: Arguments) -> Machine:
    return machine(a["pattern"], a["ignore_case"] == "true")


# Texts


def _trimmer(a: Arguments, strip: Callable[[str, str], str]) -> Each:
    characters = a["characters"] or WHITE_SPACE
    return lambda text: strip(text, characters)


def _replace_text(a: Arguments, around: Surroundings) -> Each:
    find, other = a["find"], a["with"]
    if a["ignore_case"] != "true":
        return lambda text: text.replace(find, other)
    folded = upper(find)

    def run(text: str) -> str:
        out, at, searched = [], 0, upper(text)
        while (place := searched.find(folded, at)) >= 0:
            out += [text[at:place], other]
            at = place + len(folded)
        return "".join([*out, text[at:]])

    return run


def _replace(a: Arguments, around: Surroundings) -> Each:
    wanted, limit = _machine(a), around.rules.pattern_steps
    parts = replacement(a["with"], wanted.pattern.groups)
    return lambda text: replace(wanted, parts, text, limit)


def _extract(a: Arguments, around: Surroundings) -> Each:
    wanted, number, limit = _machine(a), int(a["group"]), around.rules.pattern_steps

    def run(text: str) -> str | None:
        spans = first(wanted, text, limit)
        return group(text, spans, number) if spans is not None and spans[2 * number] >= 0 else None

    return run


def _found(a: Arguments, around: Surroundings) -> Callable[[str], bool]:
    wanted, limit = _machine(a), around.rules.pattern_steps
    return lambda text: first(wanted, text, limit) is not None


def _matches(a: Arguments, around: Surroundings) -> Each:
    found = _found(a, around)
    return lambda text: flag(found(text))


def _before(a: Arguments, around: Surroundings) -> Each:
    return lambda text: text.partition(a["text"])[0]


def _after(a: Arguments, around: Surroundings) -> Each:
    def run(text: str) -> str:
        parts = text.partition(a["text"])
        return parts[2] if parts[1] else text

    return run


def _substring(a: Arguments, around: Surroundings) -> Each:
    start, length = int(a["start"]), integer(a["length"])
    return lambda text: text[start:] if length < 0 else text[start : start + length]


def _right(a: Arguments, around: Surroundings) -> Each:
    length = int(a["length"])
    return lambda text: text[-length:] if length else ""


def _padding(a: Arguments, text: str) -> str:
    return a["with"] * max(0, int(a["length"]) - len(text))


def _word(a: Arguments, around: Surroundings) -> Each:
    number, separators = int(a["number"]), a["separators"]

    def run(text: str) -> str | None:
        for separator in separators[1:]:
            text = text.replace(separator, separators[0])
        words = [word for word in text.split(separators[0]) if word]
        return words[number - 1] if 1 <= number <= len(words) else None

    return run


def _escape_xml(text: str) -> str:
    for char, name in (("&", "amp"), ("<", "lt"), (">", "gt"), ('"', "quot"), ("'", "apos")):
        text = text.replace(char, f"&{name};")
    return text


# Lists


def _at(a: Arguments, around: Surroundings) -> Transform:
    number = int(a["number"])
    return lambda texts: texts[number - 1 : number] if number else ()


def _split(a: Arguments, around: Surroundings) -> Transform:
    return lambda texts: tuple(piece for text in texts for piece in text.split(a["at"]))


def _distinct(a: Arguments, around: Surroundings) -> Transform:
    key: Callable[[str], str] = upper if a["ignore_case"] == "true" else str

    def run(texts: Texts) -> Texts:
        seen: dict[str, str] = {}
        for text in texts:
            seen.setdefault(key(text), text)
        return tuple(seen.values())

    return run


def _keep(a: Arguments, around: Surroundings, wanted: bool) -> Transform:
    found = _found(a, around)
    return lambda texts: tuple(text for text in texts if found(text) == wanted)


def _with_prefix(a: Arguments, around: Surroundings) -> Transform:
    prefix = _ascii_upper(a["text"])
    return lambda texts: tuple(text[len(prefix) :] for text in texts if _ascii_upper(text[: len(prefix)]) == prefix)


def _ascii_upper(text: str) -> str:
    return "".join(char.upper() if char.isascii() else char for char in text)


def _fallback(a: Arguments, around: Surroundings) -> Transform:
    return lambda texts: texts or around.named(a["value"])


EACH: Mapping[str, Callable[[Arguments, Surroundings], Each]] = {
    "upper": lambda a, c: upper,
    "lower": lambda a, c: lower,
    "title": lambda a, c: title,
    "without_diacritics": lambda a, c: without_diacritics,
    "trim": lambda a, c: _trimmer(a, str.strip),
    "trim_start": lambda a, c: _trimmer(a, str.lstrip),
    "trim_end": lambda a, c: _trimmer(a, str.rstrip),
    "prefix": lambda a, c: lambda text: a["text"] + text,
    "suffix": lambda a, c: lambda text: text + a["text"],
    "replace_text": _replace_text,
    "replace": _replace,
    "extract": _extract,
    "matches": _matches,
    "before": _before,
    "after": _after,
    "substring": _substring,
    "left": lambda a, c: lambda text: text[: int(a["length"])],
    "right": _right,
    "pad_left": lambda a, c: lambda text: _padding(a, text) + text,
    "pad_right": lambda a, c: lambda text: text + _padding(a, text),
    "word": _word,
    "escape_dn": lambda a, c: names.escaped,
    "escape_xml": lambda a, c: _escape_xml,
    "dn_part": lambda a, c: lambda text: names.part(text, int(a["number"])),
    "dn_component": lambda a, c: lambda text: names.component(text, int(a["number"])),
    "dn_parent": lambda a, c: names.parent,
    "dn_name": lambda a, c: names.shown,
    "netbios_name": lambda a, c: c.domain_name,
    "mv_lookup": lambda a, c: lambda text: c.find(a["find"], text, a["give"], a["type"]),
    **conversions.CONVERSIONS,
}
WHOLE: Mapping[str, Callable[[Arguments, Surroundings], Transform]] = {
    "first": lambda a, c: lambda texts: texts[:1],
    "last": lambda a, c: lambda texts: texts[-1:],
    "at": _at,
    "join": lambda a, c: lambda texts: (a["with"].join(texts),) if texts else (),
    "split": _split,
    "sort": lambda a, c: lambda texts: tuple(sorted(texts)),
    "reverse": lambda a, c: lambda texts: texts[::-1],
    "distinct": _distinct,
    "count": lambda a, c: lambda texts: (str(len(texts)),),
    "keep": lambda a, c: _keep(a, c, True),
    "drop": lambda a, c: _keep(a, c, False),
    "with_prefix": _with_prefix,
    "random_password": lambda a, c: lambda texts: (chance.password(int(a["length"])),),
    "random_guid": lambda a, c: lambda texts: (chance.identifier(),),
    "drop_empty": lambda a, c: lambda texts: tuple(text for text in texts if text),
    "default": lambda a, c: lambda texts: texts or (a["text"],),
    "fallback": _fallback,
}
