# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is asked for, from the module's options: where objects come from, and the preview of it all."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..configuration.model import ManagementAgent, ServerConfiguration
from ..engine.extension import ExtensionLoader
from ..engine.systems.base import ImportedObject
from ..errors import InputError
from .answer import Answer, Preview
from .baseline import ESTIMATE as BASELINE_ESTIMATE
from .baseline import scene_of
from .cycle import Run, Say, silent
from .findings import Findings
from .limits import read_limits
from .person import PersonPreview
from .sandbox import AnyStore
from .scene import Origin, Scene
from .sources.csexport import ESTIMATE as SPACE_ESTIMATE
from .sources.csexport import state_of
from .sources.delimited import read_csv
from .sources.directory import DirectorySources
from .sources.ldif import read_ldif
from .sources.typed import Typing
from .trace import find_people, plain

KINDS = ("ldif", "csv", "csexport", "ldap")


@dataclass
class Request:
    """`spaces`: csexport files by agent that were read from the server, at `spaces_read` (seconds since 1970, UTC).

    `extensions` are the present rules, `wanted_extensions` those that are to be; None: the same.
    """

    present: ServerConfiguration
    extensions: ExtensionLoader
    wanted: ServerConfiguration | None = None
    objects: Sequence[Mapping[str, Any]] = ()
    spaces: Mapping[str, bytes] = field(default_factory=dict)
    spaces_read: float = 0.0
    cycle: str = "rules"
    steps: Sequence[Mapping[str, str]] = ()
    limits: Mapping[str, Any] = field(default_factory=dict)
    people: Sequence[str] = ()
    title: str = ""
    say: Say = silent
    wanted_extensions: ExtensionLoader | None = None
    notes: Sequence[str] = ()
    # What rules of the extension compute, by name, for traces.
    rule_texts: Mapping[str, str] = field(default_factory=dict)
    directories: DirectorySources = field(default_factory=DirectorySources, repr=False)

    def answer(self) -> Answer:
        """Raises InputError for what cannot be read, DocumentError for a file that is no csexport."""
        limits = read_limits(self.limits)
        scene = self.scene()
        wanted = self.wanted if self.wanted is not None else self.present
        runs = [self._run(index, step, wanted) for index, step in enumerate(self.steps)]
        asked = Preview(scene, self.wanted_extensions or self.extensions, self.wanted, self.cycle, runs, limits, self.title, say=self.say)
        answer = asked.run()
        answer = replace(answer, notes=(*self.notes, *answer.notes))
        if not self.people or answer.stopped:
            return answer
        return replace(answer, traces=tuple(self._traces(scene, asked)))

    @staticmethod
    def _run(index: int, step: Mapping[str, str], wanted: ServerConfiguration) -> Run:
        agent = wanted.agent(step["agent"])
        if agent is None:
            names = ", ".join(known.name for known in wanted.agents)
            raise InputError(f"there is no management agent {step['agent']!r}; there are {names}", path=f"steps[{index}].agent")
        profile = next((item.name for item in agent.run_profiles if item.name.casefold() == step["profile"].casefold()), "")
        if not profile:
            names = ", ".join(item.name for item in agent.run_profiles)
            raise InputError(f"{agent.name} has no run profile {step['profile']!r}; it has {names}", path=f"steps[{index}].profile")
        return Run(agent.name, profile)

    def _traces(self, scene: Scene, asked: Preview) -> list[Mapping[str, Any]]:
        store = asked.performance.store if asked.performance is not None else scene.store
        tracer = PersonPreview(store, asked.configuration, asked.extensions, rule_texts=self.rule_texts)
        found: list[Mapping[str, Any]] = []
        for index, name in enumerate(self.people):
            people = find_people(store, name)
            if not people:
                raise InputError(f"nobody is called {name!r}: no DN, account, display name or e-mail address is", path=f"people[{index}]")
            found += [plain(tracer.of(mv).trace) for mv in people]
        return found

    # Where objects come from

    def scene(self) -> Scene:
        findings = Findings()
        files, origins = dict(self.spaces), []
        objects: dict[str, list[ImportedObject]] = {}
        for index, source in enumerate(self.objects):
            agent, kind = self._source(index, source)
            if kind == "csexport":
                files[agent.name] = _content(source[kind], f"objects[{index}].{kind}")
                origins.append(Origin(agent.name, str(source[kind]), _modified(source[kind])))
            else:
                read, origin = self._read(index, agent, kind, source, findings)
                objects.setdefault(agent.name, []).extend(read)
                origins.append(origin)
        self.directories.check()
        origins += [Origin(name, "connector space of the server", self.spaces_read, 0, SPACE_ESTIMATE) for name in self.spaces]
        if not files and not objects:
            raise InputError("there are no objects to preview with; give files, or let the server's connector spaces be read", path="objects")
        return self._scene(files, objects, origins, findings)

    def _scene(self, files: Mapping[str, bytes], objects: Mapping[str, list[ImportedObject]], origins: list[Origin], findings: Findings) -> Scene:
        store: AnyStore | None = state_of(files, self.present, self.extensions, findings) if files else None
        if store is not None:
            counted = [self._counted(origin, store) for origin in origins]
            return scene_of(self.present, objects, counted, self.extensions, findings, store=store, say=self.say)
        told = [replace(origin, estimate=BASELINE_ESTIMATE) for origin in origins]
        return scene_of(self.present, objects, told, self.extensions, findings, say=self.say)

    def _counted(self, origin: Origin, store: AnyStore) -> Origin:
        agent = self.present.agent(origin.agent)
        return replace(origin, objects=origin.objects or (len(store.space(agent.id)) if agent is not None else 0))

    def _source(self, index: int, source: Mapping[str, Any]) -> tuple[ManagementAgent, str]:
        path = f"objects[{index}]"
        agent = self.present.agent(source["agent"]) or (self.wanted.agent(source["agent"]) if self.wanted is not None else None)
        if agent is None:
            raise InputError(f"there is no management agent {source['agent']!r}", path=f"{path}.agent")
        given = [kind for kind in KINDS if source.get(kind)]
        if len(given) != 1:
            raise InputError(f"one of {', '.join(KINDS)} is wanted, {len(given)} are given", path=path)
        return agent, given[0]

    def _read(self, index: int, agent: ManagementAgent, kind: str, source: Mapping[str, Any], findings: Findings) -> tuple[list[ImportedObject], Origin]:
        path = f"objects[{index}].{kind}"
        if kind == "ldap":
            read = self.directories.objects(agent, source["ldap"], path)
            return read, Origin(agent.name, f"LDAP {source['ldap']['host']}", time.time(), len(read))
        name, content = Path(source[kind]).name, _content(source[kind], path)
        if kind == "ldif":
            raws = read_ldif(content, name, findings)
        else:
            raws = read_csv(content, name, agent, findings, delimiter=source.get("delimiter") or ",", separator=source.get("separator") or ";")
        found = Typing(agent, findings).objects(raws)
        return found, Origin(agent.name, str(source[kind]), _modified(source[kind]), len(found))


def _content(path: str, place: str) -> bytes:
    try:
        return Path(path).expanduser().read_bytes()
    except OSError as problem:
        raise InputError(f"{path} cannot be read: {problem.strerror}", path=place) from problem


def _modified(path: str) -> float:
    return Path(path).expanduser().stat().st_mtime
