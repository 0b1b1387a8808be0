# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""SharePoint's side on the lab: sharepoint_profiles rehearsed, applied, unchanged, drifted and mended; verify; the modules that read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.mimsync.sharepoint.lab.estate.farm import RELATIONSHIPS_JOB, Farm
from ansible_collections.mimsync.sharepoint.lab.harness import Lab, running_lab
from ansible_collections.mimsync.sharepoint.tests.lab.site_run import Outcome, play
from ansible_collections.mimsync.sharepoint.tests.unit.lab.mim_estate import PASSWORD, MimEstate, built_in_files, configure, make_account, make_mim_estate

pytestmark = pytest.mark.xdist_group("sharepoint")

URL = "https://my.corp.example.com"
VARIABLES: dict[str, Any] = {
    "mimsync_netbios": "EXAMPLE",
    "mimsync_sharepoint_agent_account": {"name": "svc-spma", "password": PASSWORD},
    "mimsync_photo_account": {"name": "svc-spphoto", "password": PASSWORD},
    "mimsync_mysite_url": URL,
}
BECOME = {
    "become": True,
    "become_method": "ansible.builtin.runas",
    "become_user": "{{ ansible_user }}",
    "vars": {"ansible_become_password": "{{ ansible_password }}"},
}


@pytest.fixture(scope="module")
def mim() -> MimEstate:
    """Profiles are there; the farm's switch and the accounts' rights are not."""
    made = make_mim_estate(people=12)
    make_account(made.estate, "svc-spphoto")
    configure(made, built_in_files(made))
    made.cycle()
    return made


