# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A small configuration of two agents: HR (a directory) feeds people, APP (keyed by Id) receives them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import (
    AttributeType,
    Condition,
    ConstantMapping,
    DeletionRule,
    DirectMapping,
    ExportFlow,
    ExportFlowSet,
    FilterSet,
    ImportFlow,
    ImportFlows,
    JoinCriterion,
    JoinMapping,
    JoinProfile,
    ManagementAgent,
    Mapping_,
    Metaverse,
    ObjectClass,
    Partition,
    Projection,
    RunProfile,
    RunStep,
    Schema,
    ScriptedMapping,
    ServerConfiguration,
    Source,
    StepKind,
    Syntax,
)
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.digest import digest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.extension import CsEntry, MvEntry, Registry, RulesExtension
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.memory import MemoryStore
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.objects import CsObject, MvObject
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.runs import Engine, RunResult
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.sqlite_store import SqliteStore
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.switches import Switches
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.systems.base import Values
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.systems.memory import MemoryConnector, MemorySystem

HR, APP, OTHER = "{00000000-0000-0000-0000-0000000000A1}", "{00000000-0000-0000-0000-0000000000A2}", "{00000000-0000-0000-0000-0000000000A3}"
ROOT = "DC=hr,DC=example,DC=com"
PROFILES = {
    "FI": (StepKind.FULL_IMPORT,),
    "DI": (StepKind.DELTA_IMPORT,),
    "FS": (StepKind.FULL_SYNC,),
    "DS": (StepKind.DELTA_SYNC,),
    "EX": (StepKind.EXPORT,),
    "FIDS": (StepKind.FULL_IMPORT_DELTA_SYNC,),
    "DIDS": (StepKind.DELTA_IMPORT_DELTA_SYNC,),
    "FIFS": (StepKind.FULL_IMPORT_FULL_SYNC,),
    "FI,FS": (StepKind.FULL_IMPORT, StepKind.FULL_SYNC),
}
TEXTS = ("name", "mail", "title", "phone")


def schema(object_type: str, *, references: Iterable[str] = ("manager",), many: Iterable[str] = ("tags",), texts: Iterable[str] = TEXTS) -> Schema:
    attributes = {name: AttributeType(name) for name in (*texts, "account")}
    attributes |= {name: AttributeType(name, Syntax.REFERENCE) for name in references}
    attributes |= {name: AttributeType(name, single_value=False) for name in many}
    attributes |= {"flags": AttributeType("flags", Syntax.INTEGER), "photo": AttributeType("photo", Syntax.BINARY)}
    return Schema({object_type: ObjectClass(object_type, tuple(attributes))}, {name.lower(): item for name, item in attributes.items()})


def profiles(partition: str, **limits: int) -> tuple[RunProfile, ...]:
    return tuple(RunProfile("{}", name, tuple(RunStep(kind, partition, **limits) for kind in kinds)) for name, kinds in PROFILES.items())


def agent(agent_id: str, name: str, **changes: Any) -> ManagementAgent:
    """A directory's agent with one partition; `changes` replace fields."""
    base = ManagementAgent(
        id=agent_id,
        name=name,
        category="AD",
        schema=schema("user"),
        partitions=(Partition(f"{{{name}-P}}", ROOT, True, ("user",), inclusions=(ROOT,), dn=ROOT),),
        run_profiles=profiles(f"{{{name}-P}}"),
        extension="Test.dll",
    )
    return replace(base, **changes)


def hr(**changes: Any) -> ManagementAgent:
    return agent(HR, "HR", **{"projections": (Projection("{P}", "user", "declared", "person"),), **changes})


