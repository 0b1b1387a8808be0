# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Declarations of new agents with random changes are refused in words, or make agents that are there for good."""

from __future__ import annotations

import copy
from typing import Any

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.gathering import gather
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.reading import read_wish
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import MimSyncError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.whole_server import plan_on_files
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution.builder import build_files
from guide import examples
from hypothesis import given, settings
from hypothesis import strategies as st

EXAMPLES = examples()
FILES = build_files()
NAMES = st.sampled_from(["Id", "id", "Name", "person", "Ünïcode", "a b", "<&>", "", "x" * 300, "objectClass", "dn", "export_password", "1", "Path", "\n"])
WORDS = st.sampled_from(["string", "reference", "binary", "boolean", "integer", "import", "North", "None", "LDAP", "CN=x,DC=corp,DC=example,DC=com"])
SCALARS = NAMES | WORDS | st.integers(-1, 3) | st.booleans() | st.none()
PLAIN = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=6)
LIKELY: dict[type, st.SearchStrategy[Any]] = {str: NAMES | WORDS, int: st.integers(0, 70000), bool: st.booleans(), list: st.just([]), dict: st.just({})}


def places(value: Any, lead: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place below a value that can be changed."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, inner in pairs for place in ((*lead, key), *places(inner, (*lead, key)))]


def change(data: st.DataObject, agent: dict[str, Any]) -> None:
    place = data.draw(st.sampled_from(places(agent)))
    held: Any = agent
    for key in place[:-1]:
        held = held[key]
    deed = data.draw(st.sampled_from(["remove", "other", "other", "other", "any", "add", "twice"]))
    if deed == "remove":
        del held[place[-1]]
    elif deed in ("other", "any"):
        held[place[-1]] = data.draw(PLAIN if deed == "any" else LIKELY.get(type(held[place[-1]]), SCALARS))
    elif deed == "twice" and isinstance(held, list):
        held.append(copy.deepcopy(held[place[-1]]))
    elif isinstance(held, dict):
        held[data.draw(NAMES)] = copy.deepcopy(held[place[-1]])


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_changed_example_is_refused_or_made_for_good(data: st.DataObject) -> None:
    config = copy.deepcopy(EXAMPLES[data.draw(st.sampled_from(sorted(EXAMPLES)))])
    for _ in range(data.draw(st.integers(1, 3))):
        change(data, config["agents"][0])
        if not config["agents"][0]:
            return
    try:
        made = plan_on_files(read_folder(FILES), read_wish(config), "merged")[0].planned.write()
    except MimSyncError:
        return
    assert [one.sentence for one in plan_on_files(read_folder(made), read_wish(config), "merged")[0].changes] == []
    declaration = gather(read_folder(made).model())
    assert [one.sentence for one in plan_on_files(read_folder(made), read_wish(declaration), "merged")[0].changes] == []
