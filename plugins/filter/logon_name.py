# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The logon name of a declared account."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import MimSyncError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.setup.accounts import logon_name as name_of

DOCUMENTATION = r"""
name: logon_name
short_description: Gives the logon name of a declared account
version_added: 0.1.0
author:
  - mimsync.sharepoint contributors (@mimsync)
description:
  - The name of a group-managed account ends in a dollar sign; it may be declared with or without.
options:
  _input:
    description: An account with C(name) and, for a group-managed one, C(group_managed).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show the logon name
  ansible.builtin.debug:
    msg: "{{ {'name': 'svc-mimsync', 'group_managed': true} | mimsync.sharepoint.logon_name }}"
"""

RETURN = r"""
_value:
  description: The sAMAccountName.
  type: str
"""


def logon_name(account: Mapping[str, Any]) -> str:
    try:
        return name_of(account)
    except MimSyncError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"logon_name": logon_name}
