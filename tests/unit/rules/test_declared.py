# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Flows of a declaration that say what they compute: planned, refused, adopted again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jsonschema
import pytest
import yaml
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import ScriptedMapping
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.json_schema import schema_text
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError, MimSyncError, PlanError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.adoption import adopt, render
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.rules.declared import declared, declared_wish, says_rules
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.rules.xml_writer import write_rules
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution.builder import build_files
from hypothesis import given, settings
from hypothesis import strategies as st

SIP = {"from": "ADMA/user", "through": "person/SPS-SipAddress", "rule": "sip_address"}
FULL = {"from": "ADMA/user", "through": "person/callName", "value": "{givenName} {sn}", "to": "SPMA/user/PreferredName"}
TITLE = {"through": "person", "to": "SPMA/user/Title", "value": "{title|upper}", "when": {"present": "department"}, "when_empty": "delete"}
MAIL = {"through": "person/mail", "to": "SPMA/user/WorkEmail", "then": ["lower", {"left": 40}]}
OWN = {"include": ["sharepoint"], "values": {"office": "{mv:department} {mv:title?}"}}
OFFICE = {"through": "person", "to": "SPMA/user/Department", "rule": "office"}
LINES = (SIP, FULL, TITLE, MAIL, OFFICE)


def flows(*lines: Mapping[str, Any]) -> dict[str, Any]:
    return {"flows": [dict(line) for line in lines]}


def faults(data: Any, rules: Any = None) -> list[str]:
    with pytest.raises(MimSyncError) as raised:
        declared_wish(data, rules)
    return list(raised.value.details) or [f"{raised.value.path}: {raised.value.message}"]


def test_a_line_becomes_a_scripted_mapping_and_a_rule_of_that_name() -> None:
    found, wish = declared_wish(flows(FULL))
    [flow] = wish.imports
    assert isinstance(flow.mapping, ScriptedMapping)
    assert flow.mapping.context == "cd.user:givenName,sn->mv.person:callName"
    assert [source.name for source in flow.mapping.sources] == ["givenName", "sn"]
    assert found.rules is not None
    [rule] = [rule for rule in found.rules.flows if rule.name == flow.mapping.context]
    assert (rule.direction, rule.target, rule.select.agent, rule.select.object_type, rule.select.mv_type) == ("import", "callName", "ADMA", "user", "person")
    assert "GetDisplayName:displayName,PreferredName" in {rule.name for rule in found.rules.flows}, "the solution's rules stay"


def test_sources_are_those_of_the_template_its_condition_and_named_values() -> None:
    _found, wish = declared_wish(flows(TITLE, OFFICE, {**MAIL, "through": "person/mail", "value": "{[object_id]} {accountName}", "then": None}), OWN)
    sources = {flow.attribute: [(source.name, source.intrinsic) for source in flow.mapping.sources] for flow in wish.exports}  # type: ignore[union-attr]  # scripted
    assert sources["Title"] == [("title", False), ("department", False)]
    assert sources["Department"] == [("department", False), ("title", False)]
    assert sources["WorkEmail"] == [("mail", False), ("accountName", False), ("object-id", True)]


def test_a_rule_of_the_file_can_be_named_itself() -> None:
    name = "GetDisplayName:displayName,PreferredName"
    _found, wish = declared_wish(flows({"through": "person", "to": "SPMA/user/PreferredName", "rule": name}))
    assert wish.exports[0].mapping.context == name  # type: ignore[union-attr]  # scripted


