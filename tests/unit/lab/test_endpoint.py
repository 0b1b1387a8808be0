# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A client's view of the endpoint: who gets in, what a shell does, several hosts at once."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
import winrm
from ansible_collections.mimsync.sharepoint.lab.estate.estate import EstateOptions
from ansible_collections.mimsync.sharepoint.lab.harness import Lab, running_lab
from ansible_collections.mimsync.sharepoint.lab.modules.scripts import SCRIPTS, UNLOCKED
from ansible_collections.mimsync.sharepoint.lab.wsman import protocol
from ansible_collections.mimsync.sharepoint.lab.wsman.shells import Completed
from small_estate import PASSWORD, build_small_estate
from winrm.exceptions import InvalidCredentialsError, WinRMOperationTimeoutError, WSManFaultError

ADDRESS = "127.20.9.10"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running_lab(tmp_path_factory.mktemp("lab"), EstateOptions(first_address=ADDRESS), builder=build_small_estate) as running:
        yield running


def client(lab: Lab, *, host: str = "ONE", user: str = "EXAMPLE\\mimsetup", password: str = PASSWORD, transport: Any = "ntlm", **more: Any) -> winrm.Protocol:
    options = {"server_cert_validation": "validate", "ca_trust_path": str(lab.folder.authority), **more}
    endpoint = f"https://{lab.estate.hosts[host].address}:{lab.port}/wsman"
    return winrm.Protocol(endpoint, transport=transport, username=user, password=password, **options)


def encoded(script: str) -> list[str]:
    return ["-NoProfile", "-EncodedCommand", base64.b64encode(script.encode("utf-16-le")).decode()]


@pytest.fixture
def echo() -> Iterator[list[bytes]]:
    """The script `big N` answers N bytes; `slow` waits until the test lets it go on."""
    import re
    import threading

    gate = threading.Event()
    found = [
        (re.compile(r"big (\d+)"), lambda match, host, session: Completed(b"x" * int(match[1]), b"warned", 3)),
        (re.compile("slow"), lambda match, host, session: Completed(b"late" if gate.wait(20) else b"never")),
        (re.compile("go"), lambda match, host, session: Completed(b"") if gate.set() is None else Completed()),
    ]
    SCRIPTS.extend(found)
    UNLOCKED.update(function for _unused, function in found)
    yield []
    gate.set()
    for each in found:
        SCRIPTS.remove(each)


@pytest.mark.parametrize("transport", ["ntlm", "basic"])
@pytest.mark.parametrize("user", ["EXAMPLE\\mimsetup", "example\\MIMSETUP", "mimsetup@corp.example.com", "corp.example.com\\mimsetup"])
def test_an_administrator_through_nested_groups_gets_a_shell(lab: Lab, transport: str, user: str) -> None:
    protocol_client = client(lab, user=user, transport=transport)
    protocol_client.close_shell(protocol_client.open_shell())


@pytest.mark.parametrize("transport", ["ntlm", "basic"])
@pytest.mark.parametrize(
    ("user", "password"),
    [
        ("EXAMPLE\\mimsetup", "wrong"),
        ("EXAMPLE\\nobody", PASSWORD),
        ("EXAMPLE\\locked", PASSWORD),
        ("EXAMPLE\\disabled", PASSWORD),
        ("OTHER\\mimsetup", PASSWORD),
    ],
)
def test_fail_logons_are_answered_with_401(lab: Lab, transport: str, user: str, password: str) -> None:
    with pytest.raises(InvalidCredentialsError):
        client(lab, user=user, password=password, transport=transport).open_shell()


def test_fail_without_administrator_rights_is_access_denied(lab: Lab) -> None:
    with pytest.raises(WSManFaultError) as caught:
        client(lab, user="EXAMPLE\\plain").open_shell()
    assert "Access is denied" in str(caught.value)


def test_a_wrong_password_is_counted(lab: Lab) -> None:
    lab.estate.directory.recorded.clear()  # type: ignore[attr-defined]  # the stand-in notes them
    with pytest.raises(InvalidCredentialsError):
        client(lab, password="wrong").open_shell()
    assert lab.estate.directory.recorded == [("mimsetup", False)]  # type: ignore[attr-defined]


def test_fail_without_the_authority_the_certificate_is_not_trusted(lab: Lab) -> None:
    with pytest.raises(requests.exceptions.SSLError):
        client(lab, ca_trust_path=True).open_shell()


def test_membership_counts_from_the_next_logon_on(lab: Lab) -> None:
    plain = lab.estate.directory.entries["plain"]  # type: ignore[attr-defined]
    admins = lab.estate.directory.entries["mimsetup"].groups  # type: ignore[attr-defined]
    before = client(lab, user="EXAMPLE\\plain")
    with pytest.raises(WSManFaultError):
        before.open_shell()
    plain.groups = admins
    try:
        with pytest.raises(WSManFaultError):
            before.open_shell()
        client(lab, user="EXAMPLE\\plain").open_shell()
    finally:
        plain.groups = frozenset()


