# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Kinds of agents: the user's word for each, and how its document says so.

Categories: reference page `server-configuration`, MS-UPSCDS 2.2, and the names Microsoft's configuration documenter knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..configuration.model import ManagementAgent


@dataclass(frozen=True)
class AgentKind:
    """`list_name` and `connector` (a file's name) tell connectors of one category apart; lower case, empty for any."""

    word: str
    categories: tuple[str, ...]
    about: str
    list_name: str = ""
    connector: str = ""
    settings: tuple[str, ...] = ()
    forest: bool = False
    parameters: bool = False


_DATABASE = ("server", "database", "data_source", "table", "delta_table", "multivalue_table", "authentication", "object_type", "object_type_column")
_DELIMITED = ("code_page", "delimiter", "text_qualifier", "first_row_is_header", "object_type_attribute")

# The first that fits is taken: the special ones stand in front of the general ones.
KINDS: tuple[AgentKind, ...] = (
    AgentKind("active_directory", ("AD",), "Active Directory Domain Services", forest=True),
    AgentKind("sharepoint_profile_store", ("Extensible2",), "SharePoint's user profiles", list_name="sharepoint profile store", parameters=True),
    AgentKind("global_address_list", ("ADGAL", "AD GAL"), "Active Directory global address list", settings=("contacts_ou",), forest=True),
    AgentKind("ad_lds", ("ADAM", "AD LDS"), "Active Directory Lightweight Directory Services", settings=("port",), forest=True),
    AgentKind("sql_server", ("MSSQL",), "Table or view of SQL Server", settings=_DATABASE),
    AgentKind("database", ("Oracle", "DB2"), "Table or view of another database", settings=_DATABASE),
    AgentKind("mim_service", ("FIM",), "FIM or MIM Service (portal)", settings=("server", "database", "service_url", "authentication")),
    AgentKind("delimited_file", ("Delimited",), "Delimited text file", settings=_DELIMITED),
    AgentKind("ldif_file", ("LDIF",), "LDIF file", settings=("code_page",)),
    AgentKind(
        "text_file",
        ("Fixed", "AVP", "DSML"),
        "Fixed-width, attribute-value-pair or DSML file",
        settings=("code_page", "object_type_attribute"),
    ),
    AgentKind("powershell", ("Extensible2",), "Microsoft's PowerShell connector", list_name="powershell (microsoft)", parameters=True),
    AgentKind("powershell_granfeldt", ("Extensible2",), "Granfeldt's PowerShell connector", connector="granfeldt.powershell", parameters=True),
    AgentKind("ecma2", ("Extensible2",), "Connector of the second generation (ECMA 2)", parameters=True),
    AgentKind("ecma1", ("Extensible",), "Connector of the first generation (ECMA 1)"),
)
OTHER = AgentKind("other", (), "Any other kind; its private settings are kept as they are")
BY_WORD: Mapping[str, AgentKind] = {kind.word: kind for kind in (*KINDS, OTHER)}


def kind_of_agent(agent: ManagementAgent) -> AgentKind:
    """The kind that the document of an agent shows."""
    return next((kind for kind in KINDS if _is(agent, kind)), OTHER)


def _is(agent: ManagementAgent, kind: AgentKind) -> bool:
    if agent.category.casefold() not in {category.casefold() for category in kind.categories}:
        return False
    if kind.connector:
        return kind.connector in agent.connector_file.casefold()
    return not kind.list_name or kind.list_name in (agent.list_name.casefold(), agent.subtype.casefold())
