# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A schema that is read entry by entry says what the whole of it says, and stays as lossless as the rest."""

from __future__ import annotations

import pickle

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.compare import compare_elements
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.document import Limits, parse
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.element import Element
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.markup import Fragment
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import Schema
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.schema_entries import read_all
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.schema_reader import attribute_elements, read_schema
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.unread import Unread
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import DocumentError
from hypothesis import given, settings
from hypothesis import strategies as st

# Long enough to be left unread.
FILLING = "".join(f'<attribute-type id="F{number}"><name>filling{number}</name><syntax>1.2</syntax></attribute-type>' for number in range(40))
WORDS = st.text(st.sampled_from("aBcß-é\u0130&<>\"'/ "), max_size=4)
IDS = st.sampled_from(["A1", "A2", "C1", "C2", "C3"])
ODD = [
    '<attribute-type id="A1"/>',
    "<attribute-type id='A1'><name>single</name></attribute-type>",
    "<attribute-type><name>none</name></attribute-type>",
    '<attribute-type id="A2"><syntax>1.2</syntax><name>late</name></attribute-type>',
    '<attribute-type id="A2"><name>one</name><m:name>two</m:name></attribute-type>',
    '<attribute-type id="A2"><name x="1">with</name></attribute-type>',
    '<class id="C1" x="/>"><name>a/>b</name><attribute ref="#A1" y=">"/></class>',
    "<other id='x'/>",
    "<!-- <class> -->",
    '<class id="C2"><name><![CDATA[c]]></name></class>',
    "<?p i?>",
    "text",
]


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


@st.composite
def attribute_types(draw: st.DrawFn) -> str:
    flags = "".join(
        f' {name}="{draw(st.sampled_from(["true", "false", "1"]))}"' for name in draw(st.sets(st.sampled_from(["single-value", "m:indexed", "export-only"])))
    )
    syntax = draw(st.sampled_from(["", "<syntax>1.3.6.1.4.1.1466.115.121.1.5</syntax>", "<m:syntax>1.2.840.113556.1.4.906</m:syntax><x/>"]))
    return f'<attribute-type id="{draw(IDS)}"{flags}>\n <name>{escaped(draw(WORDS))}</name>{syntax}</attribute-type>'


@st.composite
def classes(draw: st.DrawFn) -> str:
    superior = draw(st.sampled_from(["", *(f' superior="#{name}"' for name in ("C1", "C2", "C3", "none"))]))
    attributes = "".join(
        f'<attribute ref="#{draw(IDS)}" required="{draw(st.sampled_from(["true", "false"]))}" m:isAnchor="true"/>' for _unused in range(draw(st.integers(0, 3)))
    )
    return f'<dsml:class type="structural" id="{draw(IDS)}"{superior}><dsml:name>{escaped(draw(WORDS))}</dsml:name> {attributes}</dsml:class>'


RULES = st.tuples(IDS, IDS).map(lambda pair: f'<m:dit-content-rule id="{pair[0]}"><m:aux-class ref="#{pair[1]}" /></m:dit-content-rule>')
ENTRIES = st.lists(st.one_of(attribute_types(), classes(), RULES), max_size=8)


def schema_of(entries: str) -> Element:
    return parse(f'<ma-data><schema><dsml><directory-schema x=">">{entries}</directory-schema></dsml></schema></ma-data>'.encode()).root.require("schema")


def directory(schema: Element) -> Element:
    return schema.require("dsml/directory-schema")


def both(entries: str) -> tuple[Schema, Schema]:
    return read_schema(schema_of(entries)), read_all(directory(schema_of(entries)))


def said(schema: Schema) -> tuple[object, ...]:
    return tuple(schema.attributes.items()), tuple(schema.classes.items())


@given(ENTRIES)
@settings(max_examples=200)
def test_entry_by_entry_says_what_the_whole_says(entries: list[str]) -> None:
    lazy, whole = both(FILLING + "".join(entries))
    assert said(lazy) == said(whole)


@given(ENTRIES, st.integers(0, 10), st.sampled_from(ODD))
def test_odd_entries_among_others_are_read_alike(entries: list[str], place: int, odd: str) -> None:
    lazy, whole = both(FILLING + "".join([*entries[:place], odd, *entries[place:]]))
    assert said(lazy) == said(whole)


def test_real_schemas_are_read_alike(real_set: dict[str, bytes]) -> None:
    for name, content in real_set.items():
        data = next(child for child in parse(content, name).root.children if child.local in ("ma-data", "mv-data"))
        lazy = read_schema(data.require("schema"))
        assert said(lazy) == said(read_all(directory(data.require("schema"))))


def test_what_is_edited_later_does_not_show() -> None:
    schema = schema_of(FILLING)
    before = read_schema(schema)
    directory(schema).append(Fragment("attribute-type", {"id": "new"}, children=(Fragment("name", text="new"),)))
    assert "new" not in before.attributes
    assert "new" in read_schema(schema).attributes


def test_saved_and_loaded_it_says_the_same() -> None:
    lazy, whole = both(FILLING)
    assert pickle.loads(pickle.dumps(lazy)) == whole
    assert lazy == whole
    assert lazy == read_schema(schema_of(FILLING))
    assert lazy != read_schema(schema_of(FILLING + '<class id="C1"><name>c</name></class>'))


def test_elements_of_named_attributes_alone() -> None:
    for entries in (FILLING, FILLING + "<!-- read as a whole -->"):
        found = attribute_elements(schema_of(entries), {"filling7", "absent"})
        assert [(name, element.get("id")) for name, element in found.items()] == [("filling7", "F7")]


