# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The inventory that a lab writes: the same shape as a real estate's, with the lab's addresses and secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import yaml

from .state import StateFolder, write_atomically

if TYPE_CHECKING:
    from .estate.estate import Estate

SETUP_ACCOUNT = "mimsetup"
SETUP_SECRET = "vault_mimsetup_password"


def write_inventory(
    folder: StateFolder,
    estate: Estate,
    port: int,
    *,
    variables: Mapping[str, Any] | None = None,
    groups: Mapping[str, Mapping[str, Any]] | None = None,
    secrets: Mapping[str, str] | None = None,
) -> None:
    """Writes hosts.yml and variables, those of single `groups` too; what is None stays as it was written before."""
    (folder.inventory / "group_vars" / "all").mkdir(parents=True, exist_ok=True)
    _write(folder, "hosts.yml", _hosts(estate))
    _write(folder, "group_vars/all/connection.yml", _connection(folder, estate, port))
    if variables is not None:
        _write(folder, "group_vars/all/estate.yml", variables)
    for group, values in (groups or {}).items():
        _write(folder, f"group_vars/{group}.yml", values)
    if secrets is not None:
        _write(folder, "group_vars/all/secrets.yml", secrets)


def _hosts(estate: Estate) -> dict[str, Any]:
    """A group for each role: sync_server -> sync_servers."""
    groups: dict[str, Any] = {}
    for host in estate.hosts.values():
        groups.setdefault(f"{host.role}s", {"hosts": {}})["hosts"][host.name] = {}
    hosts = {host.name: {"ansible_host": host.address} for host in estate.hosts.values()}
    return {"all": {"hosts": hosts, "children": groups}}


def _connection(folder: StateFolder, estate: Estate, port: int) -> dict[str, Any]:
    return {
        "ansible_connection": "winrm",
        "ansible_port": port,
        "ansible_winrm_scheme": "https",
        "ansible_winrm_transport": "ntlm",
        "ansible_winrm_server_cert_validation": "validate",
        "ansible_winrm_ca_trust_path": str(folder.authority.resolve()),
        "ansible_user": f"{estate.options.netbios_name}\\{SETUP_ACCOUNT}",
        "ansible_password": f"{{{{ {SETUP_SECRET} }}}}",
    }


def _write(folder: StateFolder, name: str, values: Mapping[str, Any]) -> None:
    text = "---\n" + yaml.safe_dump(dict(values), sort_keys=True, allow_unicode=True, width=150)
    write_atomically(folder.inventory / name, text.encode("utf-8"))