@pytest.fixture(scope="module")
def lab(mim: MimEstate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running_lab(tmp_path_factory.mktemp("lab"), estate=mim.estate) as running:
        yield running


def bare_farm(farm: Farm) -> None:
    """As before the role ran."""
    application = farm.service_application
    application.no_ilm_used = True
    application.administrators.clear()
    application.sharing.clear()
    for site in farm.web_applications.values():
        site.policies.clear()


def rights(farm: Farm) -> tuple[bool, int, int, int]:
    application = farm.service_application
    site = farm.web_application(URL)
    assert site is not None
    return application.no_ilm_used, len(application.administrators), len(application.sharing), len(site.policies)


def written(folder: Path, hosts: str, tasks: Sequence[dict[str, Any]] = (), roles: Sequence[Any] = ()) -> Path:
    path = folder / "playbook.yml"
    content = [{"hosts": hosts, "gather_facts": False, "vars": VARIABLES, "roles": list(roles), "tasks": list(tasks)}]
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def run(lab: Lab, playbook: Path, *options: str, **variables: Any) -> Outcome:
    extra = ["-e", json.dumps(variables)] if variables else []
    outcome = play(playbook, lab.inventory, *options, *extra)
    assert PASSWORD not in outcome.output
    assert not any(secret in outcome.output for secret in lab.secrets.values())
    assert "Traceback" not in outcome.output
    return outcome


def asked(lab: Lab, folder: Path, hosts: str, module: str, become: bool = False, **arguments: Any) -> dict[str, Any]:
    """A module's answer."""
    target = folder / "answer.json"
    ask = {"name": "Ask", f"mimsync.sharepoint.{module}": arguments, "register": "answer", **(BECOME if become else {})}
    keep = {"name": "Keep", "ansible.builtin.copy": {"content": "{{ answer }}", "dest": str(target)}, "delegate_to": "localhost", "connection": "local"}
    python = {"vars": {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}}
    run(lab, written(folder, hosts, [ask, {**keep, **python}]), "-vvv").succeeded()
    found: dict[str, Any] = json.loads(target.read_text(encoding="utf-8"))
    return found


# --- sharepoint_profiles


def test_rehearsed_applied_unchanged_drifted_and_mended(lab: Lab, mim: MimEstate, tmp_path: Path) -> None:
    playbook = written(tmp_path, "sharepoint_servers", roles=["mimsync.sharepoint.sharepoint_profiles"])
    bare_farm(mim.farm)
    rehearsed = run(lab, playbook, "--check", "--diff").succeeded()
    assert rehearsed.counts["changed"] == 6
    assert "-NoILMUsed: true" in rehearsed.output and "+NoILMUsed: false" in rehearsed.output
    assert rights(mim.farm) == (True, 0, 0, 0)

    assert run(lab, playbook, "-vvv").succeeded().counts["changed"] == 6
    assert rights(mim.farm) == (False, 2, 2, 2)
    assert any("photo" in path.casefold() for path in mim.farm.host.scheduled_tasks)

    lab.reset_executions()
    assert run(lab, playbook).succeeded().counts["changed"] == 0
    assert lab.executions() <= 4

    mim.farm.service_application.sharing.clear()
    mim.farm.timer_jobs[RELATIONSHIPS_JOB.casefold()].enabled = False
    assert run(lab, playbook).succeeded().counts["changed"] == 2
    assert rights(mim.farm) == (False, 2, 2, 2)
    assert mim.farm.timer_jobs[RELATIONSHIPS_JOB.casefold()].enabled


def test_an_updated_farm_gets_its_job(lab: Lab, mim: MimEstate, tmp_path: Path) -> None:
    playbook = written(tmp_path, "sharepoint_servers", roles=["mimsync.sharepoint.sharepoint_profiles"])
    mim.farm.timer_jobs.clear()
    run(lab, playbook).succeeded()
    assert mim.farm.job(RELATIONSHIPS_JOB) is not None


def test_an_old_farm_gets_the_other_value(lab: Lab, mim: MimEstate, tmp_path: Path) -> None:
    playbook = written(tmp_path, "sharepoint_servers", roles=["mimsync.sharepoint.sharepoint_profiles"])
    build = mim.farm.build
    try:
        mim.farm.build = "16.0.4456.1003"
        run(lab, playbook).succeeded()
        assert mim.farm.service_application.no_ilm_used is True
    finally:
        mim.farm.build = build


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"mimsync_mysite_url": ""}, "set mimsync_mysite_url in the inventory"),
        ({"mimsync_mysite_url": "https://nowhere.example.com"}, "the farm has no web application at this address"),
        ({"sharepoint_profiles_service_application": "Other"}, "has no User Profile Service Application 'Other'"),
        ({"mimsync_sharepoint_agent_account": {"name": "nobody"}}, "make the accounts first"),
        ({"sharepoint_profiles_picture_direction": "sideways"}, "value of sharepoint_profiles_picture_direction must be one of"),
    ],
)
def test_wrong_input_is_named(lab: Lab, tmp_path: Path, variables: dict[str, Any], message: str) -> None:
    outcome = run(lab, written(tmp_path, "sharepoint_servers", roles=["mimsync.sharepoint.sharepoint_profiles"]), **variables)
    assert outcome.code != 0 and message in outcome.output


# --- verify and profile_info


def people(mim: MimEstate) -> list[str]:
    return [str(profile.get("UserName")[0]) for profile in mim.farm.service_application.store.live("user") if profile.get("WorkEmail")]


def test_everybody_arrived(lab: Lab, mim: MimEstate, tmp_path: Path) -> None:
    playbook = written(tmp_path, "sharepoint_servers", roles=["mimsync.sharepoint.verify"])
    lab.reset_executions()
    outcome = run(lab, playbook, verify_people=people(mim)[:5]).succeeded()
    assert "5 people checked; SharePoint has 12 user profiles." in outcome.output
    assert lab.executions() == 2


def test_whoever_did_not_arrive_is_named(lab: Lab, mim: MimEstate, tmp_path: Path) -> None:
    playbook = written(tmp_path, "sharepoint_servers", roles=["mimsync.sharepoint.verify"])
    name = people(mim)[0]
    store = mim.farm.service_application.store
    profile = store.by_account(f"EXAMPLE\\{name}")
    assert profile is not None
    right = profile.get("WorkEmail")
    store.set_values(profile, {"WorkEmail": ("old@example.com",)})
    outcome = run(lab, playbook, verify_people=[name, "nobody"])
    store.set_values(profile, {"WorkEmail": right})
    assert outcome.code != 0
    assert f"{name}: SharePoint shows the e-mail address 'old@example.com'" in outcome.output
    assert "nobody: there is no such account in the directory." in outcome.output


