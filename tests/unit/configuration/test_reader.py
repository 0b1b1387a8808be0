# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the documents say, as values."""

from __future__ import annotations

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.document import parse
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import (
    Condition,
    ConstantMapping,
    DirectMapping,
    DnPartMapping,
    ScriptedMapping,
    ServerConfiguration,
    Source,
    StepKind,
    SyncRuleMapping,
    Syntax,
)
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.reader import read_agent, read_metaverse, step_kind
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import DocumentError


def test_agents_are_found_by_name_and_id(pnp: ServerConfiguration) -> None:
    directory = pnp.agent("adma")
    assert directory is not None
    assert (directory.name, directory.category) == ("ADMA", "AD")
    assert pnp.agent_by_id("{b7e2cb7a-53e4-40e3-b7fb-dea880f16212}") is directory


def test_forest_and_partitions(pnp: ServerConfiguration) -> None:
    directory = pnp.agent("ADMA")
    assert directory is not None and directory.forest is not None
    assert (directory.forest.forest, directory.forest.user, directory.forest.sign_and_seal) == ("litware.com", "administrator", True)
    domain = next(partition for partition in directory.partitions if partition.is_domain)
    assert domain.inclusions == ("DC=Litware,DC=com",)
    assert domain.exclusions == ("CN=Configuration,DC=Litware,DC=com",)


def test_run_profiles_have_one_step_for_each_partition(pnp: ServerConfiguration) -> None:
    directory = pnp.agent("ADMA")
    assert directory is not None
    profiles = {profile.name: profile for profile in directory.run_profiles}
    assert [step.kind for step in profiles["FullImport"].steps] == [StepKind.FULL_IMPORT] * 2
    assert [step.kind for step in profiles["DeltaSync"].steps] == [StepKind.DELTA_SYNC] * 2
    assert (profiles["FullImport"].steps[0].page_size, profiles["FullImport"].steps[0].timeout) == (500, 120)


def test_directory_schema_resolves_references_and_inheritance(pnp: ServerConfiguration) -> None:
    directory = pnp.agent("ADMA")
    assert directory is not None
    user = directory.schema.classes["user"]
    # sAMAccountName comes from securityPrincipal (auxiliary), sn from person, objectSid from the same, name from top.
    assert {"sAMAccountName", "sn", "name", "thumbnailPhoto", "userAccountControl"} <= set(user.attributes)
    assert directory.schema.attributes["thumbnailphoto"].syntax is Syntax.BINARY
    assert directory.schema.attributes["manager"].syntax is Syntax.REFERENCE
    assert not directory.schema.attributes["proxyaddresses"].single_value


def test_profile_store_schema_knows_directions_and_anchor(pnp: ServerConfiguration) -> None:
    store = pnp.agent("SPMA")
    assert store is not None
    user = store.schema.classes["user"]
    assert user.anchors == ("Anchor",)
    assert "Picture" in user.export_only
    assert "AccountName" in user.import_only
    assert store.dn_attributes["user"] == ("Anchor",)
    assert store.connector_file == "Microsoft.IdentityManagement.Connector.Sharepoint.dll"
    assert {parameter.name: parameter.value for parameter in store.parameters}["Port"] == "8080"


def test_flows_keep_kind_order_and_nulls(pnp: ServerConfiguration) -> None:
    flows = {(group.mv_object_type, group.mv_attribute): group.flows for group in pnp.metaverse.import_flows}
    assert flows["person", "distinguishedName"][0].mapping == DirectMapping(Source("dn", intrinsic=True))
    assert flows["person", "SPS-ObjectExists"][0].mapping == ConstantMapping("1")
    scripted = flows["person", "SPS-SipAddress"][0].mapping
    assert isinstance(scripted, ScriptedMapping) and scripted.context == "ProxyAddressesToSipAddress:proxyAddresses,SPS-SipAddress"
    store = pnp.agent("SPMA")
    assert store is not None
    nulls = {flow.attribute: flow.allow_nulls for flow in store.export_flows[0].flows}
    assert nulls["Picture"] and not nulls["Manager"]


def test_precedence_is_the_order_of_the_document(testserver: ServerConfiguration) -> None:
    group = next(group for group in testserver.metaverse.import_flows if (group.mv_object_type, group.mv_attribute) == ("Contact", "DisplayName"))
    assert group.precedence == "ranked"
    assert [testserver.agent_by_id(flow.agent_id).name for flow in group.flows] == ["GrandHR", "TinyHR", "TinyHR", "TinyHR"]  # type: ignore[union-attr]


