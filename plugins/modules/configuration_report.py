#!/usr/bin/python
# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the module; the work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: configuration_report
short_description: Reports a synchronization configuration, or the difference of two, as HTML, JSON or Markdown
version_added: 0.1.0
author:
  - mimsync.sharepoint contributors (@mimsync)
description:
  - Writes a file on the controller about a server's configuration or about a folder of exported files; with O(against) about what differs.
  - The HTML page needs nothing but itself, the Markdown form is meant for a pull request, the JSON form for programs.
  - The same configuration gives the same bytes, so the task is unchanged as long as nothing differs.
options:
  from:
    description:
      - Folder on the controller with exported configuration files.
      - Without it the server is asked; nothing changes there.
    type: str
  against:
    description: Folder on the controller with the configuration to compare with, as it was before.
    type: str
  dest:
    description: File on the controller that is written. Its folder must exist.
    type: str
    required: true
  format:
    description: The form of the report. Without it the ending of O(dest) tells (.html, .json or .md).
    type: str
    choices: [html, json, markdown]
attributes:
  check_mode:
    description: Tells whether the file would change, and writes nothing.
    support: full
  diff_mode:
    description: Shows how the file differs from the one that was there.
    support: full
seealso:
  - module: mimsync.sharepoint.server_configuration
"""

EXAMPLES = r"""
- name: Report the server's configuration as a page
  mimsync.sharepoint.configuration_report:
    dest: reports/configuration.html

- name: Report what changed on the server since the last export
  mimsync.sharepoint.configuration_report:
    against: exports/last
    dest: reports/changes.html
  register: changes

- name: Compare two folders of exports for a pull request, without a server
  mimsync.sharepoint.configuration_report:
    from: exports/proposed
    against: exports/current
    dest: comment.md
  delegate_to: localhost
"""

RETURN = r"""
dest:
  description: The file on the controller.
  returned: always
  type: str
different:
  description: Whether the two configurations differ.
  returned: when O(against) is given
  type: bool
verdict:
  description: How many differences there are, in words.
  returned: when O(against) is given
  type: str
  sample: "2 differences: 1 added, 1 moved."
differences:
  description: Numbers of rows that were added, removed, modified and moved.
  returned: when O(against) is given
  type: dict
  sample: {"added": 1, "removed": 0, "modified": 0, "moved": 1}
counts:
  description: How much of what the configuration holds.
  returned: always
  type: dict
  sample: {"Agents": 2, "Import flows": 44}
"""
