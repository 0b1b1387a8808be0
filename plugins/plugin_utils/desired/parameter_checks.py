# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Values of a connector's parameters held against what the connector says of them."""

from __future__ import annotations

from ..configuration.model import ParameterDefinition
from .problems import suggestion

_TICKS = {"0": "0", "1": "1", "false": "0", "true": "1", "no": "0", "yes": "1"}


def written(definition: ParameterDefinition | None, value: str) -> str:
    """The value as a document holds it: a box that is ticked is 1, a choice is spelled as the connector spells it, no white space around."""
    value = value.strip()
    if definition is None:
        return value
    if definition.type == "checkbox":
        return _TICKS.get(value.casefold(), value)
    return next((choice for choice in definition.choices if choice.casefold() == value.casefold()), value)


def fault(definition: ParameterDefinition | None, value: str) -> str:
    """What is wrong with a value that was written so, as the end of a sentence; empty for none."""
    if definition is None:
        return ""
    if definition.type == "checkbox" and value not in ("0", "1"):
        return f"is {value!r}, but the connector takes true or false"
    if definition.choices and value not in definition.choices:
        return f"is {value!r}, but the connector takes {', '.join(definition.choices)}{suggestion(value, definition.choices)}"
    return f"is not one line, but {definition.name!r} takes one" if definition.type in ("string", "file") and "\n" in value else ""
