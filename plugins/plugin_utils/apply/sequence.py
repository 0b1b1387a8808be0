# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The steps of a change on the host: apply, verify, and bring back what was before where one of them fails."""

from __future__ import annotations

import ntpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from ..configuration.folder import unpack
from ..errors import LimitError, MimSyncError, RemoteError, VerificationError
from ..plan.verification import verify
from .application import Application, journal_file, restoration_of
from .backup import MANIFEST_FILE
from .journal import Holder
from .preparation import Beginning

UNTOUCHED = "nothing was changed."
# What the verb says when the journal is somebody else's by now.
TAKEN = "Another run"


class Verbs(Protocol):
    """Runs a verb on the host; raises RemoteError with the script's message."""

    def __call__(self, verb: str, parameters: Mapping[str, Any] | None = None, secrets: Mapping[str, str] | None = None) -> Any: ...


@dataclass(frozen=True)
class Sequence:
    """`keep_copy` gets the files of the backup and answers where they are, empty for no copy; `who_has_it` tells of somebody else's journal."""

    verbs: Verbs
    folder: str
    say: Callable[[str], None]
    keep_copy: Callable[[str, Mapping[str, bytes]], str]
    who_has_it: Callable[[], str]

    def carry_out(self, beginning: Beginning, application: Application, holder: Holder) -> dict[str, Any]:
        """What the module returns of it. Raises RemoteError or VerificationError, which name the backup and say what became of it."""
        holder = replace(holder, backup=beginning.backup or application.backup)
        copy = self.keep_copy(ntpath.basename(application.backup), {**beginning.present.files, MANIFEST_FILE: application.parameters["Manifest"].encode()})
        # Said beforehand: who loses the connection has read where the configuration from before lies.
        self.say(f"importing the configuration: {len(beginning.plan.changes)} changes; the one from before goes to {holder.backup}")
        parameters = {**application.parameters, "Journal": holder.line(), "JournalSeen": beginning.seen}
        try:
            answer = self.verbs("configuration_apply", parameters, application.secrets)
        except RemoteError as error:
            raise self._after_failure(beginning, holder, error) from error
        except OSError as error:
            message = f"The connection was lost while the configuration was changed: {error}. The configuration from before goes to {holder.backup}"
            raise RemoteError(f"{message}; run again, and the change is gone on with.", verb="configuration_apply") from error
        verdict = verify(beginning.plan.planned, beginning.before.folder(), unpack(answer["files"]))
        if verdict.wrong:
            wrong = VerificationError("After the import the server does not hold what was planned.", details=verdict.wrong)
            raise self._taken_back(beginning, holder, wrong) from None
        self.close(holder.line())
        return {"backup": holder.backup, "notes": [*verdict.notes, *_left(beginning, application)], **({"backup_copy": copy} if copy else {})}

    def close(self, header: str) -> None:
        """Takes the journal away, so that others may begin."""
        self.verbs("configuration_close", {"JournalFile": journal_file(self.folder), "JournalSeen": header})

    def _after_failure(self, beginning: Beginning, holder: Holder, error: RemoteError) -> MimSyncError:
        if error.message.startswith(TAKEN):
            return LimitError(self.who_has_it() or error.message)
        if error.message.endswith(UNTOUCHED):
            return error
        return self._taken_back(beginning, holder, error)

    def _taken_back(self, beginning: Beginning, holder: Holder, error: MimSyncError) -> MimSyncError:
        """The error to raise, telling what became of the configuration from before."""
        lead = "The import failed: " if isinstance(error, RemoteError) else ""
        message = f"{lead}{error.message} The configuration from before lies in {holder.backup}{self._take_back(beginning, holder)}"
        if isinstance(error, RemoteError):
            return RemoteError(message, verb=error.verb, details=error.details)
        return VerificationError(message, details=error.details)

    def _take_back(self, beginning: Beginning, holder: Holder) -> str:
        """Imports it again; the end of the sentence that says so."""
        before, header = beginning.before, holder.line()
        try:
            if not before.folder().agents:
                self.close(header)
                return "; it held no agent, so nothing was brought back. Run again when the cause is mended."
            answer = self.verbs("configuration_apply", restoration_of(before.files, self.folder, header))
            left = verify(before.folder(), before.folder(), unpack(answer["files"])).wrong
            self.close(header)
        except (MimSyncError, OSError) as error:
            return f"; bringing it back failed too: {error} The next run goes on from there, or restore that backup (docs/restore.md)."
        return " and was brought back." if not left else f" and was brought back, but the server differs from it: {left[0]}"


def _left(beginning: Beginning, application: Application) -> list[str]:
    """Where lies what a run that broke off had left on the server."""
    return [f"What the run that broke off had left lies in {application.backup}."] if beginning.backup else []
