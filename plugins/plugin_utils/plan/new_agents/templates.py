# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the collection's own solution knows of a system: the schema of Active Directory and of SharePoint's profile store, and the connector's pages."""

from __future__ import annotations

from functools import lru_cache

from ...configuration.document import Document, parse
from ...configuration.model import ManagementAgent
from ...configuration.reader import read_agent
from ...solution.builder import DIRECTORY_FILE, STORE_FILE, build_files

_FILES = {"active_directory": DIRECTORY_FILE, "sharepoint_profile_store": STORE_FILE}
_BY_CATEGORY = {"AD": "active_directory", "Extensible2": "sharepoint_profile_store"}


@lru_cache(maxsize=1)
def _contents() -> dict[str, bytes]:
    return build_files()


def _document(kind: str) -> Document | None:
    name = _FILES.get(kind)
    return None if name is None else parse(_contents()[name], name)


@lru_cache(maxsize=2)
def template_agent(kind: str) -> ManagementAgent | None:
    """The solution's agent of that kind; None for kinds that it has none of."""
    document = _document(kind)
    return None if document is None else read_agent(document)


def template_document(agent: ManagementAgent) -> Document | None:
    """The solution's agent that a new one is made after; parsed anew, so that it may be taken apart. None where it has none."""
    kind = _BY_CATEGORY.get(agent.category)
    if kind == "active_directory" and agent.forest is None:
        return None
    if kind is None or (kind == "sharepoint_profile_store" and agent.subtype != "SharePoint Profile Store"):
        return None
    return _document(kind)
