# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a backup of the encryption key set is there and belongs to this server.

miiskmu's file says nothing of itself. A record beside it, `<file>.record.json`, tells the file's hash and what the
key set is tied to: the database and the service's account (reference page `sharepoint-and-setup`, 1.5 and 3.2).
"""

from __future__ import annotations

import json
import ntpath
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ..errors import InputError, PlanError

RECORD_SUFFIX = ".record.json"


@dataclass(frozen=True)
class Ties:
    """What a key set belongs to."""

    server: str
    instance: str
    database: str
    account: str

    def same(self, other: Ties) -> bool:
        return [value.casefold() for value in asdict(self).values()] == [value.casefold() for value in asdict(other).values()]


@dataclass(frozen=True)
class KeySetState:
    """`sha256` of the file, empty when it is not there; `record` as text, empty when there is none."""

    installed: bool
    running: bool
    ties: Ties
    sha256: str
    record: str


def read_state(answer: Mapping[str, Any]) -> KeySetState:
    """The answer of the verb key_set_read."""
    ties = Ties(*(str(answer.get(name) or "") for name in ("server", "instance", "database", "account")))
    return KeySetState(
        bool(answer.get("installed")), bool(answer.get("running")), ties, str(answer.get("sha256") or "").lower(), str(answer.get("record") or "")
    )


def reason_to_export(state: KeySetState) -> str:
    """Why the key set has to be backed up, as a sentence; empty when the backup is good."""
    if not state.sha256:
        return "There is no backup of the key set yet."
    recorded = _recorded(state.record)
    if recorded is None:
        return "The file has no record that says which server it belongs to."
    sha256, ties = recorded
    if sha256 != state.sha256:
        return "The file is not the one that was backed up."
    if not ties.same(state.ties):
        return f"The backup belongs to the database {ties.database} on {ties.server} and the account {ties.account}."
    return ""


def check_exportable(state: KeySetState, password: str | None) -> None:
    """Raises PlanError where an export cannot succeed."""
    if not state.installed:
        raise PlanError("the Synchronization Service is not installed on this host, so it has no key set")
    if not state.running:
        raise PlanError("the Synchronization Service does not run on this host; the key set is backed up on the active server")
    if not password and not state.ties.account.endswith("$"):
        raise PlanError(f"the service's account {state.ties.account} is no group-managed one, so its password has to be given", path="password")


def check_path(path: str) -> None:
    """Raises InputError for a path that is not an absolute one of a file."""
    drive, rest = ntpath.splitdrive(path)
    if not drive or not rest.startswith(("\\", "/")) or not ntpath.basename(path):
        raise InputError(f"'{path}' is not the absolute path of a file, such as C:\\MIMKeySet\\keyset.bin", path="path")


def _recorded(text: str) -> tuple[str, Ties] | None:
    try:
        record = json.loads(text)
        return str(record["sha256"]), Ties(*(str(record[name]) for name in ("server", "instance", "database", "account")))
    except (ValueError, KeyError, TypeError):
        return None
