# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The set of files that is a server's configuration: which file is what, and the set as a whole.

A file is known by its outermost element, not by its name: names come in any letter case, by GUID (svrexport) or by
agent (PnP solution), and a single agent's file has the root `export-ma` (FIM 2010).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import uuid
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from ..errors import DocumentError
from .collector import paused
from .document import DEFAULT_LIMITS, Document, Limits, parse
from .element import Element
from .model import ManagementAgent, ServerConfiguration
from .reader import agent_data, read_agent, read_metaverse

Value = TypeVar("Value")

METAVERSE_FILE = "MV.XML"
_METAVERSE_ROOTS = frozenset({"saved-mv-configuration", "export-mv", "mv-data"})
_AGENT_ROOTS = frozenset({"saved-ma-configuration", "export-ma", "ma-data"})
# What a server changes by itself in the outermost element stands in front of this mark.
_CONTENT_MARK = b"-data>"
_NAMESPACE = uuid.UUID("f0f4c0de-3a6e-5f0c-9c57-2b4f5a0c7d11")


@dataclass
class Folder:
    """`agents` by name in lower case, in the order of the files. `strangers` are files that are no configuration.

    Agents that share a name have their id behind it; `told_apart` has these names by their lower case. Of agents that
    share an id the first one has it in the model, `other_ids` says what the others have there.
    """

    metaverse: Document | None = None
    agents: dict[str, Document] = field(default_factory=dict)
    strangers: tuple[str, ...] = ()
    told_apart: dict[str, str] = field(default_factory=dict)
    other_ids: dict[str, str] = field(default_factory=dict)

    def documents(self) -> list[Document]:
        return [*([self.metaverse] if self.metaverse else []), *self.agents.values()]

    def agent(self, name: str) -> Document | None:
        return self.agents.get(name.casefold())

    def agent_element(self, name: str) -> Element:
        """`ma-data` of an agent; KeyError if there is none of that name."""
        return agent_data(self.agents[name.casefold()])

    def names(self) -> dict[str, str]:
        """The names of all agents, by their lower case."""
        return {name: self.told_apart.get(name) or agent_data(document).find_text("name") for name, document in self.agents.items()}

    def write(self) -> dict[str, bytes]:
        """File name -> content, as read but for what was changed."""
        return {document.name: document.write() for document in self.documents()}

    def model(self) -> ServerConfiguration:
        """The values of all documents; raises DocumentError naming the file that cannot be read."""
        with paused():
            metaverse = None if self.metaverse is None else _named(self.metaverse, read_metaverse)
            agents = tuple(self._agent(name, document) for name, document in self.agents.items())
        return ServerConfiguration(agents=agents) if metaverse is None else ServerConfiguration(metaverse, agents)

    def _agent(self, name: str, document: Document) -> ManagementAgent:
        agent = _named(document, read_agent)
        if name in self.told_apart or name in self.other_ids:
            return replace(agent, name=self.told_apart.get(name, agent.name), id=self.other_ids.get(name, agent.id))
        return agent


def _named(document: Document, read: Callable[[Document], Value]) -> Value:
    try:
        return document.as_value(read)
    except DocumentError as error:
        raise DocumentError(f"{document.name}: {error.message}") from None


def read_folder(files: Mapping[str, bytes], limits: Limits = DEFAULT_LIMITS) -> Folder:
    """Parses all files.

    Raises DocumentError for a file that cannot be read, an agent without name or id, and two metaverse files; all
    faults are listed in its `details`. Two agents with one name or id are for `lint` to tell of.
    """
    folder = Folder()
    faults: list[str] = []
    strangers: list[str] = []
    agents: list[Document] = []
    with paused():
        for name in sorted(files, key=str.casefold):
            try:
                document = parse(files[name], name, limits)
                place_document(folder, document, agents, strangers)
            except DocumentError as error:
                faults.append(error.message)
    if faults:
        raise DocumentError(faults[0] if len(faults) == 1 else f"{len(faults)} configuration files cannot be used.", details=faults[1:] and faults)
    folder.strangers = tuple(strangers)
    _name_agents(folder, agents)
    return folder


