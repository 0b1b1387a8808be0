# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a preview foretells is what then happens, and foretelling changes nothing."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import DeletionRule, Partition, ServerConfiguration
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.digest import digest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.sqlite_store import SqliteStore
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.answer import Answer
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.cycle import runs_of
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.person import PersonPreview
from ansible_collections.mimsync.sharepoint.tests.unit.engine.engine_support import (
    APP,
    HR,
    ROOT,
    STORES,
    World,
    app,
    export,
    filter_on,
    fixed,
    flows,
    hr,
    metaverse,
)
from ansible_collections.mimsync.sharepoint.tests.unit.preview.preview_support import (
    CHANGES,
    change,
    entries,
    foretold,
    fresh,
    happened,
    live,
    preview,
    really,
    replayed,
    rules_of,
)
from hypothesis import given, settings
from hypothesis import strategies as st

RUNS = ("HR FI", "HR FS", "APP FI", "APP FS", "APP EX", "APP DI", "APP DS")
OTHERS = ("account", "name", "title", "manager", "tags")
# A history: changes, and how far the cycle after them went; a cycle that ends after the export leaves it unconfirmed.
HISTORIES = st.lists(st.tuples(st.lists(CHANGES, max_size=4), st.integers(1, len(RUNS))), max_size=3)


def scoped(*inclusions: str) -> tuple[Partition, ...]:
    return (Partition("{HR-P}", ROOT, True, ("user",), inclusions=inclusions, dn=ROOT),)


def flow_set(*made: Any) -> Any:
    return (replace(app().export_flows[0], flows=made),)


EDITS: dict[str, Any] = {
    "nothing": lambda c: c,
    "another filter": lambda c: with_hr(c, filters=(filter_on("title", "equals", "Boss"),)),
    "no filter": lambda c: with_hr(c, filters=()),
    "smaller scope": lambda c: with_hr(c, partitions=scoped(f"OU=Staff,{ROOT}")),
    "other scope": lambda c: with_hr(c, partitions=scoped(f"OU=Moved 1,{ROOT}", f"OU=Moved 2,{ROOT}")),
    "another source": lambda c: replace(c, metaverse=mail_from(flows("mail", (HR, "name")))),
    "constant mail": lambda c: replace(c, metaverse=mail_from(flows("mail", (HR, "mail"), (HR, fixed("none@x"))))),
    "no flow of titles": lambda c: with_app(c, export_flows=flow_set(*(flow for flow in app().export_flows[0].flows if flow.attribute != "title"))),
    "title from name": lambda c: with_app(c, export_flows=flow_set(export("title", "name"), export("mail", nulls=False))),
    "disconnect only": lambda c: with_app(with_hr(c, filters=(filter_on("mail", "present"),)), deprovisioning="make-normal-disconnector"),
    "last connector": lambda c: replace(c, metaverse=replace(c.metaverse, deletion_rules=(DeletionRule("{D}", "person", "declared-last", (APP,)),))),
}


def with_hr(configuration: ServerConfiguration, **changes: Any) -> ServerConfiguration:
    return replace(configuration, agents=(replace(configuration.agents[0], **changes), *configuration.agents[1:]))


def with_app(configuration: ServerConfiguration, **changes: Any) -> ServerConfiguration:
    return replace(configuration, agents=(configuration.agents[0], replace(configuration.agents[1], **changes)))


def mail_from(mail: Any) -> Any:
    return metaverse(mail, *(flows(name, (HR, name)) for name in OTHERS))


# Several edits one after the other make configurations that nobody thought of.
CONFIGURATIONS = st.lists(st.sampled_from(sorted(EDITS)), max_size=3, unique=True)


def edited(configuration: ServerConfiguration, edits: Sequence[str]) -> ServerConfiguration:
    for edit in edits:
        configuration = EDITS[edit](configuration)
    return configuration


def lived(history: list[Any], edits: Sequence[str] = (), store: str = "memory") -> World:
    made = fresh(store)
    made.configure(edited(made.configuration, edits))
    made.person(9, mail="a@x")
    made.cycle("F")
    for changes, runs in history:
        for step in changes:
            change(made, step)
        for text in RUNS[:runs]:
            made.run(text)
    return made


def digest_of(answered: Any) -> str:
    assert answered.performance is not None
    return digest(answered.performance.store, [HR, APP])


@settings(max_examples=90, deadline=None)
@given(CONFIGURATIONS, HISTORIES, st.lists(CHANGES, max_size=4), CONFIGURATIONS, st.sampled_from(["full", "delta"]), st.sampled_from(sorted(STORES)))
def test_what_is_foretold_happens(begun: list[str], history: list[Any], news: list[Any], edits: list[str], kind: str, store: str) -> None:
    """From random configurations and histories, exports without confirmation among them, to random configurations; state in memory and in a file."""
    made = lived(history, begun, store)
    for step in news:
        change(made, step)
    wanted = edited(made.configuration, edits)
    asked = preview(made, wanted, cycle=kind)
    state, system = made.digest(), entries(made.app)
    answer = asked.run()
    assert (made.digest(), entries(made.app)) == (state, system), "foretelling changes nothing"
    really(made, wanted, runs_of(kind, live(made), wanted))
    assert digest_of(asked) == made.digest(), "object by object, the state is the one foretold"
    assert foretold(answer.rows) == happened(system, made.app.entries), "and the target went through what the rows say"


