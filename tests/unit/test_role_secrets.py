# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Argument specifications of roles: Ansible prints them, templated, when a check of arguments fails."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

SPECIFICATIONS = sorted((Path(__file__).resolve().parents[2] / "roles").glob("*/meta/argument_specs.yml"))
# mimsync_setup_account is a name; the other accounts are dictionaries with a password.
SECRET = re.compile(r"\{\{[^}]*(mimsync_(?!setup_)\w*account|password|vault|secret)\b", re.IGNORECASE)


@pytest.mark.parametrize("path", SPECIFICATIONS, ids=lambda path: path.parts[-3])
def test_no_default_brings_a_secret_into_an_error_message(path: Path) -> None:
    assert [text for text in defaults(yaml.safe_load(path.read_text(encoding="utf-8"))) if SECRET.search(text)] == []


def defaults(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        if "default" in node:
            yield str(node["default"])
        for value in node.values():
            yield from defaults(value)
