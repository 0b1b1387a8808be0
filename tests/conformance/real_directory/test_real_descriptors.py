# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Our bytes of security descriptors against those of Samba's own library, over generated texts."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.access.binary import from_binary, to_binary
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.access.sddl import ALIASES, DOMAIN_ALIASES, parse
from samba_server import reason_to_skip

DOMAIN = "S-1-5-21-1004336348-1177238915-682003330"
COUNT = 2000
# Debian's library belongs to Debian's own Python.
PYTHON = Path("/usr/bin/python3")
PROGRAM = """
import json, sys
from samba.dcerpc import security
from samba.ndr import ndr_pack, ndr_unpack
asked = json.load(sys.stdin)
sid = security.dom_sid(asked["domain"])
theirs = [ndr_pack(security.descriptor.from_sddl(text, sid)).hex() for text in asked["texts"]]
shown = [ndr_unpack(security.descriptor, bytes.fromhex(data)).as_sddl(sid) for data in asked["ours"]]
meant = [ndr_unpack(security.descriptor, bytes.fromhex(data)).as_sddl(sid) for data in theirs]
json.dump({"theirs": theirs, "shown": shown, "meant": meant}, sys.stdout)
"""
KNOWN = [*sorted(ALIASES), *sorted(DOMAIN_ALIASES)]
GUIDS = ["1131f6aa-9c07-11d1-f79f-00c04fc2dcd2", "8d3bca50-1d7e-11d0-a081-00aa006c33ed", "bf967aba-0de6-11d0-a285-00aa003049e2"]
RIGHTS = ["CC", "DC", "LC", "SW", "RP", "WP", "DT", "LO", "CR", "SD", "RC", "WD", "WO", "GA", "GR", "GW", "GX"]


def text_of(chance: random.Random) -> str:
    """A descriptor with owner, group and an access list, sometimes the system's list too."""
    sacl = f"S:{_flags(chance)}{''.join(_ace(chance, audit=True) for number in range(chance.randrange(3)))}" if chance.random() < 0.3 else ""
    return f"O:{_sid(chance)}G:{_sid(chance)}D:{_flags(chance)}{''.join(_ace(chance) for number in range(chance.randrange(1, 9)))}{sacl}"


def _flags(chance: random.Random) -> str:
    return chance.choice(("", "P", "AI", "PAI", "AR", "ARAI"))


def _sid(chance: random.Random) -> str:
    return chance.choice(KNOWN) if chance.random() < 0.7 else f"{DOMAIN}-{chance.randrange(1000, 2**32)}"


def _ace(chance: random.Random, *, audit: bool = False) -> str:
    scoped = chance.random() < 0.5
    kind = ("O" if scoped else "") + ("U" if audit and scoped else "AU" if audit else chance.choice("AD"))
    flags = "".join(flag for flag in ("OI", "CI", "NP", "IO", "ID") if chance.random() < 0.3) + (chance.choice(("SA", "FA", "SAFA")) if audit else "")
    rights = "".join(right for right in RIGHTS if chance.random() < 0.3) if chance.random() < 0.9 else hex(chance.randrange(1, 2**17))
    guids = [chance.choice(["", *GUIDS]) if scoped else "" for number in range(2)]
    return f"({kind};{flags};{rights};{guids[0]};{guids[1]};{_sid(chance)})"


@pytest.fixture(scope="module")
def texts() -> list[str]:
    reason = reason_to_skip()
    if reason or not PYTHON.exists():
        pytest.skip(reason or "Debian's Python with Samba's library is not installed")
    chance = random.Random(20160101)
    return [text_of(chance) for number in range(COUNT)]


def test_samba_reads_and_writes_the_same_descriptors(texts: list[str]) -> None:
    ours = [to_binary(parse(text), domain_sid=DOMAIN, root_sid=DOMAIN) for text in texts]
    question = json.dumps({"domain": DOMAIN, "texts": texts, "ours": [data.hex() for data in ours]})
    done = subprocess.run([PYTHON, "-c", PROGRAM], input=question, capture_output=True, text=True, check=False, timeout=120)
    assert not done.returncode, done.stderr[-2000:]
    answer = json.loads(done.stdout)
    assert answer["shown"] == answer["meant"]
    for data, theirs in zip(ours, answer["theirs"], strict=True):
        assert from_binary(data, domain_sid=DOMAIN) == from_binary(bytes.fromhex(theirs), domain_sid=DOMAIN)
