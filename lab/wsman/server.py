# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sockets and threads: one listener a host, one thread a connection."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable

from .service import Connection, ServiceContext
from .tls import HostCertificate

# Seconds after which a listener looks again whether its host is reachable.
GLANCE = 0.2
# Seconds without a byte after which a connection is dropped (WinRM's ConnectionTimeout for idle clients).
IDLE = 900.0
CHUNK = 256 * 1024


class AddressInUseError(Exception):
    """Another process listens on the address already."""


class Listener:
    """WinRM of one host. While `reachable()` is false nothing listens and open connections end."""

    def __init__(self, address: str, port: int, certificate: HostCertificate, context: ServiceContext, reachable: Callable[[], bool]) -> None:
        self._address, self._port = address, port
        self._certificate, self._context, self._reachable = certificate, context, reachable
        self._stopped = threading.Event()
        self._sockets: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._serve, name=f"listener-{address}", daemon=True)
        self._socket: socket.socket | None = None

    def start(self) -> None:
        """Raises AddressInUseError."""
        if self._reachable():
            self._socket = self._listen()
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Does not wait, so that many listeners can end at the same time."""
        self._stopped.set()

    def stop(self) -> None:
        self.ask_to_stop()
        self._thread.join()
        self._drop()

    def _listen(self) -> socket.socket:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((self._address, self._port))
        except OSError as error:
            listener.close()
            raise AddressInUseError(f"cannot listen on {self._address}:{self._port}: {error.strerror}") from error
        listener.listen(64)
        listener.settimeout(GLANCE)
        return listener

    def _serve(self) -> None:
        while not self._stopped.is_set():
            if not self._reachable():
                self._drop()
                self._stopped.wait(GLANCE)
                continue
            if self._socket is None:
                self._socket = self._listen()
            with contextlib.suppress(TimeoutError, OSError):
                peer, _unused = self._socket.accept()
                threading.Thread(target=self._talk, args=(peer,), name=f"connection-{self._address}", daemon=True).start()

    def _drop(self) -> None:
        with self._lock:
            sockets, self._sockets = self._sockets, set()
        if self._socket is not None:
            sockets.add(self._socket)
            self._socket = None
        for each in sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _talk(self, peer: socket.socket) -> None:
        with contextlib.suppress(OSError, ssl.SSLError):
            peer.settimeout(IDLE)
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._certificate.context.wrap_socket(peer, server_side=True) as secured:
                self._keep(secured)
                try:
                    self._answer(secured)
                finally:
                    self._forget(secured)

    def _answer(self, secured: ssl.SSLSocket) -> None:
        connection = Connection(self._context)
        while not connection.ended and (data := secured.recv(CHUNK)):
            for answer in connection.receive(data):
                secured.sendall(answer)

    def _keep(self, secured: ssl.SSLSocket) -> None:
        with self._lock:
            self._sockets.add(secured)

    def _forget(self, secured: ssl.SSLSocket) -> None:
        with self._lock:
            self._sockets.discard(secured)


def free_port(address: str) -> int:
    """A port that is free on a loopback address now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((address, 0))
        return int(probe.getsockname()[1])
