# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The real PnP configuration and the built-in one on made-up people, compared with an oracle that knows no engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import ServerConfiguration
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution.builder import build_files
from hypothesis import given, settings
from hypothesis import strategies as st
from solution_people import Forest, expected_profiles

PNP = Path(__file__).resolve().parents[4] / "shared" / "fixtures" / "pnp-usermimsync"


def pnp() -> ServerConfiguration:
    return read_folder({path.name: path.read_bytes() for path in PNP.glob("*.XML")}).model()


def built_in() -> ServerConfiguration:
    return read_folder(build_files()).model()


SOLUTIONS = [
    pytest.param(built_in, id="built-in"),
    pytest.param(pnp, id="pnp", marks=pytest.mark.skipif(not PNP.is_dir(), reason="the PnP configuration lies in ../shared, which is absent")),
]


@pytest.fixture(scope="module", params=SOLUTIONS)
def configuration(request: pytest.FixtureRequest) -> ServerConfiguration:
    made: ServerConfiguration = request.param()
    return made


def test_profiles_are_what_the_people_say(configuration: ServerConfiguration) -> None:
    forest = Forest(configuration)
    forest.person(1, mail="a@x", title="Chef", department="Küche", manager=2, proxyAddresses=("smtp:a", "SIP:a@x"), photo=b"jpeg")
    forest.person(2, displayName=None, telephoneNumber="1")
    forest.linked(3, "CN=Old,DC=other,DC=com")
    assert forest.cycle() == ["success", "success", "completed-no-objects", "success", "success", "success", "success"]
    assert forest.profiles() == expected_profiles(forest)
    assert forest.profiles()["u1"]["ProfileIdentifier"] == {f"{forest.netbios}\\u1"}


def test_a_leaver_loses_the_profile(configuration: ServerConfiguration) -> None:
    forest = Forest(configuration)
    forest.person(1, manager=2)
    forest.person(2)
    forest.cycle()
    forest.directory.delete("p2")
    forest.cycle("Delta")
    assert sorted(forest.profiles()) == ["u1"]
    assert forest.profiles() == expected_profiles(forest)


TEXT = st.text(st.characters(blacklist_categories=("Cc", "Cs")), min_size=1, max_size=12)
PEOPLE = st.dictionaries(
    st.integers(0, 6),
    st.fixed_dictionaries(
        {},
        optional={
            "mail": TEXT,
            "title": TEXT,
            "department": TEXT,
            "displayName": st.one_of(st.none(), TEXT),
            "givenName": TEXT,
            "sn": TEXT,
            "telephoneNumber": TEXT,
            "proxyAddresses": st.lists(
                st.one_of(TEXT, TEXT.map(lambda text: f"sip:{text}"), TEXT.map(lambda text: f"SMTP:{text}")), min_size=1, max_size=3, unique=True
            ),
            "manager": st.integers(0, 6),
            "photo": st.binary(min_size=1, max_size=8),
        },
    ),
    min_size=1,
)


@settings(max_examples=40, deadline=None)
@given(people=PEOPLE)
def test_any_people_arrive_as_they_are(configuration: ServerConfiguration, people: dict[int, dict[str, Any]]) -> None:
    forest = Forest(configuration)
    for number, values in people.items():
        if values.get("manager") not in people:
            values.pop("manager", None)
        forest.person(number, **values)
    forest.cycle()
    assert forest.profiles() == expected_profiles(forest)
    before = forest.store.change
    forest.cycle()
    assert forest.store.change == before
