# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module preview with objects that the controller reads from a real directory: sealed, over TLS, without the right."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.ldap.connection import Connection
from ansible_collections.mimsync.sharepoint.tests.unit.solution.face_support import Caller
from real_configuration import solution_files
from real_people import ACCOUNT_PASSWORD
from samba_server import DOMAIN_DN, NETBIOS, PASSWORD, SambaServer
from side_by_side import STAFF

pytestmark = pytest.mark.xdist_group("real_directory")
LINE = {"through": "person", "to": "SPMA/user/Title", "value": "{title?} ({department})", "when": {"present": "department"}}


@pytest.fixture
def preview(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Calls the module on the built-in solution's files; `rows` are those of the report."""
    folder = tmp_path / "present"
    folder.mkdir()
    for name, content in solution_files().items():
        (folder / name).write_bytes(content)

    def call(ldap: dict[str, Any], **options: Any) -> dict[str, Any]:
        caller = Caller(MagicMock(), MagicMock())
        report = tmp_path / "report.json"
        result = caller.call("preview", present_files=str(folder), objects=[{"agent": "ADMA", "ldap": ldap}], dest=[str(report)], **options)
        assert caller.executions == [], "no host is asked"
        assert PASSWORD not in json.dumps(result, default=str)
        return {**result, "report": json.loads(report.read_text(encoding="utf-8")) if report.exists() else {}}

    return call


def people(admin: Connection) -> int:
    """Those that have a department."""
    return len(list(admin.search(STAFF, "(&(objectCategory=person)(objectClass=user)(department=*))", ("cn",))))


def test_a_changed_flow_is_previewed_for_everybody_in_the_directory(samba: SambaServer, admin: Connection, preview: Callable[..., dict[str, Any]]) -> None:
    result = preview({"host": samba.address, "user": f"{NETBIOS}\\Administrator", "password": PASSWORD, "protocol": "ntlm"}, config={"flows": [LINE]})
    assert not result.get("failed"), result.get("msg")
    titles = [row for row in result["report"]["rows"] if (row["agent"], row["attribute"]) == ("SPMA", "Title")]
    assert len(titles) == people(admin) > 30
    assert all(text.endswith(")") for row in titles for text in row["new"])
    [origin] = [item for item in result["data"] if item["agent"] == "ADMA"]
    assert origin["source"] == f"LDAP {samba.address}"
    assert origin["objects"] >= len(titles)


def test_tls_with_a_trusted_authority_reads_the_same(secured: tuple[SambaServer, Path], preview: Callable[..., dict[str, Any]]) -> None:
    server, authority = secured
    account = {"host": server.address, "user": f"Administrator@{DOMAIN_DN[3:].replace(',DC=', '.')}", "password": PASSWORD}
    result = preview({**account, "tls": True, "ca_file": str(authority)})
    assert result.get("headline") == ["Nothing happens to anybody."], result.get("msg")
    untrusted = preview({**account, "tls": True})
    assert untrusted["failed"]
    assert "certificate" in untrusted["msg"]


def test_an_account_without_the_right_or_with_a_wrong_password_is_told_what_it_lacks(
    samba: SambaServer, admin: Connection, preview: Callable[..., dict[str, Any]]
) -> None:
    someone = next(iter(admin.search(f"OU=Hanoi,{STAFF}", "(objectClass=user)", ("sAMAccountName",)))).text("sAMAccountName")
    result = preview({"host": samba.address, "user": f"{NETBIOS}\\{someone}", "password": ACCOUNT_PASSWORD, "protocol": "ntlm"})
    assert result["failed"]
    assert f"the directory {samba.address} cannot be read" in result["msg"]
    assert f"{NETBIOS}\\{someone} needs Replicating Directory Changes on CN=Configuration,{DOMAIN_DN}, {DOMAIN_DN}." in result["msg"]
    assert ACCOUNT_PASSWORD not in json.dumps(result, default=str)
    wrong = preview({"host": samba.address, "user": f"{NETBIOS}\\Administrator", "password": "guessed-wrong-1", "protocol": "ntlm"})
    assert wrong["failed"]
    assert "failed-authentication" in wrong["msg"]
    assert "guessed-wrong-1" not in json.dumps(wrong, default=str)
