# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lab's certificate authority and the hosts' certificates."""

from __future__ import annotations

import hashlib
import ssl
from dataclasses import dataclass
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding


@dataclass(frozen=True)
class HostCertificate:
    """`bindings` is the hash that NTLM binds to (RFC 5929, tls-server-end-point)."""

    context: ssl.SSLContext
    bindings: bytes


class Authority:
    """A certificate authority that lives as long as the lab runs; its key is never written."""

    def __init__(self) -> None:
        self._ca = trustme.CA(organization_name="Lab", organization_unit_name="WinRM")

    def write(self, path: Path) -> None:
        """Writes the authority's certificate, by which clients verify the hosts."""
        self._ca.cert_pem.write_to_path(str(path))

    def issue(self, *names: str) -> HostCertificate:
        """A server certificate for host names and addresses."""
        certificate = self._ca.issue_cert(*names)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        certificate.configure_cert(context)
        der = x509.load_pem_x509_certificate(certificate.cert_chain_pems[0].bytes()).public_bytes(Encoding.DER)
        return HostCertificate(context, hashlib.sha256(der).digest())
