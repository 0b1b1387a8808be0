#!/usr/bin/python
# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the module; the work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: preflight_report
short_description: Reports all that a preflight found on all hosts, and fails when something is wrong
version_added: 0.1.0
author:
  - mimsync.sharepoint contributors (@mimsync)
description:
  - Judges the settings, adds the findings that M(mimsync.sharepoint.preflight) made on each host and the hosts that could not be reached, and gives one list.
  - Works on the controller; no host is asked.
options:
  hosts:
    description: Names of the hosts that were looked at.
    type: list
    elements: str
    required: true
  results:
    description: What M(mimsync.sharepoint.preflight) returned for each of O(hosts), in the same order.
    type: list
    elements: dict
    required: true
  domain:
    description: DNS name of the domain.
    type: str
    required: true
  netbios:
    description: NetBIOS name of the domain.
    type: str
    required: true
  accounts:
    description: The accounts that the roles use.
    type: list
    elements: dict
    default: []
    suboptions:
      variable:
        description: The variable that holds it.
        type: str
        required: true
      name:
        description: The account, with or without its domain.
        type: str
        default: ""
      password:
        description: Its password; it is only looked at whether there is one.
        type: str
        default: ""
      group_managed:
        description: The account is group-managed and has no password.
        type: bool
        default: false
  groups:
    description: Names of groups by the variable that holds them.
    type: dict
    default: {}
  scope:
    description: Organizational units that are read, with C(include) and C(exclude).
    type: dict
    default: {}
  variables:
    description: Names of the host's variables; those that begin like ours and are none are reported.
    type: list
    elements: str
    default: []
  distinguished_names:
    description: Distinguished names by the variable that holds them.
    type: dict
    default: {}
  urls:
    description: Addresses by the variable that holds them.
    type: dict
    default: {}
  media:
    description: Installation media by name, each with C(path) and C(checksum).
    type: dict
    default: {}
  folder:
    description: Folder on the controller for preflight.md and preflight.json. Empty for none.
    type: str
    default: ""
attributes:
  check_mode:
    description: Writes the report in check mode too, for nothing on a host changes by it.
    support: full
  diff_mode:
    description: Nothing is compared.
    support: none
"""

EXAMPLES = r"""
- name: Report what was found
  mimsync.sharepoint.preflight_report:
    hosts: "{{ ansible_play_hosts_all }}"
    results: "{{ ansible_play_hosts_all | map('extract', hostvars, 'preflight_result') | list }}"
    domain: corp.example.com
    netbios: CORP
    folder: reports
  run_once: true
"""

RETURN = r"""
findings:
  description: Everything found, errors first.
  returned: always
  type: list
  elements: dict
files:
  description: The files written.
  returned: always
  type: list
  elements: str
"""
