# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: solution_files
short_description: Files of a synchronization solution on the MIM host
version_added: 0.1.0
description:
  - Puts the configuration files, the PowerShell module, the task scripts and the source of the rules extension into one folder.
  - The host is asked once for the hashes of all files, and written to once when some differ.
options:
  folder:
    description: Full path of the folder on the host. It is created when it is missing.
    type: str
    default: C:\SharePointSync
  source:
    description:
      - V(built_in) builds the collection's own solution on the controller; nothing is downloaded.
      - V(pnp) is the PnP solution at a pinned commit. Files that the host lacks are downloaded by the controller, and their hashes are checked.
      - The two task scripts are always the collection's own.
    type: str
    choices: [built_in, pnp]
    default: built_in
  directory_agents:
    description:
      - Names of the Active Directory agents of the built-in solution, one for each forest. Each gets a file of its own, with the rules of F(MA-ADMA.XML).
      - Where several hold a person, the agents named first win. The person goes with the last of the accounts.
    type: list
    elements: str
    default: [ADMA]
  local_folder:
    description:
      - Folder on the controller that holds F(MV.XML) and the agents' files, instead of O(source).
      - A relative path starts where ansible-playbook was started.
      - F(SharePointSync.psm1) and F(SynchronizationRulesExtensions.cs) are taken from it when they are there, else from the built-in solution.
    type: path
  url:
    description: Address below which the files of the PnP solution lie, for a mirror.
    type: str
    default: https://raw.githubusercontent.com/pnp/PnP-Tools/6a1d0c3d6ae07faa4bd81a4eee277299b7b27ce9/Solutions/UserProfile.MIMSync
  rules_engine:
    description:
      - Also puts the sources of the extension that reads a rules file into the folder, and names them in RV(sources) instead of the solution's own.
      - The module M(mimsync.sharepoint.rules_extension) gives it its rules.
    type: bool
    default: false
  timeout:
    description: Seconds that one download may take.
    type: int
    default: 60
notes:
  - Files that do not belong to the solution stay.
attributes:
  check_mode:
    support: full
    description: Tells what would be written without writing it. Nothing is downloaded.
  diff_mode:
    support: full
    description: Shows names and hashes of the files that differ.
author:
  - mimsync.sharepoint contributors (@mimsync)
"""

EXAMPLES = r"""
- name: Put the built-in solution on the host
  mimsync.sharepoint.solution_files:
    folder: C:\SharePointSync
  register: solution

- name: Put an exported configuration of our own on the host
  mimsync.sharepoint.solution_files:
    local_folder: ../exports/production
"""

RETURN = r"""
folder:
  description: Full path of the folder.
  returned: success
  type: str
written:
  description: Names of the files that were, or in check mode would be, written.
  returned: success
  type: list
  elements: str
sources:
  description: The C# files of the rules extension, as M(mimsync.sharepoint.rules_extension) takes them.
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: Full path on the host.
      type: str
    sha256:
      description: Hash of what the file holds.
      type: str
notes:
  description: What the user should know of the choice of files.
  returned: success
  type: list
  elements: str
"""
