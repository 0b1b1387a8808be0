# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The arrows of docs/architecture.md hold."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
CORE = REPOSITORY / "plugins" / "plugin_utils"
# Room -> rooms it may import; what is not listed imports errors only.
MAY_IMPORT = {
    "configuration": set(),
    "access": set(),
    "desired": {"configuration"},
    "plan": {"configuration", "desired", "lint", "rules", "solution"},
    "apply": {"configuration", "desired", "plan"},
    "ldap": set(),
    "lint": {"configuration"},
    "rules": {"configuration", "desired"},
    "engine": {"configuration", "ldap", "rules"},
    "preview": {"configuration", "engine", "plan", "desired", "ldap", "rules"},
    "report": {"configuration", "plan", "engine", "lint"},
    "solution": {"configuration"},
    "cycle": {"report"},
    "spaces": {"configuration", "cycle"},
    "preflight": set(),
    "profiles": {"configuration"},
    "server": {"preflight"},
    "check": {"configuration", "desired", "lint", "plan", "remote", "rules"},
    "remote": set(),
}


def core_files() -> list[Path]:
    return sorted(CORE.rglob("*.py"))


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """(level, dotted name) of each import; relative ones are resolved against plugin_utils."""
    package = list(path.relative_to(CORE).parts[:-1])
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((0, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield 0, node.module or ""
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1]
            names = [node.module] if node.module else [alias.name for alias in node.names]
            yield from ((node.level, ".".join([*base, name])) for name in names)


# remote/ is the one room that talks to Ansible.
@pytest.mark.parametrize("path", [path for path in core_files() if path.relative_to(CORE).parts[0] != "remote"], ids=lambda path: str(path.relative_to(CORE)))
def test_the_core_imports_neither_ansible_nor_the_lab(path: Path) -> None:
    for level, name in imports_of(path):
        root = name.split(".", maxsplit=1)[0]
        assert level > 0 or root not in {"ansible", "ansible_collections", "lab"}, f"{path} imports {name}"


@pytest.mark.parametrize("path", core_files(), ids=lambda path: str(path.relative_to(CORE)))
def test_arrows_between_rooms_point_one_way(path: Path) -> None:
    room = path.relative_to(CORE).parts[0]
    for level, name in imports_of(path):
        target = name.split(".", maxsplit=1)[0]
        if level and target in MAY_IMPORT and target != room:
            assert target in MAY_IMPORT.get(room, set()), f"{room} imports {name}"


def test_no_file_is_named_for_nothing() -> None:
    tracked = [path for room in ("plugins", "lab", "tests") for path in (REPOSITORY / room).rglob("*.py")]
    assert not [path for path in tracked if path.stem in {"utils", "common", "misc", "helpers"}]