def test_without_rules_nothing_changes() -> None:
    data = flows({"from": "ADMA/user/mail", "through": "person/mail"})
    assert (declared(data).config, declared(data).rules, says_rules(data)) == (data, None, False)
    assert says_rules({"agents": [{"name": "ADMA", "flows": [SIP]}]})


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ({**SIP, "rule": "sip_adress"}, "flows[0].rule: there is no rule named 'sip_adress' (did you mean 'sip_address'?)"),
        ({**FULL, "value": "{givenName"}, "flows[0].value: a brace that is not closed at character 1"),
        ({**FULL, "value": "{givenName|uper}"}, "flows[0].value: 'uper' is no function of rules (did you mean 'upper'?)"),
        ({**FULL, "value": "fixed"}, "flows[0]: reads nothing of the connector"),
        ({**FULL, "value": "{mv:mail}"}, "flows[0]: reads nothing of the connector"),
        ({**FULL, "rule": "sip_address"}, "flows[0]: needs one of value, from and rule, not value and rule"),
        ({**FULL, "through": "person"}, "flows[0].through: must name one metaverse attribute"),
        ({**MAIL, "through": "person"}, "flows[0].then: needs a value"),
        ({**MAIL, "then": [{"left": "x"}]}, "flows[0].then[0].length: is 'x', but must be a whole number"),
        ({**MAIL, "then": None, "when": {"present": "mail"}}, "flows[0].when: goes with a rule, which this line does not have"),
        ({**FULL, "from": {"agent": "ADMA", "object_type": "user", "constant": "x"}}, "flows[0].from.constant: does not go together with value"),
        ({**TITLE, "rule": "GetDomain:distinguishedName,domain", "value": None}, "flows[0].when: does not go with a rule of the file"),
        ({**FULL, "value": "{$nothing}"}, "there is no value or rule named 'nothing'"),
        ({**FULL, "value": 7}, "reads nothing"),
        ({**FULL, "value": ["x"]}, "flows[0].value: must be"),
        ({**MAIL, "then": 7}, "flows[0].then"),
        ({**MAIL, "when": "mail"}, "flows[0].when: must be"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(line: Mapping[str, Any], expected: str) -> None:
    assert any(expected in fault for fault in faults(flows(line))), faults(flows(line))


def test_everything_that_is_wrong_with_rules_and_declaration_is_told_at_once() -> None:
    data = {**flows({**SIP, "rule": "sip_adress"}, {**FULL, "value": "{x|uper}"}), "provisioning": "maybe"}
    found = faults(data, {"values": {"v": "{$v}"}, "filters": [{"agnet": "A"}]})
    places = {fault.split(":")[0] for fault in found}
    assert places == {"flows[0].rule", "flows[1].value", "provisioning", "rules.values.v", "rules.filters[0].agnet"}


def test_the_plan_says_what_is_computed_and_a_second_one_is_empty() -> None:
    plan, files = render(build_files(), flows(*LINES), rules=OWN)
    sentences = [change.sentence for change in plan.changes]
    assert 'ADMA: import flow user/"{givenName} {sn}" -> person/callName added' in sentences
    assert any(sentence.endswith("-> rule office") for sentence in sentences)
    assert not any("cd.user" in sentence for sentence in sentences)
    assert render(files, flows(*LINES), rules=OWN)[0].changes == []


def test_an_agent_without_an_extension_gets_that_of_the_others() -> None:
    bare = build_files()
    bare["MA-ADMA.XML"] = bare["MA-ADMA.XML"].replace(b"<assembly-name>SharePointSynchronization.dll</assembly-name>", b"<assembly-name></assembly-name>")
    plan, files = render(bare, flows(FULL))
    assert read_folder(files).model().agent("ADMA").extension == "SharePointSynchronization.dll"  # type: ignore[union-attr]  # there
    assert any("rules extension" in change.sentence for change in plan.changes)


def test_rules_that_the_configuration_wants_and_the_file_lacks_are_listed_together() -> None:
    with pytest.raises(PlanError) as raised:
        render(build_files(), flows(OFFICE), rules={"values": OWN["values"]})
    assert len(raised.value.details) == 5
    assert "rule GetDomain:distinguishedName,domain: an export flow of the configuration wants this rule, and the file does not have it; " in "".join(
        raised.value.details
    )


def test_adopted_with_its_rules_file_flows_say_their_rules_again() -> None:
    data = flows(*LINES)
    _plan, files = render(build_files(), data, rules=OWN)
    rules = declared(data, OWN).rules
    assert rules is not None
    found = adopt({**files, "MimSync.Rules.xml": write_rules(rules)})
    lines = [line for agent in found.declaration["agents"] for line in agent.get("flows", []) if set(line) & {"rule", "value", "then"}]
    assert {line.get("rule", line.get("value")) for line in lines} == {"sip_address", "office", "{givenName} {sn}", "{title|upper}", None}
    assert found.rules == OWN
    assert yaml.safe_load(found.files["sync_solution_rules.yml"]) == {"sync_solution_rules": OWN}
    again = declared(found.declaration, found.rules)
    assert again.rules is not None
    assert sorted(map(repr, again.rules.flows)) == sorted(map(repr, rules.flows))
    assert render(files, found.declaration, rules=found.rules)[0].changes == []


def test_adopted_without_the_file_rules_stay_names() -> None:
    _plan, files = render(build_files(), flows(FULL))
    lines = [line for agent in adopt(files).declaration["agents"] for line in agent.get("flows", [])]
    assert {"agent": "ADMA", "object_type": "user", "attributes": ["givenName", "sn"], "rule": "cd.user:givenName,sn->mv.person:callName"} in [
        line.get("from") for line in lines
    ]


@pytest.mark.parametrize("line", LINES, ids=lambda line: str(line.get("to", line["through"])))
def test_the_schema_for_editors_knows_rules(line: Mapping[str, Any]) -> None:
    jsonschema.validate(flows(line), yaml.safe_load(schema_text()))


NAMES = st.sampled_from(["ADMA/user", "person", "person/x", "{a}", "sip_address", "upper"])
WORDS = st.one_of(st.none(), st.integers(), st.booleans(), st.text(max_size=8), NAMES)
KEYS = st.sampled_from(["left", "agent", "object_type", "present"])
PARTS = st.recursive(WORDS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=2))


@given(st.dictionaries(st.sampled_from(["from", "through", "to", "value", "rule", "then", "when", "when_empty", "default", "nulls"]), PARTS, max_size=6))
@settings(max_examples=200, deadline=None)
def test_no_line_ends_in_a_traceback(line: dict[str, Any]) -> None:
    try:
        declared_wish({"flows": [line], "agents": [{"flows": line}, line]}, None)
    except InputError as error:
        assert error.path or error.details
