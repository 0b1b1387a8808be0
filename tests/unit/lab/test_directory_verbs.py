# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twins of the verbs that read and write security descriptors and root keys."""

from __future__ import annotations

import json

import pytest
from ansible_collections.mimsync.sharepoint.lab.verbs.registry import ScriptError
from directory_support import DOMAIN, STAFF, add_user, on_controller

ALL = {
    "Paths": ["domain", f"OU=Nowhere,{DOMAIN}"],
    "Trustees": ["EXAMPLE\\mimsetup", "EXAMPLE\\nobody"],
    "SchemaNames": ["user", "shoeSize"],
    "AllRights": True,
}


def test_one_answer_holds_all_that_was_asked() -> None:
    ad = on_controller()
    answer = ad.verb("directory_security_read", **ALL).result
    assert answer["objects"]["domain"]["dn"] == DOMAIN
    assert answer["objects"][f"OU=Nowhere,{DOMAIN}"] == {"dn": "", "sddl": ""}
    assert answer["trustees"]["EXAMPLE\\nobody"] == {"sid": "", "account": ""}
    assert answer["schema"] == {"user": "bf967aba-0de6-11d0-a285-00aa003049e2", "shoeSize": ""}
    assert any(right["display"] == "Replicating Directory Changes" for right in answer["rights"])


def test_a_descriptor_is_written_only_as_it_was_read() -> None:
    ad = on_controller()
    directory = ad.directory
    unit = directory.get(STAFF)
    before = directory.security_descriptor(unit)
    after = before.replace("D:AI", "D:AI(D;;SD;;;S-1-1-0)")
    assert ad.verb("directory_security_write", Changes=json.dumps([{"dn": STAFF, "before": before, "after": after}])).changed
    assert directory.security_descriptor(unit) == after
    with pytest.raises(ScriptError, match="changed by somebody else since it was read"):
        ad.verb("directory_security_write", Changes=json.dumps([{"dn": STAFF, "before": before, "after": after}]))


def test_writing_needs_the_right_and_a_reachable_controller() -> None:
    ad = on_controller()
    add_user(ad.directory, "plain")
    text = ad.directory.security_descriptor(ad.directory.get(STAFF))
    change = json.dumps([{"dn": STAFF, "before": text, "after": text}])
    with pytest.raises(ScriptError, match="insufficient access rights"):
        ad.having(account="plain").verb("directory_security_write", Changes=change)
    estate = ad.host.estate
    assert estate is not None
    with pytest.raises(ScriptError, match="successful bind must be completed"):
        ad.having(host=estate.hosts["MIM1"], delegates=False).verb("directory_security_write", Changes=change)
    estate.hosts["DC1"].reachable = False
    with pytest.raises(ScriptError, match="LDAP server is unavailable"):
        ad.verb("directory_security_read", **ALL)


def test_root_keys_are_listed_and_added_on_controllers_alone() -> None:
    ad = on_controller()
    assert ad.verb("kds_root_key_read").result["keys"] == []
    made = ad.verb("kds_root_key_write", EffectiveTime="2026-01-31T08:00:00Z")
    key = ad.verb("kds_root_key_read").result["keys"][0]
    assert (key["id"], key["effective"]) == (made.result["id"], "2026-01-31T08:00:00Z")
    estate = ad.host.estate
    assert estate is not None
    with pytest.raises(ScriptError, match="not recognized as the name of a cmdlet"):
        ad.having(host=estate.hosts["MIM1"]).verb("kds_root_key_read")
    add_user(ad.directory, "plain")
    with pytest.raises(ScriptError, match="denied"):
        ad.having(account="plain").verb("kds_root_key_write", EffectiveTime="2026-01-31T08:00:00Z")
