#!/usr/bin/python
# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the module; the work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: picture_info
short_description: Reads the pictures of a SharePoint farm's user profiles and their sizes
version_added: 0.1.0
author:
  - mimsync.sharepoint contributors (@mimsync)
description:
  - Tells who has a picture, how large its files on the My Site host are, and who is over the limit of the directory's attribute C(thumbnailPhoto).
  - One remote execution on a SharePoint server, which walks all profiles.
options:
  my_site:
    description: Address of the My Site host.
    type: str
    required: true
  names:
    description: Accounts as C(DOMAIN\name), or bare names together with O(domain), whose pictures' SHA-256 is told.
    type: list
    elements: str
    default: []
  domain:
    description: NetBIOS name of the domain for bare names.
    type: str
    default: ''
  limit_bytes:
    description: The size that a picture may have. The directory's schema allows 102,400 bytes.
    type: int
    default: 102400
notes:
  - Which of a person's files (the one that was uploaded, or a thumbnail of 300, 72 or 48 pixels) the connector fetches is not published. The largest counts.
  - The caller is a farm administrator with rights on the User Profile Service Application and the My Site host.
attributes:
  check_mode:
    description: Reads only, so it runs the same in check mode.
    support: full
  diff_mode:
    description: Changes nothing, so there is nothing to show.
    support: none
seealso:
  - module: mimsync.sharepoint.profile_info
"""

EXAMPLES = r"""
- name: Find pictures that the directory would refuse
  mimsync.sharepoint.picture_info:
    my_site: https://my.corp.example.com
  register: pictures
"""

RETURN = r"""
people:
  description: Those with a picture, by account.
  returned: success
  type: list
  elements: dict
  contains:
    account:
      description: The account.
      type: str
    address:
      description: The picture's address.
      type: str
    bytes:
      description: Size of the largest of the person's files.
      type: int
    digests:
      description: SHA-256 of each of the person's files, for the O(names).
      type: list
      elements: str
too_large:
  description: Accounts whose picture is over the limit.
  returned: success
  type: list
  elements: str
"""
