# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A server with 8 real agents: those of the configurations beside the repository, several times under names and ids of their own.

Where they are absent, the agents are those of the built-in solution, which are smaller.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import cycle, islice

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution.builder import build_files

from .measuring import FIXTURES

AGENTS = 8


def real_server() -> dict[str, bytes]:
    """File name -> content; some 2.7 MB."""
    return dict(_multiplied(_files()))


def _files() -> dict[str, bytes]:
    """The agents of both real configurations and the metaverse of the first one."""
    folders = [FIXTURES / name for name in ("mimdsc-testserver", "pnp-usermimsync")]
    return {path.name: path.read_bytes() for folder in folders if folder.is_dir() for path in sorted(folder.glob("*.XML"))} or build_files()


def _multiplied(files: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    agents = [content.decode("utf-8-sig") for name, content in sorted(files.items()) if name.startswith("MA-")]
    yield "MV.XML", files["MV.XML"]
    for number, text in enumerate(islice(cycle(agents), AGENTS)):
        own = re.sub(r"<id>\{[^}]*\}", f"<id>{{{number:08X}-0000-4000-8000-000000000000}}", text, count=1)
        yield f"MA-{number}.XML", re.sub(r"<name>[^<]*<", f"<name>Agent {number}<", own, count=1).encode()
