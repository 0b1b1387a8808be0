# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What comes up while a wanted model is made: faults, places in the user's data, secret values."""

from __future__ import annotations

from dataclasses import dataclass, field

from .problems import Problems


@dataclass
class Ledger:
    """`secrets`: (agent, parameter) -> value."""

    problems: Problems = field(default_factory=Problems)
    paths: dict[str, str] = field(default_factory=dict)
    secrets: dict[tuple[str, str], str] = field(default_factory=dict, repr=False)

    def name(self, kind: str, *names_and_path: str) -> None:
        """Notes where in the user's data an item stands; the last argument is the path."""
        *names, path = names_and_path
        self.paths[place(kind, *names)] = path


def place(kind: str, *names: str) -> str:
    """The key of an item in `Ledger.paths`: `agent:adma`, `joins:adma/user`, `import-flow:{...}`."""
    return f"{kind}:{'/'.join(name.casefold() for name in names)}"