def test_a_schema_stays_unread_until_its_elements_are_asked_for() -> None:
    found = directory(schema_of(FILLING))
    assert isinstance(found, Unread)
    assert found.untouched
    assert [child.get("id") for child in found.children][:2] == ["F0", "F1"]
    assert all(child.parent is found for child in found.children)
    assert not found.untouched


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (FILLING + "<a>", r"mismatched tag \(line 1, column \d+\)"),
        (FILLING + "&nbsp;", "undefined entity"),
        (FILLING + "<a b='' b=''/>", "duplicate attribute"),
        (FILLING + "<a>" * 200 + "</a>" * 200, "more than 100 deep"),
        (FILLING + "<a x='/>'>" * 200 + "<b x='>'/></a>" * 200, "more than 100 deep"),
        (FILLING + '<a x="/>">' * 200 + '<b x=">"/></a>' * 200, "more than 100 deep"),
    ],
)
def test_what_is_wrong_inside_of_a_schema_is_refused_at_once(content: str, message: str) -> None:
    with pytest.raises(DocumentError, match=message):
        schema_of(content)


def test_limits_count_what_is_left_unread() -> None:
    text = f"<a><directory-schema>{FILLING}</directory-schema></a>".encode()
    assert parse(text, limits=Limits(elements=122)).write() == text
    with pytest.raises(DocumentError, match="more than 121 elements"):
        parse(text, limits=Limits(elements=121))
    assert parse(text, limits=Limits(depth=4)).write() == text
    with pytest.raises(DocumentError, match="more than 3 deep"):
        parse(text, limits=Limits(depth=3))


@pytest.mark.parametrize("around", ["<!-- {} -->", "<![CDATA[{}]]>", "<x y='{}'/>", "<?p {} ?>"])
def test_what_only_looks_like_a_schema_is_none(around: str) -> None:
    looks = f"<directory-schema>{FILLING}"
    inside = looks.replace("<", "&lt;").replace("'", "") if "y=" in around else looks
    text = f"<r>{around.format(inside)}<directory-schema>{FILLING}</directory-schema></r>".encode()
    document = parse(text)
    assert document.write() == text
    assert [element.local for element in document.root.children if element.local != "x"] == ["directory-schema"]
    assert len(document.root.require("directory-schema").children) == 40


@given(st.text(st.sampled_from("<>/!-'\"= ab"), max_size=12), st.sampled_from(["", "</directory-schema>", "<directory-schema>"]))
@settings(max_examples=300)
def test_damage_inside_of_a_schema_is_read_or_refused_as_without_shortcut(damage: str, more: str) -> None:
    text = f"<r><directory-schema>{FILLING}{damage}{more}{FILLING}</directory-schema></r>".encode()
    try:
        found = parse(text)
    except DocumentError as error:
        with pytest.raises(DocumentError) as slow:
            parse(text.replace(b"directory-schema", b"directory-sch3ma"))
        assert slow.value.message.replace("sch3ma", "schema") == error.message
        return
    slowly = parse(text.replace(b"directory-schema", b"directory-sch3ma"))
    assert found.write() == text
    assert [(element.tag.replace("sch3ma", "schema"), element.attributes) for element in slowly.root.walk()] == [
        (element.tag, element.attributes) for element in found.root.walk()
    ]


def test_the_same_bytes_read_again_make_a_document_of_their_own() -> None:
    text = f"<r>\n<directory-schema>{FILLING}</directory-schema>\n<a>1</a></r>".encode()
    first, second = parse(text), parse(bytes(bytearray(text)))
    first.root.require("a").set_text("2")
    first.root.require("directory-schema").remove(first.root.require("directory-schema").children[0])
    assert second.write() == text
    assert second.root.find_text("a") == "1"
    assert [element.get("id") for element in second.root.require("directory-schema").children][:2] == ["F0", "F1"]
    assert parse(first.write()).root.find_text("a") == "2"


def test_the_same_bytes_are_held_to_other_limits() -> None:
    text = f"<r><directory-schema>{FILLING}</directory-schema></r>".encode()
    kept = parse(text)
    with pytest.raises(DocumentError, match="limit of 100"):
        parse(text, limits=Limits(size=100))
    assert parse(text).write() == kept.write()


@given(ENTRIES, ENTRIES)
def test_what_stands_behind_a_schema_keeps_its_place_when_read_again(entries: list[str], more: list[str]) -> None:
    text = f"\ufeff<r><a/><directory-schema>{FILLING}{''.join(entries)}</directory-schema><b>{''.join(more)}</b></r>\n".encode()
    first, second = parse(text), parse(text)
    assert [element.write() for element in second.root.walk()] == [element.write() for element in first.root.walk()]


def test_other_line_ends_and_indentation_say_the_same_and_leave_a_schema_unread() -> None:
    text = f"<r>\n<schema><dsml><directory-schema>\n {FILLING}</directory-schema></dsml></schema>\n</r>"
    one, other = parse(text.encode()), parse(text.replace("><", ">\r\n\t<").encode())
    assert compare_elements(one.root, other.root) == []
    assert read_schema(one.root.require("schema")) == read_schema(other.root.require("schema"))
    for document in (one, other):
        found = directory(document.root.require("schema"))
        assert isinstance(found, Unread)
        assert found.untouched


@given(ENTRIES, ENTRIES)
@settings(max_examples=200)
def test_schemas_differ_as_those_do_that_were_read(first: list[str], second: list[str]) -> None:
    before, after = schema_of(FILLING + "".join(first)), schema_of(FILLING + " \n ".join(second))
    quick = compare_elements(before, after)
    for schema in (before, after):
        assert directory(schema).children
    assert [str(difference) for difference in compare_elements(before, after)] == [str(difference) for difference in quick]
