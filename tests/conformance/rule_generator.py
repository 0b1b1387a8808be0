# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Random rules files and calls of them, the same for the same seed: every function, every test, every kind of rule."""

from __future__ import annotations

import random
from base64 import b64encode
from dataclasses import dataclass
from typing import Any

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.rules.catalogue import BY_CHANCE, FUNCTIONS, TESTS, WITHOUT_VALUE, Parameter
from ansible_collections.mimsync.sharepoint.tests.conformance.rule_cases import Case, Thing, Values, sid

WORDS = (
    "Müller",
    "straße",
    "ΑΘΗΝΑ",
    "李小龙",
    "ивАн",
    "Ørsted",
    "😀",
    "ǆ",
    "a",
    "Z",
    "7",
    "sip:",
    "SIP:",
    " ",
    "  ",
    "\t",
    "\x85",
    "\xa0",
    "\x1c",
    "-",
    "'",
    "x@y.z",
)
SIGNS = ("=", ",", "\\,", "\\\\", "\\2C", "\\C3\\A9", "\\c3", "+", "#", "<&>", '"', ".", "ab", "aab", "B", "\r\n", "ı", "ﬁ", "\u2028")
BROKEN = ("\ud83d", "a\udc00b", "\ude00")
NUMBERS = (
    "0",
    "1",
    "-1",
    "2",
    "514",
    "0x200",
    "-2147483646",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    " 42 ",
    "+7",
    "4x",
    "",
    "--1",
    "1.0",
    "0xFFFFFFFFFFFFFFFF",
)
TRUTHS = ("true", "false", "1", "0", "True", "yes", "")
DATES = (
    "2024-02-29T23:59:59Z",
    "2023-02-29T00:00:00Z",
    "1601-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "1600-12-31T23:59:59Z",
    "20240105123456.0Z",
    "05.01.2024",
    "x",
)
TICKS = ("0", "9223372036854775807", "133484256000000000", "1", "-5", "2650467743999999999", "2650467744000000000", "133484256009999999")
FORMATS = ("filetime", "iso", "generalized", "dd.MM.yyyy", "yyyy", "HH:mm dd/MM/yyyy", "yyyyMMdd")
BINARIES = (b"", b"\x00\xff", sid(21, 1, 2, 3), sid(), bytes(range(16)), b"abc")
DNS = (
    "CN=Anna Berg,OU=Staff,DC=corp,DC=example,DC=com",
    "cn=a\\,b\\\\,OU=x , dc=Corp,DC=example,DC=com",
    "CN=\\C3\\A9\\0A,DC=x",
    "CN=\\ff,DC=x",
    "OU=x",
    "",
    "CN=+a,DC=contoso,DC=com",
    "a,b",
)
PATTERNS = (
    "a",
    "(a)(b)?",
    "^(\\S+) (.+)$",
    "[a-z]+",
    "[^a-z]+?",
    "\\d{1,3}",
    "(a|ab)(c|bcd)*",
    "(?:a*)*b",
    "\\bA",
    ".$",
    "x?",
    "(a*)(a*)a",
    "[\\w.-]+@",
    "\\u00fc",
    "(ä|Ä|M)+",
    "\\.",
    "b{2}",
    "(a+)+$",
    "^$",
    "[ß-ÿ]",
)
REPLACEMENTS = ("", "-", "$0$0", "$1", "$$", "<$0>")
LOOKUPS = {"codes": {"a": "first", "B": "second", "7": ""}, "any case": {"entries": {"Müller": "Miller", "ab": "AB"}, "ignore_case": True}}
VALUES = {"fixed": "constant", "of text": {"from": "cs:text", "then": ["upper"]}, "both": "{cs:text?}/{mv:other?}"}
DOMAIN = Thing("domain", {"type": ("DomainInfo",), "dc": ("corp",), "distinguishedName": ("DC=corp,DC=example,DC=com",)})
CROSSREF = Thing("crossref", {"nCName": ("DC=corp,DC=example,DC=com",), "nETBIOSName": ("EXAMPLE",)})
# What functions want to see most of the time.
SUITED = {
    "integer": NUMBERS,
    "add": NUMBERS,
    "bit_test": NUMBERS,
    "bit_set": NUMBERS,
    "bit_clear": NUMBERS,
    "group_scope": NUMBERS,
    "group_kind": NUMBERS,
    "bits": NUMBERS,
    "less": NUMBERS,
    "greater": NUMBERS,
    "not": TRUTHS,
    "choose": TRUTHS,
    "is_true": TRUTHS,
    "is_false": TRUTHS,
    "date": (*DATES, *TICKS),
    "date_add": (*DATES, *TICKS),
    "past": (*DATES, *TICKS),
    "future": (*DATES, *TICKS),
    "dn_part": DNS,
    "dn_component": DNS,
    "dn_parent": DNS,
    "dn_name": DNS,
    "netbios_name": DNS,
    "same_dn": DNS,
    "sid_text": tuple(b64encode(item).decode() for item in BINARIES),
    "guid_text": tuple(b64encode(item).decode() for item in BINARIES),
    "hex": (*(b64encode(item).decode() for item in BINARIES), "a", "===="),
    "without_diacritics": ("Zoë Müller-Łoś", "ÆØå ßẞ", "e\u0301\u0323", "Ǽ ǡ ẞ Ḃ", "Ωмир", "İıŒþÐđ"),
    "from_hex": ("", "00ff", "0", "xy", "ABCDEF"),
    "lookup": ("a", "b", "B", "7", "MÜLLER", "AB", "Ab"),
    "mv_lookup": ("corp", "EXAMPLE", "DC=corp,DC=example,DC=com"),
}
REPEATABLE = tuple(name for name in FUNCTIONS if name not in BY_CHANCE)
FINDS = ("text", "dc", "nETBIOSName", "nowhere", "type")


