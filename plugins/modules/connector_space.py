#!/usr/bin/python
# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the module; the work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: connector_space
short_description: An empty connector space of the MIM Synchronization Service
version_added: 0.1.0
author:
  - mimsync.sharepoint contributors (@mimsync)
description:
  - Sees to it that the connector space of a management agent is empty. Says before what will be disconnected, deleted or lost, and refuses what
    passes the limits or while an agent runs.
  - The server offers no documented call that deletes a connector space; the Synchronization Service Manager (C(miisclient)) does. So the module tells an
    administrator what to do there, waits, and goes on when the connector space is empty.
  - There is no way round by importing the configuration. C(Import-MIISServerConfig) overwrites the agents that its folder holds; nothing published says that it
    deletes those that are not in the folder.
options:
  agent:
    description: Name of the management agent.
    type: str
    required: true
  state:
    description: The state to reach.
    type: str
    choices: [empty]
    default: empty
  limits:
    description: How much may be lost.
    type: dict
    suboptions:
      metaverse_deletes:
        description: Objects of the metaverse that the deletion rules may delete, at most. What they stand for is deprovisioned in other systems.
        type: int
        default: 0
      pending_deletes:
        description: Deletions that wait to be exported. They are lost, and their objects stay in the connected system.
        type: int
        default: 0
  timeout:
    description: How many seconds to wait for the administrator.
    type: int
    default: 3600
  poll_seconds:
    description: Seconds between two looks at the server, each of which is one remote execution.
    type: int
    default: 15
notes:
  - The account is a member of the service's administrators group.
  - Afterwards the agent needs a full import and a full synchronization, which join its objects again by the join rules. Object types without a join rule
    are named in RV(not_joined_again).
attributes:
  check_mode:
    support: full
    description: Tells what would be lost, checks the limits, and asks nobody for anything.
  diff_mode:
    support: full
    description: Shows the numbers before and after.
seealso:
  - module: mimsync.sharepoint.run_cycle
  - module: mimsync.sharepoint.server_configuration
"""

EXAMPLES = r"""
- name: Empty the connector space of SharePoint before the direction of pictures is turned
  mimsync.sharepoint.connector_space:
    agent: SPMA
    timeout: 1800
"""

RETURN = r"""
before:
  description: The numbers before. Keys are objects, connectors, disconnectors, placeholders, pending_adds, pending_updates and pending_deletes.
  returned: success
  type: dict
metaverse_deletes:
  description: How many objects of the metaverse can be deleted at most.
  returned: success
  type: int
not_joined_again:
  description: Object types of the agent that have no join rule.
  returned: success
  type: list
  elements: str
consequences:
  description: What follows, in sentences.
  returned: success
  type: list
  elements: str
"""
