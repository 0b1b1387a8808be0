# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files that people have edited, and what fuzzing has found: adopted without a change, reported, and told of by lint."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.reading import read_wish
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.variables import declaration_of
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import PlanError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.lint.checking import lint_files
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.adoption import adopt
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.whole_server import plan_on_files
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.report.command import FORMATS, render
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.report.configuration import Given, build_report
from server_support import files_of

Files = dict[str, bytes]
NEW_ID = "{99999999-0000-4000-8000-000000000009}"


def twice(pattern: str, change: Callable[[str], str] = str) -> Callable[[str], str]:
    """The first element that matches stands there a second time."""

    def repeated(text: str) -> str:
        found = re.search(pattern, text, re.DOTALL)
        assert found is not None, pattern
        return text[: found.end()] + change(found.group()) + text[found.end() :]

    return repeated


def without(pattern: str, instead: str = "") -> Callable[[str], str]:
    def changed(text: str) -> str:
        made, count = re.subn(pattern, instead, text, count=1, flags=re.DOTALL)
        assert count == 1, pattern
        return made

    return changed


def another_id(text: str) -> str:
    return re.sub(r"<id>\{[^}]*\}", f"<id>{NEW_ID}", text, count=1)


# What is done to which file of which set, and the rule that lint names (None: nothing is wrong with it).
MESSES: dict[str, tuple[str, str, Callable[[str], str], str | None]] = {
    "one attribute's flows in two places": ("portal", "MV.XML", twice(r'<import-flows mv-attribute="mail".*?</import-flows>'), "flows-twice"),
    "equal import flow twice": ("portal", "MV.XML", twice(r'<import-flow src-ma="[^"]*" cd-object-type="Person".*?</import-flow>'), "flows-fight"),
    "dangling agent in precedence": ("portal", "MV.XML", without(r'src-ma="\{[^"]*\}"', f'src-ma="{NEW_ID}"'), "unknown-agent"),
    "deletion rule of nobody": ("portal", "MV.XML", without(r"(type=\"declared-any\">).*?(</mv-deletion-rule>)", r"\1\2"), "empty-deletion-rule"),
    "two deletion rules": ("portal", "MV.XML", twice(r"<mv-deletion-rule .*?</mv-deletion-rule>"), "deletion-rule-twice"),
    "flows of a deleted attribute": ("portal", "MV.XML", without(r'<dsml:attribute-type id="mail".*?</dsml:attribute-type>'), "unknown-attribute"),
    "a mapping of another world": ("portal", "MV.XML", without(r"<dn-part-mapping>.*?</dn-part-mapping>", "<moon-mapping/>"), "unreadable-mapping"),
    "precedence of another world": ("portal", "MV.XML", without(r'(mv-attribute="mail" type=")ranked', r"\1moon"), "unknown-word"),
    "directory without a connection": ("agents", "MA-LDS.XML", without(r"<adma-configuration>.*?</adma-configuration>"), None),
    "two sets of flows": ("agents", "MA-Payroll.XML", twice(r"<export-flow-set .*?</export-flow-set>"), "flows-twice"),
    "two sets of filters": ("agents", "MA-HR-SQL.XML", twice(r"<filter-set .*?</filter-set>"), "filters-twice"),
    "equal export flow twice": ("agents", "MA-Badges.XML", twice(r"<export-flow [^>]*>.*?</export-flow>"), "flows-fight"),
    "run profile twice": ("agents", "MA-Payroll.XML", twice(r"<run-configuration>.*?</run-configuration>"), "profile-twice"),
    "partition of one name twice": ("agents", "MA-Payroll.XML", twice(r"<partition>\s*<id>.*?</partition>", another_id), "partition-without-step"),
    "run profile on a missing partition": (
        "agents",
        "MA-Payroll.XML",
        without(r"<partition>\{[^<]*</partition>", f"<partition>{NEW_ID}</partition>"),
        "unknown-partition",
    ),
    "step that says nothing": ("agents", "MA-Payroll.XML", without(r"<step-type .*?</step-type>"), "unknown-word"),
    "file named twice in a step": ("agents", "MA-Payroll.XML", twice(r"<output-file>.*?</output-file>"), None),
    "no batch size in a connector's step": ("agents", "MA-Mailboxes.XML", without(r"<batch-size>\d+</batch-size>"), None),
    "parameter that is secret on another page": (
        "agents",
        "MA-Badges.XML",
        twice(r"<parameter>\s*<name>Password</name>.*?</parameter>", lambda text: text.replace("Password", "Region").replace("connectivity", "capabilities")),
        None,
    ),
}


