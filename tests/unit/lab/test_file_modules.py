# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twins of the file modules: what they change, what they refuse, in check mode too."""

from __future__ import annotations

import base64
import copy
import hashlib
import io
import zipfile
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.lab.modules.registry import ModuleFailure
from host_support import Caller, session_of

FILE = "ansible.windows.win_file"
COPY = "ansible.windows.win_copy"
STAT = "ansible.windows.win_stat"
GET = "ansible.windows.win_get_url"
URL = "https://downloads.corp.example.com/a%20b.msi"


@pytest.fixture
def caller(member: Caller) -> Caller:
    member.host.files.make_folder("C:\\Demo\\Sub")
    member.host.files.write("C:\\Demo\\a.txt", b"hello", version="1.2.3.4")
    member.host.files.write("C:\\Demo\\Sub\\b.txt", b"there")
    assert member.host.estate is not None
    member.host.estate.web[URL] = b"package"
    return member


def checking(caller: Caller) -> Caller:
    return replace(caller, check=True)


def plain(caller: Caller) -> Caller:
    return replace(caller, session=session_of(caller.host, "plain"))


def refusal(caller: Caller, module: str, **arguments: Any) -> str:
    with pytest.raises(ModuleFailure) as caught:
        caller(module, **arguments)
    return caught.value.message


def test_stat_of_file_folder_and_nothing(caller: Caller) -> None:
    file = caller(STAT, path="c:/demo/A.TXT", checksum_algorithm="sha256")["stat"]
    assert (file["path"], file["size"], file["extension"], file["isreg"], file["isdir"]) == ("C:\\Demo\\a.txt", 5, ".txt", True, False)
    assert file["checksum"] == hashlib.sha256(b"hello").hexdigest()
    folder = caller(STAT, path="C:\\Demo")["stat"]
    assert (folder["isdir"], folder["size"], folder["attributes"]) == (True, 10, "Directory")
    assert caller(STAT, path="C:\\none") == {"stat": {"exists": False}}


def test_folders_are_made_once_and_removed_once(caller: Caller) -> None:
    assert checking(caller)(FILE, path="C:\\New\\Deep", state="directory")["changed"]
    assert not caller.host.files.exists("C:\\New")
    assert caller(FILE, path="C:\\New\\Deep", state="directory")["changed"]
    assert not caller(FILE, path="C:\\New\\Deep", state="directory")["changed"]
    assert checking(caller)(FILE, path="C:\\New", state="absent")["changed"]
    assert caller(FILE, path="C:\\New", state="absent")["changed"]
    assert not caller(FILE, path="C:\\New", state="absent")["changed"]


@pytest.mark.parametrize(
    ("path", "state", "message"),
    [
        ("C:\\Demo\\a.txt", "directory", "path C:\\Demo\\a.txt is not a directory"),
        ("C:\\Demo", "file", "path C:\\Demo is not a file"),
        ("C:\\none", "file", "path C:\\none will not be created"),
        ("X:\\none", "directory", "Could not find a part of the path"),
        ("C:\\none\\x", "touch", "Could not find a part of the path"),
    ],
)
def test_fail_files_that_do_not_fit(caller: Caller, path: str, state: str, message: str) -> None:
    assert message in refusal(caller, FILE, path=path, state=state)


def test_fail_without_the_right_to_write(caller: Caller) -> None:
    caller.host.files.make_folder("C:\\Windows\\Temp")
    assert "is denied" in refusal(plain(caller), FILE, path="C:\\Demo\\a.txt", state="absent")
    assert "is denied" in refusal(plain(caller), COPY, _copy_mode="single", src="C:\\Demo\\Sub\\b.txt", dest="C:\\Demo\\a.txt")


def test_query_names_what_differs(caller: Caller) -> None:
    same = {"src": "/x/a.txt", "dest": "a.txt", "checksum": hashlib.sha1(b"hello").hexdigest()}
    other = {"src": "/x/b.txt", "dest": "Sub\\b.txt", "checksum": "0"}
    folders = [{"src": "/x/Sub", "dest": "Sub"}, {"src": "/x/More", "dest": "More"}]
    found = caller(COPY, _copy_mode="query", dest="C:\\Demo", files=[same, other], directories=folders)
    assert (found["changed"], found["files"], found["directories"]) == (False, [other], [folders[1]])
    unforced = caller(COPY, _copy_mode="query", dest="C:\\Demo", files=[same, other], directories=[], force=False)
    assert unforced["files"] == []


def test_a_zip_with_encoded_names_is_unpacked(caller: Caller) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for name, content in (("ü/", b""), ("ü/x y.txt", b"1"), ("plain.txt", b"2")):
            encoded = base64.b64encode(name.rstrip("/").encode()).decode() + ("/" if name.endswith("/") else "")
            file.writestr(encoded, content)
    caller.host.files.write("C:\\Demo\\z.zip", archive.getvalue())
    assert caller(COPY, _copy_mode="explode", src="C:\\Demo\\z.zip", dest="C:\\Out")["changed"]
    assert caller.host.files.read("C:\\Out\\ü\\x y.txt") == b"1"
    assert caller.host.files.read("C:\\Out\\plain.txt") == b"2"


