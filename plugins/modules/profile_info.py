#!/usr/bin/python
# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the module; the work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: profile_info
short_description: Reads user profiles of a SharePoint farm
version_added: 0.1.0
author:
  - mimsync.sharepoint contributors (@mimsync)
description:
  - Reads named user profiles, or as many as the limit allows, with chosen properties, in one remote execution on a SharePoint server.
options:
  names:
    description: Accounts as C(DOMAIN\name), or bare names together with O(domain). Without names all profiles are read, up to O(limit).
    type: list
    elements: str
    default: []
  domain:
    description: NetBIOS name of the domain for bare names.
    type: str
    default: ''
  properties:
    description: Names of the properties to read.
    type: list
    elements: str
    default: [PreferredName, WorkEmail, Manager, Office, Department, Title, PictureURL]
  limit:
    description: How many profiles are read at most when no names are given; V(0) reads the total alone.
    type: int
    default: 100
  groups:
    description: Whether the farm's member groups are read, too. Audiences by group membership are built on them.
    type: bool
    default: false
  query:
    description: A JMESPath expression. The answer is then its result in RV(query_result) alone.
    type: str
notes:
  - The caller is a farm administrator with rights on the User Profile Service Application. Where the farm's database is on another host, SharePoint
    needs a logon that may go on, such as one with C(become).
requirements:
  - jmespath on the controller
attributes:
  check_mode:
    description: Reads only, so it runs the same in check mode.
    support: full
  diff_mode:
    description: Changes nothing, so there is nothing to show.
    support: none
seealso:
  - module: mimsync.sharepoint.external_identity_manager
"""

EXAMPLES = r"""
- name: Read two profiles
  mimsync.sharepoint.profile_info:
    names: [EXAMPLE\anna, EXAMPLE\ben]
  register: people
  become: true
  become_method: ansible.builtin.runas
  become_user: EXAMPLE\mimsetup

- name: Who of the first thousand has no e-mail address
  mimsync.sharepoint.profile_info:
    limit: 1000
    properties: [WorkEmail]
    query: profiles[?properties.WorkEmail == ''].account
"""

RETURN = r"""
query_result:
  description: What the expression found, in place of all other values.
  returned: when O(query) is given
  type: raw
total:
  description: How many user profiles the farm has.
  returned: without O(query)
  type: int
  sample: 287
missing:
  description: The names without a profile.
  returned: without O(query)
  type: list
  elements: str
  sample: []
profiles:
  description: The profiles with C(account), C(record_id) and C(properties). A property with several values is a list, one without a value is empty text.
  returned: without O(query)
  type: list
  elements: dict
  sample: [{account: 'EXAMPLE\anna', record_id: 12, properties: {WorkEmail: anna@example.com}}]
groups:
  description: The member groups with C(name) and C(source_reference), which is the distinguished name of one that comes from the directory.
  returned: without O(query); empty if O(groups) is not set
  type: list
  elements: dict
  sample: [{name: All Staff, source_reference: 'CN=All Staff,OU=Groups,DC=corp,DC=example,DC=com'}]
counts:
  description: Of the profiles read, how many there are (C(profiles)) and how many of them have an e-mail address, a picture and a manager, as far as
    those properties were read (C(with_email), C(with_picture), C(with_manager)).
  returned: without O(query)
  type: dict
  sample: {profiles: 2, with_email: 2, with_picture: 1, with_manager: 2}
"""
