# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Rules at work: on single objects, on objects that are wrong, and in the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import Partition, ScriptedMapping, Source
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.extension import Registry
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.rules_file.extension import RuleFileExtension
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.runs import Engine
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.systems.memory import MemoryConnector
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.rules.lint import lint, sources
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.rules.reader import read_rules
from ansible_collections.mimsync.sharepoint.tests.conformance.rule_cases import Answer, Case, Thing, Twin, Values
from ansible_collections.mimsync.sharepoint.tests.unit.engine.engine_support import OTHER, World, agent, app, export, flows, metaverse, profiles, world

LONG = 5_000_000


def import_(values: Mapping[str, Values], limits: Mapping[str, int] | None = None, **rule: Any) -> Answer:
    """What an import flow named `rule` does with a connector that holds the values."""
    data: dict[str, Any] = {"flows": [{"name": "rule", "direction": "import", "to": "other", **rule}], "limits": limits or {}}
    return Twin(read_rules(data)).call(Case("import", "rule", Thing("user", values, "CN=Anna")))


def written(values: Mapping[str, Values], **rule: Any) -> str:
    outcome, lines = import_(values, **rule)
    assert outcome == "done", lines
    return next(line for line in lines if line.startswith("mv ")).removeprefix("mv ")


@pytest.mark.parametrize(
    ("rule", "outcome"),
    [
        ({"value": "{text} {third}"}, "other=Anna Berg"),
        ({"value": "{text} {missing?}"}, None),
        ({"value": "{text}{displayName}"}, ""),
        ({"value": "{text}{displayName?}!"}, "other=Anna!"),
        ({"from": "texts", "then": [{"with_prefix": "sip:"}, "first"]}, "other=a@x"),
        ({"from": "text", "then": [{"replace": {"pattern": "^(A)(.*)$", "with": "$2$$$1"}}]}, "other=nna$A"),
        ({"from": "number", "then": [{"bit_test": 2}, {"choose": {"yes": "off", "no": "on"}}]}, "other=off"),
        ({"from": "[dn]", "then": ["dn_part", "lower"]}, "other=anna"),
        ({"from": "displayName", "when_empty": "delete"}, "other="),
        ({"from": "displayName", "default": "none given"}, "other=none given"),
    ],
)
def test_values_are_made_of_templates_and_functions(rule: dict[str, Any], outcome: str | None) -> None:
    values: dict[str, Values] = {"text": ("Anna",), "third": ("Berg",), "texts": ("smtp:b@x", "SIP:a@x"), "number": (514,)}
    if outcome is None:
        assert import_(values, **rule)[0] == "throws:UnexpectedDataException"
    else:
        assert written(values, **rule) == outcome


@pytest.mark.parametrize(
    ("values", "rule", "attribute"),
    [
        ({"text": ("x" * LONG,)}, {"from": "text"}, "text"),
        ({"text": ("\ud83d",)}, {"from": "text"}, "text"),
        ({"texts": ("a", "b")}, {"value": "{texts}"}, "texts"),
        ({"text": ("a",)}, {"from": "nowhere"}, "nowhere"),
        ({"text": ("a",)}, {"from": "text", "to": "number"}, "number"),
        ({"texts": ("a", "b")}, {"from": "texts"}, "other"),
        ({"text": ("a",)}, {"from": "text", "then": ["integer"]}, ""),
    ],
)
def test_a_value_that_does_not_fit_is_an_error_that_names_rule_object_and_attribute(values: Mapping[str, Values], rule: dict[str, Any], attribute: str) -> None:
    outcome, message = import_(values, **rule)
    assert outcome == "throws:UnexpectedDataException"
    assert message == ("rule 'rule', object 'CN=Anna', attribute '" + attribute if attribute else "rule 'rule', object 'CN=Anna",)


