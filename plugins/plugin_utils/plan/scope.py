# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What of a domain is read: partitions, containers, object types."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..configuration import distinguished_name
from ..configuration.element import Element
from ..configuration.folder import Folder
from ..configuration.markup import Fragment
from ..desired import ActiveDirectoryAgent, PartitionScope
from ..desired.problems import suggestion
from .change import Change, Risk, listing
from .context import Context, data_of, make_guid, partition_of, steps_of
from .facts import Domain, ForestFacts

# Types that hold others or tell of the forest itself; an agent reads them whatever people it reads.
STRUCTURAL_TYPES = ("container", "crossRef", "domainDNS", "organizationalUnit")
_LEAVES_SCOPE = "objects that leave the scope are deleted from the connector space by the next full import"


def plan_scope(context: Context, agent: ActiveDirectoryAgent, facts: ForestFacts | None) -> None:
    """Every declared partition: there, selected, with exactly the declared containers and types."""
    for scope in agent.partitions:
        dn = distinguished_name.of_domain(scope.domain)
        if facts is not None and not facts.error:
            domain = facts.domain(scope.domain)
            if domain is None:
                context.fault(f"{scope.path}.domain", _no_domain(scope, facts))
                continue
            _check_containers(context, scope, facts)
            if _find(context, agent.name, dn) is None:
                _plan_new_partition(context, agent, domain, scope)
        partition = _find(context, agent.name, dn)
        if partition is None:
            context.fault(f"{scope.path}.domain", f"the management agent {agent.name!r} has no partition for {scope.domain}, and its forest was not asked")
            continue
        _plan_selected(context, agent.name, partition, dn)
        _plan_containers(context, agent, scope, dn, facts)
        if scope.object_types is not None:
            _plan_types(context, agent, scope, dn)


def _no_domain(scope: PartitionScope, facts: ForestFacts) -> str:
    domains = [context.dns for context in facts.contexts if context.is_domain]
    return f"the forest {facts.name} has no domain {scope.domain!r}{suggestion(scope.domain, domains)}; it has {', '.join(domains)}"


def _check_containers(context: Context, scope: PartitionScope, facts: ForestFacts) -> None:
    for key, names in (("include", scope.include), ("exclude", scope.exclude)):
        for index, dn in enumerate(names or ()):
            if not facts.exists(dn):
                context.fault(f"{scope.path}.{key}[{index}]", f"{dn!r} does not exist in {scope.domain}")


def _find(context: Context, agent: str, dn: str) -> Element | None:
    for partition in context.data(agent).find_all("ma-partition-data/partition"):
        if distinguished_name.same(partition.find_text("name"), dn):
            return partition
    return None


def _plan_selected(context: Context, agent: str, partition: Element, dn: str) -> None:
    if partition.find_text("selected") == "1":
        return
    name = partition.find_text("name")

    def edit(folder: Folder) -> None:
        partition_of(folder, agent, name).require("selected").set_text("1")

    context.add(
        Change(agent, "partition", f"partition {dn} selected", "not selected", f"{dn} selected", edit, Risk.RECALCULATES, "its objects are read from now on")
    )


def _plan_new_partition(context: Context, agent: ActiveDirectoryAgent, domain: Domain, scope: PartitionScope) -> None:
    """A further domain: a copy of the agent's first domain partition with its own containers, and a step for it in every run profile."""
    dn = domain.dn
    model = next(
        (
            partition
            for partition in context.data(agent.name).find_all("ma-partition-data/partition")
            if partition.find_text("custom-data/adma-partition-data/is-domain") == "1"
        ),
        None,
    )
    if model is None:
        context.fault(f"{agent.path}.partitions", f"the management agent {agent.name!r} has no domain partition that {dn} could be made after")
        return
    old_name, old_id = model.find_text("name"), model.find_text("id").upper()
    new_id = make_guid(context.data(agent.name).find_text("id"), dn)

    def edit(folder: Folder) -> None:
        data = data_of(folder, agent.name)
        copy = data.require("ma-partition-data").append(partition_of(folder, agent.name, old_name).copy())
        for path, text in (("id", new_id), ("name", domain.dn), ("selected", "1")):
            copy.require(path).set_text(text)
        for path, text in (("dn", domain.dn), ("name", domain.dns), ("guid", domain.guid)):
            copy.require(f"custom-data/adma-partition-data/{path}").set_text(text)
        for kind, one, names in (("inclusions", "inclusion", scope.include or (domain.dn,)), ("exclusions", "exclusion", scope.exclude or ())):
            set_list(copy.require(f"filter/containers/{kind}"), one, names)
        _copy_steps(data, old_id, new_id)

    sentence = f"partition {dn} added, with a step in every run profile"
    context.add(Change(agent.name, "partition", sentence, "", dn, edit, Risk.RECALCULATES, "its objects are read from now on"))


def _copy_steps(data: Element, old_id: str, new_id: str) -> None:
    for configuration, step in list(steps_of(data)):
        if step.find_text("partition").upper() == old_id:
            configuration.insert(list(configuration.children).index(step) + 1, step.copy()).require("partition").set_text(new_id)


def _plan_containers(context: Context, agent: ActiveDirectoryAgent, scope: PartitionScope, dn: str, facts: ForestFacts | None) -> None:
    partition = _find(context, agent.name, dn)
    if partition is None:
        return
    for kind, wanted in (("inclusions", scope.include), ("exclusions", scope.exclude)):
        if wanted is None:
            continue
        present = _texts(partition, kind)
        kept = _contexts_in(present, dn, facts) if kind == "exclusions" else []
        target = [*kept, *wanted]
        if {distinguished_name.comparable(name) for name in present} != {distinguished_name.comparable(name) for name in target}:
            _plan_list(context, agent.name, (partition.find_text("name"), kind), present, target)


