#!/usr/bin/python
# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the module; the work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: setup_package
short_description: Installs an MSI or MSP without giving away its secrets
version_added: 0.1.0
author:
  - mimsync.sharepoint contributors (@mimsync)
description:
  - Installs or patches through M(ansible.windows.win_package), which decides what is installed already and checks the file's hash.
  - That module shows the command line and the verbose log when a package fails, both with every property in them. This one keeps passwords out of
    output, diff, the host's event log and errors, and still says why the package gave up, in the package's own words.
  - While the package runs, its command line is visible to administrators in the host's list of processes. Windows Installer offers no other way.
options:
  path:
    description: Path on the host, a share, or a URL.
    type: str
    required: true
  checksum:
    description: SHA-256 of the file. It is checked before the package runs.
    type: str
  properties:
    description: Public properties of the package by name.
    type: dict
    default: {}
  secret_properties:
    description: Properties whose values are secrets.
    type: dict
    default: {}
  product_id:
    description: Product or patch code. With it a package that is installed already needs no download from a URL.
    type: str
  creates_path:
    description: A path on the host; the package is taken as installed when it exists.
    type: str
  creates_service:
    description: A service on the host; the package is taken as installed when it exists.
    type: str
attributes:
  check_mode:
    description: Can run in check mode and tells what would change.
    support: full
  diff_mode:
    description: Tells what changed.
    support: full
"""

EXAMPLES = r"""
- name: The synchronization service is installed
  mimsync.sharepoint.setup_package:
    path: C:\Media\Synchronization Service\Synchronization Service.msi
    checksum: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    properties:
      ACCEPT_EULA: "1"
      SERVICEACCOUNT: svc-mimsync
    secret_properties:
      SERVICEPASSWORD: "{{ vault_svc_mimsync_password }}"
"""

RETURN = r"""
rc:
  description: Exit code of Windows Installer; 0 when there was nothing to do.
  returned: always
  type: int
  sample: 0
reboot_required:
  description: The package asks for a restart of the host.
  returned: always
  type: bool
  sample: false
reasons:
  description: Why the package failed, in its own words.
  returned: on failure
  type: list
  elements: str
  sample: ["Error 25009. The setup wizard cannot configure the specified database."]
"""
