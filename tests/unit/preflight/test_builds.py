# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preflight.builds import build_problem, decide_hotfix, is_older, parse_build, show_build
from hypothesis import given
from hypothesis import strategies as st

BUILDS = st.tuples(*[st.integers(0, 99999)] * 4)


@pytest.mark.parametrize(
    ("installed", "target", "needed"),
    [
        ("4.3.1935.0", "4.3.2064.0", True),
        ("4.3.1935.0", "", True),
        ("4.3.2064.0", "4.3.2064.0", False),
        ("4.3.2195.0", "4.3.2064.0", False),
        ("4.4.1302.0", "4.3.2064.0", False),
        ("4.4.1302.0", "", False),
        ("4.6.34.0", "", False),
        ("4.6.34.0", "4.6.641.0", True),
        ("4.6.34", "4.6.34.0", False),
        ("5.0.1.0", "", False),
        ("", "4.6.641.0", True),
    ],
)
def test_a_hotfix_is_decided_from_the_installed_build(installed, target, needed):
    assert decide_hotfix(installed, target).needed is needed


def test_a_hotfix_of_another_line_is_refused():
    with pytest.raises(InputError, match=r"4\.6\.641\.0 does not fit the installed build 4\.3\.1935\.0"):
        decide_hotfix("4.3.1935.0", "4.6.641.0")


@pytest.mark.parametrize("text", ["", "four", "4", "4.6.34.0.1", "4.-1", "4.6.x"])
def test_what_is_no_version_is_named(text):
    with pytest.raises(InputError, match="version number"):
        parse_build(text)


@pytest.mark.parametrize(
    ("build", "sharepoint", "words"), [("4.3.2064.0", "2019", "does not support"), ("3.9.1.0", "2016", "not of a line"), ("4.6.34.0", "2019", "")]
)
def test_builds_that_cannot_serve(build, sharepoint, words):
    assert words in build_problem(build, sharepoint)


def test_missing_is_older_than_anything():
    assert is_older("", "")
    assert not is_older("1.0", "")


@given(BUILDS)
def test_a_build_reads_back(build):
    assert parse_build(show_build(build)) == build


@given(BUILDS, BUILDS)
def test_older_is_an_order(left, right):
    assert (is_older(show_build(left), show_build(right)) or is_older(show_build(right), show_build(left))) is (left != right)
