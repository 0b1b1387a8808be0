# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every section that the report of a configuration has."""

from __future__ import annotations

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.report.sections import Report, Section
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution.builder import build_files
from ansible_collections.mimsync.sharepoint.tests.unit.report.report_support import (
    OID,
    REAL_SETS,
    agent,
    direct,
    guid,
    import_flows,
    metaverse,
    real_files,
    report_of,
)

AGENT_SECTIONS = [
    "Properties",
    "Connection",
    "Connector parameters",
    "Partitions",
    "Containers",
    "Object types",
    "Attributes",
    "Anchors",
    "Connector filters",
    "Join rules",
    "Projection rules",
    "Import flows",
    "Export flows",
    "Deprovisioning",
    "Extensions",
    "Run profiles",
]


def section(report: Report, part: str, title: str) -> Section:
    found = next(one for one in report.parts if one.name == part)
    return next(one for one in found.sections if one.title == title)


def lines(report: Report, part: str, title: str) -> list[str]:
    return [" | ".join(row.cells) for row in section(report, part, title).rows]


@pytest.fixture(scope="module")
def pnp() -> Report:
    return report_of(real_files("pnp-usermimsync"))


@pytest.fixture(scope="module")
def hr() -> Report:
    return report_of(real_files("mimdsc-testserver"))


@pytest.mark.parametrize("name", REAL_SETS)
def test_each_agent_has_all_sections(name: str) -> None:
    for part in report_of(real_files(name)).parts:
        assert not part.is_agent or [one.title for one in part.sections] == AGENT_SECTIONS


def test_the_built_in_solution_is_reported() -> None:
    report = report_of(build_files())
    assert [part.name for part in report.parts] == ["Metaverse", "ADMA", "SPMA"]
    assert len(lines(report, "ADMA", "Import flows")) == len(lines(report, "Metaverse", "Import flows")) > 30


def test_metaverse(pnp: Report) -> None:
    assert lines(pnp, "Metaverse", "Deletion rules")[0] == "group | when it is disconnected from any of the agents | ADMA"
    assert "Provisioning | by the rules extension" in lines(pnp, "Metaverse", "Options")
    assert "accountName | string | single | indexable | required" in lines(pnp, "Metaverse", "Attributes of person")
    assert lines(pnp, "Metaverse", "Recall") == ["ADMA | yes", "SPMA | yes"]


def test_precedence_is_the_order_of_the_rows() -> None:
    flows = import_flows("mail", (2, "user", direct("mail")), (1, "user", direct("proxyAddresses")))
    report = report_of({"mv.xml": metaverse(flows), "a.xml": agent(1, "AD"), "b.xml": agent(2, "HR")})
    assert lines(report, "Metaverse", "Import flows") == [
        "person | mail | 1 of 2 | ranked | HR | user | mail | direct",
        "person | mail | 2 of 2 | ranked | AD | user | proxyAddresses | direct",
    ]


def test_connection(pnp: Report) -> None:
    assert {"Forest | litware.com", "Account | administrator", "Sign and encrypt | yes", "TLS | no"} <= set(lines(pnp, "ADMA", "Connection"))
    assert "HTTP Protocol | HTTP | connectivity | drop-down" in lines(pnp, "SPMA", "Connector parameters")


def test_scope(pnp: Report) -> None:
    assert "DC=Litware,DC=com | excluded | CN=Configuration,DC=Litware,DC=com" in lines(pnp, "ADMA", "Containers")
    assert [line.split(" | ")[0] for line in lines(pnp, "ADMA", "Partitions")] == ["CN=Configuration,DC=Litware,DC=com", "DC=Litware,DC=com"]


def test_rules(pnp: Report) -> None:
    assert lines(pnp, "ADMA", "Projection rules")[-1] == "user | scripted | as the rules extension decides"
    assert lines(pnp, "SPMA", "Join rules") == ["user | 1 | person | accountName = UserName | no join"]
    assert lines(pnp, "SPMA", "Deprovisioning") == ["What becomes of it | delete it in the connected system"]
    assert "person | displayName, distinguishedName | rule GetDisplayName:displayName,PreferredName | user | PreferredName | exported" in lines(
        pnp, "SPMA", "Export flows"
    )


def test_filters_and_joins_of_file_agents(hr: Report) -> None:
    filters = lines(hr, "TinyHR", "Connector filters")
    assert "contact | scripted | the rules extension says so" in filters
    assert 'person | declared | FirstName equals "Joe" and Initial does not equal "Queue" and Title is present' in filters
    assert any("scripted cd.contact#2" in line for line in lines(hr, "TinyHR", "Join rules"))


def test_run_profiles(pnp: Report) -> None:
    assert lines(pnp, "SPMA", "Run profiles")[1] == "DeltaSync | 1 | Delta synchronization | default | 1 | "
    assert lines(pnp, "ADMA", "Run profiles")[1].startswith("DeltaImport | 2 | Delta import (stage only) | DC=Litware,DC=com | 1 | batch-size = 100")


def test_what_is_unknown_is_named_as_it_is_written() -> None:
    """Rules of an agent that is gone, mappings of a later version: a report tells, it does not judge."""
    flows = import_flows("mail", (9, "user", "<magic-mapping><spell>x</spell></magic-mapping>"), (8, "user", ""))
    text = lines(report_of({"mv.xml": metaverse(flows)}), "Metaverse", "Import flows")
    assert text == [
        f"person | mail | 1 of 2 | ranked | unknown agent {guid(9)} | user | magic (spell = x)",
        f"person | mail | 2 of 2 | ranked | unknown agent {guid(8)} | user | no mapping",
    ]


def test_a_secret_does_not_appear() -> None:
    values = (
        '<parameter name="Password" type="encrypted-string" use="connectivity" encrypted="1">S3cret</parameter><parameter name="Api secret">S3cret</parameter>'
    )
    private = f"<private-configuration><MAConfig><parameter-values>{values}</parameter-values><password>S3cret</password></MAConfig></private-configuration>"
    assert "S3cret" not in repr(report_of({"ma.xml": agent(1, "X", private, category="Extensible2")}))


def test_a_missing_metaverse_is_said() -> None:
    assert "no file of the metaverse" in report_of({"ma.xml": agent(1, "X")}).notes[0]


def test_anchors_are_told_with_who_says_so() -> None:
    anchored = '<m:class id="user"><m:name>user</m:name><m:attribute ref="#Anchor" isAnchor="true"/></m:class>'
    kinds = f'<m:attribute-type id="Anchor"><m:name>Anchor</m:name><m:syntax>{OID}</m:syntax></m:attribute-type>'
    schema = f'<schema><m:dsml xmlns:m="d"><m:directory-schema>{anchored}{kinds}</m:directory-schema></m:dsml></schema>'
    named = '<dn-construction><dn object-type="group"><attribute>cn</attribute><attribute>ou</attribute></dn></dn-construction>'
    body = f"<ma-data><id>{guid(1)}</id><name>Odd</name><category>Extensible2</category>{schema}{named}</ma-data>"
    report = report_of({"MA.XML": f"<saved-ma-configuration>{body}</saved-ma-configuration>".encode()})
    rows = [row.cells for section in report.parts[0].sections if section.kind == "Anchors" for row in section.rows]
    assert rows == [("user", "Anchor", "schema"), ("group", "cn, ou", "name of the object")]
