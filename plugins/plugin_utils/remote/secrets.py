# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Secrets within a declaration, found before anything of it is checked, so that no message shows them."""

from __future__ import annotations

from typing import Any

_WORDS = ("password", "secret", "passphrase", "api key", "apikey", "token")


def secrets_in(config: Any) -> list[str]:
    """Every value whose key speaks of a secret (accounts, parameters of connectors).

    The metaverse has none: there `resetPassword` is an attribute, and its value a type, which would be hidden everywhere.
    """
    if isinstance(config, dict):
        own = [value for key, value in config.items() if isinstance(value, str) and value and any(word in str(key).casefold() for word in _WORDS)]
        return own + [found for key, value in config.items() if key != "metaverse" for found in secrets_in(value)]
    return [found for item in config for found in secrets_in(item)] if isinstance(config, list) else []
