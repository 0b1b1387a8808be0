# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Previews of the standard configuration: groups and contacts count as people do, pictures are shown by size and digest."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import ServerConfiguration
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.functions import sharepoint_registry
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.adoption import render
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.answer import Answer, Preview
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.extensions import extensions_of
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.person import PersonPreview
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.render.data import as_csv, as_json
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.render.page import as_html
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.scene import Scene
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.trace import find_people, plain
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.rules.declared import declared
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution.builder import build_files
from ansible_collections.mimsync.sharepoint.tests.unit.engine.solution_people import Forest

PHOTO, OTHER = b"\xff\xd8" + b"first" * 400, b"\xff\xd8" + b"other" * 500


@pytest.fixture
def forest() -> Forest:
    made = Forest(read_folder(build_files()).model())
    for number in range(4):
        made.person(number, givenName=f"Given{number}", sn=f"Family{number}", mail=f"u{number}@corp.example.com", title="Clerk", department="Sales")
    made.person(4, photo=PHOTO, givenName="Pia", sn="Pixel")
    made.directory.put("group", f"CN=All Staff,{made.staff}", "group", {"sAMAccountName": ("allstaff",), "displayName": ("All Staff",)})
    made.cycle("Full")
    made.cycle("Full")
    return made


def preview(made: Forest, wanted: ServerConfiguration | None = None, **options: object) -> Answer:
    return Preview(Scene(made.engine.configuration, made.engine.store), sharepoint_registry(), wanted, **options).run()  # type: ignore[arg-type]  # a test's own


def test_nothing_changes_means_nothing_happens(forest: Forest) -> None:
    assert preview(forest).headline == ("Nothing happens to anybody.",)


def test_groups_are_counted_grouped_and_listed_like_people(forest: Forest) -> None:
    line = {"from": "ADMA/group/sAMAccountName", "through": "group/accountName"}
    answer = preview(forest, read_folder(render(build_files(), {"flows": [line]})[1]).model())
    counts = {(count.agent, count.object_type, count.transition): (count.objects, count.of) for count in answer.counts}
    assert counts["SPMA", "group", "added"] == (1, 0)
    [row] = [row for row in answer.rows if (row.agent, row.transition) == ("SPMA", "added")]
    assert (row.name, row.object_type) == ("All Staff", "group")
    assert ("metaverse", "group", "value changed") in counts


def test_pictures_and_contacts_that_change_in_the_directory_are_told_without_their_bytes(forest: Forest) -> None:
    forest.linked(9, "CN=Elsewhere,DC=other,DC=example")
    forest.directory.set("p4", {"thumbnailPhoto": (OTHER,)})
    bases = {"ADMA": forest.directory, "SPMA": forest.store}
    scene = Scene(forest.engine.configuration, forest.engine.store, bases)
    answer = Preview(scene, sharepoint_registry(), cycle="delta").run()
    [picture] = [row for row in answer.rows if (row.agent, row.attribute) == ("SPMA", "Picture")]
    assert (picture.old, picture.new) == ((told(PHOTO),), (told(OTHER),))
    added = [(row.object_type, row.name) for row in answer.rows if (row.agent, row.transition) == ("SPMA", "added")]
    assert added == [("contact", "Linked 9")]
    for report in (as_json(answer), as_csv(answer), as_html(answer)):
        assert told(OTHER) in report
        assert not [data for data in (PHOTO, OTHER) if base64.b64encode(data).decode()[:40] in report]


def told(data: bytes) -> str:
    return f"binary, {len(data):,} bytes, sha256 {hashlib.sha256(data).hexdigest()[:12]}"


def test_a_rule_on_a_flow_is_traced_with_what_it_says(forest: Forest) -> None:
    config = {"flows": [{"through": "person", "to": "SPMA/user/PreferredName", "value": "{lastName}, {firstName}"}]}
    wanted = read_folder(render(build_files(), config)[1]).model()
    store = forest.engine.store
    [pia] = find_people(store, "u4")
    traced = plain(PersonPreview(store, wanted, extensions_of(declared(config).rules)).of(pia).trace)
    shown = json.dumps(traced)
    assert base64.b64encode(PHOTO).decode()[:40] not in shown
    assert told(PHOTO) in shown
    connector = next(item for item in traced["connectors"] if item["agent"] == "SPMA")
    [flow] = next(item for item in connector["flows"] if item["attribute"] == "PreferredName")["flows"]
    assert (flow["rule"], list(flow["values"]), flow["verdict"]) == (
        "rule cd.user:PreferredName<-mv.person:lastName,firstName",
        ["Pixel, Pia"],
        "would be written",
    )
    assert list(flow["read"]) == ["lastName: Pixel", "firstName: Pia"]