def test_large_output_comes_in_parts_and_ends_with_the_exit_code(lab: Lab, echo: list[bytes]) -> None:
    one = client(lab)
    shell = one.open_shell()
    command = one.run_command(shell, "PowerShell", encoded("big 400000"))
    assert one.get_command_output(shell, command) == (b"x" * 400000, b"warned", 3)
    one.cleanup_command(shell, command)
    one.close_shell(shell)


def test_receive_times_out_while_a_command_runs_and_goes_on_later(lab: Lab, echo: list[bytes]) -> None:
    one = client(lab, operation_timeout_sec=1, read_timeout_sec=5)
    shell = one.open_shell()
    command = one.run_command(shell, "PowerShell", encoded("slow"))
    with pytest.raises(WinRMOperationTimeoutError):
        one.get_command_output_raw(shell, command)
    one.run_command(shell, "PowerShell", encoded("go"))
    assert one.get_command_output(shell, command)[0] == b"late"


def test_fail_unknown_shells_and_commands(lab: Lab) -> None:
    one = client(lab)
    shell = one.open_shell()
    for wanted, call in (("ShellId", lambda: one.run_command("8D4E", "x")), ("invalid selectors", lambda: one.get_command_output_raw(shell, "8D4E"))):
        with pytest.raises(WSManFaultError) as caught:
            call()
        assert caught.value.wsman_fault_code == protocol.INVALID_SELECTORS
        assert wanted in str(caught.value) or "invalid selectors" in str(caught.value)


def test_fail_a_shell_belongs_to_who_opened_it(lab: Lab) -> None:
    shell = client(lab).open_shell()
    plain = lab.estate.directory.entries["plain"]  # type: ignore[attr-defined]
    plain.groups = lab.estate.directory.entries["mimsetup"].groups  # type: ignore[attr-defined]
    try:
        with pytest.raises(WSManFaultError):
            client(lab, user="EXAMPLE\\plain").run_command(shell, "PowerShell", encoded("x"))
    finally:
        plain.groups = frozenset()


def test_fail_a_program_that_is_not_powershell(lab: Lab) -> None:
    one = client(lab)
    shell = one.open_shell()
    out, _unused, code = one.get_command_output(shell, one.run_command(shell, "cmd.exe", ["/c", "dir"]))
    assert code == 1
    assert b"no program but PowerShell" in out


def test_many_clients_on_several_hosts_at_once(lab: Lab, echo: list[bytes]) -> None:
    def run(number: int) -> int:
        one = client(lab, host=("ONE", "TWO")[number % 2])
        shell = one.open_shell()
        size = len(one.get_command_output(shell, one.run_command(shell, "PowerShell", encoded(f"big {number}")))[0])
        one.close_shell(shell)
        return size

    before = lab.executions_by_host()
    with ThreadPoolExecutor(12) as pool:
        assert list(pool.map(run, range(24))) == list(range(24))
    after = lab.executions_by_host()
    assert {name: after[name] - before.get(name, 0) for name in after} == {"ONE": 12, "TWO": 12}


def test_an_unreachable_host_does_not_listen(lab: Lab) -> None:
    lab.call("set_reachable", host="TWO", reachable=False)
    try:
        for _unused in range(100):
            try:
                client(lab, host="TWO").open_shell()
            except requests.exceptions.ConnectionError:
                break
        else:
            pytest.fail("the host still listens")
    finally:
        lab.call("set_reachable", host="TWO", reachable=True)


def post(lab: Lab, body: bytes, *, path: str = "/wsman") -> requests.Response:
    url = f"https://{lab.estate.hosts['ONE'].address}:{lab.port}{path}"
    return requests.post(url, data=body, auth=("EXAMPLE\\mimsetup", PASSWORD), verify=str(lab.folder.authority), timeout=10)


def test_fail_bodies_that_are_no_message(lab: Lab) -> None:
    assert post(lab, b"<broken").status_code == 400
    too_large = post(lab, b"x" * (protocol.MAX_ENVELOPE + 1))
    assert too_large.status_code == 500
    assert str(protocol.ENVELOPE_TOO_LARGE) in too_large.text
    assert post(lab, b"", path="/other").status_code == 404


def test_nothing_secret_is_written_but_the_secrets_file(lab: Lab) -> None:
    holders = [path for path in Path(lab.folder.path).rglob("*") if path.is_file() and PASSWORD.encode() in path.read_bytes()]
    assert holders == [lab.folder.secrets]
    assert lab.folder.secrets.stat().st_mode & 0o777 == 0o600
