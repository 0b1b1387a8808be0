# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Scenes of the engine's small world, and what its target system really went through."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import ServerConfiguration
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.extension import Registry
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.systems.base import ImportPage, ImportRequest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.systems.memory import Entry, MemorySystem
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.answer import Preview
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.cycle import Run, with_profiles
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.rows import Row, text_of
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.scene import Scene
from ansible_collections.mimsync.sharepoint.tests.unit.engine.engine_support import (
    HR,
    KIND,
    ROOT,
    TestRules,
    World,
    as_values,
    filter_on,
    flows,
    hr,
    metaverse,
    world,
)
from hypothesis import strategies as st


@dataclass
class ReadOnly:
    """A system that can be read; anything else would be a fault of the preview."""

    system: MemorySystem

    @property
    def server(self) -> str:
        return self.system.server

    def import_pages(self, request: ImportRequest) -> Iterator[ImportPage]:
        return self.system.import_pages(request)

    def export(self, changes: Sequence[Any]) -> Any:
        raise AssertionError("a preview exports nothing")


def rules_of(made: World) -> Registry:
    return Registry({"Test.dll": type("Rules", (TestRules,), {"hooks": made.hooks})})


def live(made: World) -> Scene:
    """The world's state with its systems as they are now."""
    bases = {"HR": ReadOnly(made.hr), "APP": ReadOnly(made.app), "OTHER": ReadOnly(made.other)}
    return Scene(made.configuration, made.store, bases)


def replayed(made: World) -> Scene:
    """The world's state alone."""
    return Scene(made.configuration, made.store)


def preview(made: World, wanted: ServerConfiguration | None = None, *, scene: Scene | None = None, **options: Any) -> Preview:
    return Preview(scene or live(made), rules_of(made), wanted, switches=made.switches, clock=lambda: made.now, **options)


def really(made: World, wanted: ServerConfiguration, runs: Sequence[Run]) -> None:
    """Does what was previewed."""
    made.configure(with_profiles(wanted))
    for run in runs:
        made.engine.run(run.agent, run.profile)


def entries(system: MemorySystem) -> dict[str, Entry]:
    return copy.deepcopy(system.entries)


def texts(entry: Entry, name: str) -> tuple[str, ...]:
    return tuple(sorted(map(text_of, entry.attributes.get(name, ()))))


def happened(before: dict[str, Entry], after: dict[str, Entry]) -> set[Any]:
    """What became of the objects of a system, attribute by attribute."""
    found: set[Any] = {("deleted", anchor) for anchor in before.keys() - after.keys()}
    for anchor, entry in after.items():
        if anchor not in before:
            found.add(("added", anchor, tuple((name, " | ".join(texts(entry, name))) for name in sorted(entry.attributes))))
            continue
        for name in before[anchor].attributes.keys() | entry.attributes.keys():
            if texts(before[anchor], name) != texts(entry, name):
                found.add(("value changed", anchor, name, texts(before[anchor], name), texts(entry, name)))
    return found


def foretold(rows: Sequence[Row], agent: str = "APP") -> set[Any]:
    found: set[Any] = set()
    for row in rows:
        if row.agent != agent:
            continue
        if row.transition == "deleted":
            found.add(("deleted", row.dn))
        elif row.transition == "added":
            found.add(("added", row.dn, row.values))
        elif row.transition == "value changed":
            found.add(("value changed", row.dn, row.attribute, row.old, row.new))
    return found


# A person's life in HR, and a hand that changes the target.
NUMBERS = st.integers(0, 4)
LIFE = {
    "mail": st.sampled_from(["a@x", "b@x"]),
    "title": st.sampled_from(["Chief", "Boss"]),
    "flags": st.integers(0, 3),
    "boss": NUMBERS,
    "tags": st.lists(st.sampled_from("abc"), min_size=1, unique=True).map(tuple),
}
CHANGES = st.one_of(
    st.tuples(st.just("put"), NUMBERS, st.fixed_dictionaries({}, optional=LIFE)),
    st.tuples(st.just("delete"), NUMBERS, st.none()),
    st.tuples(st.just("move"), NUMBERS, st.integers(0, 2)),
    st.tuples(st.just("target"), NUMBERS, st.sampled_from(["a@x", "c@x"])),
)


def fresh(store: str = "memory") -> World:
    """HR filters people by a bit; each attribute has one source. `store` is one of `STORES`."""
    made = tuple(flows(name, (HR, name)) for name in ("mail", "account", "name", "title", "manager", "tags"))
    KIND[0] = store
    try:
        return world(hr_agent=hr(filters=(filter_on("flags", "bit-on", "2"),)), mv=metaverse(*made))
    finally:
        KIND[0] = "memory"


def change(made: World, step: tuple[str, int, Any]) -> None:
    kind, number, detail = step
    key = f"hr-{number}"
    if kind == "put":
        values = dict(detail)
        # A directory refuses a reference to nobody.
        boss = made.hr.entries.get(f"hr-{values.pop('boss', -1)}")
        place = made.hr.entries[key].dn if key in made.hr.entries else made.dn(number)
        attributes = {"account": f"u{number}", "name": f"Person {number}", **values, **({"manager": boss.dn} if boss else {})}
        made.hr.put(key, place, "user", as_values(attributes))
    elif kind == "delete" and key in made.hr.entries:
        made.hr.delete(key)
    elif kind == "move" and key in made.hr.entries:
        made.hr.move(key, f"CN=Person {number},OU=Moved {detail},{ROOT}")
    elif kind == "target" and f"u{number}" in made.app.entries:
        made.app.set(f"u{number}", {"mail": (detail,)})
