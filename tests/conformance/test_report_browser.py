# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The page in a real browser: no script errors, search, filters, following an attribute, also with a hundred agents."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.report.command import render
from ansible_collections.mimsync.sharepoint.tests.conformance.report_browser import CHROMIUM, SCROLL, SEARCH, opened
from ansible_collections.mimsync.sharepoint.tests.unit.report.report_support import Files, agent, direct, guid, import_flows, metaverse, report_of

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="headless Chromium (Debian package chromium) is not installed")
AGENTS, FLOWS = 100, 40


def many() -> Files:
    """A server of a hundred agents with forty attributes, some eight thousand rows."""
    names = [f"attribute{number:03}" for number in range(FLOWS)]
    flows = (import_flows(name, *((one, "user", direct(name)) for one in range(AGENTS) if (one + place) % 5 == 0)) for place, name in enumerate(names))
    files = {"mv.xml": metaverse("".join(flows), attributes=names)}
    for one in range(AGENTS):
        exported = "".join(f'<export-flow cd-attribute="{name}" id="{guid(one)}">{direct(name)}</export-flow>' for name in names[one % 3 :: 3])
        body = f'<export-attribute-flow><export-flow-set cd-object-type="user" mv-object-type="person">{exported}</export-flow-set></export-attribute-flow>'
        files[f"ma{one}.xml"] = agent(one, f"Agent{one:03}", body, attributes=names)
    return files


def few(source: str = "mail") -> Files:
    flows = import_flows("mail", (1, "user", direct(source))) + import_flows("manager", (2, "user", direct("boss")))
    exported = f'<export-flow cd-attribute="WorkEmail" id="{guid(7)}">{direct("mail")}</export-flow>'
    body = f'<export-attribute-flow><export-flow-set cd-object-type="user" mv-object-type="person">{exported}</export-flow-set></export-attribute-flow>'
    return {"mv.xml": metaverse(flows), "a.xml": agent(1, "AD"), "b.xml": agent(2, "HR"), "c.xml": agent(3, "SP", body)}


@pytest.fixture(scope="module")
def large_page() -> str:
    return render(report_of(many()), "html")


def test_search_finds_every_row_of_a_hundred_agents_and_gives_them_all_back(large_page: str, tmp_path: Path) -> None:
    actions = SEARCH % json.dumps(["attribute007", "agent042 export", "agent042  EXPORT attribute007", "nothing such", ""])
    actions += "out.said = id('found').value; out.nothing = id('nothing').hidden;"
    found = opened(tmp_path, large_page, actions)
    assert found["errors"] == []
    everything = found["counts"].pop("")
    assert everything > AGENTS * FLOWS
    # Once as an attribute of each agent, of the metaverse, in every flow that gives it, and in every flow that takes it.
    givers, takers = AGENTS // 5, sum(one % 3 == 7 % 3 for one in range(AGENTS))
    assert found["counts"] == {
        "attribute007": AGENTS + 1 + 2 * givers + takers,
        # Its flows, and the finding that no run profile exports them.
        "agent042 export": len(range(42 % 3, FLOWS, 3)) + 1,
        "agent042  EXPORT attribute007": 0,
        "nothing such": 0,
    }
    assert (found["said"], found["nothing"]) == ("", True)


def test_a_hundred_agents_scroll_to_the_last_and_begin_folded(large_page: str, tmp_path: Path) -> None:
    actions = 'out.open = document.querySelectorAll(".part[data-agent][open]").length; out.folded = document.documentElement.scrollHeight;'
    found = opened(tmp_path, large_page, actions + SCROLL)
    assert found["errors"] == []
    assert found["open"] == 0
    assert found["height"] > 5 * found["folded"]
    assert found["at"] > found["height"] * 0.9


def test_pointing_at_an_attribute_marks_its_whole_way(tmp_path: Path) -> None:
    actions = """
      const svg = document.querySelector("svg.flows"), texts = [...svg.querySelectorAll("text.key")];
      texts.find((text) => text.textContent === "mail").dispatchEvent(new MouseEvent("mouseover", { bubbles: true }));
      out.marked = [...svg.querySelectorAll("text.on")].map((text) => text.textContent).sort();
      out.lines = svg.querySelectorAll("path.on").length;
      svg.dispatchEvent(new MouseEvent("mouseleave"));
      out.after = svg.querySelectorAll(".on").length;"""
    found = opened(tmp_path, render(report_of(few()), "html"), actions)
    assert found == {"marked": ["mail", "user / WorkEmail", "user / mail"], "lines": 2, "after": 0, "errors": []}


def test_one_agent_and_only_changes(tmp_path: Path) -> None:
    actions = """
      set(id("agent"), "value", "SP");
      out.parts = [...document.querySelectorAll(".part")].filter((part) => !part.hidden).map((part) => part.id);
      set(id("agent"), "value", "");
      set(id("changes"), "checked", true);
      out.rows = shown().map((row) => row.id);
      set(id("changes"), "checked", false);
      out.all = shown().length > 20;"""
    found = opened(tmp_path, render(report_of(few("proxyAddresses"), few()), "html"), actions)
    finding = "findings.findings.unknown-attribute-metaverse-person-mail-the-schema-of-ad-has-no-attribute-proxyaddresses"
    rows = [finding, "metaverse.import-flows.person-mail-ad-user", "agent-ad.import-flows.person-mail-ad-user"]
    assert found == {"parts": ["agent-sp"], "rows": rows, "all": True, "errors": []}


def test_a_link_opens_what_was_folded(large_page: str, tmp_path: Path) -> None:
    actions = 'out.open = id("agent-agent050").open; out.other = id("agent-agent051").open;'
    found = opened(tmp_path, large_page, actions, "#agent-agent050.export-flows")
    assert found == {"open": True, "other": False, "errors": []}
