# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Declared connector filters: the conditions of `stay-disconnector` as functions.

Operators and the types they fit: "Connection filter data types and operators" (hh227258) for the meanings,
`equality`, `inequality` and `present` as exported documents spell them; the other spellings are the designer's
by analogy and have not been seen in an export.
"""

from __future__ import annotations

from collections.abc import Callable

from ..configuration.model import Condition, FilterSet
from ..errors import InputError
from .extension import text_of
from .objects import NOTHING, Attributes
from .systems.base import Value

# Text of one value and the text of the condition, both in one letter case.
TextTest = Callable[[str, str], bool]
Filter = Callable[[Attributes, str], bool]

TEXT_TESTS: dict[str, TextTest] = {
    "equality": lambda value, wanted: value == wanted,
    "substring-start": lambda value, wanted: value.startswith(wanted),
    "substring-end": lambda value, wanted: value.endswith(wanted),
    "substring-any": lambda value, wanted: wanted in value,
}
NUMBER_TESTS: dict[str, Callable[[int, int], bool]] = {
    "less-than": lambda value, wanted: value < wanted,
    "less-than-or-equal": lambda value, wanted: value <= wanted,
    "greater-than": lambda value, wanted: value > wanted,
    "greater-than-or-equal": lambda value, wanted: value >= wanted,
    "bit-on": lambda value, wanted: value & wanted == wanted,
    "bit-off": lambda value, wanted: value & wanted == 0,
}
# The opposite of a test is true for an object without the attribute, too.
OPPOSITES = {
    "inequality": "equality",
    "not-equality": "equality",
    "not-present": "present",
    "not-substring-start": "substring-start",
    "not-substring-end": "substring-end",
    "not-substring-any": "substring-any",
}
ALIASES = {
    "bit-on-equals": "bit-on",
    "bit-off-equals": "bit-off",
    "bit-and": "bit-on",
    "bit-nand": "bit-off",
    "equals": "equality",
    "starts-with": "substring-start",
    "ends-with": "substring-end",
    "contains": "substring-any",
    "does-not-equal": "inequality",
    "does-not-start-with": "not-substring-start",
    "does-not-end-with": "not-substring-end",
    "does-not-contain": "not-substring-any",
}
KNOWN_OPERATORS = frozenset({"present", "true", "false", *TEXT_TESTS, *NUMBER_TESTS, *OPPOSITES, *ALIASES})


def number(value: Value) -> int | None:
    """A number: decimal, or hexadecimal with 0x; None if the text is none."""
    if isinstance(value, int):
        return value
    try:
        return int(value, 0) if isinstance(value, str) else None
    except ValueError:
        return None


def compile_condition(condition: Condition, attribute: str) -> Filter:
    """`attribute` is the schema's spelling of the name. Raises InputError for an operator or number that is none."""
    operator = ALIASES.get(condition.operator, condition.operator)
    if operator in OPPOSITES:
        test = compile_condition(Condition(condition.attribute, OPPOSITES[operator], condition.value, condition.intrinsic), attribute)
        return lambda view, dn: not test(view, dn)
    values = _values_of(attribute, condition.intrinsic)
    if operator == "present":
        return lambda view, dn: bool(values(view, dn))
    if operator in ("true", "false"):
        wanted_truth = operator == "true"
        return lambda view, dn: any(value is wanted_truth for value in values(view, dn))
    if operator in TEXT_TESTS:
        text_test, wanted_text = TEXT_TESTS[operator], condition.value.casefold()
        return lambda view, dn: any(text_test(text_of(value).casefold(), wanted_text) for value in values(view, dn))
    if operator in NUMBER_TESTS:
        return _number_condition(condition, NUMBER_TESTS[operator], values)
    raise InputError(
        f"The connector filter on {condition.attribute} has the operator '{condition.operator}', which is none of {', '.join(sorted(KNOWN_OPERATORS))}."
    )


def _number_condition(condition: Condition, test: Callable[[int, int], bool], values: Callable[[Attributes, str], tuple[Value, ...]]) -> Filter:
    wanted = number(condition.value)
    if wanted is None:
        raise InputError(f"The connector filter on {condition.attribute} compares with '{condition.value}', which is not a number.")
    return lambda view, dn: any(test(held, wanted) for held in map(number, values(view, dn)) if held is not None)


def _values_of(attribute: str, intrinsic: bool) -> Callable[[Attributes, str], tuple[Value, ...]]:
    if intrinsic:
        return lambda view, dn: (dn,)
    return lambda view, dn: view.get(attribute, NOTHING)


def compile_filter(filter_set: FilterSet, spelling: Callable[[str], str]) -> Filter:
    """Alternatives are ORed, the conditions in one are ANDed (jj590228)."""
    alternatives = [[compile_condition(condition, spelling(condition.attribute)) for condition in alternative] for alternative in filter_set.alternatives]

    def matches(view: Attributes, dn: str) -> bool:
        return any(all(test(view, dn) for test in tests) for tests in alternatives if tests)

    return matches
