# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The argument rules of Ansible.Basic and of the older modules, and how specifications are read out of PowerShell."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.lab.modules.arguments import ArgumentsRefused, CheckModeUnsupported, check_arguments, masked
from ansible_collections.mimsync.sharepoint.lab.modules.conversions import Surroundings
from ansible_collections.mimsync.sharepoint.lab.modules.legacy_arguments import check_legacy_arguments
from ansible_collections.mimsync.sharepoint.lab.modules.powershell_literals import Delegate, LiteralProblem, Opaque, Reader, Script
from ansible_collections.mimsync.sharepoint.lab.modules.specification import read_specification, specification_of
from hypothesis import given
from hypothesis import strategies as st

SPECIFICATION = specification_of(
    {
        "options": {
            "name": {"type": "str", "required": True, "aliases": ["title"]},
            "count": {"type": "int", "default": 3},
            "flag": {"type": "bool"},
            "kind": {"type": "str", "choices": ["one", "two"]},
            "kinds": {"type": "list", "elements": "str", "choices": ["a", "b"]},
            "secret": {"type": "str", "no_log": True},
            "path": {"type": "path"},
            "who": {"type": "sid"},
            "big": {"type": Delegate("UInt32")},
            "parts": {
                "type": "list",
                "elements": "dict",
                "options": {"left": {"required": True}, "right": {"type": "int"}, "hidden": {"no_log": True}},
                "required_together": [["left", "right"]],
            },
            "single": {"type": "dict", "apply_defaults": True, "options": {"depth": {"type": "int", "default": 1}}},
        },
        "mutually_exclusive": [["flag", "kind"]],
        "required_if": [["kind", "two", ["count", "flag"], False], ["kind", "one", ["path", "who"], True]],
        "required_by": {"secret": ["path"]},
    }
)


def check(**arguments: Any) -> dict[str, Any]:
    around = Surroundings(lambda text: text.replace("%TEMP%", "C:\\T"), lambda name: "S-1-1-0" if name == "Everyone" else None)
    return dict(check_arguments(SPECIFICATION, {"name": "n", **arguments}, module="a.b.c", around=around).values)


def test_values_are_converted_and_completed() -> None:
    found = check(COUNT="5", flag="Yes", path="%TEMP%\\x", who="Everyone", big="4294967295", kinds="a, B", parts=[{"left": 1, "right": "2"}])
    assert (found["count"], found["flag"], found["path"], found["who"], found["big"], found["kinds"]) == (
        5,
        True,
        "C:\\T\\x",
        "S-1-1-0",
        4294967295,
        ["a", "B"],
    )
    assert found["parts"] == [{"left": "1", "right": 2, "hidden": None}]
    assert found["single"] == {"depth": 1}
    assert check()["count"] == 3


def test_an_alias_stands_for_its_option() -> None:
    assert check_arguments(SPECIFICATION, {"title": "t"}, module="a.b.c").values["name"] == "t"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"nme": 1}, r"^Unsupported parameters for \(a\.b\.c\) module: nme\. Supported parameters include: name, "),
        ({"flag": True, "kind": "one"}, "^parameters are mutually exclusive: flag, kind$"),
        (
            {"count": "x"},
            "^argument for count is of type System.String and we were unable to convert to int: The input string 'x' was not in a correct format.$",
        ),
        ({"count": 2**40}, "too large or too small for an Int32"),
        ({"flag": "maybe"}, "^argument for flag .* to bool: The value 'maybe' is not a valid boolean"),
        ({"kind": "three"}, "^value of kind must be one of: one, two. Got no match for: three$"),
        ({"kinds": ["a", "c", "d"]}, "^value of kinds must be one or more of: a, b. Got no match for: c, d$"),
        ({"kind": "two"}, "^kind is two but all of the following are missing: flag$"),
        ({"kind": "one"}, "^kind is one but any of the following are missing: path, who$"),
        ({"secret": "s"}, r"^missing parameter\(s\) required by 'secret': path$"),
        ({"parts": [{"right": 1}]}, "^missing required arguments: left found in parts$"),
        ({"parts": [{"left": 1}]}, "^parameters are required together: left, right found in parts$"),
        ({"parts": [{"lft": 1}]}, "^Unsupported parameters for .* module: lft found in parts. Supported parameters include: left, right, hidden$"),
        ({"path": "a|b"}, "invalid path characters"),
        ({"who": "Nobody"}, "Some or all identity references could not be translated"),
        ({"big": "-1"}, "to delegate: .*UInt32"),
        ({"parts": ["text"]}, "cannot be converted to a dict"),
    ],
)
def test_fail_with_the_real_sentences(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentsRefused, match=message):
        check(**arguments)


def test_check_mode_must_be_supported() -> None:
    with pytest.raises(CheckModeUnsupported, match=r"remote module \(a\.b\.c\) does not support check mode"):
        check_arguments(SPECIFICATION, {"name": "n"}, module="a.b.c", check_mode=True)


