# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Cutting an answer with JMESPath, for modules with the option `query`."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from .errors import InputError, MimSyncError


def check_query(expression: str | None) -> None:
    """Raises InputError for an expression that cannot be read, before anything is asked of a host."""
    if expression:
        _compiled(expression)


def queried(expression: str | None, values: Mapping[str, Any]) -> dict[str, Any]:
    """`{"query_result": ...}`, empty without an expression; raises InputError when it does not fit the values."""
    if not expression:
        return {}
    try:
        return {"query_result": _compiled(expression).search(dict(values))}
    except _library().exceptions.JMESPathError as error:
        raise InputError(f"the JMESPath expression {expression!r} does not fit the answer: {error}", path="query") from None


def _library() -> ModuleType:
    """Loaded when it is wanted: everything but `query` works without it."""
    try:
        return importlib.import_module("jmespath")
    except ImportError as error:
        raise MimSyncError("The option query needs the Python package jmespath on the controller: pip install jmespath") from error


def _compiled(expression: str) -> Any:
    library = _library()
    try:
        return library.compile(expression)
    except library.exceptions.JMESPathError as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{expression!r} is not a JMESPath expression: {reason}", path="query") from None
