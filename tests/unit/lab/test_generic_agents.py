# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""ECMA 2 agents of any kind in the lab."""

from __future__ import annotations

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate.estate import Estate, EstateOptions
from ansible_collections.mimsync.sharepoint.lab.estate.host import Host
from ansible_collections.mimsync.sharepoint.lab.estate.system_generic import connect_generic
from ansible_collections.mimsync.sharepoint.lab.table_rows import drop_row, put_row
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import ManagementAgent, ObjectClass, Schema
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.systems.base import ChangeType, ExportedChange, ImportRequest, SystemConnectionError

REQUEST = ImportRequest("default", ("user",), ("Id", "name"))
AGENT = ManagementAgent("{A}", "HR", "Extensible2", schema=Schema({"user": ObjectClass("user", ("Id", "name"), anchors=("Id",))}))


def test_rows_that_an_operation_puts_are_imported_and_exports_change_them(bare: tuple[Estate, Host]) -> None:
    estate, host = bare
    put_row(estate, host.name, "hr", anchor="1", kind="user", values={"name": "Ute", "tags": ["a", "b"]})
    system = connect_generic(host, AGENT)
    pages = list(system.import_pages(REQUEST))
    assert [(item.anchor, item.attributes["name"]) for page in pages for item in page.objects] == [("1", ("Ute",))]
    system.export([ExportedChange(ChangeType.ADD, "7", "", "2", "user", {"Id": ("2",)})])
    assert drop_row(estate, host.name, "HR", "1") and not drop_row(estate, host.name, "HR", "9")
    delta = ImportRequest("default", ("user",), (), watermark=pages[-1].watermark)
    assert [(item.change, item.anchor) for page in system.import_pages(delta) for item in page.objects] == [
        (ChangeType.REPLACE, "2"),
        (ChangeType.DELETE, "1"),
    ]


def test_agents_of_kinds_that_the_lab_does_not_have_are_refused_by_name(bare: tuple[Estate, Host]) -> None:
    with pytest.raises(SystemConnectionError, match="IBM DB2"):
        connect_generic(bare[1], ManagementAgent("{A}", "HR", "IBM DB2"))


@pytest.fixture
def bare() -> tuple[Estate, Host]:
    host = Host("MIM1", "mim1.corp.example.com", "synchronization", "127.20.0.12", None)  # type: ignore[arg-type]  # the operating system says nothing here
    return Estate(EstateOptions(), None, {"MIM1": host}), host  # type: ignore[arg-type]  # nor does the directory
