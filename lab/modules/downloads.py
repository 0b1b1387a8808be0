# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twin of ansible.windows.win_get_url (3.3.0): the network is what Estate.web holds, and files on shares."""

from __future__ import annotations

import hashlib
import ntpath
import re
from typing import Any
from urllib.parse import unquote, urlsplit

from ..estate.files import FileProblem
from .file_view import FileView
from .registry import ModuleCall, ModuleFailure, twin

_OPTIONS = frozenset(
    {"url", "dest", "force", "checksum", "checksum_algorithm", "checksum_url", "url_timeout", "url_method", "validate_certs", "headers"}
    | {"http_agent", "follow_redirects", "use_proxy", "use_default_credential"}
)


@twin("ansible.windows.win_get_url", implements=_OPTIONS)
def win_get_url(call: ModuleCall) -> dict[str, Any]:
    return _Download(call).run()


class _Download:
    def __init__(self, call: ModuleCall) -> None:
        self._call, self._view = call, FileView.of(call)
        self._url: str = call.arguments["url"]
        self._algorithm: str = call.arguments["checksum_algorithm"].lower()
        self._result: dict[str, Any] = {"changed": False, "elapsed": 0.0, "url": self._url}

    def run(self) -> dict[str, Any]:
        dest = self._destination()
        self._result["dest"] = dest
        wanted = self._wanted_checksum(dest)
        present = self._view.digest(dest, self._algorithm) if self._view.is_file(dest) else None
        force = self._call.arguments["force"] or bool(present and wanted and present != wanted)
        # Nothing on the lab's servers is newer than a file that was downloaded from them.
        if present is None or force:
            self._download(dest, wanted, present)
        if self._view.is_file(dest):
            self._result |= {"checksum_dest": self._view.digest(dest, self._algorithm), "size": self._view.size(dest)}
        return self._result

    def _fail(self, message: str) -> ModuleFailure:
        return ModuleFailure(message, **self._result)

    def _destination(self) -> str:
        dest: str = self._call.arguments["dest"]
        if self._view.is_folder(dest):
            parts = urlsplit(self._url)
            return ntpath.join(dest, unquote(parts.path).rsplit("/", 1)[-1] or parts.hostname or "")
        if not ntpath.basename(dest):
            text = f"The destination path '{dest}' does not exist, or is not visible to the current user."
            raise self._fail(f"{text} Ensure download destination folder exists (perhaps using win_file state=directory) before win_get_url runs.")
        return dest

    def _wanted_checksum(self, dest: str) -> str:
        options = self._call.arguments
        if not options["checksum_url"]:
            return (options["checksum"] or "").strip().lower()
        url = options["checksum_url"].strip()
        if urlsplit(url).scheme not in ("file", "ftp", "http", "https"):
            raise self._fail(f"Unsupported 'checksum_url' value for '{dest}': '{url}'")
        text = self._fetch(url, f"Error when getting the remote checksum from '{url}'.").decode("utf-8", "replace")
        name = unquote(urlsplit(self._url).path).rsplit("/", 1)[-1]
        line = next((each for each in text.splitlines() if re.search(rf"\s+\.?/?\\?{re.escape(name)}\s*$", each)), None)
        if line is None:
            raise self._fail(f"Checksum record not found for file name '{re.escape(name)}' in file from url: '{url}'")
        return re.sub(r"\W+", "", line.split(" ", 1)[0]).lower()

    def _download(self, dest: str, wanted: str, present: str | None) -> None:
        folder = ntpath.dirname(dest)
        if not self._view.is_folder(folder):
            text = f"The path '{folder}' does not exist for destination '{dest}', or is not visible to the current user."
            raise self._fail(f"{text} Ensure download destination folder exists (perhaps using win_file state=directory) before win_get_url runs.")
        lead = f"Error downloading '{self._url}' to '{dest}':"
        content = self._fetch(self._url, lead)
        found = hashlib.new(self._algorithm, content).hexdigest()
        self._result["checksum_src"] = found
        if wanted and wanted != found:
            raise self._fail(f"The checksum for {self._url} did not match '{wanted}', it was '{found}'")
        if found == present:
            return
        if not self._call.check_mode:
            try:
                self._view.write(dest, content)
            except FileProblem as problem:
                raise self._fail(f"{lead} {problem}") from None
        self._result["changed"] = True

    def _fetch(self, url: str, lead: str) -> bytes:
        """As HttpWebRequest would: each failure in .NET's words."""
        estate = self._call.host.estate
        if estate is None:
            raise AssertionError("estate is there by construction")
        parts = urlsplit(url)
        if parts.scheme == "file":
            return self._read_share(url, lead)
        if url in estate.web:
            self._result |= {"status_code": 200, "msg": "OK"}
            return estate.web[url]
        known = {urlsplit(each).netloc.casefold() for each in estate.web}
        if parts.netloc.casefold() in known:
            self._result |= {"status_code": 404}
            raise self._fail(f'{lead} Exception calling "GetResponse" with "0" argument(s): "The remote server returned an error: (404) Not Found."')
        name = parts.hostname or ""
        raise self._fail(f'{lead} Exception calling "GetResponse" with "0" argument(s): "The remote name could not be resolved: \'{name}\'"')

    def _read_share(self, url: str, lead: str) -> bytes:
        parts = urlsplit(url)
        path = unquote(parts.path).replace("/", "\\")
        local = f"\\\\{parts.netloc}{path}" if parts.netloc else path.lstrip("\\")
        try:
            return self._view.read(local)
        except FileProblem as problem:
            raise self._fail(f"{lead} {problem}") from None
