# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Builds of the synchronization service: which are good enough, and when a hotfix is needed.

Facts: reference pages mim-synchronization-service (Product) and sharepoint-and-setup 1.2 and 2.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import InputError

Build = tuple[int, int, int, int]

# Lowest build of a line from which the configuration cmdlets do what this collection needs.
FLOORS: dict[tuple[int, int], Build] = {(4, 3): (4, 3, 2064, 0), (4, 4): (4, 4, 1237, 0), (4, 5): (4, 5, 26, 0), (4, 6): (4, 6, 34, 0)}
# SharePoint 2019 and later are connected systems from SP2 on.
SHAREPOINT_FLOORS: dict[str, Build] = {"2016": (4, 3, 2064, 0), "2019": (4, 6, 34, 0), "subscription": (4, 6, 34, 0)}
# From this build on setup needs Visual C++ 2013, before it .NET 3.5.
FIRST_WITH_VISUAL_C: Build = (4, 5, 26, 0)
_BUILD = re.compile(r"^\d{1,9}(\.\d{1,9}){1,3}$")


@dataclass(frozen=True)
class HotfixDecision:
    """`reason` is a sentence for the user, whichever way it went."""

    needed: bool
    reason: str


def parse_build(text: str, path: str = "") -> Build:
    """`4.6.34` and `4.6.34.0` are one build. InputError for anything that is no version number."""
    if not _BUILD.match(text.strip()):
        raise InputError(f"{text!r} is not a version number. Write it like 4.6.34.0.", path=path)
    parts = [int(part) for part in text.strip().split(".")]
    major, minor, build, revision = [*parts, 0, 0][:4]
    return major, minor, build, revision


def show_build(build: Build) -> str:
    return ".".join(str(part) for part in build)


def decide_hotfix(installed: str, target: str = "") -> HotfixDecision:
    """Needed when the installed build is older than what the hotfix brings (`target`), or than its line's floor where no target is named.

    InputError when the hotfix belongs to another line: it would fail on the host.
    """
    if not installed:
        return HotfixDecision(True, "The synchronization service is not installed, so the hotfix will refuse.")
    present = parse_build(installed, "installed")
    wanted = parse_build(target, "sync_hotfix_version") if target else FLOORS.get(present[:2])
    if wanted is None:
        return HotfixDecision(False, f"Build {show_build(present)} is of a line without a known floor; no hotfix is applied.")
    if present >= wanted:
        return HotfixDecision(False, f"Build {show_build(present)} needs no hotfix up to {show_build(wanted)}.")
    if present[:2] != wanted[:2]:
        raise InputError(
            f"The hotfix {show_build(wanted)} does not fit the installed build {show_build(present)}. Take one of the {present[0]}.{present[1]} line, "
            "or install newer media.",
            path="sync_hotfix_version",
        )
    return HotfixDecision(True, f"Build {show_build(present)} is older than {show_build(wanted)}.")


def build_problem(installed: str, sharepoint_version: str) -> str:
    """Why this build cannot serve; empty when it can."""
    present = parse_build(installed)
    floor = FLOORS.get(present[:2])
    if floor is None:
        return f"MIM build {show_build(present)} is not of a line that this collection knows (4.3 to 4.6)."
    wanted = SHAREPOINT_FLOORS.get(sharepoint_version, floor)
    if present[:2] < wanted[:2]:
        return f"MIM build {show_build(present)} does not support SharePoint {sharepoint_version}, which needs {show_build(wanted)} or later."
    return ""


def is_older(present: str, wanted: str) -> bool:
    """True when nothing is there, or less than wanted; an empty wish is content with anything."""
    if not present:
        return True
    return bool(wanted) and parse_build(present, "present") < parse_build(wanted, "wanted")
