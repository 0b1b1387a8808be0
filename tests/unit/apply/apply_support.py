# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A configured server of the lab, and the module's face with that host at its other end: no WinRM, so that many histories fit into a test."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from ansible.errors import AnsibleConnectionFailure
from ansible_collections.mimsync.sharepoint.lab.estate.interruptions import HostLost
from ansible_collections.mimsync.sharepoint.lab.estate.principals import ADMINISTRATORS
from ansible_collections.mimsync.sharepoint.lab.operations import Operations, load_operations
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.apply import journal
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution.builder import build_files
from ansible_collections.mimsync.sharepoint.tests.unit.lab.mim_estate import PASSWORD, STAFF, MimEstate, make_mim_estate
from ansible_collections.mimsync.sharepoint.tests.unit.solution.face_support import Caller

FOLDER = r"C:\SharePointSync"
BACKUPS = FOLDER + r"\Backup"
LEAVERS = f"OU=Leavers,{STAFF}"
CONFIG: dict[str, Any] = {
    "provisioning": "scripted",
    "agents": [
        {
            "name": "ADMA",
            "type": "active_directory",
            "forest": "corp.example.com",
            "credentials": {"username": "EXAMPLE\\svc-adma", "password": PASSWORD},
            "partitions": [{"domain": "corp.example.com", "include": [STAFF], "exclude": [LEAVERS]}],
            "disabled_users": "filter",
        },
        {
            "name": "SPMA",
            "type": "sharepoint_profile_store",
            "url": "https://sp1.corp.example.com:5555",
            "pictures": "to_sharepoint",
            "credentials": {"username": "EXAMPLE\\svc-spma", "password": PASSWORD},
        },
    ],
}


def without_scope(**more: Any) -> dict[str, Any]:
    """The same accounts, with nothing said of what is read."""
    agents = [{key: agent[key] for key in ("name", "type", "credentials")} for agent in CONFIG["agents"]]
    return {"agents": agents, **more}


def turned(**more: Any) -> dict[str, Any]:
    """Pictures the other way round, and nothing said of the scope, which the cmdlet for credentials would widen."""
    config = without_scope(**more)
    config["agents"][1] = {**CONFIG["agents"][1], "pictures": "from_sharepoint"}
    return config


@dataclass
class Site:
    """`run` is one task of a controller; its result."""

    mim: MimEstate
    caller: Caller

    def run(self, config: Any = None, **options: Any) -> dict[str, Any]:
        values = {"config": config} if config is not None else {}
        if options.get("state", "merged") == "merged":
            values |= {"source": FOLDER}
        try:
            result = self.caller.call("server_configuration", backup_folder=BACKUPS, **values, **options)
        except HostLost:
            raise AnsibleConnectionFailure("the connection was lost") from None
        assert PASSWORD not in str(result)
        return result

    def made(self, config: Any = None, **options: Any) -> dict[str, Any]:
        result = self.run(config, **options)
        assert not result.get("failed"), result["msg"]
        return result

    def refused(self, config: Any = None, **options: Any) -> str:
        result = self.run(config, **options)
        assert result.get("failed"), result
        return str(result["msg"])

    def happens(self, operation: str, **values: Any) -> Any:
        return Operations(self.mim.estate).run(operation, values)

    def holds(self) -> dict[str, bytes]:
        """What the server holds, without what each export and each cmdlet counts up."""
        files = self.mim.service.export_files(self.mim.admin)
        return {
            name: re.sub(
                rb"<version>\d+</version>|<water-mark>[^<]*</water-mark>|>\d+</last-successful-batch>|<batch-number>\d+", b"", content.split(b">", 1)[1]
            )
            for name, content in files.items()
        }

    def backups(self) -> list[str]:
        return [node.name for node in self.mim.service.host.files.children(BACKUPS) if node.is_folder]

    def journal(self) -> str:
        node = self.mim.service.host.files.get(f"{BACKUPS}\\{journal.JOURNAL_FILE}")
        return "" if node is None or node.content is None else node.content.decode()


def make_site(people: int = 5) -> Site:
    """A host with MIM and the solution's files, as the role finds it."""
    load_operations()
    mim = make_mim_estate(people=people)
    files = mim.service.host.files
    files.make_folder(FOLDER)
    for name, content in build_files().items():
        files.write(f"{FOLDER}\\{name}", content)
    return Site(mim, Caller(mim.service.host, replace(mim.admin, groups=mim.admin.groups | {ADMINISTRATORS})))


@contextmanager
def another_controller(monkeypatch: Any, name: str = "elsewhere") -> Iterator[None]:
    """What runs inside comes from a machine of that name."""
    with monkeypatch.context() as patch:
        patch.setattr(journal.socket, "gethostname", lambda: name)
        yield
