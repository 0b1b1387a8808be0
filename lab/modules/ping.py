# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twin of ansible.windows.win_ping."""

from __future__ import annotations

from typing import Any

from .registry import ModuleCall, ModuleFailure, twin


@twin("ansible.windows.win_ping", implements=frozenset({"data"}))
def win_ping(call: ModuleCall) -> dict[str, Any]:
    data = call.arguments.get("data") or "pong"
    if data == "crash":
        raise ModuleFailure("Unhandled exception while executing module: boom")
    return {"changed": False, "ping": data}
