# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Role directory on the lab: check, apply, read back, again, drift, mend; group-managed accounts; bad input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate.directory import Directory, DirectoryError, Entry, Modification
from ansible_collections.mimsync.sharepoint.lab.harness import Lab

from .site_run import Outcome, play

pytestmark = pytest.mark.xdist_group("directory")

PLAYBOOK = """
- name: Directory
  hosts: domain_controllers
  gather_facts: false
  roles:
    - role: mimsync.sharepoint.directory
"""
STAFF = "OU=Staff,DC=corp,DC=example,DC=com"


def writes(path: str, attribute: str) -> str:
    return json.dumps({"directory_attribute_writes": [{"path": path, "attributes": [attribute], "object_class": "user"}]})


EXTRA = writes(STAFF, "thumbnailPhoto")
THUMBNAIL = "8d3bca50-1d7e-11d0-a081-00aa006c33ed"


@pytest.fixture(scope="module")
def playbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("play") / "directory.yml"
    path.write_text(PLAYBOOK)
    return path


def run(lab: Lab, playbook: Path, *options: str) -> Outcome:
    return play(playbook, lab.inventory, *options)


def changed(outcome: Outcome) -> int:
    return outcome.succeeded().counts["changed"]


def account(lab: Lab, name: str) -> Entry:
    found = lab.estate.directory.resolve(name)
    assert found is not None, name
    return found


def may_replicate(directory: Directory, entry: Entry, nc: str) -> bool:
    try:
        directory.changes_since("", nc, token=directory.token(entry.sid))
    except DirectoryError as problem:
        assert problem.code == 8453
        return False
    return True


def test_check_changes_nothing_and_apply_makes_all(small_lab: Lab, playbook: Path) -> None:
    directory = small_lab.estate.directory
    before = directory.usn
    foreseen = run(small_lab, playbook, "--check", "--diff", "-e", EXTRA)
    assert directory.usn == before
    assert changed(foreseen) == 4
    assert "EXAMPLE\\svc-adma: allow Replicating Directory Changes on DC=corp,DC=example,DC=com (this object only)" in foreseen.output
    outcome = run(small_lab, playbook, "-vvv", "-e", EXTRA)
    assert changed(outcome) == 4
    assert not [name for name, secret in small_lab.secrets.items() if secret in outcome.output]
    agent = account(small_lab, "EXAMPLE\\svc-adma")
    assert may_replicate(directory, agent, directory.domain_dn)
    assert may_replicate(directory, agent, directory.configuration_dn)
    assert not may_replicate(directory, account(small_lab, "svc-spma"), directory.domain_dn)
    setup = account(small_lab, "mimsetup")
    assert account(small_lab, "MIMSyncAdmins").sid in directory.token(setup.sid)
    assert directory.verify("EXAMPLE", "svc-mimsync", small_lab.secrets["vault_svc_mimsync_password"]).dn.startswith("CN=svc-mimsync,OU=Service Accounts,")


def test_the_agent_writes_only_what_it_was_allowed(small_lab: Lab, playbook: Path) -> None:
    run(small_lab, playbook, "-e", EXTRA).succeeded()
    directory = small_lab.estate.directory
    token = directory.token(account(small_lab, "svc-adma").sid)
    person = next(directory.search(STAFF, query="(objectClass=user)"))
    directory.set(person, {"thumbnailPhoto": b"\xff\xd8picture"}, token=token)
    with pytest.raises(DirectoryError, match="Insufficient access rights"):
        directory.set(person, {"title": "King"}, token=token)


def test_again_changes_nothing_with_few_executions(small_lab: Lab, playbook: Path) -> None:
    run(small_lab, playbook).succeeded()
    before = small_lab.estate.directory.usn
    small_lab.reset_executions()
    assert changed(run(small_lab, playbook)) == 0
    assert small_lab.estate.directory.usn == before
    assert small_lab.executions() <= 12


