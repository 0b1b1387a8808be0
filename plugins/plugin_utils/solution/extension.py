# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether the rules extension on a host is the one that its sources would make, and what stands in the way of making it.

The engine loads a new assembly by itself; replaced during a run it ends that run (reference page `rules-extension`, 2), so nothing is
published while an agent runs. A record beside the assembly tells what it was made of.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import PlanError

Record = dict[str, Any]
RULES_NAME = "MimSync.Rules.xml"
_STOPPED = "stopped-extension-dll-"
# Endings of the run results that come of the assembly or its rules file, not of one object (reference page `rules-extension`, 2).
_LOAD_FAILURES = frozenset(
    {"load", "file-not-found", "access", "invalid-assembly", "missing-dependency", "instantiation", "no-implementation", "ambiguous", "exception"}
)


@dataclass(frozen=True)
class Source:
    """A C# file on the host; `sha256` empty when the caller does not know what it should hold."""

    path: str
    sha256: str = ""


@dataclass(frozen=True)
class ExtensionState:
    """What the verb extension_read found. Hashes are SHA-256 in lower case, empty for files that are not there; `rules` is base64 of gzip."""

    folder: str
    reference: str
    reference_version: str
    source_hashes: Mapping[str, str]
    assembly: str
    assembly_hash: str
    record: str
    running: tuple[str, ...]
    rules_hash: str = ""
    rules: str = ""
    loaded: bool = False
    kept: bool = False
    results: Mapping[str, str] = field(default_factory=dict)

    @property
    def installed(self) -> bool:
        return bool(self.folder)


def read_state(answer: Mapping[str, Any]) -> ExtensionState:
    """The verb's answer."""
    return ExtensionState(
        folder=answer["folder"],
        reference=answer["reference"],
        reference_version=answer["reference_version"],
        source_hashes=dict(answer["sources"]),
        assembly=answer["assembly"],
        assembly_hash=answer["assembly_hash"],
        record=answer["record"],
        running=tuple(answer["running"]),
        rules_hash=answer["rules_hash"],
        rules=answer["rules"],
        loaded=bool(answer["loaded"]),
        kept=bool(answer["kept"]),
        results=dict(answer["results"]),
    )


def wanted_record(state: ExtensionState, sources: Sequence[Source]) -> Record:
    """What the assembly is to be made of: hashes of the sources by their order, and the version of MIM's own assembly."""
    hashes = [source.sha256.lower() or state.source_hashes.get(source.path, "") for source in sources]
    return {"sources": hashes, "reference_version": state.reference_version}


def reason_to_publish(state: ExtensionState, sources: Sequence[Source]) -> str:
    """Why the assembly has to be compiled, as the end of a sentence; empty when it need not be."""
    if not state.assembly_hash:
        return "it is not there"
    record = _parsed(state.record)
    if record.get("assembly") != state.assembly_hash:
        return "it is not the one that was compiled last" if record else "nothing tells what it was compiled from"
    wanted = wanted_record(state, sources)
    if record.get("sources") != wanted["sources"]:
        return "its sources have changed"
    if record.get("reference_version") != wanted["reference_version"]:
        return f"it was compiled against version {record.get('reference_version')} of the service and {state.reference_version} is installed"
    return ""


def load_failures(state: ExtensionState) -> list[str]:
    """Agents whose last run ended because the extension could not be loaded, each with the result."""
    return [f"{agent}: {result}" for agent, result in sorted(state.results.items()) if result.removeprefix(_STOPPED) in _LOAD_FAILURES]


def described(record: str, rules_hash: str, lines: Sequence[str] = ()) -> str:
    """What is published, for a diff; `lines` say the rules."""
    return "".join(f"{line}\n" for line in (record, f"rules file: {rules_hash}", *lines)) if rules_hash else record


def hindrances(state: ExtensionState, sources: Sequence[Source]) -> list[str]:
    """Everything that keeps the assembly from being compiled now."""
    if not state.installed:
        return ["the MIM Synchronization Service is not installed on this host"]
    found = []
    if not state.reference_version:
        found.append(f"{state.reference} is not there")
    for source in sources:
        present = state.source_hashes.get(source.path, "")
        if not present:
            found.append(f"{source.path} is not there")
        elif source.sha256 and source.sha256.lower() != present:
            found.append(f"{source.path} holds something else than was put there (SHA-256 {present}, expected {source.sha256.lower()})")
    if state.running:
        found.append(f"a run of {', '.join(state.running)} is under way, and a new extension would end it; wait or stop it first")
    return found


def check_publishable(state: ExtensionState, sources: Sequence[Source]) -> None:
    """Raises PlanError that lists all hindrances."""
    found = hindrances(state, sources)
    if found:
        raise PlanError("the rules extension cannot be published", details=found)


def _parsed(text: str) -> Record:
    """The record; empty when there is none or somebody damaged it."""
    try:
        record = json.loads(text)
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}
