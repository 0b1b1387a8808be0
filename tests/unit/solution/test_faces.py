# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files of the solution on a host of the lab, and the rules extension that is compiled there."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate import csharp
from ansible_collections.mimsync.sharepoint.lab.estate.principals import ADMINISTRATORS
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution import files
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution.files import EXTENSION_FILE, built_in
from ansible_collections.mimsync.sharepoint.tests.unit.lab.mim_estate import MimEstate, make_mim_estate
from ansible_collections.mimsync.sharepoint.tests.unit.solution.face_support import Caller

FOLDER = "C:\\SharePointSync"
ASSEMBLY = "Extensions\\SharePointSynchronization.dll"


@pytest.fixture
def mim() -> MimEstate:
    made = make_mim_estate(people=2)
    made.service.host.files.remove(made.service.path(ASSEMBLY))
    return made


@pytest.fixture
def caller(mim: MimEstate, monkeypatch: pytest.MonkeyPatch) -> Caller:
    # The compiler's first look is the same on every computer; Mono compiles in tests/conformance.
    monkeypatch.setattr(csharp.shutil, "which", lambda _name: None)
    return Caller(mim.service.host, replace(mim.admin, groups=mim.admin.groups | {ADMINISTRATORS}))


def publish(caller: Caller, **options: object) -> dict[str, object]:
    sources = caller.call("solution_files")["sources"]
    return caller.call("rules_extension", sources=sources, **options)


def test_check_mode_writes_nothing_and_tells_all(caller: Caller) -> None:
    result = caller.call("solution_files", check=True, diff=True)
    assert result["changed"]
    assert set(result["written"]) == built_in().hashes.keys()
    assert "MV.XML absent" in result["diff"]["before"]
    assert not caller.host.files.exists(FOLDER)


def test_files_are_written_once(caller: Caller) -> None:
    assert caller.call("solution_files")["changed"]
    assert caller.host.files.read(f"{FOLDER}\\{EXTENSION_FILE}") == {file.name: file.content for file in built_in().files}[EXTENSION_FILE]
    caller.executions.clear()
    again = caller.call("solution_files", diff=True)
    assert (again["changed"], again["written"], caller.executions) == (False, [], ["ansible.windows.win_powershell"])
    assert "diff" not in again


def test_drift_is_mended_and_other_files_stay(caller: Caller) -> None:
    caller.call("solution_files")
    caller.host.files.write(f"{FOLDER}\\MV.XML", b"edited")
    caller.host.files.write(f"{FOLDER}\\notes.txt", b"mine")
    assert caller.call("solution_files")["written"] == ["MV.XML"]
    assert caller.host.files.read(f"{FOLDER}\\notes.txt") == b"mine"


def test_a_folder_without_code_is_completed(caller: Caller, tmp_path: Path) -> None:
    for file in built_in().files:
        if file.name.endswith(".XML") and file.content:
            (tmp_path / file.name).write_bytes(file.content)
    result = caller.call("solution_files", local_folder=str(tmp_path))
    assert [note.split(" ")[0] for note in result["notes"]] == ["SharePointSync.psm1", EXTENSION_FILE]
    assert [item["path"].rpartition("\\")[2] for item in result["sources"]] == [EXTENSION_FILE, "DistinguishedNames.cs"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"folder": "SharePointSync"}, "no full path"),
        ({"source": "other"}, "one of: built_in, pnp"),
        ({"local_folder": "/nowhere/at/all"}, "no folder /nowhere/at/all"),
        ({"foler": "C:\\x"}, "foler"),
    ],
)
def test_wrong_options_are_named(caller: Caller, options: dict[str, str], message: str) -> None:
    result = caller.call("solution_files", **options)
    assert result["failed"]
    assert message in result["msg"]
    assert caller.executions == []


def test_a_damaged_configuration_is_named_before_anything_is_asked(caller: Caller, tmp_path: Path) -> None:
    for name, content in {"MV.XML": b"<saved-mv-configuration><mv-data>", "MA-ADMA.XML": b"<a/>"}.items():
        (tmp_path / name).write_bytes(content)
    result = caller.call("solution_files", local_folder=str(tmp_path))
    assert result["failed"]
    assert "MV.XML" in result["msg"]
    assert caller.executions == []


def test_a_download_with_other_content_is_refused(caller: Caller, tmp_path: Path) -> None:
    for name in ("MA-ADMA.XML", "MA-SPMA.XML", "MV.XML", "SharePointSync.psm1", EXTENSION_FILE):
        (tmp_path / name).write_bytes(b"something else")
    result = caller.call("solution_files", source="pnp", url=tmp_path.as_uri())
    assert result["failed"]
    assert "SHA-256" in result["msg"]
    assert not caller.host.files.exists(FOLDER)


