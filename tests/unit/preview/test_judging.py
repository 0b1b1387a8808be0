# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Patterns, groups, limits, reports and the trace of one person."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, replace

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.answer import Answer
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.groups import Count, groups_of
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.limits import exceeded, read_limits
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.patterns import pattern_of
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.person import PersonPreview
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.render.data import as_csv, as_json
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.render.page import as_html
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.rows import CHANGED, DELETED, Row
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.trace import find_people
from ansible_collections.mimsync.sharepoint.tests.unit.engine.engine_support import APP, HR, fixed, flows, metaverse
from ansible_collections.mimsync.sharepoint.tests.unit.preview.preview_support import foretold, fresh, preview, replayed, rules_of
from ansible_collections.mimsync.sharepoint.tests.unit.preview.test_fidelity import OTHERS


def changes(*pairs: tuple[str | Sequence[str], str | Sequence[str]]) -> list[Row]:
    return [Row(CHANGED, "SPMA", "user", f"P{n}", f"u{n}", "WorkEmail", many(old), many(new)) for n, (old, new) in enumerate(pairs)]


def many(values: str | Sequence[str]) -> tuple[str, ...]:
    return tuple(values) if not isinstance(values, str) else ((values,) if values else ())


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ([("a@old.com", "a@new.com"), ("b@old.com", "b@new.com")], "domain swapped: old.com -> new.com"),
        ([("a@old.com", "a@new.com"), ("b@old.com", "c@new.com")], ""),
        ([("Meyer", "MEYER"), ("Li", "LI")], "letter case only"),
        ([("CN=A,OU=X,DC=d", "CN=A,OU=Y,DC=d"), ("CN=B,OU=X,DC=d", "CN=B,OU=Y,DC=d")], "moved: OU=X,DC=d -> OU=Y,DC=d"),
        ([("A", "Dr. A"), ("B", "Dr. B")], "prefix 'Dr. ' added"),
        ([("A (ext)", "A"), ("B (ext)", "B")], "suffix ' (ext)' taken away"),
        ([("A", ""), ("B", "")], "emptied"),
        ([("", "A"), ("", "B")], "filled for the first time"),
        ([("A  B", "A B")], "white space only"),
        ([("A", ""), ("B", "C")], ""),
        ([("+49 1", "+43 1"), ("+49 2", "+43 2")], "'9' replaced by '3'"),
        ([(["a", "b"], ["a", "b", "c"]), (["a", "b"], ["a", "b", "d"])], "values added, none taken away"),
        ([("x", "y"), ("p", "q")], ""),
    ],
)
def test_a_detector_speaks_only_when_every_row_fits(pairs: list[tuple[str, str]], said: str) -> None:
    assert pattern_of(changes(*pairs)) == said


def test_few_pairs_are_listed_many_are_not() -> None:
    few = groups_of(changes(*[("Sales", "Vertrieb")] * 3, ("HR", "Personal")))
    assert few[0].pairs == (("Sales", "Vertrieb", 3), ("HR", "Personal", 1))
    assert groups_of(changes(*((f"a{n}", f"x{n * 7}") for n in range(40))))[0].pairs == ()


COUNTS = [Count(DELETED, "SPMA", "user", 40, 100), Count(CHANGED, "SPMA", "user", 3, 100), Count(DELETED, "metaverse", "person", 40, 100)]


@pytest.mark.parametrize(
    ("limits", "sentences"),
    [
        ({"deleted": "1 %"}, ["SPMA, user: 40 of 100 (40.0 %) deleted; the limit is 1 %"]),
        ({"deleted": 39}, ["SPMA, user: 40 of 100 (40.0 %) deleted; the limit is 39"]),
        ({"deleted": "40%", "changed": 3}, []),
        ({"changed": 0, "deleted": None}, ["SPMA, user: 3 of 100 (3.0 %) value changed; the limit is 0"]),
    ],
)
def test_limits(limits: dict[str, object], sentences: list[str]) -> None:
    assert exceeded(read_limits(limits), COUNTS) == sentences


@pytest.mark.parametrize(
    ("limits", "message"), [({"removed": 1}, "there is no limit 'removed'"), ({"deleted": "few"}, "'few'"), ({"deleted": "200 %"}, "100 %")]
)
def test_limits_that_mean_nothing_are_named(limits: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_limits(limits)


EVIL = "</script><img src=x onerror=alert(1)>\ud800"


def sample() -> Answer:
    made = fresh()
    made.person(1, mail="a@x", title="Boss")
    made.cycle("F")
    wanted = replace(made.configuration, metaverse=metaverse(flows("mail", (HR, fixed("all@x"))), *(flows(name, (HR, name)) for name in OTHERS)))
    answer = preview(made, wanted, title="One & all").run()
    return replace(answer, rows=(*answer.rows, Row(CHANGED, "APP", "user", EVIL, "=1+1", "mail", (EVIL,), ())))


def test_the_page_holds_everything_and_no_code_of_others() -> None:
    page = as_html(sample())
    assert "One &amp; all" in page
    assert "all@x" in page
    assert EVIL.removesuffix("\ud800") not in page
    assert page.count("</script>") == 2
    page.encode("utf-8")


def test_json_and_csv_hold_every_row() -> None:
    answer = sample()
    data = json.loads(as_json(answer))
    assert len(data["rows"]) == len(answer.rows)
    assert {"counts", "groups", "notes", "data", "findings", "runs"} <= data.keys()
    lines = list(csv.DictReader(io.StringIO(as_csv(answer))))
    assert len(lines) == len(answer.rows)
    assert lines[-1]["dn"] == "'=1+1"


def test_one_person_is_traced_and_nothing_stays_changed() -> None:
    made = fresh()
    for number in range(3):
        made.person(number, mail=f"p{number}@x")
    made.cycle("F")
    mail = flows("mail", (HR, "phone"), (HR, "mail"), (HR, fixed("none@x")))
    wanted = replace(made.configuration, metaverse=metaverse(mail, *(flows(name, (HR, name)) for name in OTHERS if name != "title")))
    before = made.digest()
    asked = PersonPreview(made.store, wanted, rules_of(made))
    found = find_people(made.store, "U1")
    assert len(found) == 1
    first = asked.of(found[0])
    assert asked.of(found[0]).rows == first.rows
    assert made.digest() == before
    traced = {item.attribute: item for item in first.trace.attributes}
    assert [(flow.rule, flow.verdict) for flow in traced["mail"].flows] == [
        ("direct from phone", "has no value"),
        ("direct from mail", "won"),
        ("constant 'none@x'", "lost: a source of higher rank has a value"),
    ]
    target = next(item for item in first.trace.connectors if item.agent == "APP")
    assert {flow.verdict for item in target.flows for flow in item.flows} == {"holds it already"}
    assert json.dumps(asdict(first.trace))


def test_one_person_tells_what_the_whole_preview_tells() -> None:
    made = fresh()
    for number in range(3):
        made.person(number, mail=f"p{number}@x")
    made.cycle("F")
    wanted = replace(made.configuration, metaverse=metaverse(flows("mail", (HR, "name")), *(flows(name, (HR, name)) for name in OTHERS)))
    whole = preview(made, wanted, scene=replayed(made)).run()
    asked = PersonPreview(made.store, wanted, rules_of(made))
    single = {row for number in range(3) for mv in find_people(made.store, f"u{number}") for row in foretold(asked.of(mv).rows)}
    assert single == foretold(whole.rows)
    assert {agent.id for agent in wanted.agents} == {HR, APP}
