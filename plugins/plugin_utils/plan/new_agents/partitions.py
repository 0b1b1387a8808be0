# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A partition that has never run, as a server exports it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...configuration.element import Element
from ...configuration.markup import Fragment
from ...configuration.model import ManagementAgent, Partition
from ..editing import NEW_TIMES

_OPERATIONS = {"AD": "1073741855"}
_OTHER_OPERATIONS = "1073741854"


def partition(agent: ManagementAgent, one: Partition, data: Element | None = None) -> Fragment:
    """`data` is the agent's `ma-data`, whose schema tells how object types inherit; without it they do not."""
    classes = Fragment("object-classes", children=_texts("object-class", one.object_types))
    inclusions = _texts("inclusion", one.inclusions) if one.inclusions or agent.category == "AD" else (Fragment("inclusion"),)
    held = (Fragment("exclusions", children=_texts("exclusion", one.exclusions)), Fragment("inclusions", children=inclusions))
    custom = tuple(_custom(agent, one))
    return Fragment(
        "partition",
        children=(
            *(Fragment(name, text=text) for name, text in _named(one).items()),
            Fragment("filter", children=(classes, Fragment("containers", children=held))),
            *((Fragment("custom-data", children=custom),) if custom else ()),
            Fragment("allowed-operations", text=_OPERATIONS.get(agent.category, _OTHER_OPERATIONS)),
            Fragment("current", children=(Fragment("batch-number", text="1"), Fragment("sequence-number", text="0"))),
            Fragment("last-successful-batch", text="0"),
            Fragment("filter-hints", children=(Fragment("object-classes", children=tuple(_hint(name, data) for name in one.object_types)),)),
        ),
    )


def _named(one: Partition) -> dict[str, str]:
    return {"id": one.id, "name": one.name, **NEW_TIMES, "version": "1", "selected": "1" if one.selected else "0"}


def _custom(agent: ManagementAgent, one: Partition) -> Iterator[Fragment]:
    if agent.category == "AD" and agent.forest is not None:
        name = ".".join(part[3:] for part in one.dn.split(",") if part[:3].casefold() == "dc=") or one.dn
        ssl = Fragment("ssl-bind", {"crl-check": "0"}, "1" if agent.forest.ssl else "0")
        simple = Fragment("simple-bind", text="1" if agent.forest.simple_bind else "0")
        texts = {"dn": one.dn, "name": name, "guid": one.guid, "sign-and-seal": "1" if agent.forest.sign_and_seal else "0"}
        kept = {"is-domain": "1" if one.is_domain else "0", "dc-failover": "1"}
        preferred = (Fragment("preferred-dcs", children=_texts("preferred-dc", one.preferred_controllers)),) if one.preferred_controllers else ()
        parts = (*(Fragment(key, text=text) for key, text in {**texts, **kept}.items()), ssl, simple, *preferred)
        yield Fragment("adma-partition-data", children=parts)
    elif agent.category.startswith("Extensible"):
        texts = {"dn": one.dn or one.name, "name": one.name, "is-domain": "1" if one.is_domain else "0"}
        yield Fragment("ecma-partition-data", children=tuple(Fragment(key, text=text) for key, text in texts.items()))


def _hint(name: str, data: Element | None) -> Fragment:
    chain = Fragment("hierarchy", children=_texts("object-class", _chain(name, data)))
    return Fragment("object-class", children=(Fragment("name", text=name), chain, Fragment("included", text="1")))


def _chain(name: str, data: Element | None) -> Sequence[str]:
    """Object types from the topmost down to this one."""
    directory = data.find("schema/dsml/directory-schema") if data is not None else None
    if directory is None:
        return (name,)
    classes = {item.get("id"): item for item in directory.children if item.local == "class"}
    current = next((item for item in classes.values() if item.find_text("name").casefold() == name.casefold()), None)
    found: list[str] = []
    while current is not None and current.find_text("name") not in found:
        found.append(current.find_text("name"))
        current = classes.get(current.get("superior").lstrip("#"))
    return found[::-1] or (name,)


def _texts(tag: str, names: Sequence[str]) -> tuple[Fragment, ...]:
    return tuple(Fragment(tag, text=name) for name in names)
