# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Rules as a user writes them: what they become, and what is said when they are wrong."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import DocumentError, InputError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.rules import model
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.rules.catalogue import FUNCTIONS
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.rules.model import (
    Attributes,
    Group,
    Mode,
    Operand,
    Placeholder,
    RulesFile,
    Side,
    Step,
    Template,
    Value,
)
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.rules.reader import read_rules
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.rules.xml_reader import parse_rules
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.rules.xml_writer import write_rules
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.rules.yaml_writer import as_data
from ansible_collections.mimsync.sharepoint.tests.conformance.rule_generator import suites
from hypothesis import given, settings
from hypothesis import strategies as st


def flow(**changes: Any) -> dict[str, Any]:
    return {"flows": [{"name": "rule", "direction": "export", "to": "Title", "from": "title", **changes}]}


def problems(data: Any) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_rules(data)
    error = caught.value
    return list(error.details) or [f"{error.path}: {error.message}"]


def test_a_template_in_single_braces() -> None:
    data = {"flows": [{"name": "rule", "direction": "export", "to": "Title", "value": "{firstName} {cs:Other?|trim|upper}{{x}}"}]}
    [rule] = read_rules(data).flows
    other = Placeholder(Operand(Side.CS, "Other"), True, (Step("trim"), Step("upper")))
    assert rule.value == Value(Template((Placeholder(Operand(Side.MV, "firstName")), " ", other, "{x}")))


def test_a_standard_rule_by_its_name_comes_with_what_it_needs() -> None:
    rules = read_rules({"flows": [{"name": "n", "direction": "export", "to": "PreferredName", "rule": "preferred_name"}]})
    assert rules.flows[0].value.source == Attributes((Operand(Side.VALUE, "preferred_name"),))
    assert set(rules.values) == {"preferred_name", "name_of_dn"}


def test_ones_own_rule_goes_before_the_included_one() -> None:
    name = "GetDisplayName:displayName,PreferredName"
    rules = read_rules({"include": ["sharepoint"], **flow(name=name)})
    assert [item.target for item in rules.flows if item.name == name] == ["Title", "PreferredName"]


