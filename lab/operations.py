# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What can be asked of and done to a lab by hand: look around, and drift (so that tests can see it mended).

Everything takes and gives plain JSON values. Other rooms may register more with `@operation`.
"""

from __future__ import annotations

import base64
import importlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from .estate.directory_errors import DirectoryError
from .estate.files import FileProblem
from .estate.services import ServiceProblem, start_service, stop_service
from .modules.journal import executions, reset_executions

if TYPE_CHECKING:
    from .estate.directory import Directory
    from .estate.estate import Estate
    from .estate.host import Host


class OperationProblem(Exception):
    """The operation cannot be done; the message says why."""


Operation = Callable[..., Any]
OPERATIONS: dict[str, Operation] = {}
OTHER_ROOMS = ("by_hand", "change_operations", "profile_listing", "table_rows")


def operation(function: Operation) -> Operation:
    """Registers a function (estate, **values) under its own name."""
    OPERATIONS[function.__name__] = function
    return function


def load_operations() -> None:
    """Imports the other rooms' operations, which register themselves."""
    for name in OTHER_ROOMS:
        importlib.import_module(f".{name}", __package__)


class Operations:
    """The operations on one estate."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate

    def run(self, name: str, values: Mapping[str, Any]) -> Any:
        """Raises OperationProblem."""
        function = OPERATIONS.get(name)
        if function is None:
            raise OperationProblem(f"there is no operation {name}; there are {', '.join(sorted(OPERATIONS))}")
        try:
            with self._estate.lock:
                return function(self._estate, **values)
        except (DirectoryError, FileProblem, ServiceProblem) as problem:
            raise OperationProblem(str(problem)) from problem
        except TypeError as problem:
            raise OperationProblem(f"{name}: {problem}") from problem


@operation
def ping(estate: Estate) -> str:
    return "pong"


@operation
def status(estate: Estate) -> dict[str, Any]:
    """Hosts with their services that are not Windows' own, and the counters."""
    hosts = [
        {
            "name": host.name,
            "fqdn": host.fqdn,
            "address": host.address,
            "role": host.role,
            "reachable": host.reachable,
            "restart_pending": bool(host.restart_reasons),
            "services": {service.name: service.state for service in host.services.values()},
            "programs": [f"{program.name} {program.version}" for program in host.programs.values()],
        }
        for host in estate.hosts.values()
    ]
    return {"hosts": hosts, "executions": executions(estate), "counters": dict(estate.counters)}


@operation
def counters(estate: Estate) -> dict[str, int]:
    """Remote executions by host."""
    return executions(estate)


@operation
def reset_counters(estate: Estate) -> None:
    reset_executions(estate)


@operation
def people(estate: Estate, limit: int = 40) -> list[dict[str, Any]]:
    """Some people of the directory."""
    rows = []
    for entry in estate.directory.search(estate.directory.domain_dn, query="(&(objectClass=user)(displayName=*))"):
        rows.append({name: entry.text(name) for name in ("sAMAccountName", "displayName", "mail", "department")} | {"dn": entry.dn})
        if len(rows) >= limit:
            break
    return rows


@operation
def set_attributes(estate: Estate, account: str, attributes: dict[str, Any]) -> bool:
    """Replaces attributes of an object; null clears one."""
    directory, entry = _place(estate, account)
    return directory.set(entry, attributes)


@operation
def get_attributes(estate: Estate, account: str) -> dict[str, list[Any]]:
    """All attributes of an object; bytes as base64."""
    entry = _entry(estate, account)
    return {name: [_plain(value) for value in entry.values(name)] for name in entry.names()}


@operation
def delete_object(estate: Estate, account: str) -> None:
    directory, entry = _place(estate, account)
    directory.delete(entry, recursive=True)


@operation
def move_object(estate: Estate, account: str, parent: str, name: str | None = None) -> str:
    """Moves an object below another; the answer is its new DN."""
    directory, entry = _place(estate, account)
    directory.move(entry, _entry(estate, parent), name)
    return str(entry.dn)


@operation
def set_service(estate: Estate, host: str, service: str, *, state: str = "", account: str = "", start_mode: str = "") -> str:
    """Starts, stops or changes a service; the answer is its state."""
    found = _host(estate, host).service(service)
    if found is None:
        raise OperationProblem(f"{host} has no service {service}")
    found.account = account or found.account
    found.start_mode = start_mode or found.start_mode
    if state == "stopped":
        stop_service(_host(estate, host), found, force=True)
    elif state == "running":
        start_service(_host(estate, host), found)
    elif state:
        raise OperationProblem(f"a service's state is running or stopped, not {state}")
    return found.state


@operation
def write_file(estate: Estate, host: str, path: str, text: str = "", content: str = "") -> None:
    """Replaces a file by a text or by base64 `content`."""
    data = base64.b64decode(content) if content else text.encode()
    _host(estate, host).files.write(path, data, now=estate.now())


@operation
def read_file(estate: Estate, host: str, path: str) -> str:
    """A file as base64."""
    return base64.b64encode(_host(estate, host).files.read(path)).decode()


@operation
def remove_file(estate: Estate, host: str, path: str) -> bool:
    return _host(estate, host).files.remove(path)


@operation
def set_reachable(estate: Estate, host: str, reachable: bool) -> None:
    _host(estate, host).reachable = reachable


@operation
def set_local_group(estate: Estate, host: str, group: str, members: list[str]) -> None:
    """Replaces the members of a host's local group, by account names."""
    _host(estate, host).local_groups[group] = {_entry(estate, member).sid for member in members}


@operation
def set_user_right(estate: Estate, host: str, right: str, accounts: list[str]) -> None:
    """Replaces the holders of a right on a host, by account names."""
    _host(estate, host).user_rights[right] = {_entry(estate, account).sid for account in accounts}


def _host(estate: Estate, name: str) -> Host:
    try:
        return estate.host(name)
    except KeyError:
        raise OperationProblem(f"the lab has no host {name}") from None


def _entry(estate: Estate, name: str) -> Any:
    return _place(estate, name)[1]


def _place(estate: Estate, name: str) -> tuple[Directory, Any]:
    """An object of any forest, the estate's own first, with the domain that holds it."""
    for forest in (estate.directory, *estate.other_forests):
        entry = forest.resolve(name)
        if entry is not None:
            return forest.domain_of(entry), entry
    raise OperationProblem(f"the lab's directory has no object {name}")


def _plain(value: Any) -> Any:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value
