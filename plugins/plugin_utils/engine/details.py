# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which objects are behind the counters of a run step: what the service shows when a number of the run history is clicked.

Form: `ExecuteStepObjectDetailsSearch`, reference page `sync-engine` section 4 (LC): pages of `step-object-details/cs-object@id@cs-dn`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from ..errors import InputError
from .counters import EXPORT, INBOUND, OUTBOUND, STAGING, WITHOUT_DETAIL
from .history import StepDetails, clean
from .objects import guid
from .store import Store

COUNTERS = frozenset({*STAGING, *INBOUND, *EXPORT, *OUTBOUND})


@dataclass(frozen=True)
class CountedObject:
    """`dn` is the present name; of an object that is gone the one that it had, or nothing."""

    id: str
    dn: str


def objects_behind(store: Store, step: StepDetails, counter: str, agent_id: str = "") -> tuple[CountedObject, ...]:
    """The objects of a counter, in the order in which they were counted; `agent_id` for an outbound counter.

    Raises InputError for a counter that there is not, and for one behind which no objects are kept.
    """
    if counter not in COUNTERS:
        raise InputError(f"There is no counter '{counter}'; the counters are {', '.join(sorted(COUNTERS))}.")
    if counter in WITHOUT_DETAIL:
        raise InputError(f"The service keeps no objects behind the counter '{counter}'.")
    return tuple(CountedObject(guid("cs", number), _name(store, step, number)) for number in step.counters.objects.get((agent_id, counter), ()))


def _name(store: Store, step: StepDetails, number: int) -> str:
    item = store.cs_object(number)
    return item.dn if item is not None else step.counters.names.get(number, "")


def step_object_details(objects: Iterable[CountedObject]) -> str:
    """The document of a page."""
    root = ET.Element("step-object-details")
    for item in objects:
        ET.SubElement(root, "cs-object", {"id": item.id, "cs-dn": clean(item.dn)})
    return ET.tostring(root, encoding="unicode")
