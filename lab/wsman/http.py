# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""HTTP/1.1 of a server, without a socket: bytes in, requests out; answers to bytes (RFC 9112)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

HEAD_LIMIT = 64 * 1024
REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
    413: "Content Too Large",
    500: "Internal Server Error",
}


class HttpProblem(Exception):
    """The peer does not speak HTTP as we can follow it; the connection ends with this status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class HttpRequest:
    """`headers` by name in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def keeps_alive(self) -> bool:
        return self.headers.get("connection", "").casefold() != "close"


@dataclass(frozen=True)
class _Head:
    method: str
    target: str
    headers: Mapping[str, str]
    length: int


class HttpReader:
    """Collects the bytes of a connection; `limit` is the largest body in bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._buffer = bytearray()
        self._head: _Head | None = None

    def feed(self, data: bytes) -> list[HttpRequest]:
        """The requests that are complete with these bytes; raises HttpProblem."""
        self._buffer += data
        found: list[HttpRequest] = []
        while (request := self._take()) is not None:
            found.append(request)
        return found

    def _take(self) -> HttpRequest | None:
        if self._head is None:
            self._head = self._take_head()
        head = self._head
        if head is None or len(self._buffer) < head.length:
            return None
        body = bytes(self._buffer[: head.length])
        del self._buffer[: head.length]
        self._head = None
        return HttpRequest(head.method, head.target, head.headers, body)

    def _take_head(self) -> _Head | None:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self._buffer) > HEAD_LIMIT:
                raise HttpProblem(400, "the head of the request is too large")
            return None
        lines = bytes(self._buffer[:end]).decode("latin-1").split("\r\n")
        del self._buffer[: end + 4]
        return self._parse_head(lines)

    def _parse_head(self, lines: Sequence[str]) -> _Head:
        parts = lines[0].split(" ")
        if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
            raise HttpProblem(400, "the first line is not a request")
        headers: dict[str, str] = {}
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            if not colon or not name or name != name.strip():
                raise HttpProblem(400, "a header line is malformed")
            headers[name.casefold()] = value.strip()
        if "transfer-encoding" in headers:
            raise HttpProblem(400, "a transfer encoding is not supported; send Content-Length")
        return _Head(parts[0], parts[1], headers, self._length(headers))

    def _length(self, headers: Mapping[str, str]) -> int:
        text = headers.get("content-length", "0")
        if not (text.isascii() and text.isdigit()):
            raise HttpProblem(400, "Content-Length is not a number")
        if int(text) > self._limit:
            raise HttpProblem(413, "the body is too large")
        return int(text)


def response(status: int, body: bytes = b"", *, headers: Sequence[tuple[str, str]] = (), content_type: str = "", keep_alive: bool = True) -> bytes:
    """An answer as bytes."""
    lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'Status')}"]
    if content_type:
        lines.append(f"Content-Type: {content_type}")
    lines.extend(f"{name}: {value}" for name, value in headers)
    lines.append("Server: Microsoft-HTTPAPI/2.0")
    if not keep_alive:
        lines.append("Connection: close")
    lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body
