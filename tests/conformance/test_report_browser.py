# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The page in a real browser: no script errors, search, filters, following an attribute.

The page itself is what is tested; a script of the test's own, put in behind it, works it as a user would and writes down
what came of it, which headless Chromium prints with the page.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.report.command import render
from ansible_collections.mimsync.sharepoint.tests.unit.report.report_support import Files, agent, direct, guid, import_flows, metaverse, report_of
from lxml import html

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="headless Chromium (Debian package chromium) is not installed")
AGENTS, FLOWS = 100, 40
ERRORS = '<script>window.errors = []; addEventListener("error", (event) => window.errors.push(event.message));</script>'
HARNESS = """<script>
addEventListener("load", () => {
  const out = {}, id = (name) => document.getElementById(name);
  const shown = () => [...document.querySelectorAll("main tbody tr[id]")].filter((row) => !row.closest("[hidden]"));
  const set = (control, name, value) => {
    control[name] = value;
    control.dispatchEvent(new Event(control.type === "search" ? "input" : "change"));
  };
  try { %s } catch (error) { window.errors.push(String(error)); }
  out.errors = window.errors;
  document.body.innerHTML = "";
  document.body.append(Object.assign(document.createElement("pre"), { id: "result", textContent: JSON.stringify(out) }));
});
</script></body>"""


def opened(folder: Path, page: str, actions: str, fragment: str = "") -> dict[str, Any]:
    """What `actions` put into `out`, after the page was loaded."""
    assert CHROMIUM is not None
    place = folder / "page.html"
    place.write_text(page.replace("<head>", f"<head>{ERRORS}", 1).replace("</body>", HARNESS % actions, 1), encoding="utf-8")
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", f"--user-data-dir={folder / 'profile'}"]
    answer = subprocess.run([*command, "--dump-dom", place.as_uri() + fragment], capture_output=True, text=True, timeout=120, check=True)
    found: dict[str, Any] = json.loads(html.fromstring(answer.stdout).get_element_by_id("result").text)
    return found


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


def test_search_answers_within_a_tenth_of_a_second_with_a_hundred_agents(tmp_path: Path) -> None:
    actions = """
      out.times = {}, out.counts = {};
      for (let round = 0; round < 8; round += 1) {
        for (const words of ["attribute007", "agent042 export", "a", "nothing such", ""]) {
          const start = performance.now();
          set(id("search"), "value", words);
          document.body.offsetHeight;
          const time = performance.now() - start;
          out.times[words] = Math.min(time, out.times[words] || time);
          out.counts[words] = shown().length;
        }
      }"""
    found = opened(tmp_path, render(report_of(many()), "html"), actions)
    assert found["errors"] == []
    assert found["counts"]["attribute007"] > AGENTS
    assert found["counts"]["agent042 export"] > 0
    assert found["counts"]["nothing such"] == 0
    # The fastest of eight: on a busy machine another process may hold the processor for a moment.
    assert max(found["times"].values()) < 100, found["times"]


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
    rows = ["metaverse.import-flows.person-mail-ad-user", "agent-ad.import-flows.person-mail-ad-user"]
    assert found == {"parts": ["agent-sp"], "rows": rows, "all": True, "errors": []}


def test_a_link_opens_what_was_folded(tmp_path: Path) -> None:
    page = render(report_of(many()), "html")
    actions = 'out.open = id("agent-agent050").open; out.other = id("agent-agent051").open;'
    found = opened(tmp_path, page, actions, "#agent-agent050.export-flows")
    assert found == {"open": True, "other": False, "errors": []}
