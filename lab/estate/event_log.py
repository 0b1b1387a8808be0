# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Event logs of a host and the sources that may write to them."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class EventSource:
    """A source and the files that hold its texts (None where none is registered)."""

    name: str
    category_file: str | None = None
    message_file: str | None = None
    parameter_file: str | None = None


@dataclass
class EventLog:
    """`maximum_size` in KiB. Sources by their lower-case name; a source belongs to one log of a host."""

    name: str
    maximum_size: int = 512
    overflow_action: str = "OverwriteOlder"
    retention_days: int = 7
    sources: dict[str, EventSource] = field(default_factory=dict)

    def add(self, source: str) -> EventSource:
        return self.sources.setdefault(source.casefold(), EventSource(source))


def default_logs() -> dict[str, EventLog]:
    """The classic logs of a fresh server with a few of their sources."""
    found = {}
    for name, sources in (
        ("Application", ("Application", "MsiInstaller", "Windows Error Reporting")),
        ("System", ("System", "Service Control Manager", "User32")),
        ("Security", ("Security",)),
        ("Windows PowerShell", ("PowerShell",)),
    ):
        log = EventLog(name, maximum_size=20480, overflow_action="OverwriteAsNeeded", retention_days=0)
        for source in sources:
            log.add(source)
        found[name] = log
    return found
