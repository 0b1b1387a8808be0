# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Connectors of the second generation (ECMA 2) that are known by name: their files, and the parameters that they ask for.

Microsoft's PowerShell connector: pages and names of its reference (learn.microsoft.com, "Windows PowerShell connector technical
reference") and of the published Lync connector's configuration; Granfeldt's: its published source and packaged configuration.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..configuration.model import ParameterDefinition
from .wishes import ParameterWish

CONNECTIVITY, GLOBAL, CAPABILITIES, PARTITION, RUN_STEP = "connectivity", "global", "capabilities", "partition", "run-step"
STRING, SECRET, CHECKBOX, DROP_DOWN, TEXT = "string", "encrypted-string", "checkbox", "drop-down", "text"
# Names of further parameters that Microsoft's connector takes: it makes three of each, one a page.
ADDITIONAL, ADDITIONAL_SECRET = "Additional Config Parameter Names", "Additional Encrypted Config Parameter Names"
_LEVELS = {"Global": GLOBAL, "Partition": PARTITION, "RunStep": RUN_STEP}


@dataclass(frozen=True)
class Connector:
    """`pages`: default and largest import and export pages, in objects. `required`: parameters without which it does not run.

    `discovers`: partitions and hierarchy are asked of the connector as well as the schema. `password`: it can set passwords.
    """

    file: str
    list_name: str
    company: str
    version: str
    definitions: tuple[ParameterDefinition, ...] = ()
    required: frozenset[str] = frozenset()
    pages: tuple[int, int, int, int] = (100, 10000, 100, 10000)
    discovers: bool = False
    password: bool = False


def drop_down(name: str, choices: tuple[str, ...], default: str, use: str = CONNECTIVITY) -> ParameterDefinition:
    return ParameterDefinition(name, DROP_DOWN, use, ",".join(choices), default, choices)


def _plain(use: str, kind: str, *names: str, default: str = "") -> tuple[ParameterDefinition, ...]:
    return tuple(ParameterDefinition(name, kind, use, "", default) for name in names)


