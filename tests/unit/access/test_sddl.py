# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Security descriptors survive reading and writing."""

from __future__ import annotations

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.access.sddl import SddlProblem, expand_trustee, parse, parse_rights, write_rights
from hypothesis import given
from hypothesis import strategies as st

from .descriptors import descriptors


@given(descriptors)
def test_what_is_read_is_written_back(text: str) -> None:
    assert parse(text).text == text


@given(st.integers(0, 0x1FF), st.sampled_from((0, 0x10000, 0x20000, 0xF0000)))
def test_rights_are_read_as_they_are_written(low: int, high: int) -> None:
    assert parse_rights(write_rights(low | high)) == low | high


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_with_a_reason(text: str) -> None:
    try:
        parse(text)
    except SddlProblem as problem:
        assert problem.message


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("D:(A;;RP;;;AU", "ends in the middle"),
        ("D:(A;;RP;;AU)", "no six fields"),
        ("D:(A;;RP;;;AU)x(A;;RP;;;AU)", "between two entries"),
        ("D:D:", "is expected"),
        ("nonsense", "is expected"),
    ],
)
def test_a_broken_descriptor_is_refused_by_its_fault(text: str, reason: str) -> None:
    with pytest.raises(SddlProblem, match=reason):
        parse(text)


def test_an_alias_of_a_domain_is_that_domains() -> None:
    assert expand_trustee("DA", "S-1-5-21-1-2-3", "S-1-5-21-9-9-9") == "S-1-5-21-1-2-3-512"
    assert expand_trustee("EA", "S-1-5-21-1-2-3", "S-1-5-21-9-9-9") == "S-1-5-21-9-9-9-519"
    assert expand_trustee("BA") == "S-1-5-32-544"


def test_generic_bits_mean_what_they_mean_on_a_directory_object() -> None:
    assert parse_rights("0x10000000") == parse_rights("GA") == 0xF01FF
