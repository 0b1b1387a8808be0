# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The functions and tests that rules are made of: names, arguments, what they do. Engine, C# and guide follow this table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# Kinds of arguments: text, integer (decimal or 0x...), count (0 to 1,000,000), boolean, pattern, lookup, or choices as `a|b|c`.
TEXT, INTEGER, COUNT, BOOLEAN, PATTERN, LOOKUP, FORMAT = "text", "integer", "count", "boolean", "pattern", "lookup", "format"


@dataclass(frozen=True)
class Parameter:
    """`default` None: required."""

    name: str
    kind: str = TEXT
    default: str | None = None


@dataclass(frozen=True)
class Function:
    name: str
    summary: str
    parameters: tuple[Parameter, ...] = ()

    def parameter(self, name: str) -> Parameter | None:
        return next((item for item in self.parameters if item.name == name), None)


def _table(*functions: Function) -> Mapping[str, Function]:
    return {function.name: function for function in functions}


_CASE = Parameter("ignore_case", BOOLEAN, "false")
_SEARCH = (Parameter("pattern", PATTERN), Parameter("with", TEXT, ""), _CASE)
_SLICE = (Parameter("start", COUNT), Parameter("length", INTEGER, "-1"))
_TABLE = (Parameter("table", LOOKUP), Parameter("missing", "none|keep|error", "none"))
_CHARACTERS = Parameter("characters", TEXT, "")

