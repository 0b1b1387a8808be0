# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Face of the module configuration_report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.server import server_of
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.remote.face import ActionFace, Outcome
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.report.command import format_of, given, render, write_file
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.report.configuration import Given, build_report
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.report.sections import Report, change_totals, counts
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.report.words import verdict


class ActionModule(ActionFace):
    def perform(self, arguments: dict[str, Any]) -> Outcome:
        dest = str(Path(arguments["dest"]).expanduser())
        form = arguments["format"] or format_of(dest)
        against = given(arguments["against"]) if arguments["against"] else None
        report = build_report(given(arguments["from"]) if arguments["from"] else self._server(), against)
        text = render(report, form)
        before = _text_of(dest)
        if before != text and not self.check_mode:
            write_file(dest, text)
        return Outcome(before != text, {"dest": dest, **_values(report)}, before or "", text)

    def _server(self) -> Given:
        server = server_of(self.run_verb("configuration_read", {"Agents": [], "Questions": "[]"}))
        server.check()
        return Given(server.folder(), str(self.task_vars.get("inventory_hostname", "server")))


def _text_of(file: str) -> str | None:
    """None when there is no such file, or it is none of ours to read as text."""
    try:
        return Path(file).read_bytes().decode("utf-8")
    except (FileNotFoundError, UnicodeDecodeError):
        return None
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}", path="dest") from None


def _values(report: Report) -> dict[str, Any]:
    values: dict[str, Any] = {"counts": {count.title: count.total for count in counts(report)}}
    if report.against is None:
        return values
    differences = {change.value: number for change, number in change_totals(report).items()}
    return {**values, "different": report.different, "verdict": verdict(report), "differences": differences}
