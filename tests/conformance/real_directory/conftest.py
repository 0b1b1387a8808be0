# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A real domain controller for the tests of this folder; they skip with a reason where there can be none."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.ldap.connect import Directory, connect
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.ldap.connection import Connection
from real_people import lab_forest, load
from samba_server import NETBIOS, SambaServer, administrator, provision, reason_to_skip, scratch

_COUNTER = itertools.count(1)


def new_address() -> str:
    """One of the loopback network for each server and each test process."""
    process = os.getpid()
    return f"127.{64 + next(_COUNTER) % 128}.{process >> 8 & 255}.{process & 255 or 1}"


@pytest.fixture(scope="session")
def template() -> Iterator[SambaServer]:
    """A domain with the demo's people, made once and not running: each test's server is a copy of it."""
    reason = reason_to_skip()
    if reason:
        pytest.skip(reason)
    folder = Path(tempfile.mkdtemp(prefix="mimsync-samba-", dir=scratch()))
    try:
        lab = lab_forest()
        provision(folder / "template", lab.domain_sid)
        server = SambaServer(folder / "template", new_address()).start()
        try:
            with connect(administrator(server)) as connection:
                load(lab, connection)
        finally:
            server.stop()
        yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running_copy(template: SambaServer) -> Iterator[SambaServer]:
    """A domain controller of one's own, gone at the end."""
    address = new_address()
    server = template.copy(template.folder.with_name(address), address)
    try:
        yield server.start()
    finally:
        server.stop()
        shutil.rmtree(server.folder, ignore_errors=True)


@pytest.fixture
def samba(template: SambaServer) -> Iterator[SambaServer]:
    """A running domain controller with the demo's people, for one test."""
    with running_copy(template) as server:
        yield server


@pytest.fixture
def admin(samba: SambaServer) -> Iterator[Connection]:
    """A connection as the domain's administrator."""
    with connect(administrator(samba)) as connection:
        yield connection


@pytest.fixture
def log_on(samba: SambaServer) -> Iterator[Callable[[str, str], Connection]]:
    """Opens connections as other accounts, by name and password."""
    opened: list[Connection] = []

    def open_as(name: str, password: str) -> Connection:
        opened.append(connect(Directory(samba.address, f"{NETBIOS}\\{name}", password, protocol="ntlm")))
        return opened[-1]

    yield open_as
    for connection in opened:
        connection.close()


@pytest.fixture
def secured(template: SambaServer) -> Iterator[tuple[SambaServer, Path]]:
    """A domain controller with a certificate, and the file of the authority that issued it."""
    address = new_address()
    server = template.copy(template.folder.with_name(address), address, tls=True)
    authority = trustme.CA()
    issued = authority.issue_cert(address)
    issued.private_key_pem.write_to_path(server.folder / "server.key")
    (server.folder / "server.key").chmod(0o600)
    issued.cert_chain_pems[0].write_to_path(server.folder / "server.pem")
    authority.cert_pem.write_to_path(server.folder / "ca.pem")
    try:
        yield server.start(), server.folder / "ca.pem"
    finally:
        server.stop()
        shutil.rmtree(server.folder, ignore_errors=True)