def test_secrets_are_found_in_options_and_below() -> None:
    checked = check_arguments(SPECIFICATION, {"name": "n", "secret": "hush", "path": "C:\\x", "parts": [{"left": 1, "right": 2, "hidden": "deep"}]}, module="m")
    assert checked.secrets == {"hush", "deep"}
    assert masked({"a": "hush", "b": ["say hush now"], "c": 5}, checked.secrets) == {
        "a": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER",
        "b": ["say ******** now"],
        "c": 5,
    }


LEGACY = """
#Requires -Module Ansible.ModuleUtils.Legacy
$kinds = "one", "two"
$params = Parse-Args $args -supports_check_mode $true
$mode = Get-AnsibleParam -obj $params -name "mode" -type "str" -default "single" -validateset "single", "remote"
$src = Get-AnsibleParam -obj $params -name "src" -type "path" -failifempty ($mode -in @("single", "explode"))
$kind = Get-AnsibleParam -obj $params -name "kind" -type "str" -validateset $kinds -aliases "sort", "type"
$number = Get-AnsibleParam -obj $params -name "number" -type "int"
$list = Get-AnsibleParam $params "list" -type "list"  # a comment
foreach ($action in $list) {
    $inner = Get-AnsibleParam -obj $action -name "inner" -failifempty $true
}
"""


def legacy(**arguments: Any) -> dict[str, Any]:
    return dict(check_legacy_arguments(LEGACY, arguments).values)


def test_older_modules_ignore_what_they_do_not_know() -> None:
    found = legacy(mode="remote", nonsense=1, TYPE="One", number="x", list="a, b")
    assert found == {"mode": "remote", "src": None, "kind": "One", "number": None, "list": ["a", "b"]}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "^Get-AnsibleParam: Missing required argument: src$"),
        ({"mode": "far"}, "^Get-AnsibleParam: Argument mode needs to be one of single,remote but was far.$"),
        ({"mode": "remote", "sort": "x"}, "^Get-AnsibleParam: Argument sort needs to be one of one,two but was x.$"),
        ({"mode": "remote", "list": {"a": 1}}, "^Get-AnsibleParam: Parameter 'list' is not a YAML list.$"),
        ({"src": "a|b"}, "^Get-AnsibleParam: Parameter 'src' has an invalid path 'a|b' specified.$"),
    ],
)
def test_fail_older_modules(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentsRefused, match=message.replace("|", r"\|")):
        legacy(**arguments)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("@{ a = 'x'; b = 1\n c = $true }", {"a": "x", "b": 1, "c": True}),
        ("@(, @('a', 'b'))", [["a", "b"]]),
        ("@(\n , @('a')\n , @('b')\n)", [["a"], ["b"]]),
        ("@('a', 'b')", ["a", "b"]),
        (", 'a'", ["a"]),
        ("'it''s'", "it's"),
        ('"a`"b"', 'a"b'),
        ("[Func[[Object], [UInt32]]] { [UInt32]$args[0] }", Delegate("UInt32")),
        ("{ if ($true) { '}' } }", Opaque("{ if ($true) { '}' } }")),
        ("Get-Thing -A 1", Opaque("Get-Thing -A 1")),
        ("@{ a = 1; b = 2 }.Keys + 'c'", ["a", "b", "c"]),
        ("@{ a = 1 } + @{ b = 2 }", {"a": 1, "b": 2}),
        ("1 + @('x')", Opaque("1 + @('x')")),
        ("@{ a = Get-Thing @{ x = 1 }\n b = $null }", {"a": Opaque("Get-Thing @{ x = 1 }"), "b": None}),
    ],
)
def test_literals(source: str, value: Any) -> None:
    assert Reader(source).value() == value


@given(
    st.recursive(
        st.one_of(st.integers(0, 999), st.booleans(), st.text("ab '\"{}(),;=#", max_size=6)),
        lambda inner: st.dictionaries(st.text("xyz", min_size=1), inner, max_size=4),
    )
)
def test_what_is_written_as_a_hashtable_is_read_back(value: Any) -> None:
    def written(each: Any) -> str:
        if isinstance(each, dict):
            return "@{ " + "; ".join(f"{name} = {written(inner)}" for name, inner in each.items()) + " }"
        if isinstance(each, bool):
            return f"${str(each).lower()}"
        return str(each) if isinstance(each, int) else "'" + each.replace("'", "''") + "'"

    assert Reader(written(value)).value() == value


@given(st.text("@{}()[]'\"$,;=\n ab#`", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        Reader(text).value()
    except LiteralProblem:
        return


def test_a_specification_with_a_fragment() -> None:
    source = "$spec = @{ options = @{ url = @{ type = 'str' } } }\n$module = [Ansible.Basic.AnsibleModule]::Create($args, $spec, @(Get-More))"
    utility = "Function Get-More {\n<#\n @{ not = 'this' }\n#>\n    @{\n        options = @{ url = @{ aliases = 'u' }; more = @{ type = 'int' } }\n    }\n}"
    found = read_specification("m.ps1", {"m.ps1": source, "x.WebRequest.psm1": utility})
    assert found.options["url"].aliases == ("u",)
    assert found.options["more"].type == "int"


def test_variables_are_looked_up_where_they_are_assigned() -> None:
    assert Script("$a = 'x'\n$b = @{ c = $a; d = $unknown }").assigned("b") == {"c": "x", "d": Opaque("$unknown")}
