# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads the user's declaration (parsed YAML) into values, or reports everything that is wrong with it."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from .directory_agent import read_directory_agent
from .problems import Node, Problems
from .values import Agent, Credentials, Declaration, Pictures, ProfileStoreAgent

AGENT_TYPES = ("active_directory", "sharepoint_profile_store")
PROVISIONING = ("none", "scripted", "sync-rule", "both")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")
_STORE_KEYS = ("name", "type", "url", "pictures", "credentials")


def read_declaration(data: Any) -> Declaration:
    """`data` is what stands below `sync_configuration`. Raises InputError; with several faults, its `details` list all."""
    problems = Problems()
    top = Node(data, "", problems)
    top.only(("agents", "provisioning"))
    provisioning = top.choice("provisioning", PROVISIONING)
    agents = [agent for path, item in top.items("agents") or [] if (agent := _agent(Node(item, path, problems))) is not None]
    _refuse_twins(agents, problems)
    problems.stop()
    return Declaration(tuple(agents), provisioning)


def _agent(node: Node) -> Agent | None:
    if not node.value:
        return None
    kind = node.choice("type", AGENT_TYPES) if node.given("type") else None
    if not node.given("type"):
        node.problems.add(node.at("type"), f"is missing; it is one of {', '.join(AGENT_TYPES)}")
    if kind == "active_directory":
        return read_directory_agent(node, read_credentials(node))
    return _profile_store_agent(node) if kind == "sharepoint_profile_store" else None


def _refuse_twins(agents: list[Agent], problems: Problems) -> None:
    seen: dict[str, str] = {}
    for agent in agents:
        first = seen.setdefault(agent.name.casefold(), agent.path)
        if first != agent.path:
            problems.add(f"{agent.path}.name", f"{agent.name!r} is declared twice, first at {first}")


def read_credentials(node: Node) -> Credentials | None:
    """`credentials: {username, password, domain}` of an agent; `domain` counts for a user name without one."""
    given = node.node("credentials")
    if given is None:
        return None
    given.only(("username", "password", "domain"))
    username, password = given.text("username", required=True), given.value.get("password")
    default = given.text("domain")
    if not isinstance(password, str) or not password:
        # The value itself stays out of the message, whatever it is.
        given.problems.add(given.at("password"), "is missing" if password in (None, "") else "must be text")
        return None
    account = read_account(given, username, default) if username else None
    return Credentials(*account, password) if account else None


def read_account(node: Node, username: str, default: str | None) -> tuple[str, str] | None:
    if "\\" in username:
        domain, _unused, user = username.partition("\\")
    elif "@" in username:
        user, _unused, domain = username.rpartition("@")
    else:
        domain, user = default or "", username
    if not domain.strip() or not user.strip():
        node.problems.add(node.at("username"), f"is {username!r}, but must be of the form DOMAIN\\name or name@domain")
        return None
    return domain.strip(), user.strip()


def _profile_store_agent(node: Node) -> ProfileStoreAgent | None:
    node.only(_STORE_KEYS)
    name = node.text("name", required=True)
    endpoint = read_endpoint(node)
    pictures = node.choice("pictures", [choice.value for choice in Pictures])
    credentials = read_credentials(node)
    if name is None:
        return None
    protocol, host, port = endpoint or (None, None, None)
    return ProfileStoreAgent(name, protocol, host, port, Pictures(pictures) if pictures else None, credentials, node.path)


def read_endpoint(node: Node) -> tuple[str, str, str] | None:
    """Protocol, host and port; the connector knows no path, it calls a fixed service of the site."""
    url = node.text("url")
    if url is None:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    except ValueError:
        node.problems.add(node.at("url"), f"is {url!r}, which is no URL")
        return None
    if not port or not parts.hostname or not _HOST.fullmatch(parts.hostname):
        node.problems.add(node.at("url"), f"is {url!r}, but must be of the form http(s)://host[:port]")
        return None
    if parts.path not in ("", "/") or parts.query or parts.fragment or parts.username:
        node.problems.add(node.at("url"), f"is {url!r}; only protocol, host and port can be given, the agent knows the service below them")
        return None
    host = url.split("//", 1)[1].rstrip("/").rpartition(":")[0] if parts.port else url.split("//", 1)[1].rstrip("/")
    return parts.scheme.upper(), host, str(port)
