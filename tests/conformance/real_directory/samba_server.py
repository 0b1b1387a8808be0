# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Debian's Samba as a domain controller: made in a temporary folder, on an address of the loopback network, gone at the end.

Only its LDAP server runs. It takes port 389, which the system leaves to root; an address of its own keeps it apart from other servers.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.ldap.connect import Directory

PASSWORD = "Adm1n-of-the-test"
REALM, NETBIOS, DOMAIN_DN = "corp.example.com", "EXAMPLE", "DC=corp,DC=example,DC=com"
# Nothing of it has to survive a power failure.
_FAST = {**os.environ, "TDB_NO_FSYNC": "1"}
_START_SECONDS = 30.0
_SETTINGS = """
[global]
  workgroup = {netbios}
  realm = {realm}
  netbios name = DC1
  server role = active directory domain controller
  server services = ldap
  dcerpc endpoint servers =
  interfaces = {address}/8
  bind interfaces only = yes
  private dir = {folder}/private
  state directory = {folder}/state
  cache directory = {folder}/cache
  lock directory = {folder}
  pid directory = {folder}
  ncalrpc dir = {folder}/ncalrpc
  binddns dir = {folder}/bind-dns
  winbindd socket directory = {folder}/winbindd
  ntp signd socket directory = {folder}/ntp_signd
  log file = {folder}/samba.log
  ntlm auth = ntlmv2-only
  tls enabled = {tls}
  tls keyfile = {folder}/server.key
  tls certfile = {folder}/server.pem
  tls cafile = {folder}/ca.pem
[sysvol]
  path = {folder}/state/sysvol
[netlogon]
  path = {folder}/state/sysvol/{realm}/scripts
"""


def reason_to_skip() -> str:
    """Why there can be no domain controller here; empty if there can."""
    missing = [name for name in ("samba", "samba-tool") if shutil.which(name, path=_path()) is None]
    if missing:
        return f"Debian's samba is not installed (no {', '.join(missing)}): apt-get install samba samba-ad-provision samba-dsdb-modules samba-vfs-modules"
    if os.geteuid() != 0:
        return "a domain controller listens on port 389, which only root may open"
    return ""


def _path() -> str:
    return os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))


def scratch() -> Path | None:
    """A folder in memory where there is one: a new domain then takes 4 seconds, not 18."""
    memory = Path("/dev/shm")
    return memory if memory.is_dir() and os.access(memory, os.W_OK) else None


def provision(folder: Path, domain_sid: str) -> None:
    """Makes a new domain with this SID in the folder."""
    command = ["samba-tool", "domain", "provision", "--server-role=dc", "--dns-backend=NONE", "--host-name=dc1", f"--domain-sid={domain_sid}"]
    command += [f"--realm={REALM.upper()}", f"--domain={NETBIOS}", f"--adminpass={PASSWORD}", f"--targetdir={folder}"]
    command += ["--host-ip=127.0.0.1", "--option=interfaces=lo", "--option=bind interfaces only=yes"]
    done = subprocess.run(command, env={**_FAST, "PATH": _path()}, capture_output=True, text=True, check=False, timeout=300)
    if done.returncode:
        raise RuntimeError(f"samba-tool could not make a domain:\n{done.stdout}{done.stderr}")


@dataclass
class SambaServer:
    """A running domain controller. `folder` holds its databases."""

    folder: Path
    address: str
    tls: bool = False
    process: subprocess.Popen[bytes] | None = None
    output: IO[bytes] | None = field(default=None, repr=False)

    def start(self) -> SambaServer:
        (self.folder / "cache").mkdir(exist_ok=True)
        settings = self.folder / "etc" / "test.conf"
        tls = "yes" if self.tls else "no"
        settings.write_text(_SETTINGS.format(netbios=NETBIOS, realm=REALM.upper(), address=self.address, folder=self.folder, tls=tls), encoding="utf-8")
        command = ["samba", "--interactive", "--model=single", "--no-process-group", "--debug-stdout", f"--configfile={settings}"]
        self.output = (self.folder / "output.log").open("wb")
        # It ends by itself when its standard input closes, even if this process dies.
        environment = {**_FAST, "PATH": _path()}
        self.process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=self.output, stderr=self.output, start_new_session=True)
        self._wait()
        return self

    def _wait(self) -> None:
        assert self.process is not None
        end = time.monotonic() + _START_SECONDS
        while time.monotonic() < end and self.process.poll() is None:
            try:
                socket.create_connection((self.address, 636 if self.tls else 389), timeout=1).close()
                return
            except OSError:
                time.sleep(0.05)
        said = (self.folder / "output.log").read_text(encoding="utf-8", errors="replace")
        self.stop()
        raise RuntimeError(f"Samba did not start on {self.address}:\n{said[-3000:]}")

    def stop(self) -> None:
        """Ends it and waits until it is gone."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            if self.process.stdin is not None:
                self.process.stdin.close()
            self.process = None
        if self.output is not None:
            self.output.close()
            self.output = None

    def copy(self, folder: Path, address: str, *, tls: bool = False) -> SambaServer:
        """A second one with the same objects; this one must not run."""
        assert self.process is None, "a running domain controller cannot be copied"
        shutil.copytree(self.folder, folder, ignore=shutil.ignore_patterns("*.sock", "ldapi", "ldap_priv", "ncalrpc", "winbindd", "ntp_signd"))
        return SambaServer(folder, address, tls=tls)


def administrator(server: SambaServer) -> Directory:
    return Directory(server.address, f"{NETBIOS}\\Administrator", PASSWORD, protocol="ntlm")
