# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One connection of a host's WinRM service: HTTP bytes in, HTTP bytes out. Does no I/O itself."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from ..estate.session import Session
from . import http, protocol
from .ntlm import Accounts, LogonRefused, NtlmAcceptor, NtlmTarget, basic_credentials, decode_token
from .shells import Shells

SOAP_TYPE = "application/soap+xml;charset=UTF-8"
# What WinRM offers; a raw NTLM token is understood behind Negotiate as behind NTLM.
SCHEMES = (("WWW-Authenticate", "Negotiate"), ("WWW-Authenticate", 'Basic realm="WSMAN"'))
# HTTP.SYS takes more than WinRM's envelope quota, so that the quota's own fault can be answered.
BODY_LIMIT = 4 * protocol.MAX_ENVELOPE


class Logon(Accounts, Protocol):
    """How a host checks accounts; every method raises LogonRefused."""

    def open_session(self, domain: str, name: str) -> Session: ...

    def check_password(self, domain: str, name: str, password: str) -> None: ...


@dataclass(frozen=True)
class ServiceContext:
    """What the connections of one host share. `note` takes a line for the lab's log."""

    target: NtlmTarget
    address: str
    logon: Logon
    shells: Shells
    note: Callable[[str], None]


class Connection:
    """`session` is set once the connection is authenticated and stays as it is (NTLM authenticates connections)."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._reader = http.HttpReader(BODY_LIMIT)
        self._acceptor: NtlmAcceptor | None = None
        self.session: Session | None = None
        self.ended = False

    def receive(self, data: bytes) -> Iterator[bytes]:
        """The answers to the requests that these bytes complete."""
        try:
            requests = self._reader.feed(data)
        except http.HttpProblem as problem:
            self.ended = True
            yield http.response(problem.status, keep_alive=False)
            return
        for request in requests:
            yield self._answer(request)
            if self.ended:
                return

    def _answer(self, request: http.HttpRequest) -> bytes:
        self.ended = not request.keeps_alive
        if request.target.partition("?")[0].rstrip("/") != "/wsman":
            return http.response(404, keep_alive=not self.ended)
        if request.method != "POST":
            return http.response(405, keep_alive=not self.ended)
        refusal = self._authenticate(request.headers.get("authorization", ""))
        if refusal is not None:
            return refusal
        return self._soap(request.body)

    def _authenticate(self, header: str) -> bytes | None:
        """None when the connection has a session, else the answer to give."""
        scheme, _unused, token = header.partition(" ")
        try:
            if scheme.casefold() in ("ntlm", "negotiate"):
                return self._ntlm(scheme, token)
            if scheme.casefold() == "basic":
                domain, name, password = basic_credentials(token)
                self._context.logon.check_password(domain, name, password)
                self.session = self.session or self._context.logon.open_session(domain, name)
                return None
        except LogonRefused as refused:
            self.session, self._acceptor = None, None
            self._context.note(f"logon refused: {refused.why}")
            return http.response(401, headers=SCHEMES)
        return None if self.session is not None else http.response(401, headers=SCHEMES)

    def _ntlm(self, scheme: str, token: str) -> bytes | None:
        data = decode_token(token)
        if self._acceptor is None or not self._acceptor.waits_for_answer:
            self._acceptor = NtlmAcceptor(self._context.target, self._context.logon)
            challenge = self._acceptor.challenge(data)
            return http.response(401, headers=[("WWW-Authenticate", f"{scheme} {base64.b64encode(challenge).decode()}")])
        acceptor, self._acceptor = self._acceptor, None
        domain, name = acceptor.finish(data)
        self.session = self._context.logon.open_session(domain, name)
        return None

    def _soap(self, body: bytes) -> bytes:
        # A client that authenticates in advance sends an empty message first.
        if not body:
            return http.response(200)
        try:
            answer = self._operate(protocol.parse(body))
        except protocol.WsmanFault as fault:
            status = 400 if fault.code == protocol.INVALID_BODY else 500
            text = protocol.fault(protocol.message_id_of(body), fault, self._context.target.dns_computer)
            return http.response(status, text, content_type=SOAP_TYPE, keep_alive=not self.ended)
        return http.response(200, answer, content_type=SOAP_TYPE, keep_alive=not self.ended)

    def _operate(self, request: protocol.Request) -> bytes:
        session, shells = self._session(), self._context.shells
        operation = request.operation
        if isinstance(operation, protocol.OpenShell):
            return protocol.shell_created(request, shells.open(session).id, owner=session.account, address=self._context.address)
        shell = shells.shell(request.shell_id, session)
        if isinstance(operation, protocol.RunCommand):
            return protocol.command_started(request, shells.run(shell, operation).id)
        if isinstance(operation, protocol.CloseShell):
            shells.close(shell)
            return protocol.shell_deleted(request)
        command = shells.command(shell, operation.command_id)
        if isinstance(operation, protocol.SendInput):
            command.feed(operation.data, end=operation.end)
            return protocol.input_taken(request)
        if isinstance(operation, protocol.ReceiveOutput):
            part = command.receive(request.timeout, protocol.output_room(request.max_envelope))
            return protocol.output(request, command.id, part)
        command.terminate()
        del shell.commands[command.id]
        return protocol.signalled(request)

    def _session(self) -> Session:
        """The root of WinRM is open to the local Administrators alone (RootSDDL's default)."""
        session = self.session
        if session is None or not session.administrator:
            raise protocol.WsmanFault("w:AccessDenied", protocol.ACCESS_DENIED, "Access is denied.")
        return session
