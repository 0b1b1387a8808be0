# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Small configurations as text, and their reports."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.report.configuration import Given, build_report
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.report.sections import Change, Part, Report, Row, Section, counted_rows

FIXTURES = Path(__file__).resolve().parents[4] / "shared" / "fixtures"
REAL_SETS = ("pnp-usermimsync", "mimdsc-testserver")
OID = "1.3.6.1.4.1.1466.115.121.1.15"
Files = dict[str, bytes]


def real_files(name: str) -> Files:
    folder = FIXTURES / name
    if not folder.is_dir():
        pytest.skip(f"the real configuration {name} lies in ../shared/fixtures, which is absent")
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.XML"))}


def guid(number: int) -> str:
    return f"{{{number:08X}-0000-4000-8000-000000000000}}"


def dsml(classes: dict[str, list[str]]) -> str:
    """A schema of strings with the given classes."""
    names = dict.fromkeys(name for attributes in classes.values() for name in attributes)
    single = 'single-value="true"'
    kinds = "".join(
        f'<dsml:attribute-type id="{escape(name)}" {single}><dsml:name>{escape(name)}</dsml:name><dsml:syntax>{OID}</dsml:syntax></dsml:attribute-type>'
        for name in names
    )
    bodies = "".join(
        f'<dsml:class id="{escape(name)}" type="structural"><dsml:name>{escape(name)}</dsml:name>'
        + "".join(f'<dsml:attribute ref="#{escape(attribute)}" required="false"/>' for attribute in attributes)
        + "</dsml:class>"
        for name, attributes in classes.items()
    )
    return f'<schema><dsml:dsml xmlns:dsml="http://www.dsml.org/DSML"><dsml:directory-schema>{bodies}{kinds}</dsml:directory-schema></dsml:dsml></schema>'


def import_flows(attribute: str, *flows: tuple[int, str, str], precedence: str = "ranked") -> str:
    """`flows` are (agent's number, object type, mapping as XML) in order of precedence."""
    members = "".join(
        f'<import-flow src-ma="{guid(agent)}" cd-object-type="{kind}" id="{guid(1000 + number)}">{mapping}</import-flow>'
        for number, (agent, kind, mapping) in enumerate(flows)
    )
    return f'<import-flows mv-attribute="{escape(attribute)}" type="{precedence}">{members}</import-flows>'


def direct(name: str) -> str:
    return f"<direct-mapping><src-attribute>{escape(name)}</src-attribute></direct-mapping>"


def metaverse(flows: str = "", *, attributes: list[str] | None = None, deletion: str = "", more: str = "") -> bytes:
    schema = dsml({"person": attributes or ["mail", "displayName", "manager"]})
    text = (
        f'<saved-mv-configuration server="MIM1" export-date="2026-01-02 03:04:05.678"><mv-data>{schema}<import-attribute-flow>'
        f'<import-flow-set mv-object-type="person">{flows}</import-flow-set></import-attribute-flow><provisioning type="none"/>'
        f"<mv-deletion>{deletion}</mv-deletion>{more}</mv-data></saved-mv-configuration>"
    )
    return text.encode()


def agent(number: int, name: str, body: str = "", *, category: str = "AD", attributes: list[str] | None = None) -> bytes:
    """`body` stands inside of ma-data, behind the name."""
    names = attributes or ["mail", "displayName"]
    included = "".join(f"<attribute>{escape(one)}</attribute>" for one in names)
    text = (
        f'<saved-ma-configuration server="MIM1" export-date="2026-01-02 03:04:05.678"><ma-data><id>{guid(number)}</id><name>{escape(name)}</name>'
        f"<category>{category}</category>{dsml({'user': names})}<attribute-inclusion>{included}</attribute-inclusion>{body}</ma-data></saved-ma-configuration>"
    )
    return text.encode()


def report_of(files: Files, against: Files | None = None) -> Report:
    return build_report(Given(read_folder(files), "new"), Given(read_folder(against), "old") if against is not None else None)


def changes(report: Report) -> list[tuple[str, str, str]]:
    """(part / section, change, the row's cells) of every row that is not as it was."""
    return [(f"{part.name} / {section.title}", row.change.value, " | ".join(row.cells)) for part, section, row in changed_rows(report)]


def changed_rows(report: Report) -> Iterator[tuple[Part, Section, Row]]:
    return ((part, section, row) for part, section, row in counted_rows(report) if row.change is not Change.SAME)
