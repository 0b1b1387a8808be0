# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""HTML, JSON and Markdown of a report, and the command that writes them."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.report.command import FORMATS, main, render, write_file
from ansible_collections.mimsync.sharepoint.tests.unit.report.report_support import Files, agent, direct, import_flows, metaverse, real_files, report_of
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

EVIL = "<script>alert('x')</script>&|`@somebody*_\n"
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), max_size=12)


def small(mail: str = "mail", description: str = "") -> Files:
    flows = import_flows("mail", (1, "user", direct(mail)))
    export = (
        f'<export-flow-set cd-object-type="user" mv-object-type="person"><export-flow cd-attribute="m" id="">{direct("mail")}</export-flow></export-flow-set>'
    )
    text = description.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return {
        "mv.xml": metaverse(flows),
        "a.xml": agent(1, "AD", f"<description>{text}</description>"),
        "b.xml": agent(2, "SP", f"<export-attribute-flow>{export}</export-attribute-flow>"),
    }


def written(folder: Path, files: Files) -> str:
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return str(folder)


def run(*words: str) -> tuple[int, str, str]:
    output, errors = io.StringIO(), io.StringIO()
    return main(words, output, errors), output.getvalue(), errors.getvalue()


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_configuration_gives_the_same_text(form: str) -> None:
    assert render(report_of(small(), small("other")), form) == render(report_of(small(), small("other")), form)


def test_values_are_escaped_in_html() -> None:
    page = html.fromstring(render(report_of(small(EVIL, EVIL)), "html"))
    assert len(page.xpath("//script")) == 1
    assert EVIL.strip() in page.xpath("//details[@id='agent-ad.properties']//td[2]/text()")


def test_values_cannot_format_or_mention_in_markdown() -> None:
    lines = [line for line in render(report_of(small(EVIL)), "markdown").splitlines() if "script" in line]
    assert lines
    for line in lines:
        if line.startswith("| error |"):
            assert "| ``the schema of" in line and "`` | unknown-attribute |" in line
            continue
        assert "``<script>alert('x')</script>&\\|`@somebody*_``" in line


def test_the_page_needs_nothing_but_itself() -> None:
    page = html.fromstring(render(report_of(small()), "html"))
    assert not page.xpath("//link | //img | //script[@src] | //iframe | //*[starts-with(@href, 'http')]")
    assert "url(" not in page.xpath("//style")[0].text
    assert "http" not in page.xpath("//script")[0].text


def test_every_link_of_the_page_leads_somewhere_and_every_anchor_is_there_once() -> None:
    page = html.fromstring(render(report_of(small(), small("other")), "html"))
    anchors = page.xpath("//@id")
    assert len(anchors) == len(set(anchors))
    assert {link[1:] for link in page.xpath("//a/@href")} <= set(anchors)


def test_names_that_look_alike_keep_their_own_anchors() -> None:
    files = {"mv.xml": metaverse(import_flows("a b", (1, "user", direct("x"))) + import_flows("a-b", (1, "user", direct("x"))))}
    files |= {f"{number}.xml": agent(number, name) for number, name in enumerate(["A B", "A-B", "A B 2", "Metaverse", "Агент", "代理"], start=1)}
    anchors = html.fromstring(render(report_of(files, files), "html")).xpath("//@id")
    assert len(anchors) == len(set(anchors))
    assert {"agent-metaverse", "metaverse", "agent-агент", "agent-代理", "agent-a-b-2"} <= set(anchors)


def test_anchors_stay_when_other_rows_come() -> None:
    more = small()
    more["mv.xml"] = metaverse(import_flows("displayName", (1, "user", direct("x"))) + import_flows("mail", (1, "user", direct("mail"))))
    for files in (small(), more):
        assert html.fromstring(render(report_of(files), "html")).xpath("//tr[@id='metaverse.import-flows.person-mail-ad-user']")


