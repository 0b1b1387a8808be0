# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sends a module to the lab as ansible-core does, without a connection: the installed module's source and its utils."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import ansible_collections.ansible.windows
from ansible_collections.mimsync.sharepoint.lab.estate.host import Host
from ansible_collections.mimsync.sharepoint.lab.estate.session import Session
from ansible_collections.mimsync.sharepoint.lab.modules.catalogue import load_twins
from ansible_collections.mimsync.sharepoint.lab.modules.dispatch import run_module
from ansible_collections.mimsync.sharepoint.lab.modules.journal import Journal
from ansible_collections.mimsync.sharepoint.lab.modules.protocol import ModuleRun

COLLECTIONS = Path(next(iter(ansible_collections.ansible.windows.__path__))).parents[1]
FIXTURES = Path(__file__).resolve().parents[3] / "shared" / "fixtures"
SESSION = Session("EXAMPLE\\mimsetup", "S-1-5-21-1-2-3-1001", frozenset({"S-1-5-32-544"}), administrator=True)


@cache
def sources(module: str) -> Mapping[str, str]:
    """The scripts that Ansible sends for a module: itself and its collection's PowerShell utils."""
    namespace, collection, name = module.split(".")
    folder = COLLECTIONS / namespace / collection / "plugins"
    lead = f"ansible_collections.{namespace}.{collection}.plugins"
    scripts = {f"{lead}.modules.{name}.ps1": (folder / "modules" / f"{name}.ps1").read_text(encoding="utf-8")}
    for utility in folder.glob("module_utils/*.psm1"):
        scripts[f"{lead}.module_utils.{utility.name}"] = utility.read_text(encoding="utf-8")
    return scripts


def send(host: Host, module: str, arguments: Mapping[str, Any], *, check_mode: bool = False, diff: bool = False, session: Session = SESSION) -> dict[str, Any]:
    """The module's answer, without what Ansible takes off."""
    load_twins()
    assert host.estate is not None
    scripts = sources(module)
    internal = {"_ansible_check_mode": check_mode, "_ansible_diff": diff, "_ansible_no_log": False, "_ansible_module_name": module}
    run = ModuleRun(module, next(iter(scripts)), scripts, {**arguments, **internal})
    completed = run_module(run, host, session, Journal(host.estate))
    answer: dict[str, Any] = json.loads(completed.stdout)
    answer.pop("invocation", None)
    return answer
