# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fixtures for playbooks on the lab."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate.estate import EstateOptions
from ansible_collections.mimsync.sharepoint.lab.harness import Lab, running_lab


@pytest.fixture(scope="module")
def small_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A fresh lab with ten people, as an administrator hands it over; one for each file of tests."""
    with running_lab(tmp_path_factory.mktemp("lab"), EstateOptions(people=10), fresh=True) as lab:
        yield lab