def test_a_list_of_conditions_means_all_and_false_switches_a_rule_off() -> None:
    rules = read_rules(flow(when=[{"present": "mail"}, {"one": [{"is_true": "flag"}, {"connected": "AD"}]}]))
    when = rules.flows[0].select.when
    assert isinstance(when, Group) and when.mode is Mode.ALL
    assert isinstance(when.members[0], model.Test) and isinstance(when.members[1], Group)
    assert read_rules(flow(enabled=False)).flows == ()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (flow(then=["uper"]), "flows[0].then[0]: 'uper' is no function of rules (did you mean 'upper'?)"),
        (flow(then=[{"replace": {"patern": "a"}}]), "flows[0].then[0].patern: is no argument of replace (did you mean 'pattern'?)"),
        (flow(then=[{"replace": {"with": "a"}}]), "flows[0].then[0]: replace needs the argument pattern"),
        (flow(then=[{"upper": "x"}]), "flows[0].then[0].argument: is no argument of upper; it takes no arguments"),
        (flow(then=[{"left": "many"}]), "flows[0].then[0].length: is 'many', but must be a whole number from 0 to 1000000"),
        (flow(then=[{"lookup": "codes"}]), "flows[0].then[0].table: there is no lookup table named 'codes'"),
        (flow(then=[{"date": {"from": "iso", "to": "day"}}]), "flows[0].then[0].to: is 'day', but must be filetime, iso"),
        (flow(then=[{"matches": "(a"}]), "flows[0].then[0].pattern: a group that is not closed"),
        (flow(then=[{"matches": "(a)\\1"}]), "a backslash before something that rules do not know, as references back are"),
        (flow(then=[{"matches": "(?=a)"}]), "a group of a kind that rules do not know"),
        (flow(then=[{"matches": "a{1000}"}]), "a repetition out of order or above 100"),
        (flow(then=[{"matches": "((a{100}){100}){9}"}]), "is too large"),
        (flow(then=[{"replace": {"pattern": "a", "with": "$1"}}]), "flows[0].then[0].with: '$1' in the replacement '$1' is no group of the pattern"),
        (flow(then=[{"prefix": "\x00"}]), "flows[0].then[0].text: holds the character U+0000"),
        (flow(then=[{"prefix": "\ud83d"}]), "flows[0].then[0].text: holds the character U+D83D"),
        (flow(rule="x"), "flows[0]: needs one of value, from and rule, not from and rule"),
        (flow(direction="exprt"), "(did you mean 'export'?)"),
        (flow(when_empty="default"), "flows[0].default: is missing; when_empty is default"),
        (flow(when={"equal": "a"}), "flows[0].when.equal: is no test of rules (did you mean 'equals'?)"),
        (flow(when={"equals": "a"}), "flows[0].when.equals.to: is missing"),
        (flow(when={"all": [{"present": "a", "absent": "b"}]}), "flows[0].when.all[0]: must hold one test"),
        ({"values": {"a": "{$b}", "b": {"from": "$c"}, "c": {"from": "cs:x", "then": [{"fallback": "a"}]}}}, "values.a: needs itself: a -> b -> c -> a"),
        ({"values": {"a": "{mail}"}}, "values.a: 'mail' may belong to either side; write cs:mail or mv:mail"),
        ({"include": ["sharpoint"]}, "include[0]: is 'sharpoint', but must be one of sharepoint, several_domains (did you mean 'sharepoint'?)"),
        ({"flow": []}, "flow: is not a key of the configuration (did you mean 'flows'?)"),
        ({"limits": {"text_length": 5}}, "limits.text_length: is 5, but must be a number from 1000"),
        ({"provisioning": [{"agent": "A", "mv_type": "person", "object_type": "user"}]}, "provisioning[0]: needs either dn or anchor"),
        ({"provisioning": [{"agent": "A", "mv_type": "p", "object_type": "u", "anchor": {"Id": "{id}"}, "when_changed": "rename"}]}, "an anchor never changes"),
        ([], "must be a dictionary, not a list"),
        (flow(then=[{"random_password": 12}]), "random_password gives another value each time, so it can stand in the initial values of provisioning only"),
        ({"values": {"v": {"value": "x", "then": ["random_guid"]}}}, "random_guid gives another value each time"),
        (
            {
                "provisioning": [
                    {
                        "agent": "A",
                        "mv_type": "p",
                        "object_type": "u",
                        "dn": "{a}",
                        "initial": {"unicodePwd": {"value": "x", "then": [{"random_password": 7}]}},
                    }
                ]
            },
            "initial.unicodePwd.then[0].length: is 7, but must be from 8 to 256",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(data: Any, expected: str) -> None:
    assert any(expected in problem for problem in problems(data)), problems(data)


@pytest.mark.parametrize("template", ["{", "a}", "{a{b}", "{}", "{a b:c}", "{[nothing]}", "{$}"])
def test_templates_that_are_none(template: str) -> None:
    data = {"flows": [{"name": "rule", "direction": "export", "to": "Title", "value": template}]}
    assert problems(data)[0].startswith("flows[0].value: ")


def test_everything_that_is_wrong_is_told_at_once() -> None:
    data = {"flows": [*flow(then=["uper"])["flows"], *flow(when={"x": 1})["flows"]], "filters": [{"agnet": "A"}], "values": {"v": "{$v}"}}
    found = problems(data)
    assert len(found) == 4
    assert [problem.split(":")[0] for problem in found] == ["flows[0].then[0]", "flows[1].when.x", "filters[0].agnet", "values.v"]


@pytest.mark.parametrize("suite", suites(7, 2), ids=lambda suite: "")
def test_the_file_holds_what_was_read(suite: Any) -> None:
    rules = read_rules(suite.data)
    assert parse_rules(write_rules(rules)) == rules


WRITABLE = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff").filter(lambda char: char in "\t\n\r" or ord(char) >= 32), max_size=20
)


@given(WRITABLE, WRITABLE, st.sampled_from(sorted(FUNCTIONS)))
@settings(max_examples=60, deadline=None)
def test_texts_survive_the_file_whatever_they_hold(text: str, other: str, name: str) -> None:
    value = Value(Template((text, Placeholder(Operand(Side.MV, "a b-c"), True), other)), (Step("prefix", {"text": text}),))
    rules = RulesFile(values={name: value})
    assert parse_rules(write_rules(rules)).values[name].steps == value.steps
    assert "".join(part for part in parse_rules(write_rules(rules)).values[name].source.parts if isinstance(part, str)) == text + other  # type: ignore[union-attr]  # a template


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"<x/>", "is no rules file"),
        (b'<mimsync-rules version="2"/>', "has version 2"),
        (b'<mimsync-rules version="1" text-length="x" pattern-steps="1"/>', "holds a value that no rules file has"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><mimsync-rules version="1"/>', "document type"),
        (b'<mimsync-rules version="1"', "MimSync.Rules.xml"),
    ],
)
def test_a_file_that_is_none_is_told(content: bytes, message: str) -> None:
    with pytest.raises(DocumentError) as caught:
        parse_rules(content, "MimSync.Rules.xml")
    assert message in str(caught.value) or "MimSync.Rules.xml" in str(caught.value)


def test_a_file_made_elsewhere_is_checked_as_yaml_is() -> None:
    content = write_rules(read_rules(flow(then=["upper"]))).replace(b'"upper"', b'"uper"')
    with pytest.raises(InputError, match="'uper' is no function of rules"):
        parse_rules(content)


@pytest.mark.parametrize("suite", suites(11, 2), ids=lambda suite: "")
def test_rules_written_as_yaml_are_read_as_the_same_rules(suite: Any) -> None:
    rules = read_rules(suite.data)
    assert read_rules(yaml.safe_load(yaml.safe_dump(as_data(rules), sort_keys=False))) == rules
