#!/usr/bin/python
# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the module; the work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: key_set
short_description: Backs up the encryption key set of the Synchronization Service
version_added: 0.1.0
author:
  - mimsync.sharepoint contributors (@mimsync)
description:
  - Exports the key set with C(miiskmu.exe) to a file on the host that administrators alone can read. Whoever moves the database, restores it or
    activates a standby needs that file.
  - A record beside the file tells which database and service account it belongs to, so a backup that still fits is left alone.
  - The content of the file is never part of the result.
options:
  path:
    description: The file on the host, such as V(C:\\MIMKeySet\\keyset.bin). Its folder is created.
    type: str
    required: true
  password:
    description:
      - The password of the service's account. Leave it out for a group-managed account.
      - It travels as a sensitive parameter. C(miiskmu.exe) takes it on its command line only, so while that program runs administrators of the
        host can see it in the list of processes, and process auditing with command lines records it.
    type: str
  copy_to:
    description:
      - A folder on the controller that gets a copy, named after host and file and readable by its owner alone.
    type: str
attributes:
  check_mode:
    description: Says whether a backup is due and changes nothing.
    support: full
  diff_mode:
    description: Says whether the backup was there.
    support: full
notes:
  - The caller is a member of the service's admins group, as of the time of logon, and of the host's administrators.
seealso:
  - module: mimsync.sharepoint.server_info
"""

EXAMPLES = r"""
- name: The key set is backed up, with a copy on the controller
  mimsync.sharepoint.key_set:
    path: C:\MIMKeySet\keyset.bin
    password: "{{ vault_svc_mimsync_password }}"
    copy_to: ~/mim-key-sets

- name: The same with a group-managed service account
  mimsync.sharepoint.key_set:
    path: C:\MIMKeySet\keyset.bin
"""

RETURN = r"""
path:
  description: The file on the host.
  returned: success
  type: str
  sample: C:\MIMKeySet\keyset.bin
reason:
  description: Why a backup was due; empty when there was a good one.
  returned: success
  type: str
  sample: There is no backup of the key set yet.
copy:
  description: The copy on the controller.
  returned: when O(copy_to) is given
  type: str
  sample: /home/admin/mim-key-sets/MIM1-keyset.bin
copied:
  description: Whether the copy was written, in check mode whether it would be.
  returned: when O(copy_to) is given
  type: bool
"""
