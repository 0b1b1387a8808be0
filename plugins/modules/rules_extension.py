# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: rules_extension
short_description: Compiled rules extension of the MIM Synchronization Service
version_added: 0.1.0
description:
  - Compiles C# files on the host against MIM's own assembly and puts the result into the service's Extensions folder.
  - Nothing is compiled when the assembly there was made of the same sources against the same version of the service. A record beside it tells.
  - The assembly that is replaced is kept with C(.bak) behind its name.
  - Publishes a rules file beside it, made of rules in YAML, for the extension that M(mimsync.sharepoint.solution_files) brings with O(ignore:rules_engine).
options:
  sources:
    description: The C# files on the host. They are written in C# 5, the language of Windows PowerShell 5.1. Needed for O(state=present).
    type: list
    elements: dict
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
  rules:
    description:
      - Rules as F(docs/rules.md) describes them. They are checked on the controller, and everything that is wrong is told at once.
      - They become F(MimSync.Rules.xml) in the Extensions folder; the former file is kept with C(.bak) behind its name.
    type: dict
  config:
    description:
      - The declaration that M(mimsync.sharepoint.server_configuration) gets. Its flows that say C(rule), C(value) or C(then) become rules of the file.
      - Without O(rules) the file then holds those of the solution, too (C(include=[sharepoint])).
    type: dict
  restart:
    description:
      - The extension reads its rules when it is loaded. V(when_needed) restarts the service when it holds the assembly with other rules.
      - With V(never) new rules count when the service loads the extension again, five idle minutes after a run at the latest.
    type: str
    choices: [when_needed, never]
    default: when_needed
  state:
    description:
      - V(rolled_back) puts the former assembly and rules file back if the last run of an agent says that the present ones cannot be loaded
        (C(stopped-extension-dll-load) and its like). What did not load is kept with C(.failed) behind its name.
    type: str
    choices: [present, rolled_back]
    default: present
notes:
  - The service loads a new assembly by itself; it is restarted for new rules only.
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

- name: Publish rules of our own
  mimsync.sharepoint.rules_extension:
    sources: "{{ solution.sources }}"
    rules:
      include: [sharepoint]
      flows:
        - name: GetDisplayName:displayName,PreferredName
          direction: export
          to: PreferredName
          value: "{lastName}, {firstName}"

- name: Go back to the former extension if a run says that this one cannot be loaded
  mimsync.sharepoint.rules_extension:
    state: rolled_back
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
rules_changed:
  description: Whether the rules file was, or in check mode would be, written.
  returned: success
  type: bool
restarted:
  description: Whether the service was, or in check mode would be, restarted.
  returned: success
  type: bool
notes:
  description: What will not be noticed in time, such as rules that nothing reads any more.
  returned: success
  type: list
  elements: str
load_failures:
  description: Agents whose last run ended because the extension could not be loaded, each with the result.
  returned: success
  type: list
  elements: str
restored:
  description: Full paths of the files that were put back.
  returned: rolled back
  type: list
  elements: str
rules_backup:
  description: Full path of the rules file that was replaced.
  returned: changed, and one was replaced
  type: str
backup:
  description: Full path of the assembly that was replaced.
  returned: changed, and one was replaced
  type: str
"""
