# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who is synchronized: other organizational units, disabled accounts. What would be deleted is told and limited first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .example_lab import LEAVERS, STAFF, ExampleLab, account_of, example_lab

SCOPE, DISABLED, GROUPS = "scope_change.yml", "disabled_users_filter.yml", "audiences_by_group.yml"
LYON, HANOI = f"OU=Lyon,{STAFF}", f"OU=Hanoi,{STAFF}"
ACCOUNT_DISABLED = 0x2


def scope(*excluded: str) -> dict[str, list[str]]:
    return {"include": [STAFF], "exclude": [LEAVERS, *excluded]}


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExampleLab]:
    """Hanoi is out of scope; disabled accounts are synchronized."""
    folder = tmp_path_factory.mktemp("lab")
    reports = {"mimsync_report_folder": str(folder)}
    with example_lab(folder, people=80, mimsync_scope=scope(HANOI), sync_configuration_disabled_users="synchronize", **reports) as made:
        yield made


def accounts(example: ExampleLab) -> set[str]:
    return {profile.account for profile in example.mim.farm.service_application.store.live("user")}


def test_a_change_of_scope_that_deletes_too_much_is_stopped(example: ExampleLab) -> None:
    before = example.state()
    stopped = example.run(SCOPE, mimsync_scope={"include": [LYON], "exclude": []})
    assert stopped.code != 0
    assert "nothing was changed" in stopped.output and "the limit is 10 %" in stopped.output
    assert example.state() == before


def test_another_scope_is_foretold_and_brought_about(example: ExampleLab, tmp_path: Path) -> None:
    lyon, hanoi = example.people(LYON), example.people(HANOI)
    assert lyon and hanoi, "only this test changes the scope"
    assert {account_of(entry) for entry in lyon} <= accounts(example) and accounts(example).isdisjoint(account_of(entry) for entry in hanoi)
    wanted = {"mimsync_scope": scope(LYON), "mimsync_report_folder": str(tmp_path), "scope_change_percent": 30, "disabled": "synchronize"}
    before = example.state()
    rehearsed = example.run(SCOPE, "--check", **wanted).succeeded()
    assert example.state() == before
    done = example.run(SCOPE, **wanted).succeeded()
    assert [line for line in done.output.splitlines() if "profiles" in line]
    assert rehearsed.counts["changed"] == done.counts["changed"]
    assert accounts(example).isdisjoint(account_of(entry) for entry in lyon), "Lyon is gone"
    assert {account_of(entry) for entry in hanoi} <= accounts(example), "Hanoi is there"
    assert example.run(SCOPE, **wanted).succeeded().counts["changed"] == 0


def present_scope(example: ExampleLab) -> dict[str, list[str]]:
    agent = example.configuration().agent("ADMA")
    assert agent is not None
    domain = next(one for one in agent.partitions if one.is_domain)
    return {"include": list(domain.inclusions), "exclude": list(domain.exclusions)}


def disable(example: ExampleLab, account: str, *, disabled: bool = True) -> None:
    entry = example.mim.estate.directory.resolve(account)
    assert entry is not None
    control = entry.number("userAccountControl")
    example.mim.estate.directory.set(entry, {"userAccountControl": control | ACCOUNT_DISABLED if disabled else control & ~ACCOUNT_DISABLED})


def test_disabled_people_leave_and_enabled_ones_come_back(example: ExampleLab, tmp_path: Path) -> None:
    base = [account_of(entry) for entry in example.people() if account_of(entry) in accounts(example)]
    first, second = base[0], base[1]
    disable(example, first)
    example.cycle(mimsync_cycle="delta")
    assert first in accounts(example), "they are synchronized yet"
    wanted = {"mimsync_scope": present_scope(example), "mimsync_report_folder": str(tmp_path), "disabled_users_percent": 20}
    before = example.state()
    stopped = example.run(DISABLED, **{**wanted, "disabled_users_percent": 0})
    assert stopped.code != 0 and "disabled_users_percent allows 0 %. Nothing was changed." in " ".join(stopped.output.split())
    assert f"{first.partition(chr(92))[2]} has a profile, but is disabled." in stopped.output
    rehearsed = example.run(DISABLED, "--check", **wanted).succeeded()
    assert example.state() == before
    done = example.run(DISABLED, **wanted).succeeded()
    assert rehearsed.counts["changed"] == done.counts["changed"]
    assert "ADMA: attribute userAccountControl selected" in done.output
    agent = example.configuration().agent("ADMA")
    assert agent is not None and "userAccountControl" in agent.included_attributes
    conditions = [condition for filters in agent.filters for alternative in filters.alternatives for condition in alternative]
    assert [(one.attribute, one.operator, int(one.value, 0)) for one in conditions] == [("userAccountControl", "bit-on", ACCOUNT_DISABLED)]
    assert first not in accounts(example) and second in accounts(example)
    assert example.run(DISABLED, **wanted).succeeded().counts["changed"] == 0

    disable(example, first, disabled=False)
    disable(example, second)
    example.cycle(mimsync_cycle="delta")
    assert first in accounts(example) and second not in accounts(example)


def test_groups_become_member_groups_with_their_people(example: ExampleLab) -> None:
    store = example.mim.farm.service_application.store
    scope_now = {"mimsync_scope": present_scope(example)}
    before = example.state()
    rehearsed = example.run(GROUPS, "--check", **scope_now).succeeded()
    assert example.state() == before and not list(store.live("group"))
    done = example.run(GROUPS, **scope_now).succeeded()
    assert rehearsed.counts["changed"] == done.counts["changed"]
    found = {group.account: group for group in store.live("group")}
    directory = example.mim.estate.directory
    assert f"{len(found)} member groups." in done.output
    managers = directory.resolve("Managers")
    assert managers is not None and managers.dn in found
    members = [
        account for member in managers.values("member") if (account := f"EXAMPLE\\{directory.get(str(member)).text('sAMAccountName')}") in accounts(example)
    ]
    assert members and set(found[managers.dn].get("Member")) == set(members), "the timer job has made accounts of the references"
    assert example.run(GROUPS, **scope_now).succeeded().counts["changed"] == 0
