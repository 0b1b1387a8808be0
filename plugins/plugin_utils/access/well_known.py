# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Rights of Active Directory by name, with their GUIDs, as the console and the schema call them.

Sources: reference/sharepoint-and-setup.md section 6; Microsoft's "Extended Rights" and "Property Sets" of the AD schema reference.
What is not listed here is resolved on the host, from CN=Extended-Rights and the schema.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class NamedRight:
    """`kind`: extended (control access), validated (validated write) or property_set."""

    name: str
    display: str
    guid: str
    kind: str = "extended"


# Rights that are a mask by themselves: name in a playbook -> (letters, words for people).
MASKS: dict[str, tuple[str, str]] = {
    "full_control": ("GA", "Full control"),
    "generic_all": ("GA", "Full control"),
    "generic_read": ("GR", "Read"),
    "generic_write": ("GW", "Write"),
    "generic_execute": ("GX", "Execute"),
    "list_children": ("LC", "List contents"),
    "list_object": ("LO", "List object"),
    "read_property": ("RP", "Read property"),
    "write_property": ("WP", "Write property"),
    "create_child": ("CC", "Create child"),
    "delete_child": ("DC", "Delete child"),
    "delete": ("SD", "Delete"),
    "delete_tree": ("DT", "Delete subtree"),
    "read_permissions": ("RC", "Read permissions"),
    "modify_permissions": ("WD", "Modify permissions"),
    "modify_owner": ("WO", "Modify owner"),
    "all_validated_writes": ("SW", "All validated writes"),
    "all_extended_rights": ("CR", "All extended rights"),
}

_RIGHTS = (
    ("DS-Replication-Get-Changes", "Replicating Directory Changes", "1131f6aa-9c07-11d1-f79f-00c04fc2dcd2", "extended"),
    ("DS-Replication-Get-Changes-All", "Replicating Directory Changes All", "1131f6ad-9c07-11d1-f79f-00c04fc2dcd2", "extended"),
    ("DS-Replication-Get-Changes-In-Filtered-Set", "Replicating Directory Changes In Filtered Set", "89e95b76-444d-4c62-991a-0facbeda640c", "extended"),
    ("DS-Replication-Synchronize", "Replication Synchronization", "1131f6ab-9c07-11d1-f79f-00c04fc2dcd2", "extended"),
    ("DS-Replication-Manage-Topology", "Manage Replication Topology", "1131f6ac-9c07-11d1-f79f-00c04fc2dcd2", "extended"),
    ("DS-Replication-Monitor-Topology", "Monitor Active Directory Replication", "f98340fb-7c5b-4cdb-a00b-2ebdfa115a96", "extended"),
    ("User-Force-Change-Password", "Reset Password", "00299570-246d-11d0-a768-00aa006e0529", "extended"),
    ("User-Change-Password", "Change Password", "ab721a53-1e2f-11d0-9819-00aa0040529b", "extended"),
    ("Send-As", "Send As", "ab721a54-1e2f-11d0-9819-00aa0040529b", "extended"),
    ("Send-To", "Send To", "ab721a55-1e2f-11d0-9819-00aa0040529b", "extended"),
    ("Receive-As", "Receive As", "ab721a56-1e2f-11d0-9819-00aa0040529b", "extended"),
    ("Reanimate-Tombstones", "Reanimate Tombstones", "45ec5156-db7e-47bb-b53f-dbeb2d03c40f", "extended"),
    ("Allowed-To-Authenticate", "Allowed to Authenticate", "68b1d179-0d15-4d4f-ab71-46152e79a7bc", "extended"),
    ("Migrate-SID-History", "Migrate SID History", "ba33815a-4f93-4c76-87f3-57574bff8109", "extended"),
    ("Unexpire-Password", "Unexpire Password", "ccc2dc7d-a6ad-4a7a-8846-c04e3cc53501", "extended"),
    ("Apply-Group-Policy", "Apply Group Policy", "edacfd8f-ffb3-11d1-b41d-00a0c968f939", "extended"),
    ("Validated-SPN", "Validated write to service principal name", "f3a64788-5306-11d1-a9c5-0000f80367c1", "validated"),
    ("Validated-DNS-Host-Name", "Validated write to DNS host name", "72e39547-7b18-11d1-adef-00c04fd8d5cd", "validated"),
    ("Self-Membership", "Add/Remove self as member", "bf9679c0-0de6-11d0-a285-00aa003049e2", "validated"),
    ("Personal-Information", "Personal Information", "77b5b886-944a-11d1-aebd-0000f80367c1", "property_set"),
    ("Public-Information", "Public Information", "e48d0154-bcf8-11d1-8702-00c04fb96050", "property_set"),
    ("General-Information", "General Information", "59ba2f42-79a2-11d0-9020-00c04fc2d3cf", "property_set"),
    ("Email-Information", "Phone and Mail Options", "e45795b2-9455-11d1-aebd-0000f80367c1", "property_set"),
    ("Web-Information", "Web Information", "e45795b3-9455-11d1-aebd-0000f80367c1", "property_set"),
    ("User-Account-Restrictions", "Account Restrictions", "4c164200-20c0-11d0-a768-00aa006e0529", "property_set"),
    ("User-Logon", "Logon Information", "5f202010-79a5-11d0-9020-00c04fc2d4cf", "property_set"),
    ("Membership", "Group Membership", "bc0ac240-79a9-11d0-9020-00c04fc2d4cf", "property_set"),
    ("Domain-Password", "Domain Password & Lockout Policies", "c7407360-20bf-11d0-a768-00aa006e0529", "property_set"),
    ("Private-Information", "Private Information", "91e647de-d96f-4b70-9557-d63ff4f3ccd8", "property_set"),
)
NAMED_RIGHTS: tuple[NamedRight, ...] = tuple(NamedRight(*row) for row in _RIGHTS)
REPLICATING_DIRECTORY_CHANGES = NAMED_RIGHTS[0].guid


def plain(name: str) -> str:
    """The form in which names are compared: `Replicating Directory Changes` and `replicating_directory_changes` are one."""
    return "".join(char for char in name.casefold() if char.isalnum())


_BY_NAME = {plain(word): right for right in NAMED_RIGHTS for word in (right.name, right.display, right.guid)}


def named_right(name: str) -> NamedRight | None:
    """By its name in CN=Extended-Rights, its display name, either with underscores, or its GUID."""
    return _BY_NAME.get(plain(name))
