# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files of agents on the lab's MIM host: read and written as the agent's document says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate.system_files import HostFiles, connect_files, working_file
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import ManagementAgent, RunStep, StepKind
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.reading import read_wish
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.systems.base import (
    ChangeType,
    ExportedChange,
    ImportedObject,
    ImportPage,
    ImportRequest,
    SystemConnectionError,
)
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.whole_server import plan_on_files
from ansible_collections.mimsync.sharepoint.tests.unit.lab.mim_estate import STANDARD_CYCLE, MimEstate, built_in_files, configure, make_mim_estate

FILES = {"full-import": "run-config/input-file", "delta-import": "run-config/input-file", "export": "run-config/output-file"}
SHEET: Mapping[str, Any] = {
    "name": "HR",
    "type": "delimited_file",
    "columns": ["Id", "Name", "Phone", "Phone", {"name": "Floor", "type": "integer"}],
    "anchor": "Id",
}


@pytest.fixture(scope="module")
def mim() -> MimEstate:
    return make_mim_estate(people=2)


def agent_of(mim: MimEstate, **more: Any) -> ManagementAgent:
    files = mim.service.export_files(mim.admin)
    plan, _wanted = plan_on_files(read_folder(files), read_wish({"agents": [{**SHEET, **more}]}), "merged")
    if plan.changes:
        mim.service.import_files(mim.admin, plan.planned.write())
    made = read_folder(plan.planned.write()).model().agent(str({**SHEET, **more}["name"]))
    assert made is not None
    return made


def files(mim: MimEstate, agent: ManagementAgent, kind: str = "full-import", name: str = "hr.csv") -> HostFiles:
    step = RunStep(StepKind.EXPORT if kind == "export" else StepKind.FULL_IMPORT, "{P}", type=kind, data=((FILES[kind], name),))
    return connect_files(mim.service, agent, step)


def read(mim: MimEstate, agent: ManagementAgent, text: str, encoding: str = "utf-8") -> ImportPage:
    mim.service.host.files.write(working_file(mim.service, agent.name, "hr.csv"), text.encode(encoding))
    pages = list(files(mim, agent).import_pages(ImportRequest("default", (), ())))
    return ImportPage(tuple(item for page in pages for item in page.objects), problems=tuple(item for page in pages for item in page.problems))


def test_columns_of_one_name_are_one_attribute_and_numbers_are_numbers(mim: MimEstate) -> None:
    page = read(mim, agent_of(mim), "Id,Name,Phone,Phone,Floor\r\n1,Ada,11,12,3\r\n2,Bob,,,\r\n3,Cid,9,,high\r\n")
    assert page.objects == (
        ImportedObject(ChangeType.ADD, "1", "1", "person", {"Id": ("1",), "Name": ("Ada",), "Phone": ("11", "12"), "Floor": (3,)}),
        ImportedObject(ChangeType.ADD, "2", "2", "person", {"Id": ("2",), "Name": ("Bob",)}),
    )
    assert [(item.error_type, item.attribute, item.anchor) for item in page.problems] == [("invalid-attribute-value", "Floor", "3")]


def test_code_page_delimiter_and_header_are_those_of_the_agent(mim: MimEstate) -> None:
    settings = {"code_page": 1252, "delimiter": "tab", "first_row_is_header": False}
    page = read(mim, agent_of(mim, name="Plain", columns=["Id", "Name"], settings=settings), "1\tJörg\r\n", "cp1252")
    assert [item.attributes["Name"] for item in page.objects] == [("Jörg",)]


def test_a_code_page_that_the_lab_does_not_know_is_refused_by_name(mim: MimEstate) -> None:
    with pytest.raises(SystemConnectionError, match="code page 37"):
        read(mim, agent_of(mim, name="Old", columns=["Id"], settings={"code_page": 37}), "1\r\n")


def test_an_export_writes_the_file_anew(mim: MimEstate) -> None:
    agent = agent_of(mim)
    changes = [
        ExportedChange(ChangeType.ADD, "a", "", "7", "person", {"Id": ("7",), "Name": ("New",), "Phone": ("1", "2")}),
        ExportedChange(ChangeType.UPDATE, "b", "8", "8", "person", {"Name": ("Other",)}),
        ExportedChange(ChangeType.DELETE, "c", "9", "9", "person"),
    ]
    results = files(mim, agent, "export", "out.csv").export(changes)
    assert [result.error for result in results] == ["", "", ""]
    written = mim.service.host.files.read(mim.service.path(r"MaData\HR\out.csv")).decode("utf-8-sig").splitlines()
    assert written == ["Id,Name,Phone,Phone,Floor", "7,New,1,2,", "8,Other,,,", "9,,,,"]


def test_ldif_exports_are_change_records(mim: MimEstate) -> None:
    agent = agent_of(mim, name="Branch", type="ldif_file", schema={"person": {"attributes": {"cn": "string"}}}, columns=None, anchor=None)
    files(mim, agent, "export", "out.ldif").export([ExportedChange(ChangeType.ADD, "a", "", "cn=Ada", "person", {"cn": ("Ada",)})])
    assert mim.service.host.files.read(mim.service.path(r"MaData\Branch\out.ldif")).startswith(b"dn: cn=Ada\nchangetype: add\n")


def test_a_step_that_names_no_file_does_not_start(mim: MimEstate) -> None:
    with pytest.raises(SystemConnectionError) as caught:
        connect_files(mim.service, agent_of(mim), RunStep(StepKind.FULL_IMPORT, "{P}", type="full-import"))
    assert caught.value.step_result == "no-start-file-open"


def test_a_folder_that_is_gone_is_told(mim: MimEstate) -> None:
    agent = agent_of(mim)
    with pytest.raises(SystemConnectionError) as caught:
        files(mim, agent, "export", r"D:\nowhere\out.csv").export([])
    assert caught.value.step_result == "no-start-ma-working-directory"


PROFILES = [
    {"name": "Look", "type": "export/to-file", "drop_file": "due.xml"},
    {"name": "Both", "type": "export/to-file/resume-from-file", "drop_file": "due.xml"},
]


def test_exports_are_written_to_a_file_and_sent_only_where_the_step_carries_on() -> None:
    made = make_mim_estate(people=3)
    configure(made, built_in_files(made))
    wish = read_wish({"agents": [{"name": "SPMA", "type": "sharepoint_profile_store", "run_profiles": PROFILES}]})
    plan, _wanted = plan_on_files(read_folder(made.service.export_files(made.admin)), wish, "merged")
    words = plan.planned.agent_element("SPMA").find_all("ma-run-data/run-configuration/configuration/step/step-type/export-subtype")
    assert sorted(one.text for one in words) == ["resume-from-file", "to-file", "to-file"]
    made.service.import_files(made.admin, plan.planned.write())
    for agent, profile in STANDARD_CYCLE[:4]:
        made.run(agent, profile)
    before = list(made.farm.service_application.store.profiles)
    assert made.run("SPMA", "Look") == "success"
    due = made.service.host.files.read(working_file(made.service, "SPMA", "due.xml"))
    assert due.count(b'operation="add"') >= 3 and b"UserName" in due
    assert list(made.farm.service_application.store.profiles) == before
    assert made.run("SPMA", "Both") == "success"
    assert made.service.host.files.read(working_file(made.service, "SPMA", "due.xml")).count(b'operation="add"') == due.count(b'operation="add"')
    assert list(made.farm.service_application.store.profiles) != before
    assert made.run("SPMA", "Look") == "success"
    assert b"<delta " not in made.service.host.files.read(working_file(made.service, "SPMA", "due.xml"))
