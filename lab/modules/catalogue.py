# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Loads all twins, so that they register: every file of lab/modules and lab/verbs."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache


@cache
def load_twins() -> None:
    from .. import modules, verbs

    for package in (modules, verbs):
        for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            importlib.import_module(found.name)
