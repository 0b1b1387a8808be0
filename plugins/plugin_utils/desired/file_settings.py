# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Settings of text files as people write them: `;` for the code 59 that documents hold, true for 1."""

from __future__ import annotations

from typing import Any

from .problems import suggestion

_CHARACTERS = frozenset({"delimiter", "text_qualifier"})
_FLAGS = frozenset({"first_row_is_header"})
_WORDS = {"tab": "9", "space": "32", "comma": "44", "semicolon": "59"}


def setting_fault(name: str, value: str) -> str:
    """What is wrong with a setting as a document would hold it; empty if nothing is."""
    if name in _CHARACTERS and value and not value.isdigit():
        return f"is {value!r}, but must be one character, its code, or one of {', '.join(_WORDS)}{suggestion(value, _WORDS)}"
    if name in _FLAGS and value not in ("", "0", "1"):
        return f"is {value!r}, but must be true or false"
    return ""


def document_value(name: str, value: Any) -> str:
    """A setting as a document writes it. A digit is a code's, not a character."""
    if isinstance(value, bool):
        return str(int(value))
    text = str(value)
    if name not in _CHARACTERS:
        return text
    if len(text) == 1 and not text.isdigit():
        return str(ord(text))
    return _WORDS.get(text.strip().casefold(), text)
