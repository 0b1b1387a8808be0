#!/usr/bin/python
# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the module; the work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: server_info
short_description: Reads what a host's Synchronization Service says of itself
version_added: 0.1.0
author:
  - mimsync.sharepoint contributors (@mimsync)
description:
  - Reads build, paths, service, account, database, groups, management agents with their counters and last runs in one remote execution.
  - Works on a host without the service too; I(installed) is false then.
options:
  key_set_path:
    description: Where the backup of the key set should lie on the host; the answer tells whether it does.
    type: str
    default: ''
  query:
    description: A JMESPath expression. The answer is then its result in RV(query_result) alone.
    type: str
notes:
  - The groups are read from the database. Where SQL Server is on another host that takes a logon that may go on, such as one with C(become);
    without it RV(groups) is empty and RV(groups_error) says why.
  - Agents are seen by members of the admins, operators or browse group, as of the time of logon, while the service runs; else RV(agents_error) says why not.
requirements:
  - jmespath on the controller
attributes:
  check_mode:
    description: Reads only, so it runs the same in check mode.
    support: full
  diff_mode:
    description: Changes nothing, so there is nothing to show.
    support: none
seealso:
  - module: mimsync.sharepoint.key_set
  - module: mimsync.sharepoint.server_configuration
"""

EXAMPLES = r"""
- name: Look at the server
  mimsync.sharepoint.server_info:
  register: server

- name: Which agents have something to export
  mimsync.sharepoint.server_info:
    query: agents[?counters.NumExportAdd > `0`].name
  register: exporting
"""

RETURN = r"""
query_result:
  description: What the expression found, in place of all other values.
  returned: when O(query) is given
  type: raw
installed:
  description: Whether the service is installed.
  returned: without O(query)
  type: bool
  sample: true
version:
  description: File version of the configuration module, which tells the build; empty when not installed.
  returned: without O(query)
  type: str
  sample: 4.6.641.0
capabilities:
  description: What the build can do.
  returned: without O(query)
  type: dict
  sample: {configuration_cmdlets: true, group_managed_account: true}
paths:
  description: Folders C(install), C(bin), C(extensions), C(ma_data) and C(ui_shell).
  returned: without O(query)
  type: dict
service:
  description: The Windows service with C(name), C(state), C(start_mode) and C(account). The state of a missing one is C(absent).
  returned: without O(query)
  type: dict
  sample: {name: FIMSynchronizationService, state: running, start_mode: auto, account: 'EXAMPLE\svc-mimsync'}
server_role:
  description: V(active) while the service runs, V(standby) when it is installed and stopped, V(none) when it is not installed.
  returned: without O(query)
  type: str
  sample: active
database:
  description: C(server), C(instance) and C(name) of the database.
  returned: without O(query)
  type: dict
  sample: {server: SQL1, instance: MSSQLSERVER, name: FIMSynchronizationService}
groups:
  description: Role to group; roles are C(admins), C(operators), C(joiners), C(browse), C(password_set).
  returned: without O(query)
  type: dict
  sample: {admins: 'EXAMPLE\MIMSyncAdmins'}
groups_error:
  description: Why the groups could not be read.
  returned: without O(query)
  type: str
  sample: ''
connector_version:
  description: File version of the SharePoint connector; empty when it is not installed.
  returned: without O(query)
  type: str
  sample: 4.4.1800.1
extensions:
  description: Files in the Extensions folder with their versions.
  returned: without O(query)
  type: dict
agents:
  description: Management agents with C(name), C(guid), C(type), C(counters) and C(last_run) (C(profile), C(number), C(status), C(started), C(ended) in UTC).
  returned: without O(query)
  type: list
  elements: dict
agents_error:
  description: Why the agents could not be read.
  returned: without O(query)
  type: str
  sample: ''
running_agents:
  description: Names of the agents that run now.
  returned: without O(query)
  type: list
  elements: str
  sample: []
key_set:
  description: C(path) as asked for, and whether a file C(exists) there.
  returned: without O(query)
  type: dict
  sample: {path: 'C:\MIMKeySet\keyset.bin', exists: true}
"""
