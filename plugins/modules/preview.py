#!/usr/bin/python
# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the module; the work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: preview
short_description: What a changed configuration or a cycle does to people, before anything is changed
version_added: 0.1.0
author:
  - mimsync.sharepoint contributors (@mimsync)
description:
  - Runs the synchronization in the controller's memory, on a copy of the objects, with systems that send nothing, and tells what would become of whom.
  - The answer has the faults of the configuration first, then counts, groups that a person can judge, and every row, written as HTML, JSON or CSV.
  - Nothing on any server changes. Without O(present_files) and with O(connector_spaces) the server is read.
options:
  config:
    description: What the server shall hold, as in M(mimsync.sharepoint.server_configuration). Without it and O(desired_files) the present configuration is run.
    type: dict
  desired_files:
    description: Folder on the controller with the wanted configuration's files, as C(svrexport) writes them.
    type: path
  present_files:
    description: Folder on the controller with the present configuration's files. Without it they are read from the server.
    type: path
  source:
    description: Folder on the host with a solution's files, from which agents come that O(config) declares and the server has not.
    type: str
  rules:
    description: The present rules file (XML) on the controller, which the extension reads. Without it that of the server is taken, if it has one.
    type: path
  desired_rules:
    description:
      - What the rules shall be, as in M(mimsync.sharepoint.rules_extension). Flows of O(config) that say C(rule), C(value) or C(then) join them.
    type: dict
  rules_assembly:
    description: File of the extension that reads the rules file. C(MimSync.Rules.dll) does so in any case.
    type: str
    default: SharePointSynchronization.dll
  connector_spaces:
    description: Whether the server's own connector spaces are read, with C(csexport) into the task's temporary folder.
    type: bool
    default: false
  objects:
    description:
      - Files or directories that objects come from. With connector spaces they count as the newest data of their agents; without any, the present state is
        what the present configuration makes of them, which is an estimate.
    type: list
    elements: dict
    default: []
    suboptions:
      agent:
        description: Name of the management agent.
        type: str
        required: true
      ldif:
        description: LDIF file with content records. The anchor is C(objectGUID) or C(entryUUID).
        type: path
      csv:
        description:
          - CSV file with a header. Columns are C(dn), C(anchor) (or C(objectGUID)), C(objectClass) and attributes of the agent.
          - Binary values are Base64, references are distinguished names.
        type: path
      delimiter:
        description: What parts the columns.
        type: str
        default: ","
      separator:
        description: What parts the values of an attribute.
        type: str
        default: ";"
      csexport:
        description: File that C(csexport) wrote of the agent's connector space.
        type: path
      ldap:
        description:
          - A directory that the controller reads. The account needs Replicating Directory Changes.
          - Of the agent's partitions the ones are read that the host holds. Where the agent reads several domains, a controller of each is a source of its own.
        type: dict
        suboptions:
          host:
            description: Name of a domain controller.
            type: str
            required: true
          user:
            description: Account, as C(DOMAIN\name) or C(name@domain).
            type: str
            required: true
          password:
            description: Its password.
            type: str
            required: true
          port:
            description: Port; 389, or 636 with TLS.
            type: int
          tls:
            description: Whether the connection is TLS. Without it the logon seals the connection.
            type: bool
          ca_file:
            description: PEM file with the certificates to trust.
            type: path
          protocol:
            description: How the account logs on without TLS. V(negotiate) takes Kerberos where the controller has a ticket or can get one, else NTLM.
            type: str
            choices: [negotiate, kerberos, ntlm]
            default: negotiate
  cycle:
    description:
      - V(rules) synchronizes all agents fully, after imports where the scope changed or objects are newer.
      - V(full) and V(delta) run the standard cycle, exports and their confirmation included.
    type: str
    choices: [rules, full, delta]
    default: rules
  steps:
    description: Run profiles to run instead of O(cycle), in order.
    type: list
    elements: dict
    default: []
    suboptions:
      agent:
        description: Name of the management agent.
        type: str
        required: true
      profile:
        description: Name of its run profile.
        type: str
        required: true
  limits:
    description:
      - What is not let through, each a number of objects or a percentage of those that are there (C(1 %)), for each system and object type.
      - Keys are C(deleted), C(replaced), C(left_scope), C(filtered), C(disconnected), C(joined_otherwise), C(errors), C(added), C(changed), C(renamed).
      - The task fails when one is exceeded, after the reports are written.
    type: dict
  people:
    description: Names (DN, account, display name or e-mail address) whose attributes are traced, source by source.
    type: list
    elements: str
    default: []
  dest:
    description: Reports on the controller; the ending C(.html), C(.json) or C(.csv) says which. They are readable by their owner only.
    type: list
    elements: path
    default: []
  title:
    description: Heading of the reports.
    type: str
notes:
  - What a system refuses at export cannot be foreseen. RV(notes) and RV(data) say what is an estimate and how old the data is.
attributes:
  check_mode:
    support: full
    description: The same as without, for nothing is changed in any case. Reports are written.
  diff_mode:
    support: full
    description: Shows what would happen, in sentences.
"""

EXAMPLES = r"""
- name: See what a smaller scope does, and stop if more than one percent of the profiles would go
  mimsync.sharepoint.preview:
    connector_spaces: true
    config:
      agents:
        - name: ADMA
          type: active_directory
          partitions:
            - domain: corp.example.com
              include: ["OU=Berlin,OU=Staff,DC=corp,DC=example,DC=com"]
    limits:
      deleted: 1 %
    dest: [reports/scope.html, reports/scope.csv]

- name: Why does this person have that value
  mimsync.sharepoint.preview:
    connector_spaces: true
    people: [CORP-anna.schmidt]
"""

RETURN = r"""
headline:
  description: What happens, in sentences, the irreversible first.
  returned: success
  type: list
  elements: str
counts:
  description: How many objects of each type in each system go through what, of how many.
  returned: success
  type: list
  elements: dict
groups:
  description: Rows with the same transition, system, type and attribute; with the pattern that is true of every one of them, and pairs of values
    while they are few.
  returned: success
  type: list
  elements: dict
rows:
  description: How many rows the reports hold.
  returned: success
  type: int
findings:
  description: What is wrong with the configuration or with single objects.
  returned: success
  type: list
  elements: dict
data:
  description: Where the objects come from and how old they are.
  returned: success
  type: list
  elements: dict
notes:
  description: What is an estimate.
  returned: success
  type: list
  elements: str
runs:
  description: The runs in memory and their results.
  returned: success
  type: list
  elements: dict
people:
  description: The traces of O(people), each attribute with every flow that could supply it and its verdict.
  returned: success
  type: list
  elements: dict
told:
  description:
    - Lines for a terminal. What happens, how old the data is, what is wrong with it, what is an estimate, the traces of O(people), and where the reports lie.
  returned: success
  type: list
  elements: str
reports:
  description: Files that were written.
  returned: success
  type: list
  elements: str
"""
