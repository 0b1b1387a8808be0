# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The common part of microsoft.ad's object modules (Invoke-AnsibleADObject): find, create, change, move, remove."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..estate.directory import DirectoryError, Entry, Modification
from ..estate.directory_names import parent_of
from . import ad_values
from .ad_session import AdSession, find, open_session, to_dns
from .ad_values import ListChange, compare_attribute, compare_list, sorted_list
from .registry import ModuleCall, ModuleFailure

DEFAULT_PATH = "microsoft.ad.default_path"
HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
_NO_GUID = "00000000-0000-0000-0000-000000000000"
COMMON_OPTIONS = frozenset(
    {
        "attributes",
        "description",
        "display_name",
        "domain_credentials",
        "domain_password",
        "domain_server",
        "domain_username",
        "identity",
        "name",
        "path",
        "protect_from_deletion",
        "state",
    }
)


@dataclass
class AdWork:
    """One run: what is found, what the answer and the diff will hold."""

    kind: AdKind
    session: AdSession
    entry: Entry | None = None
    changed: bool = False
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    result: dict[str, Any] = field(default_factory=dict)
    # The module's parameters, which its actions may change.
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def check_mode(self) -> bool:
        return self.session.call.check_mode

    def write(self, name: str, value: Any) -> None:
        """Sets a cmdlet property unless in check mode."""
        if self.entry is not None and not self.check_mode:
            ad_values.write(self.session, self.entry, name, value)


Action = Callable[[AdWork], None]
# (work, option's value): True if the cmdlet was told to change something.
Step = Callable[[AdWork, Any], bool]


@dataclass(frozen=True)
class AdProperty:
    """An option that stands for a property. `listed`: add/remove/set; `lookup`: values are identities; `new`/`set`: own handling."""

    name: str
    attribute: str
    listed: bool = False
    lookup: bool = False
    ignore_case: bool = False
    no_log: bool = False
    new: Step | None = None
    set: Step | None = None


@dataclass(frozen=True)
class AdKind:
    """A module: its cmdlets' noun, the class it makes, where it makes it, and its properties."""

    noun: str
    object_class: str
    classes: tuple[str, ...]
    default_path: Callable[[AdSession], str]
    properties: tuple[AdProperty, ...] = ()
    prefix: str = "CN"
    dollar: bool = False
    protect_by_default: bool = False
    before_work: Action = lambda work: None
    after_work: Action = lambda work: None
    # What New-AD* sets by itself.
    initial: Callable[[AdWork, str], dict[str, Any]] = lambda work, name: {}


COMMON_PROPERTIES = (
    AdProperty("description", "description"),
    AdProperty("display_name", "displayName"),
    AdProperty("protect_from_deletion", "ProtectedFromAccidentalDeletion"),
)


def run(call: ModuleCall, kind: AdKind) -> dict[str, Any]:
    """The twin of a module; raises ModuleFailure."""
    if call.host.estate is None:
        raise AssertionError("call.host.estate is there by construction")
    with call.host.estate.lock:
        work = AdWork(kind, open_session(call), options=dict(call.arguments))
        work.result = {"distinguished_name": None, "object_guid": None}
        try:
            _work(work)
        except DirectoryError as problem:
            raise ModuleFailure(f"Unhandled exception while executing module: {problem.message}", **answer(work)) from problem
        return answer(work)


def answer(work: AdWork) -> dict[str, Any]:
    found: dict[str, Any] = {"changed": work.changed, **work.result}
    if work.session.warnings:
        found["warnings"] = list(work.session.warnings)
    if work.session.call.diff:
        found["diff"] = {"before": work.before, "after": work.after}
    return found


def _work(work: AdWork) -> None:
    _find(work)
    work.kind.before_work(work)
    if work.options["state"] == "absent":
        _remove(work)
    elif work.entry is None:
        _create(work)
    else:
        _update(work, work.entry)
    work.kind.after_work(work)


def _find(work: AdWork) -> None:
    options, kind = work.options, work.kind
    identity = options.get("identity") or f"{kind.prefix}={_escaped(options['name'])},{_path(work)}"
    work.entry = find(work.session, identity, kind.classes, dollar=kind.dollar)
    if work.entry is None:
        return
    work.result.update(object_guid=work.entry.guid, distinguished_name=work.entry.dn)
    work.before = {"attributes": None, "name": work.entry.name, "path": parent_of(work.entry.dn)}
    for item in (*kind.properties, *COMMON_PROPERTIES):
        if options.get(item.name) is not None:
            work.before[item.name] = sorted_list(ad_values.read(work.session, work.entry, item.attribute))


def _escaped(name: str) -> str:
    """The module escapes commas only."""
    return str(name).replace(",", "\\,")


def _path(work: AdWork) -> str:
    path = work.options.get("path")
    return str(path) if path and path != DEFAULT_PATH else work.kind.default_path(work.session)


