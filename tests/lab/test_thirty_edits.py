# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Edits of all sorts on real configurations in the lab, one by one: declared, planned in the right words, imported, exported, undone.

One run of Ansible does all of them. Each change keeps a copy of what was there before it; an undoing thereby shows what the
edit before it had made. lxml, which knows nothing of this collection, tells which elements differ.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.mimsync.sharepoint.lab.harness import Lab, running_lab
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import ConstantMapping
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.gathering import gather
from ansible_collections.mimsync.sharepoint.tests.lab.site_run import play
from ansible_collections.mimsync.sharepoint.tests.lab.xml_difference import touched
from ansible_collections.mimsync.sharepoint.tests.unit.lab.mim_estate import make_mim_estate
from ansible_collections.mimsync.sharepoint.tests.unit.plan.edit_table import EDITS, PNP, RULE_JOIN, Model
from ansible_collections.mimsync.sharepoint.tests.unit.plan.server_support import agent_of, files_of, model_of, with_agent, with_metaverse

MODULE = "mimsync.sharepoint.server_configuration"
VOLATILE = re.compile(rb"<version>\d+</version>")


# Undone by the backup alone: a flow that is declared anew comes last, and a limit that is taken back is written as none.
BY_BACKUP = frozenset({"export removed", "step limit"})


def with_mail_indexed(edit: str | None = None) -> Callable[[Model], Model]:
    """Joins need an index; the documents' own table leaves that to the server."""
    return lambda model: EDITS[edit or "join added"][0](EDITS["index"][0](model))


def join_by_rule(model: Model) -> Model:
    joins = agent_of(model, "SPMA").joins
    return with_agent(EDITS["index"][0](model), "SPMA", joins=(replace(joins[0], criteria=(*joins[0].criteria, RULE_JOIN)),))


# Edits that a server must be told with something more, and what is said of those for which the plan completes something.
TOLD_DIFFERENTLY: Mapping[str, Callable[[Model], Model]] = {"join added": with_mail_indexed(), "join by rule": join_by_rule}
INDEXED = "metaverse: attribute mail is now indexed"
SAID: Mapping[str, list[str]] = {
    "flow in": ["ADMA: attribute employeeType selected", *EDITS["flow in"][1]],
    "export added": ["SPMA: attribute CellPhone selected", *EDITS["export added"][1]],
    "filter": ["ADMA: attribute userAccountControl selected", *EDITS["filter"][1]],
    "join added": [INDEXED, *EDITS["join added"][1]],
    "join by rule": [INDEXED, "SPMA: join rule of user added as the second: rule ByMail(WorkEmail) = mail (any type), resolved by rule Choose"],
}
# A new domain needs its forest, which answers in tests/lab/test_example_domains.py.
LEFT_OUT = frozenset({"domain"})
FLOWS, SCHEMA, PARTITION = "metaverse: import-attribute-flow/import-flow-set", "metaverse: schema/dsml/directory-schema", "ADMA: ma-partition-data/partition"
EXPORTS, SELECTED, PROFILES = "SPMA: export-attribute-flow/export-flow-set/export-flow", "attribute-inclusion/attribute", "ADMA: ma-run-data/run-configuration"
# Edit -> the elements that differ afterwards, and no other.
TOUCHED: Mapping[str, set[str]] = {
    "flow in": {f"{FLOWS}/import-flows", f"ADMA: {SELECTED}"},
    "second source": {f"{FLOWS}/import-flows/import-flow"},
    "flow changed": {f"{FLOWS}/import-flows/import-flow/constant-mapping", f"{FLOWS}/import-flows/import-flow/direct-mapping"},
    "flow removed": {f"{FLOWS}/import-flows"},
    "equal": {f"{FLOWS}/import-flows"},
    "export added": {EXPORTS, f"SPMA: {SELECTED}"},
    "export removed": {EXPORTS},
    "nulls": {EXPORTS},
    "metaverse attribute": {f"{SCHEMA}/attribute-type"},
    "index": {f"{SCHEMA}/attribute-type"},
    "object type": {f"{SCHEMA}/class"},
    "join added": {f"{SCHEMA}/attribute-type", "SPMA: join/join-profile/join-criterion"},
    "join by rule": {f"{SCHEMA}/attribute-type", "SPMA: join/join-profile/join-criterion"},
    "join removed": {"SPMA: join/join-profile"},
    "projection": {"SPMA: projection/class-mapping"},
    "filter": {f"ADMA: {SELECTED}", "ADMA: stay-disconnector/filter-set"},
    "attribute selected": {f"ADMA: {SELECTED}"},
    "attribute dropped": {f"ADMA: {SELECTED}"},
    "container": {f"{PARTITION}/filter/containers/inclusions/inclusion"},
    "exclusion": {f"{PARTITION}/filter/containers/exclusions/exclusion"},
    "deselected": {f"{PARTITION}/selected"},
    "controllers": {f"{PARTITION}/custom-data/adma-partition-data/preferred-dcs"},
    "step limit": {f"{PROFILES}/configuration/step/threshold/delete"},
    "steps turned": {f"{PROFILES}/configuration/step"},
    "profile": {PROFILES},
    "profile removed": {PROFILES},
    "deprovisioning": {"ADMA: provisioning-cleanup/action"},
    "deletion rule": {"metaverse: mv-deletion/mv-deletion-rule"},
    "recall": {"metaverse: import-attribute-flow/per-ma-options/ma-options/enable-recall"},
    "provisioning off": {"metaverse: provisioning"},
    "extension": {"ADMA: extension/assembly-name"},
    "account": {"ADMA: private-configuration/adma-configuration/forest-login-user"},
    "parameter": {"SPMA: private-configuration/MAConfig/parameter-values/parameter"},
}


