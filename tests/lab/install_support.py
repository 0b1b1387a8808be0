# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the tests of the installing roles share: accounts that role `directory` makes otherwise, playbooks, a picture of a host's state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ansible_collections.mimsync.sharepoint.lab.estate.estate import EstateOptions
from ansible_collections.mimsync.sharepoint.lab.estate.host import Host
from ansible_collections.mimsync.sharepoint.lab.harness import Lab, running_lab

SERVICE = "FIMSynchronizationService"
GROUPS = ("MIMSyncAdmins", "MIMSyncOperators", "MIMSyncJoiners", "MIMSyncBrowse", "MIMSyncPasswordSet")
GLOBAL_SECURITY_GROUP = -2147483646
NEVER_EXPIRES = 0x10200


@contextmanager
def prepared_lab(folder: Path, options: EstateOptions | None = None) -> Iterator[Lab]:
    """A lab with the service account and the groups; the setup account is among the admins."""
    with running_lab(folder, options or EstateOptions(people=3), fresh=True) as lab:
        add_accounts(lab)
        yield lab


def add_accounts(lab: Lab) -> None:
    directory = lab.estate.directory
    users = f"CN=Users,{directory.domain_dn}"
    account = {"sAMAccountName": "svc-mimsync", "userAccountControl": NEVER_EXPIRES}
    directory.create(f"CN=svc-mimsync,{users}", "user", account, password=lab.secrets["vault_svc_mimsync_password"])
    for group in GROUPS:
        directory.create(f"CN={group},{users}", "group", {"sAMAccountName": group, "groupType": GLOBAL_SECURITY_GROUP})
    directory.set(directory.resolve("MIMSyncAdmins"), {"member": directory.resolve("mimsetup").dn})


def write_playbook(folder: Path, *roles: str, hosts: str = "sync_servers", tasks: str = "", variables: Mapping[str, Any] | None = None) -> Path:
    """A playbook of roles of the collection, or of tasks (YAML, indented by four)."""
    lines = [f"- hosts: {hosts}", "  gather_facts: false"]
    if variables:
        lines += ["  vars:", *(f"    {name}: {value}" for name, value in variables.items())]
    if roles:
        lines += ["  roles:", *(f"    - mimsync.sharepoint.{role}" for role in roles)]
    if tasks:
        lines += ["  tasks:", tasks]
    path = folder / f"{'-'.join(roles) or 'tasks'}.yml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def picture(host: Host) -> dict[str, Any]:
    """All of a host's state that an installation may touch; temporary folders and logs are left out."""
    return {
        "programs": {code: (program.version, tuple(program.patches)) for code, program in host.programs.items()},
        "services": {name: (service.state, service.start_mode, service.account) for name, service in host.services.items()},
        "rights": {name: frozenset(holders) for name, holders in host.user_rights.items() if holders},
        "features": frozenset(host.features),
        "registry": {key: dict(values) for key, values in host.registry.items()},
        "files": {key: node.version for key, node in host.files.nodes.items() if "\\temp" not in key},
    }
