# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Security descriptors survive the way to a directory's bytes and back."""

from __future__ import annotations

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.access.binary import from_binary, pack_sid, raw_mask, to_binary, unpack_sid
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.access.sddl import (
    ALIASES,
    DOMAIN_ALIASES,
    Ace,
    Acl,
    SddlProblem,
    SecurityDescriptor,
    expand_trustee,
    parse,
    write_rights,
)
from hypothesis import given
from hypothesis import strategies as st

DOMAIN = "S-1-5-21-1004336348-1177238915-682003330"
NUMBERS = st.integers(0, 2**32 - 1)
SIDS = st.lists(NUMBERS, max_size=15).map(lambda numbers: "-".join(["S-1-5", *map(str, numbers)]))
TRUSTEES = st.one_of(SIDS, st.sampled_from(sorted(ALIASES)), st.sampled_from(sorted(DOMAIN_ALIASES)))
GUIDS = st.uuids().map(str)
FLAGS = st.sets(st.sampled_from(("OI", "CI", "NP", "IO", "ID"))).map("".join)
MASKS = st.integers(0, 2**32 - 1)


def plain_aces() -> st.SearchStrategy[Ace]:
    return st.builds(Ace, st.sampled_from(("A", "D")), FLAGS, MASKS.map(hex), st.just(""), st.just(""), TRUSTEES)


def object_aces() -> st.SearchStrategy[Ace]:
    maybe = st.one_of(st.just(""), GUIDS)
    return st.builds(Ace, st.sampled_from(("OA", "OD")), FLAGS, st.integers(0, 0x1FF).map(write_rights), maybe, maybe, TRUSTEES)


ACLS = st.builds(Acl, st.sampled_from(("", "P", "AI", "PAI", "PARAI")), st.lists(st.one_of(plain_aces(), object_aces()), max_size=8).map(tuple))
DESCRIPTORS = st.builds(SecurityDescriptor, TRUSTEES, TRUSTEES, st.one_of(st.none(), ACLS), st.one_of(st.none(), ACLS))


def meaning(ace: Ace) -> tuple[object, ...]:
    """What an entry says, however it is written."""
    sid = expand_trustee(ace.trustee, DOMAIN, DOMAIN)
    return (ace.type, ace.flag_set, raw_mask(ace), ace.object_guid, ace.inherited_guid, sid)


def list_meaning(acl: Acl | None) -> object:
    return None if acl is None else (acl.protected, "AI" in acl.flags, "AR" in acl.flags, acl.is_null, [meaning(ace) for ace in acl.aces])


@given(DESCRIPTORS)
def test_a_descriptor_says_the_same_after_the_way_through_bytes(descriptor: SecurityDescriptor) -> None:
    back = from_binary(to_binary(descriptor, domain_sid=DOMAIN, root_sid=DOMAIN), domain_sid=DOMAIN)
    for name in ("owner", "group"):
        assert expand_trustee(getattr(back, name), DOMAIN) == expand_trustee(getattr(descriptor, name), DOMAIN, DOMAIN)
    assert list_meaning(back.dacl) == list_meaning(descriptor.dacl)
    assert list_meaning(back.sacl) == list_meaning(descriptor.sacl)


@given(DESCRIPTORS)
def test_text_and_bytes_are_stable_after_the_first_way(descriptor: SecurityDescriptor) -> None:
    data = to_binary(descriptor, domain_sid=DOMAIN, root_sid=DOMAIN)
    text = from_binary(data, domain_sid=DOMAIN).text
    assert to_binary(parse(text), domain_sid=DOMAIN, root_sid=DOMAIN) == data
    assert from_binary(to_binary(parse(text), domain_sid=DOMAIN, root_sid=DOMAIN), domain_sid=DOMAIN).text == text


@given(SIDS)
def test_a_sid_survives(sid: str) -> None:
    assert unpack_sid(pack_sid(sid)) == sid


@given(st.binary(max_size=120))
def test_any_bytes_are_read_or_refused_with_a_reason(data: bytes) -> None:
    try:
        from_binary(data)
    except SddlProblem as problem:
        assert problem.message


@given(DESCRIPTORS, st.data())
def test_a_cut_descriptor_is_never_a_traceback(descriptor: SecurityDescriptor, data: st.DataObject) -> None:
    whole = to_binary(descriptor, domain_sid=DOMAIN, root_sid=DOMAIN)
    try:
        from_binary(whole[: data.draw(st.integers(0, len(whole)))])
    except SddlProblem as problem:
        assert problem.message


def test_the_letters_of_a_mask_are_those_that_windows_writes() -> None:
    scoped = "(OA;CIIO;RPWP;8d3bca50-1d7e-11d0-a081-00aa006c33ed;bf967aba-0de6-11d0-a285-00aa003049e2;AU)"
    text = f"O:BAG:SYD:PAI{scoped}(A;;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;SY)(A;CIIO;GA;;;CO)"
    assert from_binary(to_binary(parse(text))).text == text


def test_a_list_for_everybody_stays_one() -> None:
    assert from_binary(to_binary(parse("O:BAD:NO_ACCESS_CONTROL"))).text == "O:BAD:NO_ACCESS_CONTROL"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('D:(XA;;RP;;;WD;(@User.Project Any_of "A"))', "conditional"),
        ("D:(A;;RP;;;DA)", "no domain"),
        ("D:(A;;RP;bf967aba-0de6-11d0-a285-00aa003049e2;;WD)", "GUID"),
        ("D:(OA;;RP;not-a-guid;;WD)", "not-a-guid"),
        ("D:(A;QQ;RP;;;WD)", "QQ"),
        ("D:(A;;ZZ;;;WD)", "ZZ"),
    ],
)
def test_what_has_no_bytes_is_refused_by_name(text: str, named: str) -> None:
    with pytest.raises(SddlProblem, match=named):
        to_binary(parse(text))
