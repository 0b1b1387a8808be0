# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Previews on a host where MIM is configured: stopped by a limit, one person traced, mistakes named, and the estate as it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.mimsync.sharepoint.lab.harness import Lab, running_lab
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.digest import digest
from ansible_collections.mimsync.sharepoint.tests.lab.site_run import PLAYBOOKS, Outcome, play
from ansible_collections.mimsync.sharepoint.tests.unit.lab.mim_estate import MimEstate, built_in_files, configure, make_mim_estate


@pytest.fixture(scope="module")
def mim() -> MimEstate:
    made = make_mim_estate(people=40)
    configure(made, built_in_files(made))
    made.cycle()
    made.cycle()
    return made


@pytest.fixture(scope="module")
def lab(mim: MimEstate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running_lab(tmp_path_factory.mktemp("lab"), estate=mim.estate) as running:
        yield running


def fingerprint(mim: MimEstate) -> str:
    """Everything that a preview could have changed: state, documents, runs, profiles, people, the host's files."""
    state, store = mim.service.state, mim.farm.service_application.store
    agents = list(state.store.agents())
    profiles = sorted((profile.account, repr(sorted(profile.values.items(), key=str))) for profile in store.live("user"))
    files = sorted((node.name, node.modified) for node in mim.service.host.files.children(mim.service.folder))
    parts = (
        digest(state.store, agents),
        sorted(state.documents.items()),
        len(state.store.runs),
        dict(state.store.watermarks),
        store.change_number,
        profiles,
        files,
    )
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()


def preview(lab: Lab, folder: Path, **options: Any) -> Outcome:
    path = folder / "preview.yml"
    tasks = [{"name": "Preview", "mimsync.sharepoint.preview": options}]
    path.write_text(yaml.safe_dump([{"hosts": "sync_servers", "gather_facts": False, "tasks": tasks}]), encoding="utf-8")
    return play(path, lab.inventory)


def test_a_change_of_scope_that_would_delete_too_much_is_stopped(lab: Lab, mim: MimEstate, tmp_path: Path) -> None:
    before = fingerprint(mim)
    lab.reset_executions()
    extra = ("-e", json.dumps({"mimsync_report_folder": str(tmp_path)}))
    outcome = play(PLAYBOOKS / "examples" / "preview_scope_change.yml", lab.inventory, *extra).succeeded()
    assert outcome.counts["changed"] == 0
    assert fingerprint(mim) == before, "nothing on any server has changed"
    assert lab.executions() == 3, "the configuration, the connector spaces, the profiles"
    told = json.loads((tmp_path / "scope.json").read_text(encoding="utf-8"))
    counts = {(item["agent"], item["object_type"], item["transition"]): item for item in told["counts"]}
    deleted = counts["SPMA", "user", "deleted"]
    assert 30 <= deleted["percent"] <= 50
    assert deleted["objects"] == sum(1 for row in told["rows"] if (row["agent"], row["transition"], row["object_type"]) == ("SPMA", "deleted", "user"))
    assert "the limit is 10 %" in told["broken_limits"][0]
    page = (tmp_path / "scope.html").read_text(encoding="utf-8")
    assert "Five places leave the scope" in page and "would be deleted" in page
    assert (tmp_path / "scope.csv").read_text(encoding="utf-8").count("\n") == len(told["rows"]) + 1


def test_what_is_read_from_the_server_says_that_nothing_is_to_be_done(lab: Lab, mim: MimEstate, tmp_path: Path) -> None:
    report = tmp_path / "now.json"
    preview(lab, tmp_path, connector_spaces=True, dest=[str(report)]).succeeded()
    told = json.loads(report.read_text(encoding="utf-8"))
    assert told["rows"] == [], "the metaverse that was worked out is the server's own"
    assert told["headline"] == ["Nothing happens to anybody."]
    assert all(item["read_at"].endswith("UTC") for item in told["data"])


def test_a_flow_that_says_a_rule_is_previewed_and_traced(lab: Lab, mim: MimEstate, tmp_path: Path) -> None:
    before, report = fingerprint(mim), tmp_path / "rule.json"
    profile = next(item for item in mim.farm.service_application.store.live("user") if item.get("LastName") and item.get("FirstName"))
    line = {"through": "person", "to": "SPMA/user/PreferredName", "value": "{lastName}, {firstName}"}
    people = [profile.account.partition("\\")[2]]
    preview(lab, tmp_path, connector_spaces=True, config={"flows": [line]}, people=people, dest=[str(report)]).succeeded()
    assert fingerprint(mim) == before
    told = json.loads(report.read_text(encoding="utf-8"))
    changed = [row for row in told["rows"] if row["attribute"] == "PreferredName"]
    wanted = f"{profile.get('LastName')[0]}, {profile.get('FirstName')[0]}"
    assert wanted in [row["new"] if isinstance(row["new"], str) else row["new"][0] for row in changed]
    assert {row["transition"] for row in told["rows"]} == {"value changed"}
    connector = next(item for item in told["people"][0]["connectors"] if item["agent"] == "SPMA")
    [flow] = next(item for item in connector["flows"] if item["attribute"] == "PreferredName")["flows"]
    assert (flow["values"], flow["verdict"]) == ([wanted], "would be written")
    assert flow["rule"] == 'rule cd.user:PreferredName<-mv.person:lastName,firstName: "{lastName}, {firstName}"'


def test_one_person_is_traced(lab: Lab, mim: MimEstate, tmp_path: Path) -> None:
    profile = next(iter(mim.farm.service_application.store.live("user")))
    name = profile.account.partition("\\")[2]
    report = tmp_path / "person.json"
    preview(lab, tmp_path, connector_spaces=True, people=[name], dest=[str(report)]).succeeded()
    traced = json.loads(report.read_text(encoding="utf-8"))["people"][0]
    account = next(item for item in traced["attributes"] if item["attribute"] == "accountName")
    assert [flow["verdict"] for flow in account["flows"]].count("won") == 1
    exported = next(item for item in traced["connectors"] if item["agent"] == "SPMA")
    rules = {item["attribute"]: item["flows"][0]["rule"] for item in exported["flows"]}
    assert rules["ProfileIdentifier"].startswith("rule GetDomain")


def test_the_standard_playbook_runs(lab: Lab, tmp_path: Path) -> None:
    extra = ("-e", json.dumps({"mimsync_report_folder": str(tmp_path)}))
    outcome = play(PLAYBOOKS / "preview.yml", lab.inventory, *extra, "--check").succeeded()
    assert "Nothing happens to anybody." in outcome.output
    assert "Data of SPMA: connector space of the server" in outcome.output and f"{tmp_path}/preview-MIM1.html" in outcome.output
    assert (tmp_path / "preview-MIM1.html").exists()


def test_the_terminal_says_what_is_wrong_with_a_file_and_traces_a_person(lab: Lab, mim: MimEstate, tmp_path: Path) -> None:
    objects = tmp_path / "people.ldif"
    objects.write_bytes(b"dn: CN=Ben,OU=Staff,DC=corp,DC=example,DC=com\nobjectClass: user\nsAMAccountName: ben\n\n" + b"\xff" * 500 + b"\n")
    profile = next(iter(mim.farm.service_application.store.live("user")))
    name = profile.account.partition("\\")[2]
    values = {"objects": [{"agent": "ADMA", "ldif": str(objects)}], "people": [name], "limits": {}}
    variables = {"mimsync_report_folder": str(tmp_path), **{f"mimsync_preview_{key}": value for key, value in values.items()}}
    shown = play(PLAYBOOKS / "preview.yml", lab.inventory, "-e", json.dumps(variables)).succeeded().output
    assert "(missing-anchor-component)" in shown and "the line is no 'attribute: value' (parse-error)" in shown
    assert f"  accountName = {name}" in shown and "won: ADMA direct from sAMAccountName" in shown


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "there are no objects to preview with"),
        ({"connector_spaces": True, "limits": {"removed": 1}}, "there is no limit 'removed'"),
        ({"connector_spaces": True, "dest": ["report.txt"]}, "report.txt does not end with .html, .json, .csv"),
        ({"connector_spaces": True, "people": ["nobody at all"]}, "nobody is called 'nobody at all'"),
        ({"connector_spaces": True, "steps": [{"agent": "ADMA", "profile": "Nonsense"}]}, "ADMA has no run profile 'Nonsense'"),
        ({"connector_spaces": True, "config": {"flows": [{"from": "ADMA/user", "through": "person/mail", "rule": "sip"}]}}, "there is no rule named 'sip'"),
        ({"objects": [{"agent": "ADMA"}]}, "one of ldif, csv, csexport, ldap is wanted, 0 are given"),
        ({"objects": [{"agent": "ADMA", "csv": "/nowhere.csv"}]}, "/nowhere.csv cannot be read"),
        ({"present_files": "/nowhere", "objects": [{"agent": "ADMA", "csv": "x.csv"}]}, "the folder /nowhere does not exist"),
    ],
)
def test_mistakes_are_named(lab: Lab, tmp_path: Path, options: dict[str, Any], message: str) -> None:
    outcome = preview(lab, tmp_path, **options)
    assert outcome.code != 0
    assert message in " ".join(outcome.output.split())


def test_passwords_are_shown_nowhere(lab: Lab, tmp_path: Path) -> None:
    secret = "Sesame-open-7"
    directory = {"host": "127.0.0.1", "port": 9, "user": "EXAMPLE\\nobody", "password": secret}
    outcome = preview(lab, tmp_path, objects=[{"agent": "ADMA", "ldap": directory}])
    assert outcome.code != 0
    assert "objects[0].ldap: " in outcome.output
    agents = [{"name": "ADMA", "type": "active_directory", "nonsense": True, "credentials": {"username": "EXAMPLE\\x", "password": secret}}]
    refused = preview(lab, tmp_path, connector_spaces=True, config={"agents": agents})
    assert refused.code != 0
    assert secret not in outcome.output + refused.output
