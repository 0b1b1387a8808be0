# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Configurations to adopt: both real ones, the built-in solution, and one agent of every kind."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import ServerConfiguration
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution import build_files

REPOSITORY = Path(__file__).resolve().parents[3]
FIXTURES = REPOSITORY.parent / "shared" / "fixtures"
SAMPLES = {"every kind": REPOSITORY / "tests" / "data" / "agents", "portal": REPOSITORY / "tests" / "data" / "portal"}


def files_of(name: str) -> dict[str, bytes]:
    if name == "built-in":
        return dict(build_files())
    folder = SAMPLES.get(name, FIXTURES / name)
    if not folder.is_dir():
        pytest.skip(f"the real configuration {name} lies in ../shared/fixtures, which is absent")
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.XML"))}


@pytest.fixture(scope="session", params=["built-in", "every kind", "portal", "pnp-usermimsync", "mimdsc-testserver"])
def files(request: pytest.FixtureRequest) -> dict[str, bytes]:
    return files_of(request.param)


@pytest.fixture(scope="session")
def samples() -> ServerConfiguration:
    return read_folder(files_of("every kind")).model()