def test_the_picture_shows_the_way_of_an_attribute() -> None:
    page = html.fromstring(render(report_of(small()), "html"))
    svg = page.xpath("//*[local-name()='svg']")[0]
    texts = svg.xpath(".//*[local-name()='text'][@data-k='0']/text()")
    assert texts == ["user / mail", "user / m", "mail"]
    assert len(svg.xpath(".//*[local-name()='path'][@data-k='0']")) == 2


def test_no_differences_is_said() -> None:
    report = report_of(small(), small())
    assert html.fromstring(render(report, "html")).get_element_by_id("verdict").text == "No differences."
    assert "**No differences.**" in render(report, "markdown")
    assert json.loads(render(report, "json"))["different"] is False


def test_json_holds_what_was_and_what_is() -> None:
    found = json.loads(render(report_of(small("other"), small()), "json"))
    rows = [row for part in found["parts"] for section in part["sections"] for row in section["rows"] if row["change"] != "same"]
    assert [(row["before"]["Source"], row["values"]["Source"]) for row in rows] == [("mail", "other")]
    assert found["changes"] == {"added": 0, "removed": 0, "modified": 1, "moved": 0}


def test_markdown_of_a_difference_tells_only_what_differs() -> None:
    text = render(report_of(small("other"), small()), "markdown")
    assert "| ✏️ modified | person | mail | ranked | AD | user | mail → other | direct |" in text
    assert "## SP" not in text


@settings(max_examples=60, deadline=None)
@given(TEXT, TEXT, TEXT, TEXT)
def test_no_text_breaks_a_report(first: str, second: str, third: str, fourth: str) -> None:
    before, after = small(first, second), small(third, fourth)
    for form in FORMATS:
        assert render(report_of(after, before), form)


@pytest.mark.parametrize("ending", [".html", ".json", ".md"])
def test_the_command_writes_by_the_ending_and_its_exit_code_tells_of_differences(tmp_path: Path, ending: str) -> None:
    old, new, to = written(tmp_path / "old", small()), written(tmp_path / "new", small("other")), str(tmp_path / f"report{ending}")
    assert run(new, "--to", to)[0] == 0
    assert run(new, "--against", new, "--to", to) == (0, f"No differences. The report is in {to}.\n", "")
    assert run(new, "--against", old, "--to", to) == (2, f"1 difference: 1 modified. The report is in {to}.\n", "")
    assert Path(to).stat().st_size > 500


def test_what_cannot_be_done_is_one_message_and_exit_code_1(tmp_path: Path) -> None:
    good, bad = written(tmp_path / "good", small()), written(tmp_path / "bad", {"mv.xml": b"<mv-data><a></mv-data>"})
    empty = written(tmp_path / "empty", {})
    target = str(tmp_path / "x.html")
    for words, part in [
        ([str(tmp_path / "none"), "--to", target], "cannot be read"),
        ([empty, "--to", target], "holds no configuration"),
        ([bad, "--to", target], "not well-formed"),
        ([good, "--to", str(tmp_path / "x.doc")], "names no format"),
        ([good, "--to", str(tmp_path / "no" / "x.html")], "cannot be written"),
        ([good], "usage"),
        ([good, "--wrong", "--to", target], "is no option"),
        ([], "usage"),
    ]:
        code, _unused, errors = run(*words)
        assert (code, part in errors) == (1, True), errors
        assert "Traceback" not in errors


def test_real_configurations_in_all_forms() -> None:
    for name in ("pnp-usermimsync", "mimdsc-testserver"):
        report = report_of(real_files(name), real_files("pnp-usermimsync"))
        assert all(render(report, form) for form in FORMATS)


def test_a_report_that_cannot_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    (place := tmp_path / "report.md").mkdir()
    with pytest.raises(InputError, match=r"cannot be written to .*report\.md"):
        write_file(str(place), "text")
    assert [item.name for item in tmp_path.iterdir()] == ["report.md"]
    write_file(str(tmp_path / "other.md"), "text")
    assert sorted(item.name for item in tmp_path.iterdir()) == ["other.md", "report.md"]
