# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a run says when a real directory cannot be used, in MIM's words; TLS; interrupted imports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.systems.active_directory import (
    ActiveDirectoryConnector,
    ActiveDirectorySystem,
    open_directory,
)
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.systems.base import SystemConnectionError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.ldap.connect import Directory, connect
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.ldap.connection import Connection
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.ldap.problems import Unreachable
from real_people import ACCOUNT_PASSWORD
from samba_server import DOMAIN_DN, SambaServer, administrator
from side_by_side import REQUEST

pytestmark = pytest.mark.xdist_group("real_directory")


def said(problem: SystemConnectionError) -> tuple[str, str, str, str]:
    return problem.step_result, problem.connection_result, problem.code, problem.literal


def refusal(action: Callable[[], object]) -> tuple[str, str, str, str]:
    with pytest.raises(SystemConnectionError) as caught:
        action()
    return said(caught.value)


def test_a_wrong_password_fails_authentication(samba: SambaServer) -> None:
    wrong = replace(administrator(samba), password="guessed")
    assert refusal(lambda: open_directory(wrong)) == ("stopped-connectivity", "failed-authentication", "49", "Invalid Credentials")


def test_an_unknown_agent_has_no_credentials() -> None:
    assert refusal(lambda: ActiveDirectoryConnector({}).connect("ADMA"))[:2] == ("no-start-credentials", "failed-authentication")


def test_an_agent_is_connected_by_its_name(samba: SambaServer) -> None:
    system = ActiveDirectoryConnector({"ADMA": administrator(samba)}).connect("ADMA")
    assert system.server == f"{samba.address}:389"
    system.close()


def test_nobody_at_the_address_is_no_domain_controller() -> None:
    literal = "The specified domain either does not exist or could not be contacted."
    nobody = Directory("127.0.0.1", "EXAMPLE\\nobody", "secret", port=9)
    assert refusal(lambda: open_directory(nobody)) == ("no-start-no-domain-controller", "failed-connection", "", literal)


def test_an_import_without_the_right_fails_its_search(admin: Connection, log_on: Callable[[str, str], Connection]) -> None:
    someone = next(iter(admin.search(f"OU=Hanoi,OU=Staff,{DOMAIN_DN}", "(objectClass=user)", ("sAMAccountName",))))
    system = ActiveDirectorySystem(log_on(someone.text("sAMAccountName"), ACCOUNT_PASSWORD))
    answer = refusal(lambda: list(system.import_pages(REQUEST)))
    assert answer == ("stopped-connectivity", "failed-search", "8453", "Replication access was denied.")


def test_a_partition_that_is_none_fails_its_search(admin: Connection) -> None:
    request = replace(REQUEST, partition_dn=f"OU=Staff,{DOMAIN_DN}")
    assert refusal(lambda: list(ActiveDirectorySystem(admin).import_pages(request)))[:2] == ("stopped-connectivity", "failed-search")


def test_a_watermark_of_something_else_asks_for_a_full_import(admin: Connection) -> None:
    request = replace(REQUEST, watermark="not one of ours")
    assert refusal(lambda: list(ActiveDirectorySystem(admin).import_pages(request)))[:2] == ("no-start-full-import-required", "warning-no-watermark")


def test_a_server_that_stops_drops_the_connection(samba: SambaServer, admin: Connection) -> None:
    samba.stop()
    assert refusal(lambda: list(ActiveDirectorySystem(admin).import_pages(REQUEST)))[:2] == ("stopped-connectivity", "dropped-connection")


# --- TLS


def test_tls_is_used_where_the_certificate_is_trusted(secured: tuple[SambaServer, Path]) -> None:
    server, authority = secured
    directory = replace(administrator(server), tls=True, ca_file=str(authority))
    with connect(directory) as connection:
        assert connection.server == f"{server.address}:636"
        assert len(next(connection.search_pages(f"OU=Staff,{DOMAIN_DN}", "(objectClass=user)", ("cn",), page_size=30))) == 30


def test_a_certificate_of_an_unknown_authority_is_refused(secured: tuple[SambaServer, Path]) -> None:
    with pytest.raises(Unreachable, match="trusted"):
        connect(replace(administrator(secured[0]), tls=True))
