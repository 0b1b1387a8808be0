# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An account's logon name as people write it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import InputError


def logon_name(account: Mapping[str, Any]) -> str:
    """sAMAccountName of `{name, group_managed}`: a group-managed account's ends in a dollar sign, whether it was written or not.

    InputError when there is no name.
    """
    name = str(account.get("name") or "")
    if not name:
        raise InputError("the account has no name.", path="name")
    return f"{name.removesuffix('$')}$" if account.get("group_managed") else name
