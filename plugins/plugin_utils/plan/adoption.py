# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files of a server into a declaration, and a declaration into files, without a server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..configuration.folder import read_folder
from ..configuration.reader import agent_data
from ..desired.gathering import gather
from ..desired.keeping import kept_settings
from ..desired.reading import read_wish
from ..desired.variables import variable_files, vault_names
from .change import Plan
from .whole_server import plan_on_files

# What a server has before anything was configured; for files that begin with nothing.
EMPTY_SERVER = {
    "MV.XML": b"<saved-mv-configuration>\n    <mv-data>\n        <format-version>1</format-version>\n        <version>1</version>\n"
    b'        <schema><dsml:dsml xmlns:ms-dsml="http://www.microsoft.com/MMS/DSML" xmlns:dsml="http://www.dsml.org/DSML">'
    b"<dsml:directory-schema></dsml:directory-schema></dsml:dsml></schema>\n"
    b'        <import-attribute-flow></import-attribute-flow>\n        <provisioning type="none"></provisioning>\n'
    b"        <mv-deletion></mv-deletion>\n        <extension></extension>\n    </mv-data>\n</saved-mv-configuration>\n",
}


@dataclass(frozen=True)
class Adopted:
    """`kept`: agent -> paths of private settings that no declaration speaks of; `secrets`: variables that a vault must hold."""

    declaration: dict[str, Any]
    files: Mapping[str, str]
    kept: Mapping[str, list[str]]
    secrets: tuple[str, ...]


def adopt(files: Mapping[str, bytes]) -> Adopted:
    """Raises DocumentError for files that cannot be read."""
    folder = read_folder(files)
    declaration = gather(folder.model())
    written = variable_files(declaration)
    kept = {agent_data(document).find_text("name"): kept_settings(document) for document in folder.agents.values()}
    secrets = sorted({name for text in written.values() for name in vault_names(text)})
    return Adopted(declaration, written, {name: paths for name, paths in sorted(kept.items()) if paths}, tuple(secrets))


def render(files: Mapping[str, bytes], config: Any, state: str = "merged") -> tuple[Plan, dict[str, bytes]]:
    """The plan and the files as they would be. Without files a server is taken that holds nothing yet."""
    plan, _unused = plan_on_files(read_folder(files or EMPTY_SERVER), read_wish(config), state)
    return plan, plan.planned.write()
