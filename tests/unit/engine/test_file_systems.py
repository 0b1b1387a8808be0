# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files and extensions as connected systems: what is read, what is written, what is wrong with it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.systems.base import (
    ChangeType,
    ExportedChange,
    ImportedObject,
    ImportProblem,
    ImportRequest,
    SystemConnectionError,
)
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.systems.delimited import DelimitedSystem, FileForm
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.systems.ecma2 import Capabilities, Ecma2System, TableExtension
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.systems.ldif import LdifSystem, change_record, records
from engine_support import HR, World, as_values, metaverse, world
from hypothesis import given
from hypothesis import strategies as st

ALL = ImportRequest("", ("person", "user"), ())
DELTA = replace(ALL, watermark="read")
FORM = FileForm(("id",), several={"tags": "|"})


def read(system: DelimitedSystem | LdifSystem | Ecma2System, request: ImportRequest = ALL) -> tuple[list[ImportedObject], list[ImportProblem]]:
    pages = list(system.import_pages(request))
    return [item for page in pages for item in page.objects], [item for page in pages for item in page.problems]


def csv_file(folder: Path, text: str, form: FileForm = FORM, encoding: str = "utf-8") -> DelimitedSystem:
    path = folder / "people.csv"
    path.write_bytes(text.encode(encoding))
    return DelimitedSystem(path, form)


def change(kind: ChangeType, dn: str, /, **values: object) -> ExportedChange:
    return ExportedChange(kind, "1", "" if kind is ChangeType.ADD else dn, dn, "person", as_values(values))


def test_rows_are_objects_named_by_their_anchor(tmp_path: Path) -> None:
    objects, problems = read(csv_file(tmp_path, 'id,name,tags\r\n1,"Meier, Ute",a|b\r\n2,,\r\n'))
    assert problems == []
    assert [(item.anchor, item.dn, dict(item.attributes)) for item in objects] == [
        ("1", "1", {"id": ("1",), "name": ("Meier, Ute",), "tags": ("a", "b")}),
        ("2", "2", {"id": ("2",)}),
    ]


def test_a_row_that_does_not_fit_is_an_error_of_its_own(tmp_path: Path) -> None:
    objects, problems = read(csv_file(tmp_path, "id,name\n1,a\n2,b,c\n,d\n3,e\x00\n4,f\n"))
    assert [item.anchor for item in objects] == ["1", "", "4"]
    assert [(item.error_type, item.line) for item in problems] == [("parse-error", 3), ("parse-error", 5)]


@pytest.mark.parametrize(
    ("text", "form", "result"),
    [
        ("name,mail\na,b\n", FORM, "no-start-header-row-mismatch"),
        ("id,id\n1,2\n", FORM, "no-start-header-row-mismatch"),
        ("id,name\n", replace(FORM, columns=("id", "title")), "no-start-header-row-mismatch"),
        ("id\n", replace(FORM, encoding="no-such-code-page"), "no-start-file-code-page"),
    ],
)
def test_a_file_with_wrong_columns_is_not_read_at_all(tmp_path: Path, text: str, form: FileForm, result: str) -> None:
    with pytest.raises(SystemConnectionError) as problem:
        read(csv_file(tmp_path, text, form))
    assert problem.value.step_result == result


def test_a_file_that_is_not_there_and_a_delta_that_nobody_configured(tmp_path: Path) -> None:
    for request, result in ((ALL, "no-start-file-not-found"), (DELTA, "no-start-delta-step-type-not-configured")):
        with pytest.raises(SystemConnectionError) as problem:
            read(DelimitedSystem(tmp_path / "none.csv", FORM), request)
        assert problem.value.step_result == result


def test_columns_of_fixed_widths(tmp_path: Path) -> None:
    form = FileForm(("id",), ("id", "name"), header=False, widths=(4, 10))
    objects, _unused = read(csv_file(tmp_path, "1   Ute       \n22  Max\n", form))
    assert [(item.anchor, item.attributes["name"]) for item in objects] == [("1", ("Ute",)), ("22", ("Max",))]


def test_a_delta_file_says_what_each_row_means(tmp_path: Path) -> None:
    form = replace(FORM, change_column="change")
    system = csv_file(tmp_path, "id,name,change\n1,a,Add\n2,b,Modify\n3,,Delete\n4,x,Rename\n5,y,\n", form)
    system.delta_path = system.path
    objects, problems = read(system, DELTA)
    assert [item.change for item in objects] == [ChangeType.ADD, ChangeType.REPLACE, ChangeType.DELETE]
    assert [item.error_type for item in problems] == ["invalid-change-type", "missing-change-type"]


def test_an_export_changes_the_file_and_is_read_again(tmp_path: Path) -> None:
    system = csv_file(tmp_path, "id,name\n1,a\n2,b\n")
    results = system.export(
        [change(ChangeType.ADD, "3", name="c"), change(ChangeType.UPDATE, "1", name="Ä, b"), change(ChangeType.DELETE, "2"), change(ChangeType.DELETE, "9")]
    )
    assert [result.error for result in results] == ["", "", "", "cd-missing-object"]
    objects, _unused = read(system)
    assert {item.anchor: item.attributes["name"] for item in objects} == {"1": ("Ä, b",), "3": ("c",)}


