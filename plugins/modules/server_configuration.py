# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: server_configuration
short_description: Configuration of the MIM Synchronization Service as code
version_added: 0.1.0
description:
  - Reads the server's whole configuration (svrexport), plans in Python what must change for it to hold what is declared, backs up, imports, sets
    credentials, exports again and compares. On any difference that was not planned the former configuration is brought back.
  - What is not declared stays as it is, byte by byte. A second run changes nothing and costs one remote execution.
  - Everything that is wrong with the declaration, or cannot be reached, is reported at once and before anything is changed.
options:
  config:
    description:
      - What the server shall hold. Keys are C(provisioning) (C(none), C(scripted), C(sync-rule) or C(both)) and C(agents), a list.
      - An agent has C(name), C(type) and C(credentials) with C(username) (C(DOMAIN\name), C(name@domain), or
        a bare name with C(domain) beside it) and C(password).
      - An agent of type C(active_directory) has C(forest) (DNS name), C(partitions), C(filters) and C(disabled_users) (C(filter) or C(synchronize)).
      - A partition has C(domain) (DNS name), C(include) and C(exclude) (distinguished names, each list exactly as given) and C(object_types).
        Types that hold other objects (container, crossRef, domainDNS, organizationalUnit) stay in any case.
      - C(filters) maps an object type to a list of filters, of which one is enough to keep an object apart. A filter has C(attribute), C(operator) and
        C(value), or C(all) with a list of such conditions. Operators are C(equals), C(not-equals), C(present), C(not-present), C(starts-with),
        C(ends-with), C(contains), each of the three also with C(not-), C(less-than), C(greater-than), both also with C(-or-equal), C(bit-on) and C(bit-off).
      - An agent of type C(sharepoint_profile_store) has C(url) (protocol, host and port) and C(pictures) (C(to_sharepoint) or C(from_sharepoint)).
      - Further keys (C(flows), C(metaverse), C(run_profiles), agents of any kind) are told in C(docs/configuration.md) and in the JSON schema
        C(docs/schema/sync_configuration.json).
      - Needed for all states but V(gathered) and V(parsed).
    type: dict
  state:
    description:
      - V(merged) adds and changes what is declared; V(replaced) makes what is named exactly so; V(overridden) leaves nothing else; V(deleted) takes away
        what is named. An agent is deleted only with C(confirm), its name again.
      - V(gathered) returns the configuration of the host, or of O(folder), as a declaration.
      - V(rendered) makes files out of O(config) and those of O(folder), V(parsed) a declaration out of O(folder). Both ask no host.
      - V(restored) makes the server hold what O(backup) holds, private settings included. Secrets are in no backup. Those of agents that the server has are
        kept; which ones are lost is said in C(notes), and the passwords of Active Directory and SharePoint agents among them are set from O(config).
    type: str
    choices: [merged, replaced, overridden, deleted, gathered, rendered, parsed, restored]
    default: merged
  rules:
    description:
      - What M(mimsync.sharepoint.rules_extension) gets as its O(mimsync.sharepoint.rules_extension#module:rules). Flows of O(config) name its values (C(rule)).
      - With rules, or flows that say some, rules and planned configuration are compared, and everything that does not fit is told at once.
    type: dict
  rules_assembly:
    description: File of the extension that reads these rules. Agents that name another one are not compared.
    type: str
    default: SharePointSynchronization.dll
  folder:
    description: Folder on the controller with exported files (C(MV.XML), C(MA-*.XML)) that V(state=gathered), V(state=rendered) and V(state=parsed) begin with.
    type: str
  dest:
    description:
      - Folder on the controller for the result. With V(state=gathered) and V(state=parsed) one file of variables an agent and one for the rest,
        with V(state=rendered) the configuration files.
      - Files are replaced in one step each; those that do not differ are not touched.
    type: str
  source:
    description:
      - Folder with the configuration files of a solution. Agents that are declared and not there yet are taken from it, by name.
      - The names of files do not matter. A placeholder forest in them is replaced by the declared one.
    type: str
  source_from:
    description: Where O(source) is.
    type: str
    choices: [host, controller]
    default: host
  backup_folder:
    description:
      - Folder on the host for backups, each in a folder of its own with a C(manifest.json), and for C(passwords.json).
      - C(passwords.json) holds a salted scrypt digest of each password that was set last, so that an unchanged one is not set again.
        Give the folder to administrators only.
    type: str
    default: C:\SharePointSync\Backup
  backup_copy:
    description: Folder on the controller that gets a copy of each backup, below the host's name.
    type: str
  backup:
    description:
      - Name of the backup for V(state=restored), which is that of its folder in O(backup_folder), or V(latest) for the newest one that was made before a
        declared change. Without it the backups are listed, and nothing else happens.
      - A damaged or incomplete backup, or one of a later build than the server's, is refused.
    type: str
  backup_from:
    description:
      - Where O(backup) is. V(controller) stands for the copies in O(backup_copy), below the host's name; with it O(backup) may also be the path of a copy.
    type: str
    choices: [host, controller]
    default: host
  take_over:
    description:
      - Whether to go on at once where another run has left its journal. While a change is made, C(change.journal) in O(backup_folder) names its controller,
        user, beginning and last step, and nobody else can begin one.
      - Not needed for a run that broke off on the same controller. A journal whose script works on the host right now is never taken over.
    type: bool
    default: false
  take_over_after:
    description: How many seconds after its last step a run of another controller counts as broken off.
    type: int
    default: 3600
  update_password:
    description:
      - V(on_change) sets a password when it differs from the one set last, when that is not known, and when the agent's last run ended for want of it.
      - V(always) sets every declared password at each run, and so always reports a change.
    type: str
    choices: [on_change, always]
    default: on_change
  allow_scope_loss:
    description: Whether changes that can delete objects at the next full import and synchronization are made. The plan names them.
    type: bool
    default: false
  wait:
    description: How many seconds to wait for running agents to end before something is imported.
    type: int
    default: 300
  stop_agents:
    description: Whether agents that still run after O(wait) seconds are stopped, as C(Stop) in the Synchronization Service Manager does.
    type: bool
    default: false
  refresh_timeout:
    description:
      - How many seconds to wait for an administrator who refreshes the schema of an agent, where O(config) names new attributes in C(schema_refresh).
        No cmdlet refreshes a schema, the Synchronization Service Manager does. With V(0) the task fails and says what to do.
      - In check mode the plan goes on as if it had been done.
    type: int
    default: 0
  refresh_poll_seconds:
    description: Seconds between two looks at the server meanwhile, each of which is one remote execution.
    type: int
    default: 15
notes:
  - The account of the session must be in the group of synchronization administrators, since its last logon.
  - The forest is asked with the agent's own credentials. Without any, the session's own account must be able to log on there (a second hop).
  - An import that adds agents to an empty server is not taken back when a later step fails. A re-run goes on from there.
  - A run that broke off (controller killed, connection lost, host restarted) is found by the next one, which says at which step. It plans from the backup of
    the run that broke off, and ends in what is declared; what had been left half done is saved in a backup of its own first.
attributes:
  check_mode:
    support: full
    description: Reads and plans, and changes nothing. On a host without the service nothing can be predicted but that something would change.
  diff_mode:
    support: full
    description: Shows what each change is about, before and after.
author:
  - mimsync.sharepoint contributors (@mimsync)
"""

EXAMPLES = r"""
- name: Adopt what people have configured by hand
  mimsync.sharepoint.server_configuration:
    state: gathered
    dest: inventory/group_vars/sync_servers

- name: Read the staff of the domain, without leavers and disabled accounts
  mimsync.sharepoint.server_configuration:
    source: C:\SharePointSync
    config:
      provisioning: scripted
      agents:
        - name: ADMA
          type: active_directory
          forest: corp.example.com
          credentials:
            username: CORP\svc-adma
            password: "{{ vault_adma }}"
          partitions:
            - domain: corp.example.com
              include: ["OU=Staff,DC=corp,DC=example,DC=com"]
              exclude: ["OU=Leavers,OU=Staff,DC=corp,DC=example,DC=com"]
          disabled_users: filter
        - name: SPMA
          type: sharepoint_profile_store
          url: https://ca.corp.example.com:5555
          pictures: to_sharepoint
          credentials:
            username: CORP\svc-spma
            password: "{{ vault_spma }}"

- name: See which backups there are
  mimsync.sharepoint.server_configuration:
    state: restored

- name: Bring back what was before the last change
  mimsync.sharepoint.server_configuration:
    state: restored
    backup: latest
"""

RETURN = r"""
backups:
  description: The backups that there are, the newest first, each with C(name), C(created), C(build), C(purpose), C(agents), C(followed_by) and C(problem).
  returned: O(state) is V(restored) without O(backup)
  type: list
  elements: dict
restored:
  description: The backup that was brought back, or would be; the same keys.
  returned: O(state) is V(restored) with O(backup)
  type: dict
gathered:
  description: The configuration as a declaration, in the form of O(config). Secrets are references to variables of a vault.
  returned: O(state) is V(gathered)
  type: dict
parsed:
  description: The same of exported files.
  returned: O(state) is V(parsed)
  type: dict
rendered:
  description: Name of each file to its content.
  returned: O(state) is V(rendered)
  type: dict
kept_as_it_is:
  description: Agent to the paths of private settings that no declaration speaks of; they stay in the server's documents.
  returned: O(state) is V(gathered) or V(parsed)
  type: dict
findings:
  description: What an import would refuse, what never works and what misleads in the configuration, the grave ones first.
  returned: O(state) is V(gathered) or V(parsed)
  type: list
  elements: dict
  contains:
    severity:
      description: One of error, warning, note.
      type: str
    rule:
      description: Name of the rule, such as unknown-agent.
      type: str
    place:
      description: Where it is, the agent or the metaverse and the item in it.
      type: str
    message:
      description: What is wrong.
      type: str
rules:
  description:
    - What the rules file of the host, or of O(folder), holds besides what flows of the declaration say; for O(rules) and the role's C(sync_solution_rules).
  returned: O(state) is V(gathered) or V(parsed)
  type: dict
secrets_needed:
  description: Names of the variables that a vault must hold.
  returned: O(state) is V(gathered) or V(parsed)
  type: list
  elements: str
files:
  description: Names of the files of O(dest).
  returned: O(dest) was given
  type: list
  elements: str
changes:
  description: The plan in order, made or (in check mode) not.
  returned: success
  type: list
  elements: dict
  contains:
    agent:
      description: Name of the agent, empty for the metaverse.
      type: str
    kind:
      description: What is changed.
      type: str
    sentence:
      description: The change in one sentence.
      type: str
    before:
      description: What was there.
      type: str
    after:
      description: What comes.
      type: str
    risk:
      description: One of none, recalculates, disconnects, can delete.
      type: str
    reason:
      description: Why it has that risk.
      type: str
    run_after:
      description: What must run on the agent before the change is in effect.
      type: list
      elements: str
run_needed:
  description: Agent to what must run on it.
  returned: success
  type: dict
backup:
  description: Folder on the host with the configuration from before.
  returned: changed, not in check mode
  type: str
backup_copy:
  description: The same on the controller.
  returned: changed, and O(backup_copy) was given
  type: str
notes:
  description: What the server wrote in another way than the source, without other meaning.
  returned: success
  type: list
  elements: str
"""
