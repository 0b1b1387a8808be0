# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How the engine's own work fails: one object, one step, or the request itself."""

from __future__ import annotations

from collections.abc import Mapping


class ObjectFailure(Exception):
    """One object cannot be processed; `error_type` in MIM's words, `step` its algorithm step. Others go on."""

    def __init__(self, error_type: str, step: str, detail: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{step}: {error_type}")
        self.error_type = error_type
        self.step = step
        self.detail = dict(detail or {})


class StepStopped(Exception):
    """The step ends with `result`, a step result in MIM's words; nothing of the run follows."""

    def __init__(self, result: str) -> None:
        super().__init__(result)
        self.result = result
