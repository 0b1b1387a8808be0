#!/usr/bin/python
# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the module; the work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: logon_rights_info
short_description: Tells which logon rights the service account lacks on a host
version_added: 0.1.0
author:
  - mimsync.sharepoint contributors (@mimsync)
description:
  - Reads all user rights of the host at once and names those that the account should hold and does not.
  - M(ansible.windows.win_user_right) then grants the missing ones. It takes one right a call, so asking it for each would cost a remote execution apiece.
options:
  account:
    description: The account as C(DOMAIN\name).
    type: str
    required: true
  denied_logons:
    description: Ways to log on that are to be denied to the account.
    type: list
    elements: str
    choices: [batch, local, network, remote_desktop]
    default: [batch, local, network, remote_desktop]
  group_managed:
    description: The account is group-managed. Network logon is then never denied, for an agent of the MIM Service may need it.
    type: bool
    default: false
attributes:
  check_mode:
    description: Reads only, so it runs the same in check mode.
    support: full
  diff_mode:
    description: Changes nothing, so there is nothing to show.
    support: none
"""

EXAMPLES = r"""
- name: Read which rights the service account lacks
  mimsync.sharepoint.logon_rights_info:
    account: EXAMPLE\svc-mimsync
  register: rights

- name: The service account holds its rights
  ansible.windows.win_user_right:
    name: "{{ item }}"
    users: EXAMPLE\svc-mimsync
    action: add
  loop: "{{ rights.missing }}"
"""

RETURN = r"""
exists:
  description: The account can be found.
  returned: always
  type: bool
  sample: true
wanted:
  description: The rights that the account should hold.
  returned: always
  type: list
  elements: str
  sample: [SeServiceLogonRight, SeDenyBatchLogonRight]
missing:
  description: Those of them that it does not hold.
  returned: always
  type: list
  elements: str
  sample: [SeDenyBatchLogonRight]
"""
