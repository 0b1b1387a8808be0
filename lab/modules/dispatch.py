# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From a module's call to its twin's answer: arguments checked first, failures shaped as the real module shapes them."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

from ..wsman.shells import Completed
from . import answers
from .journal import Journal
from .protocol import ModuleRun
from .registry import TWINS, ModuleCall, ModuleFailure

if TYPE_CHECKING:
    from ..estate.host import Host
    from ..estate.session import Session


def run_module(run: ModuleRun, host: Host, session: Session, journal: Journal) -> Completed:
    """Never raises."""
    function = TWINS.get(run.name)
    if function is None:
        return answers.refused(f"the module {run.name} is not simulated")
    arguments = {name: value for name, value in run.arguments.items() if not name.startswith("_ansible_")}
    call = ModuleCall(run.name, arguments, host, session, bool(run.arguments.get("_ansible_check_mode")), bool(run.arguments.get("_ansible_diff")), run.scripts)
    try:
        result = function(call)
    except ModuleFailure as failure:
        return answers.module_answer({"changed": False, **failure.result, "failed": True, "msg": failure.message})
    except Exception:  # noqa: BLE001 - a fault of a twin must become a failed task, not a lost connection
        journal.note(f"{host.name} {run.name} failed in the lab itself\n{traceback.format_exc()}")
        return answers.refused(f"the twin of {run.name} failed; the lab's log has the details")
    return answers.module_answer(result)
