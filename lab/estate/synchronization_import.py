# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Import-MIISServerConfig and svrexport: which folders of documents a server takes, and how it writes its own.

An import is all or nothing, and replaces all that the server holds: agents that the folder lacks are gone afterwards (Microsoft,
MIIS 2003 help, "Importing and exporting a server configuration": a full replace operation). Facts: reference pages
`server-configuration` and `sharepoint-and-setup` (3.1); where no source gives an HRESULT none is shown.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ...plugins.plugin_utils.configuration.document import Document, parse
from ...plugins.plugin_utils.configuration.element import Element
from ...plugins.plugin_utils.configuration.model import StepKind
from ...plugins.plugin_utils.engine.memory import MemoryStore
from ...plugins.plugin_utils.errors import DocumentError
from .synchronization_check import check_agents, check_metaverse, views_of
from .synchronization_new_agents import check_new_agents
from .synchronization_state import ServerState, SynchronizationProblem

METAVERSE_FILE = "MV.XML"
_AGENT_FILE = re.compile(r"^ma-.+\.xml$", re.IGNORECASE)
_ROOT_TAG = re.compile(rb"<saved-(?:ma|mv)-configuration\b[^>]*>")


@dataclass(frozen=True)
class Folder:
    """The documents of one import, parsed. `agents` maps an agent's id (upper case) to its `ma-data`."""

    metaverse: Element
    agents: Mapping[str, Element]
    contents: Mapping[str, bytes]


def read_folder(files: Mapping[str, bytes]) -> Folder:
    """Parses a folder of documents; SynchronizationProblem for a file that is none of them."""
    metaverse: Element | None = None
    agents: dict[str, Element] = {}
    contents: dict[str, bytes] = {}
    for name, content in files.items():
        if name.casefold() == METAVERSE_FILE.casefold():
            metaverse = _data(parsed(name, content), "saved-mv-configuration", "mv-data")
            contents[METAVERSE_FILE] = content
        elif _AGENT_FILE.match(name):
            data = _data(parsed(name, content), "saved-ma-configuration", "ma-data")
            agent_id = data.find_text("id").upper()
            _refuse_twin(agents, agent_id, data)
            agents[agent_id] = data
            contents[agent_file(agent_id)] = content
        else:
            raise SynchronizationProblem(f"The folder holds '{name}', which is not part of a server configuration.")
    if metaverse is None:
        raise SynchronizationProblem("The metaverse file MV.XML was not found in the folder.")
    return Folder(metaverse, agents, contents)


@dataclass(frozen=True)
class Checked:
    """An import that the server takes: its documents, and the names of the agents that go."""

    documents: Mapping[str, bytes]
    gone: tuple[str, ...]


def check_import(state: ServerState, files: Mapping[str, bytes], skip: Sequence[str], extensions: Collection[str]) -> Checked:
    """Raises SynchronizationProblem. `extensions` are the lower-case file names in the Extensions folder; agents in `skip` stay as they are."""
    folder = read_folder(files)
    known = read_folder(state.documents)
    skipped = {name.casefold() for name in skip}
    taken = {agent_id: data for agent_id, data in folder.agents.items() if data.find_text("name").casefold() not in skipped}
    kept = {agent_id: data for agent_id, data in known.agents.items() if data.find_text("name").casefold() in skipped}
    views = views_of({**kept, **taken})
    check_metaverse(folder.metaverse, views)
    check_agents(taken, views, folder.metaverse, extensions)
    check_new_agents({agent_id: data for agent_id, data in taken.items() if agent_id not in known.agents})
    documents = {METAVERSE_FILE: folder.contents[METAVERSE_FILE]}
    documents.update({agent_file(agent_id): known.contents[agent_file(agent_id)] for agent_id in kept})
    documents.update({agent_file(agent_id): folder.contents[agent_file(agent_id)] for agent_id in taken})
    gone = tuple(data.find_text("name") for agent_id, data in known.agents.items() if agent_id not in {**kept, **taken})
    return Checked(documents, gone)


def stamped(content: bytes, server: str, now: float) -> bytes:
    """The document as an export writes it: server and date of the export are new, every other byte stays."""
    date = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]

    def renew(match: re.Match[bytes]) -> bytes:
        tag = re.sub(rb'\bserver="[^"]*"', f'server="{server}"'.encode(), match.group())
        return re.sub(rb'\bexport-date="[^"]*"', f'export-date="{date}"'.encode(), tag)

    return _ROOT_TAG.sub(renew, content, count=1)


