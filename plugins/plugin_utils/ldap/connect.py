# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Connecting to a directory. The libraries are loaded here only: nothing but previews and tests needs them."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError
from .problems import LibraryMissing

if TYPE_CHECKING:
    from .connection import Connection

PLAIN_PORT, TLS_PORT = 389, 636
_LIBRARIES = ("sansldap", "spnego")
_PROTOCOLS = ("negotiate", "kerberos", "ntlm")


@dataclass(frozen=True)
class Directory:
    """Where a directory is and who reads it. `user`: `DOMAIN\\name` or `name@domain`; `ca_file`: PEM, empty for the system's own.

    Without TLS the logon is Kerberos or NTLM (`protocol`) and seals the connection; with it the password goes through TLS. `timeout` in seconds.
    """

    host: str
    user: str
    password: str = field(repr=False)
    port: int = 0
    tls: bool = False
    ca_file: str = ""
    protocol: str = "negotiate"
    timeout: float = 120.0


def connect(directory: Directory) -> Connection:
    """An open connection, logged on; raises InputError, LibraryMissing, Unreachable, Refused, Dropped."""
    if directory.protocol not in _PROTOCOLS:
        raise InputError(f"'{directory.protocol}' is not one of {', '.join(_PROTOCOLS)}.", path="protocol")
    _load_libraries()
    from .channel import Channel
    from .connection import Connection

    channel = Channel(directory.host, directory.port or (TLS_PORT if directory.tls else PLAIN_PORT), timeout=directory.timeout, tls=_tls(directory))
    connection = Connection(channel)
    try:
        _log_on(connection, directory)
    except BaseException:
        connection.close()
        raise
    return connection


def _load_libraries() -> None:
    try:
        for name in _LIBRARIES:
            import_module(name)
    except ImportError as problem:
        raise LibraryMissing(
            f"Reading a directory over LDAP needs the Python packages sansldap and pyspnego on the controller ({problem}); "
            "run: python3 -m pip install sansldap pyspnego"
        ) from problem


def _log_on(connection: Connection, directory: Directory) -> None:
    if directory.tls:
        connection.bind_simple(directory.user, directory.password)
    else:
        connection.bind_sealed(directory.host, directory.user, directory.password, protocol=directory.protocol)


def _tls(directory: Directory) -> ssl.SSLContext | None:
    if not directory.tls:
        return None
    if directory.ca_file and not Path(directory.ca_file).is_file():
        raise InputError(f"There is no file '{directory.ca_file}' with certificates to trust.", path="ca_file")
    return ssl.create_default_context(cafile=directory.ca_file or None)
