# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twin of ansible.windows.win_wait_for (3.3.0).

Nothing in the lab changes by waiting alone: what is not there at once is answered with the timeout's message, at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..estate.files import FileProblem
from ..estate.host import Host
from ..estate.shares import read_file
from .registry import ModuleCall, ModuleFailure, twin

_WINRM_PORT = 5986
# Ports that a running service listens on.
_SERVICE_PORTS = {135: "rpcss", 445: "lanmanserver", 3389: "termservice", 5985: "winrm", _WINRM_PORT: "winrm"}
_SQL_PORT = 1433
_DIRECTORY_PORTS = frozenset({53, 88, 389, 636, 3268, 3269})


@twin(
    "ansible.windows.win_wait_for",
    implements=frozenset({"connect_timeout", "delay", "host", "path", "port", "regex", "sleep", "state", "timeout"}),
)
def win_wait_for(call: ModuleCall) -> dict[str, Any]:
    options = call.arguments
    _validate(options)
    refusal = _refusal(call)
    if refusal:
        raise ModuleFailure(refusal, elapsed=float(options["timeout"]), wait_attempts=max(1, options["timeout"] // max(1, options["sleep"])))
    return {"changed": False, "elapsed": 0.0, "wait_attempts": 1}


def _validate(options: Mapping[str, Any]) -> None:
    port, path, state = options.get("port"), options.get("path"), options["state"]
    if port is not None and path is not None:
        raise ModuleFailure("port and path parameter can not both be passed to win_wait_for", elapsed=0)
    if path is not None and state in ("stopped", "drained"):
        raise ModuleFailure(f"state={state} should only be used for checking a port in the win_wait_for module", elapsed=0)
    if port is not None and options.get("regex") is not None:
        raise ModuleFailure("regex should by used when checking a string in a file in the win_wait_for module", elapsed=0)


def _refusal(call: ModuleCall) -> str:
    """The message of the timeout; empty when the state is the wanted one."""
    options = call.arguments
    if options.get("path") is not None:
        return _path_refusal(call, options["path"], options.get("regex"), options["state"])
    if options.get("port") is None:
        return ""
    name, port = options["host"], options["port"]
    listening = _listens(call.host, name, port)
    if options["state"] in ("started", "present"):
        return "" if listening else f"timeout while waiting for {name}:{port} to start listening"
    if options["state"] == "drained":
        return ""
    return f"timeout while waiting for {name}:{port} to stop listening" if listening else ""


def _path_refusal(call: ModuleCall, path: str, regex: str | None, state: str) -> str:
    there = call.host.files.exists(path)
    if regex is not None:
        there = there and _matches(call, path, regex)
    if state == "absent":
        text = f"file {path} to be absent" if regex is None else f"string regex {regex} in file {path} to not match"
        return f"timeout while waiting for {text}" if there else ""
    text = f"file {path} to be present" if regex is None else f"string regex {regex} in file {path} to match"
    return "" if there else f"timeout while waiting for {text}"


def _matches(call: ModuleCall, path: str, regex: str) -> bool:
    try:
        content = read_file(call.host, call.session, path)
    except FileProblem as problem:
        raise ModuleFailure(str(problem), elapsed=0) from None
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    return re.search(regex, content.decode(encoding, errors="replace"), re.IGNORECASE) is not None


def _listens(host: Host, name: str, port: int) -> bool:
    target = _target(host, name)
    if target is None or not target.reachable:
        return False
    if port in _DIRECTORY_PORTS:
        return target.os.product_type == 2
    if port == _SQL_PORT and "sql" in target.components:
        return True
    if any(f":{port}/" in url or url.endswith(f":{port}") for url in _urls(target)):
        return True
    service = target.service(_SERVICE_PORTS.get(port, ""))
    return service is not None and service.state == "running"


def _urls(target: Host) -> list[str]:
    web = target.estate.web if target.estate is not None else {}
    names = (f"//{target.name}:".casefold(), f"//{target.fqdn}:".casefold())
    return [url for url in web if any(name in url.casefold() for name in names)]


def _target(host: Host, name: str) -> Host | None:
    if name.casefold() in ("127.0.0.1", "localhost", "::1", host.name.casefold(), host.fqdn.casefold()) or host.estate is None:
        return host
    try:
        return host.estate.host(name)
    except KeyError:
        return None
