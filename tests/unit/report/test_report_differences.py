# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Two configurations laid upon each other: each kind of change under its right name, and nothing else."""

from __future__ import annotations

import re

import pytest
from ansible_collections.mimsync.sharepoint.tests.unit.report.report_support import (
    REAL_SETS,
    Files,
    agent,
    changes,
    direct,
    guid,
    import_flows,
    metaverse,
    real_files,
    report_of,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

MAIL = import_flows("mail", (1, "user", direct("mail")), (2, "user", direct("mail")), (3, "user", direct("mail")))
AGENTS = {"ma1.xml": agent(1, "AD"), "ma2.xml": agent(2, "HR"), "ma3.xml": agent(3, "SQL")}


def join(number: int, attribute: str) -> str:
    mapping = f'<attribute-mapping mv-attribute="{attribute}">{direct(attribute)}</attribute-mapping>'
    return f'<join-criterion id="{guid(number)}"><search mv-object-type="person">{mapping}</search><resolution type="none"/></join-criterion>'


def joined(*criteria: str) -> Files:
    return {"ma.xml": agent(1, "AD", f'<join><join-profile cd-object-type="user">{"".join(criteria)}</join-profile></join>')}


@pytest.mark.parametrize("name", REAL_SETS)
def test_a_configuration_does_not_differ_from_itself(name: str) -> None:
    files = real_files(name)
    report = report_of(files, files)
    assert not report.different
    assert changes(report) == []


def test_order_letter_case_and_counters_of_the_server_are_no_difference() -> None:
    body = "<attribute-inclusion>{}</attribute-inclusion><version>{}</version><join/>"
    before = {"MA-1.xml": agent(1, "AD", body.format("<attribute>title</attribute><attribute>sn</attribute>", 1)), "mv.xml": metaverse(MAIL)}
    after = {
        "ma-x.XML": agent(1, "ad", body.format("<attribute>SN</attribute><attribute>title</attribute>", 9)),
        "mv.xml": metaverse(MAIL.replace('"mail"', '"Mail"')),
    }
    after["mv.xml"] = after["mv.xml"].replace(b"2026-01-02", b"2026-03-04")
    assert changes(report_of(after, before)) == []


def test_an_added_and_a_removed_flow() -> None:
    before = AGENTS | {"mv.xml": metaverse(import_flows("mail", (1, "user", direct("mail"))))}
    after = AGENTS | {"mv.xml": metaverse(import_flows("manager", (1, "user", direct("manager"))))}
    assert changes(report_of(after, before)) == [
        ("Metaverse / Import flows", "removed", "person | mail | ranked | AD | user | mail | direct"),
        ("Metaverse / Import flows", "added", "person | manager | ranked | AD | user | manager | direct"),
    ]


def test_a_flow_with_another_source_and_another_id_is_one_modified_flow() -> None:
    before = AGENTS | {"mv.xml": metaverse(import_flows("mail", (1, "user", direct("mail"))))}
    after = AGENTS | {"mv.xml": metaverse(import_flows("mail", (1, "user", direct("proxyAddresses")))).replace(b"000003E8", b"00000FFF")}
    report = report_of(after, before)
    assert changes(report) == [("Metaverse / Import flows", "modified", "person | mail | ranked | AD | user | proxyAddresses | direct")]


def test_moved_precedence_is_moved() -> None:
    moved = import_flows("mail", (3, "user", direct("mail")), (1, "user", direct("mail")), (2, "user", direct("mail")))
    report = report_of(AGENTS | {"mv.xml": metaverse(moved)}, AGENTS | {"mv.xml": metaverse(MAIL)})
    assert changes(report) == [("Metaverse / Import flows", "moved", "person | mail | 1 of 3 | ranked | SQL | user | mail | direct")]
    assert [part.name for part in report.parts if part.changed] == ["Metaverse", "SQL"]


def test_a_new_source_in_front_moves_nothing() -> None:
    two = import_flows("mail", (2, "user", direct("mail")), (3, "user", direct("mail")))
    report = report_of(AGENTS | {"mv.xml": metaverse(MAIL)}, AGENTS | {"mv.xml": metaverse(two)})
    assert [change for _unused, change, _unused in changes(report)] == ["added"]


def test_equal_precedence_has_no_order() -> None:
    flows = [(number, "user", direct("mail")) for number in (1, 2, 3)]
    before = AGENTS | {"mv.xml": metaverse(import_flows("mail", *flows, precedence="equal"))}
    after = AGENTS | {"mv.xml": metaverse(import_flows("mail", *reversed(flows), precedence="equal"))}
    assert not report_of(after, before).different


def test_a_join_criterion_that_changed_place_is_moved_and_one_that_changed_is_modified() -> None:
    before = joined(join(1, "mail"), join(2, "employeeID"), join(3, "sn"))
    assert [change for _unused, change, _unused in changes(report_of(joined(join(2, "employeeID"), join(3, "sn"), join(1, "mail")), before))] == ["moved"]
    modified = changes(report_of(joined(join(1, "mail"), join(2, "employeeNumber"), join(3, "sn")), before))
    assert [(change, text.split(" | ")[3]) for _unused, change, text in modified] == [("modified", "employeeNumber = employeeNumber")]


def test_an_agent_that_came_or_went_counts_once() -> None:
    report = report_of(AGENTS, {name: AGENTS[name] for name in ("ma1.xml", "ma2.xml")} | {"ma9.xml": agent(9, "Old")})
    assert {part.name: part.change.value for part in report.parts if part.changed} == {"SQL": "added", "Old": "removed"}


def test_a_renamed_agent_is_one_modified_name() -> None:
    before = AGENTS | {"mv.xml": metaverse(MAIL)}
    report = report_of(before | {"ma1.xml": agent(1, "Forest")}, before)
    assert changes(report) == [("Forest / Properties", "modified", "Name | Forest")]


def test_a_changed_batch_size_shows() -> None:
    step = '<step><step-type type="export"/><threshold><batch-size>{}</batch-size></threshold></step>'
    run = f"<ma-run-data><run-configuration><name>Export</name><configuration>{step}</configuration></run-configuration></ma-run-data>"
    report = report_of({"ma.xml": agent(1, "AD", run.format(200))}, {"ma.xml": agent(1, "AD", run.format(100))})
    assert changes(report) == [("AD / Run profiles", "modified", "Export | 1 | Export | 200")]


def test_private_settings_of_an_unknown_kind_of_agent_show() -> None:
    private = "<private-configuration><odd-config><query>{}</query></odd-config></private-configuration>"
    before, after = ({"ma.xml": agent(1, "X", private.format(text), category="Odd")} for text in ("select 1", "select 2"))
    assert changes(report_of(after, before)) == [("X / Connection", "modified", "query | select 2")]


def test_what_only_the_designer_knows_shows_where_it_differs() -> None:
    before, after = ({"ma.xml": agent(1, "X", f"<ma-ui-settings><size>{size}</size></ma-ui-settings>")} for size in (1, 2))
    assert changes(report_of(after, before)) == [("X / Designer of joins", "modified", "size | 2")]


LEAF = re.compile(rb">([A-Za-z][A-Za-z0-9 ]{2,30}|[0-9]{1,4})<")
# The server changes these by itself, and ids are no setting.
BY_ITSELF = re.compile(rb"<(?:version|internal-version|batch-number|sequence-number|last-successful-batch|allowed-operations|water-mark)>$")


@pytest.mark.parametrize("name", REAL_SETS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_changed_value_shows(name: str, data: st.DataObject) -> None:
    """One text of a real configuration is changed; the report says so, whatever it was, and the way back too."""
    files = real_files(name)
    file = data.draw(st.sampled_from(sorted(files)))
    content = files[file]
    places = [match.span(1) for match in LEAF.finditer(content) if not BY_ITSELF.search(content[: match.start() + 1][-40:])]
    start, end = data.draw(st.sampled_from(places))
    changed = files | {file: content[:start] + b"7" + content[start:end] + content[end:]}
    assert report_of(changed, files).different, content[start - 60 : end + 40]
    assert report_of(files, changed).different
