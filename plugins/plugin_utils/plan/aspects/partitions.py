# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What of a connected system is read: partitions, their containers and object types (`ma-partition-data`)."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace

from ...configuration import distinguished_name
from ...configuration.element import Element
from ...configuration.folder import Folder
from ...configuration.markup import Fragment
from ...configuration.model import ManagementAgent, Partition
from ...configuration.reader import read_partition
from ..change import Change, Edit, Risk, listing
from ..comparison import Comparison, agent_change, section
from ..editing import Items, Listing, by_text, paired, remove_empty, set_text

_PARTITIONS = Listing("partition", lambda element: element.find_text("id").upper())
_CONTROLLERS = Listing("preferred-dc", by_text)
_LEAVES = "objects that leave the scope are deleted from the connector space by the next full import"
_COMES = "objects that come into scope are read"
# Category of an agent -> element with a partition's private data.
_PRIVATE = {**dict.fromkeys(("ad", "adgal", "ad gal", "adam", "ad lds"), "adma-partition-data"), "extensible2": "ecma-partition-data"}


def _dn_key(element: Element) -> Hashable:
    return distinguished_name.comparable(element.text.strip())


# Field of the model -> path of the list, its entries, how they are named, whether more of them means fewer objects.
_LISTS = (
    ("object_types", "object types", "filter/object-classes", Listing("object-class", by_text), False),
    ("inclusions", "inclusions", "filter/containers/inclusions", Listing("inclusion", _dn_key), False),
    ("exclusions", "exclusions", "filter/containers/exclusions", Listing("exclusion", _dn_key), True),
)
_TEXTS = ("name", "dn", "guid")


def changes(comparison: Comparison) -> Iterator[Change]:
    for present, wanted in comparison.pairs():
        if present.partitions is wanted.partitions:
            continue
        matched = _with_ids(comparison, present, wanted.partitions)
        for old, new in paired(present.partitions, matched, lambda one: one.id):
            difference = _Difference(comparison, present, matched)
            if old is None and new is not None:
                yield difference.added(new)
            elif old is not None and new is None:
                yield difference.removed(old)
            elif old is not None and new is not None:
                yield from difference.changed(old, new)


def _with_ids(comparison: Comparison, present: ManagementAgent, wanted: Sequence[Partition]) -> tuple[Partition, ...]:
    """The wanted partitions with the ids of those that are there, by id or else by name; new ones get one of their own."""
    known, ids = {one.id for one in present.partitions}, {_name(one): one.id for one in present.partitions}
    return tuple(
        one if one.id in known else replace(one, id=ids.get(_name(one), one.id) or comparison.guid("partition", present.id, one.name)) for one in wanted
    )


def _name(partition: Partition) -> str:
    return distinguished_name.comparable(partition.name) or partition.name.casefold()