# Each value on its own; a function that gives nothing for a value drops it.
_TEXTS = (
    Function("upper", "capital letters (invariant culture, one character to one)"),
    Function("lower", "small letters"),
    Function("title", "each word's first letter large, the others small"),
    Function("without_diacritics", "Latin letters without accents and other marks (Zoë as Zoe); ß as ss, æ as ae and their like"),
    Function("trim", "without white space, or the given characters, at both ends", (_CHARACTERS,)),
    Function("trim_start", "the same at the start", (_CHARACTERS,)),
    Function("trim_end", "the same at the end", (_CHARACTERS,)),
    Function("prefix", "text before the value", (Parameter("text"),)),
    Function("suffix", "text behind the value", (Parameter("text"),)),
    Function("replace_text", "every occurrence of a text by another", (Parameter("find"), Parameter("with", TEXT, ""), _CASE)),
    Function("replace", "every match of a pattern; $1 to $9 and $0 stand for groups, $$ for $", _SEARCH),
    Function("extract", "the group of the first match; nothing without one", (Parameter("pattern", PATTERN), Parameter("group", COUNT, "0"), _CASE)),
    Function("matches", "true if the pattern is found, else false", (Parameter("pattern", PATTERN), _CASE)),
    Function("before", "what stands before the first occurrence of a text; the whole value without one", (Parameter("text"),)),
    Function("after", "what stands behind the first occurrence of a text; the whole value without one", (Parameter("text"),)),
    Function("substring", "from a position (0 is the first) on, so many characters; -1 for all", _SLICE),
    Function("left", "the first characters", (Parameter("length", COUNT),)),
    Function("right", "the last characters", (Parameter("length", COUNT),)),
    Function("pad_left", "filled up at the start to a length", (Parameter("length", COUNT), Parameter("with", TEXT, " "))),
    Function("pad_right", "filled up at the end to a length", (Parameter("length", COUNT), Parameter("with", TEXT, " "))),
    Function("word", "the n-th word, counted from 1", (Parameter("number", COUNT), Parameter("separators", TEXT, " "))),
    Function("escape_dn", "with the escapes that a value needs inside of a distinguished name"),
    Function("escape_xml", "with the escapes that a value needs inside of XML"),
)
_NAMES = (
    Function("dn_part", "the value of a component of a distinguished name, counted from 1 at the left, without escapes", (Parameter("number", COUNT, "1"),)),
    Function("dn_component", "the component itself, as CN=Anna", (Parameter("number", COUNT, "1"),)),
    Function("dn_parent", "the name of the container"),
    Function("dn_name", "the first component's value for people to look at: without escapes, control characters as spaces"),
    Function("netbios_name", "the NetBIOS name of the domain of a distinguished name, out of the configuration partition; else its first label in capitals"),
    Function("mv_lookup", "an attribute of the metaverse object that holds the value", (Parameter("find"), Parameter("give"), Parameter("type", TEXT, ""))),
)
_CONVERSIONS = (
    Function(
        "lookup",
        "the value's entry in a lookup table; without one: nothing, the value kept, or an error",
        _TABLE,
    ),
    Function("integer", "a whole number of 64 bits in decimal; decimal or 0x... is read"),
    Function("add", "a number more", (Parameter("number", INTEGER),)),
    Function("bit_test", "true if all bits of the mask are set, else false", (Parameter("mask", INTEGER),)),
    Function("bit_set", "with the bits of the mask", (Parameter("mask", INTEGER),)),
    Function("bit_clear", "without the bits of the mask", (Parameter("mask", INTEGER),)),
    Function("group_scope", "groupType as global, domain_local or universal"),
    Function("group_kind", "groupType as security or distribution"),
    Function("not", "false for true and true for false"),
    Function("choose", "one text for true, another for false", (Parameter("yes"), Parameter("no"))),
    Function("date", "a date from one form into another", (Parameter("from", FORMAT), Parameter("to", FORMAT))),
    Function("date_add", "a date, so much later", (Parameter("format", FORMAT), Parameter("days", INTEGER, "0"), Parameter("seconds", INTEGER, "0"))),
    Function("sid_text", "a binary SID (Base64) as S-1-..."),
    Function("guid_text", "16 bytes (Base64) as a GUID"),
    Function("hex", "binary (Base64) as hexadecimal digits"),
    Function("from_hex", "hexadecimal digits as binary (Base64)"),
    Function("base64", "a text's UTF-8 as Base64"),
    Function("sha256", "the SHA-256 of a text's UTF-8, in hexadecimal"),
)
# All values together.
_LISTS = (
    Function("first", "the first value"),
    Function("last", "the last value"),
    Function("at", "the n-th value, counted from 1", (Parameter("number", COUNT),)),
    Function("join", "one value of all, with a text between", (Parameter("with", TEXT, ""),)),
    Function("split", "each value cut at a text", (Parameter("at"),)),
    Function("sort", "in the order of their characters' codes"),
    Function("reverse", "the other way round"),
    Function("distinct", "each value once", (_CASE,)),
    Function("count", "how many values there are"),
    Function("keep", "only values in which the pattern is found", (Parameter("pattern", PATTERN), _CASE)),
    Function("drop", "only values in which the pattern is not found", (Parameter("pattern", PATTERN), _CASE)),
    Function("with_prefix", "only values that begin with a text, without it (ASCII letters of any case)", (Parameter("text"),)),
    Function("drop_empty", "without values that are empty texts"),
    Function("random_password", "one password by chance, of 8 to 256 characters of all four kinds; in initial values only", (Parameter("length", COUNT),)),
    Function("random_guid", "one GUID by chance; in initial values only"),
    Function("default", "a text, when there is no value", (Parameter("text"),)),
    Function("fallback", "a named value, when there is no value", (Parameter("value", "value"),)),
)
# Another outcome each time: a flow would write it at every synchronization.
BY_CHANCE = frozenset({"random_password", "random_guid"})
PASSWORD_LENGTHS = (8, 256)
PER_VALUE = _table(*_TEXTS, *_NAMES, *_CONVERSIONS)
LISTS = _table(*_LISTS)
FUNCTIONS: Mapping[str, Function] = {**PER_VALUE, **LISTS}

_OTHER = Parameter("to", "other")
TESTS = _table(
    Function("present", "there is a value"),
    Function("absent", "there is none"),
    Function("equals", "the value is the other's (any of the other's values)", (_OTHER,)),
    Function("contains", "the value contains the text of the other", (_OTHER,)),
    Function("starts_with", "the value begins with the text of the other", (_OTHER,)),
    Function("ends_with", "the value ends with the text of the other", (_OTHER,)),
    Function("matches", "the pattern is found", (Parameter("pattern", PATTERN),)),
    Function("is_true", "the value is true (or 1)"),
    Function("is_false", "the value is false (or 0)"),
    Function("bits", "all bits of the mask are set", (Parameter("mask", INTEGER),)),
    Function("less", "the number is smaller than the other", (_OTHER,)),
    Function("greater", "the number is greater than the other", (_OTHER,)),
    Function("same_dn", "the distinguished name is the other's, without regard to case and blanks around components", (_OTHER,)),
    Function("past", "the date lies before the present moment", (Parameter("format", FORMAT),)),
    Function("future", "the date lies behind the present moment", (Parameter("format", FORMAT),)),
    Function("connected", "the metaverse object has a connector in the agent; in provisioning only", (Parameter("agent"),)),
)
# Tests that look at no value.
WITHOUT_VALUE = frozenset({"connected"})
