# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Remote shells and the commands that run in them: what WinRM keeps between requests."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from ..estate.interruptions import HostLost
from ..estate.session import Session
from . import protocol


@dataclass(frozen=True)
class Completed:
    """What a process left behind."""

    stdout: bytes = b""
    stderr: bytes = b""
    exit_code: int = 0


@dataclass(frozen=True)
class CommandLine:
    command: str
    arguments: str


# Runs a command line with its whole standard input as the session's account.
Executor = Callable[[CommandLine, bytes, Session], Completed]


class Command:
    """A process: it starts when its input is complete, its output is handed out in parts."""

    def __init__(self, line: CommandLine, session: Session, execute: Executor) -> None:
        self.id = str(uuid.uuid4()).upper()
        self._line, self._session, self._execute = line, session, execute
        self._input = bytearray()
        self._changed = threading.Condition()
        self._started = False
        self._done: Completed | None = None
        self._sent = [0, 0]

    def feed(self, data: bytes, *, end: bool) -> None:
        """Input; raises WsmanFault after its end."""
        with self._changed:
            if self._started:
                raise protocol.WsmanFault("w:InternalError", 109, "The pipe has been ended.", sender=False)
            self._input += data
        if end:
            self.start()

    def start(self) -> None:
        with self._changed:
            if self._started:
                return
            self._started = True
        threading.Thread(target=self._run, name=f"command-{self.id}", daemon=True).start()

    def _run(self) -> None:
        try:
            completed = self._execute(self._line, bytes(self._input), self._session)
        except HostLost:
            # Nobody answers any more; the listener ends the connections.
            return
        with self._changed:
            self._done = self._done or completed
            self._input.clear()
            self._changed.notify_all()

    def terminate(self) -> None:
        """What a Signal does: nobody waits any longer; the work itself cannot be taken back."""
        with self._changed:
            self._started = True
            self._done = self._done or Completed(exit_code=-1073741510)
            self._changed.notify_all()

    def receive(self, timeout: float, room: int) -> protocol.Output:
        """The next part of at most `room` bytes; waits up to `timeout` seconds and raises the fault that asks to come again."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while self._done is None:
                left = deadline - time.monotonic()
                if left <= 0:
                    reason = "The WS-Management service cannot complete the operation within the time specified in OperationTimeout."
                    raise protocol.WsmanFault("w:TimedOut", protocol.TIMED_OUT, reason, sender=False)
                self._changed.wait(left)
            return self._next_part(self._done, room)

    def _next_part(self, done: Completed, room: int) -> protocol.Output:
        stdout = done.stdout[self._sent[0] : self._sent[0] + room]
        stderr = done.stderr[self._sent[1] : self._sent[1] + room - len(stdout)]
        self._sent = [self._sent[0] + len(stdout), self._sent[1] + len(stderr)]
        complete = self._sent == [len(done.stdout), len(done.stderr)]
        return protocol.Output(stdout, stderr, done.exit_code if complete else None)


@dataclass
class Shell:
    """Belongs to the account that opened it, with the token of that moment."""

    id: str
    session: Session
    commands: dict[str, Command] = field(default_factory=dict)


class Shells:
    """The shells of one host."""

    def __init__(self, execute: Executor) -> None:
        self._execute = execute
        self._shells: dict[str, Shell] = {}
        self._lock = threading.Lock()

    def open(self, session: Session) -> Shell:
        shell = Shell(str(uuid.uuid4()).upper(), session)
        with self._lock:
            self._shells[shell.id] = shell
        return shell

    def shell(self, shell_id: str, session: Session) -> Shell:
        """Raises WsmanFault if there is none of this id or it belongs to somebody else."""
        with self._lock:
            shell = self._shells.get(shell_id)
        if shell is None or shell.session.sid != session.sid:
            message = f"The request for the Windows Remote Shell with ShellId {shell_id} failed because the shell was not found on the server."
            raise protocol.invalid_selectors(message)
        return shell

    def run(self, shell: Shell, operation: protocol.RunCommand) -> Command:
        command = Command(CommandLine(operation.command, operation.arguments), shell.session, self._execute)
        shell.commands[command.id] = command
        if not operation.reads_input:
            command.start()
        return command

    def command(self, shell: Shell, command_id: str) -> Command:
        """Raises WsmanFault."""
        command = shell.commands.get(command_id)
        if command is None:
            message = "The Windows Remote Shell received a request to perform an operation on a command identifier that does not exist."
            raise protocol.invalid_selectors(message)
        return command

    def close(self, shell: Shell) -> None:
        with self._lock:
            self._shells.pop(shell.id, None)
        for command in shell.commands.values():
            command.terminate()

    def close_all(self) -> None:
        with self._lock:
            shells = list(self._shells.values())
        for shell in shells:
            self.close(shell)
