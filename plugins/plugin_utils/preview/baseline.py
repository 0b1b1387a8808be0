# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A state for objects that come from files or a directory: what the present configuration makes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..configuration.model import ServerConfiguration
from ..engine.extension import ExtensionLoader
from ..engine.memory import MemoryStore
from ..engine.systems.base import ImportedObject
from .cycle import FULL, Say, perform, runs_of, silent
from .findings import Findings
from .sandbox import AnyStore
from .scene import Origin, Scene
from .shadow import Base, Recorded

ESTIMATE = "the present state is what the present configuration makes of these objects, not what the server holds"
CYCLES = 2


def scene_of(
    configuration: ServerConfiguration,
    objects: Mapping[str, Sequence[ImportedObject]],
    origins: Sequence[Origin],
    extensions: ExtensionLoader,
    findings: Findings,
    *,
    store: AnyStore | None = None,
    say: Say = silent,
) -> Scene:
    """With a `store` (connector spaces of the server) the objects are newer data of their agents; without one the state is made of them."""
    bases: dict[str, Base] = {}
    for name, found in objects.items():
        agent = configuration.agent(name)
        in_tree = agent is None or agent.category.casefold() != "extensible2"
        bases[agent.name if agent is not None else name] = Recorded(found, f"objects of {name}", in_tree=in_tree)
    if store is not None:
        return Scene(configuration, store, bases, origins, findings, frozenset(bases))
    start = Scene(configuration, MemoryStore(), bases, origins, findings, frozenset(bases))
    for _unused in range(CYCLES):
        done = perform(start, configuration, start.store, runs_of(FULL, start, configuration), extensions, say=say)
        if done.stopped:
            findings.error("run-stopped", "present configuration", done.stopped)
            break
    forget_runs(start.store)
    return Scene(configuration, start.store, bases, origins, findings)


def forget_runs(store: AnyStore) -> None:
    """What led to the state is no history of the server."""
    store.runs.clear()