def messy(name: str) -> Files:
    where, file, change, _unused = MESSES[name]
    files = dict(files_of("every kind" if where == "agents" else where))
    files[file] = change(files[file].decode()).encode()
    return files


@pytest.mark.parametrize("name", MESSES)
def test_a_mess_is_adopted_without_a_change(name: str) -> None:
    files = messy(name)
    declaration = declaration_of(adopt(files).files)
    for state in ("merged", "replaced", "overridden"):
        plan, _unused = plan_on_files(read_folder(files), read_wish(declaration), state)
        assert [change.sentence for change in plan.changes] == []
        assert plan.planned.write() == files


@pytest.mark.parametrize("name", MESSES)
def test_a_mess_is_told_of(name: str) -> None:
    rule = MESSES[name][3]
    clean = {finding.rule for finding in lint_files(files_of("every kind" if MESSES[name][0] == "agents" else "portal"))}
    found = {finding.rule for finding in lint_files(messy(name))}
    assert (rule in found) if rule else found == clean


@pytest.mark.parametrize("name", MESSES)
def test_a_mess_is_reported_and_does_not_differ_from_itself(name: str) -> None:
    now, before = Given(read_folder(messy(name)), "now"), Given(read_folder(files_of("every kind" if MESSES[name][0] == "agents" else "portal")), "before")
    assert not build_report(now, now).different
    for form in FORMATS:
        assert render(build_report(now), form)
        assert render(build_report(now, before), form)


NAMES = ("Ü & <b> \"q\" 'x'", "\U0001f600", "n" * 300, "..", "{{ x }}", "*&!%@`", "null", "1", "-", "# x", "a: b", "Straße", "\u202eabc", "Metaverse")


@pytest.mark.parametrize("name", NAMES)
def test_agents_may_have_any_name(name: str) -> None:
    files = {file: content.replace(b"<name>Portal<", f"<name>{escape(name)}<".encode()) for file, content in files_of("portal").items()}
    adopted = adopt(files)
    assert all(re.fullmatch(r"vault_[a-z0-9_]+", secret) for secret in adopted.secrets)
    assert max(map(len, adopted.files)) < 100
    plan, _unused = plan_on_files(read_folder(files), read_wish(declaration_of(adopted.files)), "overridden")
    assert [change.sentence for change in plan.changes] == []
    for form in FORMATS:
        assert render(build_report(Given(read_folder(files), name)), form)


def test_agents_whose_names_look_alike_have_secrets_of_their_own() -> None:
    files = {file: content.replace(b"<name>Portal<", b"<name>A b<").replace(b"<name>Wards<", b"<name>A-B<") for file, content in files_of("portal").items()}
    assert len(adopt(files).secrets) == 3


def test_what_has_no_name_is_told_of() -> None:
    files = dict(files_of("every kind"))
    files["MA-Payroll.XML"] = without(r"(<run-configuration>.*?<name>)[^<]*", r"\1")(files["MA-Payroll.XML"].decode()).encode()
    assert ("nameless", "a run profile is empty") in {(finding.rule, finding.message) for finding in lint_files(files)}


def test_a_side_without_the_metaverse_is_compared() -> None:
    files = dict(files_of("portal"))
    whole, part = read_folder(files), read_folder({name: content for name, content in files.items() if name != "MV.XML"})
    for report in (build_report(Given(whole, "a"), Given(part, "b")), build_report(Given(part, "a"), Given(whole, "b"))):
        assert report.different
        assert all(render(report, form) for form in FORMATS)


