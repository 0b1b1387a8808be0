# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the verb `configuration_apply` is told, for a plan and for taking one back."""

from __future__ import annotations

import datetime
import json
import ntpath
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..configuration.folder import fingerprint, pack
from ..desired import Declaration
from ..plan.change import Plan
from ..plan.credentials import write_record
from ..plan.order import credential_orders, new_record, passwords, provisioning_order
from ..plan.server import STATE_FILE, Server
from .backup import CHANGE, manifest
from .journal import JOURNAL_FILE


@dataclass(frozen=True)
class Application:
    """Parameters and secrets for the verb `configuration_apply`, and where the backup goes."""

    parameters: Mapping[str, Any]
    secrets: Mapping[str, str]
    backup: str


def application_of(plan: Plan, declaration: Declaration, server: Server, folder: str, now: datetime.datetime, *, purpose: str = CHANGE) -> Application:
    """`server` is as it was read; `folder` holds backups and the record of passwords; `now` names the backup."""
    backup = ntpath.join(folder, f"{now.strftime('%Y-%m-%dT%H%M%S')}.{now.microsecond // 1000:03}Z")
    secret = passwords(plan, declaration)
    parameters = {
        "Files": json.dumps(pack(plan.planned.write())),
        "Fingerprint": fingerprint(server.files),
        "BackupFolder": backup,
        "Manifest": manifest(server.files, server.build, purpose, [change.sentence for change in plan.changes], now),
        "Orders": json.dumps(credential_orders(plan, declaration)),
        "Provisioning": provisioning_order(plan, declaration),
        "StateFile": ntpath.join(folder, STATE_FILE),
        "State": write_record(new_record(plan, declaration, server.record)) if secret else "",
        "JournalFile": journal_file(folder),
    }
    return Application(parameters, {"Passwords": json.dumps(secret)} if secret else {}, backup)


def restoration_of(files: Mapping[str, bytes], folder: str, journal: str) -> dict[str, str]:
    """Parameters that bring files back within the same change, whose journal begins with the line `journal`."""
    return {"Files": json.dumps(pack(files)), "JournalFile": journal_file(folder), "Journal": journal, "JournalSeen": journal}


def journal_file(folder: str) -> str:
    return ntpath.join(folder, JOURNAL_FILE)
