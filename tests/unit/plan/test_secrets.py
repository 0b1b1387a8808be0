# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Secrets of agents of all kinds: set with the plan and once, or told where to type; shown nowhere."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired import Declaration
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.reading import read_wish
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.change import Plan
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.credentials import read_record, write_record
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.order import credential_orders, new_record, passwords
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.secrets import Known, plan_secrets
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.whole_server import plan_on_files
from guide import SECRET, examples
from server_support import files_of

HOMES, DOORS = examples()["Homes"], examples()["Doors"]


def planned(config: dict[str, Any], known: Known | None = None, name: str = "built-in") -> tuple[Plan, list[str]]:
    plan, wanted = plan_on_files(read_folder(files_of(name)), read_wish(config), "merged")
    return plan, plan_secrets(plan, wanted, known or Known())


def test_a_connectors_secrets_become_one_order_a_page_without_the_secret_itself() -> None:
    agent = {**HOMES["agents"][0], "parameters": {**HOMES["agents"][0]["parameters"], "Password (auxiliary)": "second"}}
    plan, notes = planned({"agents": [agent]})
    orders = credential_orders(plan, Declaration())
    assert notes == []
    assert [(one["kind"], one["use"], one["secrets"]) for one in orders] == [
        ("ecma2", "connectivity", {"Password": "Homes/Password", "Password(auxiliary)": "Homes/Password (auxiliary)"})
    ]
    assert passwords(plan, Declaration()) == {"Homes/Password": SECRET, "Homes/Password (auxiliary)": "second"}
    shown = json.dumps(orders) + repr(plan) + plan.text()[1] + "".join(change.sentence for change in plan.changes)
    assert SECRET not in shown and SECRET.encode() not in b"".join(plan.planned.write().values())


def test_what_was_set_is_remembered_by_its_digest_and_set_once() -> None:
    plan, _notes = planned(DOORS)
    text = write_record(new_record(plan, Declaration(), {}))
    assert SECRET not in text
    record = read_record(text)
    again, _notes = planned(DOORS, Known(record))
    assert not again.secrets and not [change for change in again.changes if change.kind == "secret"]


@pytest.mark.parametrize(
    "known",
    [
        lambda record: Known(record, always=True),
        lambda record: Known(record, {"doors": "no-start-credentials"}),
        lambda record: Known({key: {**entry, "id": "{ANOTHER}"} for key, entry in record.items()}),
        lambda record: Known({key: {**entry, "digest": "AA=="} for key, entry in record.items()}),
    ],
)
def test_it_is_set_again_when_asked_for_refused_or_not_the_one_that_is_known(known: Any) -> None:
    plan, _notes = planned(DOORS)
    again, _notes = planned(DOORS, known(new_record(plan, Declaration(), {})))
    assert [one.agent for one in again.secrets] == ["Doors"]


def test_the_record_forgets_parameters_of_agents_that_are_gone() -> None:
    plan, _notes = planned(DOORS)
    record = new_record(plan, Declaration(), {"gone/parameter/password": {"id": "{A}"}})
    assert list(record) == ["doors/parameter/password"]


def account(name: str, kind: str, user: str = "EXAMPLE\\svc-x") -> dict[str, Any]:
    return {"agents": [{"name": name, "type": kind, "credentials": {"username": user, "password": SECRET}}]}


def test_the_mim_services_account_is_set_with_its_connection() -> None:
    plan, notes = planned(account("MIM Service", "mim_service"), name="every kind")
    order = credential_orders(plan, Declaration())[-1]
    assert (order["kind"], order["account"], notes) == ("fim", "EXAMPLE\\svc-x", [])
    assert {"DatabaseName", "DatabaseServer", "FIMServiceBaseAddress"} <= set(order["parameters"])


@pytest.mark.parametrize(
    ("name", "kind", "page"),
    [("HR-SQL", "sql_server", "Connect to Database"), ("LDS", "ad_lds", "AD LDS"), ("GAL", "global_address_list", "Active Directory Forest")],
)
def test_what_no_cmdlet_sets_is_said_with_its_place(name: str, kind: str, page: str) -> None:
    plan, notes = planned(account(name, kind), Known(results={name.casefold(): "no-start-credentials"}), "every kind")
    assert not plan.secrets
    assert len(notes) == 1 and notes[0].startswith(f"{name}: no cmdlet sets")
    assert f"Management Agents, {name}, Actions, Properties, " in notes[0] and page in notes[0]
    assert planned(account(name, kind), name="every kind")[1] == []
