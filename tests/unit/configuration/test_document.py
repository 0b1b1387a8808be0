# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documents are read, looked up, changed and written without loss."""

from __future__ import annotations

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.document import Document, parse
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.markup import Fragment
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import DocumentError

ODD = (
    b"\xef\xbb\xbf<?xml version='1.0' encoding=\"utf-8\"?>\r\n<!-- top -->\r\n<a  x='1'\r\n   y=\"&lt;2>\" >\r\n"
    b"\t<dsml:b/><!-- in --><c ></c >\r\n\t<d>a&amp;&#x41;<![CDATA[<&>]]><!-- no -->\xc3\xa9</d>\r\n</a>\r\n<!-- end -->\r\n"
)


def document(text: str) -> Document:
    return parse(text.encode())


def test_unchanged_document_is_written_back_byte_by_byte() -> None:
    assert parse(ODD).write() == ODD


def test_real_files_are_written_back_byte_by_byte(real_set: dict[str, bytes]) -> None:
    for name, content in real_set.items():
        assert parse(content, name).write() == content


def test_real_files_survive_a_walk_through_every_element_as_if_changed(real_set: dict[str, bytes]) -> None:
    for name, content in real_set.items():
        read = parse(content, name)
        for element in read.root.walk():
            element.dirty = True
        assert read.write() == content


def test_lookup_by_local_name_whatever_the_prefix() -> None:
    root = document('<r xmlns:m="u"><p:s xmlns:p="v"><q m:flag="1">t</q></p:s></r>').root
    assert root.find_text("s/q") == "t"
    assert root.require("s/q").get("flag") == "1"


def test_path_looks_into_every_branch() -> None:
    root = document("<r><a/><a><b>1</b></a><a><b>2</b></a></r>").root
    assert root.find_text("a/b") == "1"
    assert [found.text for found in root.find_all("a/b")] == ["1", "2"]


def test_missing_element_is_named() -> None:
    with pytest.raises(DocumentError, match=r"<r> has no <a/b>"):
        document("<r/>").root.require("a/b")


def test_text_is_decoded_and_comments_are_left_out() -> None:
    assert parse(ODD).root.find_text("d") == "aA&<&>é".replace("aA&", "a&A")


def test_changed_text_touches_its_element_alone() -> None:
    read = parse(ODD)
    read.root.require("d").set_text("<new>")
    assert read.write() == ODD.replace(ODD[ODD.index(b"<d>") : ODD.index(b"</d>")], b"<d>&lt;new&gt;")


def test_text_set_back_gives_the_first_bytes() -> None:
    read = parse(ODD)
    first = read.root.require("d").text
    read.root.require("d").set_text("other")
    read.root.require("d").set_text(first)
    assert read.write() == ODD


def test_attribute_keeps_its_place_and_quotes() -> None:
    read = parse(ODD)
    read.root.set_attribute("x", "it's \"<")
    assert b'<a  x=\'it&apos;s "&lt;\'\r\n   y="&lt;2>" >' in read.write()


def test_changed_attribute_is_found_by_its_local_name() -> None:
    read = document('<r m:flag="1"/>')
    read.root.set_attribute("m:flag", "2")
    assert read.root.get("flag") == "2"
    read.root.set_attribute("m:flag", None)
    assert read.root.get("flag", "none") == "none"


def test_attribute_removed_added_and_put_back() -> None:
    read = parse(ODD)
    read.root.set_attribute("x", None)
    read.root.set_attribute("z", "3")
    assert b'<a\r\n   y="&lt;2>" z="3" >' in read.write()
    read.root.set_attribute("x", "1")
    read.root.set_attribute("z", None)
    assert read.write() == ODD


def test_removed_child_leaves_no_gap_and_returns_to_its_place() -> None:
    read = parse(ODD)
    child = read.root.require("c")
    read.root.remove(child)
    assert b"<!-- in -->\r\n\t<d>" in read.write()
    read.root.insert(1, child)
    assert read.write() == ODD


