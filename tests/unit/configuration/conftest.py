# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Real configurations, where they lie beside the repository."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import ServerConfiguration

FIXTURES = Path(__file__).resolve().parents[4] / "shared" / "fixtures"
REAL_SETS = ("pnp-usermimsync", "mimdsc-testserver")


def real_files(name: str) -> dict[str, bytes]:
    folder = FIXTURES / name
    if not folder.is_dir():
        pytest.skip(f"the real configuration {name} lies in ../shared/fixtures, which is absent")
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.XML"))}


@pytest.fixture(params=REAL_SETS)
def real_set(request: pytest.FixtureRequest) -> dict[str, bytes]:
    return real_files(request.param)


@pytest.fixture
def pnp_files() -> dict[str, bytes]:
    return real_files("pnp-usermimsync")


@pytest.fixture(scope="session")
def pnp() -> ServerConfiguration:
    return read_folder(real_files("pnp-usermimsync")).model()


@pytest.fixture(scope="session")
def testserver() -> ServerConfiguration:
    return read_folder(real_files("mimdsc-testserver")).model()
