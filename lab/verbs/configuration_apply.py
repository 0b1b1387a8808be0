# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twins of configuration_apply.ps1 and configuration_close.ps1."""

from __future__ import annotations

import json
import ntpath
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ...plugins.plugin_utils.configuration.folder import fingerprint, pack, unpack
from ..estate.files import FileProblem
from ..estate.interruptions import finished
from ..estate.synchronization import SynchronizationService, service_of
from ..estate.synchronization_state import SynchronizationProblem
from ..modules.file_view import FileView
from .change_journal import ChangeJournal, first_line
from .configuration_read import export, passwords_of
from .registry import ScriptError, VerbAnswer, VerbCall, verb

_NO_KEY = r"Cannot find path 'HKLM:\SYSTEM\CurrentControlSet\Services\FIMSynchronizationService\Parameters' because it does not exist."


@verb("configuration_apply", locked=False)
def configuration_apply(call: VerbCall) -> VerbAnswer:
    service = service_of(call.host)
    if service is None:
        raise ScriptError(_NO_KEY, category="ObjectNotFound")
    journal = ChangeJournal(call)
    try:
        answer = _Change(call, service, journal).make()
    except SynchronizationProblem as problem:
        raise ScriptError(problem.message) from None
    except FileProblem as problem:
        raise ScriptError(str(problem), exception_type="System.IO.IOException") from None
    finally:
        journal.close()
    finished(call.host)
    return answer


@verb("configuration_close")
def configuration_close(call: VerbCall) -> VerbAnswer:
    view, path = FileView(call.host, call.session), str(call.parameters["JournalFile"])
    closed = view.is_file(path) and first_line(view.read(path)) == str(call.parameters["JournalSeen"])
    if closed:
        view.remove(path)
    return VerbAnswer({"closed": closed}, changed=closed)


class _Change:
    """The script's body. What happens between two steps happens without the estate's lock, as on a host where others work as well."""

    def __init__(self, call: VerbCall, service: SynchronizationService, journal: ChangeJournal) -> None:
        self.call, self.service, self.journal = call, service, journal
        self.view = FileView(call.host, call.session)
        self.touched = False

    def make(self) -> VerbAnswer:
        try:
            return self._steps()
        except (ScriptError, SynchronizationProblem, FileProblem) as problem:
            if self.touched:
                raise
            if self.journal.mine:
                self.journal.remove()
            text = problem.message if isinstance(problem, (ScriptError, SynchronizationProblem)) else str(problem)
            raise ScriptError(f"{text.rstrip('.')}; nothing was changed.") from None

    def _steps(self) -> VerbAnswer:
        with self.service.lock:
            self.journal.open()
            self.journal.begin()
        self.journal.happen("begun")
        with self.service.lock:
            present = self._present()
        if self.call.parameters["BackupFolder"]:
            self.step("backed up", lambda: self._back_up(present))
        planned = unpack(json.loads(str(self.call.parameters["Files"])))
        self.step("importing", lambda: None)
        self.touched = True
        self.step("imported", lambda: self.service.import_files(self.call.session, planned))
        self._set_credentials(planned)
        if self.call.parameters["Provisioning"]:
            self.step("provisioning", lambda: self.service.set_provisioning(self.call.session, self.call.parameters["Provisioning"] == "true"))
        if self.call.parameters["State"]:
            self.step("recorded", self._write_state)
        with self.service.lock:
            exported = export(self.call, self.service)
        self.step("exported", lambda: None)
        return VerbAnswer({"files": pack(exported), "backup": self.call.parameters["BackupFolder"]}, changed=True)

    def step(self, name: str, work: Callable[[], Any]) -> None:
        with self.service.lock:
            work()
            self.journal.step(name)
        self.journal.happen(name)

    def _present(self) -> Mapping[str, bytes]:
        running = self.service.running_agents(self.call.session)
        if running:
            raise ScriptError(f"The management agent {', '.join(running)} is running")
        present, wanted = export(self.call, self.service), str(self.call.parameters["Fingerprint"])
        if wanted and fingerprint(present) != wanted:
            raise ScriptError("The configuration has changed since it was read")
        return present

    def _back_up(self, present: Mapping[str, bytes]) -> None:
        folder = str(self.call.parameters["BackupFolder"])
        if self.view.exists(folder):
            raise FileProblem(f"An item with the specified name {folder} already exists.")
        self.view.make_folder(folder)
        for name, content in present.items():
            self.view.write(ntpath.join(folder, name), content)
        self.view.write(ntpath.join(folder, "manifest.json"), str(self.call.parameters["Manifest"]).encode())

    def _set_credentials(self, planned: Mapping[str, bytes]) -> None:
        orders: list[dict[str, Any]] = json.loads(str(self.call.parameters["Orders"]))
        for kind, work in (("ad", self._directory), ("ecma2", self._connector), ("fim", self._portal)):
            for order in (order for order in orders if order["kind"] == kind):
                self.step(f"credentials of {order['agent']}", partial(work, order, passwords_of(self.call)))
                if kind == "ad":
                    self.step(f"imported after {order['agent']}", lambda: self.service.import_files(self.call.session, planned))

    def _directory(self, order: Mapping[str, Any], passwords: Mapping[str, str]) -> None:
        account, scope = (order["account"], passwords[order["agent"]]), {"container": order["containers"], "partitions": order["partitions"]}
        self.service.set_ad_credentials(self.call.session, order["agent"], order["forest"], *account, **scope)

    def _connector(self, order: Mapping[str, Any], passwords: Mapping[str, str]) -> None:
        account = {"username": order["account"], "password": passwords[order["agent"]]} if order["account"] else {}
        secrets = {name: passwords[key] for name, key in order["secrets"].items()}
        self.service.set_ecma2(self.call.session, order["agent"], order["use"], order["parameters"], secrets=secrets, **account)

    def _portal(self, order: Mapping[str, Any], passwords: Mapping[str, str]) -> None:
        self.service.set_fim(self.call.session, order["agent"], order["parameters"], order["account"], passwords[order["secrets"]["password"]])

    def _write_state(self) -> None:
        path = str(self.call.parameters["StateFile"])
        self.view.make_folder(ntpath.dirname(path))
        self.view.write(path, str(self.call.parameters["State"]).encode())
