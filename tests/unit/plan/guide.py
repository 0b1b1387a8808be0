# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The examples of docs/agents.md, as they stand there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "agents.md"
SECRET = "Canary-Agents-9"


def blocks() -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)


def examples(*, filled: bool = True) -> dict[str, dict[str, Any]]:
    """By the agent's name: the example with what belongs to all of them; secrets are filled in, or left as variables."""
    plain = [yaml.safe_load(re.sub(r"\{\{ vault_\w+ \}\}", SECRET, block) if filled else block) for block in blocks()]
    everywhere = next(item for item in plain if "metaverse" in item)
    made = (item for item in plain if "agents" in item and item["agents"][0].get("state") != "absent" and "renamed_from" not in item["agents"][0])
    return {item["agents"][0]["name"]: {**item, **everywhere} for item in made}


def block_of(name: str) -> dict[str, Any]:
    """The example whose agent has this name, also one that renames or deletes; the last one on the page."""
    found = [yaml.safe_load(block) for block in blocks()]
    return next(item for item in reversed(found) if "agents" in item and item["agents"][0]["name"] == name)
