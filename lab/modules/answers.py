# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Answers of PowerShell processes as bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..wsman.shells import Completed


def module_answer(result: Mapping[str, Any]) -> Completed:
    """The JSON that a module writes; a failed one ends with code 1."""
    text = json.dumps(result, ensure_ascii=False, separators=(",", ":"))
    return Completed(text.encode("utf-8", "surrogatepass") + b"\r\n", b"", 1 if result.get("failed") else 0)


def failed(message: str, **more: Any) -> Completed:
    return module_answer({"failed": True, "msg": message, **more})


def text_answer(text: str) -> Completed:
    return Completed((text + "\r\n").encode("utf-8"))


def refused(message: str) -> Completed:
    """What the lab itself has to say; as JSON too, so that a module's caller shows it."""
    answer = failed(f"lab: {message}")
    return Completed(answer.stdout, f"lab: {message}\r\n".encode(), 1)
