# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: run_cycle
short_description: Synchronization cycle of the MIM Synchronization Service
version_added: 0.1.0
description:
  - Runs the run profiles of a cycle one after another and tells for each step its result and its counters.
  - Stops at the first step that did not do its work, and before an export that would delete more than the limits allow.
  - A result V(success) is a success; V(completed-...) did its work and is told as a warning; everything else stops the cycle.
options:
  type:
    description:
      - V(full) reads and evaluates everything, V(delta) what changed.
      - The standard cycle imports and synchronizes the directory, imports and synchronizes SharePoint, exports to SharePoint, and confirms that by
        a delta import and a delta synchronization of SharePoint.
    type: str
    choices: [full, delta]
    default: full
  sharepoint_first:
    description: Whether the standard cycle imports and synchronizes SharePoint before the directories, as after its connector space was emptied.
    type: bool
    default: false
  directory_export:
    description:
      - Whether the standard cycle exports to the directory, too, and reads it again afterwards. Wanted where something flows there, such as pictures.
      - Its agent needs a run profile that exports.
    type: bool
    default: false
  when:
    description:
      - V(always) runs the cycle.
      - V(needed) runs it when exports are pending, when one of its steps has never run or failed last time, or when one ran before the rules last
        changed (O(changed_by)).
    type: str
    choices: [always, needed]
    default: always
  agents:
    description: Names of the management agents.
    type: dict
    suboptions:
      directory:
        description: The Active Directory agents, one for each forest. All are imported before the first one is synchronized.
        type: list
        elements: str
        default: [ADMA]
      sharepoint:
        description: The SharePoint agent.
        type: str
        default: SPMA
  profiles:
    description: Names of the run profiles, without regard to case.
    type: dict
    suboptions:
      full_import:
        description: Full import.
        type: str
        default: FullImport
      full_sync:
        description: Full synchronization.
        type: str
        default: FullSync
      delta_import:
        description: Delta import.
        type: str
        default: DeltaImport
      delta_sync:
        description: Delta synchronization.
        type: str
        default: DeltaSync
      export:
        description: Export.
        type: str
        default: Export
  steps:
    description: A cycle of your own, instead of the standard one.
    type: list
    elements: dict
    suboptions:
      agent:
        description: Name of the management agent.
        type: str
        required: true
      profile:
        description: Name of the run profile.
        type: str
        required: true
      guarded:
        description: Whether O(limits) are checked before it. By default they are for profiles whose name begins with C(export).
        type: bool
  limits:
    description: How much an export may delete.
    type: dict
    suboptions:
      deletes_count:
        description: Objects.
        type: int
        default: 50
      deletes_percent:
        description: Percent of the agent's connectors.
        type: int
        default: 10
  changed_by:
    description: Files and folders on the host whose time of change says when the rules last changed. Those that are not there do not count.
    type: list
    elements: path
    default: []
  rules_would_change:
    description:
      - Whether an earlier task of the playbook would change the rules. Only a rehearsal (check mode) looks at it, and then counts the cycle as needed;
        a real run sees the change by O(changed_by).
    type: bool
    default: false
  step_timeout:
    description: Seconds that one step may take. A step that takes longer is left running at the server, and the module fails.
    type: int
    default: 86400
  poll_seconds:
    description: Seconds that one remote execution waits for a step. A longer step shows that it lives after each.
    type: int
    default: 20
  report:
    description:
      - File on the controller that gets an HTML page about the cycle, its steps, counters and errors. Its folder is made when it is missing.
      - Written when the cycle ran, one that stopped included; not in check mode.
    type: path
notes:
  - The account is a member of the service's operators or administrators group.
  - A run is never started while one of the server's agents is running.
attributes:
  check_mode:
    support: full
    description: Tells which steps would run and starts none. What they would bring is not known before.
  diff_mode:
    support: full
    description: Shows the results and counters of the runs.
author:
  - mimsync.sharepoint contributors (@mimsync)
"""

EXAMPLES = r"""
- name: Run the first cycle, and again when something asks for it
  mimsync.sharepoint.run_cycle:
    type: full
    when: needed

- name: Run the daily cycle and let no export delete more than ten profiles
  mimsync.sharepoint.run_cycle:
    type: delta
    limits:
      deletes_count: 10

- name: Import from the directory only
  mimsync.sharepoint.run_cycle:
    steps:
      - {agent: ADMA, profile: FullImport}
"""

RETURN = r"""
reason:
  description: Why the cycle ran, or would run in check mode; empty when it was not needed.
  returned: success
  type: str
plan:
  description: The steps, as agent and run profile; empty when the cycle was not needed.
  returned: success
  type: list
  elements: str
runs:
  description: The runs, one for each step of the cycle.
  returned: success
  type: list
  elements: dict
  contains:
    agent:
      description: Name of the management agent.
      type: str
    profile:
      description: Name of the run profile.
      type: str
    run_number:
      description: Number of the run at the server.
      type: int
    result:
      description: Result in the service's words.
      type: str
    adds:
      description: Objects added in the run's own sense - staged by an import, provisioned by a synchronization, exported by an export.
      type: int
    updates:
      description: Objects updated, in the same sense.
      type: int
    deletes:
      description: Objects deleted, in the same sense.
      type: int
    errors:
      description: Objects with an error.
      type: int
    steps:
      description: The steps of the run profile with their counters, by the names of the run history, and the first 20 errors.
      type: list
cycle_warnings:
  description: Steps that did their work with something to look at.
  returned: success
  type: list
  elements: str
"""
