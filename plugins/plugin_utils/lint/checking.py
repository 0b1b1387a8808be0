# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Findings on configurations that people have grown by hand: what an import refuses, what never works, what misleads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ..configuration.document import DEFAULT_LIMITS, Document, Limits, parse
from ..configuration.element import Element
from ..configuration.folder import Folder, place_document
from ..configuration.model import ManagementAgent, Metaverse, ServerConfiguration
from ..configuration.reader import agent_data, metaverse_data, read_agent, read_metaverse
from ..errors import DocumentError
from . import agent_rules, metaverse_rules, run_rules
from .findings import Finding, Severity, by_severity, error
from .views import View

_RULES: tuple[Callable[[View], Iterator[Finding]], ...] = (
    agent_rules.names,
    agent_rules.nameless,
    metaverse_rules.flow_ids,
    agent_rules.flow_ids,
    metaverse_rules.dangling,
    metaverse_rules.schema,
    metaverse_rules.import_flows,
    metaverse_rules.deletion_rules,
    metaverse_rules.options,
    agent_rules.filters,
    agent_rules.joins,
    agent_rules.projections,
    agent_rules.export_flows,
    agent_rules.deprovisioning,
    run_rules.partitions,
    run_rules.run_profiles,
)


def lint(configuration: ServerConfiguration) -> list[Finding]:
    """Findings on values, the grave ones first."""
    view = View(configuration)
    return by_severity([finding for rule in _RULES for finding in rule(view)])


def lint_files(files: Mapping[str, bytes], limits: Limits = DEFAULT_LIMITS) -> list[Finding]:
    """Findings on files as they are; a file that cannot be read is a finding, too."""
    found: list[Finding] = []
    folder = Folder()
    agents: list[Document] = []
    for name in sorted(files, key=str.casefold):
        try:
            place_document(folder, parse(files[name], name, limits), agents, [])
        except DocumentError as fault:
            found.append(error("unreadable", name, fault.message))
    return by_severity([*found, *lint_documents(folder.metaverse, agents)])


def finding_notes(folder: Folder, most: int = 20) -> list[str]:
    """Errors only, in a sentence each; no more than `most`, the rest is counted."""
    found = [str(finding) for finding in lint_folder(folder) if finding.severity is Severity.ERROR]
    return [*found[:most], *([f"and {len(found) - most} further errors; the report of the configuration lists them"] if len(found) > most else [])]


def lint_folder(folder: Folder) -> list[Finding]:
    """Findings on documents that have been read."""
    return lint_documents(folder.metaverse, list(folder.agents.values()))


def lint_documents(metaverse: Document | None, agents: list[Document]) -> list[Finding]:
    found: list[Finding] = []
    model = ServerConfiguration()
    try:
        model = ServerConfiguration(Metaverse() if metaverse is None else read_metaverse(metaverse))
        found += [] if metaverse is None else _twice(metaverse_data(metaverse), "metaverse", _METAVERSE_LISTS)
    except DocumentError as fault:
        found.append(error("unreadable", metaverse.name if metaverse else "", fault.message))
    read: list[ManagementAgent] = []
    for document in agents:
        try:
            read.append(read_agent(document))
            found += _written(document)
        except DocumentError as fault:
            found.append(error("unreadable", document.name, fault.message))
    return by_severity([*found, *lint(ServerConfiguration(model.metaverse, tuple(read)))])


def _written(document: Document) -> Iterator[Finding]:
    """What only the document shows."""
    data = agent_data(document)
    name = data.find_text("name")
    # Run steps name their partition in capitals, or an import fails (reference page `server-configuration`).
    steps = (step.find_text("partition") for step in data.find_all("ma-run-data/run-configuration/configuration/step"))
    for identifier in sorted({one for one in steps if one != one.upper()}):
        yield error("lower-case-id", name, f"run steps name the partition {identifier} in small letters; an import fails on it")
    yield from _twice(data, name, _AGENT_LISTS)


# Lists of which each thing has one: rule, path, and the attributes that name the thing.
_Lists = tuple[tuple[str, str, tuple[str, ...]], ...]
_METAVERSE_LISTS: _Lists = (
    ("flows-twice", "import-attribute-flow/import-flow-set", ("mv-object-type",)),
    ("flows-twice", "import-attribute-flow/import-flow-set/import-flows", ("mv-attribute",)),
)
_AGENT_LISTS: _Lists = (
    ("joins-twice", "join/join-profile", ("cd-object-type",)),
    ("filters-twice", "stay-disconnector/filter-set", ("cd-object-type",)),
    ("flows-twice", "export-attribute-flow/export-flow-set", ("cd-object-type", "mv-object-type")),
)


def _twice(data: Element, place: str, lists: _Lists) -> Iterator[Finding]:
    """What is read as one, and of which an edit finds the first one only."""
    for rule, path, attributes in lists:
        seen = set()
        for one in data.find_all(path):
            names = [one.get(name) for name in attributes]
            # The metaverse's attributes are named within their object type.
            key = (*(name.casefold() for name in names), one.parent.get("mv-object-type").casefold() if one.parent else "")
            if key in seen and not _of_portal(one):
                yield error(rule, f"{place} {'/'.join(names)}", f"<{one.local}> of {' and '.join(names)} stands there twice; an edit finds the first one only")
            seen |= set() if _of_portal(one) else {key}


def _of_portal(profile: Element) -> bool:
    criteria = profile.find_all("join-criterion")
    return bool(criteria) and all(one.get("join-cri-type") == "sync-rule" for one in criteria)
