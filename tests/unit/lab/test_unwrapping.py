# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What Ansible sends is understood: built by ansible-core itself, and in the form of the versions before."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from ansible.executor.powershell import module_manifest
from ansible_collections.mimsync.sharepoint.lab.modules.protocol import HelperRun, ModuleRun, ProtocolError, ScriptRun, first_line, unwrap
from hypothesis import given
from hypothesis import strategies as st

BOOTSTRAP = module_manifest._get_powershell_script("bootstrap_wrapper.ps1").decode()
BEFORE_2_19 = '$exec_wrapper_str = $input | Out-String\n$split_parts = $exec_wrapper_str.Split(@("`0`0`0`0"), 2)\n& ([ScriptBlock]::Create($split_parts[0]))'
ARGUMENTS = {"data": "x", "_ansible_module_name": "ansible.windows.win_ping"}


def command(script: str) -> tuple[str, str]:
    return "PowerShell", f"-NoProfile -NonInteractive -EncodedCommand {base64.b64encode(script.encode('utf-16-le')).decode()}"


def manifest(actions: list[dict[str, Any]]) -> bytes:
    scripts = {"ansible_collections.ansible.windows.plugins.modules.win_ping.ps1": {"path": "x", "script": base64.b64encode(b"# ping").decode()}}
    first = json.dumps({"name": "exec_wrapper", "script": "x", "params": {}})
    return f"{first}\n\0\0\0\0\n{json.dumps({'scripts': scripts, 'actions': actions, 'signed_hashlist': []})}".encode()


def module_action(**more: Any) -> dict[str, Any]:
    variables = [{"Name": "complex_args", "Value": ARGUMENTS, "Scope": "Global"}]
    script = "ansible_collections.ansible.windows.plugins.modules.win_ping.ps1"
    return {"name": "module_wrapper.ps1", "params": {"Script": script, "Variables": variables, "Environment": {"A": "1"}, **more}, "secure_params": {}}


def test_a_module() -> None:
    run = unwrap(*command(BOOTSTRAP), manifest([module_action()]))
    assert isinstance(run, ModuleRun)
    assert (run.name, run.arguments["data"], run.environment, run.scripts[run.script]) == ("ansible.windows.win_ping", "x", {"A": "1"}, "# ping")


def test_become_and_background_around_a_module() -> None:
    become = {"name": "become_wrapper.ps1", "params": {"BecomeUser": "X\\u", "LogonType": "Batch"}, "secure_params": {"BecomePassword": "hush"}}
    start = {"name": "async_wrapper.ps1", "params": {"AsyncJid": "j1", "AsyncDir": "%TEMP%", "StartupTimeout": 5}, "secure_params": {}}
    watch = {"name": "async_watchdog.ps1", "params": {"Timeout": 30}, "secure_params": {}}
    run = unwrap(*command(BOOTSTRAP), manifest([become, start, watch, module_action()]))
    assert isinstance(run, ModuleRun)
    assert run.become is not None
    assert run.background is not None
    assert (run.become.user, run.become.password, run.become.logon_type) == ("X\\u", "hush", "Batch")
    assert (run.background.job_id, run.background.timeout) == ("j1", 30)
    assert "hush" not in repr(run)


def test_a_file_that_is_sent() -> None:
    script, data = module_manifest._bootstrap_powershell_script("winrm_put_file.ps1", {"Path": "C:\\x"}, has_input=True)
    run = unwrap(*command(script), data + b"aGVsbG8=\r\n")
    assert run == HelperRun("winrm_put_file.ps1", {"Path": "C:\\x"}, b"aGVsbG8=\r\n")


def test_the_form_of_2_17_and_2_18() -> None:
    wrapped = {
        "module_entry": base64.b64encode(b"# ping").decode(),
        "powershell_modules": {"Util": base64.b64encode(b"# util").decode()},
        "csharp_utils": {},
        "module_args": ARGUMENTS,
        "actions": ["become_wrapper", "module_wrapper"],
        "environment": {},
        "become_user": "SYSTEM",
        "become_password": None,
        "become_flags": "logon_type=new_credentials",
    }
    run = unwrap(*command(BEFORE_2_19), b"exec wrapper text\0\0\0\0" + json.dumps(wrapped).encode())
    assert isinstance(run, ModuleRun)
    assert run.become is not None
    assert (run.name, run.scripts[run.script], run.become.user, run.become.logon_type) == ("ansible.windows.win_ping", "# ping", "SYSTEM", "NewCredentials")


