# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whatever is declared and whatever was there before: one plan reaches it, and a second one is empty."""

from __future__ import annotations

from typing import Any

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.compare import compare_folders
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.compare_models import compare_models
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired import read_declaration
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan import DirectoryFacts, Plan, Present, make_plan
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.verification import verify
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution import build_files
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plan_support import DOMAIN, EMPTY, KNOWN, LEAVERS, OTHERS, STAFF, config

SCOPES = st.sampled_from(
    [
        {"include": [STAFF], "exclude": [LEAVERS]},
        {"include": [STAFF, OTHERS], "exclude": []},
        {"include": [DOMAIN], "exclude": [OTHERS, LEAVERS]},
        {"include": [OTHERS], "exclude": []},
        {"include": [LEAVERS], "exclude": [], "object_types": ["user"]},
        {"include": [STAFF], "object_types": ["contact", "group", "user"]},
    ]
)
CONDITIONS = st.sampled_from(
    [
        {"attribute": "userAccountControl", "operator": "bit-on", "value": 2},
        {"attribute": "department", "operator": "starts-with", "value": "A & <B>"},
        {"attribute": "mail", "operator": "not-present"},
    ]
)
BUILT_IN = build_files()
ENTRIES = st.one_of(CONDITIONS, st.lists(CONDITIONS, min_size=1, max_size=2).map(lambda found: {"all": found}))
FILTERS = st.one_of(st.just({}), st.fixed_dictionaries({"user": st.lists(ENTRIES, max_size=3)}))
DISABLED = st.sampled_from(["filter", "synchronize", None])


@st.composite
def configurations(draw: st.DrawFn) -> dict[str, Any]:
    scope = draw(SCOPES)
    more = [{"domain": "sub.corp.example.com", "include": [f"DC=sub,{DOMAIN}"]}] if draw(st.booleans()) else []
    data = config(
        partitions=[{"domain": "corp.example.com", **scope}, *more],
        filters=draw(FILTERS),
        disabled_users=draw(st.sampled_from(["filter", "synchronize", None])),
    )
    data["agents"][1]["url"] = draw(st.sampled_from(["http://sp1", "https://sp2.corp.example.com:8443"]))
    data["agents"][1]["pictures"] = draw(st.sampled_from(["to_sharepoint", "from_sharepoint"]))
    data["provisioning"] = draw(st.sampled_from(["scripted", "none"]))
    return data


def plan_of(data: dict[str, Any], files: dict[str, bytes], facts: DirectoryFacts) -> Plan:
    return make_plan(read_declaration(data), Present(files, facts, read_folder(BUILT_IN), "source", KNOWN))


@given(before=configurations(), after=configurations())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_one_plan_reaches_it(before: dict[str, Any], after: dict[str, Any], facts: DirectoryFacts) -> None:
    first = plan_of(before, EMPTY, facts)
    second = plan_of(after, first.planned.write(), facts)
    reached = second.planned.write()
    assert plan_of(after, reached, facts).changes == []
    assert bool(compare_folders(first.planned, second.planned)) == bool(compare_folders(second.planned, first.planned)) == (reached != first.planned.write())
    assert verify(second.planned, first.planned, reached).wrong == ()
    again = read_folder(first.planned.write())
    for change in second.changes:
        change.apply(again)
    assert again.write() == reached


@given(wanted=configurations())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_way_there_does_not_matter(wanted: dict[str, Any], facts: DirectoryFacts) -> None:
    """By way of another configuration the server ends with the same meaning, but for what was not declared."""
    wanted["agents"][0]["disabled_users"] = "filter"
    wanted["agents"][0].setdefault("filters", {}).setdefault("user", [])
    wanted["agents"][0]["partitions"] = [{"domain": "corp.example.com", "include": [STAFF], "exclude": [], "object_types": ["group", "user"]}]
    straight = plan_of(wanted, EMPTY, facts).planned
    detour = plan_of(wanted, plan_of(config(filters={"user": []}), EMPTY, facts).planned.write(), facts).planned
    found = compare_models(straight.model(), detour.model())
    assert [difference for difference in found if "/included_attributes" not in difference.path] == []
