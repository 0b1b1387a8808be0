# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Cutting an answer with JMESPath, for modules with the option `query`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from .errors import InputError


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
    except JMESPathError as error:
        raise InputError(f"the JMESPath expression {expression!r} does not fit the answer: {error}", path="query") from None


def _compiled(expression: str) -> Any:
    try:
        return jmespath.compile(expression)
    except JMESPathError as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{expression!r} is not a JMESPath expression: {reason}", path="query") from None
