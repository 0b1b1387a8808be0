# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Wrong arguments are answered as the real modules answered them (../shared/fixtures/win_modules)."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate.estate import Estate, EstateOptions
from ansible_collections.mimsync.sharepoint.lab.estate.host import Host
from ansible_collections.mimsync.sharepoint.lab.estate.standard_host import make_host
from module_sender import FIXTURES, send

RECORDINGS = FIXTURES / "win_modules" / "rejections.json"
# Lists whose order varies from run to run with the real module (hashtables).
_UNORDERED = re.compile(r"(Supported parameters include: |missing required arguments: |Unsupported parameters for \([\w.]+\) module: )([\w, ]+)")


def recordings() -> list[Any]:
    if not RECORDINGS.exists():
        return [pytest.param(None, marks=pytest.mark.skip(reason=f"{RECORDINGS} is not here"))]
    return [pytest.param(case, id=case["name"]) for case in json.loads(RECORDINGS.read_text(encoding="utf-8"))]


@pytest.fixture
def host() -> Host:
    estate = Estate(EstateOptions(), None)  # type: ignore[arg-type]  # arguments are refused before the directory is asked
    made = make_host("MIM1", "corp.example.com", "sync_server", "127.20.0.12", "2016")
    made.estate = estate
    estate.hosts["MIM1"] = made
    return made


def comparable(answer: dict[str, Any]) -> dict[str, Any]:
    result = {"failed": False, **answer}
    if isinstance(result.get("msg"), str):
        result["msg"] = _UNORDERED.sub(lambda found: found.group(1) + ", ".join(sorted(found.group(2).split(", "))), result["msg"])
    return result


@pytest.mark.parametrize("case", recordings())
def test_the_lab_answers_as_the_real_module(host: Host, case: dict[str, Any]) -> None:
    answer = send(host, case["module"], case["arguments"], check_mode=case.get("check_mode", False))
    assert comparable(answer) == comparable(case["answer"])
