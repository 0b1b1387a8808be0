# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The bytes between here and a directory: connecting, TLS, sealing, whole messages in and out."""

from __future__ import annotations

import socket
import ssl
import struct
from typing import TYPE_CHECKING

from .problems import Dropped, Unreachable
from .wire import message_length

if TYPE_CHECKING:
    import spnego

_CHUNK = 65536


class Channel:
    """A connection's socket; once `seal` was called everything is signed and encrypted by the logon's keys (RFC 4752 framing)."""

    def __init__(self, host: str, port: int, *, timeout: float, tls: ssl.SSLContext | None) -> None:
        self.server = f"{host}:{port}"
        try:
            plain = socket.create_connection((host, port), timeout=timeout)
        except OSError as problem:
            raise Unreachable(f"No directory answers at {self.server}: {problem.strerror or problem}.") from problem
        try:
            self._socket = tls.wrap_socket(plain, server_hostname=host) if tls else plain
        except (OSError, ssl.SSLError) as problem:
            plain.close()
            raise Unreachable(f"The directory at {self.server} offers no TLS connection that can be trusted: {problem}.") from problem
        self._context: spnego.ContextProxy | None = None
        self._raw = bytearray()
        self._clear = bytearray()

    def seal(self, context: spnego.ContextProxy) -> None:
        self._context = context

    def send(self, message: bytes) -> None:
        """Raises Dropped."""
        if self._context is not None:
            sealed = self._context.wrap(message, encrypt=True).data
            message = struct.pack(">I", len(sealed)) + sealed
        try:
            self._socket.sendall(message)
        except OSError as problem:
            raise self._dropped(problem) from problem

    def receive(self) -> bytes:
        """The next whole message; raises Dropped."""
        while not (length := message_length(self._clear)) or len(self._clear) < length:
            self._read_more()
        message = bytes(self._clear[:length])
        del self._clear[:length]
        return message

    def _read_more(self) -> None:
        try:
            data = self._socket.recv(_CHUNK)
        except OSError as problem:
            raise self._dropped(problem) from problem
        if not data:
            raise self._dropped(None)
        if self._context is None:
            self._clear += data
            return
        self._raw += data
        while len(self._raw) >= 4:
            (length,) = struct.unpack_from(">I", self._raw)
            if len(self._raw) < length + 4:
                return
            self._clear += self._context.unwrap(bytes(self._raw[4 : length + 4])).data
            del self._raw[: length + 4]

    def _dropped(self, problem: OSError | None) -> Dropped:
        reason = f": {problem.strerror or problem}" if problem is not None else ""
        return Dropped(f"The directory at {self.server} ended the connection{reason}.")

    def close(self) -> None:
        self._socket.close()