def test_filters_joins_and_projections(testserver: ServerConfiguration) -> None:
    agent = testserver.agent("TinyHR")
    assert agent is not None
    declared = next(item for item in agent.filters if item.object_type == "person")
    assert declared.alternatives[0] == (Condition("FirstName", "equality", "Dave"),)
    assert [condition.operator for condition in declared.alternatives[1]] == ["equality", "inequality", "present"]
    criteria = agent.joins[0].criteria
    assert [(criterion.mv_object_type, criterion.resolution) for criterion in criteria] == [("Contact", "none"), ("Contact", "scripted"), ("", "none")]
    assert [(projection.object_type, projection.type) for projection in agent.projections] == [("contact", "scripted"), ("person", "declared")]


def test_dn_part_constant_export_and_deletion_rules(testserver: ServerConfiguration) -> None:
    flows = {group.mv_attribute: group.flows[0].mapping for group in testserver.metaverse.import_flows}
    assert flows["RetentionUrl"] == DnPartMapping(3)
    rules = {rule.mv_object_type: rule.type for rule in testserver.metaverse.deletion_rules}
    assert rules == {"Contact": "declared-any", "SyncObject": "scripted"}


@pytest.mark.parametrize(
    ("step_type", "subtypes", "kind"),
    [
        ("full-import", ["to-cs"], StepKind.FULL_IMPORT),
        ("full-import", [], StepKind.FULL_IMPORT_DELTA_SYNC),
        ("full-import-reevaluate-rules", [], StepKind.FULL_IMPORT_FULL_SYNC),
        ("delta-import", [], StepKind.DELTA_IMPORT_DELTA_SYNC),
        ("apply-rules", ["apply-pending"], StepKind.DELTA_SYNC),
        ("apply-rules", ["reevaluate-flow-connectors"], StepKind.FULL_SYNC),
        ("export", [], StepKind.EXPORT),
        ("full-import", ["to-file"], StepKind.OTHER),
        ("delta-import", ["to-file", "to-cs"], StepKind.OTHER),
    ],
)
def test_steps_by_type_and_subtypes(step_type: str, subtypes: list[str], kind: StepKind) -> None:
    assert step_kind(step_type, subtypes) is kind


def test_a_flow_whose_mapping_nobody_knows_is_carried() -> None:
    flow = b"<import-flow-set><import-flows><import-flow id='{A}'/><import-flow id='{B}'><odd-mapping/></import-flow></import-flows></import-flow-set>"
    text = b"<mv-data><import-attribute-flow>" + flow + b"</import-attribute-flow></mv-data>"
    group = read_metaverse(parse(text)).import_flows[0]
    assert [(one.id, one.mapping, getattr(one.mapping, "known", None)) for one in group.flows] == [
        ("{A}", SyncRuleMapping(), False),
        ("{B}", SyncRuleMapping(), False),
    ]


def test_schema_that_inherits_in_a_circle_is_read() -> None:
    text = (
        b"<ma-data><schema><dsml><directory-schema><class id='A' superior='#B'><name>a</name><attribute ref='#x'/></class>"
        b"<class id='B' superior='#A'><name>b</name><attribute ref='#y'/></class></directory-schema></dsml></schema></ma-data>"
    )
    assert set(read_agent(parse(text)).schema.classes["a"].attributes) == {"x", "y"}


def test_file_of_another_kind_is_named() -> None:
    with pytest.raises(DocumentError, match="holds no <mv-data>: its outermost element is <r>"):
        read_metaverse(parse(b"<r/>"))


@pytest.mark.parametrize("beside", ["", "<!-- not a plain list -->"])
def test_a_content_rule_brings_classes_and_attributes_of_its_own(beside: str) -> None:
    """A directory with Exchange: its rules name attributes of users beside the auxiliary classes."""
    kinds = "".join(f'<attribute-type id="A{number}"><name>{name}</name></attribute-type>' for number, name in enumerate(("mail", "info", "room", "badge")))
    person = '<class id="C1"><name>person</name><attribute ref="#A0"/></class>'
    extra = '<class id="C2"><name>extra</name><attribute ref="#A1"/></class>'
    rule = '<m:dit-content-rule id="C1"><attribute ref="#A2"/><attribute ref="#A3" required="true"/><m:aux-class ref="#C2"/></m:dit-content-rule>'
    user = '<class id="C3" superior="#C1"><name>user</name></class>'
    schema = f'<dsml xmlns="d" xmlns:m="m"><directory-schema>{beside}{kinds}{person}{extra}{rule}{user}</directory-schema></dsml>'
    classes = read_agent(parse(f"<ma-data><schema>{schema}</schema></ma-data>".encode())).schema.classes
    assert set(classes["person"].attributes) == set(classes["user"].attributes) == {"mail", "info", "room", "badge"}
    assert classes["user"].required == {"badge"}