@dataclass(frozen=True)
class Made:
    """Results of an edit and of its undoing, with the files before each, and those at the end of the undoing."""

    result: Mapping[str, Any]
    undoing: Mapping[str, Any]
    before: Mapping[str, bytes]
    after: Mapping[str, bytes]
    undone: Mapping[str, bytes]


def declared(model: Model) -> dict[str, Any]:
    """The whole server as a user declares it, but for passwords; partitions by name, so that no forest is asked."""
    config = json.loads(json.dumps(gather(model)))
    for agent in config["agents"]:
        agent.pop("forest", None)
        agent.get("credentials", {}).pop("password", None)
        if "parameters" in agent:
            agent["parameters"] = {name: value for name, value in agent["parameters"].items() if "vault_" not in value}
        for partition in agent.get("partitions", []):
            if "domain" in partition:
                partition["name"] = ",".join(f"DC={part}" for part in partition.pop("domain").split("."))
    return config


def tasks_of(edits: dict[str, Callable[[Model], Model]], model: Model) -> Iterator[dict[str, Any]]:
    """An edit, then its undoing: by the inverse declaration and by the backup in turns."""
    for number, (name, edit) in enumerate(edits.items()):
        yield {"edit": name, "state": "overridden", "config": declared(edit(model))}
        if name in BY_BACKUP or number % 2:
            yield {"edit": name, "state": "restored", "backup": "latest"}
        else:
            yield {"edit": name, "state": "overridden", "config": declared(model)}


def run_edits(folder: Path, lab: Lab, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The results, in order."""
    task = {
        MODULE: {
            "state": "{{ item.state }}",
            "config": "{{ item.config | default(omit) }}",
            "backup": "{{ item.backup | default(omit) }}",
            "backup_copy": str(folder / "copies"),
            "allow_scope_loss": True,
        },
        "loop": "{{ lookup('ansible.builtin.file', items_file) | from_json }}",
        "loop_control": {"label": "{{ item.edit }}"},
        "register": "edited",
    }
    keep = {
        "ansible.builtin.copy": {"content": "{{ edited.results | to_json }}", "dest": str(folder / "results.json"), "mode": "0600"},
        "delegate_to": "localhost",
    }
    playbook = folder / "edits.yml"
    (folder / "items.json").write_text(json.dumps(items), encoding="utf-8")
    content = [{"hosts": "MIM1", "gather_facts": False, "vars": {"items_file": str(folder / "items.json")}, "tasks": [task, keep]}]
    playbook.write_text(yaml.safe_dump(content), encoding="utf-8")
    outcome = play(playbook, lab.inventory)
    assert outcome.code == 0, outcome.output[-3000:]
    results: list[dict[str, Any]] = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    return results


def files_in(folder: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path(folder).glob("*.[Xx][Mm][Ll]")}


def made_on(folder: Path, name: str, edits: dict[str, Callable[[Model], Model]]) -> dict[str, Made]:
    """All edits on a server that holds that configuration."""
    mim = make_mim_estate(people=2)
    mim.service.import_files(mim.admin, files_of(name))
    with running_lab(folder / "lab", estate=mim.estate) as lab:
        results = run_edits(folder, lab, list(tasks_of(edits, model_of(name))))
    assert [result.get("msg") for result in results if not result["changed"]] == []
    states = [files_in(result["backup_copy"]) for result in results] + [mim.service.export_files(mim.admin)]
    return {edit: Made(*results[at : at + 2], *states[at : at + 3]) for edit, at in zip(edits, range(0, len(results), 2), strict=True)}


def plain(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The bytes without the outermost start tag, which each export writes anew, and without the agents' counters of changes."""
    return {name: VOLATILE.sub(b"", content.split(b">", 1)[1]) for name, content in files.items()}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Made]:
    edits = {name: TOLD_DIFFERENTLY.get(name, edit) for name, (edit, *_rest) in EDITS.items() if name not in LEFT_OUT}
    return made_on(tmp_path_factory.mktemp("edits"), PNP, edits)


