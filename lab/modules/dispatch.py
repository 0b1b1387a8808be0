# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From a module's call to its twin's answer: arguments checked first, failures shaped as the real module shapes them."""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..estate import principals
from ..wsman.shells import Completed
from . import answers
from .arguments import ArgumentsRefused, CheckedArguments, CheckModeUnsupported, check_arguments, masked, masked_text, secrets_of
from .conversions import ConversionProblem, Surroundings, convert
from .environment import expand
from .journal import Journal
from .legacy_arguments import check_legacy_arguments, read_legacy
from .protocol import ModuleRun
from .registry import IMPLEMENTED, TWINS, UNLOCKED, ModuleCall, ModuleFailure
from .specification import SpecificationProblem, is_dynamic, is_legacy, read_specification, takes_anything

if TYPE_CHECKING:
    from ..estate.host import Host
    from ..estate.session import Session


@dataclass(frozen=True)
class _Flags:
    """What Ansible passes along with every module."""

    check_mode: bool
    diff: bool
    no_log: bool


def run_module(run: ModuleRun, host: Host, session: Session, journal: Journal) -> Completed:
    """Never raises."""
    flags = _Flags(*(_flag(run.arguments, name) for name in ("check_mode", "diff", "no_log")))
    secrets: frozenset[str] = frozenset()
    try:
        secrets = _secrets(run)
        # Wrong arguments are the caller's fault, whether the lab knows the module or not.
        checked = _checked(run, host, session, check_mode=flags.check_mode)
        if run.name not in TWINS:
            return answers.refused(f"the module {run.name} is not simulated")
        _refuse_unsimulated(run, checked)
        return _answered(run, _call(run, checked, host, session, flags), checked.secrets | secrets)
    except ArgumentsRefused as refused:
        return answers.module_answer(_shaped(run, {"changed": False, "failed": True, "msg": masked_text(str(refused), secrets)}, secrets))
    except CheckModeUnsupported as skipped:
        return answers.module_answer(_shaped(run, {"changed": False, "skipped": True, "msg": str(skipped)}, secrets))
    except (SpecificationProblem, _Unsimulated) as problem:
        return answers.refused(f"{run.name}: {problem}" if run.name in TWINS else f"the module {run.name} is not simulated")
    except Exception as error:  # noqa: BLE001 - a fault of a twin must become a failed task, not a lost connection
        journal.note(f"{host.name} {run.name} failed in the lab itself\n{_traceback(error, secrets, no_log=flags.no_log)}")
        return answers.refused(f"the twin of {run.name} failed; the lab's log has the details")


class _Unsimulated(Exception):
    """An option that the lab does not simulate."""


def _flag(arguments: Mapping[str, Any], name: str) -> bool:
    try:
        return bool(convert("bool", arguments.get(f"_ansible_{name}", False), Surroundings()))
    except ConversionProblem:
        return False


def _own(run: ModuleRun) -> dict[str, Any]:
    return {name: value for name, value in run.arguments.items() if not name.startswith("_ansible_")}


def _source(run: ModuleRun) -> str:
    return run.scripts[run.script]


def _secrets(run: ModuleRun) -> frozenset[str]:
    if is_legacy(_source(run)):
        return frozenset(str(value) for name, value in run.arguments.items() if "password" in name.casefold() and isinstance(value, str) and value)
    if is_dynamic(_source(run)):
        # win_dsc takes a credential as a pair of options.
        return frozenset(str(value) for name, value in run.arguments.items() if name.endswith("_password") and value)
    return secrets_of(read_specification(run.script, run.scripts), run.arguments)


def _checked(run: ModuleRun, host: Host, session: Session, *, check_mode: bool) -> CheckedArguments:
    around = Surroundings(lambda text: expand(text, host, session, run.environment), lambda name: principals.resolve(host, name))
    if is_legacy(_source(run)):
        return check_legacy_arguments(_source(run), run.arguments, check_mode=check_mode, around=around)
    own = _own(run)
    if is_dynamic(_source(run)):
        return CheckedArguments(own, frozenset(own), frozenset())
    specification = read_specification(run.script, run.scripts)
    if takes_anything(_source(run)):
        own = {name: value for name, value in own.items() if name in specification.options}
    return check_arguments(specification, own, module=run.name, check_mode=check_mode, around=around)


def _refuse_unsimulated(run: ModuleRun, checked: CheckedArguments) -> None:
    implemented = IMPLEMENTED[run.name]
    if implemented is None:
        return
    defaults = _defaults(run)
    wanted = sorted(name for name in checked.given - implemented if checked.values.get(name) not in (None, defaults.get(name)))
    if wanted:
        raise _Unsimulated(f"the option {', '.join(wanted)} is not simulated")


def _defaults(run: ModuleRun) -> dict[str, Any]:
    if is_legacy(_source(run)):
        return {option.name: option.default for option in read_legacy(_source(run)).options}
    if is_dynamic(_source(run)):
        return {}
    return {name: option.default for name, option in read_specification(run.script, run.scripts).options.items()}


def _call(run: ModuleRun, checked: CheckedArguments, host: Host, session: Session, flags: _Flags) -> ModuleCall:
    return ModuleCall(run.name, checked.values, host, session, flags.check_mode, flags.diff, run.scripts)


def _answered(run: ModuleRun, call: ModuleCall, secrets: frozenset[str]) -> Completed:
    estate = call.host.estate
    locked = estate is not None and run.name not in UNLOCKED
    try:
        with estate.lock if locked and estate is not None else contextlib.nullcontext():
            result = {"changed": False, **TWINS[run.name](call)}
    except ModuleFailure as failure:
        result = {"changed": False, **failure.result, "failed": True, "msg": masked_text(failure.message, secrets)}
    if not call.diff:
        result.pop("diff", None)
    return answers.module_answer(_shaped(run, result, secrets))


def _shaped(run: ModuleRun, result: dict[str, Any], secrets: frozenset[str]) -> dict[str, Any]:
    """Modules on Ansible.Basic say what they were called with."""
    if is_legacy(_source(run)):
        return result
    return {**result, "invocation": {"module_args": masked(_own(run), secrets)}}


def _traceback(error: BaseException, secrets: frozenset[str], *, no_log: bool) -> str:
    """Where it happened; what it says only when the task does not forbid it."""
    lines = "".join(traceback.format_tb(error.__traceback__))
    said = "" if no_log else f": {masked_text(str(error), secrets)}"
    return f"{lines}{type(error).__name__}{said}"
