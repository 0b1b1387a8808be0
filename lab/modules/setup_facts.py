# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twin of ansible.windows.setup (3.3.0), which gather_facts calls."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

from ..estate.host import machine_sid
from .environment import profile_folder, variables
from .registry import ModuleCall, twin

_GROUPS = {
    "min": ("date_time", "distribution", "dns", "env", "local", "platform", "powershell_version", "user"),
    "network": ("all_ipv4_addresses", "all_ipv6_addresses", "interfaces", "windows_domain", "winrm"),
    "hardware": ("bios", "memory", "processor", "uptime", "virtual"),
    "external": ("facter",),
}
_ALL = frozenset(subset for group in _GROUPS.values() for subset in group)
_PRODUCT_TYPES = {1: "workstation", 2: "domain_controller", 3: "server"}
_MEMORY_MB = 16384


@twin("ansible.windows.setup", "ansible.builtin.setup", "ansible.legacy.setup", implements=frozenset({"gather_subset", "gather_timeout", "fact_path"}))
def setup(call: ModuleCall) -> dict[str, Any]:
    wanted, warnings = _subsets(call.arguments["gather_subset"])
    facts: dict[str, Any] = {"gather_subset": call.arguments["gather_subset"], "module_setup": True}
    for subset in sorted(wanted):
        if subset in _FACTS:
            facts |= _FACTS[subset](call)
    return {"ansible_facts": facts} | ({"warnings": warnings} if warnings else {})


def _subsets(items: Sequence[str]) -> tuple[set[str], list[str]]:
    """`all` is always there unless it is taken away; what is named is added last."""
    explicit: set[str] = set()
    excluded: set[str] = set()
    warnings = []
    for item in items:
        name = item.removeprefix("!")
        if item == "!all":
            excluded |= _ALL - set(_GROUPS["min"])
            continue
        found = _ALL if name == "all" else set(_GROUPS[name]) if name in _GROUPS else {name} & _ALL
        if item.startswith("!"):
            excluded |= found
        elif found:
            explicit |= found
        else:
            warnings.append(f"invalid value {item} specified in gather_subset")
    return (set(_ALL) - excluded) | explicit, warnings


def _addresses(call: ModuleCall) -> dict[str, Any]:
    return {"ansible_ip_addresses": [call.host.address]}


def _bios(call: ModuleCall) -> dict[str, Any]:
    serial = machine_sid(call.host.name).rpartition("-")[2]
    identity = {"ansible_product_serial": serial, "ansible_product_uuid": f"00000000-0000-0000-0000-{int(serial):012d}"}
    return {"ansible_bios_date": "11/26/2012", "ansible_bios_version": "Hyper-V UEFI Release v1.0", "ansible_product_name": "Virtual Machine", **identity}


def _date_time(call: ModuleCall) -> dict[str, Any]:
    """The lab's hosts live in UTC."""
    now = call.host.now()
    moment, micro = time.gmtime(now), f"{int(now % 1 * 1e6):06d}"

    def shown(form: str) -> str:
        return time.strftime(form, moment)

    names = {"date": "%Y-%m-%d", "day": "%d", "hour": "%H", "iso8601": "%Y-%m-%dT%H:%M:%SZ", "iso8601_basic_short": "%Y%m%dT%H%M%S", "minute": "%M",
             "month": "%m", "second": "%S", "time": "%H:%M:%S", "weekday": "%A", "weekday_number": "%w", "weeknumber": "%W", "year": "%Y"}  # fmt: skip
    found: dict[str, Any] = {name: shown(form) for name, form in names.items()}
    found |= {"epoch": str(int(now)), "epoch_local": str(int(now)), "epoch_int": int(now), "tz": "UTC", "tz_offset": "+00:00"}
    found |= {"iso8601_basic": shown("%Y%m%dT%H%M%S") + micro, "iso8601_micro": shown("%Y-%m-%dT%H:%M:%S.") + micro + "Z"}
    return {"ansible_date_time": found}


def _distribution(call: ModuleCall) -> dict[str, Any]:
    system = call.host.os
    version = system.version if system.version.count(".") > 2 else f"{system.version}.0"
    return {
        "ansible_distribution": system.caption if call.session.administrator else None,
        "ansible_distribution_version": version,
        "ansible_distribution_major_version": version.partition(".")[0],
        "ansible_os_family": "Windows",
        "ansible_os_name": system.caption if call.session.administrator else None,
        "ansible_os_product_type": _PRODUCT_TYPES.get(system.product_type, "unknown"),
        "ansible_os_installation_type": "Server",
        "ansible_os_install_date": None,
    }


