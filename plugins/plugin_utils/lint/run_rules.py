# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Findings on partitions and run profiles."""

from __future__ import annotations

from collections.abc import Iterator

from ..configuration import distinguished_name
from ..configuration.model import ManagementAgent, StepKind
from .findings import Finding, error, note, warning
from .views import View, twins


def partitions(view: View) -> Iterator[Finding]:
    for item in view.agents:
        agent = item.agent
        for identifier in twins(partition.id for partition in agent.partitions):
            yield error("partition-id-twice", agent.name, f"two partitions have the id {identifier}")
        stepped = {step.partition_id for profile in agent.run_profiles for step in profile.steps}
        for partition in agent.partitions:
            place = f"{agent.name} {partition.name}"
            if partition.selected and agent.run_profiles and partition.id not in stepped:
                yield warning("partition-without-step", place, "the partition is selected, but no run profile has a step for it")
            for name in (*partition.inclusions, *partition.exclusions):
                if partition.dn and not distinguished_name.is_inside(name, partition.dn):
                    yield error("container-outside", place, f"the container {name!r} lies outside of the partition")


def run_profiles(view: View) -> Iterator[Finding]:
    for item in view.agents:
        agent = item.agent
        for name in twins(profile.name.casefold() for profile in agent.run_profiles):
            yield error("profile-twice", f"{agent.name} run profile {name}", "two run profiles have this name")
        yield from _steps(agent)


def _steps(agent: ManagementAgent) -> Iterator[Finding]:
    ids = {partition.id: partition for partition in agent.partitions}
    for profile in agent.run_profiles:
        place = f"{agent.name} run profile {profile.name}"
        if not profile.steps:
            yield warning("empty-profile", place, "it has no step")
        for identifier in sorted({step.partition_id for step in profile.steps}):
            if identifier not in ids:
                gone = identifier or "without an id"
                yield error("unknown-partition", place, f"a step is for the partition {gone}, which does not exist")
            elif not ids[identifier].selected:
                yield warning("partition-not-selected", place, f"a step is for the partition {ids[identifier].name!r}, which is not selected")
        for step in profile.steps:
            if not step.type:
                yield error("unknown-word", place, "a step does not say what it does")
            elif step.kind is StepKind.OTHER and not step.subtypes:
                yield note("unknown-word", place, f"a step is of the kind {step.type!r}, which is not known; it is kept as it is")