def test_drift_is_shown_and_mended(small_lab: Lab, playbook: Path) -> None:
    run(small_lab, playbook).succeeded()
    directory = small_lab.estate.directory
    agent, admins = account(small_lab, "svc-adma"), account(small_lab, "MIMSyncAdmins")
    head = directory.get(directory.configuration_dn)
    text = directory.security_descriptor(head)
    mine = f"(OA;;CR;1131f6aa-9c07-11d1-f79f-00c04fc2dcd2;;{agent.sid})"
    assert mine in text
    directory.set_security_descriptor(head, text.replace(mine, ""))
    directory.modify(admins, [Modification("delete", "member", (account(small_lab, "mimsetup").dn,))])
    directory.set_password(agent, "Another-Secret.99")
    directory.set(agent, {"userAccountControl": agent.number("userAccountControl") | 2})
    shown = run(small_lab, playbook, "--check", "--diff")
    assert changed(shown) == 3
    assert "EXAMPLE\\svc-adma: allow Replicating Directory Changes on CN=Configuration,DC=corp,DC=example,DC=com (this object only)" in shown.output
    assert changed(run(small_lab, playbook)) == 3
    assert directory.security_descriptor(head) == text
    assert directory.verify("EXAMPLE", "svc-adma", small_lab.secrets["vault_svc_adma_password"]) is agent
    assert changed(run(small_lab, playbook)) == 0


def test_a_group_managed_account_waits_for_the_root_key(small_lab: Lab, playbook: Path) -> None:
    managed = ("-e", '{"mimsync_service_account": {"name": "gmsa-sync", "group_managed": true}}')
    outcome = run(small_lab, playbook, *managed)
    assert outcome.code != 0
    assert "Domain controllers use the forest's root key from" in outcome.output
    directory = small_lab.estate.directory
    key = next(directory.search(directory.configuration_dn, query="(objectClass=msKds-ProvRootKey)"))
    directory.delete(key)
    run(small_lab, playbook, *managed, "-e", "directory_skip_replication_wait=true").succeeded()
    found = account(small_lab, "gmsa-sync$")
    assert directory.can_retrieve_password(found, directory.token(account(small_lab, "MIM1$").sid))
    assert not directory.can_retrieve_password(found, directory.token(account(small_lab, "SQL1$").sid))
    assert changed(run(small_lab, playbook, *managed)) == 0


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ('{"mimsync_accounts_ou": "OU=Services,OU=Nowhere,DC=corp,DC=example,DC=com"}', "Directory object not found"),
        ('{"mimsync_ad_agent_account": {"name": "svc-weak", "password": "weak"}}', "does not meet the length, complexity"),
        ('{"directory_group_scope": "world"}', "value of directory_group_scope must be one of"),
        (writes(STAFF, "shoeSize"), "has no class or attribute 'shoeSize'"),
        (writes(f"OU=Nowhere,{STAFF}", "drink"), "The directory has no object 'OU=Nowhere,"),
        ('{"directory_group_members": {"admins": ["nobody"]}}', "Invalid identities: 'nobody'"),
    ],
)
def test_bad_input_is_named(small_lab: Lab, playbook: Path, variables: str, message: str) -> None:
    outcome = run(small_lab, playbook, "-e", variables)
    assert outcome.code != 0
    assert message in outcome.output


def test_where_pictures_flow_from_sharepoint_the_agent_may_write_them(small_lab: Lab, playbook: Path) -> None:
    container = f"OU=Linked,{STAFF}"
    options = ("-e", json.dumps({"mimsync_picture_direction": "from_sharepoint", "mimsync_scope": {"include": [container]}}))
    run(small_lab, playbook, *options).succeeded()
    directory = small_lab.estate.directory
    assert f"RPWP;{THUMBNAIL};bf967aba-0de6-11d0-a285-00aa003049e2;" in directory.security_descriptor(directory.get(container))
    assert changed(run(small_lab, playbook, *options)) == 0