@dataclass(frozen=True)
class _Difference:
    comparison: Comparison
    agent: ManagementAgent
    wanted: tuple[Partition, ...]

    def _items(self) -> Items[Partition]:
        return Items(
            _PARTITIONS, lambda folder: section(folder, self.agent.name, "ma-partition-data"), lambda one: one.id, lambda one: _write(one, self.agent.category)
        )

    def _change(self, partition: Partition, told: str, values: tuple[str, str], edits: tuple[Edit, Edit], risk: tuple[Risk, str]) -> Change:
        item = ("partition", self.agent.name.casefold(), partition.name.casefold())
        sentence = f"partition {partition.name}{told}"
        return agent_change(self.agent, "partition", sentence, values=values, edits=edits, risk=risk[0], reason=risk[1], imports=True, item=item)

    def _lost(self) -> tuple[Risk, str]:
        """Objects that are read no longer are deleted from the connector space; what follows is up to the deletion rules."""
        return Risk.CAN_DELETE, "; ".join(filter(None, (_LEAVES, self.comparison.deletes_with(self.agent))))

    def added(self, partition: Partition) -> Change:
        items = self._items()
        model = next((one for one in self.agent.partitions if one.is_domain == partition.is_domain), None)
        edits = (self._copied(model, partition) if model is not None else items.put(partition, self.wanted), items.take(partition))
        return self._change(partition, " added", ("", partition.name), edits, (Risk.RECALCULATES, _COMES))

    def removed(self, partition: Partition) -> Change:
        items = self._items()
        edits = (items.take(partition), items.put(partition, self.agent.partitions))
        risk = self._lost() if partition.selected else (Risk.NONE, "")
        return self._change(partition, " removed", (partition.name, ""), edits, risk)

    def _copied(self, model: Partition, new: Partition) -> Edit:
        """A further partition after one that is there, which has what is not modelled (hints, ways to connect)."""

        def edit(folder: Folder) -> None:
            root = section(folder, self.agent.name, "ma-partition-data")
            found = _PARTITIONS.find(root, model.id)
            if found is None:
                return
            made = _PARTITIONS.insert(root, found.copy(), [one.id for one in self.wanted if one.id != new.id])
            made.require("id").set_text(new.id)
            _set_texts(made, new)
            private = _private(made)
            if private is not None:
                _set_known(private, "name", _dns_name(new.dn))
            _set_selected(made, new)
            for field, _title, path, entries, _inverse in _LISTS:
                _set_list(made, path, entries, getattr(new, field))
            _set_hints(made, new)
            if read_partition(made).preferred_controllers != new.preferred_controllers:
                _set_controllers(made, new)

        return edit

    def changed(self, old: Partition, new: Partition) -> Iterator[Change]:
        yield from self._renamed(old, new)
        if old.selected != new.selected:
            edits = (self._on(new, _set_selected), self._on(old, _set_selected))
            risk = (Risk.RECALCULATES, _COMES) if new.selected else self._lost()
            values = ("selected", "not selected") if old.selected else ("not selected", "selected")
            yield self._change(old, f" {'selected' if new.selected else 'no longer selected'}", values, edits, risk)
        for field, title, path, entries, inverse in _LISTS:
            before, after = getattr(old, field), getattr(new, field)
            gone, come = _missing(before, after, title), _missing(after, before, title)
            if gone or come:
                told = [f"{name} no longer" for name in gone] + come
                edits = (self._fill(new, path, entries, after), self._fill(old, path, entries, before))
                risk = self._lost() if _shrinks(before, after, title=title, inverse=inverse) else (Risk.RECALCULATES, _COMES)
                yield self._change(old, f": {title}: {'; '.join(told)}", (listing(before), listing(after)), edits, risk)

        if old.preferred_controllers != new.preferred_controllers:
            values = ("\n".join(old.preferred_controllers), "\n".join(new.preferred_controllers))
            named = f": preferred domain controllers: {', '.join(new.preferred_controllers) or 'none'}"
            yield self._change(old, named, values, (self._on(new, _set_controllers), self._on(old, _set_controllers)), (Risk.NONE, ""))

    def _renamed(self, old: Partition, new: Partition) -> Iterator[Change]:
        texts = [(getattr(old, field), getattr(new, field)) for field in _TEXTS]
        if all(before.casefold() == after.casefold() or not after for before, after in texts):
            return
        edits = (self._on(new, _set_texts), self._on(old, _set_texts))
        reason = "every object of the partition comes from another naming context"
        told = f" -> {new.name}" if old.name != new.name else f": objectGUID {old.guid} -> {new.guid}"
        yield self._change(old, told, (f"{old.name} {old.guid}", f"{new.name} {new.guid}"), edits, (Risk.CAN_DELETE, reason))

    def _on(self, partition: Partition, edit: Callable[[Element, Partition], None]) -> Edit:
        def run(folder: Folder) -> None:
            found = _PARTITIONS.find(section(folder, self.agent.name, "ma-partition-data"), partition.id)
            if found is not None:
                edit(found, partition)

        return run

    def _fill(self, partition: Partition, path: str, entries: Listing, names: Sequence[str]) -> Edit:
        def fill(element: Element, one: Partition) -> None:
            _set_list(element, path, entries, names)
            if entries.local == "object-class":
                _set_hints(element, one)

        return self._on(partition, fill)


def _dns_name(dn: str) -> str:
    """The domain's DNS name; empty for what is no domain."""
    parts = [part.strip().partition("=") for part in dn.split(",")]
    return ".".join(value for kind, _unused, value in parts) if all(kind.casefold() == "dc" for kind, _unused, _unused in parts) else ""


