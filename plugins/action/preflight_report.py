# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Face of the module preflight_report."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import yaml
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError, MimSyncError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preflight.declared import collect, settings_of, unknown_variables
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preflight.findings import Finding, Severity, as_json, as_markdown, errors, ordered
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preflight.settings import judge_settings
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.remote.face import ActionFace, Outcome

ROLES = Path(__file__).resolve().parents[2] / "roles"


class ActionModule(ActionFace):
    secrets: ClassVar[frozenset[str]] = frozenset({"accounts.password"})

    def perform(self, arguments: dict[str, Any]) -> Outcome:
        about_settings = (*judge_settings(settings_of(arguments)), *unknown_variables(arguments["variables"], role_variables()))
        found = ordered((*about_settings, *collect(arguments["hosts"], arguments["results"])))
        files = self._write(arguments["folder"], {"preflight.md": as_markdown(found, arguments["hosts"]), "preflight.json": as_json(found, arguments["hosts"])})
        wrong = errors(found)
        if wrong:
            count = f"{len(wrong)} {'thing is' if len(wrong) == 1 else 'things are'} missing or wrong"
            raise MimSyncError(f"{count}; nothing has been changed on any host.", details=[_line(finding) for finding in found])
        for finding in found:
            self.say(_line(finding))
        return Outcome(changed=False, values={"findings": [finding.as_dict() for finding in found], "files": files}, before="", after="")

    def _write(self, folder: str, documents: dict[str, str]) -> list[str]:
        if not folder:
            return []
        place = Path(folder).expanduser()
        try:
            place.mkdir(parents=True, exist_ok=True)
            for name, text in documents.items():
                (place / name).write_text(text, encoding="utf-8")
        except OSError as error:
            raise InputError(f"the report cannot be written to {place}: {error.strerror}", path="folder") from error
        return [str(place / name) for name in documents]


def role_variables() -> dict[str, frozenset[str]]:
    """Variables of the roles that run after preflight, as their argument specifications name them."""
    found = {}
    for path in sorted(ROLES.glob("*/meta/argument_specs.yml")):
        specifications = yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]
        found[path.parents[1].name] = frozenset(name for entry in specifications.values() for name in entry.get("options") or {})
    # What preflight itself registers begins like its variables.
    found.pop("preflight", None)
    return found


def _line(finding: Finding) -> str:
    return str(finding) if finding.severity is Severity.ERROR else f"({finding.severity.value}) {finding}"
