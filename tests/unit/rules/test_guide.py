# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""docs/rules.md names every function and test as the catalogue has it, and its examples are rules."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.rules.catalogue import FUNCTIONS, TESTS, Function
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.rules.declared import declared
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.rules.reader import read_rules

GUIDE = (Path(__file__).resolve().parents[3] / "docs" / "rules.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)


@pytest.mark.parametrize("function", [*FUNCTIONS.values(), *TESTS.values()], ids=lambda function: function.name)
def test_every_function_has_its_row(function: Function) -> None:
    rows = [line for line in GUIDE.splitlines() if line.startswith(f"| `{function.name}` |") and line.endswith(f" {function.summary} |")]
    assert rows
    assert all(f"`{item.name}`" in rows[0] for item in function.parameters)


@pytest.mark.parametrize("text", [text for text in EXAMPLES if not text.startswith("value:")])
def test_examples_are_rules(text: str) -> None:
    data = yaml.safe_load(text)
    if "sync_configuration_declaration" in data:
        assert declared(data["sync_configuration_declaration"]).own
        return
    if "when" in data:
        data = {"filters": [data]}
    read_rules(data.get("sync_solution_rules", data))