def app(**changes: Any) -> ManagementAgent:
    """An agent whose DN is the attribute Id."""
    with_id = schema("user")
    attributes = {**with_id.attributes, "id": AttributeType("Id")}
    classes = {"user": ObjectClass("user", (*with_id.classes["user"].attributes, "Id"), anchors=("Id",), export_only=frozenset({"photo"}))}
    flows = tuple(export(name) for name in ("name", "mail", "title", "manager", "tags", "photo"))
    base = {
        "category": "Extensible2",
        "schema": Schema(classes, attributes),
        "deprovisioning": "delete-object",
        "export_flows": (ExportFlowSet("user", "person", flows),),
        "partitions": (Partition("{APP-P}", "default", True, ("user",)),),
    }
    return agent(APP, "APP", **{**base, **changes})


def export(target: str, source: str = "", *, nulls: bool = True, mapping: Mapping_ | None = None) -> ExportFlow:
    return ExportFlow(f"{{E-{target}}}", target, nulls, mapping or DirectMapping(Source(source or target)))


def flows(target: str, *sources: tuple[str, str | Mapping_], precedence: str = "ranked") -> ImportFlows:
    """The import flows of one person attribute: pairs of agent id and source attribute or mapping."""
    made = [
        ImportFlow(f"{{I-{target}-{number}}}", agent_id, "user", DirectMapping(Source(source)) if isinstance(source, str) else source)
        for number, (agent_id, source) in enumerate(sources)
    ]
    return ImportFlows("person", target, precedence, tuple(made))


def metaverse(*import_flows: ImportFlows, **changes: Any) -> Metaverse:
    base = Metaverse(
        schema=schema("person"),
        import_flows=import_flows or tuple(flows(name, (HR, name)) for name in (*TEXTS, "account", "manager", "tags", "photo", "flags")),
        provisioning="scripted",
        extension="Test.dll",
        deletion_rules=(DeletionRule("{D}", "person", "declared-any", (HR,)),),
    )
    return replace(base, **changes)


class TestRules(RulesExtension):
    """Provisions each person with an account into APP; other entry points by the functions that a test puts in `hooks`."""

    __test__ = False
    hooks: Mapping[str, Callable[..., Any]] = {}  # replaced by each world

    def provision(self, mv: MvEntry) -> None:
        if "provision" in self.hooks:
            self.hooks["provision"](mv)
            return
        connectors = mv.connectors("APP")
        if not len(connectors) and mv.present("account"):
            connector = connectors.new("user")
            connector.set("Id", mv.text("account"))
            connector.commit()

    def import_rule(self, context: str) -> Callable[[CsEntry, MvEntry], None]:
        return self.hooks[context]

    def export_rule(self, context: str) -> Callable[[MvEntry, CsEntry], None]:
        return self.hooks[context]

    def should_project(self, cs: CsEntry) -> str:
        return self.hooks["project"](cs)

    def should_delete(self, cs: CsEntry, mv: MvEntry) -> bool:
        return self.hooks["delete"](cs, mv)

    def resolve_join(self, context: str, cs: CsEntry, found: list[MvEntry]) -> int | None:
        return self.hooks["resolve"](cs, found)

    def filter_for_disconnection(self, cs: CsEntry) -> bool:
        return self.hooks["filter"](cs)

    def deprovision(self, cs: CsEntry) -> str:
        return self.hooks["deprovision"](cs)


STORES: Mapping[str, Callable[[], MemoryStore | SqliteStore]] = {"memory": MemoryStore, "sqlite": lambda: SqliteStore(Path(":memory:"))}
# The kind of store that worlds are made with; see the fixture `every_store`.
KIND = ["memory"]


def new_store() -> MemoryStore | SqliteStore:
    return STORES[KIND[0]]()


