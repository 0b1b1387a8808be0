# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The classes as objects of the schema naming context, and what happens when somebody extends one.

Members of Schema Admins alone may write there ([MS-ADTS] 3.1.1.2, Microsoft: "Default security of the schema"). Optional
attributes that a forest is born with stand in systemMayContain here; what people add stands in mayContain, as in a
real forest. Attributes are no objects here, and new classes and attributes are not simulated.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from .directory_errors import UNWILLING, failure

if TYPE_CHECKING:
    from .directory import Directory
    from .directory_entry import Entry
    from .directory_rules import Modification

CLASS = "classSchema"
_MAY = "mayContain"
# Classes whose default object category is that of another class; the rest is named like its category.
_NAMES = {"user": "User", "organizationalPerson": "Organizational-Person", "inetOrgPerson": "inetOrgPerson", "contact": "Contact", "domain": "Domain"}
_READ, _WRITE, _ALL = "RPLCLORC", "RPWPCRLCLOCCRCWDWOSW", "RPWPCRCCDCLCLORCWOWDSDDTSW"


def publish_classes(directory: Directory, replication: str) -> None:
    """Makes the objects; `replication` are the access rules of the head that let controllers replicate."""
    head = directory.get(directory.schema_dn)
    head.descriptor = f"O:SAG:SAD:(A;CI;{_READ};;;AU)(A;CI;{_WRITE};;;SA)(A;CI;{_ALL};;;SY){replication}"
    for item in set(directory.schema.classes.values()):
        attributes = {
            "lDAPDisplayName": item.name,
            "schemaIDGUID": uuid.UUID(item.guid).bytes_le,
            "subClassOf": item.superior,
            "systemMayContain": sorted(item.may),
        }
        directory.create(
            f"CN={_NAMES.get(item.name, item.category)},{directory.schema_dn}", CLASS, {name: value for name, value in attributes.items() if value}
        )


def check_extension(directory: Directory, changes: Sequence[Modification]) -> None:
    """Raises DirectoryError for what a class cannot hold."""
    for change in changes:
        if change.attribute != _MAY:
            continue
        for value in change.values:
            if directory.schema.attribute(str(value)) is None:
                raise failure(UNWILLING, detail=f"{_MAY}: there is no attribute {value!s}")


def extend(directory: Directory, entry: Entry) -> None:
    """The class holds what its object now says."""
    item = directory.schema.object_class(entry.text("lDAPDisplayName"))
    if item is None:
        raise AssertionError("a class's object is made of the class")
    known = (directory.schema.attribute(str(value)) for name in ("systemMayContain", _MAY) for value in entry.values(name))
    directory.schema.add_class(replace(item, may=frozenset(one.name for one in known if one is not None)))