def with_run_marks(name: str, content: bytes, store: MemoryStore) -> bytes:
    """The document with what runs leave in it: batch numbers and watermarks, which are no configuration."""
    if name == METAVERSE_FILE:
        return content
    document = parsed(name, content)
    data = agent_data(document)
    agent_id = data.find_text("id").upper()
    runs = [run for run in store.runs if run.agent_id == agent_id]
    if not runs:
        return content
    exports = sum(step.step.kind is StepKind.EXPORT for run in runs for step in run.steps)
    for partition in data.find_all("ma-partition-data/partition"):
        watermark = store.watermarks.get((agent_id, partition.find_text("id")), "")
        marks = {"current/batch-number": str(exports + 1), "last-successful-batch": str(exports), "custom-data/water-mark": watermark}
        for path, text in marks.items():
            element = partition.find(path)
            if element is not None:
                element.set_text(text)
    return document.write()


def parsed(name: str, content: bytes) -> Document:
    """The document, or SynchronizationProblem in place of a parser's error."""
    try:
        return parse(content, name)
    except DocumentError as error:
        raise SynchronizationProblem(f"The XML file '{name}' could not be loaded: {error}") from None


def agent_file(agent_id: str) -> str:
    """The name that svrexport gives an agent's file."""
    return f"MA-{agent_id.upper()}.XML"


def agent_data(document: Document) -> Element:
    return document.root.require("ma-data")


def agent_names(documents: Mapping[str, bytes]) -> list[str]:
    """The agents' names in the order of their files."""
    return [agent_data(parsed(name, content)).find_text("name") for name, content in sorted(documents.items()) if name != METAVERSE_FILE]


def find_agent(state: ServerState, agent: str) -> tuple[str, Document]:
    """File name and document of an agent; SynchronizationProblem if there is none of that name."""
    for name, content in state.documents.items():
        if name == METAVERSE_FILE:
            continue
        document = parsed(name, content)
        if agent_data(document).find_text("name").casefold() == agent.casefold():
            return name, document
    raise SynchronizationProblem(f"The management agent '{agent}' could not be found.", "0x80230304")


def empty_metaverse(server: str) -> bytes:
    """MV.XML of a server straight after setup: a person and a group, no rules."""
    return _EMPTY_METAVERSE.format(server=server).replace("\n", "\r\n").encode()


def _data(document: Document, root: str, child: str) -> Element:
    data = document.root.find(child) if document.root.local == root else None
    if data is None:
        raise SynchronizationProblem(f"The XML file '{document.name}' is not a {root.replace('-', ' ')}.")
    return data


def _refuse_twin(agents: Mapping[str, Element], agent_id: str, data: Element) -> None:
    name = data.find_text("name")
    if agent_id in agents:
        raise SynchronizationProblem(f"The folder holds two management agents with the identifier {agent_id}.")
    if any(other.find_text("name").casefold() == name.casefold() for other in agents.values()):
        raise SynchronizationProblem(f"A management agent with the name '{name}' already exists.")


_EMPTY_METAVERSE = """<saved-mv-configuration server="{server}" export-date="1601-01-01 00:00:00.000">
<mv-data>
 <format-version>1</format-version>
 <version>1</version>
 <schema>
  <dsml:dsml xmlns:dsml="http://www.dsml.org/DSML" xmlns:ms-dsml="http://www.microsoft.com/MMS/DSML">
   <dsml:directory-schema ms-dsml:no-objectclass-validation="true">
    <dsml:class id="person" type="structural">
     <dsml:name>person</dsml:name>
     <dsml:attribute ref="#displayName" required="false"/>
     <dsml:attribute ref="#mail" required="false"/>
    </dsml:class>
    <dsml:class id="group" type="structural">
     <dsml:name>group</dsml:name>
     <dsml:attribute ref="#displayName" required="false"/>
    </dsml:class>
    <dsml:attribute-type id="displayName" single-value="true" ms-dsml:indexable="true" ms-dsml:indexed="true">
     <dsml:name>displayName</dsml:name>
     <dsml:syntax>1.3.6.1.4.1.1466.115.121.1.15</dsml:syntax>
    </dsml:attribute-type>
    <dsml:attribute-type id="mail" single-value="true" ms-dsml:indexable="true">
     <dsml:name>mail</dsml:name>
     <dsml:syntax>1.3.6.1.4.1.1466.115.121.1.15</dsml:syntax>
    </dsml:attribute-type>
   </dsml:directory-schema>
  </dsml:dsml>
 </schema>
 <import-attribute-flow/>
 <provisioning type="none"/>
 <mv-deletion/>
 <extension>
  <assembly-name/>
  <application-protection>low</application-protection>
 </extension>
 <password-change-history-size>24</password-change-history-size>
 <password-sync>
  <password-sync-enabled>0</password-sync-enabled>
 </password-sync>
</mv-data>
</saved-mv-configuration>
"""
