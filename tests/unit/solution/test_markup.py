# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whatever text the description holds, the document that is built from it gives it back."""

from __future__ import annotations

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.document import parse
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution.markup import element, leaf, to_text
from hypothesis import given, settings
from hypothesis import strategies as st

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), max_size=40)


@settings(deadline=None)  # other tests run beside it
@given(text=TEXT, value=TEXT)
def test_texts_and_attributes_come_back(text: str, value: str) -> None:
    content = to_text(element("root", leaf("child", text, {"name": value}))).encode()
    child = parse(content).root.require("child")
    assert (child.text, child.get("name")) == (text, value)


def test_an_empty_element_is_short_and_a_comment_stands_first() -> None:
    assert to_text(element("root", leaf("a"), leaf("b", True))) == "<root>\n    <a />\n    <b>1</b>\n</root>\n"
