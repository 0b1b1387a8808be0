# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whatever a file looks like: it is written back as it was, and edits that are taken back leave no trace."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.document import Document, parse
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.element import Element
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.markup import Fragment
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import DocumentError
from hypothesis import given, settings
from hypothesis import strategies as st

NAMES = st.sampled_from(["a", "b-c", "dsml:d", "_e", "f.g"])
SPACE = st.sampled_from(["", " ", "\n", "\r\n", "\n  ", "\r\n\t", "\n\n    "])
GAP = st.sampled_from([" ", "\n", "\r\n  ", "\t"])
CHARACTERS = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")
WORDS = st.text(CHARACTERS, max_size=8)
VALUES = st.text(st.one_of(CHARACTERS, st.sampled_from("\t\n\r<>&\"'")), max_size=8)


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&#x3C;").replace(">", "&gt;")


@st.composite
def start_tags(draw: st.DrawFn, name: str) -> str:
    tag = f"<{name}"
    for attribute in draw(st.lists(NAMES, unique=True, max_size=3)):
        quote = draw(st.sampled_from("\"'"))
        value = escaped(draw(WORDS)).replace(quote, "&#34;" if quote == '"' else "&#39;")
        tag += f"{draw(GAP)}{attribute}{draw(st.sampled_from(['=', ' = ']))}{quote}{value}{quote}"
    return tag + draw(st.sampled_from(["", " ", "\n"]))


