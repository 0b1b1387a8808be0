# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A fresh server, the solution to start from, a declaration, and what the directory answers."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired import read_declaration
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan import DirectoryFacts, Plan, Present, facts_of, make_plan
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution import build_files

PNP = Path(__file__).resolve().parents[4] / "shared" / "fixtures" / "pnp-usermimsync"
DOMAIN = "DC=corp,DC=example,DC=com"
STAFF, LEAVERS, OTHERS = f"OU=Staff,{DOMAIN}", f"OU=Leavers,OU=Staff,{DOMAIN}", f"OU=Others,{DOMAIN}"
EMPTY = {
    "MV.XML": b"<saved-mv-configuration server='S' export-date='1'><mv-data><version>1</version>"
    b"<import-attribute-flow/><provisioning type='none'/></mv-data></saved-mv-configuration>"
}
CONFIG: dict[str, Any] = {
    "provisioning": "scripted",
    "agents": [
        {
            "name": "ADMA",
            "type": "active_directory",
            "forest": "corp.example.com",
            "credentials": {"username": "EXAMPLE\\svc-adma", "password": "p1"},
            "partitions": [{"domain": "corp.example.com", "include": [STAFF], "exclude": [LEAVERS]}],
            "disabled_users": "filter",
        },
        {
            "name": "SPMA",
            "type": "sharepoint_profile_store",
            "url": "https://sp1.corp.example.com:5555",
            "pictures": "to_sharepoint",
            "credentials": {"username": "EXAMPLE\\svc-spma", "password": "p2"},
        },
    ],
}
KNOWN = frozenset({"adma", "spma"})


def config(agent: int = 0, **values: Any) -> dict[str, Any]:
    """CONFIG with values of an agent replaced; None takes a key away."""
    result = copy.deepcopy(CONFIG)
    for key, value in values.items():
        if value is None:
            result["agents"][agent].pop(key, None)
        else:
            result["agents"][agent][key] = value
    return result


def scope(**values: Any) -> list[dict[str, Any]]:
    return [{"domain": "corp.example.com", "include": [STAFF], "exclude": [LEAVERS], **values}]


@pytest.fixture(scope="session")
def facts() -> DirectoryFacts:
    contexts = [
        {"dn": f"CN=Configuration,{DOMAIN}", "guid": "b0b0b0b0-0000-4000-8000-000000000002", "dns": "corp.example.com", "netbios": ""},
        {"dn": DOMAIN, "guid": "a0a0a0a0-0000-4000-8000-000000000001", "dns": "corp.example.com", "netbios": "EXAMPLE"},
        {"dn": f"DC=sub,{DOMAIN}", "guid": "c0c0c0c0-0000-4000-8000-000000000003", "dns": "sub.corp.example.com", "netbios": "SUB"},
    ]
    containers = [{"dn": dn, "exists": True} for dn in (DOMAIN, STAFF, LEAVERS, OTHERS, f"DC=sub,{DOMAIN}", f"OU=Staff,DC=sub,{DOMAIN}")]
    return facts_of([{"forest": "corp.example.com", "root": DOMAIN, "contexts": contexts, "containers": containers}])


@pytest.fixture(scope="session", params=["built-in", "pnp"])
def solution(request: pytest.FixtureRequest) -> dict[str, bytes]:
    if request.param == "built-in":
        return build_files()
    if not PNP.is_dir():
        pytest.skip("the real configuration lies in ../shared/fixtures, which is absent")
    return {path.name: path.read_bytes() for path in PNP.glob("*.XML")}


Planner = Callable[..., Plan]


@pytest.fixture
def first(solution: dict[str, bytes], facts: DirectoryFacts) -> Planner:
    """Plans on a fresh server."""

    def plan(data: dict[str, Any] | None = None, files: dict[str, bytes] | None = None) -> Plan:
        present = Present(files or EMPTY, facts, read_folder(solution), "C:\\SharePointSync")
        return make_plan(read_declaration(data or CONFIG), present)

    return plan


@pytest.fixture(scope="session")
def configured(solution: dict[str, bytes], facts: DirectoryFacts) -> dict[str, bytes]:
    """The files of a server that holds CONFIG."""
    return make_plan(read_declaration(CONFIG), Present(EMPTY, facts, read_folder(solution), "C:\\SharePointSync")).planned.write()


@pytest.fixture
def later(configured: dict[str, bytes], facts: DirectoryFacts) -> Planner:
    """Plans on a server that holds CONFIG already, and knows its passwords."""

    def plan(data: dict[str, Any] | None = None, known: frozenset[str] = KNOWN) -> Plan:
        return make_plan(read_declaration(data or CONFIG), Present(configured, facts, known_credentials=known))

    return plan
