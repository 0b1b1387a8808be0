# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What server_info makes of a host's answer, what a build can do, when a key set's backup is good."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError, PlanError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.query import check_query, queried
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.server.capabilities import capabilities
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.server.information import server_facts
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.server.key_set import (
    KeySetState,
    Ties,
    check_exportable,
    check_path,
    read_state,
    reason_to_export,
)

AGENT = {
    "name": "SPMA",
    "guid": "{e61541a3-2869-44b8-9e32-32c746eab16f}",
    "type": "Extensible2",
    "counters": {"NumCSObjects": "42", "NumExportAdd": "access-denied"},
    "last_run": {"profile": "Export", "number": "7", "status": "in-progress", "started": "2026-01-01 00:00:00.000", "ended": ""},
}
ANSWER: dict[str, Any] = {
    "installed": True,
    "path": "C:\\MIM\\",
    "server": "SQL1",
    "instance": "",
    "database": "FIMSynchronizationService",
    "version": "4.6.641.0",
    "service": {"state": "Running", "start_mode": "Auto", "account": "EXAMPLE\\svc-mimsync"},
    "extensions": {"name": "Microsoft.IdentityManagement.Connector.Sharepoint.dll", "version": "4.4.1800.1"},
    "groups": {"admins": "EXAMPLE\\MIMSyncAdmins"},
    "groups_error": "",
    "agents": [AGENT],
    "agents_error": "",
    "key_set": {"path": "C:\\k.bin", "exists": True},
}
TIES = Ties("SQL1", "", "FIMSynchronizationService", "EXAMPLE\\svc-mimsync")


def record(**changes: str) -> str:
    return json.dumps({"sha256": "ab", "server": "sql1", "instance": "", "database": TIES.database, "account": TIES.account, **changes})


def test_facts_of_a_running_server() -> None:
    facts = server_facts(ANSWER)
    assert facts["server_role"] == "active"
    assert facts["paths"]["extensions"] == "C:\\MIM\\Extensions"
    assert facts["database"] == {"server": "SQL1", "instance": "MSSQLSERVER", "name": "FIMSynchronizationService"}
    assert facts["connector_version"] == "4.4.1800.1"
    assert facts["running_agents"] == ["SPMA"]
    assert facts["agents"][0]["counters"] == {"NumCSObjects": 42}
    assert facts["agents"][0]["last_run"]["number"] == 7


def test_a_host_without_the_service_has_the_same_keys() -> None:
    bare = server_facts({"installed": False, "key_set": {"path": "", "exists": False}})
    assert bare.keys() == server_facts(ANSWER).keys()
    assert (bare["installed"], bare["server_role"], bare["service"]["state"]) == (False, "none", "absent")


def test_a_stopped_service_is_a_standby() -> None:
    assert server_facts({**ANSWER, "service": {"state": "Stopped", "start_mode": "Manual", "account": "x"}})["server_role"] == "standby"


@pytest.mark.parametrize(
    ("version", "capability", "has"),
    [
        ("4.3.1935.0", "ecma2_connectivity_parameters", False),
        ("4.3.2064.0", "ecma2_connectivity_parameters", True),
        ("4.3.2064.0", "ad_credentials_keep_partitions", False),
        ("4.4.1302.0", "ad_credentials_keep_partitions", True),
        ("4.5.26.0", "group_managed_account", True),
        ("4.5.412.0", "group_managed_account_at_setup", False),
        ("4.6.34.0", "sharepoint_2019", True),
        ("4.3.1935.0", "configuration_cmdlets", False),
        ("5.0.1.0", "configuration_cmdlets", False),
    ],
)
def test_what_a_build_can_do(version: str, capability: str, has: bool) -> None:
    assert capabilities(version)[capability] is has


def test_a_query_cuts_the_answer() -> None:
    assert queried("agents[].name", server_facts(ANSWER)) == {"query_result": ["SPMA"]}
    assert queried(None, {}) == {}


@pytest.mark.parametrize("expression", ["agents[", "length(version, 1)"])
def test_a_wrong_query_is_named(expression: str) -> None:
    with pytest.raises(InputError, match=r"query: .*JMESPath"):
        check_query(expression)
        queried(expression, {"version": "x"})


# --- key set


@pytest.mark.parametrize(
    ("sha256", "text", "reason"),
    [
        ("ab", record(), ""),
        ("", record(), "no backup"),
        ("ab", "", "no record"),
        ("ab", "[1]", "no record"),
        ("cd", record(), "not the one"),
        ("ab", record(account="EXAMPLE\\other"), "EXAMPLE\\other"),
        ("ab", record(database="Old"), "database Old"),
    ],
)
def test_when_a_key_set_is_backed_up_again(sha256: str, text: str, reason: str) -> None:
    found = reason_to_export(KeySetState(True, True, TIES, sha256, text))
    assert reason in found if reason else found == ""


def test_what_an_export_needs() -> None:
    state = read_state({"installed": True, "running": True, "server": "SQL1", "account": "EXAMPLE\\svc-mimsync", "sha256": "AB"})
    assert state.sha256 == "ab"
    check_exportable(state, "secret")
    check_exportable(replace(state, ties=replace(state.ties, account="EXAMPLE\\gmsa$")), None)
    for wrong, message in ((replace(state, installed=False), "not installed"), (replace(state, running=False), "does not run"), (state, "password")):
        with pytest.raises(PlanError, match=message):
            check_exportable(wrong, None)


@pytest.mark.parametrize("path", ["keyset.bin", "C:keyset.bin", "C:\\folder\\", ""])
def test_a_path_has_to_be_absolute(path: str) -> None:
    with pytest.raises(InputError, match="absolute path"):
        check_path(path)
