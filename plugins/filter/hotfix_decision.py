# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a hotfix of the synchronization service is needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import MimSyncError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preflight.builds import decide_hotfix

DOCUMENTATION = r"""
name: hotfix_decision
short_description: Decides whether a hotfix of the synchronization service is needed
version_added: 0.1.0
author:
  - mimsync.sharepoint contributors (@mimsync)
description:
  - Compares the installed build with the one that the hotfix brings.
  - Without a named build, the lowest build of the installed line counts from which the configuration cmdlets do what this collection needs.
positional: target
options:
  _input:
    description: Build of the installed service, as M(mimsync.sharepoint.server_info) tells it; empty where none is installed.
    type: str
    required: true
  target:
    description: Build that the hotfix brings; empty for the floor of the installed line.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Show the decision
  ansible.builtin.debug:
    msg: "{{ ('4.3.1935.0' | mimsync.sharepoint.hotfix_decision('4.3.2064.0')).reason }}"
"""

RETURN = r"""
_value:
  description: C(needed) (a bool) and C(reason) (a sentence).
  type: dict
"""


def hotfix_decision(installed: str, target: str = "") -> dict[str, Any]:
    try:
        decision = decide_hotfix(installed, target)
    except MimSyncError as error:
        raise AnsibleFilterError(str(error)) from error
    return {"needed": decision.needed, "reason": decision.reason}


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"hotfix_decision": hotfix_decision}
