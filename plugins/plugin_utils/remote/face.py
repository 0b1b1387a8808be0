# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Base class of all actions: arguments by the documentation, errors in one place, the way to the host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from ansible.module_utils.errors import UnsupportedError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..errors import InputError, MimSyncError
from .documentation import argument_spec
from .runner import Credential, Secret, run_verb

__all__ = ["ActionFace", "Credential", "Outcome"]


@dataclass(frozen=True)
class Outcome:
    """What a module answers; `before` and `after` become the diff where they differ."""

    changed: bool
    values: Mapping[str, Any] = field(default_factory=dict)
    before: str = ""
    after: str = ""


class ActionFace(ActionBase):  # type: ignore[misc]  # Ansible is not typed
    """A subclass in plugins/action/<noun>.py says what to do in `perform`; plugins/modules/<noun>.py names its options."""

    # Options (sub-options with a dot) whose values must never be shown.
    secrets: ClassVar[frozenset[str]] = frozenset()
    mutually_exclusive: ClassVar[Sequence[Sequence[str]]] = ()
    required_together: ClassVar[Sequence[Sequence[str]]] = ()
    required_one_of: ClassVar[Sequence[Sequence[str]]] = ()
    required_if: ClassVar[Sequence[Sequence[Any]]] = ()
    required_by: ClassVar[Mapping[str, Sequence[str]]] = {}

    task_vars: dict[str, Any]
    check_mode: bool
    diff_mode: bool

    def perform(self, arguments: dict[str, Any]) -> Outcome:
        """Does what the module is for; raises MimSyncError. In check mode it only says what it would do."""
        raise NotImplementedError

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Ansible's entry."""
        self._supports_check_mode, self._supports_async = True, False
        result: dict[str, Any] = super().run(tmp, task_vars)
        self.task_vars = task_vars or {}
        self.check_mode = bool(self._task.check_mode)
        self.diff_mode = bool(self._task.diff)
        hidden: set[str] = set()
        try:
            arguments = self._validated(hidden)
            answer = self._succeeded(self.perform(arguments))
        except MimSyncError as error:
            answer = self._failed(error)
        result |= remove_values(answer, hidden) if hidden else answer
        return result

    def run_verb(self, verb: str, parameters: Mapping[str, Any] | None = None, secrets: Mapping[str, Secret] | None = None) -> Any:
        """The answer of `remote/verbs/<verb>.ps1`, by one remote execution; raises RemoteError."""
        return run_verb(self.run_module, verb, parameters or {}, secrets)

    def run_module(self, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Another module's result on the same host, failed or not; an unreachable host ends the task as such."""
        result: dict[str, Any] = self._execute_module(module_name=name, module_args=dict(arguments), task_vars=self.task_vars)
        return result

    def say(self, text: str) -> None:
        """Shows that a long task lives."""
        Display().display(f"  [{self.task_vars.get('inventory_hostname', '')}] {text}")

    @property
    def noun(self) -> str:
        """The module's short name: that of this file."""
        return type(self).__module__.rpartition(".")[2]

    def _validated(self, hidden: set[str]) -> dict[str, Any]:
        validator = ArgumentSpecValidator(
            argument_spec(self.noun, self.secrets),
            mutually_exclusive=self.mutually_exclusive,
            required_together=self.required_together,
            required_one_of=self.required_one_of,
            required_if=self.required_if,
            required_by=self.required_by,
        )
        checked = validator.validate(self._task.args.copy())
        hidden |= checked._no_log_values
        if checked.error_messages:
            message = checked.errors.msg
            if isinstance(checked.errors[0], UnsupportedError):
                message = f"Unsupported parameters for (mimsync.sharepoint.{self.noun}) module: {message}"
            raise InputError(message)
        values: dict[str, Any] = checked.validated_parameters
        return values

    def _succeeded(self, outcome: Outcome) -> dict[str, Any]:
        answer: dict[str, Any] = {**outcome.values, "changed": outcome.changed}
        if self.diff_mode and outcome.before != outcome.after:
            answer["diff"] = {"before": outcome.before, "after": outcome.after}
        return answer

    def _failed(self, error: MimSyncError) -> dict[str, Any]:
        """The details stand in the message too, so that no reader needs -v to see them."""
        return {"failed": True, "changed": False, "msg": str(error), "path": error.path, "details": list(error.details)}
