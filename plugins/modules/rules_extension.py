# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: rules_extension
short_description: Compiled rules extension of the MIM Synchronization Service
version_added: 0.1.0
description:
  - Compiles C# files on the host against MIM's own assembly and puts the result into the service's Extensions folder.
  - Nothing is compiled when the assembly there was made of the same sources against the same version of the service. A record beside it tells.
  - The assembly that is replaced is kept with C(.bak) behind its name.
options:
  sources:
    description: The C# files on the host. They are written in C# 5, the language of Windows PowerShell 5.1.
    type: list
    elements: dict
    required: true
    suboptions:
      path:
        description: Full path of the file.
        type: str
        required: true
      sha256:
        description: What the file has to hold. In check mode the prediction is made from it.
        type: str
  assembly:
    description: File name of the assembly, as the configuration's C(extension) elements name it.
    type: str
    default: SharePointSynchronization.dll
notes:
  - The service loads a new assembly by itself; it is not restarted.
  - Nothing is published while a run is under way, since a new assembly would end it.
  - After a change of rules, run a full synchronization.
attributes:
  check_mode:
    support: full
    description: Tells whether the assembly would be compiled. Whether the sources compile is known only then.
  diff_mode:
    support: full
    description: Shows what the assembly is, and would be, made of.
author:
  - mimsync.sharepoint contributors (@mimsync)
"""

EXAMPLES = r"""
- name: Publish the rules extension
  mimsync.sharepoint.rules_extension:
    sources: "{{ solution.sources }}"
"""

RETURN = r"""
assembly:
  description: Full path of the assembly; empty in check mode on a host without the service.
  returned: success
  type: str
reason:
  description: Why it was, or in check mode would be, compiled; empty when nothing was to be done.
  returned: success
  type: str
backup:
  description: Full path of the assembly that was replaced.
  returned: changed, and one was replaced
  type: str
"""
