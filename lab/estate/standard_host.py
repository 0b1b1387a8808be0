# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a fresh Windows Server of the lab holds: folders, services, programs, features.

Versions are those of Microsoft's list "Windows Server release information"; service names those of a default installation.
"""

from __future__ import annotations

from dataclasses import dataclass

from .host import Host, OperatingSystem, Program, Service


@dataclass(frozen=True)
class _Release:
    caption: str
    version: str
    # Of the .NET Framework 4 on it
    net_framework: str


RELEASES = {
    "2012R2": _Release("Microsoft Windows Server 2012 R2 Standard", "6.3.9600", "4.6.2"),
    "2016": _Release("Microsoft Windows Server 2016 Standard", "10.0.14393", "4.6.2"),
    "2019": _Release("Microsoft Windows Server 2019 Standard", "10.0.17763", "4.7.2"),
}
# The release that the SharePoint documentation pairs with (reference: sharepoint-and-setup 1.2).
RELEASE_FOR_SHAREPOINT = {"2016": "2012R2", "2019": "2016", "subscription": "2019"}

_FOLDERS = (
    r"C:\Windows\System32\config",
    r"C:\Windows\System32\drivers\etc",
    r"C:\Windows\System32\WindowsPowerShell\v1.0",
    r"C:\Windows\SysWOW64",
    r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319",
    r"C:\Windows\Temp",
    r"C:\Windows\Installer",
    r"C:\Program Files\Common Files",
    r"C:\Program Files (x86)\Common Files",
    r"C:\ProgramData\Microsoft",
    r"C:\Users\Default",
    r"C:\Users\Public",
)
_FILES = {
    r"C:\Windows\System32\msiexec.exe": "5.0.14393.0",
    r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe": "10.0.14393.0",
    r"C:\Windows\System32\cmd.exe": "10.0.14393.0",
    r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319\csc.exe": "4.6.1586.0",
}
_PROFILE_FOLDERS = (r"AppData\Local\Temp", r"AppData\Roaming", "Desktop", "Documents")

# Name, display name, account, start mode, running
_SERVICES = (
    ("EventLog", "Windows Event Log", r"NT AUTHORITY\LocalService", "auto", True),
    ("RpcSs", "Remote Procedure Call (RPC)", r"NT AUTHORITY\NetworkService", "auto", True),
    ("Winmgmt", "Windows Management Instrumentation", "LocalSystem", "auto", True),
    ("WinRM", "Windows Remote Management (WS-Management)", r"NT AUTHORITY\NetworkService", "auto", True),
    ("Schedule", "Task Scheduler", "LocalSystem", "auto", True),
    ("LanmanServer", "Server", "LocalSystem", "auto", True),
    ("LanmanWorkstation", "Workstation", r"NT AUTHORITY\NetworkService", "auto", True),
    ("Netlogon", "Netlogon", "LocalSystem", "auto", True),
    ("W32Time", "Windows Time", r"NT AUTHORITY\LocalService", "auto", True),
    ("gpsvc", "Group Policy Client", "LocalSystem", "auto", True),
    ("MpsSvc", "Windows Firewall", r"NT AUTHORITY\LocalService", "auto", True),
    ("TermService", "Remote Desktop Services", r"NT AUTHORITY\NetworkService", "manual", True),
    ("wuauserv", "Windows Update", "LocalSystem", "manual", False),
    ("msiserver", "Windows Installer", "LocalSystem", "manual", False),
    ("BITS", "Background Intelligent Transfer Service", "LocalSystem", "manual", False),
    ("Spooler", "Print Spooler", "LocalSystem", "auto", True),
)
_VISUAL_C = ("{EF6B00EC-13E1-4C25-9064-B2F383CB8412}", "Microsoft Visual C++ 2013 Redistributable (x64) - 12.0.40664", "12.0.40664.0")
_FEATURES = frozenset({"NET-Framework-45-Core", "NET-Framework-45-Features", "FileAndStorage-Services", "PowerShell", "PowerShellRoot", "WoW64-Support"})


def make_host(name: str, dns_name: str, role: str, address: str, release: str, *, product_type: int = 3) -> Host:
    """A host as the operating system's setup and the domain join leave it."""
    made = RELEASES[release]
    host = Host(name, f"{name.lower()}.{dns_name}", role, address, OperatingSystem(made.caption, made.version, product_type))
    for folder in _FOLDERS:
        host.files.make_folder(folder)
    for path, version in _FILES.items():
        host.files.write(path, f"MZ {path}".encode(), version=version)
    for service, display, account, mode, running in _SERVICES:
        add_service(host, service, display, account=account, start_mode=mode, running=running)
    host.features |= _FEATURES
    host.programs[_VISUAL_C[0]] = Program(*_VISUAL_C)
    return host


def add_service(host: Host, name: str, display: str, *, account: str = "LocalSystem", start_mode: str = "auto", running: bool = True) -> Service:
    service = Service(name, display, rf"C:\Windows\System32\svchost.exe -k {name}", account=account, start_mode=start_mode)
    service.state = "running" if running else "stopped"
    host.services[name.casefold()] = service
    return service


def add_profile(host: Host, account: str) -> None:
    """The folder of a user who has logged on before."""
    for folder in _PROFILE_FOLDERS:
        host.files.make_folder(f"C:\\Users\\{account}\\{folder}")
