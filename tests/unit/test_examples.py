# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every worked example has a guide, which it names, and a test on the lab."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((REPOSITORY / "playbooks" / "examples").glob("*.yml"))
GUIDE = re.compile(r"docs/[\w/]+\.md")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_an_example_names_its_guide_and_the_guide_names_the_example(example: Path) -> None:
    found = GUIDE.search(example.read_text(encoding="utf-8").split("\n- name:", maxsplit=1)[0])
    assert found, f"{example.name} names no guide in its first lines"
    guide = REPOSITORY / found.group()
    assert guide.is_file(), f"{found.group()} does not exist"
    assert example.name in guide.read_text(encoding="utf-8")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_an_example_is_run_on_the_lab(example: Path) -> None:
    tests = (REPOSITORY / "tests" / "lab").glob("test_*.py")
    assert any(f'"{example.name}"' in path.read_text(encoding="utf-8") for path in tests)
