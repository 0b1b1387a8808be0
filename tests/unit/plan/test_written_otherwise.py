# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The same configuration, written by other programs: it means the same, and comes back byte by byte."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.compare_models import compare_models
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.reading import read_wish
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.variables import declaration_of
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.adoption import adopt
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.whole_server import plan_on_files
from server_support import SAMPLES, files_of

_EMPTY = re.compile(r"<([\w:.-]+)((?:\s+[\w:.-]+=(?:\"[^\"]*\"|'[^']*'))*)\s*/>")
_PAIR = re.compile(r"<([\w:.-]+)((?:\s+[\w:.-]+=(?:\"[^\"]*\"|'[^']*'))*)></\1>")
_TEXT = re.compile(r"<(name|constant-value|script-context|description|src-attribute|cd-attribute)>([^<>&]+)</\1>")
_VALUE = re.compile(r"=\"([^\"'<>]*)\"")
DECLARED = '<?xml version="1.0" encoding="{}"?>\n'
Ways = dict[str, Callable[[str], bytes]]


def _commented(text: str) -> str:
    return re.sub(r"(<(?:attribute|import-flows|partition|step|dsml:class)[ >])", r"<!-- seen before -->\1", text)


WAYS: Ways = {
    "as it is": str.encode,
    "with a mark": lambda text: text.encode("utf-8-sig"),
    "declared": lambda text: (DECLARED.format("utf-8") + text).encode(),
    "CRLF": lambda text: text.replace("\r\n", "\n").replace("\n", "\r\n").encode(),
    "in one line": lambda text: re.sub(r">\s*\n\s*<", "><", text).encode(),
    "in single quotes": lambda text: _VALUE.sub(r"='\1'", text).encode(),
    "empty elements short": lambda text: _PAIR.sub(r"<\1\2/>", text).encode(),
    "empty elements long": lambda text: _EMPTY.sub(r"<\1\2></\1>", text).encode(),
    "CDATA": lambda text: _TEXT.sub(r"<\1><![CDATA[\2]]></\1>", text).encode(),
    "references": lambda text: _TEXT.sub(lambda found: f"<{found[1]}>&#x{ord(found[2][0]):X};{found[2][1:]}</{found[1]}>", text).encode(),
    "comments": lambda text: _commented(text).encode(),
    "instructions": lambda text: text.replace("<partition>\n", "<partition><?tool here?>\n").encode(),
    "UTF-16": lambda text: (DECLARED.format("utf-16") + text).encode("utf-16"),
    "UTF-16 without a mark": lambda text: text.encode("utf-16-be"),
    "the bare data": lambda text: re.sub(r"(?s)^.*?(<m[av]-data>.*</m[av]-data>).*$", r"\1", text).encode(),
    "export of one agent": lambda text: text.replace("saved-ma-configuration", "export-ma").replace("saved-mv-configuration", "export-mv").encode(),
}


@cache
def texts(name: str) -> dict[str, str]:
    return {file: content.decode("utf-8-sig") for file, content in files_of(name).items()}


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("way", WAYS)
def test_it_means_the_same_and_comes_back_byte_by_byte(name: str, way: str) -> None:
    files = {file: WAYS[way](text) for file, text in texts(name).items()}
    folder = read_folder(files)
    assert [str(one) for one in compare_models(read_folder(files_of(name)).model(), folder.model())] == []
    assert folder.write() == files
    adopted = adopt(files)
    assert adopted.files == adopt(files_of(name)).files
    plan, _unused = plan_on_files(folder, read_wish(declaration_of(adopted.files)), "overridden")
    assert [change.sentence for change in plan.changes] == []
    assert plan.planned.write() == files


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("way", WAYS)
def test_an_edit_taken_back_leaves_no_trace(name: str, way: str) -> None:
    files = {file: WAYS[way](text) for file, text in texts(name).items()}
    folder = read_folder(files)
    for agent in list(folder.agents):
        element = folder.agent_element(agent).require("description")
        before = element.text
        element.set_text("Größe & <Maß> \U0001f600")
        changed = read_folder(folder.write())
        assert changed.agent_element(agent).find_text("description") == "Größe & <Maß> \U0001f600"
        element.set_text(before)
    assert folder.write() == files


@pytest.mark.parametrize("renamed", ["{}.xml", "ma-{}.Xml", "export of {}.XML"])
def test_names_of_files_mean_nothing(renamed: str) -> None:
    files = {renamed.format(number): content for number, content in enumerate(files_of("portal").values())}
    beside = {"policy.xml": b"<Results><ExportObject/></Results>", "schema.xml": b"\xef\xbb\xbf<Results/>"}
    folder = read_folder({**files, **beside})
    assert folder.strangers == ("policy.xml", "schema.xml")
    assert adopt({**files, **beside}).files == adopt(files_of("portal")).files
