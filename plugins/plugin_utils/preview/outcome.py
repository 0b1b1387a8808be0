# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Two states compared: what happened to each object between them, as rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from ..engine.objects import ADD, DELETE, DELETE_ADD, DELETIONS, FILTERED, Attributes, CsObject, MvObject, ObjectError, same_values
from ..engine.systems.base import Value, Values
from ..engine.values import dn_part
from . import rows as kinds
from .rows import METAVERSE, Row, text_of
from .sandbox import AnyStore, Noting
from .shadow import ExportLog

NAMES = ("displayName", "name", "cn", "accountName", "sAMAccountName", "account")


NOTHING_EXPORTED = ExportLog()


class Comparison:
    """`before` and `after` number the same objects alike; `agents` are names by id; `worked_on` notes what was changed in `after`."""

    def __init__(
        self, before: AnyStore, after: AnyStore, agents: Mapping[str, str], exported: Mapping[str, ExportLog], worked_on: Noting | None = None
    ) -> None:
        self.before = before
        self.after = after
        self.agents = agents
        self.exported = exported
        self.worked_on = worked_on or Noting()

    def rows(self) -> Iterator[Row]:
        """Of everything that was worked on, and of what still waits or failed; agents by name, objects by age."""
        met, spaces = self.worked_on.met, {*self.before.spaces, *self.after.spaces}
        numbers: dict[str, set[int]] = {agent_id: set() for agent_id in spaces}
        for number in met:
            agent_id = self.after.agent_of(number) or self.before.agent_of(number)
            if agent_id:
                numbers[agent_id].add(number)
        for agent_id in sorted(spaces, key=lambda number: self.agents.get(number, number)):
            standing = (item.id for item in self.after.space(agent_id).all() if told_anyway(item) and item.id not in met)
            for number in sorted((*numbers[agent_id], *standing)):
                yield from self.connector_rows(agent_id, number)
        for number in sorted(self.worked_on.met_mv):
            yield from self.metaverse_rows(number)

    # Connector spaces

    def connector_rows(self, agent_id: str, number: int) -> Iterator[Row]:
        old, new = self.before.cs_object(number), self.after.cs_object(number)
        old = None if old is None or old.placeholder else old
        new = None if new is None or new.placeholder else new
        if old is None and new is None:
            return
        done = self.exported.get(agent_id, NOTHING_EXPORTED)
        transition, detail, pending = self._transition(old, new, done, number)
        if transition:
            yield self._row(transition, agent_id, old, new, detail=detail, pending=pending)
        if old is not None and new is not None:
            yield from self._changes(agent_id, old, new, done)
        yield from self._errors(agent_id, old, new)

    def _transition(self, old: CsObject | None, new: CsObject | None, done: ExportLog, number: int) -> tuple[str, str, bool]:
        """Kind, detail, and whether it was pending before; an empty kind for nothing."""
        there = old is not None and old.in_system and old.unconfirmed_op != DELETE
        if there and old is not None:
            if new is not None and (number in done.deleted & done.added or DELETE_ADD in (new.export_op, new.unconfirmed_op)):
                return kinds.REPLACED, "", old.export_op == DELETE_ADD
            if number in done.deleted or (new is not None and DELETE in (new.export_op, new.unconfirmed_op)):
                return kinds.DELETED, "", old.export_op == DELETE
            if new is None or new.import_op in DELETIONS:
                return kinds.LEFT, "", False
            return self._link(old, new)
        if new is None:
            waiting = old is not None and old.export_op in (ADD, DELETE_ADD)
            return (kinds.NOT_ADDED if waiting and number not in done.deleted else ""), "", False
        if number in done.added or new.export_op in (ADD, DELETE_ADD) or new.unconfirmed_op in (ADD, DELETE_ADD):
            return kinds.ADDED, "", old is not None and old.export_op == ADD
        if old is not None:
            return self._link(old, new)
        return kinds.READ_NEW, "", False

    def _link(self, old: CsObject, new: CsObject) -> tuple[str, str, bool]:
        if new.state == FILTERED and old.state != FILTERED:
            return kinds.FILTERED, "", False
        if old.mv_id == new.mv_id:
            return "", "", False
        was, now = self.before.metaverse.get(old.mv_id), self.after.metaverse.get(new.mv_id)
        if not new.mv_id:
            return kinds.DISCONNECTED, f"was {name_of(was)}" if was else "", False
        if not old.mv_id:
            return kinds.CONNECTED, f"to {name_of(now)}" if now else "", False
        fresh = " (a new one)" if self.before.metaverse.get(new.mv_id) is None else ""
        return kinds.JOINED_OTHERWISE, f"from {name_of(was) if was else '?'} to {name_of(now) if now else '?'}{fresh}", False

    def _changes(self, agent_id: str, old: CsObject, new: CsObject, done: ExportLog) -> Iterator[Row]:
        if old.dn != new.dn and not new.transient_dn:
            yield self._row(kinds.RENAMED, agent_id, old, new, attribute="dn", old_values=(old.dn,), new_values=(new.dn,))
        if not old.in_system or DELETE in (new.export_op, new.unconfirmed_op):
            return
        written = done.held.get(new.id, {})
        if new.export:
            # Not exported yet: it meets what the last import has seen.
            seen = {**new.view(), **new.unconfirmed}
            written = {**{name: seen.get(name, ()) for name in new.export}, **written}
        was: Attributes = {**old.view(), **old.unconfirmed}
        now: Attributes = {**new.view(), **new.unconfirmed, **new.export}
        if new.id in done.deleted or DELETE_ADD in (new.export_op, new.unconfirmed_op):
            # Nothing of the old object stays but what is written anew.
            now = now if new.id in done.deleted else {**new.unconfirmed, **new.export}
            written = {**was, **written}
        if not written and was == now:
            return
        references = self.after.reference_attributes(agent_id, new.type) | self.before.reference_attributes(agent_id, old.type)
        for name in sorted(was.keys() | now.keys() | written.keys()):
            reference, wanted = name in references, now.get(name, ())
            if name in written:
                kind, before = kinds.CHANGED, cs_texts(self.after, written[name], reference)
            elif same_values(was.get(name, ()), wanted):
                continue
            else:
                kind, before = kinds.READ, cs_texts(self.before, was.get(name, ()), reference)
            after = cs_texts(self.after, wanted, reference)
            if before != after:
                pending = name in old.export and same_values(old.export[name], wanted)
                yield self._row(kind, agent_id, old, new, attribute=name, old_values=before, new_values=after, pending=pending)

    def _errors(self, agent_id: str, old: CsObject | None, new: CsObject | None) -> Iterator[Row]:
        for kind in ("import_error", "export_error"):
            error: ObjectError | None = getattr(new, kind) if new is not None else None
            if error is not None:
                known: ObjectError | None = getattr(old, kind) if old is not None else None
                stands = known is not None and known.error_type == error.error_type
                yield self._row(kinds.FAILED, agent_id, old, new, detail=error_text(error), pending=stands)

    def _row(
        self,
        transition: str,
        agent_id: str,
        old: CsObject | None,
        new: CsObject | None,
        *,
        attribute: str = "",
        old_values: tuple[str, ...] = (),
        new_values: tuple[str, ...] = (),
        detail: str = "",
        pending: bool = False,
    ) -> Row:
        item = cast("CsObject", new or old)
        name, values = self._name(old, new), self._new_values(item) if transition == kinds.ADDED else ()
        return Row(transition, self.agents.get(agent_id, agent_id), item.type, name, item.dn, attribute, old_values, new_values, detail, pending, values)

    def _new_values(self, item: CsObject) -> tuple[tuple[str, str], ...]:
        references = self.after.reference_attributes(item.agent_id, item.type)
        held = {**item.view(), **item.unconfirmed, **item.export}
        return tuple((name, " | ".join(cs_texts(self.after, values, name in references))) for name, values in sorted(held.items()) if values)

    def _name(self, old: CsObject | None, new: CsObject | None) -> str:
        for store, item in ((self.after, new), (self.before, old)):
            mv = store.metaverse.get(item.mv_id) if item is not None and item.mv_id else None
            if mv is not None:
                return name_of(mv)
        return leaf(cast("CsObject", new or old).dn)

    # Metaverse

    def metaverse_rows(self, number: int) -> Iterator[Row]:
        old, new = self.before.metaverse.get(number), self.after.metaverse.get(number)
        if old is not None and new is None:
            yield Row(kinds.DELETED, METAVERSE, old.type, name_of(old), self._place(self.before, old))
        elif new is not None and old is None:
            yield Row(kinds.ADDED, METAVERSE, new.type, name_of(new), self._place(self.after, new))
        elif old is not None and new is not None and old.values != new.values:
            yield from self._value_rows(old, new)

    def _value_rows(self, old: MvObject, new: MvObject) -> Iterator[Row]:
        references = self.after.reference_attributes("", new.type)
        for name in sorted(old.values.keys() | new.values.keys()):
            have, wanted = old.values.get(name, ()), new.values.get(name, ())
            if not same_values(have, wanted):
                texts = (mv_texts(self.before, have, name in references), mv_texts(self.after, wanted, name in references))
                yield Row(kinds.CHANGED, METAVERSE, new.type, name_of(new), self._place(self.after, new), name, *texts)

    @staticmethod
    def _place(store: AnyStore, mv: MvObject) -> str:
        """The name of its first connector: metaverse objects have none of their own."""
        first = next((item for item in map(store.cs_object, mv.links) if item is not None), None)
        return first.dn if first is not None else ""


