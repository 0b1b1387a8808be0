# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Operators of connector filters: the user's words and the documents'.

Exports of servers show `equality`, `inequality`, `present`, `not-present` and `substring-start` (fixtures, MS-UPSCDS
2.2.14); the other spellings follow the designer's labels and have not been seen in an export.
"""

from __future__ import annotations

# The user's word -> the document's word.
OPERATORS = {
    "equals": "equality",
    "not-equals": "inequality",
    "present": "present",
    "not-present": "not-present",
    "starts-with": "substring-start",
    "not-starts-with": "not-substring-start",
    "ends-with": "substring-end",
    "not-ends-with": "not-substring-end",
    "contains": "substring-any",
    "not-contains": "not-substring-any",
    "less-than": "less-than",
    "less-than-or-equal": "less-than-or-equal",
    "greater-than": "greater-than",
    "greater-than-or-equal": "greater-than-or-equal",
    "bit-on": "bit-on",
    "bit-off": "bit-off",
}
WITHOUT_VALUE = frozenset({"present", "not-present"})
WITH_NUMBER = frozenset({"less-than", "less-than-or-equal", "greater-than", "greater-than-or-equal", "bit-on", "bit-off"})
ON_BITS = frozenset({"bit-on", "bit-off"})
# Other spellings of a document that mean the same.
_SAME = {"bit-on-equals": "bit-on", "bit-and": "bit-on", "bit-off-equals": "bit-off", "bit-nand": "bit-off", "not-equality": "inequality"}


def document_operator(word: str) -> str | None:
    """The document's word for a user's or a document's own; None if it is neither."""
    word = word.strip().lower().replace("_", "-").replace(" ", "-")
    if word in OPERATORS:
        return OPERATORS[word]
    word = _SAME.get(word, word)
    return word if word in OPERATORS.values() else None


def comparable_operator(word: str) -> str:
    """One word for all spellings in documents."""
    return _SAME.get(word, word)