def test_last_child_removed_makes_an_empty_element_in_the_files_style() -> None:
    read = document("<r>\n  <a />\n  <b>\n    <c>1</c>\n  </b>\n</r>")
    parent = read.root.require("b")
    child = parent.remove(parent.children[0])
    assert read.write() == b"<r>\n  <a />\n  <b />\n</r>"
    parent.append(child)
    assert read.write() == b"<r>\n  <a />\n  <b>\n    <c>1</c>\n  </b>\n</r>"


def test_children_of_an_empty_element_are_indented_as_the_file_is() -> None:
    read = document("<r>\r\n\t<a/>\r\n\t<b/>\r\n</r>")
    read.root.require("b").append(Fragment("c", {"k": "v"}, children=(Fragment("d", text="1"), Fragment("e"))))
    assert read.write() == b'<r>\r\n\t<a/>\r\n\t<b>\r\n\t\t<c k="v">\r\n\t\t\t<d>1</d>\r\n\t\t\t<e/>\r\n\t\t</c>\r\n\t</b>\r\n</r>'


def test_new_child_stands_as_its_neighbour_does() -> None:
    read = document("<r>\n  <a>1</a>\n\n  <a>2</a>\n</r>")
    read.root.append(Fragment("a", text="3"))
    assert read.write() == b"<r>\n  <a>1</a>\n\n  <a>2</a>\n  <a>3</a>\n</r>"


def test_file_of_one_line_stays_one() -> None:
    read = document("<r><a>1</a><b></b></r>")
    read.root.require("b").append(Fragment("c", children=(Fragment("d"),)))
    assert read.write() == b"<r><a>1</a><b><c><d></d></c></b></r>"


def test_inserted_child_can_be_changed_and_taken_out_again() -> None:
    read = document("<r>\n  <a />\n</r>")
    added = read.root.require("a").append(Fragment("b", text="1"))
    added.set_text("2")
    assert read.write() == b"<r>\n  <a>\n    <b>2</b>\n  </a>\n</r>"
    read.root.require("a").remove(added)
    assert read.write() == b"<r>\n  <a />\n</r>"


def test_replacement_takes_the_place_of_the_old_one() -> None:
    read = document("<r>\n  <a />\n  <b />\n  <c />\n</r>")
    read.root.replace(read.root.require("b"), Fragment("d", text="x"))
    assert read.write() == b"<r>\n  <a />\n  <d>x</d>\n  <c />\n</r>"


def test_copy_is_apart_from_its_origin() -> None:
    read = document("<r>\n  <a k='1'>\n    <b>1</b>\n  </a>\n</r>")
    twin = read.root.append(read.root.require("a").copy())
    twin.require("b").set_text("2")
    assert read.write() == b"<r>\n  <a k='1'>\n    <b>1</b>\n  </a>\n  <a k='1'>\n    <b>2</b>\n  </a>\n</r>"


def test_text_of_an_element_with_children_cannot_be_set() -> None:
    with pytest.raises(DocumentError, match="<r> holds elements"):
        document("<r><a/></r>").root.set_text("x")


def test_character_that_xml_cannot_hold_is_refused_by_number() -> None:
    with pytest.raises(DocumentError, match=r"U\+0001"):
        document("<r/>").root.set_text("a\x01")


@pytest.mark.parametrize("content", ["", "\n  ", " text ", "<!-- none -->", "<![CDATA[text]]>"])
def test_a_value_put_back_is_written_as_it_was(content: str) -> None:
    data = f"<r>\n  <a>{content}</a>\n  <b />\n</r>".encode()
    document = parse(data)
    element = document.root.require("a")
    before = element.text.strip()
    element.set_value("new & other")
    assert parse(document.write()).root.find_text("a") == "new & other"
    element.set_value(before)
    assert document.write() == data
