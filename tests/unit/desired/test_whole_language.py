# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The language for a whole server: what is wrong with a declaration is told at once, with its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import DirectMapping, DnPartMapping, ScriptedMapping, Source
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.json_schema import schema_text
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.reading import read_wish
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError, MimSyncError
from hypothesis import given, settings
from hypothesis import strategies as st

REPOSITORY = Path(__file__).resolve().parents[3]


def faults(data: Any) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_wish(data)
    return list(caught.value.details) or [f"{caught.value.path}: {caught.value.message}"]


def test_everything_wrong_is_listed_with_its_path() -> None:
    found = faults(
        {
            "agents": [{"name": "A", "type": "active_directry"}, {"name": "B", "type": "sql_server", "settings": {"tabel": "x"}}],
            "flow": [],
            "metaverse": {"attributes": {"a": "text"}},
        }
    )
    assert [fault.partition(": ")[0] for fault in found] == ["agents[0].type", "agents[1].settings.tabel", "flow", "metaverse.attributes.a"]
    assert "did you mean 'active_directory'?" in found[0]
    assert "did you mean 'table'?" in found[1]
    assert "did you mean 'flows'?" in found[2]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"from": "ADMA/user", "through": "person/a"}, "flows[0].from: is 'ADMA/user', but must be of the form 'agent/object type/attribute'"),
        ({"through": "person/a"}, "flows[0]: needs from or to"),
        ({"through": "person/a", "to": "S/user/A", "precedence": 1}, "flows[0].precedence: goes with flows into the metaverse"),
        ({"from": "A/user/a", "through": "person/a", "nulls": "export"}, "flows[0].nulls: goes with flows out of the metaverse"),
        ({"from": "A/user/a", "through": {"object_type": "person", "attributes": ["a", "b"], "rule": "R"}}, "must name one metaverse attribute"),
        ({"from": {"agent": "A", "object_type": "user", "attributes": ["a", "b"]}, "through": "person/a"}, "which only a rule can make one value of"),
        ({"from": {"agent": "A", "object_type": "user", "attribute": "a", "constant": "x"}, "through": "person/a"}, "does not go together with attribute"),
    ],
)
def test_flows_that_cannot_be(line: dict[str, Any], message: str) -> None:
    assert any(message in fault for fault in faults({"flows": [line]})), faults({"flows": [line]})


def test_a_line_has_both_ends_and_the_metaverse_between() -> None:
    wish = read_wish({"flows": [{"from": "ADMA/user/mobile", "through": "person/mobile", "to": "SPMA/user/CellPhone", "nulls": "export"}]})
    assert (wish.imports[0].agent, wish.imports[0].mv_attribute, wish.imports[0].mapping) == ("ADMA", "mobile", DirectMapping(Source("mobile")))
    assert (wish.exports[0].agent, wish.exports[0].attribute, wish.exports[0].allow_nulls) == ("SPMA", "CellPhone", True)


def test_the_long_form_says_what_the_short_cannot() -> None:
    wish = read_wish(
        {
            "flows": [
                {"from": {"agent": "A", "object_type": "user", "attributes": ["sn", "<dn>"], "rule": "R"}, "through": "person/a", "precedence": 2},
                {"from": {"agent": "A", "object_type": "user", "dn_part": 2}, "through": "person/b", "precedence": "equal"},
            ]
        }
    )
    assert wish.imports[0].mapping == ScriptedMapping((Source("sn"), Source("dn", intrinsic=True)), "R")
    assert wish.imports[1].mapping == DnPartMapping(2)


def test_an_agents_own_flows_belong_to_it() -> None:
    agent = {"name": "A", "type": "ldif_file", "flows": [{"from": "B/user/a", "through": "person/a"}]}
    assert "none of its ends is there" in faults({"agents": [agent]})[0]


def test_a_password_is_not_in_a_message() -> None:
    agent = {"name": "A", "type": "active_directory", "credentials": {"username": "X\\y", "password": ["hunter2"]}}
    assert "hunter2" not in " ".join(faults({"agents": [agent]}))


def test_the_schema_for_editors_is_the_one_of_the_definitions() -> None:
    assert (REPOSITORY / "docs" / "schema" / "sync_configuration.json").read_text(encoding="utf-8") == schema_text(), "run: make schema"
    assert json.loads(schema_text())["properties"]["flows"]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 9) | st.sampled_from(["A/user/a", "person/b", "{{ x }}", "standard", "", "é/ü", "<dn>", "active_directory"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "agents flows from through to name type joins match filters any all attribute operator value metaverse attributes object_types deletion_rules"
                " when run_profiles steps partitions domain include credentials username password projections parameters settings rule precedence nulls".split()
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@settings(max_examples=300, deadline=None)
@given(VALUES)
def test_any_yaml_gives_values_or_one_clear_error(data: Any) -> None:
    try:
        read_wish(data)
    except MimSyncError as error:
        assert str(error)
