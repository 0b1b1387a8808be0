# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Face of the module solution_files."""

from __future__ import annotations

import ntpath
from collections.abc import Sequence
from http.client import HTTPException
from pathlib import Path
from typing import Any

from ansible.module_utils.urls import ConnectionError as UrlConnectionError
from ansible.module_utils.urls import open_url
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.remote.face import ActionFace, Outcome
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.remote.packing import pack
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution.builder import DIRECTORY_AGENT
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution.files import (
    Solution,
    SolutionFile,
    built_in,
    checked,
    described,
    differing,
    from_folder,
    pinned,
    read_folder,
    with_rules_engine,
)


class ActionModule(ActionFace):
    def perform(self, arguments: dict[str, Any]) -> Outcome:
        folder = arguments["folder"]
        if not ntpath.isabs(folder) or not ntpath.splitdrive(folder)[0]:
            raise InputError(f"'{folder}' is no full path; write it as in C:\\SharePointSync", path="folder")
        solution = _solution(arguments)
        answer = self.run_verb("solution_read", {"Folder": folder, "Names": list(solution.hashes)})
        wanted = differing(solution, answer["files"])
        names = sorted(file.name for file in wanted)
        if wanted and not self.check_mode:
            self._write(folder, [self._fetched(file, arguments) for file in wanted])
        values = {
            "folder": folder,
            "written": names,
            "sources": [{"path": ntpath.join(folder, name), "sha256": solution.hashes[name]} for name in solution.extension_sources],
            "notes": list(solution.notes),
        }
        return Outcome(changed=bool(wanted), values=values, before=described(answer["files"], names), after=described(solution.hashes, names))

    def _fetched(self, file: SolutionFile, arguments: dict[str, Any]) -> SolutionFile:
        """The file with its content, from the network when it is not at hand."""
        if file.content is not None:
            return file
        address = f"{arguments['url'].rstrip('/')}/{file.name}"
        self.say(f"downloading {address}")
        try:
            with open_url(address, timeout=arguments["timeout"]) as response:
                content = response.read()
        except (OSError, ValueError, HTTPException, UrlConnectionError) as problem:
            raise InputError(f"{address} cannot be downloaded ({problem}); give local_folder, or url of a mirror") from problem
        return checked(file, content, address)

    def _write(self, folder: str, files: Sequence[SolutionFile]) -> None:
        contents = [pack(file.content or b"") for file in files]
        self.run_verb("solution_write", {"Folder": folder, "Names": [file.name for file in files], "Contents": contents})


def _solution(arguments: dict[str, Any]) -> Solution:
    chosen = _chosen(arguments)
    return with_rules_engine(chosen) if arguments["rules_engine"] else chosen


def _chosen(arguments: dict[str, Any]) -> Solution:
    if arguments.get("local_folder"):
        return from_folder(read_folder(Path(arguments["local_folder"])))
    agents = arguments["directory_agents"]
    if arguments["source"] == "pnp" and [name.casefold() for name in agents] != [DIRECTORY_AGENT.casefold()]:
        raise InputError(f"the PnP solution has the one agent {DIRECTORY_AGENT}; take source: built_in for {', '.join(agents)}", path="directory_agents")
    return pinned() if arguments["source"] == "pnp" else built_in(agents)
