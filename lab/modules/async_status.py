# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twin of ansible.windows.async_status (3.3.0): reads the result file of a background job."""

from __future__ import annotations

import json
import ntpath
from typing import Any

from ..estate.files import FileProblem
from .file_view import FileView
from .registry import ModuleCall, ModuleFailure, twin


@twin("ansible.windows.async_status", "ansible.builtin.async_status", "ansible.legacy.async_status", implements=frozenset({"jid", "mode", "_async_dir"}))
def async_status(call: ModuleCall) -> dict[str, Any]:
    view, job, folder = FileView.of(call), call.arguments["jid"], call.arguments["_async_dir"]
    path = ntpath.join(folder, job)
    if not view.exists(path):
        raise ModuleFailure(f"could not find job at '{folder}'", ansible_job_id=job, started=1, finished=1)
    if call.arguments["mode"] == "cleanup":
        view.remove(path)
        return {"ansible_job_id": job, "erased": path}
    try:
        data: dict[str, Any] = json.loads(view.read(path))
    except (ValueError, FileProblem):
        raise ModuleFailure("Could not parse job output: ", ansible_job_id=job, results_file=path, started=1, finished=1) from None
    if "started" not in data:
        return {**data, "finished": 1, "ansible_job_id": job}
    return {"finished": 0, **data}