def told_anyway(item: CsObject) -> bool:
    """Whether an object that nothing was done to has something to tell: what waits for its export, its import or a remedy."""
    return bool(item.export_op or item.unconfirmed_op or item.import_error or item.export_error or item.import_op)


def name_of(mv: MvObject) -> str:
    """What people call the object."""
    for name in NAMES:
        values = mv.values.get(name)
        if values:
            return str(values[0])
    return f"{mv.type} without a name"


def leaf(dn: str) -> str:
    return dn_part(dn, 1) if "=" in dn else dn


def cs_texts(store: AnyStore, values: Values, reference: bool) -> tuple[str, ...]:
    """Values of a connector-space attribute, references as distinguished names, in an order that says nothing."""
    return tuple(sorted(_target(store, value) if reference else text_of(value) for value in values)) if values else ()


def _target(store: AnyStore, value: Value) -> str:
    item = store.cs_object(cast("int", value))
    return item.dn if item is not None else "(an object that is gone)"


def mv_texts(store: AnyStore, values: Values, reference: bool) -> tuple[str, ...]:
    if not reference:
        return tuple(sorted(map(text_of, values))) if values else ()
    found = (store.metaverse.get(cast("int", value)) for value in values)
    return tuple(sorted(name_of(mv) if mv is not None else "(an object that is gone)" for mv in found))


def error_text(error: ObjectError) -> str:
    """MIM's words, the step, and what the extension said."""
    where = f" ({error.step})" if error.step else ""
    said = error.detail.get("call-stack") or error.detail.get("error-literal") or error.detail.get("attribute") or ""
    return f"{error.error_type}{where}" + (f": {said}" if said else "")