@pytest.mark.parametrize("edit", [name for name in EDITS if name not in LEFT_OUT])
def test_it_is_planned_made_alone_and_undone(made: dict[str, Made], edit: str) -> None:
    done = made[edit]
    assert [change["sentence"] for change in done.result["changes"]] == SAID.get(edit, EDITS[edit][1])
    assert set(touched(done.before, done.after)) == TOUCHED[edit]
    assert touched(done.before, done.undone) == []
    assert plain(done.undone) == plain(done.before)


def test_the_first_bytes_are_back_at_the_end(made: dict[str, Made]) -> None:
    exported = plain(list(made.values())[-1].undone)
    fixture = plain(files_of(PNP))
    assert sorted(exported.values()) == sorted(fixture.values())


def remapped(model: Model) -> Model:
    flows = list(model.metaverse.import_flows)
    place = next(place for place, one in enumerate(flows) if one.mv_attribute == "Title")
    flows[place] = replace(flows[place], flows=(replace(flows[place].flows[0], mapping=ConstantMapping("Engineer")),))
    return with_metaverse(model, import_flows=tuple(flows))


def nulls_ignored(model: Model) -> Model:
    sets = agent_of(model, "TinyHR").export_flows
    flows = tuple(replace(one, allow_nulls=False) if one.attribute == "JobTitle" else one for one in sets[0].flows)
    return with_agent(model, "TinyHR", export_flows=(replace(sets[0], flows=flows), *sets[1:]))


TEST_SERVER = "mimdsc-testserver"
# Edit, sentences, elements that differ.
OTHER_EDITS: Mapping[str, tuple[Callable[[Model], Model], list[str], set[str]]] = {
    "metaverse attribute": (EDITS["metaverse attribute"][0], EDITS["metaverse attribute"][1], TOUCHED["metaverse attribute"]),
    "flow changed": (
        remapped,
        ['TinyHR: import flow to SyncObject/Title from person changed: JobTitle -> "Engineer"'],
        {f"{FLOWS}/import-flows/import-flow/constant-mapping", f"{FLOWS}/import-flows/import-flow/direct-mapping"},
    ),
    "nulls": (
        nulls_ignored,
        ["TinyHR: export flow to person/JobTitle from SyncObject changed: nulls not exported"],
        {"TinyHR: export-attribute-flow/export-flow-set/export-flow"},
    ),
    "deprovisioning": (
        lambda model: with_agent(model, "GrandHR", deprovisioning="delete-object"),
        ["GrandHR: deprovisioning make-normal-disconnector -> delete-object"],
        {"GrandHR: provisioning-cleanup/action"},
    ),
}


@pytest.fixture(scope="module")
def made_elsewhere(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Made]:
    return made_on(tmp_path_factory.mktemp("others"), TEST_SERVER, {name: edit for name, (edit, *_rest) in OTHER_EDITS.items()})


@pytest.mark.parametrize("edit", OTHER_EDITS)
def test_another_server_with_files_as_systems(made_elsewhere: dict[str, Made], edit: str) -> None:
    done, (_edit, sentences, places) = made_elsewhere[edit], OTHER_EDITS[edit]
    assert [change["sentence"] for change in done.result["changes"]] == sentences
    assert set(touched(done.before, done.after)) == places
    assert plain(done.undone) == plain(done.before)
