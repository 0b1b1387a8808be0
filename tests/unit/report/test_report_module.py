# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module configuration_report, with a server of the lab at the other end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate.principals import ADMINISTRATORS
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution.builder import build_files
from ansible_collections.mimsync.sharepoint.tests.unit.lab.mim_estate import built_in_files, configure, make_mim_estate
from ansible_collections.mimsync.sharepoint.tests.unit.solution.face_support import Caller


@pytest.fixture(scope="module")
def caller() -> Caller:
    mim = make_mim_estate(people=2)
    configure(mim, built_in_files(mim))
    return Caller(mim.service.host, replace(mim.admin, groups=mim.admin.groups | {ADMINISTRATORS}))


def written(folder: Path, files: Mapping[str, bytes]) -> str:
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return str(folder)


def test_the_servers_configuration_is_written_once(caller: Caller, tmp_path: Path) -> None:
    dest = tmp_path / "report.html"
    predicted = caller.call("configuration_report", check=True, dest=str(dest))
    assert (predicted["changed"], dest.exists()) == (True, False)
    first = caller.call("configuration_report", dest=str(dest))
    assert (first["changed"], first["counts"]["Agents"]) == (True, 2)
    again = caller.call("configuration_report", dest=str(dest), diff=True)
    assert (again["changed"], "diff" in again) == (False, False)


def test_the_server_is_compared_with_a_folder(caller: Caller, tmp_path: Path) -> None:
    against = written(tmp_path / "last", build_files())
    result = caller.call("configuration_report", against=against, dest=str(tmp_path / "report.md"), diff=True)
    assert result["different"]
    assert "DC=corp,DC=example,DC=com" in result["diff"]["after"]
    assert sum(result["differences"].values()) > 1


def test_two_folders_need_no_server(caller: Caller, tmp_path: Path) -> None:
    caller.executions.clear()
    folder = written(tmp_path / "a", build_files())
    result = caller.call("configuration_report", **{"from": folder}, against=folder, dest=str(tmp_path / "any"), format="json")
    assert (result["verdict"], caller.executions) == ("No differences.", [])


@pytest.mark.parametrize(
    ("options", "part"),
    [({"dest": "x.doc"}, "names no format"), ({"dest": "x.md", "from": "/nowhere"}, "cannot be read"), ({"dest": "/nowhere/x.md"}, "written")],
)
def test_what_cannot_be_is_refused_in_words(caller: Caller, options: dict[str, str], part: str) -> None:
    result = caller.call("configuration_report", **options)
    assert result["failed"]
    assert part in result["msg"]
