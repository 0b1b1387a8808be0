# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is damaged, foreign or hostile gets one clear message, soon and in little memory."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.document import Limits, parse
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import DocumentError

BOMB = b'<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><r>&b;</r>'
OUTSIDE = b'<!DOCTYPE r SYSTEM "http://example.com/r.dtd"><r/>'
MANY = 3_000_000
HOSTILE: dict[str, Callable[[], bytes]] = {
    "entities": lambda: BOMB,
    "external": lambda: OUTSIDE,
    "deep": lambda: b"<a>" * MANY,
    "wide": lambda: b"<r>" + b"<a/>" * MANY + b"</r>",
    "attributes": lambda: b"<r " + b" ".join(b'a%d=""' % number for number in range(MANY // 2)) + b"/>",
    "tag without end": lambda: b"<r " + b"x" * 60_000_000,
    "comment without end": lambda: b"<r><!--" + b"x" * 60_000_000,
    "angles": lambda: b"<" * 60_000_000,
    "wide schema": lambda: b"<r><directory-schema>" + b"<a/>" * MANY + b"</directory-schema></r>",
    "deep schema": lambda: b"<r><directory-schema>" + b"<a>" * MANY + b"</a>" * MANY + b"</directory-schema></r>",
    "schema of slashes": lambda: b"<r><directory-schema>" + b"<a " + b"/" * 16_000_000 + b"></directory-schema></r>",
    "schemas": lambda: b"<r>" + (b"<directory-schema>" + b"<a/>" * 600 + b"</directory-schema>") * 600 + b"</r><",
    "huge": lambda: b"<r>" + b"x" * 100_000_000 + b"</r>",
}
# Peak memory of the process itself; ru_maxrss would count that of its parent before the start.
SCRIPT = """
import sys
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.document import parse
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import DocumentError
data = open(sys.argv[1], "rb").read()
try:
    parse(data)
except DocumentError:
    print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "conf.xml is empty"),
        (b"<r>\n  <a>", r"conf.xml is cut off: it ends inside of <a> \(line 2, column 6\)"),
        (b"<r>\n  <a", r"conf.xml is cut off: it ends inside of <r> \(line 2, column 3\)"),
        (b"<r>\n </s></r>", r"conf.xml is not well-formed XML: mismatched tag \(line 2, column 4\)"),
        (b"<r>\n \xff</r>", "conf.xml is not UTF-8: byte 0xFF at line 2, column 2"),
        ("<r>é</r>".encode("latin-1"), "conf.xml is not UTF-8: byte 0xE9 at line 1, column 4"),
        ("<r/>".encode("utf-32"), "conf.xml is UTF-32, not UTF-8"),
        ("<r/>".encode("utf-16") + b"x", "conf.xml is not UTF-16, as its first bytes say"),
        (b'<?xml version="1.0" encoding="utf-16"?><r/>', "conf.xml declares the encoding 'utf-16', not UTF-8"),
        (b'<?xml version="1.0" encoding="windows-1252"?><r/>', "conf.xml declares the encoding 'windows-1252', not UTF-8"),
        (BOMB, "conf.xml holds a document type declaration .*entities are refused"),
        (OUTSIDE, "conf.xml holds a document type declaration"),
        (b"<r>&nbsp;</r>", "conf.xml is not well-formed XML: undefined entity"),
        (b"plain text", "conf.xml is not well-formed XML"),
    ],
)
def test_bad_file_is_refused_with_its_name_and_place(content: bytes, message: str) -> None:
    with pytest.raises(DocumentError, match=message):
        parse(content, "conf.xml")


def test_real_file_cut_anywhere_is_called_cut_off_or_malformed(pnp_files: dict[str, bytes]) -> None:
    content = pnp_files["MV.XML"]
    for size in range(1, len(content.rstrip()), 4999):
        with pytest.raises(DocumentError, match=r"MV.XML is (cut off|not well-formed|empty)"):
            parse(content[:size], "MV.XML")


def test_limits_can_be_set() -> None:
    with pytest.raises(DocumentError, match="limit of 10"):
        parse(b"<r>123456789</r>", "f", Limits(size=10))


@pytest.mark.parametrize("kind", sorted(HOSTILE))
def test_hostile_file_is_refused_within_a_second(kind: str) -> None:
    content = HOSTILE[kind]()
    started = time.process_time()
    with pytest.raises(DocumentError):
        parse(content, "hostile.xml")
    assert time.process_time() - started < 1.0


@pytest.mark.parametrize("kind", ["wide", "deep", "attributes", "tag without end", "comment without end", "wide schema", "schemas", "huge"])
def test_hostile_file_needs_little_memory(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "hostile.xml"
    path.write_bytes(HOSTILE[kind]())
    done = subprocess.run([sys.executable, "-c", SCRIPT, str(path)], capture_output=True, text=True, check=True)
    assert int(done.stdout) * 1024 < 200_000_000
