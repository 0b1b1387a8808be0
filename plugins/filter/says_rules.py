# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether flows of a declaration say rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

DOCUMENTATION = r"""
name: says_rules
version_added: 0.1.0
short_description: Tells whether flows of a declaration say rules
author:
  - mimsync.sharepoint contributors (@mimsync)
description:
  - True if a flow of the declaration says C(rule), C(value) or C(then) on its line, so that the extension is needed that reads a rules file.
options:
  _input:
    description: The declaration that M(mimsync.sharepoint.server_configuration) gets as its C(config).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Put the extension's sources on the host
  mimsync.sharepoint.solution_files:
    rules_engine: "{{ sync_configuration_declaration | mimsync.sharepoint.says_rules }}"
"""

RETURN = r"""
_value:
  description: Whether any flow does.
  type: bool
"""


def says_rules(config: Any) -> bool:
    """Ansible loads all filters of a collection in every task that uses one of them: what this one needs is loaded when it is used."""
    from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.rules.declared import says_rules as found

    return found(config)


class FilterModule:
    def filters(self) -> dict[str, Callable[[Any], bool]]:
        return {"says_rules": says_rules}