def test_a_new_partition_comes_with_the_steps_of_profiles_that_are_declared_for_all() -> None:
    files = files_of("portal")
    declaration = adopt(files).declaration
    portal = next(agent for agent in declaration["agents"] if agent["name"] == "Portal")
    assert [step["type"] for profile in portal["run_profiles"] if profile["name"] == "EDIDS" for step in profile["steps"]] == [
        "export",
        "delta-import",
        "delta-sync",
    ]
    portal["partitions"].append({"name": "second", "object_types": ["Person"]})
    plan, _unused = plan_on_files(read_folder(files), read_wish(declaration), "merged")
    assert sum("run profile" in change.sentence for change in plan.changes) == 4
    again, _unused = plan_on_files(read_folder(plan.planned.write()), read_wish(declaration), "merged")
    assert [change.sentence for change in again.changes] == []


def test_an_object_type_keeps_what_flows_go_into() -> None:
    files = files_of("portal")
    declaration = {"metaverse": {"object_types": {"person": {"attributes": ["displayName"]}}}}
    with pytest.raises(PlanError, match=r"takes 'mail' from person, into which flows stay"):
        plan_on_files(read_folder(files), read_wish(declaration), "replaced")


@pytest.mark.parametrize("part", ["object_types", "attributes"])
def test_what_rules_still_use_is_not_taken_out_of_the_metaverse(part: str) -> None:
    files = files_of("every kind")
    declaration = adopt(files).declaration
    name = "person" if part == "object_types" else "mail"
    del declaration["metaverse"][part][name]
    with pytest.raises(PlanError) as caught:
        plan_on_files(read_folder(files), read_wish(declaration), "overridden")
    assert "out of the metaverse, which" in str(caught.value)


def test_white_space_around_what_is_declared_means_nothing() -> None:
    files = files_of("every kind")
    config = {
        "agents": [
            {"name": "Payroll ", "type": "delimited_file", "description": " of the month\n", "settings": {"delimiter": " ; "}},
            {"name": "Badges", "type": "ecma2", "parameters": {"Region": "north\n"}},
        ]
    }
    plan, _unused = plan_on_files(read_folder(files), read_wish(config), "merged")
    assert plan.changes
    again, _unused = plan_on_files(read_folder(plan.planned.write()), read_wish(config), "merged")
    assert [change.sentence for change in again.changes] == []


def test_a_profile_may_have_one_step_several_times() -> None:
    files = files_of("portal")
    for steps in (["export", "delta-import", "export"], ["export", "export"], ["delta-sync", "export", "delta-sync", "export"]):
        config = {"agents": [{"name": "Portal", "type": "mim_service", "run_profiles": [{"name": "EDIDS", "steps": [{"type": step} for step in steps]}]}]}
        plan, _unused = plan_on_files(read_folder(files), read_wish(config), "merged")
        reached = read_folder(plan.planned.write()).model().agent("Portal")
        assert reached is not None
        assert [step.kind.value for profile in reached.run_profiles if profile.name == "EDIDS" for step in profile.steps] == steps
        again, _unused = plan_on_files(read_folder(plan.planned.write()), read_wish(config), "merged")
        assert [change.sentence for change in again.changes] == []
        for change in reversed(plan.changes):
            assert change.undo is not None
            change.undo(plan.planned)
        assert plan.planned.write() == files


def test_what_was_made_for_a_text_goes_with_it() -> None:
    files = files_of("every kind")
    config = {"agents": [{"name": "HR-SQL", "type": "sql_server", "rules_extension": "Staff.dll"}]}
    plan, _unused = plan_on_files(read_folder(files), read_wish(config), "merged")
    for change in reversed(plan.changes):
        assert change.undo is not None
        change.undo(plan.planned)
    assert plan.planned.write() == files
