# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Stock Ansible against the endpoint: files both ways, become, background tasks, facts, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.mimsync.sharepoint.lab.harness import Lab

from .site_run import Outcome, play

pytestmark = pytest.mark.xdist_group("endpoint")

PLAYBOOK = """
- name: Use the endpoint in every way that roles do
  hosts: sync_servers
  gather_facts: false
  tasks:
    - name: Make a folder
      ansible.windows.win_file: {path: 'C:\\Demo\\a', state: directory}
    - name: Copy a text
      ansible.windows.win_copy: {content: "hello", dest: 'C:\\Demo\\a\\hello.txt'}
    - name: Copy a tree
      ansible.windows.win_copy: {src: "{{ playbook_dir }}/tree/", dest: 'C:\\Demo\\tree\\'}
    - name: Copy on the host
      ansible.windows.win_copy: {src: 'C:\\Demo\\tree', dest: 'C:\\Demo\\copy', remote_src: true}
    - name: Fill a template
      ansible.windows.win_template: {src: "{{ playbook_dir }}/t.j2", dest: 'C:\\Demo\\t.txt'}
    - name: Download a package
      ansible.windows.win_get_url: {url: 'https://downloads.corp.example.com/mim/sqlncli.msi', dest: 'C:\\Demo'}
"""
READING = """
- name: Read in every way
  hosts: sync_servers
  gather_facts: true
  gather_subset: [min]
  tasks:
    - name: Read a file
      ansible.builtin.slurp: {src: 'C:\\Demo\\t.txt'}
      register: text
    - name: Fetch a file
      ansible.builtin.fetch: {src: 'C:\\Demo\\tree\\sub\\x y.txt', dest: "{{ playbook_dir }}/fetched.txt", flat: true}
    - name: Become the system
      ansible.windows.win_stat: {path: '%USERPROFILE%'}
      register: system
      become: true
      become_method: ansible.builtin.runas
      become_user: SYSTEM
    - name: Run in the background
      ansible.windows.win_ping: {data: back}
      async: 30
      poll: 1
      register: back
    - name: All is as it should be
      ansible.builtin.assert:
        that:
          - text.content | b64decode == 'Hi MIM1\\r\\n'
          - ansible_facts.os_family == 'Windows'
          - ansible_facts.fqdn == 'mim1.corp.example.com'
          - back.ping == 'back' and back.finished
          - not system.stat.exists or 'systemprofile' in system.stat.path
"""


def run(lab: Lab, text: str, folder: Path, *options: str) -> Outcome:
    playbook = folder / "playbook.yml"
    playbook.write_text(text, encoding="utf-8")
    return play(playbook, lab.inventory, *options)


@pytest.fixture
def material(tmp_path: Path) -> Path:
    (tmp_path / "tree" / "sub").mkdir(parents=True)
    (tmp_path / "tree" / "sub" / "x y.txt").write_text("größe\n", encoding="utf-8")
    (tmp_path / "tree" / "ü.txt").write_bytes(bytes(range(256)) * 3000)
    (tmp_path / "t.j2").write_text("Hi {{ inventory_hostname }}\n", encoding="utf-8")
    return tmp_path


def test_files_go_there_and_come_back(small_lab: Lab, material: Path) -> None:
    files = small_lab.estate.host("MIM1").files
    before = set(files.nodes)
    run(small_lab, PLAYBOOK, material, "--check")
    assert {path for path in set(files.nodes) - before if "appdata" not in path} == set()
    first = run(small_lab, PLAYBOOK, material).succeeded()
    assert first.counts["changed"] == 6
    assert files.read("C:\\Demo\\copy\\tree\\ü.txt") == bytes(range(256)) * 3000
    assert run(small_lab, PLAYBOOK, material).succeeded().counts["changed"] == 0
    run(small_lab, READING, material).succeeded()
    assert (material / "fetched.txt").read_text(encoding="utf-8") == "größe\n"


@pytest.mark.parametrize(
    ("task", "message"),
    [
        ("ansible.windows.win_shell: whoami", "the module ansible.windows.win_shell is not simulated"),
        ("ansible.windows.win_powershell: {script: Get-Process}", "this script is not simulated: Get-Process"),
        ("ansible.windows.win_service: {name: x, startmode: auto}", "Unsupported parameters for (ansible.windows.win_service) module: startmode"),
        ("ansible.windows.win_ping: {}\n      vars: {ansible_password: wrong}", "the specified credentials were rejected by the server"),
        ("ansible.windows.win_ping: {}\n      vars: {ansible_port: 9}", "Connection refused"),
        (
            "ansible.windows.win_ping: {}\n      become: true\n      become_method: ansible.builtin.runas\n      become_user: EXAMPLE\\svc-spfarm\n"
            "      vars: {ansible_become_password: wrong}",
            "The user name or password is incorrect",
        ),
    ],
)
def test_fail_with_what_a_server_says(small_lab: Lab, tmp_path: Path, task: str, message: str) -> None:
    playbook = f"- name: One task\n  hosts: sync_servers\n  gather_facts: false\n  tasks:\n    - name: It fails\n      {task}\n"
    outcome = run(small_lab, playbook, tmp_path)
    assert outcome.code != 0
    assert message in outcome.output
    assert "Traceback" not in outcome.output