def test_a_single_file_goes_into_a_folder_or_under_a_name(caller: Caller) -> None:
    caller(COPY, _copy_mode="single", src="C:\\Demo\\a.txt", dest="C:\\Demo\\Sub", _original_basename="c.txt")
    caller(COPY, _copy_mode="single", src="C:\\Demo\\a.txt", dest="C:\\Demo\\d.txt")
    result = caller(COPY, _copy_mode="single", src="C:\\Demo\\Sub\\b.txt", dest="C:\\Demo\\d.txt", backup=True)
    assert caller.host.files.read("C:\\Demo\\Sub\\c.txt") == b"hello"
    assert caller.host.files.read("C:\\Demo\\d.txt") == b"there"
    assert caller.host.files.read(result["backup_file"]) == b"hello"


def test_fail_a_single_file_needs_its_folder(caller: Caller) -> None:
    assert refusal(caller, COPY, _copy_mode="single", src="C:\\Demo\\a.txt", dest="C:\\none\\a.txt") == "Destination directory 'C:\\none' does not exist"
    assert refusal(caller, COPY, _copy_mode="single", src="C:\\none", dest="C:\\x") == "Cannot copy src file: 'C:\\none' as it does not exist"


def test_remote_copies_predict_act_and_rest(caller: Caller) -> None:
    before = copy.deepcopy(caller.host.files.nodes)
    arguments = {"_copy_mode": "remote", "src": "C:\\Demo", "dest": "C:\\Other"}
    predicted = checking(caller)(COPY, **arguments)
    assert caller.host.files.nodes == before
    assert predicted["changed"]
    done = caller(COPY, **arguments)
    assert (done["operation"], done["dest"], done["size"], done["changed"]) == ("folder_copy", predicted["dest"], 10, predicted["changed"])
    assert not caller(COPY, **arguments)["changed"]


def test_a_copied_file_keeps_its_version(caller: Caller) -> None:
    done = caller(COPY, _copy_mode="remote", src="C:\\Demo\\a.txt", dest="C:\\Demo\\Sub\\")
    assert (done["operation"], done["dest"], done["checksum"]) == ("file_copy", "C:\\Demo\\Sub\\a.txt", hashlib.sha1(b"hello").hexdigest())
    node = caller.host.files.get("C:\\Demo\\Sub\\a.txt")
    assert node is not None
    assert node.version == "1.2.3.4"


def test_slurp(caller: Caller) -> None:
    assert caller("ansible.windows.slurp", src="C:\\Demo\\a.txt")["content"] == base64.b64encode(b"hello").decode()
    assert refusal(caller, "ansible.windows.slurp", src="C:\\Demo") == "Path C:\\Demo is a directory"
    assert refusal(caller, "ansible.windows.slurp", src="C:\\none") == "Path C:\\none is not found"


@pytest.mark.parametrize("state", ["file", "directory"])
def test_temporary_files(caller: Caller, state: str) -> None:
    caller.host.files.make_folder("C:\\Users\\mimsetup\\AppData\\Local\\Temp")
    found = caller("ansible.windows.win_tempfile", state=state, suffix=".x")
    assert found["path"].startswith("C:\\Users\\mimsetup\\AppData\\Local\\Temp\\ansible.")
    assert caller.host.files.is_folder(found["path"]) == (state == "directory")
    assert not caller.host.files.exists(checking(caller)("ansible.windows.win_tempfile", state=state)["path"])


def test_downloads_come_once_and_only_with_the_right_hash(caller: Caller) -> None:
    right = hashlib.sha256(b"package").hexdigest()
    arguments = {"url": URL, "dest": "C:\\Demo", "checksum": right.upper(), "checksum_algorithm": "sha256"}
    assert checking(caller)(GET, **arguments)["changed"]
    assert not caller.host.files.exists("C:\\Demo\\a b.msi")
    done = caller(GET, **arguments)
    assert (done["changed"], done["dest"], done["checksum_dest"], done["size"]) == (True, "C:\\Demo\\a b.msi", right, 7)
    assert not caller(GET, **arguments)["changed"]
    assert refusal(caller, GET, **{**arguments, "checksum": "0" * 64}) == f"The checksum for {URL} did not match '{'0' * 64}', it was '{right}'"


@pytest.mark.parametrize(
    ("url", "dest", "message"),
    [
        (URL, "C:\\none\\a.msi", "The path 'C:\\none' does not exist for destination"),
        (URL, "C:\\none\\", "The destination path 'C:\\none\\' does not exist"),
        ("https://downloads.corp.example.com/other", "C:\\Demo\\x", "(404) Not Found"),
        ("https://elsewhere.example/x", "C:\\Demo\\x", "The remote name could not be resolved: 'elsewhere.example'"),
    ],
)
def test_fail_downloads_that_cannot_be(caller: Caller, url: str, dest: str, message: str) -> None:
    assert message in refusal(caller, GET, url=url, dest=dest)


def test_checksum_files_are_read(caller: Caller) -> None:
    assert caller.host.estate is not None
    sums = "https://downloads.corp.example.com/SUMS"
    caller.host.estate.web[sums] = f"{hashlib.sha1(b'package').hexdigest()}  a b.msi\n".encode()
    assert caller(GET, url=URL, dest="C:\\Demo\\p.msi", checksum_url=sums)["changed"]
    caller.host.estate.web[sums] = b"abc  other.msi\n"
    assert "Checksum record not found" in refusal(caller, GET, url=URL, dest="C:\\Demo\\p.msi", checksum_url=sums)


@pytest.mark.parametrize(("subset", "there", "absent"), [("min", "ansible_hostname", ""), ("!all,!min,platform", "ansible_fqdn", "ansible_env")])
def test_facts(caller: Caller, subset: str, there: str, absent: str) -> None:
    facts = caller("ansible.windows.setup", gather_subset=subset)["ansible_facts"]
    assert facts[there].casefold().startswith("mim1")
    assert absent not in facts