def _set_known(element: Element, path: str, text: str) -> None:
    if text and (found := element.find(path)) is not None and found.text.strip() != text:
        found.set_value(text)


def _set_texts(element: Element, partition: Partition) -> None:
    _set_known(element, "name", partition.name)
    private = _private(element)
    if private is not None:
        _set_known(private, "dn", partition.dn)
        _set_known(private, "guid", partition.guid)


def _private(element: Element) -> Element | None:
    return next((child for data in element.find_all("custom-data") for child in data.children if child.local.endswith("-partition-data")), None)


def _set_selected(element: Element, partition: Partition) -> None:
    set_text(element, "selected", "1" if partition.selected else "0")


def _set_controllers(element: Element, partition: Partition) -> None:
    private = _private(element)
    if private is None:
        return
    names = private.find("preferred-dcs") or private.append(Fragment("preferred-dcs"))
    for child in _CONTROLLERS.members(names):
        names.remove(child)
    for name in partition.preferred_controllers:
        names.append(Fragment("preferred-dc", text=name))
    remove_empty(names, 1)


def _set_hints(element: Element, partition: Partition) -> None:
    """The designer keeps a list of its own of what is chosen; a type that is missing there stays missing."""
    wanted = {name.casefold() for name in partition.object_types}
    for hint in element.find_all("filter-hints/object-classes/object-class"):
        included = "1" if hint.find_text("name").casefold() in wanted else "0"
        if hint.find_text("included") != included:
            set_text(hint, "included", included)


def _set_list(element: Element, path: str, entries: Listing, names: Sequence[str]) -> None:
    parent = element
    for name in path.split("/"):
        parent = parent.find(name) or parent.append(Fragment(name))
    keys = [distinguished_name.comparable(name) if entries.local != "object-class" else name.casefold() for name in names]
    for child in entries.members(parent):
        if entries.key(child) not in keys and child.text.strip():
            parent.remove(child)
    for index, name in enumerate(names):
        if entries.find(parent, keys[index]) is None:
            entries.insert(parent, Fragment(entries.local, text=name), keys[:index])


def _missing(first: Sequence[str], second: Sequence[str], title: str) -> list[str]:
    plain = str.casefold if title == "object types" else distinguished_name.comparable
    known = {plain(name) for name in second}
    return [name for name in first if plain(name) not in known]


def _shrinks(before: Sequence[str], after: Sequence[str], *, title: str, inverse: bool) -> bool:
    if inverse:
        return bool(_missing(after, before, title))
    if title == "object types":
        return bool(_missing(before, after, title))
    return any(not any(distinguished_name.is_inside(name, other) for other in after) for name in before)


def _write(partition: Partition, category: str) -> Fragment:
    lists = {field: tuple(Fragment(entries.local, text=name) for name in getattr(partition, field)) for field, _title, _path, entries, _inverse in _LISTS}
    containers = (Fragment("exclusions", children=lists["exclusions"]), Fragment("inclusions", children=lists["inclusions"]))
    chosen = (Fragment("object-classes", children=lists["object_types"]), Fragment("containers", children=containers))
    named = (Fragment("id", text=partition.id), Fragment("name", text=partition.name), Fragment("version", text="1"))
    selected = Fragment("selected", text="1" if partition.selected else "0")
    custom = Fragment("custom-data", children=tuple(_private_data(partition, _PRIVATE.get(category.casefold(), ""))))
    return Fragment("partition", children=(*named, selected, Fragment("filter", children=chosen), custom))


def _private_data(partition: Partition, tag: str) -> Iterator[Fragment]:
    if not tag:
        return
    texts = {"dn": partition.dn, "name": _dns_name(partition.dn) or partition.dn, "guid": partition.guid, "is-domain": "1" if partition.is_domain else "0"}
    controllers = tuple(Fragment("preferred-dc", text=name) for name in partition.preferred_controllers)
    more = (Fragment("preferred-dcs", children=controllers),) if controllers else ()
    yield Fragment(tag, children=(*(Fragment(name, text=text) for name, text in texts.items() if text), *more))
