# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What of the documents no declaration speaks of: it stays in them untouched, and is listed as kept as it is."""

from __future__ import annotations

from ..configuration.document import Document
from ..configuration.element import Element
from ..configuration.reader import agent_data
from ..configuration.settings import setting_paths

_FOREST = frozenset({"forest-name", "forest-login-domain", "forest-login-user", "sign-and-seal", "ssl-bind", "simple-bind"})
# Below private-configuration: what the model reads of every kind of agent.
_KNOWN = frozenset(f"adma-configuration/{name}" for name in _FOREST) | {"MAConfig/parameter-values", "MAConfig/parameter-definitions"}
_ROOT = "private-configuration"


def kept_settings(document: Document) -> list[str]:
    """Paths below `ma-data` of private settings that are carried, not declared; sorted."""
    data = agent_data(document)
    private = data.find(_ROOT)
    if private is None:
        return []
    named = {path.removeprefix(f"{_ROOT}/") for path in setting_paths(data.find_text("category")).values()} | _KNOWN
    return sorted({f"{_ROOT}/{path}" for child in private.children for path in _kept(child, child.local, named)})


def _kept(element: Element, path: str, named: set[str] | frozenset[str]) -> list[str]:
    """The element if nothing in it is known, else the parts of it that are not."""
    if path in named:
        return []
    if any(known.startswith(f"{path}/") for known in named) and element.children:
        return [found for child in element.children for found in _kept(child, f"{path}/{child.local}", named)]
    return [path] if element.children or element.text.strip() else []
