# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Rules and histories drawn at random: two sources, one target. `python tests/benchmarks/invariants.py` draws many."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import DeletionRule, ExportFlowSet
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.switches import Switches
from engine_support import APP, HR, OTHER, ROOT, World, agent, app, as_values, export, filter_on, flows, hr, join_on, metaverse, new_store, world
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

EXAMPLES = int(os.environ.get("INVARIANT_EXAMPLES", "6"))
SOME = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
TEXTS = ("name", "mail", "title", "phone")
AGENTS = {"HR": HR, "OTHER": OTHER}
SOURCES = st.sampled_from([("HR",), ("OTHER",), ("HR", "OTHER"), ("OTHER", "HR")])


@dataclass(frozen=True)
class Setting:
    """A configuration in a few words: the sources of each attribute by rank, and the rules around them."""

    sources: tuple[tuple[str, ...], ...]
    nulls: tuple[bool, ...]
    filtered: bool
    deletion: str
    recall: bool
    parents_first: bool
    projects: bool
    # An attribute of many values: its sources, ranked or equal.
    tags: tuple[str, ...]
    merged: bool


SETTINGS = st.builds(
    Setting,
    st.tuples(*[SOURCES] * len(TEXTS)),
    st.tuples(*[st.booleans()] * len(TEXTS)),
    st.booleans(),
    st.sampled_from(["declared-any", "declared-last", "none"]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    SOURCES,
    st.booleans(),
)
NUMBERS = st.integers(0, 3)
TAGS = st.sets(st.sampled_from("xyz"), min_size=1).map(lambda found: tuple(sorted(found)))
DETAIL = st.fixed_dictionaries({}, optional={**dict.fromkeys(TEXTS, st.sampled_from("ab")), "flags": st.integers(0, 3), "manager": NUMBERS, "tags": TAGS})
CHANGES = st.tuples(st.sampled_from(["put", "put", "put", "delete", "move"]), st.sampled_from(["HR", "OTHER"]), NUMBERS, DETAIL)
HISTORIES = st.lists(st.lists(CHANGES, max_size=4), min_size=1, max_size=3)


def made_of(chosen: Setting, store: Any = None, *, keep_nulls: bool = True) -> World:
    ranks = (flows(name, *((AGENTS[source], name) for source in sources)) for name, sources in zip(TEXTS, chosen.sources, strict=True))
    account = flows("account", (HR, "account"), (OTHER, "account"))
    tags = flows("tags", *((AGENTS[source], "tags") for source in chosen.tags), precedence="equal" if chosen.merged else "ranked")
    rules = {"none": ()}.get(chosen.deletion, (DeletionRule("{D}", "person", chosen.deletion, (HR,) if chosen.deletion == "declared-any" else (APP,)),))
    mv = metaverse(account, *ranks, tags, flows("manager", (HR, "manager")), deletion_rules=rules, recall={HR: chosen.recall, OTHER: True})
    joined = {"joins": join_on("account", "account")}
    first = hr(**joined, filters=(filter_on("flags", "bit-on", "2"),) if chosen.filtered else ())
    second = agent(OTHER, "OTHER", **joined, projections=hr().projections if chosen.projects else ())
    out = tuple(export(name, nulls=allowed or not keep_nulls) for name, allowed in zip(TEXTS, chosen.nulls, strict=True))
    target = app(export_flows=(ExportFlowSet("user", "person", (*out, export("manager"), export("tags"))),))
    made = world(first, target, mv, agents=(second,), switches=Switches(parents_first=chosen.parents_first), store=store or new_store())
    # An object that is always there: an empty source does not wipe a connector space.
    for system in (made.hr, made.other):
        system.put("keeper", f"CN=keeper,{ROOT}", "user", {"account": ("keeper",)})
    return made


def apply(made: World, change: tuple[str, str, int, dict[str, Any]]) -> None:
    kind, source, number, detail = change
    system = {"HR": made.hr, "OTHER": made.other}[source]
    key, dn = f"{source}-{number}", f"CN=Person {number},OU=Staff,{ROOT}"
    if kind == "put":
        values = dict(detail)
        boss = system.entries.get(f"{source}-{values.pop('manager')}") if "manager" in values else None
        held = {"account": (f"u{number}",), **as_values(values), **({"manager": (boss.dn,)} if boss else {})}
        system.put(key, system.entries[key].dn if key in system.entries else dn, "user", held)
    elif kind == "delete" and key in system.entries:
        system.delete(key)
    elif kind == "move" and key in system.entries:
        system.move(key, f"CN=Person {number},OU=Moved {len(detail)},{ROOT}")


def cycle(made: World, kind: str) -> None:
    made.run(f"HR {kind}I", f"HR {kind}S", f"OTHER {kind}I", f"OTHER {kind}S", f"HR {kind}S", f"APP {kind}I", f"APP {kind}S", "APP EX", "APP DI", "APP DS")


def settled(made: World, kind: str) -> None:
    cycle(made, kind)
    cycle(made, kind)


def profiles(made: World) -> dict[str, dict[str, set[Any]]]:
    return {anchor: {name: set(values) for name, values in entry.attributes.items()} for anchor, entry in made.app.entries.items()}