def _remove(work: AdWork) -> None:
    """Children first, protection taken off, as the module does it."""
    if work.entry is not None:
        if not work.check_mode:
            directory, token = work.session.directory, work.session.token
            for entry in reversed(list(directory.subtree(work.entry))):
                if ad_values.read(work.session, entry, "ProtectedFromAccidentalDeletion"):
                    ad_values.write(work.session, entry, "ProtectedFromAccidentalDeletion", False)
                directory.delete(entry, token=token)
        work.changed = True
    work.after = None


# --- a new object --------------------------------------------------------------------------------------------------


def _create(work: AdWork) -> None:
    options, kind = work.options, work.kind
    name = options.get("name") or options["identity"]
    attributes, shown = _attribute_changes(work)
    work.after = {"attributes": shown, "name": name, "path": _path(work)}
    given = {key: values for key, action, values in attributes if action in ("add", "set") and values}
    chosen = [(item, options.get(item.name)) for item in (*kind.properties, *COMMON_PROPERTIES)]
    plain = [(item, _new_value(work, item, value)) for item, value in chosen if _is_given(value) and item.new is None]
    for item, value in plain:
        work.after[item.name] = HIDDEN if item.no_log else sorted_list(value)
    dn = f"{kind.prefix}={_escaped(name)},{_path(work)}"
    work.changed = True
    if work.check_mode:
        for item, value in chosen:
            if _is_given(value) and item.new is not None:
                item.new(work, value)
        work.result.update(distinguished_name=dn, object_guid=_NO_GUID)
        return
    _create_entry(work, given, plain, chosen)
    if work.entry is None:
        raise AssertionError("work.entry is there by construction")
    work.result.update(distinguished_name=work.entry.dn, object_guid=work.entry.guid)


def _create_entry(work: AdWork, given: Mapping[str, Any], plain: Iterable[tuple[AdProperty, Any]], chosen: Iterable[tuple[AdProperty, Any]]) -> None:
    """New-AD*: first the object with its attributes, then what needs the object, as the cmdlet does."""
    session, kind = work.session, work.kind
    name = str(work.options.get("name") or work.options["identity"])
    dn = f"{kind.prefix}={_escaped(name)},{_path(work)}"
    simple, later = dict(given), []
    allowed = session.directory.schema.allowed(kind.object_class)[1]
    for item, value in plain:
        attribute = session.directory.schema.attribute(ad_values.attribute_of(item.attribute, kind.object_class))
        # `Enabled` is an attribute too, of crossRef.
        if attribute is None or attribute.name not in allowed or item.attribute in ("objectClass", "sAMAccountName"):
            later.append((item, value))
        elif value not in (None, "", []):
            simple[attribute.name] = value
    later = [(item, value) for item, value in later if item.attribute != "sAMAccountName"]
    try:
        work.entry = session.directory.create(dn, kind.object_class, {**kind.initial(work, name), **simple}, token=session.token)
        if kind.protect_by_default and work.options.get("protect_from_deletion") is None:
            ad_values.write(session, work.entry, "ProtectedFromAccidentalDeletion", True)
        for item, value in chosen:
            if _is_given(value) and item.new is not None:
                item.new(work, value)
        # An account is enabled once it has its password.
        for item, value in sorted(later, key=lambda pair: pair[0].attribute == "Enabled"):
            if str(ad_values.read(session, work.entry, item.attribute)).casefold() != str(value).casefold():
                ad_values.write(session, work.entry, item.attribute, value)
    except DirectoryError as problem:
        raise ModuleFailure(f"New-{kind.noun} failed: {problem.message}", **{**answer(work), "changed": False}) from problem


def _is_given(value: Any) -> bool:
    if isinstance(value, Mapping):
        return bool(value)
    return value is not None and str(value).strip() != ""


def _new_value(work: AdWork, item: AdProperty, value: Any) -> Any:
    if item.listed:
        found: list[Any] = []
        for action in ("add", "set"):
            given = value.get(action)
            if given is not None:
                found += to_dns(work.session, given, f"{item.name}.{action}", value.get("lookup_failure_action", "fail")) if item.lookup else given
        return list(dict.fromkeys(found))
    if item.lookup:
        return next(iter(to_dns(work.session, [value], item.name)), None)
    return value


# --- an existing one -----------------------------------------------------------------------------------------------


def _update(work: AdWork, entry: Entry) -> None:
    attributes, shown = _attribute_changes(work)
    if work.before is None:
        raise AssertionError("work.before is there by construction")
    work.before["attributes"] = _attribute_changes_before(work)
    name, path = entry.name, parent_of(entry.dn)
    work.after = {"attributes": shown, "name": name, "path": path}
    todo: list[Callable[[], object]] = [_attribute_step(work, entry, *change) for change in attributes]
    for item in (*work.kind.properties, *COMMON_PROPERTIES):
        value = work.options.get(item.name)
        if value is None:
            continue
        if item.set is not None:
            work.changed |= item.set(work, value)
            continue
        change = _property_change(work, entry, item, value)
        work.after[item.name] = _shown(item, change)
        if change.changed:
            todo.append(_property_step(work, item, change))
    name, path = _relocate(work, entry, name, path)
    _apply(work, todo)
    if work.check_mode or not work.changed:
        work.result["distinguished_name"] = f"{work.kind.prefix}={_escaped(name)},{path}"
    else:
        work.result["distinguished_name"] = entry.dn


