# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A new attribute into SharePoint and a new property out of it: what has to be there first, what arrives, what nobody else may write."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from ansible_collections.mimsync.sharepoint.lab.estate.directory_errors import AccessDenied
from ansible_collections.mimsync.sharepoint.lab.estate.directory_security import has_access
from ansible_collections.mimsync.sharepoint.lab.estate.farm_properties import CoreProperty
from ansible_collections.mimsync.sharepoint.lab.operations import OperationProblem

from .example_lab import ExampleLab, account_of, example_lab
from .site_run import start

IN, OUT = "employee_type_in.yml", "favorite_drink_out.yml"


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExampleLab]:
    with example_lab(tmp_path_factory.mktemp("lab")) as made:
        yield made


def test_employee_type_comes_into_the_profiles(example: ExampleLab) -> None:
    people = example.people()
    example.mim.estate.directory.set(people[1], {"employeeType": ["external"]})
    before = example.state()
    rehearsed = example.run(IN, "--check").succeeded()
    assert example.state() == before
    assert rehearsed.counts["changed"] == 3, "the property, the configuration, the cycle"
    assert "SPMA: schema to be refreshed by hand, for user/EmployeeType" in rehearsed.output

    refused = example.run(IN)
    assert refused.code != 0
    assert "The schema is to be refreshed by hand first: SPMA lacks user/EmployeeType. Nothing was changed." in refused.output
    assert "Management Agents, SPMA, Actions, Refresh Schema" in refused.output

    assert example.lab.call("refresh_schema", agent="SPMA") == ["user/EmployeeType"]
    done = example.run(IN).succeeded()
    assert "as in the directory" in done.output
    assert [example.shown(entry, "EmployeeType") for entry in people] == [entry.text("employeeType") for entry in people]
    assert {example.shown(entry, "EmployeeType") for entry in people[:2]} == {"employee", "external"}
    attribute = example.configuration().metaverse.schema.attributes["employeetype"]
    assert (attribute.syntax.value, attribute.single_value) == ("string", True)
    assert example.run(IN).succeeded().counts["changed"] == 0
    assert example.run(IN, "--check").succeeded().counts["changed"] == 0

    example.mim.estate.directory.set(people[1], {"employeeType": []})
    example.cycle(mimsync_cycle="delta")
    assert example.shown(people[1], "EmployeeType") == "", "an emptied attribute empties the property"


def test_a_favorite_drink_comes_into_the_directory(example: ExampleLab) -> None:
    stops_without_the_attribute(example)
    extends_the_class(example)
    brings_drinks(example)
    follows_changes(example)
    writes_nothing_else(example)


def stops_without_the_attribute(example: ExampleLab) -> None:
    before = example.state()
    stopped = example.run(OUT)
    assert stopped.code != 0
    assert "The class user of this forest does not hold the attribute drink." in " ".join(stopped.output.split())
    refused = example.run(OUT, favorite_drink_extend_schema=True)
    assert refused.code != 0, "the setup account is no member of Schema Admins"
    assert "Insufficient access rights to perform the operation." in refused.output
    assert example.state() == before


def extends_the_class(example: ExampleLab) -> None:
    directory = example.mim.estate.directory
    setup, admins = directory.resolve("mimsetup"), directory.resolve("Schema Admins")
    assert setup is not None and admins is not None
    directory.set(admins, {"member": [*admins.values("member"), setup.dn]})
    before = example.state()
    rehearsed = example.run(OUT, "--check", favorite_drink_extend_schema=True).succeeded()
    assert example.state() == before
    assert rehearsed.counts["changed"] == 5, "the class, the right, the property, the configuration, the cycle"
    for sentence in ("SPMA: schema to be refreshed by hand, for user/FavoriteDrink", "ADMA: schema to be refreshed by hand, for user/drink"):
        assert sentence in rehearsed.output
    assert "ADMA: run profile Export added" in rehearsed.output

    waits = example.run(OUT, favorite_drink_extend_schema=True)
    assert waits.code != 0 and "SPMA lacks user/FavoriteDrink; ADMA lacks user/drink. Nothing was changed." in waits.output
    assert "user/FavoriteDrink" in example.lab.call("refresh_schema", agent="SPMA")
    assert "user/drink" in example.lab.call("refresh_schema", agent="ADMA")


