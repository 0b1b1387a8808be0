# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Well-formed documents from which parts are missing, doubled or emptied are planned with, or refused in words."""

from __future__ import annotations

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.document import parse
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.element import Element
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired import read_declaration
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import MimSyncError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan import DirectoryFacts, Present, make_plan
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.verification import verify
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution import build_files
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plan_support import DOMAIN, OTHERS, config

BUILT_IN = build_files()
# Elements outside of the schemas: these are what plans look at.
WHOLE = ("schema", "default_visible_attributes", "filter-hints", "ui-data")
WANTED = config(
    partitions=[
        {"domain": "corp.example.com", "include": [OTHERS], "object_types": ["user"]},
        {"domain": "sub.corp.example.com", "include": [f"DC=sub,{DOMAIN}"]},
    ],
    filters={"user": [{"attribute": "department", "operator": "present"}]},
)
WANTED["agents"][1]["pictures"] = "from_sharepoint"


def inner(element: Element) -> list[Element]:
    found = []
    for child in element.children:
        found.append(child)
        if child.local not in WHOLE:
            found += inner(child)
    return found


def damage(data: st.DataObject, element: Element) -> None:
    kind = data.draw(st.sampled_from(["remove", "double", "empty", "rename"]))
    parent = element.parent
    if kind == "double" and parent is not None:
        parent.insert(list(parent.children).index(element), element.copy())
    elif kind == "empty" and not element.children:
        element.set_text(data.draw(st.sampled_from(["", "²", "{}", "DC=", ",,", "-1"])))
    elif kind == "rename" and element.attributes:
        element.set_attribute(data.draw(st.sampled_from(sorted(element.attributes))), data.draw(st.sampled_from([None, "", "x"])))
    elif parent is not None:
        parent.remove(element)


@given(name=st.sampled_from(sorted(BUILT_IN)), data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_damaged_documents_never_end_in_a_traceback(name: str, data: st.DataObject, facts: DirectoryFacts) -> None:
    document = parse(BUILT_IN[name], name)
    for _unused in range(data.draw(st.integers(1, 4))):
        damage(data, data.draw(st.sampled_from(inner(document.root.children[0]))))
    files = {**BUILT_IN, name: document.write()}
    try:
        plan = make_plan(read_declaration(WANTED), Present(files, facts, read_folder(BUILT_IN), "source"))
        verify(plan.planned, read_folder(files), plan.planned.write())
        plan.text()
    except MimSyncError as error:
        assert str(error)