def test_an_export_file_holds_the_changes_alone(tmp_path: Path) -> None:
    form = replace(FORM, columns=("id", "name", "change"), change_column="change")
    system = csv_file(tmp_path, "id,name,change\n1,a,\n2,b,\n", form)
    system.export_path = tmp_path / "out.csv"
    system.export([change(ChangeType.UPDATE, "1", name="z"), change(ChangeType.DELETE, "2")])
    assert system.export_path.read_text(encoding="utf-8-sig").splitlines() == ["id,name,change", "1,z,update", "2,,delete"]


LDIF = """version: 1
# people
dn: CN=Ute,DC=x
objectClass: top
objectClass: person
description: a long
  line
jpegPhoto:: /9j/

dn:: Q049TcO8bGxlcixEQz14
objectclass: person

dn: CN=Bad,DC=x
objectClass: person
photo:: ###

objectClass: person
cn: nobody

dn: CN=Bare,DC=x
cn: bare
"""


def test_ldif_records_are_objects(tmp_path: Path) -> None:
    path = tmp_path / "people.ldif"
    path.write_text(LDIF, encoding="utf-8")
    objects, problems = read(LdifSystem(path))
    assert [(item.dn, item.object_type) for item in objects] == [("CN=Ute,DC=x", "person"), ("CN=Müller,DC=x", "person")]
    assert objects[0].attributes["description"] == ("a long line",) and objects[0].attributes["jpegPhoto"] == (b"\xff\xd8\xff",)
    assert [(item.error_type, item.line) for item in problems] == [("invalid-base64-value", 13), ("missing-dn", 17), ("missing-object-class", 20)]


def test_ldif_change_records_are_a_delta(tmp_path: Path) -> None:
    path = tmp_path / "delta.ldif"
    path.write_text("dn: CN=a\nchangetype: modify\nreplace: mail\nmail: m\n-\n\ndn: CN=b\nchangetype: delete\n\ndn: CN=c\nchangetype: frob\n", encoding="utf-8")
    objects, problems = read(LdifSystem(path, delta=path), DELTA)
    assert [(item.change, dict(item.attributes)) for item in objects] == [(ChangeType.UPDATE, {"mail": ("m",)}), (ChangeType.DELETE, {})]
    assert [item.error_type for item in problems] == ["invalid-change-type"]


@given(st.dictionaries(st.sampled_from(["cn", "mail", "note"]), st.text(st.characters(blacklist_categories=("Cs",))) | st.binary(min_size=1), min_size=1))
def test_what_is_written_as_ldif_is_read_as_it_was(values: dict[str, str | bytes]) -> None:
    made = ExportedChange(ChangeType.ADD, "1", "", "CN=x", "person", {name: (value,) for name, value in values.items()})
    (record,) = records(iter(f"{line}\n" for line in change_record(made)))
    held = {name: value if isinstance(value, bytes) else value.encode() for name, value in record.lines if name in values}
    assert record.problem == ""
    assert held == {name: value if isinstance(value, bytes) else value.encode() for name, value in values.items()}


def test_an_extension_is_a_system() -> None:
    table = TableExtension("id", required=frozenset({"Host"}))
    table.put("1", "person", {"name": ("a",)})
    system = Ecma2System("app", table, {"Host": "h"})
    objects, _unused = read(system)
    assert [item.anchor for item in objects] == ["1"]
    results = system.export([change(ChangeType.ADD, "1", id="1", name="b"), change(ChangeType.UPDATE, "2", id="2"), change(ChangeType.DELETE, "9")])
    assert [result.error for result in results] == ["", "", "cd-missing-object"]
    assert table.rows["1"][1]["name"] == ("b",) and "2" in table.rows


def test_an_extension_says_what_it_lacks() -> None:
    with pytest.raises(SystemConnectionError, match="Host"):
        read(Ecma2System("app", TableExtension("id", required=frozenset({"Host"})), {}))
    with pytest.raises(SystemConnectionError, match="delta"):
        read(Ecma2System("app", TableExtension("id", capabilities=Capabilities(delta_import=False)), {}), DELTA)


def test_a_file_feeds_the_engine_and_its_errors_stand_in_the_history(tmp_path: Path) -> None:
    made: World = world(mv=metaverse(provisioning="none"))
    system = csv_file(tmp_path, "account,name\nu1,Ute\nu2\n", FileForm(("account",), object_type="user"))
    made.engine.connector.systems["HR"] = system  # type: ignore[attr-defined]
    system.broken = None  # type: ignore[attr-defined]
    partition = replace(made.configuration.agents[0].partitions[0], dn="")
    made.configure(replace(made.configuration, agents=(replace(made.configuration.agents[0], partitions=(partition,)), made.configuration.agents[1])))
    made.engine.connector.systems["HR"] = system  # type: ignore[attr-defined]
    result = made.run("HR FI")
    assert result.status == "completed-discovery-errors"
    assert [(item.error_type, item.line) for item in result.details.steps[0].discovery_errors] == [("parse-error", 3)]
    made.run("HR FS")
    assert made.mv(1).values["name"] == ("Ute",) and made.cs(HR, "u1").anchor == "u1"