def brings_drinks(example: ExampleLab) -> None:
    tea, coffee, other = example.people()[:3]
    for entry, drink in ((tea, "Tea"), (coffee, "Coffee")):
        assert example.lab.call("edit_profile", account=account_of(entry), property_name="FavoriteDrink", value=drink) == [drink]
    done = example.run(OUT).succeeded()
    assert "drink as in SharePoint" in done.output
    assert [entry.get("drink") for entry in (tea, coffee, other)] == ["Tea", "Coffee", None]
    attribute = example.configuration().metaverse.schema.attributes["drink"]
    assert (attribute.syntax.value, attribute.single_value, attribute.indexable) == ("string", True, False)
    assert example.run(OUT).succeeded().counts["changed"] == 0
    assert example.run(OUT, "--check").succeeded().counts["changed"] == 0


def follows_changes(example: ExampleLab) -> None:
    tea, coffee = example.people()[:2]
    example.lab.call("edit_profile", account=account_of(tea), property_name="FavoriteDrink", value="Water")
    example.lab.call("edit_profile", account=account_of(coffee), property_name="FavoriteDrink")
    example.cycle(mimsync_cycle="delta", sync_run_directory_export=True)
    assert [entry.get("drink") for entry in (tea, coffee)] == ["Water", None]


def writes_nothing_else(example: ExampleLab) -> None:
    directory = example.mim.estate.directory
    agent, person = directory.resolve("svc-adma"), example.people()[0]
    assert agent is not None
    token = directory.directory_token(agent.sid)
    directory.set(person, {"drink": ["Milk"]}, token=token)
    known = [directory.schema.attributes[name] for name in sorted(directory.schema.allowed("user")[1])]
    writable = [one.name for one in known if has_access(directory, token, person, "WP", one.guid, property_set=one.property_set)]
    assert writable == ["drink"]
    with pytest.raises(AccessDenied):
        directory.set(person, {"title": ["boss"]}, token=token)
    with pytest.raises(AccessDenied):
        directory.set(agent, {"drink": ["Milk"]}, token=token)


def test_a_property_that_is_not_open_to_people_is_not_edited_by_hand(example: ExampleLab) -> None:
    example.mim.farm.service_application.store.properties["grade"] = CoreProperty("Grade", "integer")
    with pytest.raises(OperationProblem, match="not open to people's own edits"):
        example.lab.call("edit_profile", account=account_of(example.people()[0]), property_name="Grade", value="7")


def test_a_run_waits_for_the_administrator_and_goes_on(example: ExampleLab, tmp_path: Path) -> None:
    example.mim.farm.service_application.store.properties["hobby"] = CoreProperty("Hobby", "stringsinglevalue", 100, "Hobby")
    agents = [{"name": "SPMA", "type": "sharepoint_profile_store", "schema_refresh": {"user": {"Hobby": "string"}}, "attributes": ["Hobby"]}]
    options = {"config": {"agents": agents}, "refresh_timeout": 60, "refresh_poll_seconds": 1}
    path = tmp_path / "hobby.yml"
    path.write_text(yaml.safe_dump([{"hosts": "sync_servers", "gather_facts": False, "tasks": [{"mimsync.sharepoint.server_configuration": options}]}]))
    running = start(path, example.lab.inventory)
    assert running.stdout is not None
    lines = []
    for line in running.stdout:
        lines.append(line)
        if "refresh the schema, for user/Hobby" in line:
            example.lab.call("refresh_schema", agent="SPMA")
    assert running.wait() == 0, "".join(lines)
    agent = example.configuration().agent("SPMA")
    assert agent is not None and "Hobby" in agent.included_attributes
