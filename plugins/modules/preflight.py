#!/usr/bin/python
# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the module; the work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: preflight
short_description: Finds what is missing or wrong on one host before anything is changed
version_added: 0.1.0
author:
  - mimsync.sharepoint contributors (@mimsync)
description:
  - Asks the host once for all that its inventory groups make necessary, and judges the answer.
  - It does not fail because of what it finds. M(mimsync.sharepoint.preflight_report) puts the findings of all hosts into one list and stops there.
options:
  host_groups:
    description: Inventory groups of the host; they decide what is looked at.
    type: list
    elements: str
    required: true
  domain:
    description: DNS name of the domain.
    type: str
    required: true
  netbios:
    description: NetBIOS name of the domain.
    type: str
    required: true
  sharepoint_version:
    description: Version of SharePoint, which decides the operating system and the builds of MIM that fit.
    type: str
    choices: ["2016", "2019", "subscription"]
    default: "2019"
  sql_server:
    description: SQL host of the synchronization database. Empty for none to be looked at.
    type: str
    default: ""
  sql_instance:
    description: Its instance. Empty for the default one.
    type: str
    default: ""
  media:
    description: Installation media by name, each with O(media) keys C(path) and C(checksum) (SHA-256, may be left out).
    type: dict
    default: {}
  urls:
    description: Addresses that must answer, by the variable that holds them.
    type: dict
    default: {}
  scope:
    description: Organizational units that must exist, as lists C(include) and C(exclude).
    type: dict
    default: {}
attributes:
  check_mode:
    description: Reads only, so it runs the same in check mode.
    support: full
  diff_mode:
    description: Changes nothing, so there is nothing to show.
    support: none
"""

EXAMPLES = r"""
- name: Look at the host
  mimsync.sharepoint.preflight:
    host_groups: "{{ group_names }}"
    domain: corp.example.com
    netbios: CORP
    sql_server: SQL1
    urls:
      mimsync_sharepoint_url: https://sharepoint.corp.example.com
"""

RETURN = r"""
findings:
  description: What was found on this host.
  returned: always
  type: list
  elements: dict
  contains:
    host:
      description: The host.
      type: str
    severity:
      description: One of error, warning, info.
      type: str
    message:
      description: What is missing or wrong.
      type: str
    remedy:
      description: What to do about it.
      type: str
facts:
  description: The host's answer.
  returned: always
  type: dict
"""