def test_the_pinned_solution_is_downloaded_once(caller: Caller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    contents = {name: f"content of {name}".encode() for name in files.PNP_FILES}
    monkeypatch.setattr(files, "PNP_FILES", {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()})
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    result = caller.call("solution_files", source="pnp", url=tmp_path.as_uri())
    assert [item["path"] for item in result["sources"]] == [f"{FOLDER}\\{EXTENSION_FILE}"]
    assert {name: caller.host.files.read(f"{FOLDER}\\{name}") for name in contents} == contents
    assert not caller.call("solution_files", source="pnp", url="https://nowhere.invalid")["changed"]


def test_the_extension_is_compiled_once(caller: Caller, mim: MimEstate) -> None:
    first = publish(caller, diff=True)
    assert (first["changed"], first["reason"]) == (True, "it is not there")
    assert mim.service.host.files.exists(mim.service.path(ASSEMBLY))
    caller.executions.clear()
    second = publish(caller)
    assert (second["changed"], second["reason"], len(caller.executions)) == (False, "", 2)


def test_check_mode_predicts_and_compiles_nothing(caller: Caller, mim: MimEstate) -> None:
    sources = caller.call("solution_files", check=True)["sources"]
    assert caller.call("rules_extension", check=True, sources=sources)["changed"]
    assert not mim.service.host.files.exists(mim.service.path(ASSEMBLY))
    publish(caller)
    assert not caller.call("rules_extension", check=True, sources=sources)["changed"]


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda mim: mim.service.host.files.write(mim.service.path(ASSEMBLY), b"other"), "not the one that was compiled last"),
        (lambda mim: mim.service.host.files.remove(mim.service.path(ASSEMBLY) + ".json"), "nothing tells"),
        (lambda mim: mim.service.host.files.write(mim.service.path(ASSEMBLY) + ".json", b"{"), "nothing tells"),
        (lambda mim: mim.service.update("4.6.641.0"), "4.6.641.0 is installed"),
    ],
)
def test_what_makes_it_compile_again(caller: Caller, mim: MimEstate, spoil: object, reason: str) -> None:
    publish(caller)
    spoil(mim)  # type: ignore[operator]  # one of the functions above
    result = publish(caller)
    assert result["changed"]
    assert reason in str(result["reason"])
    assert mim.service.host.files.exists(mim.service.path(ASSEMBLY) + ".bak")


def test_changed_sources_are_compiled_and_the_old_assembly_is_kept(caller: Caller, mim: MimEstate) -> None:
    publish(caller)
    old = mim.service.host.files.read(mim.service.path(ASSEMBLY))
    path = f"{FOLDER}\\{EXTENSION_FILE}"
    caller.host.files.write(path, caller.host.files.read(path) + b"// more\n")
    result = caller.call("rules_extension", sources=[{"path": path}, {"path": f"{FOLDER}\\DistinguishedNames.cs"}])
    assert result["reason"] == "its sources have changed"
    assert mim.service.host.files.read(result["backup"]) == old


def test_all_hindrances_are_told_at_once(caller: Caller, mim: MimEstate, monkeypatch: pytest.MonkeyPatch) -> None:
    caller.call("solution_files")
    monkeypatch.setattr(type(mim.service.board), "running_agents", lambda _self: ("ADMA",))
    sources = [{"path": f"{FOLDER}\\{EXTENSION_FILE}", "sha256": "0" * 64}, {"path": "C:\\gone.cs"}]
    result = caller.call("rules_extension", sources=sources)
    assert result["failed"]
    assert len(result["details"]) == 3
    assert "ADMA" in result["details"][2]


def test_a_host_without_the_service_is_told(caller: Caller, mim: MimEstate) -> None:
    sources = caller.call("solution_files")["sources"]
    mim.service.uninstall()
    assert caller.call("rules_extension", check=True, sources=sources)["changed"]
    result = caller.call("rules_extension", sources=sources)
    assert "not installed" in result["msg"]


def test_broken_sources_leave_the_old_assembly(caller: Caller, mim: MimEstate) -> None:
    publish(caller)
    old = mim.service.host.files.read(mim.service.path(ASSEMBLY))
    caller.host.files.write("C:\\broken.cs", b"public class A {\n  void B( {\n}")
    result = caller.call("rules_extension", sources=[{"path": "C:\\broken.cs"}])
    assert result["failed"]
    assert "C:\\broken.cs(3) : ) expected" in result["msg"]
    assert mim.service.host.files.read(mim.service.path(ASSEMBLY)) == old


def test_an_account_without_rights_on_the_host_is_refused(caller: Caller, mim: MimEstate) -> None:
    person = next(entry for entry in mim.estate.directory.entries() if entry.get("mail"))
    caller.session = replace(mim.session(person.dn), administrator=False)
    result = caller.call("solution_files", folder="C:\\Windows\\Solution")
    assert result["failed"]
    assert "denied" in result["msg"]
