#!/usr/bin/python
# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the module; the work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: directory_access_rule
short_description: Single access control entries on objects of Active Directory
version_added: 0.1.0
author:
  - mimsync.sharepoint contributors (@mimsync)
description:
  - Adds or removes single entries of the access list of directory objects. All other entries, their order, owner and audit list stay as they are.
  - Everything that one task declares is read in one remote execution, planned on the controller, and written in one more where something changes.
    A descriptor that somebody else changed in between is not overwritten.
options:
  path:
    description: Distinguished name of the object.
    type: str
  naming_context:
    description: Head of a naming context of the domain, instead of O(path).
    type: str
    choices: [domain, configuration, schema]
  trustee:
    description: Account or group that the rule is for, as C(DOMAIN\name), C(name@domain) or SID.
    type: str
  rights:
    description:
      - Rights by name. Either of the directory itself (C(read_property), C(write_property), C(create_child), C(delete_child), C(delete), C(delete_tree),
        C(list_children), C(list_object), C(read_permissions), C(modify_permissions), C(modify_owner), C(generic_read), C(generic_write), C(generic_execute),
        C(full_control), C(all_extended_rights), C(all_validated_writes)), or an extended right or validated write, by the name the console shows
        (C(Replicating Directory Changes)), the same with underscores (C(replicating_directory_changes)) or its name in C(CN=Extended-Rights)
        (C(DS-Replication-Get-Changes)).
    type: list
    elements: str
  access:
    description: Whether the rights are allowed or denied.
    type: str
    choices: [allow, deny]
    default: allow
  attributes:
    description:
      - Attributes (lDAPDisplayName) or property sets (C(Personal Information)) that C(read_property) and C(write_property) are limited to; one entry each.
      - Empty for all.
    type: list
    elements: str
    default: []
  object_classes:
    description: Classes that C(create_child) and C(delete_child) are limited to; one entry each. Empty for all.
    type: list
    elements: str
    default: []
  applies_to:
    description: Whether the rule counts on the object itself, on what lies below it, or on both.
    type: str
    choices: [this_object, descendants, this_object_and_descendants]
    default: this_object
  inherited_object_class:
    description: Class of the descendants that the rule is handed down to. Empty for all.
    type: str
    default: ""
  state:
    description:
      - C(present) adds the entry where the explicit entries do not say it already.
      - C(absent) takes these rights out of the explicit entries for exactly the same trustee, object, scope and kind. Inherited entries are never touched.
    type: str
    choices: [present, absent]
    default: present
  rules:
    description:
      - Several rules, on one object or several, in one task. O(path) or O(naming_context) of the task count for rules that name no object.
    type: list
    elements: dict
    suboptions:
      path:
        description: Distinguished name of the object.
        type: str
      naming_context:
        description: Head of a naming context of the domain, instead of O(rules[].path).
        type: str
        choices: [domain, configuration, schema]
      trustee:
        description: Account or group that the rule is for, as C(DOMAIN\name), C(name@domain) or SID.
        type: str
        required: true
      rights:
        description:
          - Rights by name. Either of the directory itself (C(read_property), C(write_property), C(create_child), C(delete_child), C(delete), C(delete_tree),
            C(list_children), C(list_object), C(read_permissions), C(modify_permissions), C(modify_owner), C(generic_read), C(generic_write),
            C(generic_execute), C(full_control), C(all_extended_rights), C(all_validated_writes)), or an extended right or validated write, by the name
            the console shows (C(Replicating Directory Changes)), the same with underscores (C(replicating_directory_changes)) or its name in
            C(CN=Extended-Rights) (C(DS-Replication-Get-Changes)).
        type: list
        elements: str
        required: true
      access:
        description: Whether the rights are allowed or denied.
        type: str
        choices: [allow, deny]
        default: allow
      attributes:
        description:
          - Attributes (lDAPDisplayName) or property sets (C(Personal Information)) that C(read_property) and C(write_property) are limited to; one entry each.
          - Empty for all.
        type: list
        elements: str
        default: []
      object_classes:
        description: Classes that C(create_child) and C(delete_child) are limited to; one entry each. Empty for all.
        type: list
        elements: str
        default: []
      applies_to:
        description: Whether the rule counts on the object itself, on what lies below it, or on both.
        type: str
        choices: [this_object, descendants, this_object_and_descendants]
        default: this_object
      inherited_object_class:
        description: Class of the descendants that the rule is handed down to. Empty for all.
        type: str
        default: ""
      state:
        description:
          - C(present) adds the entry where the explicit entries do not say it already.
          - C(absent) takes these rights out of the explicit entries for exactly the same trustee, object, scope and kind. Inherited entries are never touched.
        type: str
        choices: [present, absent]
        default: present
  domain_server:
    description: Domain controller or domain to work on. Empty for the domain of the host that runs the task.
    type: str
    default: ""
attributes:
  check_mode:
    description: Reads and plans, writes nothing. A trustee or object that is not there yet is taken as one that an earlier task would have made,
      with a warning.
    support: full
  diff_mode:
    description: Shows the entries that are added and removed in words.
    support: full
notes:
  - The account that runs the task needs the right to modify permissions on the object.
  - Run it on a domain controller, or with become or credential delegation, since a network logon is not passed on to another server.
seealso:
  - module: microsoft.ad.object
"""

EXAMPLES = r"""
- name: Let the agent's account replicate changes of the domain and of the configuration
  mimsync.sharepoint.directory_access_rule:
    rules:
      - naming_context: domain
        trustee: EXAMPLE\svc-adma
        rights: [replicating_directory_changes]
      - naming_context: configuration
        trustee: EXAMPLE\svc-adma
        rights: [replicating_directory_changes]

- name: Let it write one attribute of the users below an OU
  mimsync.sharepoint.directory_access_rule:
    path: OU=Staff,DC=corp,DC=example,DC=com
    trustee: EXAMPLE\svc-adma
    rights: [read_property, write_property]
    attributes: [thumbnailPhoto]
    applies_to: descendants
    inherited_object_class: user

- name: Take back the right to create and delete users in an OU
  mimsync.sharepoint.directory_access_rule:
    path: OU=Target,DC=corp,DC=example,DC=com
    trustee: EXAMPLE\svc-adma
    rights: [create_child, delete_child]
    object_classes: [user]
    applies_to: this_object_and_descendants
    state: absent
"""

RETURN = r"""
entries:
  description: Every entry that the task declares, in order.
  returned: success
  type: list
  elements: dict
  contains:
    object:
      description: Distinguished name of the object.
      type: str
      sample: DC=corp,DC=example,DC=com
    state:
      description: What was declared.
      type: str
      sample: present
    entry:
      description: The entry as SDDL.
      type: str
      sample: (OA;;CR;1131f6aa-9c07-11d1-f79f-00c04fc2dcd2;;S-1-5-21-1-2-3-1105)
    words:
      description: The same for people.
      type: str
      sample: 'EXAMPLE\svc-adma: allow Replicating Directory Changes on DC=corp,DC=example,DC=com (this object only)'
    changed:
      description: Whether it had to be added or removed.
      type: bool
      sample: true
"""
