# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an agent reads and how it runs: partitions, containers, run profiles with their steps."""

from __future__ import annotations

from collections.abc import Iterator

from ..configuration.compare import VOLATILE_ELEMENTS
from ..configuration.distinguished_name import comparable
from ..configuration.element import Element
from ..configuration.model import StepKind
from ..configuration.reader import step_kind
from .leaves import leaves, rest
from .sections import Column, Row, Section, folded

_KNOWN_OF_PARTITION = frozenset({"id", "name", "@version", "selected", "filter", "filter-hints", "creation-time", "last-modification-time", "custom-data"})
_KNOWN_OF_STEP = frozenset({"step-type", "partition", "threshold/object", "threshold/delete", "threshold/batch-size"})
STEPS = {
    StepKind.FULL_IMPORT: "Full import (stage only)",
    StepKind.DELTA_IMPORT: "Delta import (stage only)",
    StepKind.FULL_IMPORT_DELTA_SYNC: "Full import and delta synchronization",
    StepKind.FULL_IMPORT_FULL_SYNC: "Full import and full synchronization",
    StepKind.DELTA_IMPORT_DELTA_SYNC: "Delta import and delta synchronization",
    StepKind.FULL_SYNC: "Full synchronization",
    StepKind.DELTA_SYNC: "Delta synchronization",
    StepKind.EXPORT: "Export",
}


def partitions(data: Element) -> Section:
    columns = (Column("Partition", folded), Column("Selected"), Column("Object types", folded), Column("Settings"))
    rows = []
    for item in data.find_all("ma-partition-data/partition"):
        name = item.find_text("name")
        types = sorted((text for one in item.find_all("filter/object-classes/object-class") if (text := one.text.strip())), key=str.casefold)
        selected = "yes" if item.find_text("selected") == "1" else "no"
        settings = "; ".join(text for text in (rest(item, _KNOWN_OF_PARTITION), _private(item)) if text)
        rows.append(Row((name,), (name, selected, ", ".join(types), settings), identifier=item.find_text("id")))
    return Section("Partitions", "Partitions", columns, tuple(sorted(rows, key=lambda row: row.key[0].casefold())))


def containers(data: Element) -> Section:
    columns = (Column("Partition", folded), Column("Read"), Column("Container", comparable))
    rows = [
        Row((name, word, ",".join(piece.strip() for piece in text.split(","))), (name, word, text))
        for partition in data.find_all("ma-partition-data/partition")
        for name in (partition.find_text("name"),)
        for word, path in (("included", "inclusions/inclusion"), ("excluded", "exclusions/exclusion"))
        for item in partition.find_all(f"filter/containers/{path}")
        if (text := item.text.strip())
    ]
    ordered = sorted(rows, key=lambda row: (row.key[0].casefold(), row.key[1] == "excluded", row.key[2].casefold()))
    return Section("Containers", "Containers", columns, tuple(ordered), empty="None: whole partitions are read.")


def run_profiles(data: Element) -> Section:
    columns = (
        Column("Run profile", folded),
        Column("Step", compared=False),
        Column("What it does"),
        Column("Partition", folded),
        Column("Limits"),
        Column("Batch size"),
        Column("Settings"),
    )
    names = {item.find_text("id").upper(): item.find_text("name") for item in data.find_all("ma-partition-data/partition")}
    profiles = sorted(data.find_all("ma-run-data/run-configuration"), key=lambda item: item.find_text("name").casefold())
    rows = tuple(row for profile in profiles for row in _profile_rows(profile, names))
    return Section("Run profile steps", "Run profiles", columns, rows)


def _profile_rows(profile: Element, partitions_by_id: dict[str, str]) -> Iterator[Row]:
    name = profile.find_text("name")
    steps = profile.find_all("configuration/step")
    if not steps:
        yield Row((name, ""), (name, "", "no steps", "", "", "", ""))
    for place, step in enumerate(steps, start=1):
        identifier = step.find_text("partition").upper()
        partition = partitions_by_id.get(identifier, f"unknown partition {identifier}" if identifier else "")
        cells = (name, str(place), _what(step), partition, _limits(step), step.find_text("threshold/batch-size"), _settings(step))
        yield Row((name, partition), cells, group=name, place=place)


def _what(step: Element) -> str:
    kind = step.find("step-type")
    if kind is None:
        return "nothing"
    subtypes = [child.text.strip() for child in kind.children if child.local.endswith("-subtype")]
    known = STEPS.get(step_kind(kind.get("type"), subtypes))
    return known or " ".join((kind.get("type"), *subtypes))


def _limits(step: Element) -> str:
    limits = (("objects", step.find_text("threshold/object")), ("deletes", step.find_text("threshold/delete")))
    return ", ".join(f"{name}: {value}" for name, value in limits if value and value != "0")


def _settings(step: Element) -> str:
    own = rest(step, {*_KNOWN_OF_STEP, "custom-data", *VOLATILE_ELEMENTS})
    return "; ".join(text for text in (own, _private(step)) if text)


def _private(item: Element) -> str:
    """What the kind of agent adds; its outermost element is named after the kind and tells nothing to a reader."""
    custom = item.find("custom-data")
    return "; ".join(f"{place.partition('/')[2] or place} = {value}" for place, value in leaves(custom)) if custom is not None else ""