def _texts(partition: Element, kind: str) -> list[str]:
    return [text for element in partition.find_all(f"filter/containers/{kind}/{kind[:-1]}") if (text := element.text.strip())]


def _contexts_in(present: Sequence[str], dn: str, facts: ForestFacts | None) -> list[str]:
    """Exclusions of other naming contexts, which the designer writes by itself and nobody declares."""
    names = {distinguished_name.comparable(context.dn) for context in facts.contexts} if facts else set()
    own = {distinguished_name.comparable(f"CN=Configuration,{dn}")}
    return [name for name in present if distinguished_name.comparable(name) in names | own]


def _plan_list(context: Context, agent: str, place: tuple[str, str], present: list[str], target: list[str]) -> None:
    """`place`: the partition and its list, inclusions or exclusions."""
    partition, kind = place

    def edit(folder: Folder) -> None:
        set_list(partition_of(folder, agent, partition).require(f"filter/containers/{kind}"), kind[:-1], target)

    gone, new = _difference(present, target), _difference(target, present)
    words = [f"{name} no longer" for name in gone] + new
    shrinks = _shrinks(kind, present, target)
    risk, reason = (Risk.CAN_DELETE, _because(context, agent)) if shrinks else (Risk.RECALCULATES, "objects that come into scope are read")
    context.add(Change(agent, kind, f"{partition}: {kind}: {'; '.join(words)}", listing(present), listing(target), edit, risk, reason))


def _because(context: Context, agent: str) -> str:
    further = context.deletes_with(agent)
    return f"{_LEAVES_SCOPE}; {further}" if further else _LEAVES_SCOPE


def _difference(first: Sequence[str], second: Sequence[str]) -> list[str]:
    other = {distinguished_name.comparable(name) for name in second}
    return [name for name in first if distinguished_name.comparable(name) not in other]


def _shrinks(kind: str, present: Sequence[str], target: Sequence[str]) -> bool:
    """True if something that was read is read no longer: an inclusion that no other covers, or a further exclusion."""
    if kind == "exclusions":
        return bool(_difference(target, present))
    return any(not any(distinguished_name.is_inside(name, other) for other in target) for name in present)


def set_list(parent: Element, one: str, wanted: Sequence[str]) -> None:
    """Makes the children exactly `wanted`, leaving those that are there already as they are written."""
    names = {distinguished_name.comparable(name) for name in wanted}
    seen: set[str] = set()
    for child in list(parent.children):
        name = distinguished_name.comparable(child.text.strip())
        if name not in names:
            parent.remove(child)
        seen.add(name)
    for name in wanted:
        if distinguished_name.comparable(name) not in seen:
            parent.append(Fragment(one, text=name))


def _plan_types(context: Context, agent: ActiveDirectoryAgent, scope: PartitionScope, dn: str) -> None:
    partition = _find(context, agent.name, dn)
    if partition is None or scope.object_types is None:
        return
    classes = context.schema(agent.name).classes
    unknown = [(index, name) for index, name in enumerate(scope.object_types) if name.casefold() not in classes]
    for index, name in unknown:
        hint = suggestion(name, (known.name for known in classes.values()))
        context.fault(f"{scope.path}.object_types[{index}]", f"the schema of {agent.name!r} has no object type {name!r}{hint}")
    if unknown:
        return
    present = [element.text.strip() for element in partition.find_all("filter/object-classes/object-class")]
    structural = [name for name in present if name.casefold() in {known.casefold() for known in STRUCTURAL_TYPES}]
    target = [*structural, *(classes[name.casefold()].name for name in scope.object_types if name.casefold() not in {s.casefold() for s in structural})]
    if {name.casefold() for name in present} == {name.casefold() for name in target}:
        return
    _plan_type_list(context, agent.name, partition.find_text("name"), present, sorted(target, key=str.casefold))


def _plan_type_list(context: Context, agent: str, partition: str, present: list[str], target: list[str]) -> None:
    wanted = {name.casefold() for name in target}

    def edit(folder: Folder) -> None:
        found = partition_of(folder, agent, partition)
        _set_types(found.require("filter/object-classes"), target)
        for hint in found.find_all("filter-hints/object-classes/object-class"):
            hint.require("included").set_text("1" if hint.find_text("name").casefold() in wanted else "0")

    gone = [name for name in present if name.casefold() not in wanted]
    risk, reason = (Risk.CAN_DELETE, _because(context, agent)) if gone else (Risk.RECALCULATES, "objects that come into scope are read")
    new = [name for name in target if name.casefold() not in {known.casefold() for known in present}]
    words = [f"{name} no longer" for name in gone] + new
    context.add(Change(agent, "object types", f"{partition}: object types: {'; '.join(words)}", listing(present), listing(target), edit, risk, reason))


def _set_types(parent: Element, target: Iterable[str]) -> None:
    wanted = {name.casefold(): name for name in target}
    for child in list(parent.children):
        if wanted.pop(child.text.strip().casefold(), None) is None:
            parent.remove(child)
    for name in wanted.values():
        later = next((index for index, child in enumerate(parent.children) if child.text.strip().casefold() > name.casefold()), len(parent.children))
        parent.insert(later, Fragment("object-class", text=name))
