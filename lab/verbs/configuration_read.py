# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twin of configuration_read.ps1."""

from __future__ import annotations

import json
import ntpath
from collections.abc import Mapping
from typing import Any

from ...plugins.plugin_utils.configuration.folder import pack
from ..estate.directory import Directory
from ..estate.directory_errors import LogonFailure
from ..estate.domains import controllers, domain_of, forest_named
from ..estate.synchronization import SERVICE_NAME, SynchronizationService, service_of
from ..estate.synchronization_engine import RULES_NAME
from ..estate.synchronization_state import SynchronizationProblem
from .change_journal import is_open
from .registry import ScriptError, VerbAnswer, VerbCall, verb

# What ADSI says: 0x8007054B, 0x8007052E, 0x80072020.
NO_DOMAIN = "The specified domain either does not exist or could not be contacted."
BAD_LOGON = "The user name or password is incorrect."
ANONYMOUS = "An operations error occurred."


@verb("configuration_read")
def configuration_read(call: VerbCall) -> VerbAnswer:
    source, state_file = str(call.parameters["SourceFolder"]), str(call.parameters["StateFile"])
    answer: dict[str, Any] = {
        "installed": False,
        "service": "",
        "build": "",
        "agents": [],
        "files": {},
        "source": {},
        "rules": {},
        "source_exists": bool(source) and call.host.files.is_folder(source),
        "state": "",
        "forests": [],
        **_journal(call),
    }
    service = service_of(call.host)
    if service is not None:
        answer |= _server(call, service)
    names = {agent["name"].casefold() for agent in answer["agents"]}
    if answer["source_exists"] and any(name.casefold() not in names for name in call.parameters["Agents"]):
        answer["source"] = pack(_documents(call, source))
    if state_file and call.host.files.exists(state_file):
        answer["state"] = call.host.files.read(state_file).decode()
    passwords = passwords_of(call)
    answer["forests"] = [_forest(call, question, passwords) for question in json.loads(str(call.parameters["Questions"]))]
    return VerbAnswer(answer)


def _journal(call: VerbCall) -> dict[str, Any]:
    path = str(call.parameters["JournalFile"] or "")
    node = call.host.files.get(path) if path else None
    if node is None or node.content is None:
        return {"journal": None, "journal_age": 0, "journal_open": False}
    age = int(max(0.0, call.host.now() - node.modified))
    return {"journal": node.content.decode(), "journal_age": age, "journal_open": is_open(call, path)}


def passwords_of(call: VerbCall) -> dict[str, str]:
    """Agent -> password, out of the script's SecureString."""
    secret = call.parameters["Passwords"]
    found: dict[str, str] = json.loads(str(secret)) if secret else {}
    return found


def _server(call: VerbCall, service: SynchronizationService) -> dict[str, Any]:
    state = call.host.service(SERVICE_NAME)
    found: dict[str, Any] = {"installed": True, "build": service.build, "service": state.state.capitalize() if state else ""}
    rules = service.path(ntpath.join("Extensions", RULES_NAME))
    if call.host.files.exists(rules):
        found["rules"] = pack({RULES_NAME: call.host.files.read(rules)})
    if not service.running:
        return found
    files = export(call, service)
    running = service.running_agents(call.session)
    agents = [name for name in service_agents(files) if name]
    found["agents"] = [{"name": name, "running": name in running, "result": service.run_status(call.session, name)} for name in agents]
    return {**found, "files": pack(files)}


def export(call: VerbCall, service: SynchronizationService) -> dict[str, bytes]:
    """What svrexport writes; its failure in the words of the script."""
    try:
        return service.export_files(call.session)
    except SynchronizationProblem as problem:
        raise ScriptError(f"svrexport.exe ended with exit code 1: {problem.message}") from None


def service_agents(files: Mapping[str, bytes]) -> list[str]:
    from ..estate.synchronization_import import agent_names

    return agent_names(files)


def _documents(call: VerbCall, folder: str) -> dict[str, bytes]:
    nodes = call.host.files.children(folder)
    return {node.name: node.content for node in nodes if node.content is not None and node.name.casefold().endswith(".xml")}


def _forest(call: VerbCall, question: Mapping[str, Any], passwords: Mapping[str, str]) -> dict[str, Any]:
    found = {"agent": question["agent"], "forest": question["forest"], "error": "", "root": "", "configuration": "", "contexts": [], "containers": []}
    if call.host.estate is None:
        raise ScriptError(NO_DOMAIN)
    directory = forest_named(call.host.estate, question["forest"])
    if directory is None:
        return {**found, "error": NO_DOMAIN}
    error = _refusal(call, directory, question, passwords.get(question["agent"], ""))
    if error:
        return {**found, "error": error}
    containers = [{"dn": item["dn"], "exists": _exists(directory, item)} for item in question["containers"]]
    return {**found, "root": directory.domain_dn, "configuration": directory.configuration_dn, "contexts": _contexts(directory), "containers": containers}


def _exists(forest: Directory, container: Mapping[str, str]) -> bool:
    """As the named domain's controllers see it."""
    domain, entry = forest.domain_named(container["domain"]), forest.find(container["dn"])
    return domain is not None and entry is not None and domain.holds(entry)


def _refusal(call: VerbCall, directory: Directory, question: Mapping[str, Any], password: str) -> str:
    estate = call.host.estate
    if estate is None or not all(controllers(estate, domain) for domain in directory.domains):
        return NO_DOMAIN
    if not question["account"]:
        # A second hop without delegation arrives as nobody, and so does an account that the forest does not trust.
        return "" if call.session.delegates and domain_of(call.host).root is directory else ANONYMOUS
    domain, _unused, user = question["account"].rpartition("\\")
    try:
        directory.verify(domain, user, password)
    except LogonFailure:
        return BAD_LOGON
    return ""


def _contexts(directory: Directory) -> list[dict[str, str]]:
    """What CN=Partitions of a forest lists: the configuration and each domain."""
    found = [{"dn": directory.configuration_dn, "guid": directory.get(directory.configuration_dn).guid, "dns": directory.dns_name, "netbios": ""}]
    for domain in directory.domains:
        found.append({"dn": domain.domain_dn, "guid": directory.get(domain.domain_dn).guid, "dns": domain.dns_name, "netbios": domain.netbios_name})
    return found