@pytest.mark.parametrize("pattern", ["(a*)*b", "(a+)+$", "(a|aa)+c", "(.*)(.*)(.*)(.*)(.*)x"])
def test_a_pattern_that_would_run_away_elsewhere_is_quick(pattern: str) -> None:
    assert written({"text": ("a" * 200 + "!",)}, **{"from": "text", "then": [{"replace": {"pattern": pattern, "with": "-"}}]})


def test_a_search_that_takes_too_long_is_an_error_of_that_object() -> None:
    outcome, message = import_({"text": ("a" * 900_000,)}, {"pattern_steps": 500_000}, **{"from": "text", "then": [{"matches": "(a|b)*c"}]})
    assert (outcome, message) == ("throws:UnexpectedDataException", ("rule 'rule', object 'CN=Anna",))


# In the engine

PEOPLE = {"agent": "APP", "mv_type": "person", "object_type": "user", "anchor": {"Id": "{account}"}}


def ruled(data: Mapping[str, Any], configured: World) -> World:
    """The world with the rules file's extension in place of its own."""
    rules = read_rules(dict(data))
    connector = MemoryConnector({"HR": configured.hr, "APP": configured.app, "OTHER": configured.other})
    registry = Registry({"Test.dll": lambda utilities: RuleFileExtension(utilities, rules)})
    configured.engine = Engine(configured.configuration, configured.store, connector, registry, configured.tick, switches=configured.switches)
    return configured


def scripted(context: str, *sources: str) -> ScriptedMapping:
    return ScriptedMapping(tuple(Source(name) for name in sources), context)


def test_people_who_fit_are_provisioned_with_initial_values_and_leave_when_they_fit_no_more() -> None:
    rule = {**PEOPLE, "initial": {"phone": {"value": "+49 {phone}"}}, "when": {"present": "mail"}, "leave": {"deprovision": "connector"}}
    made = ruled({"provisioning": [rule]}, world())
    made.person(1, mail="a@x", phone="123")
    made.person(2)
    assert made.cycle().status == "success"
    assert (made.profile(1)["phone"], list(made.app.entries)) == (("+49 123",), ["u1"])
    made.person(1)
    made.cycle()
    assert not made.app.entries


def test_another_anchor_makes_the_object_anew_if_the_rule_says_so() -> None:
    made = ruled({"provisioning": [{**PEOPLE, "when_changed": "reprovision"}]}, world())
    made.person(1)
    made.cycle()
    made.person(1, account="u7")
    made.cycle()
    assert list(made.app.entries) == ["u7"]


def test_an_object_that_leaves_is_marked_first() -> None:
    rule = {**PEOPLE, "when": {"present": "mail"}, "leave": {"set": {"title": "left {name}"}}}
    made = ruled({"provisioning": [rule]}, world(app_agent=app(export_flows=())))
    made.person(1, mail="a@x")
    made.cycle()
    made.person(1)
    made.cycle()
    assert made.profile(1)["title"] == ("left Person 1",)
    assert made.cycle().status == "success"


def test_a_flow_declines_to_the_next_one_and_an_error_leaves_others_alone() -> None:
    data = {
        "provisioning": [PEOPLE],
        "flows": [{"name": "level", "direction": "import", "to": "flags", "from": "title", "then": [{"replace_text": {"find": "E", "with": ""}}, "integer"]}],
    }
    people = metaverse(*metaverse().import_flows[:5], flows("flags", ("{00000000-0000-0000-0000-0000000000A1}", scripted("level", "title"))))
    made = ruled(data, world(mv=people))
    made.person(1, title="E7")
    made.person(2, title="unknown")
    result = made.run("HR FI", "HR FS")
    assert made.errors(result) == ["extension-unexpected-attribute-value"]
    [failed] = [error for step in result.details.steps for error in step.import_errors]
    assert f"rule 'level', object '{made.dn(2)}': 'unknown' is no whole number" in failed.error.detail["call-stack"]
    assert made.mv(1).values["flags"] == (7,)


def test_a_conflict_is_an_error_or_ignored() -> None:
    for conflict, expected in (("fail", ["extension-dll-exception"]), ("ignore", [])):
        made = ruled({"provisioning": [{**PEOPLE, "anchor": {"Id": "same"}, "conflict": conflict}]}, world())
        made.person(1)
        made.person(2)
        assert made.errors(made.run("HR FI", "HR FS")) == expected