def test_profiles_are_read_and_queried(lab: Lab, mim: MimEstate, tmp_path: Path) -> None:
    answer = asked(lab, tmp_path, "sharepoint_servers", "profile_info", become=True, properties=["PreferredName", "Manager"], limit=3)
    assert (answer["total"], answer["counts"]["profiles"]) == (12, 3)
    assert set(answer["profiles"][0]["properties"]) == {"PreferredName", "Manager"}
    names = asked(lab, tmp_path, "sharepoint_servers", "profile_info", become=True, names=people(mim)[:1], domain="EXAMPLE", query="profiles[].account")
    assert names["query_result"] == [f"EXAMPLE\\{people(mim)[0]}"]


def test_a_network_logon_does_not_reach_the_farms_database(lab: Lab, tmp_path: Path) -> None:
    task = {"name": "Ask", "mimsync.sharepoint.profile_info": {"limit": 1}}
    outcome = run(lab, written(tmp_path, "sharepoint_servers", [task]))
    assert outcome.code != 0 and "The local farm is not accessible." in outcome.output


# --- server_info and key_set


def test_the_active_server_tells_of_itself(lab: Lab, mim: MimEstate, tmp_path: Path) -> None:
    lab.reset_executions()
    answer = asked(lab, tmp_path, "sync_servers", "server_info", become=True)
    assert lab.executions() == 1
    assert (answer["installed"], answer["server_role"], answer["version"]) == (True, "active", "4.6.34.0")
    assert answer["groups"]["admins"] == "EXAMPLE\\MIMSyncadmins"
    agents = {agent["name"]: agent for agent in answer["agents"]}
    assert agents["SPMA"]["counters"]["NumConnectors"] > 10
    assert agents["ADMA"]["last_run"]["status"] == "success"


def test_a_host_without_the_service_tells_so(lab: Lab, tmp_path: Path) -> None:
    answer = asked(lab, tmp_path, "standby_sync_servers", "server_info")
    assert (answer["installed"], answer["server_role"]) == (False, "none")


def test_the_key_set_is_backed_up_once(lab: Lab, mim: MimEstate, tmp_path: Path) -> None:
    path, copies = r"C:\MIMKeySet\keyset.bin", tmp_path / "keys"
    wanted = {"path": path, "password": PASSWORD, "copy_to": str(copies)}
    task = {"name": "Back up", "mimsync.sharepoint.key_set": wanted}
    playbook = written(tmp_path, "sync_servers", [task])
    assert run(lab, playbook, "--check").succeeded().counts["changed"] == 1
    assert not mim.service.host.files.exists(path) and not copies.exists()
    first = run(lab, playbook, "-vvv").succeeded()
    assert first.counts["changed"] == 1
    content = mim.service.host.files.read(path)
    copy = copies / "MIM1-keyset.bin"
    assert copy.read_bytes() == content and copy.stat().st_mode & 0o777 == 0o600
    assert mim.service.key_set not in first.output
    assert run(lab, playbook).succeeded().counts["changed"] == 0
    copy.unlink()
    assert run(lab, playbook).succeeded().counts["changed"] == 1
    mim.service.host.files.write(path, b"damaged")
    assert run(lab, playbook).succeeded().counts["changed"] == 1
    assert mim.service.host.files.read(path) == content


@pytest.mark.parametrize(
    ("hosts", "arguments", "message"),
    [
        ("sync_servers", {"path": "keyset.bin"}, "is not the absolute path of a file"),
        ("sync_servers", {"path": r"C:\Other\keyset.bin"}, "so its password has to be given"),
        ("sync_servers", {"path": r"C:\Other\keyset.bin", "password": "wrong"}, "miiskmu.exe ended with exit code 1326"),
        ("standby_sync_servers", {"path": r"C:\Other\keyset.bin"}, "is not installed on this host"),
        ("sync_servers", {"path": r"C:\Other\keyset.bin", "pth": "x"}, "Unsupported parameters"),
    ],
)
def test_a_key_set_that_cannot_be_backed_up(lab: Lab, tmp_path: Path, hosts: str, arguments: dict[str, Any], message: str) -> None:
    outcome = run(lab, written(tmp_path, hosts, [{"name": "Back up", "mimsync.sharepoint.key_set": arguments}]))
    assert outcome.code != 0 and message in outcome.output
