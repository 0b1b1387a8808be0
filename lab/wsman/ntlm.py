# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The server's side of NTLMv2 over HTTP: token in, challenge or account out. Knows NT hashes only.

The messages and the arithmetic are pyspnego's; its own acceptor reads accounts from a file that one environment
variable names, which does not fit a directory that changes. Facts: MS-NLMP.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import struct
from dataclasses import dataclass
from typing import Any, Protocol

from spnego._ntlm_raw.crypto import compute_response_v2, ntowfv1, ntowfv2, rc4k
from spnego._ntlm_raw.messages import Authenticate, AvFlags, AvId, Challenge, FileTime, Negotiate, NegotiateFlags, NTClientChallengeV2, TargetInfo, Version
from spnego.channel_bindings import GssChannelBindings


class LogonRefused(Exception):
    """The account, its state or its password; `why` is for the lab's own log and never for the peer."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Accounts(Protocol):
    """Who may log on, by which hash."""

    def hash_of(self, domain: str, name: str) -> bytes:
        """The NT hash; raises LogonRefused."""

    def record(self, domain: str, name: str, *, succeeded: bool) -> None:
        """Counts a right or wrong password."""


@dataclass(frozen=True)
class NtlmTarget:
    """What the challenge says about the server. `bindings` is the certificate's hash (tls-server-end-point)."""

    computer: str
    domain: str
    dns_domain: str
    dns_computer: str
    bindings: bytes = b""


class NtlmAcceptor:
    """One handshake. Two steps: `challenge` answers the first token, `finish` checks the second one."""

    def __init__(self, target: NtlmTarget, accounts: Accounts) -> None:
        self._target = target
        self._accounts = accounts
        self._negotiate: bytes = b""
        self._challenge: bytes = b""
        self._server_challenge = os.urandom(8)

    @property
    def waits_for_answer(self) -> bool:
        return bool(self._challenge)

    def challenge(self, token: bytes) -> bytes:
        """Raises LogonRefused for a token that is no NEGOTIATE message."""
        negotiate = _unpack(Negotiate, token)
        wanted = NegotiateFlags.request_target | NegotiateFlags.ntlm | NegotiateFlags.always_sign | NegotiateFlags.target_info
        flags = (negotiate.flags | wanted | NegotiateFlags.target_type_domain) & ~NegotiateFlags.oem
        info = TargetInfo()
        info[AvId.nb_domain_name] = self._target.domain
        info[AvId.nb_computer_name] = self._target.computer
        info[AvId.dns_domain_name] = self._target.dns_domain
        info[AvId.dns_computer_name] = self._target.dns_computer
        info[AvId.timestamp] = FileTime.now()
        version = {"version": Version.get_current()} if flags & NegotiateFlags.version else {}
        message = Challenge(flags, self._server_challenge, target_name=self._target.domain, target_info=info, **version)
        self._negotiate, self._challenge = token, message.pack()
        return self._challenge

    def finish(self, token: bytes) -> tuple[str, str]:
        """(domain, name) of the account that proved its password; raises LogonRefused."""
        if not self._challenge:
            raise LogonRefused("an AUTHENTICATE message without a challenge")
        message = _unpack(Authenticate, token)
        proof, domain, name = message.nt_challenge_response or b"", message.domain_name or "", message.user_name or ""
        if not name or len(proof) <= 24:
            raise LogonRefused("anonymous and NTLMv1 logons are not accepted")
        client = _unpack(NTClientChallengeV2, proof[16:])
        key = ntowfv2(name, self._accounts.hash_of(domain, name), domain)
        expected, _unused, exchange_key = compute_response_v2(key, self._server_challenge, client.challenge_from_client, client.time_stamp, client.av_pairs)
        proven = hmac.compare_digest(expected, proof)
        self._accounts.record(domain, name, succeeded=proven)
        if not proven:
            raise LogonRefused("the password is wrong")
        self._check_bindings(client.av_pairs)
        self._check_integrity(message, token, client.av_pairs, exchange_key)
        return domain, name

    def _check_bindings(self, pairs: TargetInfo) -> None:
        """Windows' default (relaxed): bindings that are there must be right, an older client may leave them out."""
        given = pairs.get(AvId.channel_bindings, b"\x00" * 16)
        if not self._target.bindings or given == b"\x00" * 16:
            return
        own = GssChannelBindings(application_data=b"tls-server-end-point:" + self._target.bindings).pack()
        if not hmac.compare_digest(given, hashlib.md5(own, usedforsecurity=False).digest()):
            raise LogonRefused("the channel bindings belong to another connection")

    def _check_integrity(self, message: Any, token: bytes, pairs: TargetInfo, exchange_key: bytes) -> None:
        if not pairs.get(AvId.flags, 0) & AvFlags.mic:
            return
        keyed = NegotiateFlags.sign | NegotiateFlags.seal
        exchanges = message.flags & NegotiateFlags.key_exch and message.flags & keyed
        session_key = rc4k(exchange_key, message.encrypted_random_session_key or b"") if exchanges else exchange_key
        given = message.mic or b""
        message.mic = b"\x00" * 16
        own = hmac.new(session_key, self._negotiate + self._challenge + message.pack(), "md5").digest()
        if not hmac.compare_digest(given, own):
            raise LogonRefused("the messages of the handshake were changed on their way")


def _unpack(kind: Any, data: bytes) -> Any:
    try:
        return kind.unpack(data)
    except (ValueError, struct.error, KeyError, IndexError, UnicodeDecodeError, OverflowError):
        raise LogonRefused(f"the token is no {kind.__name__} message") from None


def decode_token(text: str) -> bytes:
    """The base64 of an Authorization header; raises LogonRefused."""
    try:
        return base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise LogonRefused("the token is not base64") from None


def basic_credentials(text: str) -> tuple[str, str, str]:
    """(domain, name, password) of a Basic header; a name in UPN form has no domain. Raises LogonRefused."""
    try:
        account, colon, password = decode_token(text).decode("utf-8").partition(":")
    except UnicodeDecodeError:
        raise LogonRefused("the credentials are not UTF-8") from None
    if not colon:
        raise LogonRefused("the credentials have no password")
    domain, backslash, name = account.partition("\\")
    return (domain, name, password) if backslash else ("", account, password)


def nt_hash(password: str) -> bytes:
    """MD4 of the password as UTF-16LE (MS-NLMP NTOWFv1)."""
    return bytes(ntowfv1(password))
