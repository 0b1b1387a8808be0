# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Objects from files: what is wrong with one is named, and the others go on."""

from __future__ import annotations

import base64
import uuid
from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import ServerConfiguration
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.systems.base import ImportedObject
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.answer import Preview
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.baseline import scene_of
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.findings import Findings
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.sources.delimited import read_csv
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.sources.ldif import read_ldif
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.sources.typed import Typing
from ansible_collections.mimsync.sharepoint.tests.unit.engine.engine_support import ROOT, filter_on, hr
from ansible_collections.mimsync.sharepoint.tests.unit.preview.preview_support import foretold, fresh, rules_of
from ansible_collections.mimsync.sharepoint.tests.unit.preview.test_fidelity import with_hr
from hypothesis import given, settings
from hypothesis import strategies as st

HEADER = "dn,anchor,objectClass,name,account,mail,tags,flags,photo"


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def guid(number: int) -> str:
    return str(uuid.UUID(int=number))


def line(number: int, **changes: str) -> str:
    values = {"dn": f'"CN=P{number},OU=Staff,{ROOT}"', "anchor": guid(number), "objectClass": "user", "name": f"P{number}", "account": f"u{number}"}
    values |= {"mail": f"p{number}@x", "tags": "a;b", "flags": "1", "photo": "", **changes}
    return ",".join(values[name] for name in HEADER.split(","))


def from_csv(content: bytes) -> tuple[list[ImportedObject], list[tuple[str, str]]]:
    findings = Findings()
    found = Typing(hr(), findings).objects(read_csv(content, "people.csv", hr(), findings))
    return found, [(finding.kind, finding.place) for finding in findings.all]


def from_ldif(text: str | bytes) -> tuple[list[ImportedObject], list[tuple[str, str]]]:
    findings = Findings()
    found = Typing(hr(), findings).objects(read_ldif(text.encode() if isinstance(text, str) else text, "people.ldf", findings))
    return found, [(finding.kind, finding.place) for finding in findings.all]


def record(number: int, *more: str) -> str:
    lines = [
        f"dn: CN=P{number},OU=Staff,{ROOT}",
        "objectClass: top",
        "objectClass: user",
        f"objectGUID:: {encoded(uuid.UUID(int=number).bytes_le)}",
    ]
    return "\n".join([*lines, f"name: P{number}", f"account: u{number}", *more]) + "\n\n"


def test_a_csv_file_gives_typed_values() -> None:
    found, faults = from_csv("\n".join([HEADER, line(1, photo=base64.b64encode(b"jpg").decode())]).encode())
    assert faults == []
    assert found[0].anchor == guid(1)
    assert found[0].attributes == {"name": ("P1",), "account": ("u1",), "mail": ("p1@x",), "tags": ("a", "b"), "flags": (1,), "photo": (b"jpg",)}


def test_ldif_gives_the_same_object_as_csv() -> None:
    text = "version: 1\n" + record(
        1, "mail: p1@x", "tags: a", "tags: b", "flags: 1", "# a remark", " that goes on", "photo:: " + base64.b64encode(b"jpg").decode()
    )
    assert from_ldif(text) == (from_csv("\n".join([HEADER, line(1, photo="anBn")]).encode())[0], [])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_names_of_the_world_arrive_in_any_encoding(encoding: str) -> None:
    found, faults = from_csv("\n".join([HEADER, line(1, name="Žofie Łęcka 李")]).encode(encoding))
    assert found[0].attributes["name"] == ("Žofie Łęcka 李",)
    assert faults == []


@pytest.mark.parametrize(
    ("bad", "kind"),
    [
        (line(2, anchor=""), "missing-anchor-component"),
        (line(2, dn=""), "missing-dn"),
        (line(2, dn=f'"CN=P1,OU=Staff,{ROOT}"'), "duplicate-object"),
        (line(2, anchor=guid(1)), "duplicate-object"),
        (line(2, objectClass="printer"), "filtered-object"),
        (line(2) + ",too many", "parse-error"),
    ],
)
def test_an_object_that_cannot_be_used_is_named_and_others_go_on(bad: str, kind: str) -> None:
    found, faults = from_csv("\n".join([HEADER, line(1), bad, line(3)]).encode())
    assert [item.attributes["account"][0] for item in found] == ["u1", "u3"]
    assert faults == [(kind, "people.csv:3")]