def _shown(item: AdProperty, change: ListChange) -> Any:
    value = change.value if item.listed else next(iter(change.value), None)
    if item.no_log and value:
        return f"{HIDDEN} - changed" if change.changed else HIDDEN
    return sorted_list(value)


def _apply(work: AdWork, todo: Iterable[Callable[[], object]]) -> None:
    for step in todo:
        work.changed = True
        try:
            if not work.check_mode:
                step()
        except DirectoryError as problem:
            raise ModuleFailure(f"Set-{work.kind.noun} failed: {problem.message}", **answer(work)) from problem


def _property_change(work: AdWork, entry: Entry, item: AdProperty, value: Any) -> ListChange:
    existing = ad_values.read(work.session, entry, item.attribute)
    options: dict[str, Any] = {}
    if item.listed:
        for action in ("add", "remove", "set"):
            given = value.get(action)
            if given is not None:
                options[action] = to_dns(work.session, given, f"{item.name}.{action}", value["lookup_failure_action"]) if item.lookup else given
    elif str(value).strip() == "":
        options["set"] = []
    else:
        options["set"] = to_dns(work.session, [value], item.name) if item.lookup else [value]
    return compare_list(existing, options, ignore_case=item.lookup or item.ignore_case)


def _property_step(work: AdWork, item: AdProperty, change: ListChange) -> Callable[[], object]:
    """Links are added and removed one by one, other lists replaced."""
    if work.entry is None:
        raise AssertionError("work.entry is there by construction")
    entry = work.entry
    if item.attribute == "member":
        changes = [Modification(operation, "member", tuple(values)) for operation, values in (("add", change.to_add), ("delete", change.to_remove)) if values]
        return lambda: work.session.directory.modify(entry, changes, token=work.session.token)
    value = change.value if item.listed else next(iter(change.value), None)
    return lambda: ad_values.write(work.session, entry, item.attribute, value)


def _relocate(work: AdWork, entry: Entry, name: str, path: str) -> tuple[str, str]:
    """Renames and moves; the new name and path."""
    wanted_name, wanted_path = work.options.get("name"), work.options.get("path")
    if wanted_path == DEFAULT_PATH:
        wanted_path = work.kind.default_path(work.session)
    directory, token = work.session.directory, work.session.token
    if work.after is None:
        raise AssertionError("work.after is there by construction")
    if wanted_name and wanted_name != name:
        name = work.after["name"] = wanted_name
        work.changed = True
        if not work.check_mode:
            directory.move(entry, name=wanted_name, token=token)
    if wanted_path and wanted_path.casefold() != path.casefold():
        path = work.after["path"] = wanted_path
        work.changed = True
        if not work.check_mode:
            _move_unprotected(work, entry, wanted_path)
    return name, path


def _move_unprotected(work: AdWork, entry: Entry, path: str) -> None:
    """Protection is taken off for the move and put back."""
    protected = ad_values.read(work.session, entry, "ProtectedFromAccidentalDeletion")
    if protected:
        ad_values.write(work.session, entry, "ProtectedFromAccidentalDeletion", False)
    try:
        work.session.directory.move(entry, work.session.directory.get(path), token=work.session.token)
    finally:
        if protected:
            ad_values.write(work.session, entry, "ProtectedFromAccidentalDeletion", True)


# --- the option `attributes` ---------------------------------------------------------------------------------------


def _attribute_changes(work: AdWork) -> tuple[list[tuple[str, str, list[Any]]], dict[str, Any]]:
    """[(attribute, action, values)] that change something, and the diff's after."""
    found: list[tuple[str, str, list[Any]]] = []
    shown: dict[str, Any] = {}
    for name, action, given in _declared(work):
        change = compare_attribute(work.session, work.entry, name, given, action)
        shown[name] = change.after
        if change.changed:
            found.append((name, action, change.value))
    return found, shown


def _attribute_changes_before(work: AdWork) -> dict[str, Any]:
    return {name: compare_attribute(work.session, work.entry, name, given, action).before for name, action, given in _declared(work)}


def _declared(work: AdWork) -> list[tuple[str, str, Any]]:
    attributes = work.options.get("attributes") or {}
    actions = ("add", "remove", "set") if work.entry is not None else ("add", "set")
    return [(name, action, value) for action in actions for name, value in (attributes.get(action) or {}).items()]


def _attribute_step(work: AdWork, entry: Entry, name: str, action: str, values: list[Any]) -> Callable[[], object]:
    operation = {"add": "add", "remove": "delete", "set": "replace"}[action]
    change = Modification(operation, name, tuple(values))
    return lambda: work.session.directory.modify(entry, [change], token=work.session.token)
