# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What goes over the wire to a directory and comes back."""

from __future__ import annotations

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate.directory_names import dn_key, escape_value, split_dn, split_rdn
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.ldap import names, wire
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.ldap.connection import Connection
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.ldap.problems import Refused
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.ldap.records import Edit, Record, record_of
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.ldap.values import AttributeType
from hypothesis import given
from hypothesis import strategies as st
from sansldap.asn1 import ASN1Reader, ASN1Tag, ASN1Writer, TagClass

VALUES = st.lists(st.binary(max_size=40), max_size=5).map(tuple)
NAMES = st.text("abcdefXYZ-", min_size=1, max_size=12)
RDN_VALUES = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=12)


def read_message(data: bytes) -> tuple[int, ASN1Reader]:
    """(message number, reader of the request's own fields)."""
    assert wire.message_length(data) == len(data)
    reader = ASN1Reader(data).read_sequence()
    return reader.read_integer(), reader.read_sequence(header=reader.peek_header())


def read_attribute(reader: ASN1Reader) -> tuple[str, tuple[bytes, ...]]:
    name, listed, values = reader.read_octet_string().decode(), reader.read_set(), []
    while listed:
        values.append(listed.read_octet_string())
    return name, tuple(values)


@given(st.integers(0, 2**31 - 1), st.text(max_size=30), st.dictionaries(NAMES, VALUES, max_size=5))
def test_an_add_request_holds_what_it_was_given(number: int, dn: str, attributes: dict[str, tuple[bytes, ...]]) -> None:
    found_number, request = read_message(wire.add_request(number, dn, attributes))
    assert (found_number, request.read_octet_string().decode()) == (number, dn)
    listed, found = request.read_sequence(), {}
    while listed:
        name, values = read_attribute(listed.read_sequence())
        found[name] = values
    assert found == attributes


@given(st.text(max_size=30), st.lists(st.builds(Edit, st.sampled_from(("add", "delete", "replace")), NAMES, VALUES), max_size=5))
def test_a_modification_holds_its_edits_in_their_order(dn: str, edits: list[Edit]) -> None:
    _unused, request = read_message(wire.modify_request(7, dn, edits))
    assert request.read_octet_string().decode() == dn
    listed, found = request.read_sequence(), []
    while listed:
        item = listed.read_sequence()
        operation = item.read_integer(tag=ASN1Tag(TagClass.UNIVERSAL, 10, False))
        found.append(Edit(("add", "delete", "replace")[operation], *read_attribute(item.read_sequence())))
    assert found == edits


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_a_rename_names_the_parent_only_for_a_move(dn: str, rdn: str, parent: str) -> None:
    _unused, request = read_message(wire.rename_request(1, dn, rdn, parent))
    assert (request.read_octet_string().decode(), request.read_octet_string().decode(), request.read_boolean()) == (dn, rdn, True)
    found = request.read_octet_string(tag=ASN1Tag(TagClass.CONTEXT_SPECIFIC, 0, False)).decode() if request else ""
    assert found == parent


@given(st.sampled_from(sorted(wire.WRITE_ANSWERS)), st.integers(0, 80), st.text(max_size=60).filter(lambda text: not text.endswith("\0") and text[:1] != "\0"))
def test_answers_to_changes_are_read(kind: int, code: int, diagnostic: str) -> None:
    writer = ASN1Writer()
    with writer.push_sequence() as message:
        message.write_integer(5)
        with message.push_sequence(ASN1Tag(TagClass.APPLICATION, kind, True)) as result:
            result.write_enumerated(code)
            result.write_octet_string(b"")
            result.write_octet_string(diagnostic.encode())
    data = bytes(writer.get_data())
    assert (wire.answer_kind(data), wire.read_change_answer(data)) == (kind, (code, diagnostic))


@given(st.binary(max_size=60), st.booleans())
def test_the_cookie_of_change_tracking_survives(cookie: bytes, more: bool) -> None:
    writer = ASN1Writer()
    with writer.push_sequence() as answer:
        answer.write_integer(int(more))
        answer.write_integer(0)
        answer.write_octet_string(cookie)
    assert wire.read_dirsync(bytes(writer.get_data())) == (more, cookie)