@pytest.mark.parametrize(
    ("changes", "kind", "attribute"),
    [
        ({"flags": "many"}, "invalid-numeric-value", "flags"),
        ({"photo": "***"}, "invalid-base64-value", "photo"),
        ({"name": "x" * (5 * 1024 * 1024)}, "value-too-large", "name"),
    ],
)
def test_a_value_that_cannot_be_used_is_left_out(changes: dict[str, str], kind: str, attribute: str) -> None:
    found, faults = from_csv("\n".join([HEADER, line(1, **changes), line(2)]).encode())
    assert len(found) == 2
    assert attribute not in found[0].attributes
    assert faults == [(kind, "people.csv:2")]


def test_bytes_of_another_encoding_are_named() -> None:
    found, faults = from_csv("\n".join([HEADER, line(1), line(2)]).encode().replace(b"P2,p", b"P2,p").replace(b",P1,", b",P\xff1,"))
    assert ("name" in found[0].attributes, "name" in found[1].attributes) == (False, True)
    assert faults == [("invalid-attribute-value", "people.csv:2")]
    half = ("\ufeff" + "\n".join([HEADER, line(1, name="P\ud800")])).encode("utf-16-le", "surrogatepass")
    assert from_csv(half)[1] == [("invalid-attribute-value", "people.csv:2")]


def test_a_file_without_the_columns_that_tell_objects_apart_is_refused() -> None:
    with pytest.raises(InputError, match=r"people\.csv has no column dn and no column anchor"):
        from_csv(b"objectClass,name\nuser,P\n")


def test_a_column_that_is_no_attribute_is_named() -> None:
    _unused, faults = from_csv("\n".join([HEADER + ",shoe", line(1) + ",42"]).encode())
    assert faults == [("unknown-column", "people.csv:1")]


def test_an_object_guid_that_is_none_is_named_and_others_go_on() -> None:
    found, faults = from_csv("\n".join([HEADER.replace("anchor", "objectGUID"), line(1), line(2, anchor="zzz"), line(3)]).encode())
    assert [item.anchor for item in found] == [guid(1), guid(3)]
    assert faults == [("missing-anchor-component", "people.csv:3")]


def test_ldif_faults_are_named() -> None:
    text = record(1, "photo:: ***") + "dn: CN=Q\nchangetype: modify\n\n" + record(1) + record(2, "no colon here")
    found, faults = from_ldif(text)
    assert len(found) == 2
    assert [kind for kind, _unused in faults] == ["parse-error", "invalid-change-type", "duplicate-object", "parse-error"]


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-16", "surrogatepass")))
def test_no_bytes_break_a_reader(content: bytes) -> None:
    from_ldif(content)
    from_csv(HEADER.encode() + b"\n" + content)


def test_a_preview_is_made_of_files_alone() -> None:
    made = fresh()
    findings = Findings()
    content = "\n".join([HEADER, *(line(number) for number in range(1, 11))]).encode()
    objects: Any = {"HR": Typing(made.configuration.agents[0], findings).objects(read_csv(content, "people.csv", hr(), findings))}
    present: ServerConfiguration = made.configuration
    scene = scene_of(present, objects, (), rules_of(made), findings)
    unchanged = Preview(scene, rules_of(made)).run()
    assert unchanged.rows == ()
    assert unchanged.headline == ("Nothing happens to anybody.",)
    answer = Preview(scene, rules_of(made), with_hr(present, filters=(filter_on("name", "equals", "P1"),))).run()
    assert foretold(answer.rows) == {("deleted", "u1")}
