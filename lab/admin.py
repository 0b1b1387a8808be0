# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lab's own door: JSON lines over a unix socket in the state folder. Nothing of it is visible to the hosts' users.

A request is `{"operation": name, ...}`, the answer `{"answer": ...}` or `{"error": text}`. `Client` is what tests and
the command line use; `Operations` does the work and is used in process by the harness.
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .operations import OperationProblem, Operations
from .state import StateFolder, StateProblem, read_process

TIMEOUT = 60.0


class Client:
    """Talks to a running lab; every method of `Operations` can be called by name."""

    def __init__(self, folder: StateFolder, *, timeout: float = TIMEOUT) -> None:
        self._folder, self._timeout = folder, timeout

    def call(self, operation: str, **values: Any) -> Any:
        """Raises StateProblem when no lab answers, OperationProblem when it refuses."""
        process = read_process(self._folder)
        if process is None:
            raise StateProblem(f"no lab runs in {self._folder.path}; start one with `python -m lab up`")
        request = json.dumps({"operation": operation, **values}).encode() + b"\n"
        try:
            answer = json.loads(_exchange(process.socket, request, self._timeout))
        except (OSError, ValueError) as error:
            raise StateProblem(f"the lab in {self._folder.path} does not answer ({error}); see {self._folder.log}") from error
        if "error" in answer:
            raise OperationProblem(answer["error"])
        return answer["answer"]


def _exchange(path: str, request: bytes, timeout: float) -> bytes:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout)
        connection.connect(path)
        connection.sendall(request)
        received = bytearray()
        while not received.endswith(b"\n"):
            part = connection.recv(65536)
            if not part:
                break
            received += part
        return bytes(received)


class AdminServer:
    """Answers clients of one lab; `stop_lab` is called for the operation `stop`."""

    def __init__(self, path: Path, operations: Operations, stop_lab: Callable[[], None]) -> None:
        self._path, self._operations, self._stop_lab = path, operations, stop_lab
        path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.bind(str(path))
        path.chmod(0o600)
        self._socket.listen(16)
        self._thread = threading.Thread(target=self._serve, name="admin", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._path.unlink(missing_ok=True)

    def _serve(self) -> None:
        while True:
            try:
                connection, _unused = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), name="admin-connection", daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection, connection.makefile("rb") as lines:
            connection.settimeout(TIMEOUT)
            for line in lines:
                connection.sendall(json.dumps(self._answer(line)).encode() + b"\n")

    def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            request = json.loads(line)
            operation = request.pop("operation")
            if operation == "stop":
                self._stop_lab()
                return {"answer": None}
            return {"answer": self._operations.run(operation, request)}
        except OperationProblem as problem:
            return {"error": str(problem)}
        except (ValueError, KeyError, TypeError, AttributeError) as problem:
            return {"error": f"the request is not understood: {type(problem).__name__} {problem}"}