@given(st.binary(min_size=1, max_size=200_000))
def test_a_message_is_whole_only_at_its_end(body: bytes) -> None:
    writer = ASN1Writer()
    writer.write_octet_string(body)
    data = bytes(writer.get_data())
    assert wire.message_length(data) == len(data)
    assert wire.message_length(data[:1]) == 0


# --- names


@given(st.lists(RDN_VALUES, min_size=1, max_size=4))
def test_names_are_taken_apart_as_the_lab_does(values: list[str]) -> None:
    dn = ",".join(f"CN={escape_value(value)}" for value in values)
    rdn, parent = names.split(dn)
    assert split_rdn(split_dn(dn)[0]) == split_rdn(rdn)
    assert names.name_of(dn) == ("CN", values[0])
    assert dn.endswith(parent)
    assert names.key(dn) == names.key(dn.replace("CN=", "cn="))


@given(st.lists(RDN_VALUES, min_size=1, max_size=3), st.lists(RDN_VALUES, min_size=1, max_size=3))
def test_names_that_are_equal_here_are_equal_in_the_directory(left: list[str], right: list[str]) -> None:
    one, other = (",".join(f"CN={escape_value(value)}" for value in values) for values in (left, right))
    if names.key(one) == names.key(other):
        assert dn_key(one) == dn_key(other)


# --- records


def test_the_first_part_of_a_long_list_says_where_the_next_begins() -> None:
    record = record_of("CN=g", {"member": (), "member;range=0-1499": (b"a", b"b")})
    assert (record.values("MEMBER"), dict(record.partial)) == ((b"a", b"b"), {"member": 1500})
    assert not record_of("CN=g", {"member;range=1500-*": (b"c",)}).partial


class LongLists(Connection):
    """Answers parts of three values."""

    def __init__(self, members: list[bytes]) -> None:
        self.members, self.asked = members, 0

    def search(self, base, query, attributes, *, scope="subtree", controls=()):  # type: ignore[no-untyped-def,override]
        self.asked += 1
        start = int(attributes[0].partition("=")[2].partition("-")[0])
        part = self.members[start : start + 3]
        end = "*" if start + 3 >= len(self.members) else str(start + len(part) - 1)
        yield record_of(base, {f"member;range={start}-{end}": tuple(part)})


@pytest.mark.parametrize("count", [3, 4, 9, 20])
def test_long_lists_are_completed(count: int) -> None:
    members = [f"CN={number}".encode() for number in range(count)]
    first = Record("CN=g", {"member": tuple(members[:3]), "cn": (b"g",)}, {"member": 3} if count > 3 else {})
    done = LongLists(members).complete(first)
    assert (done.values("member"), done.text("cn"), dict(done.partial)) == (tuple(members), "g", {})


# --- values and refusals


@pytest.mark.parametrize(
    ("syntax", "data", "value"),
    [
        ("2.5.5.8", b"TRUE", True),
        ("2.5.5.9", b"-2147483646", -2147483646),
        ("2.5.5.16", b"9223372036854775807", 9223372036854775807),
        ("2.5.5.10", b"\xff\0", b"\xff\0"),
        ("2.5.5.12", "Zoë".encode(), "Zoë"),
        ("2.5.5.1", b"CN=a,DC=b", "CN=a,DC=b"),
    ],
)
def test_values_mean_what_the_schema_says(syntax: str, data: bytes, value: object) -> None:
    kind = AttributeType("x", syntax, single=True)
    assert kind.read((data,)) == (value,)
    assert kind.write(kind.read((data,))) == (data,)


def test_a_reference_loses_the_identity_before_it() -> None:
    kind = AttributeType("x", "2.5.5.1", single=True)
    assert kind.read((b"<GUID=4f546b24-7af5-4b8f-bd05-1541adf4a6b3>;<SID=S-1-5-21>;CN=a<b>;c,DC=b",)) == ("CN=a<b>;c,DC=b",)


def test_a_refusal_tells_windows_own_error() -> None:
    assert Refused("a search", 50, "00002105: SecErr: DSID-031A11EA, problem 4003").win32 == 8453
    assert Refused("a search", 50, "no number").win32 == 0
    assert "CN=x" in Refused("the change", 19, dn="CN=x").message
