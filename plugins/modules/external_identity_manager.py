#!/usr/bin/python
# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the module; the work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: external_identity_manager
short_description: Makes a SharePoint farm ready for an external identity manager such as MIM
version_added: 0.1.0
author:
  - mimsync.sharepoint contributors (@mimsync)
description:
  - Gives the User Profile Service Application the value of C(NoILMUsed) that suits the farm's build. Before the public update of February 2017 for
    SharePoint 2016 that is C(true), from it on C(false).
  - From that update on it also sees to the timer job that fills managers and audiences. It provisions the service application again where the job is missing.
  - Tells in the same remote execution which accounts still lack rights.
options:
  service_application:
    description: Name of the User Profile Service Application; not needed when the farm has one.
    type: str
    default: ''
  accounts:
    description: Accounts as C(DOMAIN\name) that need full control, such as the SharePoint agent's.
    type: list
    elements: str
    default: []
  my_site_url:
    description: Address of the My Site host's web application, when the accounts write pictures to it.
    type: str
    default: ''
  setup_account:
    description: A farm administrator as whom the DSC resources run, not the farm account itself.
    type: str
    required: true
  setup_password:
    description: That account's password.
    type: str
    required: true
notes:
  - Changes are made by the DSC community's module SharePointDsc, which has to be installed on the host.
  - Do not switch a farm to and fro between Active Directory Import and an external identity manager; imports may then return nothing, silently.
  - Where the farm's database is on another host, SharePoint needs a logon that may go on, such as one with C(become).
attributes:
  check_mode:
    description: Tells what would be changed and changes nothing.
    support: full
  diff_mode:
    description: Shows value and timer job before and after.
    support: full
seealso:
  - module: ansible.windows.win_dsc
  - module: mimsync.sharepoint.profile_info
"""

EXAMPLES = r"""
- name: The farm takes its profiles from MIM
  mimsync.sharepoint.external_identity_manager:
    accounts: [EXAMPLE\svc-spma]
    my_site_url: https://my.corp.example.com
    setup_account: EXAMPLE\mimsetup
    setup_password: "{{ vault_mimsetup_password }}"
  register: farm

- name: The agent's account administers the service application
  ansible.windows.win_dsc:
    resource_name: SPServiceAppSecurity
    ServiceAppName: "{{ farm.service_application }}"
    SecurityType: Administrators
    MembersToInclude: "{{ farm.grants.administrators }}"
    PsDscRunAsCredential_username: EXAMPLE\mimsetup
    PsDscRunAsCredential_password: "{{ vault_mimsetup_password }}"
  when: farm.lacking.administrators | length > 0
"""

RETURN = r"""
build:
  description: Build of the farm.
  returned: success
  type: str
  sample: 16.0.10337.12109
service_application:
  description: Name of the User Profile Service Application.
  returned: success
  type: str
  sample: User Profile Service Application
no_ilm_used:
  description: The value of C(NoILMUsed) that suits the build.
  returned: success
  type: bool
  sample: false
lacking:
  description: The accounts that lack full control, by the kind of right (C(administrators), C(sharing), C(pictures)).
  returned: success
  type: dict
  sample: {administrators: ['EXAMPLE\svc-spma'], sharing: [], pictures: []}
unknown_accounts:
  description: The accounts that the host cannot find; outside of check mode the module fails on them.
  returned: success
  type: list
  elements: str
  sample: []
grants:
  description: The same as members for C(SPServiceAppSecurity) and, for C(pictures), C(SPWebAppPolicy).
  returned: success
  type: dict
  sample: {administrators: [{Username: 'EXAMPLE\svc-spma', AccessLevels: [Full Control]}], sharing: [], pictures: []}
"""
