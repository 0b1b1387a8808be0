# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A report in headless Chromium, worked as a user would.

The page itself is what is looked at; a script of our own, put in behind it, does what a user does and writes down what
came of it, which Chromium prints with the page.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from lxml import html

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_ERRORS = '<script>window.errors = []; addEventListener("error", (event) => window.errors.push(event.message));</script>'
_HARNESS = """<script>
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
# Milliseconds from a word typed until the page is laid out anew, the best of some rounds, and how many rows are left.
SEARCH = """
  out.times = {}, out.counts = {};
  for (let round = 0; round < 8; round += 1) {
    for (const words of %s) {
      const start = performance.now();
      set(id("search"), "value", words);
      document.body.offsetHeight;
      const time = performance.now() - start;
      out.times[words] = Math.min(time, out.times[words] || time);
      out.counts[words] = shown().length;
    }
  }"""
# Milliseconds until what is to be seen is laid out after each of forty jumps down through the whole page, and the page's height.
# Sections out of sight are left out by the browser until they are looked at, so their last rows are asked for their place.
SCROLL = """
  out.scrolls = [];
  id("unfold").click();
  document.body.offsetHeight;
  out.height = document.documentElement.scrollHeight;
  for (let step = 1; step <= 40; step += 1) {
    const start = performance.now();
    scrollTo(0, document.documentElement.scrollHeight * step / 40);
    for (let y = 60; y < innerHeight; y += 60) {
      const seen = document.elementFromPoint(innerWidth / 2, y);
      const section = seen && seen.closest(".section");
      if (section && section.querySelector("tr:last-child")) section.querySelector("tr:last-child").getBoundingClientRect();
    }
    out.scrolls.push(performance.now() - start);
  }
  out.at = scrollY;"""


def opened(folder: Path, page: str, actions: str, fragment: str = "") -> dict[str, Any]:
    """What `actions` put into `out`, after the page was loaded."""
    if CHROMIUM is None:
        raise FileNotFoundError("chromium")
    place = folder / "page.html"
    place.write_text(page.replace("<head>", f"<head>{_ERRORS}", 1).replace("</body>", _HARNESS % actions, 1), encoding="utf-8")
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", f"--user-data-dir={folder / 'profile'}"]
    answer = subprocess.run([*command, "--dump-dom", place.as_uri() + fragment], capture_output=True, text=True, timeout=120, check=True)
    found: dict[str, Any] = json.loads(html.fromstring(answer.stdout).get_element_by_id("result").text)
    return found
