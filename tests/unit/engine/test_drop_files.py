# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Drop files: what a recording wrote is what a replay delivers; which subtypes of a step mean what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import RunStep, StepKind
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.drop_files import Recording, Replay, use_of_drop_file
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.systems.base import (
    ChangeType,
    ExportedChange,
    ExportResult,
    ImportedObject,
    ImportPage,
    ImportProblem,
    ImportRequest,
    SystemConnectionError,
)
from hypothesis import given
from hypothesis import strategies as st

TEXTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
VALUES = st.lists(st.one_of(st.text(max_size=12), st.integers(), st.booleans(), st.binary(max_size=8)), min_size=1, max_size=3).map(tuple)
OBJECTS = st.builds(
    ImportedObject,
    st.sampled_from(ChangeType),
    TEXTS,
    st.text("abcXYZ=,ö ", min_size=1, max_size=12).map(str.strip).filter(bool),
    st.sampled_from(["user", "group"]),
    st.dictionaries(st.sampled_from(["mail", "sn", "photo"]), VALUES, max_size=3),
)
PROBLEMS = st.builds(
    ImportProblem, st.sampled_from(["parse-error", "missing-dn"]), st.sampled_from(["", "cn=a"]), st.just(""), st.sampled_from(["", "mail"]), st.integers(0, 9)
)


@dataclass
class Kept:
    content: bytes = b""

    def read(self) -> bytes:
        return self.content

    def write(self, content: bytes) -> None:
        self.content = content


@dataclass
class Source:
    pages: Sequence[ImportPage]
    server: str = "source"

    def import_pages(self, request: ImportRequest) -> Iterator[ImportPage]:
        yield from self.pages

    def export(self, changes: Sequence[ExportedChange]) -> Sequence[ExportResult]:
        return []


@given(st.lists(OBJECTS, max_size=6), st.lists(PROBLEMS, max_size=2), st.integers(1, 4))
def test_a_replay_delivers_what_was_recorded(objects: list[ImportedObject], problems: list[ImportProblem], size: int) -> None:
    file = Kept()
    source = Source([ImportPage(tuple(objects[:2])), ImportPage(tuple(objects[2:]), "mark", problems=tuple(problems))])
    recorded = list(Recording(source, file, "full-import").import_pages(ImportRequest("", (), ())))
    assert recorded == source.pages
    replayed = list(Replay(file).import_pages(ImportRequest("", (), (), page_size=size)))
    assert [item for page in replayed for item in page.objects] == objects
    assert [item for page in replayed for item in page.problems] == problems
    assert not any(page.watermark for page in replayed)


@pytest.mark.parametrize(
    ("subtypes", "expected"),
    [
        (("to-file",), (False, True, False)),
        (("resume-from-file",), (True, False, True)),
        (("to-file", "resume-from-file"), (False, True, True)),
    ],
)
@pytest.mark.parametrize(
    ("step_type", "kind"),
    [
        ("full-import/to-cs", StepKind.FULL_IMPORT),
        ("delta-import/to-cs", StepKind.DELTA_IMPORT),
        ("full-import", StepKind.FULL_IMPORT_DELTA_SYNC),
        ("delta-import", StepKind.DELTA_IMPORT_DELTA_SYNC),
    ],
)
def test_what_the_subtypes_of_a_step_mean(subtypes: tuple[str, ...], expected: tuple[bool, bool, bool], step_type: str, kind: StepKind) -> None:
    name, *staged = step_type.split("/")
    use = use_of_drop_file(RunStep(StepKind.OTHER, "{P}", type=name, subtypes=(*staged, *subtypes), drop_file="kept.xml"))
    assert use is not None and (use.kind, (use.reads, use.writes, use.goes_on)) == (kind, expected)


def test_a_full_synchronization_writes_and_carries_on() -> None:
    use = use_of_drop_file(RunStep(StepKind.OTHER, "{P}", type="full-import-reevaluate-rules", subtypes=("to-file",), drop_file="kept.xml"))
    assert use is not None and (use.kind, use.writes, use.goes_on) == (StepKind.FULL_IMPORT_FULL_SYNC, True, True)


@pytest.mark.parametrize(("subtypes", "goes_on"), [(("to-file",), False), (("to-file", "resume-from-file"), True)])
def test_an_export_is_written_and_may_be_sent(subtypes: tuple[str, ...], goes_on: bool) -> None:
    use = use_of_drop_file(RunStep(StepKind.OTHER, "{P}", type="export", subtypes=subtypes, drop_file="kept.xml"))
    assert use is not None and (use.kind, use.writes, use.goes_on) == (StepKind.EXPORT, True, goes_on)


def test_passwords_are_not_written() -> None:
    file = Kept()
    change = ExportedChange(
        ChangeType.ADD, "1", "a", "CN=a", "user", {"mail": ("a@example.com",), "export_password": ("Canary-7",), "unicodePwd": (b"Canary-8",)}
    )
    Recording(Source([]), file, "export").export([change])
    assert b"a@example.com" in file.content and b"Canary" not in file.content and b"assword" not in file.content


@pytest.mark.parametrize(
    "step",
    [
        RunStep(StepKind.OTHER, "{P}", type="export", subtypes=("resume-from-file",), drop_file="kept.xml"),
        RunStep(StepKind.OTHER, "{P}", type="full-import", subtypes=("to-file",)),
        RunStep(StepKind.OTHER, "{P}", type="full-import", subtypes=("to-nowhere",), drop_file="kept.xml"),
    ],
)
def test_other_steps_have_no_drop_file_that_is_known(step: RunStep) -> None:
    assert use_of_drop_file(step) is None


@pytest.mark.parametrize("content", [b"", b"<mmsml", b'<m><directory-entries><delta operation="add" dn="x"><anchor>%</anchor></delta></directory-entries></m>'])
def test_a_damaged_file_stops_the_step(content: bytes) -> None:
    with pytest.raises(SystemConnectionError) as caught:
        list(Replay(Kept(content)).import_pages(ImportRequest("", (), ())))
    assert caught.value.step_result == "stopped-parsing-errors"
