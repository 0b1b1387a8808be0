# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads run profiles. The data has been checked already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..configuration.model import RunStep, StepKind
from .checker import at
from .wishes import ProfilesWish, ProfileWish, StepWish
from .words import FILES, STEP_TYPES


def read_profiles(given: Any, path: str) -> ProfilesWish | None:
    if given is None:
        return None
    if isinstance(given, str):
        return ProfilesWish(standard=True, path=path)
    return ProfilesWish(tuple(_profile(item, f"{path}[{index}]") for index, item in enumerate(given)), path=path)


def _profile(given: Mapping[str, Any], path: str) -> ProfileWish:
    if given.get("steps") is None:
        return ProfileWish(given["name"], (_step(given, path),), path)
    return ProfileWish(given["name"], tuple(_step(step, f"{at(path, 'steps')}[{index}]") for index, step in enumerate(given["steps"])), path)


def _step(given: Mapping[str, Any], path: str) -> StepWish:
    kind, words, subtypes = step_words(given["type"])
    files = [(place, str(given[key])) for key, place in FILES.items() if given.get(key) is not None]
    data = [(str(place), str(text)) for place, text in (given.get("data") or {}).items()]
    step = RunStep(
        kind,
        "",
        object_limit=given.get("object_limit") or 0,
        delete_limit=given.get("delete_limit") or 0,
        batch_size=given.get("batch_size") or 0,
        page_size=given.get("page_size") or 0,
        timeout=given.get("timeout") or 0,
        type=words,
        subtypes=subtypes,
        data=(*files, *data),
        drop_file=given.get("drop_file") or "",
    )
    return StepWish(step, given.get("partition"), path)


def step_words(text: str) -> tuple[StepKind, str, tuple[str, ...]]:
    """Kind, type and subtypes of a step's name; words of the document (`full-import/to-file`) are taken as they are."""
    for kind, (words, subtypes) in STEP_TYPES.items():
        if kind.value == text:
            return kind, words, subtypes
    words, *rest = text.split("/")
    return StepKind.OTHER, words, tuple(rest)
