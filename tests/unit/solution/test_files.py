# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the built files are, apart from their meaning (tests/conformance/test_builtin_solution.py)."""

from __future__ import annotations

import hashlib
import re

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.document import parse
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution import build_files
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution.files import (
    PNP_FILES,
    SolutionFile,
    built_in,
    checked,
    differing,
    from_folder,
    pinned,
)
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution.identity import guid

GUID = re.compile(rb"\{[0-9A-Fa-f-]{36}\}")


def test_the_same_bytes_every_time() -> None:
    assert build_files() == build_files()


@pytest.mark.parametrize("name", ["MV.XML", "MA-ADMA.XML", "MA-SPMA.XML"])
def test_a_document_is_read_and_written_unchanged(name: str) -> None:
    content = build_files()[name]
    assert parse(content, name).write() == content


@pytest.mark.parametrize("name", ["MV.XML", "MA-ADMA.XML", "MA-SPMA.XML"])
def test_identities_are_in_capitals(name: str) -> None:
    found = GUID.findall(build_files()[name])
    assert found
    assert all(item == item.upper() for item in found)


def test_no_rule_has_the_identity_of_another() -> None:
    found = [item for content in build_files().values() for item in re.findall(rb' id="(\{[^"]+\})"', content)]
    assert len(found) == len(set(found))


def test_names_of_the_forest_never_resolve() -> None:
    content = build_files()["MA-ADMA.XML"].decode()
    assert set(re.findall(r"<forest-name>(.*?)<", content)) == {"forest.invalid"}


def test_identities_depend_on_the_whole_path() -> None:
    assert guid("a", "b") != guid("b", "a")


def test_the_built_in_solution_is_whole() -> None:
    solution = built_in()
    assert {"MV.XML", "SharePointSync.psm1", "MIMSharePointSyncTask.ps1", "MIMSharePointSyncDelta.ps1"} <= solution.hashes.keys()
    assert set(solution.extension_sources) <= solution.hashes.keys()


def test_the_pinned_solution_needs_no_download_to_be_compared() -> None:
    solution = pinned()
    assert PNP_FILES.items() <= solution.hashes.items()
    assert differing(solution, solution.hashes) == ()
    assert differing(solution, {name: digest.upper() for name, digest in solution.hashes.items()}) == ()


def test_a_folder_with_its_own_extension_needs_none_of_ours() -> None:
    files = {"mv.xml": b"<a/>", "MA-X.xml": b"<b/>", EXTENSION: b"class A {}"}
    solution = from_folder(files)
    assert solution.extension_sources == (EXTENSION,)
    assert "DistinguishedNames.cs" not in solution.hashes
    assert solution.hashes[EXTENSION] == hashlib.sha256(b"class A {}").hexdigest()


EXTENSION = "SynchronizationRulesExtensions.cs"


@pytest.mark.parametrize("files", [{}, {"MV.XML": b"<a/>"}, {"MA-ADMA.XML": b"<a/>", "other.txt": b""}])
def test_a_folder_that_is_no_configuration_is_refused(files: dict[str, bytes]) -> None:
    with pytest.raises(InputError, match=r"MV\.XML and a file"):
        from_folder(files)


def test_content_that_was_not_pinned_is_refused() -> None:
    with pytest.raises(InputError, match="expected"):
        checked(SolutionFile("a", "0" * 64), b"x", "https://example.com/a")