def _environment(call: ModuleCall) -> dict[str, Any]:
    return {"ansible_env": variables(call.host, call.session)}


def _interfaces(call: ModuleCall) -> dict[str, Any]:
    domain = call.host.fqdn.partition(".")[2]
    card = {"connection_name": "Ethernet", "default_gateway": None, "dns_domain": domain, "interface_index": 4, "ipv6": None, "mtu": 1500, "speed": 10000}
    name = {"interface_name": "Microsoft Hyper-V Network Adapter", "macaddress": "00:15:5D:00:00:01"}
    return {"ansible_interfaces": [{**card, **name, "ipv4": {"address": call.host.address, "prefix": "24"}}]}


def _local(call: ModuleCall) -> dict[str, Any]:
    """JSON files of `fact_path`; scripts there are not run by the lab."""
    folder = call.arguments["fact_path"]
    if not folder or not call.host.files.is_folder(folder):
        return {}
    found = {}
    for node in call.host.files.children(folder):
        if node.content is not None and node.name.endswith(".json"):
            found[f"ansible_{node.name.removesuffix('.json')}"] = json.loads(node.content)
    return found


def _memory(call: ModuleCall) -> dict[str, Any]:
    sizes = {"memtotal": _MEMORY_MB, "memfree": _MEMORY_MB // 2, "swaptotal": 0, "pagefiletotal": 2048, "pagefilefree": 2048}
    return {f"ansible_{name}_mb": size for name, size in sizes.items()}


def _platform(call: ModuleCall) -> dict[str, Any]:
    host = call.host
    pending = "hklm:\\software\\microsoft\\windows\\currentversion\\component based servicing\\rebootpending" in host.registry
    return {
        "ansible_domain": host.fqdn.partition(".")[2],
        "ansible_fqdn": host.fqdn,
        "ansible_hostname": host.name,
        "ansible_netbios_name": host.name,
        "ansible_kernel": f"{host.os.version}.0",
        "ansible_nodename": host.fqdn,
        "ansible_machine_id": machine_sid(host.name),
        "ansible_owner_name": "",
        "ansible_owner_contact": "",
        "ansible_system": "Win32NT",
        "ansible_system_description": "",
        "ansible_system_vendor": "Microsoft Corporation",
        "ansible_reboot_pending": pending or bool(host.restart_reasons),
        "ansible_architecture": "64-bit",
        "ansible_architecture2": "x86_64",
    }


def _powershell_version(call: ModuleCall) -> dict[str, Any]:
    return {"ansible_powershell_version": 5}


def _processor(call: ModuleCall) -> dict[str, Any]:
    names = ["0", "GenuineIntel", "Intel(R) Xeon(R) CPU E5-2673 v4 @ 2.30GHz"]
    counts = {"count": 1, "vcpus": 2, "cores": 2, "threads_per_core": 1}
    return {"ansible_processor": names, **{f"ansible_processor_{name}": count for name, count in counts.items()}}


def _uptime(call: ModuleCall) -> dict[str, Any]:
    booted = time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime(call.host.booted))
    return {"ansible_lastboot": booted, "ansible_uptime_seconds": round(call.host.now() - call.host.booted)}


def _user(call: ModuleCall) -> dict[str, Any]:
    name = call.session.account.rpartition("\\")[2]
    return {"ansible_user_dir": profile_folder(call.session), "ansible_user_gecos": "", "ansible_user_id": name, "ansible_user_sid": call.session.sid}


def _virtual(call: ModuleCall) -> dict[str, Any]:
    return {"ansible_virtualization_role": "guest", "ansible_virtualization_type": "Hyper-V"}


def _domain(call: ModuleCall) -> dict[str, Any]:
    role = "Primary domain controller" if call.host.os.product_type == 2 else "Member server"
    name = call.host.fqdn.partition(".")[2]
    return {"ansible_windows_domain": name, "ansible_windows_domain_member": True, "ansible_windows_domain_role": role}


_FACTS: dict[str, Callable[[ModuleCall], dict[str, Any]]] = {
    "all_ipv4_addresses": _addresses,
    "all_ipv6_addresses": _addresses,
    "bios": _bios,
    "date_time": _date_time,
    "distribution": _distribution,
    "env": _environment,
    "interfaces": _interfaces,
    "local": _local,
    "memory": _memory,
    "platform": _platform,
    "powershell_version": _powershell_version,
    "processor": _processor,
    "uptime": _uptime,
    "user": _user,
    "virtual": _virtual,
    "windows_domain": _domain,
}
