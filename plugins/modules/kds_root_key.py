#!/usr/bin/python
# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the module; the work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: kds_root_key
short_description: Root key of the Group Key Distribution Service
version_added: 0.1.0
author:
  - mimsync.sharepoint contributors (@mimsync)
description:
  - Makes sure that the forest has a root key, without which there are no group-managed service accounts. An existing key is left as it is.
  - Domain controllers use a key ten hours after its effective time. RV(usable) says whether that time has come, RV(usable_at) when it will.
options:
  state:
    description: A key is only ever added; removing one would break all accounts that depend on it.
    type: str
    choices: [present]
    default: present
  effective_time:
    description: When a new key takes effect, as C(2026-01-31T08:00:00Z). Empty for now.
    type: str
    default: ""
  skip_replication_wait:
    description:
      - Gives a new key an effective time of ten hours ago, so that it can be used at once.
      - Only for a forest with one domain controller, or where replication was made sure of otherwise.
    type: bool
    default: false
attributes:
  check_mode:
    description: Reads only.
    support: full
  diff_mode:
    description: Shows the key.
    support: full
notes:
  - Run it on a domain controller, as a member of Domain Admins of the forest's root domain or of Enterprise Admins.
seealso:
  - module: microsoft.ad.service_account
"""

EXAMPLES = r"""
- name: The forest has a root key
  mimsync.sharepoint.kds_root_key:
  register: root_key

- name: It can be used
  ansible.builtin.assert:
    that: root_key.usable
    fail_msg: "The root key can be used from {{ root_key.usable_at }} on; run the playbook again then."
"""

RETURN = r"""
key_id:
  description: GUID of the key; empty in check mode for one that would be made.
  returned: success
  type: str
  sample: 3c4b6f7a-7d1c-4c1e-9a44-7ab0ef1f3c5d
effective_at:
  description: Its effective time, ISO 8601 in UTC.
  returned: success
  type: str
  sample: "2026-01-31T08:00:00Z"
usable_at:
  description: Ten hours later, ISO 8601 in UTC.
  returned: success
  type: str
  sample: "2026-01-31T18:00:00Z"
usable:
  description: Whether domain controllers use it already.
  returned: success
  type: bool
  sample: true
"""
