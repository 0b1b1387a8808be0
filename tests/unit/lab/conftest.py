# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fixtures of the lab's unit tests."""

from __future__ import annotations

import pytest
from host_support import Caller, session_of, small_forest


@pytest.fixture
def member() -> Caller:
    """Calls module twins on the member server MIM1 as EXAMPLE\\mimsetup."""
    host = small_forest().hosts["MIM1"]
    return Caller(host, session_of(host, "mimsetup"))
