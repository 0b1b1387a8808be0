# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The one function that runs a verb on a host: one remote execution, through ansible.windows.win_powershell."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Union

from ..errors import RemoteError

MODULE = "ansible.windows.win_powershell"
VERBS = Path(__file__).parent / "verbs"
# The answer is JSON text inside of one hashtable, so the module's own conversion needs to go no deeper.
DEPTH = 2


@dataclass(frozen=True)
class Credential:
    """Becomes a PSCredential on the host."""

    username: str
    password: str = field(repr=False)


# A text becomes a SecureString where the script declares one, else stays a text.
Secret = Union[str, Credential]
ModuleRunner = Callable[[str, dict[str, Any]], dict[str, Any]]


def run_verb(run_module: ModuleRunner, verb: str, parameters: Mapping[str, Any], secrets: Mapping[str, Secret] | None = None) -> Any:
    """Runs `verbs/<verb>.ps1` and gives back its answer; raises RemoteError with the script's own message.

    Parameters that are None are left out, so that the script's defaults count.
    """
    given = {name: value for name, value in parameters.items() if value is not None}
    arguments: dict[str, Any] = {"script": script_of(verb), "parameters": given, "error_action": "stop", "depth": DEPTH}
    if secrets:
        arguments["sensitive_parameters"] = [_sensitive(name, secret) for name, secret in secrets.items()]
    return answer_of(verb, run_module(MODULE, arguments))


@cache
def script_of(verb: str) -> str:
    """The text of a verb's script."""
    return (VERBS / f"{verb}.ps1").read_text(encoding="utf-8")


def answer_of(verb: str, result: Mapping[str, Any]) -> Any:
    """What the script put into `$Ansible.Result.answer`; raises RemoteError."""
    if result.get("failed"):
        raise RemoteError(failure_of(result), verb=verb)
    if result.get("skipped"):
        raise RemoteError(f"the host skipped the verb {verb}: {result.get('msg', 'no reason given')}", verb=verb)
    try:
        return json.loads(result["result"]["answer"])
    except (KeyError, TypeError, ValueError):
        raise RemoteError(f"the host's answer to the verb {verb} is not what its script promises", verb=verb) from None


def failure_of(result: Mapping[str, Any]) -> str:
    """The message of the last error record, else the module's own."""
    for record in reversed(result.get("error") or ()):
        message = (record.get("exception") or {}).get("message") or record.get("output")
        if message:
            return str(message).strip()
    return str(result.get("msg") or result.get("module_stderr") or "the host gave no reason").strip()


def _sensitive(name: str, secret: Secret) -> dict[str, str]:
    if isinstance(secret, Credential):
        return {"name": name, "username": secret.username, "password": secret.password}
    return {"name": name, "value": secret}
