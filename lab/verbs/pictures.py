# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twin of pictures_read.ps1."""

from __future__ import annotations

import hashlib
from typing import Any

from .farm import MANAGER, open_farm
from .registry import ScriptError, VerbAnswer, VerbCall, verb


@verb("pictures_read")
def pictures_read(call: VerbCall) -> VerbAnswer:
    farm = open_farm(call)
    url = str(call.parameters["MySiteUrl"])
    if farm.web_application(url) is None:
        raise ScriptError(f"Cannot find an SPSite object that contains the following Id or Url: {url}.")
    if not farm.may_read_profiles(call.session.groups | {call.session.sid}):
        raise ScriptError(MANAGER)
    store = farm.service_application.store
    profiles = [{"account": profile.account, "address": str(address)} for profile in store.live("user") for address in profile.get("PictureURL")]
    folders = {_path(item["address"]).rpartition("/")[0] for item in profiles}
    stems = tuple(str(stem) for stem in call.parameters.get("Stems") or ())
    files = [_file(path, content, stems) for path, content in sorted(store.photos.items()) if path.rpartition("/")[0] in folders]
    return VerbAnswer({"profiles": profiles, "files": files})


def _path(address: str) -> str:
    """The server-relative path of an address, as the library keeps it."""
    return address.split("://", 1)[1].partition("/")[2].replace("%20", " ")


def _file(path: str, content: bytes, stems: tuple[str, ...]) -> dict[str, Any]:
    name = path.rpartition("/")[2]
    digest = hashlib.sha256(content).hexdigest() if name.lower().startswith(stems) else ""
    return {"name": name, "bytes": len(content), "sha256": digest}
