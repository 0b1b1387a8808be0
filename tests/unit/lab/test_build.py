# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lab's estate as it is handed over."""

from __future__ import annotations

import pickle

import pytest
from ansible_collections.mimsync.sharepoint.lab.demo_inventory import demo_groups, demo_variables
from ansible_collections.mimsync.sharepoint.lab.estate import media
from ansible_collections.mimsync.sharepoint.lab.estate.build import build_estate, take_secrets
from ansible_collections.mimsync.sharepoint.lab.estate.estate import EstateOptions
from ansible_collections.mimsync.sharepoint.lab.estate.principals import ADMINISTRATORS, token
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preflight.declared import VARIABLES


@pytest.fixture(scope="module")
def estate():
    return build_estate(EstateOptions(people=20))


def test_hosts_lie_at_addresses_in_a_row(estate):
    assert {name: host.address for name, host in estate.hosts.items()} == {
        "DC1": "127.20.0.10",
        "SQL1": "127.20.0.11",
        "MIM1": "127.20.0.12",
        "MIM2": "127.20.0.13",
        "SP1": "127.20.0.14",
    }


def test_the_setup_account_administers_all_hosts_and_the_database(estate):
    setup = estate.directory.resolve("mimsetup")
    assert all(ADMINISTRATORS in token(host, setup.sid) for host in estate.hosts.values())
    assert setup.sid in estate.hosts["SQL1"].components["sql"].sysadmins


@pytest.mark.parametrize(("sharepoint", "windows"), [("2016", "2012 R2"), ("2019", "2016"), ("subscription", "2019")])
def test_windows_fits_sharepoint(sharepoint, windows):
    hosts = build_estate(EstateOptions(people=1, sharepoint_version=sharepoint)).hosts
    assert all(f"Windows Server {windows} " in host.os.caption for host in hosts.values())


def test_an_unknown_sharepoint_is_refused_by_name():
    with pytest.raises(ValueError, match="'2010'"):
        build_estate(EstateOptions(people=1, sharepoint_version="2010"))


def test_passwords_are_new_each_time_and_leave_the_estate():
    first, second = (build_estate(EstateOptions(people=1)) for _unused in range(2))
    secrets = take_secrets(first)
    assert not set(secrets.values()) & set(take_secrets(second).values())
    assert take_secrets(first) == {}
    saved = pickle.dumps(first)
    assert not [name for name, secret in secrets.items() if secret.encode() in saved]
    assert pickle.loads(saved).directory.verify("EXAMPLE", "mimsetup", secrets["vault_mimsetup_password"])


def test_the_inventory_uses_known_variables_and_vault_references(estate):
    variables = demo_variables(estate)
    assert set(variables) <= VARIABLES
    assert variables["mimsync_service_account"]["password"] == "{{ vault_svc_mimsync_password }}"
    assert {name for hosts in demo_groups(estate).values() for name in hosts} == set(estate.hosts)
    for name in variables["mimsync_verify_people"]:
        assert estate.directory.resolve(name).text("mail")


def test_media_have_the_hashes_that_the_inventory_names(estate):
    for medium in demo_variables(estate)["mimsync_media"].values():
        assert estate.hosts["MIM1"].files.digest(medium["path"], "sha256") == medium["checksum"]
    assert not estate.hosts["MIM1"].files.read(media.DAMAGED).startswith(b"lab-package")
