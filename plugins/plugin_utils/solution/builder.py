# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The built-in solution's server configuration, built from the description beside this file.

It means what the PnP solution's configuration means (reference page `server-configuration`); tests/conformance/test_builtin_solution.py
holds the two together. Names of forest, host and account are placeholders that the role sync_configuration replaces.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from .active_directory import directory_document
from .markup import Element, to_text
from .metaverse import metaverse_document
from .profile_store import profile_store_document

METAVERSE_FILE = "MV.XML"
DIRECTORY_FILE = "MA-ADMA.XML"
STORE_FILE = "MA-SPMA.XML"
_DESCRIPTION = Path(__file__).parent / "description"


def describe(name: str) -> Mapping[str, Any]:
    """One part of the description: `metaverse`, `active_directory` or `profile_store`."""
    loaded: Mapping[str, Any] = yaml.safe_load((_DESCRIPTION / f"{name}.yml").read_text(encoding="utf-8"))
    return loaded


def build_files() -> dict[str, bytes]:
    """The configuration's files by name, in UTF-8 without a byte order mark; the same bytes at every call."""
    documents: dict[str, Element] = {
        METAVERSE_FILE: metaverse_document(describe("metaverse")),
        DIRECTORY_FILE: directory_document(describe("active_directory")),
        STORE_FILE: profile_store_document(describe("profile_store")),
    }
    return {name: to_text(root).encode("utf-8") for name, root in documents.items()}
