# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tests of modules that ask for `every_store` run once with each store."""

from __future__ import annotations

from collections.abc import Iterator

import engine_support
import pytest


@pytest.fixture(scope="module", params=sorted(engine_support.STORES))
def every_store(request: pytest.FixtureRequest) -> Iterator[str]:
    engine_support.KIND[0] = request.param
    yield request.param
    engine_support.KIND[0] = "memory"