@dataclass(frozen=True)
class Suite:
    """A rules file as YAML and its calls."""

    data: dict[str, Any]
    cases: tuple[Case, ...]


def suites(seed: int, each: int, calls: int = 4) -> list[Suite]:
    """One for each function and test, with `each` rules and `calls` of each rule, and `each` whole files."""
    dice = Generator(random.Random(seed), calls)
    made = [dice.functions(name, each) for name in FUNCTIONS if name not in BY_CHANCE]
    made += [dice.tests(name, each) for name in TESTS]
    return made + [dice.whole() for _unused in range(each)]


class Generator:
    def __init__(self, dice: random.Random, calls: int = 4) -> None:
        self.dice = dice
        self.calls = calls

    # Values

    def text(self, kind: str = "", longest: int = 5) -> str:
        if kind in SUITED and self.dice.random() < 0.85:
            return self.dice.choice(SUITED[kind])
        if self.dice.random() < 0.02:
            return self.dice.choice(BROKEN)
        return "".join(self.dice.choice((*WORDS, *SIGNS)) for _unused in range(self.dice.randrange(longest + 1)))

    def thing(self, kind: str, object_type: str) -> Thing:
        values: dict[str, Values] = {name: (self.text(kind),) for name in ("text", "other", "third", "displayName", "accountName")}
        values["texts"] = tuple(dict.fromkeys(self.text(kind) for _unused in range(self.dice.randrange(1, 5))))
        values |= {"number": (self.dice.choice((0, 1, 514, -2147483646)),), "numbers": (5, 7), "flag": (self.dice.random() < 0.5,)}
        values |= {"bytes": (self.dice.choice(BINARIES[1:]),), "binaries": tuple(BINARIES[1:3]), "link": (self.dice.choice(DNS[:3]),)}
        values |= {"distinguishedName": (self.dice.choice(DNS[:4]),), "Anchor": (self.dice.choice(("a1", "A1", "b2")),)}
        kept = {name: items for name, items in values.items() if self.dice.random() < 0.8}
        return Thing(object_type, kept, self.dice.choice(DNS[:3]), self.dice.choice(("AD", "AD", "ad", "APP")))

    def argument(self, item: Parameter) -> Any:
        if item.kind == "pattern":
            return self.dice.choice(PATTERNS)
        if item.kind == "format":
            return self.dice.choice(FORMATS)
        if item.kind == "count":
            return self.dice.choice((0, 1, 1, 2, 3, 7))
        if item.kind == "integer":
            return self.dice.choice(("0", "1", "-1", "2", "512", "0x80000000", "9223372036854775807", "-4"))
        if item.kind == "boolean":
            return self.dice.random() < 0.5
        if item.kind == "lookup":
            return self.dice.choice(tuple(LOOKUPS))
        if item.kind == "value":
            return self.dice.choice(tuple(VALUES))
        if "|" in item.kind:
            return self.dice.choice(item.kind.split("|"))
        return self.dice.choice(("a", "ab", " ", "=", ",", "Mü", "😀", "sip:", "-;"))

    def step(self, name: str) -> Any:
        function = FUNCTIONS[name]
        given = {item.name: self.argument(item) for item in function.parameters if item.default is None or self.dice.random() < 0.6}
        if name == "mv_lookup":
            given = {"find": self.dice.choice(FINDS), "give": self.dice.choice(FINDS), **({"type": "domain"} if self.dice.random() < 0.5 else {})}
        if name == "extract":
            given["group"] = self.dice.choice((0, 1)) if _has_group(given["pattern"]) else 0
        if name == "replace" and "with" in given:
            given["with"] = self.dice.choice(REPLACEMENTS if _has_group(given["pattern"]) else ("", "-", "$0", "$$"))
        return {name: given} if given else name

    def source(self, side: str) -> dict[str, Any]:
        other = "mv" if side == "cs" else "cs"
        return self.dice.choice(
            (
                {"from": "text"},
                {"from": "texts"},
                {"from": ["text", "texts", f"{other}:other"]},
                {"from": "number"},
                {"from": "flag"},
                {"from": "bytes"},
                {"from": "binaries"},
                {"from": "numbers"},
                {"from": "link"},
                {"value": "{text}"},
                {"value": "{text?}-{" + other + ":third?|trim}"},
                {"value": "{[dn]}"},
                {"value": "{[rdn]}{{{[object_type]}}}{[agent?]}".replace("[agent?]", "[agent]")},
                {"rule": "both"},
                {"value": "{[object_id]}"},
                {"from": "missing"},
                {"value": "{texts}"},
            )
        )

    # Suites

    def data(self, **rules: Any) -> dict[str, Any]:
        return {"lookups": LOOKUPS, "values": VALUES, "limits": {"text_length": 1000, "pattern_steps": 500_000}, **rules}

    def functions(self, name: str, each: int) -> Suite:
        flows, cases = [], []
        for number in range(each):
            direction = self.dice.choice(("import", "export", "join"))
            side = "mv" if direction == "export" else "cs"
            plain = self.dice.random() < 0.7
            source = {"from": self.dice.choice(("text", "texts"))} if plain else self.source(side)
            then = [self.step(name)] + ([self.step(self.dice.choice(REPEATABLE))] if self.dice.random() < 0.3 else [])
            flow = {"name": f"{name} {number}", "direction": direction, **source, "then": then, **self.ending()}
            flows.append(
                flow
                | (
                    {}
                    if direction == "join"
                    else {"to": self.dice.choice(("other", "texts", "texts", "number", "flag", "bytes", "binaries", "numbers", "link", "no such"))}
                )
            )
            for _unused in range(self.calls):
                database = (DOMAIN, CROSSREF) if self.dice.random() < 0.8 else ()
                cases.append(Case(direction, flow["name"], self.thing(name, "user"), self.thing(name, "person"), database))
        return Suite(self.data(flows=flows), tuple(cases))

    def ending(self) -> dict[str, Any]:
        empty = self.dice.choice(("none", "decline", "delete", "default"))
        return {"when_empty": empty, **({"default": self.dice.choice(("x", "7", "true"))} if empty == "default" else {})}

    def condition(self, name: str, depth: int = 0) -> dict[str, Any]:
        if depth < 2 and self.dice.random() < 0.3:
            return {self.dice.choice(("all", "any", "none", "one")): [self.condition(name, depth + 1) for _unused in range(self.dice.randrange(1, 4))]}
        function = TESTS[name]
        given: dict[str, Any] = {item.name: self.argument(item) for item in function.parameters if item.kind != "other"}
        if name in WITHOUT_VALUE:
            return {name: self.dice.choice(("AD", "APP", "app", "Nowhere"))}
        of: Any = self.dice.choice(("text", "texts", {"from": "texts", "then": ["trim"]}, "number", "flag", "mv:other", "cs:other", {"value": "{text}"}))
        other = {"to": self.dice.choice(("{other}", "{text}", "a", "7", {"from": "texts"}))} if len(given) < len(function.parameters) else {}
        options = {option: self.dice.random() < 0.5 for option in ("ignore_case", "absent", "every")}
        return {name: {"of": of, **given, **other, **options}}

    def tests(self, name: str, each: int) -> Suite:
        flows, cases = [], []
        for number in range(each):
            rule = f"{name} {number}"
            flows += [
                {"name": rule, "direction": "import", "to": "other", "value": "holds", "when": self.condition(name)},
                {"name": rule, "direction": "import", "to": "other", "value": "second", "object_type": "USER", "agent": "ad", "when": self.condition(name)},
            ]
            for _unused in range(self.calls):
                connectors = (Thing("user", {}, "CN=x", "AD"),) if self.dice.random() < 0.5 else ()
                cases.append(Case("import", rule, self.thing(name, "user"), self.thing(name, "person"), connectors=connectors))
        return Suite(self.data(flows=flows), tuple(cases))

    def simple(self) -> dict[str, Any]:
        return self.condition(self.dice.choice(("present", "equals", "is_true", "matches", "absent", "contains")))

    def selector(self) -> dict[str, Any]:
        choices = {"agent": ("AD", "app"), "object_type": ("user", "GROUP"), "when": (self.simple(),)}
        return {name: self.dice.choice(items) for name, items in choices.items() if self.dice.random() < 0.5}

    def provisioning(self) -> dict[str, Any]:
        anchored = self.dice.random() < 0.5
        name = (
            {"anchor": {"Anchor": "{accountName}"}} if anchored else {"dn": self.dice.choice(("CN={displayName|escape_dn},OU=x", "{text}", {"from": "texts"}))}
        )
        initial = {"other": "{text}", "number": {"value": "{number?}", "then": [{"default": "3"}, "drop_empty"]}, "texts": {"from": "texts"}}
        rule: dict[str, Any] = {
            "agent": "APP" if anchored else "AD",
            "mv_type": self.dice.choice(("person", "Person", "group")),
            "object_type": self.dice.choice(("user", "group")),
            **name,
        }
        if self.dice.random() < 0.05:
            rule["agent"] = "Nowhere"
        rule |= {
            "initial": dict(self.dice.sample(sorted(initial.items()), self.dice.randrange(4))),
            "conflict": self.dice.choice(("fail", "ignore")),
            "exact": self.dice.random() < 0.5,
        }
        rule["when_changed"] = self.dice.choice(("keep", "reprovision") if anchored else ("keep", "rename", "reprovision"))
        if self.dice.random() < 0.7:
            rule["when"] = self.dice.choice(({"present": "text"}, {"is_true": "flag"}, {"connected": "APP"}, self.simple()))
        if self.dice.random() < 0.7:
            rule["leave"] = {"set": {"number": {"from": "cs:number", "then": [{"bit_set": 2}]}}, "deprovision": self.dice.choice(("connector", "agent", "all"))}
            if not anchored and self.dice.random() < 0.5:
                rule["leave"]["move"] = "CN={displayName?},OU=Leavers"
            if self.dice.random() < 0.4:
                del rule["leave"]["deprovision"]
        return rule

    def whole(self) -> Suite:
        """A file with all kinds of rules."""
        some = range(self.dice.randrange(1, 4))
        data = self.data(
            filters=[self.selector() for _unused in some],
            projections=[{**self.selector(), "to": self.dice.choice(("person", "group", False))} for _unused in some],
            join_resolutions=[{"context": self.dice.choice(("c1", "c2")), **self.selector()} for _unused in some],
            provisioning=[self.provisioning() for _unused in some],
            cleanups=[{**self.selector(), "action": self.dice.choice(("disconnect", "explicit_disconnect", "delete"))} for _unused in some],
            deletions=[{**self.selector(), "mv_type": "person", "delete": self.dice.random() < 0.5} for _unused in some],
        )
        cases = [self.call(kind) for kind in ("filter", "project", "resolve", "cleanup", "delete") for _unused in range(max(3, self.calls * 3 // 4))]
        return Suite(data, (*cases, *(self.provision() for _unused in range(self.calls * 5))))

    def call(self, kind: str) -> Case:
        database = tuple(self.thing("", "person") for _unused in range(self.dice.randrange(3)))
        rule = self.dice.choice(("c1", "c2", "c3")) if kind == "resolve" else ""
        return Case(kind, rule, self.thing("", self.dice.choice(("user", "group", "User"))), self.thing("", "person"), database)

    def provision(self) -> Case:
        connectors = tuple(
            Thing(
                self.dice.choice(("user", "group")),
                {**self.thing("", "user").values},
                self.dice.choice(("CN=old,OU=x", "cn=a", "k1")),
                self.dice.choice(("AD", "APP")),
            )
            for _unused in range(self.dice.choice((0, 0, 1, 2)))
        )
        entry = self.thing("", self.dice.choice(("person", "group", "PERSON")))
        account = str(entry.values.get("accountName", ("x",))[0])
        return Case("provision", metaverse=entry, connectors=connectors, taken=(account.upper(),) if self.dice.random() < 0.2 else ())


def _has_group(pattern: str) -> bool:
    return "(" in pattern.replace("(?", "")