PUT_BEFORE_2_19 = """begin {
$path = 'C:\\it''s'
$fd = [System.IO.File]::Create($path)
}
end { $sha1.TransformFinalBlock($bytes, 0, 0) | Out-Null }"""
FETCH_BEFORE_2_19 = """$path = 'C:\\x'
If (Test-Path -LiteralPath $path -PathType Leaf)
{
$buffer_size = 100
$offset = 50
$stream = New-Object -TypeName IO.FileStream($path, [IO.FileMode]::Open)
}"""


def test_files_of_2_17_and_2_18() -> None:
    assert unwrap(*command(PUT_BEFORE_2_19), b"AA==") == HelperRun("winrm_put_file.ps1", {"Path": "C:\\it's"}, b"AA==")
    assert unwrap(*command(FETCH_BEFORE_2_19), b"") == HelperRun("winrm_fetch_file.ps1", {"Path": "C:\\x", "BufferSize": 100, "Offset": 50})


def test_a_powershell_started_by_a_powershell_is_unwrapped_too() -> None:
    program, arguments = command(BOOTSTRAP)
    run = unwrap(*command(f"{program} {arguments}"), manifest([module_action()]))
    assert isinstance(run, ModuleRun)
    assert unwrap(*command(f"{program} {command('hostname')[1]}"), b"") == ScriptRun("hostname", b"")


def test_builtin_names_of_2_17_and_2_18_are_those_of_windows_modules() -> None:
    wrapped = {"module_entry": "", "module_args": {"_ansible_module_name": "ansible.legacy.stat"}}
    run = unwrap(*command(BEFORE_2_19), b"x\0\0\0\0" + json.dumps(wrapped).encode())
    assert isinstance(run, ModuleRun)
    assert run.name == "ansible.windows.win_stat"


def test_a_plain_script_loses_what_ansible_put_around_it() -> None:
    tail = "\nIf (-not $?) { If (Get-Variable LASTEXITCODE -ErrorAction SilentlyContinue) { exit $LASTEXITCODE } Else { exit 1 } }"
    assert unwrap(*command(f"Set-StrictMode -Version Latest\nhostname{tail}"), b"") == ScriptRun("hostname", b"")


@pytest.mark.parametrize(
    ("line", "data", "message"),
    [
        (("cmd.exe", "/c dir"), b"", "no program but PowerShell"),
        (("PowerShell", "-File x.ps1"), b"", "EncodedCommand only"),
        (("PowerShell", "-EncodedCommand ???"), b"", "not base64"),
        (command(BOOTSTRAP), b"{}", "four NUL bytes"),
        (command(BOOTSTRAP), b"{}\n\0\0\0\0\nnot json", "not JSON"),
        (command(BOOTSTRAP), b"{}\n\0\0\0\0\n[]", "not a JSON object"),
        (command(BOOTSTRAP), b"{}\n\0\0\0\0\n{}", "not as ansible-core writes it"),
        (command(BOOTSTRAP), manifest([{"name": "coverage_wrapper.ps1", "params": {}}, module_action()]), "coverage_wrapper"),
        (command(BOOTSTRAP), manifest([module_action(Variables=[])]), "no script files"),
    ],
)
def test_fail_what_ansible_does_not_send(line: tuple[str, str], data: bytes, message: str) -> None:
    with pytest.raises(ProtocolError, match=message):
        unwrap(*line, data)


@given(st.binary(max_size=200))
def test_any_input_is_understood_or_refused(data: bytes) -> None:
    for script in (BOOTSTRAP, BEFORE_2_19):
        with pytest.raises(ProtocolError):
            unwrap(*command(script), data)


def test_first_lines_of_scripts() -> None:
    assert first_line("\n# a comment\n  Get-Item x\n") == "Get-Item x"
    assert first_line("") == "(empty)"
