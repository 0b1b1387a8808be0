# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Schemas in the lab: an agent's, which an administrator refreshes, and the forest's, which members of Schema Admins extend."""

from __future__ import annotations

import pickle

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate.directory_errors import AccessDenied, DirectoryError
from ansible_collections.mimsync.sharepoint.lab.estate.directory_forest import create_forest
from ansible_collections.mimsync.sharepoint.lab.estate.directory_rules import Modification
from ansible_collections.mimsync.sharepoint.lab.estate.farm_properties import CoreProperty
from ansible_collections.mimsync.sharepoint.lab.estate.synchronization_engine import LabConnector
from ansible_collections.mimsync.sharepoint.lab.estate.synchronization_schema import refresh_schema
from ansible_collections.mimsync.sharepoint.lab.estate.synchronization_state import SynchronizationProblem
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import Schema
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.systems.base import ChangeType, ExportedChange
from mim_estate import STAFF, MimEstate, built_in_files, configure, make_mim_estate

USER_CLASS = "CN=User,CN=Schema,CN=Configuration,DC=corp,DC=example,DC=com"
ADDED = {
    "Nickname": ("stringsinglevalue", False, "string"),
    "Languages": ("stringmultivalue", True, "string"),
    "Floor": ("integer", False, "integer"),
    "Remote": ("boolean", False, "boolean"),
    "Mentor": ("Person", False, "reference"),
}


@pytest.fixture(scope="module")
def mim() -> MimEstate:
    made = make_mim_estate(people=8)
    configure(made, built_in_files(made))
    return made


def schema(mim: MimEstate, agent: str) -> Schema:
    found = read_folder(mim.service.export_files(mim.admin)).model().agent(agent)
    assert found is not None
    return found.schema


def test_new_properties_come_in_with_their_types_and_none_is_selected(mim: MimEstate) -> None:
    store = mim.farm.service_application.store
    for name, (kind, multivalued, _unused) in ADDED.items():
        store.properties[name.casefold()] = CoreProperty(name, kind, multivalued=multivalued)
    assert set(refresh_schema(mim.service, "SPMA")) == {f"user/{name}" for name in ADDED}
    known = schema(mim, "SPMA")
    assert {name: (known.attributes[name.casefold()].single_value, known.attributes[name.casefold()].syntax.value) for name in ADDED} == {
        name: (not multivalued, syntax) for name, (_unused, multivalued, syntax) in ADDED.items()
    }
    assert set(ADDED) <= set(known.classes["user"].attributes)
    assert refresh_schema(mim.service, "SPMA") == ()
    mim.service.import_files(mim.admin, mim.service.export_files(mim.admin))


def test_a_wrong_password_gets_no_schema(mim: MimEstate) -> None:
    directory, secrets = mim.estate.directory, dict(mim.service.state.secrets)
    account = directory.resolve("svc-spma")
    assert account is not None
    before = directory.password_hash(account)
    directory.set_password(account, "Another-Horse.7")
    with pytest.raises(SynchronizationProblem, match="Unable to retrieve schema"):
        refresh_schema(mim.service, "SPMA")
    assert before is not None
    directory.hashes[account.sid] = before
    assert mim.service.state.secrets == secrets


def test_an_extended_class_is_news_to_the_directorys_agent(mim: MimEstate) -> None:
    directory = mim.estate.directory
    assert "user/drink" not in refresh_schema(mim.service, "ADMA")
    directory.set(directory.get(USER_CLASS), {"mayContain": ["drink"]})
    assert "user/drink" in refresh_schema(mim.service, "ADMA")
    known = schema(mim, "ADMA")
    assert "drink" in known.classes["user"].attributes and not known.attributes["drink"].single_value
    person = next(iter(directory.search(STAFF, query="(objectClass=user)")))
    directory.set(person, {"drink": ["Tea", "Coffee"]})
    assert "drink" in pickle.loads(pickle.dumps(directory)).schema.allowed("user")[1]


def test_members_of_schema_admins_alone_extend_a_class() -> None:
    directory = create_forest()
    administrators, schema_admins = directory.resolve("Domain Admins"), directory.resolve("Schema Admins")
    assert administrators is not None and schema_admins is not None
    change = Modification("add", "mayContain", ("drink",))
    with pytest.raises(AccessDenied):
        directory.modify(directory.get(USER_CLASS), [change], token=frozenset({administrators.sid}))
    assert "drink" not in directory.schema.allowed("user")[1]
    assert directory.modify(directory.get(USER_CLASS), [change], token=frozenset({schema_admins.sid}))
    assert "drink" in directory.schema.allowed("user")[1]
    with pytest.raises(DirectoryError, match="unwilling"):
        directory.modify(directory.get(USER_CLASS), [Modification("add", "mayContain", ("noSuchAttribute",))], token=None)


def test_a_refused_write_is_told_in_the_directorys_words(mim: MimEstate) -> None:
    directory = mim.estate.directory
    person = next(iter(directory.search(STAFF, query="(objectClass=user)")))
    change = ExportedChange(ChangeType.UPDATE, "1", person.guid, person.dn, "user", {"title": ("boss",)})
    (result,) = LabConnector(mim.service).connect("ADMA").export([change])
    assert (result.error, result.detail[:8]) == ("permission-issue", "00002098")
    assert "problem 4003 (INSUFF_ACCESS_RIGHTS)" in result.detail
