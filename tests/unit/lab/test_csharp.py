# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lab's C# compiler refuses what cannot be C# 5, with and without a real compiler beside it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate import csharp
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution.files import code_files

NAMES = ("SynchronizationRulesExtensions.cs", "DistinguishedNames.cs")


@pytest.fixture(params=["mcs", "first look"])
def compiler(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "mcs" and shutil.which("mcs") is None:
        pytest.skip("Mono's compiler is not installed (Debian: mono-mcs)")
    if request.param != "mcs":
        monkeypatch.setattr(csharp.shutil, "which", lambda _name: None)
    return str(request.param)


@pytest.fixture
def ours() -> Mapping[str, str]:
    return {f"C:\\S\\{name}": code_files()[name].decode() for name in NAMES}


def test_our_extension_compiles(compiler: str, ours: Mapping[str, str]) -> None:
    library, errors = csharp.compile_library(ours)
    assert errors == []
    assert library.startswith(b"MZ")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("        public void Initialize()\n        {\n        }\n", "        public void Initialize()\n        {\n"),
        ("public DeprovisionAction Deprovision(", "public DeprovisionAction Leave("),
        ('"Unsupported object type - "', '"Unsupported object type - '),
        ('"Unsupported object type - " +', '$"Unsupported" +'),
        ("using System;", "using Nowhere.AtAll;\nusing System;"),
        ("csentry.ObjectType)", "csentry?.ObjectType)"),
        ("switch (FlowRuleName)", "switch (FlowRuleName]"),
    ],
)
def test_what_is_broken_is_refused_with_file_and_line(compiler: str, ours: Mapping[str, str], old: str, new: str) -> None:
    path = f"C:\\S\\{NAMES[0]}"
    assert old in ours[path]
    library, errors = csharp.compile_library({**ours, path: ours[path].replace(old, new, 1)})
    assert library == b""
    assert errors[0].startswith(f"{path}(")


def test_brackets_in_texts_and_comments_do_not_count() -> None:
    text = 'class A { string b = "{("; char c = \'{\'; string d = @"c:\\ ""{"; /* { */ // {\n }'
    assert list(csharp.syntax_errors("x.cs", text)) == []