# Against the configuration


def findings(data: Mapping[str, Any], **changes: Any) -> list[str]:
    made = world(**changes)
    return [str(finding) for finding in lint(read_rules(dict(data)), made.configuration)]


def test_rules_that_fit_the_configuration_have_no_findings() -> None:
    target = app(export_flows=(replace(app().export_flows[0], flows=(export("title", mapping=scripted("own", "title")),)),))
    data = {"provisioning": [PEOPLE], "flows": [{"name": "own", "direction": "export", "to": "title", "from": "title"}]}
    assert findings(data, app_agent=target) == []


def test_what_rules_and_configuration_say_against_each_other() -> None:
    target = app(
        export_flows=(replace(app().export_flows[0], flows=(export("title", mapping=scripted("own", "title")), export("mail", mapping=scripted("gone")))),)
    )
    data = {
        "provisioning": [{**PEOPLE, "agent": "AP", "object_type": "usr"}],
        "filters": [{"when": {"present": "mail"}}],
        "flows": [
            {"name": "own", "direction": "export", "to": "name", "value": "{titel} {phone}"},
            {"name": "ow", "direction": "export", "to": "name", "value": "x"},
        ],
    }
    found = findings(data, app_agent=target)
    assert "error: own: writes name, and the flow of APP is one of title" in found
    assert "warning: own: reads phone, which is no source of the flow of APP: a delta synchronization will not notice its changes" in found
    assert "error: own: the metaverse has no attribute 'titel' (did you mean 'title'?)" in found
    assert "warning: ow: no export flow of the configuration uses it (did you mean 'own'?)" in found
    assert "error: gone: an export flow of the configuration wants this rule, and the file does not have it" in found
    assert "warning: filters: nothing in the configuration calls the extension for this, so these rules never count" in found
    assert any(item.startswith("error: provisioning[0]: there is no agent 'AP' (did you mean 'APP'?)") for item in found)


def test_an_object_follows_its_template_and_moves_when_it_leaves() -> None:
    root = "OU=People,DC=other"
    rule = {
        "agent": "OTHER",
        "mv_type": "person",
        "object_type": "user",
        "dn": f"CN={{name|escape_dn}},{root}",
        "when": {"absent": "title"},
        "when_changed": "rename",
        "leave": {"set": {"flags": {"from": "cs:flags", "then": [{"default": "0"}, {"bit_set": 2}]}}, "move": "CN={name|escape_dn},OU=Leavers,DC=other"},
    }
    made = ruled(
        {"provisioning": [rule]},
        world(agents=(agent(OTHER, "OTHER", partitions=(Partition("{O}", "DC=other", True, ("user",)),), run_profiles=profiles("{O}")),)),
    )
    made.person(1, name="Berg, Anna")
    steps = ("HR FI", "HR FS", "OTHER EX", "OTHER FI", "OTHER FS")
    assert made.run(*steps).status == "success"
    assert [entry.dn for entry in made.other.entries.values()] == [f"CN=Berg\\, Anna,{root}"]
    made.person(1, name="Berg-Lund")
    assert made.run(*steps).status == "success"
    assert [entry.dn for entry in made.other.entries.values()] == [f"CN=Berg-Lund,{root}"]
    made.person(1, name="Berg-Lund", title="gone")
    assert made.run(*steps).status == "success"
    [entry] = made.other.entries.values()
    assert (entry.dn, entry.attributes["flags"]) == ("CN=Berg-Lund,OU=Leavers,DC=other", (2,))


def test_the_sources_that_a_flow_has_to_list() -> None:
    rules = read_rules({"flows": [{"name": "own", "direction": "export", "to": "Title", "value": "{$full_name}, {title} {cs:Office?} {title}"}]})
    assert sources(rules.flows[0], rules) == ("firstName", "lastName", "title")