_LOGON = ("None", "LogOnInteractive", "LogOnNetwork", "LogOnBatch", "LogOnService", "LogOnNetworkClearText")
_CAPABILITIES = (
    drop_down("Distinguished Name Style", ("None", "Generic", "Ldap"), "Ldap", CAPABILITIES),
    drop_down("Export Type", ("AttributeUpdate", "AttributeReplace", "ObjectReplace", "MultivaluedReferenceAttributeUpdate"), "AttributeUpdate", CAPABILITIES),
    drop_down("Data Normalization", ("None", "Uppercase", "RemoveAccents", "Both"), "None", CAPABILITIES),
    drop_down("Object Confirmation", ("Normal", "NoDeleteConfirmation", "NoAddAndDeleteConfirmation"), "Normal", CAPABILITIES),
    *_plain(CAPABILITIES, CHECKBOX, "Use DN As Anchor (Only LDAP style DN)", default="0"),
    *_plain(CAPABILITIES, CHECKBOX, "Concurrent Operations Of Several Connectors", default="1"),
    *_plain(CAPABILITIES, CHECKBOX, "Partitions (Only LDAP style DN)", "Hierarchy (Only LDAP style DN)", default="0"),
    *_plain(CAPABILITIES, CHECKBOX, "Enable Import", default="1"),
    *_plain(
        CAPABILITIES,
        CHECKBOX,
        "Enable Delta Import",
        "Enable Export",
        "Enable Full Export",
        "No Reference Values In First Export Pass",
        "Enable Object Rename",
        "Delete-Add As Replace",
        "Enable Password operations",
        "Enable Export Password In First Pass",
        default="0",
    ),
)
POWERSHELL = Connector(
    "Microsoft.IAM.Connector.PowerShell.dll",
    "PowerShell (Microsoft)",
    "Microsoft",
    "1.0.419.911",
    (
        *_plain(CONNECTIVITY, STRING, "Server", "Domain", "User"),
        *_plain(CONNECTIVITY, SECRET, "Password"),
        *_plain(CONNECTIVITY, CHECKBOX, "Impersonate Connector Account", "Load User Profile When Impersonating"),
        drop_down("Logon Type When Impersonating", _LOGON, "None"),
        *_plain(CONNECTIVITY, CHECKBOX, "Signed Scripts Only"),
        *_plain(CONNECTIVITY, STRING, "Common Module Script Name (with extension)"),
        *_plain(CONNECTIVITY, TEXT, "Common Module Script", "Validation Script", "Schema Script"),
        *_plain(CONNECTIVITY, STRING, ADDITIONAL, ADDITIONAL_SECRET),
        *_plain(GLOBAL, TEXT, "Partition Script", "Hierarchy Script", "Begin Import Script", "Import Script", "End Import Script"),
        *_plain(GLOBAL, TEXT, "Begin Export Script", "Export Script", "End Export Script"),
        *_plain(GLOBAL, TEXT, "Begin Password Script", "Password Extension Script", "End Password Script"),
        *_CAPABILITIES,
        *_plain(PARTITION, STRING, "Partition Server", "Partition Domain", "Partition User"),
        *_plain(PARTITION, SECRET, "Partition Password"),
        *_plain(PARTITION, CHECKBOX, "Partition Impersonate Connector Account", "Partition Load User Profile When Impersonating"),
        drop_down("Partition Logon Type When Impersonating", _LOGON, "None", PARTITION),
        *_plain(PARTITION, TEXT, "Partition Validation Script"),
    ),
    frozenset({"schema script", "import script"}),
    (9999, 2147483647, 9999, 2147483647),
    discovers=True,
    password=True,
)
GRANFELDT = Connector(
    "Granfeldt.PowerShell.ManagementAgent.dll",
    "PowerShell (Soren Granfeldt)",
    "Soren Granfeldt",
    "6.0.0.0",
    (
        *_plain(CONNECTIVITY, STRING, "Schema Script", "Username"),
        *_plain(CONNECTIVITY, SECRET, "Password"),
        *_plain(CONNECTIVITY, STRING, "Username (auxiliary)"),
        *_plain(CONNECTIVITY, SECRET, "Password (auxiliary)"),
        *_plain(CONNECTIVITY, STRING, "Domain (impersonate)", "Username (impersonate)"),
        # The connector spells it with two blanks.
        *_plain(CONNECTIVITY, SECRET, "Password  (impersonate)"),
        drop_down("PowerShell Version", ("Windows PowerShell 5.1", "PowerShell 7"), "Windows PowerShell 5.1"),
        *_plain(CONNECTIVITY, STRING, "PowerShell 7 Executable Path"),
        *_plain(CONNECTIVITY, TEXT, "Configuration parameters"),
        *_plain(GLOBAL, STRING, "Import Script", "Export Script"),
        *_plain(GLOBAL, CHECKBOX, "Use paged import", default="0"),
        *_plain(GLOBAL, STRING, "Password Management Script"),
        *_plain(GLOBAL, CHECKBOX, "Export simple objects", default="1"),
    ),
    frozenset({"schema script", "import script", "export script", "password management script"}),
    (100, 10000, 100, 9999),
    password=True,
)
# By the user's word for the kind of agent.
CONNECTORS: Mapping[str, Connector] = {"powershell": POWERSHELL, "powershell_granfeldt": GRANFELDT}


def all_definitions(connector: Connector, wishes: tuple[ParameterWish, ...]) -> tuple[ParameterDefinition, ...]:
    """With the parameters that Microsoft's connector makes of names that were given to it."""
    given = {wish.name.casefold(): wish.value for wish in wishes}
    made = list(connector.definitions)
    for title, kind in ((ADDITIONAL, STRING), (ADDITIONAL_SECRET, SECRET)):
        names = [name.strip() for name in given.get(title.casefold(), "").split(",") if name.strip()]
        made += _levelled(names, kind)
    return tuple(made)


def _levelled(names: list[str], kind: str) -> Iterator[ParameterDefinition]:
    for level, use in _LEVELS.items():
        yield from (ParameterDefinition(f"{name}_{level}", kind, use) for name in names)
