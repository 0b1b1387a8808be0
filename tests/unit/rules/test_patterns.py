# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The patterns' own machine finds what Python's finds, wherever both know the pattern."""

from __future__ import annotations

import re
from dataclasses import replace

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.rules_file.matching import first, group, machine, matches
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.rules_file.matching import replace as replaced
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.rules.pattern import parse_replacement
from hypothesis import given, settings
from hypothesis import strategies as st

LIMIT = 10_000_000
PARTS = (
    "a",
    "b",
    "[ab]",
    "[^a]",
    ".",
    "(a|b)",
    "(a|ab)(c|bcd)",
    "(a*)",
    "(?:ab)+",
    "a?",
    "b{1,2}?",
    "^",
    "$",
    "\\b",
    "(b+?)",
    "\\w",
    "\\d",
    "c",
    "d",
    "ä",
    "\\.",
)
PATTERN = st.lists(st.sampled_from(PARTS), min_size=1, max_size=5).map("".join)
TEXT = st.text("abcd. äÄ1", max_size=9)


@given(PATTERN, TEXT)
@settings(max_examples=400, deadline=None)
def test_both_machines_find_the_same(pattern: str, text: str) -> None:
    found = machine(pattern, False)
    slow = list(matches(replace(found, quick=None), text, LIMIT))
    assert list(matches(found, text, LIMIT)) == slow
    theirs = re.compile(pattern.replace("$", r"\Z"), re.ASCII).search(text)
    assert (slow[0][:2] if slow else None) == (theirs.span() if theirs else None)


@given(PATTERN, TEXT)
@settings(max_examples=100, deadline=None)
def test_what_is_replaced_by_itself_stays(pattern: str, text: str) -> None:
    assert replaced(machine(pattern, False), parse_replacement("$0", 0), text, LIMIT) == text


def test_letter_case_is_ignored_where_it_is_said() -> None:
    assert first(machine("müLLer", True), "Herr MÜLLER", LIMIT) == (5, 11)
    assert first(machine("[^a-z]", True), "ABC1", LIMIT) == (3, 4)
    assert first(machine("straße", True), "STRASSE", LIMIT) is None
    assert first(machine("a", False), "A", LIMIT) is None


def test_a_group_that_took_no_part_is_empty() -> None:
    spans = first(machine("(a)|(b)", False), "b", LIMIT)
    assert spans is not None
    assert (group("b", spans, 1), group("b", spans, 2)) == ("", "b")
