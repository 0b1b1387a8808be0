# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Modules directory_access_rule and kds_root_key, run by stock Ansible."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.mimsync.sharepoint.lab.harness import Lab

from .site_run import Outcome, play

pytestmark = pytest.mark.xdist_group("directory")

STAFF = "OU=Staff,DC=corp,DC=example,DC=com"
SETUP = "EXAMPLE\\mimsetup"
RULES = [
    {"trustee": SETUP, "rights": ["read_property", "write_property"], "attributes": ["mail", "Personal Information"], "applies_to": "descendants"},
    {"trustee": SETUP, "rights": ["create_child", "delete_child"], "object_classes": ["user"], "applies_to": "this_object_and_descendants"},
    {"trustee": SETUP, "rights": ["delete", "Reset Password"], "access": "deny", "naming_context": "configuration"},
]


def task(lab: Lab, tmp_path: Path, module: str, arguments: dict[str, Any], *options: str) -> Outcome:
    """One task on DC1."""
    play_text = {
        "hosts": "DC1",
        "gather_facts": False,
        "tasks": [{f"mimsync.sharepoint.{module}": arguments, "register": "found"}, {"debug": {"var": "found"}}],
    }
    path = tmp_path / "play.yml"
    path.write_text(yaml.safe_dump([play_text]))
    return play(path, lab.inventory, *options)


def changed(outcome: Outcome) -> bool:
    return outcome.succeeded().counts["changed"] == 1


def descriptors(lab: Lab) -> list[str]:
    directory = lab.estate.directory
    return [directory.security_descriptor(directory.get(dn)) for dn in (STAFF, directory.configuration_dn)]


def with_state(state: str) -> dict[str, Any]:
    return {"path": STAFF, "rules": [{**rule, "state": state} for rule in RULES]}


def test_entries_come_and_go_and_everything_else_stays(small_lab: Lab, tmp_path: Path) -> None:
    before = descriptors(small_lab)
    shown = task(small_lab, tmp_path, "directory_access_rule", with_state("present"), "--check", "--diff")
    assert changed(shown)
    assert descriptors(small_lab) == before
    assert f"+{SETUP}: allow Read property, Write property Personal Information on {STAFF} (all descendants)" in shown.output
    assert changed(task(small_lab, tmp_path, "directory_access_rule", with_state("present")))
    assert "(OA;CI;CCDC;bf967aba-0de6-11d0-a285-00aa003049e2;;" in descriptors(small_lab)[0]
    small_lab.reset_executions()
    assert not changed(task(small_lab, tmp_path, "directory_access_rule", with_state("present")))
    assert small_lab.executions() == 1
    gone = task(small_lab, tmp_path, "directory_access_rule", with_state("absent"), "--diff")
    assert changed(gone)
    assert f"-{SETUP}: allow Create child, Delete child user on {STAFF} (this object and all descendants)" in gone.output
    assert descriptors(small_lab) == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"trustee": SETUP, "rights": ["delete"]}, "Say on which object"),
        ({"path": STAFF, "naming_context": "domain", "trustee": SETUP, "rights": ["delete"]}, "mutually exclusive"),
        ({"path": STAFF, "trustee": "EXAMPLE\\nobody", "rights": ["delete"]}, "The trustee 'EXAMPLE\\nobody' is not known in the domain"),
        ({"path": STAFF, "trustee": SETUP, "rights": ["Fly High"]}, "'Fly High' is neither a right of the directory nor an extended right"),
        ({"path": STAFF, "trustee": SETUP, "rights": ["delete"], "right": "x"}, "Unsupported parameters"),
        ({"path": STAFF, "trustee": SETUP, "rights": ["delete"], "domain_server": "dc9"}, "The LDAP server is unavailable"),
        ({"path": STAFF, "state": "absent", "rules": [{"trustee": SETUP, "rights": ["delete"]}]}, "'state' belongs into each rule"),
        ({"path": STAFF, "rules": [{"trustee": SETUP, "rights": ["delete"], "attributes": ["mail"]}]}, "rules[0]: 'attributes' only go together"),
    ],
)
def test_bad_input_is_named_and_nothing_changes(small_lab: Lab, tmp_path: Path, arguments: dict[str, Any], message: str) -> None:
    before = descriptors(small_lab)
    outcome = task(small_lab, tmp_path, "directory_access_rule", arguments)
    assert outcome.code != 0
    assert message in outcome.output.replace("\\\\", "\\")
    assert descriptors(small_lab) == before


def test_a_root_key_is_added_once(small_lab: Lab, tmp_path: Path) -> None:
    options = {"skip_replication_wait": True}
    assert changed(task(small_lab, tmp_path, "kds_root_key", options, "--check"))
    made = task(small_lab, tmp_path, "kds_root_key", options)
    assert changed(made)
    assert json.dumps("usable") + ": true" in made.output
    assert not changed(task(small_lab, tmp_path, "kds_root_key", {}))
