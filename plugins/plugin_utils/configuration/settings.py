# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Private settings of agents that are texts of single elements, by names of our own.

Element names: MS-UPSCDS 2.2 for Active Directory; for the others the paths that Microsoft's configuration documenter
reads (AD LDS keeps its server and port where Active Directory keeps its forest). What is not listed stays untouched.
"""

from __future__ import annotations

from collections.abc import Mapping

from .element import Element
from .model import Column

_DIRECTORY = "private-configuration/adma-configuration"
_DATABASE = "private-configuration/oledbma-configuration"
_PORTAL = "private-configuration/fimma-configuration/connection-info"
_FILE = "private-configuration/MAConfig"

_LDS = {"port": f"{_DIRECTORY}/forest-port"}
_GAL = {"contacts_ou": f"{_DIRECTORY}/ui-data/galma/target-ou"}
_SQL = {
    "server": f"{_DATABASE}/connection-info/server",
    "database": f"{_DATABASE}/connection-info/databasename",
    "data_source": f"{_DATABASE}/connection-info/datasource",
    "table": f"{_DATABASE}/connection-info/tablename",
    "delta_table": f"{_DATABASE}/connection-info/delta-tablename",
    "multivalue_table": f"{_DATABASE}/connection-info/multivalued-tablename",
    "authentication": f"{_DATABASE}/connection-info/authentication",
    "user": f"{_DATABASE}/connection-info/user",
    "domain": f"{_DATABASE}/connection-info/domain",
    "object_type": f"{_DATABASE}/mms-info/object-type",
    "object_type_column": f"{_DATABASE}/mms-info/object-type-info/object-type-column",
}
_MIM = {
    "server": f"{_PORTAL}/server",
    "database": f"{_PORTAL}/databasename",
    "service_url": f"{_PORTAL}/serviceHost",
    "authentication": f"{_PORTAL}/authentication",
    "user": f"{_PORTAL}/user",
    "domain": f"{_PORTAL}/domain",
}
_TEXT_FILE = {
    "code_page": f"{_FILE}/delimited_format/code_page",
    "delimiter": f"{_FILE}/delimited_format/delimiter",
    "text_qualifier": f"{_FILE}/delimited_format/text_qualifier",
    "first_row_is_header": f"{_FILE}/delimited_format/first_row_contains_headers",
    "object_type_attribute": f"{_FILE}/importing/object_class_attribute",
}
_LDIF_FILE = {"code_page": f"{_FILE}/ldif_format/code_page"}
_FIXED_FILE = {"code_page": f"{_FILE}/fixed_width_format/code_page", "object_type_attribute": f"{_FILE}/importing/object_class_attribute"}

# By the agent's category in lower case: name of the setting -> path below `ma-data`.
SETTINGS: Mapping[str, Mapping[str, str]] = {
    "adgal": _GAL,
    "ad gal": _GAL,
    "adam": _LDS,
    "ad lds": _LDS,
    "mssql": _SQL,
    "oracle": _SQL,
    "db2": _SQL,
    "fim": _MIM,
    "delimited": _TEXT_FILE,
    "ldif": _LDIF_FILE,
    "fixed": _FIXED_FILE,
}


def setting_paths(category: str) -> Mapping[str, str]:
    """Names and paths of the settings that an agent of this category may have."""
    return SETTINGS.get(category.casefold(), {})


def read_settings(data: Element, category: str) -> dict[str, str]:
    """The settings that the agent's document holds; `data` is its `ma-data`."""
    found = {name: data.find(path) for name, path in setting_paths(category).items()}
    return {name: element.text.strip() for name, element in found.items() if element is not None and not element.children}


def read_columns(data: Element) -> tuple[Column, ...]:
    """The columns of a delimited or fixed-width file (`<format>/attributes/attribute`); none for other agents."""
    form = data.find(f"{_FILE}/delimited_format") or data.find(f"{_FILE}/fixed_width_format")
    if form is None:
        return ()
    widths = ((item.find_text("name"), item.find_text("length")) for item in form.find_all("attributes/attribute"))
    return tuple(Column(name, int(width) if width.isdigit() else 0) for name, width in widths if name)
