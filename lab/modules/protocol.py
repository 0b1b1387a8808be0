# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What Ansible sends as a command line and standard input, unwrapped to typed calls. Bytes in, values out.

Two forms are known: ansible-core 2.19's (JSON, a line of four NUL bytes, JSON with scripts and actions) and that of
2.17 and 2.18 (the exec wrapper's text, four NUL bytes, JSON with module_entry and module_args).
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Union

MARK = b"\0\0\0\0"


class ProtocolError(Exception):
    """The command line or its input is nothing that Ansible sends; the message says what was found."""


@dataclass(frozen=True)
class Become:
    """`password` is None for an account without one; `logon_type` in runas' words (Interactive, Batch, ...)."""

    user: str
    password: str | None = field(default=None, repr=False)
    logon_type: str = "Interactive"


@dataclass(frozen=True)
class Background:
    """An async task: `timeout` in seconds, `folder` with environment variables in it."""

    job_id: str
    folder: str
    timeout: int


@dataclass(frozen=True)
class ModuleRun:
    """`scripts` holds the texts that were sent, by name; `script` is the module's own name among them."""

    name: str
    script: str
    scripts: Mapping[str, str] = field(repr=False)
    arguments: Mapping[str, Any] = field(repr=False)
    environment: Mapping[str, str] = field(default_factory=dict)
    become: Become | None = None
    background: Background | None = None


@dataclass(frozen=True)
class HelperRun:
    """One of ansible-core's own small scripts (winrm_put_file.ps1, ...); `data` is the input that follows."""

    name: str
    parameters: Mapping[str, Any]
    data: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class ScriptRun:
    """A script given on the command line, without the strict-mode and exit-code lines that Ansible adds."""

    text: str
    data: bytes = field(default=b"", repr=False)


Run = Union[ModuleRun, HelperRun, ScriptRun]

_ENCODED = re.compile(r"-e(?:c|nc\w*)?\s+(\S+)\s*$", re.IGNORECASE)
_NESTED = re.compile(r"PowerShell( (?:-\w+ (?:\w+ )?)*-EncodedCommand [A-Za-z0-9+/=]+)")
_STRICT = re.compile(r"^Set-StrictMode -Version Latest\s*\n")
_EXIT_CODE = re.compile(
    r"\n?If \(-not \$\?\) \{ If \(Get-Variable LASTEXITCODE -ErrorAction SilentlyContinue\) "
    r"\{ exit \$LASTEXITCODE \} Else \{ exit 1 \} \}\s*$"
)


def unwrap(command: str, arguments: str, data: bytes) -> Run:
    """Raises ProtocolError."""
    text = script_of(command, arguments)
    # Before 2.19 the module's command line is itself the script of another PowerShell.
    inner = _NESTED.fullmatch(text.strip())
    if inner:
        text = script_of("PowerShell", inner.group(1))
    return _known(text, data) or ScriptRun(text, data)


def _known(text: str, data: bytes) -> Run | None:
    """What is recognized by the wrapper's own words."""
    if "ConvertFrom-Json -InputObject $codeJson" in text:
        return _wrapped(data)
    if "$split_parts" in text and "$input | Out-String" in text:
        return _wrapped_before_2_19(data)
    return _file_transfer_before_2_19(text, data)


def _file_transfer_before_2_19(text: str, data: bytes) -> HelperRun | None:
    """The connection plugin's own scripts, as texts with the path in them."""
    path = re.search(r"\$path = '((?:[^']|'')*)'", text)
    if not path:
        return None
    parameters: dict[str, Any] = {"Path": path.group(1).replace("''", "'")}
    if "[System.IO.File]::Create($path)" in text and "TransformFinalBlock" in text:
        return HelperRun("winrm_put_file.ps1", parameters, data)
    part = re.search(r"\$buffer_size = (\d+)\s+\$offset = (\d+)", text)
    if not part or "IO.FileStream($path" not in text:
        return None
    return HelperRun("winrm_fetch_file.ps1", {**parameters, "BufferSize": int(part.group(1)), "Offset": int(part.group(2))})


def script_of(command: str, arguments: str) -> str:
    """The script of `PowerShell -EncodedCommand ...`; raises ProtocolError for another program."""
    program = re.split(r"[\\/]", command.strip('"'))[-1].casefold().removesuffix(".exe")
    if program != "powershell":
        raise ProtocolError(f"the lab runs no program but PowerShell; it was asked for '{command[:80]}'")
    found = _ENCODED.search(arguments)
    if not found:
        raise ProtocolError("the lab runs PowerShell with -EncodedCommand only")
    try:
        text = base64.b64decode(found.group(1), validate=True).decode("utf-16-le")
    except (binascii.Error, ValueError):
        raise ProtocolError("the argument of -EncodedCommand is not base64 of UTF-16 text") from None
    return _EXIT_CODE.sub("", _STRICT.sub("", text.replace("\r\n", "\n")))


def first_line(script: str) -> str:
    """The first line that says something, for messages about a script; at most 80 characters."""
    lines = (line.strip() for line in script.splitlines())
    return next((line[:80] for line in lines if line and not line.startswith("#")), "(empty)")


def _wrapped(data: bytes) -> Run:
    parts = re.split(rb"\r?\n\0\0\0\0\r?\n", data, maxsplit=2)
    if len(parts) < 2:
        raise ProtocolError("the input lacks the line of four NUL bytes between wrapper and manifest")
    manifest = _json(parts[1])
    rest = parts[2] if len(parts) > 2 else b""
    try:
        return _manifest(manifest, rest)
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as problem:
        raise ProtocolError(f"the manifest is not as ansible-core writes it: {type(problem).__name__} {problem}") from problem


def _manifest(manifest: Mapping[str, Any], rest: bytes) -> Run:
    actions = list(manifest["actions"])
    last = actions[-1]
    if last["name"] != "module_wrapper.ps1":
        return HelperRun(last["name"], last["params"], rest)
    unknown = [each["name"] for each in actions[:-1] if each["name"] not in ("become_wrapper.ps1", "async_wrapper.ps1", "async_watchdog.ps1")]
    if unknown:
        raise ProtocolError(f"the lab does not know the wrapper {unknown[0]}")
    by_name = {each["name"]: each for each in actions}
    parameters = last["params"]
    variables = {each["Name"]: each["Value"] for each in parameters.get("Variables") or ()}
    arguments = variables.get("complex_args")
    if arguments is None:
        raise ProtocolError(f"the lab runs modules, no script files; it was sent {parameters['Script']}")
    return ModuleRun(
        name=module_name(arguments, parameters["Script"]),
        script=parameters["Script"],
        scripts={name: base64.b64decode(each["script"]).decode("utf-8-sig") for name, each in manifest["scripts"].items()},
        arguments=arguments,
        environment={name: str(value) for name, value in (parameters.get("Environment") or {}).items()},
        become=_become(by_name.get("become_wrapper.ps1")),
        background=_background(by_name),
    )


def module_name(arguments: Mapping[str, Any], script: str) -> str:
    """The module's full name: from the file's place in a collection, else as Ansible passes it along."""
    found = re.fullmatch(r"ansible_collections\.(\w+\.\w+)\.plugins\.modules\.(\w+)\.ps1", script)
    return f"{found.group(1)}.{found.group(2)}" if found else str(arguments.get("_ansible_module_name", script.removesuffix(".ps1")))


def _become(action: Mapping[str, Any] | None) -> Become | None:
    if action is None:
        return None
    parameters = action["params"]
    password = (action.get("secure_params") or {}).get("BecomePassword")
    return Become(parameters["BecomeUser"], password, parameters.get("LogonType", "Interactive"))


def _background(actions: Mapping[str, Any]) -> Background | None:
    wrapper, watchdog = actions.get("async_wrapper.ps1"), actions.get("async_watchdog.ps1")
    if wrapper is None or watchdog is None:
        return None
    return Background(wrapper["params"]["AsyncJid"], wrapper["params"]["AsyncDir"], int(watchdog["params"]["Timeout"]))


def _wrapped_before_2_19(data: bytes) -> ModuleRun:
    _unused, mark, text = data.partition(MARK)
    if not mark:
        raise ProtocolError("the input lacks the four NUL bytes between wrapper and manifest")
    manifest = _json(text.strip(b"\0\r\n "))
    try:
        return _manifest_before_2_19(manifest)
    except (KeyError, TypeError, AttributeError, ValueError) as problem:
        raise ProtocolError(f"the manifest is not as ansible-core 2.17 writes it: {type(problem).__name__} {problem}") from problem


def _manifest_before_2_19(manifest: Mapping[str, Any]) -> ModuleRun:
    arguments = manifest["module_args"]
    name = _windows_name(str(arguments["_ansible_module_name"]))
    scripts = {f"{name}.ps1": base64.b64decode(manifest["module_entry"]).decode("utf-8-sig")}
    # Later versions name the utilities with their extension.
    for utilities, extension in (("powershell_modules", ".psm1"), ("csharp_utils", ".cs")):
        texts = manifest.get(utilities, {}).items()
        scripts.update({each.removesuffix(extension) + extension: base64.b64decode(text).decode("utf-8-sig") for each, text in texts})
    background = None
    if "async_jid" in manifest:
        folder = manifest.get("environment", {}).get("ANSIBLE_ASYNC_DIR", "%USERPROFILE%\\.ansible_async")
        background = Background(str(manifest["async_jid"]), folder, int(manifest["async_timeout_sec"]))
    become = None
    if "become_user" in manifest:
        become = Become(manifest["become_user"], manifest.get("become_password"), _flag(manifest.get("become_flags"), "logon_type") or "Interactive")
    return ModuleRun(name, f"{name}.ps1", scripts, arguments, manifest.get("environment") or {}, become, background)


def _windows_name(name: str) -> str:
    """`ansible.legacy.stat` is ansible.windows.win_stat on Windows; before 2.19 the name sent is the one asked for."""
    lead, _unused, short = name.rpartition(".")
    if lead not in ("ansible.legacy", "ansible.builtin", ""):
        return name
    return f"ansible.windows.{'win_' if short in ('stat', 'file', 'copy', 'ping') else ''}{short}"


def _flag(flags: str | None, wanted: str) -> str:
    pairs = dict(part.partition("=")[::2] for part in (flags or "").split())
    return pairs.get(wanted, "").replace("_", " ").title().replace(" ", "")


def _json(data: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        raise ProtocolError("the manifest is not JSON") from None
    if not isinstance(value, dict):
        raise ProtocolError("the manifest is not a JSON object")
    return value
