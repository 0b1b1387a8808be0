# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Values that nobody can foresee, for initial flows. Twin of rules_extension/rules/RuleRandom.cs."""

from __future__ import annotations

import secrets
import uuid

# 64 characters that cannot be taken for each other; three capitals, three small letters, a digit and a sign in each eight.
SIGNS = "AaBbCc2!DdEeFf3#GgHhJi4$KjLkMm5%NnPpQq6*RrSsTt7+UuVvWw8-XxYyZz9="


def password(length: int) -> str:
    """With a capital, a small letter, a digit and a sign at least, as domains ask for; `length` is 8 or more."""
    while True:
        text = "".join(SIGNS[drawn & 63] for drawn in secrets.token_bytes(length))
        if any(map(str.isupper, text)) and any(map(str.islower, text)) and any(map(str.isdigit, text)) and not text.isalnum():
            return text


def identifier() -> str:
    """A GUID of version 4, in small letters."""
    return str(uuid.UUID(bytes=secrets.token_bytes(16), version=4))
