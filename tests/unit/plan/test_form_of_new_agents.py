# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Agents made from nothing have the form of real exports: the same elements, in the same order, around other contents."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.element import Element
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.gathering import gather
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.reading import read_wish
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.adoption import EMPTY_SERVER
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.whole_server import plan_on_files
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution.builder import build_files
from guide import examples
from server_support import files_of

RULES = ("stay-disconnector/", "join/", "projection/", "export-attribute-flow/", "extension/")
# What a client's windows remember, and what a run has left.
LEFT_OUT = ("ma-ui-settings/account-joiner-queries/attributes/", "ma-partition-data/partition/custom-data/water-mark")
NOT_ASKED = {
    "dn-construction/dn",
    "dn-construction/dn/attribute",
    "ma-run-data/run-configuration/configuration/step/threshold/batch-size",
    "private-configuration/MAConfig/importing/dn",
    "private-configuration/MAConfig/importing/dn/attribute",
    "private-configuration/MAConfig/ui-data/ma-help-text",
}
REAL = [("mimdsc-testserver", "TinyHR"), ("mimdsc-testserver", "GrandHR"), ("pnp-usermimsync", "SPMA"), ("mimdsc-testserver", "Litware")]


def paths(element: Element, lead: str = "") -> Iterator[str]:
    for child in element.children:
        yield f"{lead}{child.local}"
        yield from paths(child, f"{lead}{child.local}/")


def form(element: Element) -> set[str]:
    return {path for path in paths(element) if not path.startswith((*RULES, *LEFT_OUT))}


def order(element: Element, path: str) -> list[str]:
    found = element.find(path) if path else element
    return [] if found is None else list(dict.fromkeys(child.local for child in found.children))


def pair(folder: str, name: str) -> tuple[Element, Element]:
    """The real agent, and one that is made from nothing out of its declaration."""
    real = read_folder(files_of(folder))
    agent = next(one for one in gather(real.model())["agents"] if one["name"] == name)
    left = ("flows", "joins", "projections", "filters", "rules_extension", "credentials")
    wish = {key: value for key, value in agent.items() if key not in left}
    if "parameters" in wish:
        wish["parameters"] = {key: value for key, value in wish["parameters"].items() if not value.startswith("{{")}
    plan, _wanted = plan_on_files(read_folder(EMPTY_SERVER), read_wish({"agents": [wish]}), "merged")
    return real.agent_element(name), plan.planned.agent_element(name)


@pytest.mark.parametrize(("folder", "name"), REAL)
def test_it_has_the_elements_of_a_real_one(folder: str, name: str) -> None:
    real, made = pair(folder, name)
    assert form(made) == form(real)


@pytest.mark.parametrize(("folder", "name"), REAL)
@pytest.mark.parametrize("path", ["", "ma-partition-data/partition", "ma-run-data/run-configuration/configuration/step"])
def test_they_stand_in_the_order_of_a_real_one(folder: str, name: str, path: str) -> None:
    real, made = pair(folder, name)
    assert order(made, path) == [tag for tag in order(real, path) if tag in order(made, path)]


@pytest.mark.parametrize("name", ["Doors", "Homes", "Mailboxes"])
def test_connectors_have_the_form_of_the_real_one_that_is_known(name: str) -> None:
    real = read_folder(files_of("pnp-usermimsync")).agent_element("SPMA")
    plan, _wanted = plan_on_files(read_folder(build_files()), read_wish(examples()[name]), "merged")
    made = plan.planned.agent_element(name)
    assert form(made) <= form(real)
    assert order(made, "private-configuration/MAConfig/extension-config")[0] == "filename"
    # What this declaration does not ask for, and a help text that Microsoft's connector brings itself.
    assert form(real) - form(made) <= NOT_ASKED
