# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Private settings of agents for text files (`MAConfig`).

Delimited files: exports in the fixtures. Elements of the other two: the paths that published documenters of configurations read;
`length` for the width of a column is inferred from them, and no public export shows it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...configuration.markup import Fragment
from ...configuration.model import ManagementAgent, Syntax

_CODE_PAGES = {"65001": "Unicode (UTF-8)", "1252": "Western European (Windows)", "1200": "Unicode", "20127": "US-ASCII"}
_TYPES = {Syntax.STRING: "String", Syntax.BINARY: "Binary", Syntax.BOOLEAN: "Bool", Syntax.REFERENCE: "DN", Syntax.INTEGER: "Number"}
_FORMATS = {"Delimited": "delimited_format", "Fixed": "fixed_width_format", "LDIF": "ldif_format"}


def file_configuration(agent: ManagementAgent) -> Fragment:
    types = [one.name for one in agent.schema.classes.values()]
    mappings = tuple(Fragment("mapping", children=(Fragment("primary_class", text=name), Fragment("oc-value", text=name))) for name in types)
    normal = Fragment("data_normalization", children=(Fragment("force-uppercase", text="0"), Fragment("remove-accents", text="0")))
    return Fragment(
        "MAConfig",
        children=(
            Fragment("ui-data", children=(wizard(agent),)),
            _importing(agent),
            Fragment("exporting"),
            Fragment("ldap-dn", text="1" if agent.category == "LDIF" else "0"),
            _format(agent),
            Fragment("primary_class_mappings", children=mappings),
            Fragment("enable-unapplied-merge", text="0"),
            password_extension(),
            normal,
            Fragment("case_normalize_dn_for_anchor", text="1"),
        ),
    )


def password_extension(file: str = "", *, enabled: bool = False) -> Fragment:
    """How passwords are set; by default not at all."""
    able = "1" if enabled else ""
    connection = Fragment("connection-info", children=(Fragment("connect-to"), Fragment("user")))
    texts = {"password-extension-enabled": "0", "dll": file, "password-set-enabled": able, "password-change-enabled": able}
    parts = tuple(Fragment(name, text=text) for name, text in texts.items())
    return Fragment("password-extension-config", children=(*parts, connection, Fragment("timeout")))


def _importing(agent: ManagementAgent) -> Fragment:
    anchors = agent.dn_attributes.get("", ())
    names = tuple(Fragment("attribute", text=name) for name in anchors)
    # LDIF names its objects itself; without an anchor of its own an object is known by that name.
    own = () if agent.category == "LDIF" else (Fragment("dn", children=names),)
    anchor = Fragment("anchor", children=names or (Fragment("dn"),))
    return Fragment("importing", children=(*own, anchor, Fragment("per-class-settings"), *_type_of_rows(agent)))


def _type_of_rows(agent: ManagementAgent) -> Iterator[Fragment]:
    if agent.category == "LDIF":
        return
    column = agent.settings.get("object_type_attribute", "")
    if column:
        yield Fragment("object_class_attribute", text=column)
    else:
        yield Fragment("default_object_class", text=next((one.name for one in agent.schema.classes.values()), ""))


def _format(agent: ManagementAgent) -> Fragment:
    settings = agent.settings
    parts = [Fragment("code_page", text=settings.get("code_page", "65001"))]
    if agent.category == "Delimited":
        parts += [Fragment(name, text=settings.get(name, "")) for name in ("delimiter", "text_qualifier")]
        parts.append(Fragment("first_row_contains_headers", text=settings.get("first_row_is_header", "1")))
    if agent.columns:
        parts.append(Fragment("attributes", children=tuple(_column(agent, column.name, column.width) for column in agent.columns)))
    return Fragment(_FORMATS[agent.category], children=tuple(parts))


def _column(_agent: ManagementAgent, name: str, width: int) -> Fragment:
    return Fragment("attribute", children=(Fragment("name", text=name), *((Fragment("length", text=str(width)),) if width else ())))


def wizard(agent: ManagementAgent) -> Fragment:
    """What the designer shows: object types, attributes and anchors once more."""
    page = agent.settings.get("code_page", "")
    properties = Fragment("properties", children=(Fragment("sample_file"), Fragment("code_page_description", text=_CODE_PAGES.get(page, page))))
    return Fragment(
        "xmlwizard",
        children=(
            properties,
            Fragment("partitions", children=tuple(_places(agent))),
            Fragment("primary_class_mappings", children=tuple(_mappings(agent))),
            Fragment("object_classes", children=tuple(_object_classes(agent))),
            Fragment("attributes", children=tuple(_attributes(agent))),
            *_anchors(agent),
        ),
    )


def _anchors(agent: ManagementAgent) -> Iterator[Fragment]:
    """Connectors say once more what identifies an object."""
    if agent.category == "Extensible2":
        classes = agent.schema.classes.values()
        yield Fragment("anchor", children=tuple(Fragment("attribute", {"object_class": one.name}, name) for one in classes for name in one.anchors))


def _places(agent: ManagementAgent) -> Iterator[Fragment]:
    for one in agent.partitions:
        types = tuple(Fragment("object_class", text=name) for name in one.object_types)
        yield Fragment("partition", {"cd_name": one.name, "guid": one.id, "version": "1"}, children=types)


def _mappings(agent: ManagementAgent) -> Iterator[Fragment]:
    for one in agent.schema.classes.values():
        names = tuple(Fragment("attribute", text=name) for name in one.attributes)
        yield Fragment("mapping", {"object_class": one.name, "primary_class": one.name, "user_define": "0"}, children=names)


def _object_classes(agent: ManagementAgent) -> Iterator[Fragment]:
    for one in agent.schema.classes.values():
        names = tuple(Fragment("attribute", {"mandatory": "-1" if name in one.required else "0"}, name) for name in one.attributes)
        traits = {"cd_name": one.name, "selected": "-1", "user_define": "0", "configured": "-1", "anchor": "", "dn_as_anchor": "0"}
        yield Fragment("object_class", traits, children=names)


def _attributes(agent: ManagementAgent) -> Iterator[Fragment]:
    for one in agent.schema.attributes.values():
        traits = {
            "cd_name": one.name,
            "sample_data": "",
            "binary": "-1" if one.syntax is Syntax.BINARY else "0",
            "multi_valued": "0" if one.single_value else "-1",
            "file_reference": "0",
            "selected": "-1",
            "type": _TYPES[one.syntax],
            "lower_bound": "",
            "upper_bound": "",
            "user_define": "0",
        }
        yield Fragment("attribute", traits)