@settings(max_examples=50, deadline=None)
@given(HISTORIES, CONFIGURATIONS, st.sampled_from(sorted(STORES)))
def test_the_state_alone_foretells_a_change_of_rules(history: list[Any], edits: list[str], store: str) -> None:
    """Without the systems: HR's people are as they were at the last import, so the answer is exact once it is fresh."""
    made = lived(history, (), store)
    made.cycle("F")
    made.cycle("F")
    wanted = edited(made.configuration, edits)
    scene = replayed(made)
    answer = preview(made, wanted, scene=scene).run()
    system = entries(made.app)
    if runs_of("rules", scene, wanted)[0].profile.endswith("full-import"):
        really(made, wanted, runs_of("full", scene, wanted))
    else:
        really(made, wanted, [*runs_of("rules", scene, wanted), *runs_of("full", scene, wanted)])
    assert foretold(answer.rows) == happened(system, made.app.entries)


def test_an_export_that_waits_for_its_confirmation_is_not_announced_again() -> None:
    made = fresh()
    made.person(1)
    made.run(*RUNS[:5])
    answer = preview(made, cycle="rules").run()
    assert foretold(answer.rows) == set()
    made.run(*RUNS[:5])


def test_an_export_that_waited_already_is_told_as_such() -> None:
    made = fresh()
    made.person(1)
    made.run(*RUNS[:4])
    answer = preview(made).run()
    assert [(row.transition, row.pending) for row in answer.rows if row.agent == "APP"] == [("added", True)]


def rows(answer: Answer, agent: str) -> set[tuple[str, str]]:
    return {(row.transition, row.name) for row in answer.rows if row.agent == agent}


def test_transitions_have_their_names() -> None:
    made = fresh()
    for number in range(3):
        made.person(number, mail="a@x")
    made.cycle("F")
    answer = preview(made, with_hr(made.configuration, partitions=scoped(f"OU=Other,{ROOT}")), scene=replayed(made)).run()
    assert rows(answer, "HR") == set(), "an import that brings nothing is no deletion of everything"
    assert answer.runs[0].status == "completed-no-objects"
    answer = preview(made, with_hr(made.configuration, filters=(filter_on("name", "equals", "Person 1"),))).run()
    assert rows(answer, "HR") == {("filtered", "Person 1")}
    assert rows(answer, "APP") == {("deleted", "Person 1")}
    assert rows(answer, "metaverse") == {("deleted", "Person 1")}


def test_a_rule_that_fails_leaves_an_error() -> None:
    made = fresh()
    made.person(1)
    made.cycle("F")

    def refuse(mv: Any) -> None:
        raise ValueError("no such room")

    made.hooks["provision"] = refuse
    answer = preview(made).run()
    failed = [row for row in answer.rows if row.transition == "error"]
    assert failed and "extension-dll-exception (provisioning): ValueError: no such room" in failed[0].detail


@pytest.mark.parametrize("edit", [{"extension": "Other.dll", "provisioning": "scripted"}])
def test_a_configuration_with_faults_is_not_previewed(edit: dict[str, Any]) -> None:
    made = fresh()
    made.person(1)
    wanted = replace(made.configuration, metaverse=replace(made.configuration.metaverse, **edit))
    answer = preview(made, wanted).run()
    assert answer.stopped and not answer.rows
    assert [finding.kind for finding in answer.findings if finding.severity == "error"] == ["extension-dll-file-not-found"]


def test_attributes_that_nobody_knows_are_found_before_anything_runs() -> None:
    made = fresh()
    wanted = with_app(made.configuration, export_flows=flow_set(export("shoe", "size")))
    found = {(finding.kind, finding.message) for finding in preview(made, wanted).run().findings}
    assert ("unknown-attribute", "the schema of APP has no attribute 'shoe'") in found
    assert ("unknown-attribute", "the metaverse has no attribute 'size'") in found


def test_hr_may_be_new() -> None:
    made = World(ServerConfiguration(metaverse(), (hr(), app())))
    made.person(1)
    answer = preview(made, cycle="full").run()
    assert rows(answer, "APP") == {("added", "Person 1")}


def test_a_state_in_a_file_is_previewed_on_a_copy_that_goes_with_the_preview(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    made = fresh()
    made.store = SqliteStore(tmp_path / "state.sqlite")
    made.configure(made.configuration)
    made.person(1, mail="a@x")
    made.cycle("F")
    before, wanted = made.digest(), EDITS["another source"](made.configuration)
    asked = preview(made, wanted)
    first = asked.run()
    person = next(iter(made.store.metaverse.all()))
    traced = PersonPreview(made.store, wanted, rules_of(made)).of(person)
    assert made.digest() == before
    assert rows(first, "APP") == {(row.transition, row.name) for row in traced.rows if row.agent == "APP"} == {("value changed", "Person 1")}
    assert (tmp_path / "temporary").iterdir()
    del asked
    gc.collect()
    assert list((tmp_path / "temporary").iterdir()) == []
