# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which passwords a server has: remembered as salted digests, because no server tells.

The record lies in a file on the host. It holds, for each agent, the agent's id, the account and a scrypt digest
(RFC 7914) of the password that was set last. It tells only whether a declared password is that one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from typing import Any

from ..configuration.folder import Folder
from ..desired import Credentials, Declaration

# 16 MiB and some hundredths of a second for each guess (n * r * 128 bytes).
_COST = {"n": 2**14, "r": 8, "p": 1}
# Results of a run that mean: the server's credentials do not work (reference `sync-engine`, 4).
BAD_CREDENTIALS = frozenset({"no-start-credentials", "stopped-bad-server-credentials"})

Record = dict[str, dict[str, str]]


def read_record(text: str) -> Record:
    """Agents by lower-case name; a damaged record counts as none, so that passwords are set again."""
    try:
        found: Any = json.loads(text) if text.strip() else {}
    except ValueError:
        return {}
    agents = found.get("agents") if isinstance(found, dict) else None
    return {str(name): dict(entry) for name, entry in agents.items() if isinstance(entry, dict)} if isinstance(agents, dict) else {}


def write_record(record: Mapping[str, Mapping[str, str]]) -> str:
    """The record as text for the host."""
    note = "Digests of the passwords that were set last. Without this file they are set again at the next run."
    return json.dumps({"note": note, "agents": record}, indent=2, sort_keys=True) + "\n"


def known_agents(declaration: Declaration, record: Record, present: Folder, results: Mapping[str, str]) -> set[str]:
    """Lower-case names of agents whose declared password is the one that was set last.

    `results` maps lower-case names of agents to the result of their last run.
    """
    known = set()
    for agent in declaration.agents:
        name = agent.name.casefold()
        if agent.credentials is None or present.agent(name) is None or results.get(name) in BAD_CREDENTIALS:
            continue
        entry = record.get(name, {})
        if entry.get("id") == present.agent_element(name).find_text("id").upper() and _matches(entry, agent.credentials):
            known.add(name)
    return known


def remembered(record: Record, name: str, agent_id: str, credentials: Credentials) -> Record:
    """The record with a password that has just been set."""
    salt = secrets.token_bytes(16)
    entry = {"id": agent_id, "account": credentials.account, "salt": _text(salt), "digest": _text(_digest(credentials.password, salt))}
    return {**record, name.casefold(): entry}


def remembered_secret(record: Record, agent: str, agent_id: str, name: str, value: str) -> Record:
    """The record with a parameter's secret that has just been set; it stands beside those of accounts."""
    salt = secrets.token_bytes(16)
    entry = {"id": agent_id.upper(), "account": "", "salt": _text(salt), "digest": _text(_digest(value, salt))}
    return {**record, _secret_key(agent, name): entry}


def knows_secret(record: Record, agent: str, agent_id: str, name: str, value: str) -> bool:
    """True if this is the secret that was set last."""
    entry = record.get(_secret_key(agent, name), {})
    return entry.get("id") == agent_id.upper() and _same_digest(entry, value)


def agent_of_key(key: str) -> str:
    """The agent's lower-case name that an entry of the record is about."""
    return key.partition("/parameter/")[0]


def _secret_key(agent: str, name: str) -> str:
    return f"{agent.casefold()}/parameter/{name.casefold()}"


def _matches(entry: Mapping[str, str], credentials: Credentials) -> bool:
    return entry.get("account", "").casefold() == credentials.account.casefold() and _same_digest(entry, credentials.password)


def _same_digest(entry: Mapping[str, str], password: str) -> bool:
    try:
        salt, digest = base64.b64decode(entry["salt"]), base64.b64decode(entry["digest"])
    except (KeyError, ValueError):
        return False
    return hmac.compare_digest(_digest(password, salt), digest)


def _digest(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, dklen=32, **_COST)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