@dataclass
class World:
    """An engine on its systems, with short ways to do and to look."""

    configuration: ServerConfiguration
    hooks: dict[str, Callable[..., Any]] = field(default_factory=dict)
    switches: Switches = field(default_factory=Switches)
    store: MemoryStore | SqliteStore = field(default_factory=new_store)

    def __post_init__(self) -> None:
        self.hr = MemorySystem("hr:389")
        self.app = MemorySystem("app:443", "Id", frozenset({"photo"}))
        self.other = MemorySystem("other:389")
        self.now = 1_700_000_000.0
        self.configure(self.configuration)

    def configure(self, configuration: ServerConfiguration) -> None:
        """A changed configuration on the same state."""
        rules = type("Rules", (TestRules,), {"hooks": self.hooks})
        self.configuration = configuration
        connector = MemoryConnector({"HR": self.hr, "APP": self.app, "OTHER": self.other})
        self.engine = Engine(configuration, self.store, connector, Registry({"Test.dll": rules}), self.tick, switches=self.switches)

    def tick(self) -> float:
        self.now += 1.0
        return self.now

    def person(self, number: int, **attributes: Any) -> None:
        """Puts a person into HR, or replaces its attributes."""
        self.hr.put(f"hr-{number}", self.dn(number), "user", {"account": (f"u{number}",), "name": (f"Person {number}",), **as_values(attributes)})

    @staticmethod
    def dn(number: int) -> str:
        return f"CN=Person {number},OU=Staff,{ROOT}"

    def run(self, *runs: str) -> RunResult:
        """`run("HR FI", "HR FS")`: the result of the last."""
        result = None
        for text in runs:
            agent_name, profile = text.split(" ", 1)
            result = self.engine.run(agent_name, profile, "EXAMPLE\\operator")
        assert result is not None
        return result

    def cycle(self, kind: str = "F") -> RunResult:
        """The standard cycle, full (F) or delta (D)."""
        return self.run(f"HR {kind}I", f"HR {kind}S", f"APP {kind}I", f"APP {kind}S", "APP EX", "APP DI", "APP DS")

    def counters(self, result: RunResult) -> dict[str, int]:
        """Everything of all steps that is not zero."""
        found: dict[str, int] = {}
        for step in result.details.steps:
            parts = [step.counters.staging, step.counters.inbound, step.counters.export, step.counters.discovery]
            for part in parts:
                for name, count in part.items():
                    if count:
                        found[name] = found.get(name, 0) + count
        return found

    def errors(self, result: RunResult) -> list[str]:
        return [item.error.error_type for step in result.details.steps for item in (*step.import_errors, *step.export_errors)]

    def cs(self, agent_id: str, dn: str) -> CsObject:
        found = self.store.space(agent_id).by_dn(dn)
        assert found is not None, dn
        return found

    def mv(self, number: int) -> MvObject:
        found = list(self.store.metaverse.find("account", f"u{number}"))
        assert len(found) == 1, f"{len(found)} metaverse objects of u{number}"
        return found[0]

    def digest(self) -> str:
        return digest(self.store, [item.id for item in self.configuration.agents])

    def profile(self, number: int) -> dict[str, Values]:
        return self.app.entries[f"u{number}"].attributes


def as_values(attributes: Mapping[str, Any]) -> dict[str, Values]:
    return {name: value if isinstance(value, tuple) else (value,) for name, value in attributes.items()}


def world(hr_agent: ManagementAgent | None = None, app_agent: ManagementAgent | None = None, mv: Metaverse | None = None, **more: Any) -> World:
    """The two agents, each replaced where given; `more` goes to World."""
    return World(ServerConfiguration(mv or metaverse(), (hr_agent or hr(), app_agent or app(), *more.pop("agents", ()))), **more)


def filter_on(attribute: str, operator: str, value: str = "") -> FilterSet:
    return FilterSet("user", "declared", ((Condition(attribute, operator, value),),))


def join_on(attribute: str, mv_attribute: str, *, scripted: bool = False) -> tuple[JoinProfile, ...]:
    mapping = JoinMapping(mv_attribute, DirectMapping(Source(attribute)))
    return (JoinProfile("user", (JoinCriterion("{J}", "person", (mapping,), "scripted" if scripted else "none", "resolve"),)),)


def script(context: str, *sources: str) -> ScriptedMapping:
    return ScriptedMapping(tuple(Source(name) for name in sources), context)


def fixed(text: str) -> ConstantMapping:
    return ConstantMapping(text)
