# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A fingerprint of the whole state, for tests that nothing was changed and that two ways lead to one end."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from .objects import Attributes, CsObject, MvObject
from .store import Store


def digest(store: Store, agent_ids: Iterable[str]) -> str:
    """SHA-256 of `describe`."""
    return hashlib.sha256(repr(describe(store, agent_ids)).encode("utf-8", "surrogatepass")).hexdigest()


def describe(store: Store, agent_ids: Iterable[str]) -> dict[str, Any]:
    """All objects with their values, by names: object numbers and times are left out, so that equal states look equal."""
    return {
        "connector-spaces": {agent_id: sorted(_cs(store, item) for item in store.space(agent_id).all()) for agent_id in sorted(agent_ids)},
        "metaverse": sorted(_mv(store, item) for item in store.metaverse.all()),
    }


def _cs(store: Store, item: CsObject) -> tuple[Any, ...]:
    parts = ((item.hologram, ""), (item.staged, item.import_op), (item.export, item.export_op), (item.unconfirmed, item.unconfirmed_op))
    names = _references(store, item)
    tower = tuple((operation, None if part is None else _values(store, part, names)) for part, operation in parts)
    return (item.dn, item.type, item.anchor, bool(item.mv_id), item.state, item.placeholder, repr(tower), item.import_error is not None)


def _references(store: Store, item: CsObject) -> frozenset[str]:
    return store.reference_attributes(item.agent_id, item.type)


def _values(store: Store, part: Attributes, references: frozenset[str]) -> list[tuple[str, list[str]]]:
    return sorted((name, sorted(_text(store, value, name in references) for value in values)) for name, values in part.items())


def _text(store: Store, value: Any, reference: bool) -> str:
    if not reference:
        return repr(value)
    target = store.cs_object(value)
    return f"-> {target.dn}" if target else "-> nothing"


def _mv(store: Store, item: MvObject) -> tuple[Any, ...]:
    links = (store.cs_object(number) for number in item.links)
    names = sorted((link.agent_id, link.dn) for link in links if link is not None)
    references = store.reference_attributes("", item.type)
    values = sorted((name, sorted(_mv_text(store, value, name in references) for value in values)) for name, values in item.values.items())
    return (item.type, names, repr(values), repr(sorted(item.lineage.items())))


def _mv_text(store: Store, value: Any, reference: bool) -> str:
    if not reference:
        return repr(value)
    target = store.metaverse.get(value)
    links = (store.cs_object(number) for number in target.links) if target else ()
    return "-> " + ", ".join(sorted(f"{link.agent_id} {link.dn}" for link in links if link is not None))
