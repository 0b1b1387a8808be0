# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A change as a value: what it is about, what it says, how dangerous it is, and how it is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from ..configuration.folder import Folder
from ..errors import LimitError

FULL_IMPORT = "full import"
FULL_SYNC = "full synchronization"


class Risk(str, Enum):
    """What a change can do to objects that are synchronized already; ordered from harmless to dangerous."""

    NONE = "none"
    RECALCULATES = "recalculates"
    DISCONNECTS = "disconnects"
    CAN_DELETE = "can delete"


# Edits the documents of a configuration; the ones it was planned on, or others with the same content.
Edit = Callable[[Folder], None]


@dataclass(frozen=True)
class Change:
    """`agent` is empty for the metaverse; `run_after` names what must run before the change is in effect.

    It runs on the agents in `run_on`, or on `agent` where that is empty. `undo` takes back what `edit` did; a change
    without one is taken back by importing the backup. `item` names what changed, for the place in the user's data.
    """

    agent: str
    kind: str
    sentence: str
    before: str = ""
    after: str = ""
    edit: Edit | None = field(default=None, compare=False, repr=False)
    risk: Risk = Risk.NONE
    reason: str = ""
    run_after: tuple[str, ...] = ()
    run_on: tuple[str, ...] = ()
    undo: Edit | None = field(default=None, compare=False, repr=False)
    item: tuple[str, ...] = ()

    def apply(self, folder: Folder) -> None:
        """Makes the change in the documents; a change outside of them (credentials) has none to make."""
        if self.edit is not None:
            self.edit(folder)

    def take_back(self, folder: Folder) -> None:
        """Reverses `apply` in documents that hold the change and none that came after it."""
        if self.undo is not None:
            self.undo(folder)

    def as_dict(self) -> dict[str, Any]:
        """For the module's answer."""
        return {
            "agent": self.agent,
            "kind": self.kind,
            "sentence": self.sentence,
            "before": self.before,
            "after": self.after,
            "risk": self.risk.value,
            "reason": self.reason,
            "run_after": list(self.run_after),
            "run_on": list(self.run_on or ([self.agent] if self.agent and self.run_after else [])),
        }


@dataclass(frozen=True)
class SecretOrder:
    """Secrets of an agent that one call of a cmdlet sets: `ecma2` parameters of one page (`use`), or the account of a `fim` agent."""

    kind: str
    agent: str
    agent_id: str
    use: str = ""
    account: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict, repr=False)

    def key(self, name: str) -> str:
        """Under which the secret travels beside the order."""
        return f"{self.agent}/{name}"


@dataclass
class Plan:
    """`planned` holds the documents with all changes made; `secrets` what is set besides them."""

    planned: Folder
    changes: list[Change] = field(default_factory=list)
    secrets: list[SecretOrder] = field(default_factory=list)

    def add(self, change: Change) -> None:
        """Appends a change and makes it, so that what is planned next sees it."""
        change.apply(self.planned)
        self.changes.append(change)

    @property
    def imports(self) -> bool:
        """True if documents change, so that an import is needed."""
        return any(change.edit is not None for change in self.changes)

    def run_needed(self) -> dict[str, list[str]]:
        """Agent -> what must run on it, in order."""
        needed: dict[str, list[str]] = {}
        for change in self.changes:
            for agent in change.run_on or (change.agent,):
                for step in change.run_after:
                    if step not in needed.setdefault(agent, []):
                        needed[agent].append(step)
        return {agent: sorted(steps, key=(FULL_IMPORT, FULL_SYNC).index) for agent, steps in needed.items()}

    def text(self) -> tuple[str, str]:
        """Before and after for a diff, one sentence's subject a line."""
        before = [_line(change, change.before) for change in self.changes if change.before]
        after = [_line(change, change.after) for change in self.changes if change.after]
        return "".join(before), "".join(after)

    def check_risk(self, *, allow_scope_loss: bool) -> None:
        """Raises LimitError when a change can delete objects and that was not allowed."""
        dangerous = [change for change in self.changes if change.risk is Risk.CAN_DELETE]
        if dangerous and not allow_scope_loss:
            raise LimitError(
                f"{len(dangerous)} of {len(self.changes)} planned changes can delete objects at the next full import and synchronization; nothing was changed. "
                "Look at them, and set allow_scope_loss to true to make them.",
                details=[f"{change.sentence}: {change.reason}" for change in dangerous],
            )


def _line(change: Change, text: str) -> str:
    subject = f"{change.agent or 'metaverse'}: {change.kind}"
    return "".join(f"{subject} {line}\n" for line in text.splitlines())


def listing(names: Sequence[str]) -> str:
    """Names as one text, each on a line of its own, sorted without regard to case."""
    return "\n".join(sorted(names, key=str.casefold))