def read_export(files: Mapping[str, bytes]) -> Folder:
    """As `read_folder`, of files that a user names; raises DocumentError, too, when none of them is a configuration."""
    folder = read_folder(files)
    if not folder.documents():
        raise DocumentError(f"There is no configuration in {', '.join(sorted(files)[:5])}: none of these files is an export of a server.")
    return folder


def place_document(folder: Folder, document: Document, agents: list[Document], strangers: list[str]) -> None:
    kind = document.root.local
    if kind in _METAVERSE_ROOTS:
        if folder.metaverse is not None:
            raise DocumentError(f"{document.name} and {folder.metaverse.name} are both a metaverse configuration; a server has one.")
        folder.metaverse = document
    elif kind in _AGENT_ROOTS:
        data = agent_data(document)
        if not data.find_text("name") or not data.find_text("id"):
            raise DocumentError(f"{document.name} describes a management agent without a name or id.")
        agents.append(document)
    else:
        strangers.append(document.name)


def _name_agents(folder: Folder, agents: list[Document]) -> None:
    """Names them apart where names are shared: by the id, and by the file where the id is shared, too."""
    facts = [(agent_data(document).find_text("name"), agent_data(document).find_text("id").upper(), document) for document in agents]
    count = Counter(fact[0].casefold() for fact in facts)
    taken: set[str] = set()
    for name, identifier, document in facts:
        shown = name if count[name.casefold()] == 1 else f"{name} {identifier}"
        while shown.casefold() in folder.agents:
            shown = f"{shown} in {document.name}"
        folder.agents[shown.casefold()] = document
        if shown != name:
            folder.told_apart[shown.casefold()] = shown
        if identifier in taken:
            folder.other_ids[shown.casefold()] = "{" + str(uuid.uuid5(_NAMESPACE, shown.casefold())).upper() + "}"
        taken.add(identifier)


def fingerprint(files: Mapping[str, bytes]) -> str:
    """SHA-256 of an export as the host can compute it too: all files by name, each without its outermost start tag.

    Two exports of an unchanged server have the same one, because only `server` and `export-date` differ there.
    """
    digest = hashlib.sha256()
    for name in sorted(files, key=str.upper):
        content = files[name]
        start = content.find(_CONTENT_MARK)
        digest.update(hashlib.sha256(content[max(start, 0) :]).digest())
    return digest.hexdigest()


def pack(files: Mapping[str, bytes]) -> dict[str, str]:
    """File name -> base64 of gzip, as documents travel to a host. The same files give the same text."""
    return {name: base64.b64encode(_gzip(content)).decode("ascii") for name, content in files.items()}


def _gzip(content: bytes) -> bytes:
    compressor = zlib.compressobj(6, zlib.DEFLATED, 31)
    return compressor.compress(content) + compressor.flush()


def unpack(packed: Mapping[str, str], limits: Limits = DEFAULT_LIMITS) -> dict[str, bytes]:
    """Reverses `pack`; raises DocumentError for what is damaged or larger than `limits.size` when unpacked."""
    return {name: _gunzip(name, text, limits) for name, text in packed.items()}


def _gunzip(name: str, text: str, limits: Limits) -> bytes:
    try:
        decompressor = zlib.decompressobj(31)
        content = decompressor.decompress(base64.b64decode(text, validate=True), limits.size + 1)
    except (binascii.Error, ValueError, zlib.error):
        raise DocumentError(f"{name} arrived damaged: it is not base64 of gzip.") from None
    if len(content) > limits.size:
        raise DocumentError(f"{name} has more than the limit of {limits.size:,} bytes; a server's configuration file has a few megabytes.")
    if not decompressor.eof:
        raise DocumentError(f"{name} arrived damaged: its compressed form is cut off.")
    return content


def agent_names(documents: Iterable[Document]) -> list[str]:
    return [agent_data(document).find_text("name") for document in documents]
