# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twin of host_check.ps1."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..estate.domains import domain_of, every_domain
from ..estate.files import FileProblem
from ..estate.shares import locate, read_file
from ..estate.software.setup_checks import has_net_framework_35, has_visual_c
from ..estate.software.sql_native_client import LIBRARY
from ..estate.sql import SqlProblem, find_instance
from ..estate.synchronization import CONNECTOR_FILE, service_of
from .registry import VerbAnswer, VerbCall, verb

if TYPE_CHECKING:
    from ..estate.host import Host

_NO_SUCH_HOST = "No such host is known"
_ANONYMOUS = r"Login failed for user 'NT AUTHORITY\ANONYMOUS LOGON'."
_NOT_RESOLVED = "The remote name could not be resolved: '{}'"


@verb("host_check")
def host_check(call: VerbCall) -> VerbAnswer:
    asked, host, session = call.parameters, call.host, call.session
    if host.estate is None:
        raise AssertionError("host.estate is there by construction")
    domain = str(asked["Domain"])
    known = any(domain.casefold() == one.dns_name.casefold() for one in every_domain(host.estate))
    problem, sysadmin = _sql(call, str(asked.get("SqlServer") or ""), str(asked.get("SqlInstance") or ""))
    answer = {
        "account": session.account,
        "administrator": session.administrator,
        "caption": host.os.caption,
        "version": host.os.version,
        "product_type": host.os.product_type,
        "domain": domain_of(host).dns_name,
        "netbios_domain": session.account.partition("\\")[0],
        "domain_problem": "" if known else _NO_SUCH_HOST,
        "connect_installed": host.service("ADSync") is not None,
        "native_client": host.files.exists(LIBRARY),
        "net_framework_35": has_net_framework_35(host),
        "visual_c": has_visual_c(host),
        "service_build": _version(host, r"Bin\miiserver.exe"),
        "connector_version": _version(host, f"Extensions\\{CONNECTOR_FILE}"),
        "sql_problem": problem,
        "sql_sysadmin": sysadmin,
        "missing_objects": [dn for dn in asked.get("Objects") or () if dn and not _is_there(host, dn)],
        "files": _files(call, asked.get("Files") or (), frozenset(asked.get("HashedFiles") or ())),
        "url_problems": {url: text for url in asked.get("Urls") or () if (text := _url_problem(host, url))},
    }
    return VerbAnswer(answer)


def _is_there(host: Host, dn: str) -> bool:
    domain = domain_of(host)
    entry = domain.find(dn)
    return entry is not None and domain.holds(entry)


def _version(host: Host, relative: str) -> str:
    service = service_of(host)
    node = host.files.get(service.path(relative)) if service is not None else None
    return node.version if node is not None else ""


def _sql(call: VerbCall, server: str, instance: str) -> tuple[str, bool]:
    """What opening a connection as the caller comes to: the error, or whether it is sysadmin."""
    if not server:
        return "", False
    if call.host.estate is None:
        raise AssertionError("call.host.estate is there by construction")
    try:
        found = find_instance(call.host.estate, server, instance)
    except SqlProblem as problem:
        return str(problem), False
    if found.host != call.host.name and not call.session.delegates:
        return _ANONYMOUS, False
    if found.is_sysadmin(call.session):
        return "", True
    if found.may_log_on({call.session.sid, *call.session.groups}):
        return "", False
    return f"Login failed for user '{call.session.account}'.", False


def _files(call: VerbCall, paths: Iterable[str], hashed: frozenset[str]) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for path in paths:
        exists = _exists(call, path)
        answers[path] = {"exists": exists, "sha256": _sha256(call, path) if exists and path in hashed else ""}
    return answers


def _exists(call: VerbCall, path: str) -> bool:
    try:
        files, local = locate(call.host, call.session, path)
    except FileProblem:
        return False
    node = files.get(local)
    return node is not None and not node.is_folder


def _sha256(call: VerbCall, path: str) -> str:
    return hashlib.sha256(read_file(call.host, call.session, path)).hexdigest().upper()


def _url_problem(host: Host, url: str) -> str:
    if host.estate is None:
        raise AssertionError("host.estate is there by construction")
    if url in host.estate.web or f"{url.rstrip('/')}/" in host.estate.web:
        return ""
    name = url.split("://", 1)[-1].split("/", 1)[0].split(":", 1)[0]
    hosts = {address.split("://", 1)[-1].split("/", 1)[0] for address in host.estate.web}
    if not any(known.split(":", 1)[0] == name for known in hosts):
        return _NOT_RESOLVED.format(name)
    if url.split("://", 1)[-1].split("/", 1)[0] not in hosts:
        return "Unable to connect to the remote server"
    return "The remote server returned an error: (404) Not Found."