def content(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    noise = st.one_of(
        SPACE,
        WORDS.map(escaped),
        st.sampled_from(["<!-- <a> & -->", "<![CDATA[<b>&]]>", "<?p i?>", "&#65;", "&amp;"]),
        children,
    )
    return st.lists(noise, max_size=6).map("".join)


@st.composite
def elements(draw: st.DrawFn, children: st.SearchStrategy[str]) -> str:
    name = draw(NAMES)
    if draw(st.booleans()):
        return draw(start_tags(name)) + "/>"
    return f"{draw(start_tags(name))}>{draw(content(children))}</{name}{draw(st.sampled_from(['', ' ']))}>"


XML = st.recursive(elements(st.just("")), elements, max_leaves=12)
FILES = st.tuples(st.sampled_from(["", "\ufeff", '\ufeff<?xml version="1.0"?>\n', "<!-- c -->\r\n"]), XML, SPACE).map("".join).map(str.encode)
LAYOUTS = st.sampled_from([("\n", "  "), ("\r\n", "\t"), ("\n", "    "), ("", "")])


def laid_out(element: ElementTree.Element, newline: str, indent: str, depth: int = 0) -> str:
    """The tree in one regular layout, as servers write it."""
    margin = newline + indent * depth
    attributes = "".join(f' {name}="{value}"' for name, value in element.attrib.items())
    if len(element) == 0:
        return f"<{element.tag}{attributes}>{escaped(element.text or '')}</{element.tag}>" if element.text else f"<{element.tag}{attributes} />"
    inner = "".join(margin + indent + laid_out(child, newline, indent, depth + 1) for child in element)
    return f"<{element.tag}{attributes}>{inner}{margin}</{element.tag}>"


@given(FILES)
def test_reading_and_writing_gives_the_same_bytes(data: bytes) -> None:
    assert parse(data).write() == data


@given(FILES)
def test_parts_written_anew_give_the_same_bytes(data: bytes) -> None:
    document = parse(data)
    for element in document.root.walk():
        element.dirty = True
    assert document.write() == data


@given(FILES)
def test_texts_and_attributes_are_what_another_parser_reads(data: bytes) -> None:
    wrapped = b'<w xmlns:dsml="urn:d">' + data[data.index(b"<", data.find(b"?>") + 1 if b"<?xml" in data else 0) :] + b"</w>"
    ours = parse(wrapped).root
    theirs = ElementTree.fromstring(wrapped)
    pairs = list(zip(ours.walk(), theirs.iter(), strict=True))
    for mine, other in pairs:
        expected = (other.text or "") + "".join(child.tail or "" for child in other)
        assert mine.text == expected
        assert sorted(mine.attributes.values()) == sorted([*other.attrib.values(), *(["urn:d"] if mine is ours else [])])


Undo = Callable[[], object]


def edit(data: st.DataObject, element: Element) -> Undo:
    """One random edit; gives back what takes it back."""
    children = element.children
    kind = data.draw(st.sampled_from(["attribute", "text" if not children else "remove", "insert", "replace" if children else "insert"]))
    if kind == "attribute":
        name = data.draw(NAMES)
        before = element.attributes.get(name)
        element.set_attribute(name, data.draw(st.one_of(st.none(), VALUES)))
        return lambda: element.set_attribute(name, before)
    if kind == "text":
        text = element.text
        element.set_text(data.draw(VALUES))
        return lambda: element.set_text(text)
    index = data.draw(st.integers(0, max(0, len(children) - 1)))
    if kind == "remove":
        child = element.remove(children[index])
        return lambda: element.insert(index, child)
    if kind == "replace":
        old = children[index]
        new = element.replace(old, Fragment("n", text="v"))
        return lambda: element.replace(new, old)
    added = element.insert(index, Fragment("n", {"k": "v"}, children=(Fragment("m", text=data.draw(VALUES)),)))
    return lambda: element.remove(added)


def all_elements(document: Document) -> list[Element]:
    return list(document.root.walk())


def test_a_child_put_back_takes_its_closing_margin_along() -> None:
    document = parse(b"<a><a></a></a>\n")
    first = document.root.remove(document.root.children[0])
    second = document.root.remove(document.root.insert(0, Fragment("n")))
    document.root.remove(document.root.insert(0, Fragment("n")))
    document.root.remove(document.root.insert(0, second))
    document.root.insert(0, first)
    assert document.write() == b"<a><a></a></a>\n"


@given(FILES, st.data())
@settings(max_examples=200)
def test_edits_taken_back_in_reverse_give_the_first_bytes(first: bytes, data: st.DataObject) -> None:
    document = parse(first)
    undone: list[Undo] = []
    for _unused in range(data.draw(st.integers(1, 5))):
        undone.append(edit(data, data.draw(st.sampled_from(all_elements(document)))))
        parse(document.write())
    for take_back in reversed(undone):
        take_back()
    assert document.write() == first


@given(FILES, st.data())
def test_what_was_edited_reads_back_as_edited(first: bytes, data: st.DataObject) -> None:
    document = parse(first)
    for _unused in range(3):
        edit(data, data.draw(st.sampled_from(all_elements(document))))
    again = parse(document.write())
    assert [(element.tag, element.attributes) for element in document.root.walk()] == [(element.tag, element.attributes) for element in again.root.walk()]
    leaves = [element.text.replace("\r\n", "\n") for element in document.root.walk() if not element.children]
    assert leaves == [element.text for element in again.root.walk() if not element.children]


@given(
    st.recursive(st.just(Fragment("a")), lambda inner: st.lists(inner, min_size=1, max_size=3).map(lambda found: Fragment("b", children=tuple(found)))), LAYOUTS
)
def test_added_elements_are_laid_out_as_the_file_is(added: Fragment, layout: tuple[str, str]) -> None:
    newline, indent = layout
    start = ElementTree.fromstring("<r><x>1</x><y /></r>")
    document = parse(laid_out(start, newline, indent).encode())
    document.root.require("y").append(added)
    expected = ElementTree.fromstring(document.write())
    assert document.write().decode() == laid_out(strip(expected), newline, indent)


def strip(element: ElementTree.Element) -> ElementTree.Element:
    for child in element.iter():
        child.text = (child.text or "").strip()
        child.tail = None
    return element


@given(st.binary(max_size=200))
def test_random_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        assert parse(data).write() == data
    except DocumentError as error:
        assert error.message


@given(FILES, st.data())
def test_damaged_files_are_read_or_refused(first: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(first)))
    damaged = first[:place] + data.draw(st.binary(max_size=4)) + first[place + data.draw(st.integers(0, 4)) :]
    try:
        assert parse(damaged).write() == damaged
    except DocumentError as error:
        assert error.message
