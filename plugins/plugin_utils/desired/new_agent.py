# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An agent that is not there yet: what makes its kind, before the rest of its declaration is laid over it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from ..configuration import distinguished_name
from ..configuration.model import AttributeType, ForestSettings, ManagementAgent, ObjectClass, Parameter, ParameterDefinition, Partition, Schema
from .capabilities import declared, of_agent
from .combining import make_guid
from .connectors import CHECKBOX, CONNECTORS, SECRET, STRING, Connector, all_definitions
from .creating import CONNECTOR_KINDS, CREATED_KINDS, FILE_KINDS, CreationWish, same_type, type_words
from .kinds import BY_WORD
from .problems import Problems, suggestion
from .wishes import AgentWish, PartitionWish, ServerWish

# Gives the model of an agent of a kind (`active_directory`, `sharepoint_profile_store`) whose schema the collection brings along.
Template = Callable[[str], ManagementAgent | None]
PASSWORD_ATTRIBUTE = "export_password"
DEFAULT_PARTITION = "default"
_FILE_SETTINGS = {"code_page": "65001"}
_DELIMITED_SETTINGS = {**_FILE_SETTINGS, "delimiter": "44", "text_qualifier": "34", "first_row_is_header": "1"}
_HOLDERS = ("container", "domainDNS", "organizationalUnit")
_OBJECT_TYPES = ("contact", "container", "domainDNS", "group", "organizationalUnit", "user")
# Words that tell a secret among parameters of a connector that nobody has described.
_SECRET_WORDS = ("password", "secret", "passphrase")
# The service keeps a folder of the agent's name (MaData\<agent>), and Windows takes these in no folder's name.
_NOT_IN_FOLDERS = '\\/:*?"<>|'


def no_template(_kind: str) -> ManagementAgent | None:
    return None


def new_agent(wish: AgentWish, there: Iterable[str], template: Template, problems: Problems) -> ManagementAgent:
    """The agent as a blank of its kind. What is missing for that goes to `problems`, all at once; `there`: names of present agents."""
    kind = BY_WORD[wish.kind]
    if wish.kind not in CREATED_KINDS:
        hint = suggestion(wish.name, list(there))
        why = "agents of this kind are adopted, not made from nothing; make it in the Synchronization Service Manager, or name a source that holds it"
        problems.add(f"{wish.path}.name", f"there is no agent {wish.name!r}{hint}; {why}")
        return ManagementAgent(make_guid("agent", wish.name), wish.name, kind.categories[0] if kind.categories else "")
    if unfit := sorted(set(wish.name) & set(_NOT_IN_FOLDERS)):
        problems.add(f"{wish.path}.name", f"{wish.name!r} cannot be a new agent's name: the service makes a folder of it, which takes no {' '.join(unfit)}")
    for key in _missing(wish):
        hint = suggestion(wish.name, list(there))
        problems.add(f"{wish.path}.{key}", f"is missing: the agent {wish.name!r} is not there and would be made{hint}")
    return _Maker(wish, template, problems).make()


def can_be_made(wish: ServerWish | None, name: str) -> bool:
    """True if the declaration says enough of that agent to make it from nothing."""
    found = next((one for one in wish.agents if one.name.casefold() == name.casefold()), None) if wish is not None else None
    return found is not None and found.kind in CREATED_KINDS and not list(_missing(found))


def _missing(wish: AgentWish) -> Iterator[str]:
    new = wish.creation
    if wish.kind == "active_directory":
        yield from (key for key, given in (("forest", wish.forest), ("partitions", wish.partitions)) if not given)
    elif wish.kind == "sharepoint_profile_store":
        yield from () if any(one.name == "Host Name" for one in wish.parameters) else ("url",)
    elif wish.kind in FILE_KINDS:
        yield from (key for key, given in (("columns", new.columns), ("anchor", new.anchors)) if not given)
    elif wish.kind == "ldif_file" and new.schema is None:
        yield "schema"
    elif wish.kind == "ecma2" and not new.connector:
        yield "connector"


class _Maker:
    def __init__(self, wish: AgentWish, template: Template, problems: Problems) -> None:
        self.wish = wish
        self.new: CreationWish = wish.creation
        self.template = template(wish.kind)
        self.problems = problems
        self.blank = ManagementAgent(
            make_guid("agent", wish.name),
            wish.name,
            BY_WORD[wish.kind].categories[0],
            controller_protection="low",
            controller_architecture="process",
        )

    def make(self) -> ManagementAgent:
        for place, problem in self.new.clashes:
            self.problems.add(self.path(f"schema.{place}"), problem)
        if self.wish.kind == "active_directory":
            return self.directory()
        if self.wish.kind == "sharepoint_profile_store":
            return self.profile_store()
        if self.wish.kind in CONNECTOR_KINDS:
            return self.connector()
        return self.file()

    def path(self, key: str) -> str:
        return f"{self.wish.path}.{key}"

    # -- systems whose schema comes along --------------------------------------------------------------------------

    def directory(self) -> ManagementAgent:
        schema = self.template.schema if self.template is not None else Schema()
        return replace(self.blank, schema=self.extended(schema), forest=ForestSettings())

    def profile_store(self) -> ManagementAgent:
        origin = self.template
        if origin is None:
            return replace(self.blank, list_name="SharePoint Profile Store", subtype="SharePoint Profile Store")
        schema = self.extended(origin.schema)
        return replace(
            self.blank,
            subtype=origin.subtype,
            list_name=origin.list_name,
            company=origin.company,
            schema=schema,
            included_attributes=_anchors(schema),
            partitions=(self.partition(schema, "default"),),
            parameters=origin.parameters,
            definitions=origin.definitions,
            connector_file=origin.connector_file,
            dn_attributes=origin.dn_attributes,
            export_type=origin.export_type,
            capability_bits=origin.capability_bits,
        )

    def extended(self, schema: Schema) -> Schema:
        """With attributes that were declared: those that the collection does not know of the user's system."""
        attributes, classes = dict(schema.attributes), dict(schema.classes)
        for name, more in (self.new.schema or Schema()).classes.items():
            known = classes.get(name)
            if known is None and schema.classes:
                names = [one.name for one in classes.values()]
                self.problems.add(self.path(f"schema.{more.name}"), f"is no object type that the collection knows of this system{suggestion(more.name, names)}")
                continue
            base = known or ObjectClass(more.name)
            own = {one.casefold() for one in base.attributes}
            classes[name] = replace(base, attributes=(*base.attributes, *(one for one in more.attributes if one.casefold() not in own)))
            for one in more.attributes:
                wanted = (self.new.schema or Schema()).attributes[one.casefold()]
                held = attributes.setdefault(one.casefold(), wanted)
                if not same_type(held, wanted):
                    self.problems.add(self.path(f"schema.{more.name}.attributes.{one}"), f"is known as {type_words(held)}")
        return Schema(classes, attributes)

    # -- files -----------------------------------------------------------------------------------------------------

    def file(self) -> ManagementAgent:
        schema = self.columned() if self.wish.kind in FILE_KINDS else self.declared()
        anchors = self.new.anchors or tuple(dict.fromkeys(name for one in schema.classes.values() for name in one.anchors))
        for name in anchors:
            if name.casefold() not in schema.attributes:
                known = [one.name for one in schema.attributes.values()]
                self.problems.add(self.path("anchor"), f"{name!r} is no column of the file{suggestion(name, known)}")
        settings = _DELIMITED_SETTINGS if self.wish.kind == "delimited_file" else _FILE_SETTINGS
        return replace(
            self.blank,
            schema=schema,
            included_attributes=tuple(one.name for one in schema.attributes.values()),
            partitions=(self.partition(schema, "file"),),
            columns=self.new.columns or (),
            dn_attributes={"": anchors} if anchors else {},
            export_type=3,
            settings=settings,
        )

    def columned(self) -> Schema:
        """One object type as the other holds all columns but the one that names the type."""
        columns = self.new.columns or ()
        type_column = self.wish.settings.get("object_type_attribute", "").casefold()
        listed = [name for name, _unused in groupby(one.name.casefold() for one in columns)]
        twice = {name for name in listed if listed.count(name) > 1}
        names = [name for name in dict.fromkeys(one.name for one in columns) if name.casefold() != type_column]
        self.problems_in_columns(columns and type_column and type_column not in listed, sorted(twice))
        kinds = {name.casefold(): self.new.column_types[name.casefold()] for name in names}
        required = frozenset(name for name in names if name.casefold() in {one.casefold() for one in self.new.anchors})
        classes = {kind.casefold(): ObjectClass(kind, tuple(kinds[name].name for name in kinds), required) for kind in self.new.object_types}
        return Schema(classes, kinds)

    def problems_in_columns(self, type_column_lacks: object, twice: list[str]) -> None:
        if type_column_lacks:
            self.problems.add(self.path("settings.object_type_attribute"), "names no column of the file")
        if len(self.new.object_types) > 1 and not self.wish.settings.get("object_type_attribute"):
            self.problems.add(self.path("settings.object_type_attribute"), "is missing: a column must say which of the object types a row is of")
        for name in twice:
            self.problems.add(self.path("columns"), f"holds {name!r} twice, with others between; several values of one attribute stand side by side")
        if self.wish.kind == "text_file":
            for column in self.new.columns or ():
                if not column.width:
                    self.problems.add(self.path("columns"), f"{column.name!r} needs a width: the file's columns have fixed widths")

    def declared(self) -> Schema:
        return self.new.schema or Schema()

    # -- connectors ------------------------------------------------------------------------------------------------

    def connector(self) -> ManagementAgent:
        known = CONNECTORS.get(self.wish.kind)
        schema = self.with_password(self.declared(), known)
        definitions = self.definitions(known)
        name = known.list_name if known is not None else self.new.connector.rpartition(".")[0] or self.new.connector
        self.check_anchors(schema)
        return replace(
            self.blank,
            subtype=name,
            list_name=name,
            company=known.company if known is not None else "",
            schema=schema,
            included_attributes=tuple(one.name for one in schema.attributes.values()),
            partitions=(self.partition(schema, "ecma"),) if schema.classes else (),
            definitions=definitions,
            parameters=tuple(_value(one) for one in definitions if one.name and one.use in ("connectivity", "global", "capabilities")),
            connector_file=self.new.connector or (known.file if known is not None else ""),
        )

    def check_anchors(self, schema: Schema) -> None:
        for one in schema.classes.values():
            for name in one.anchors:
                if name.casefold() not in {item.casefold() for item in one.attributes}:
                    self.problems.add(self.path(f"schema.{one.name}.anchor"), f"{name!r} is no attribute of it{suggestion(name, one.attributes)}")
            if not one.anchors:
                self.problems.add(self.path(f"schema.{one.name}.anchor"), "is missing: an attribute must identify an object")

    def with_password(self, schema: Schema, known: Connector | None) -> Schema:
        """Connectors that set passwords hold them in an attribute that is written only."""
        if not schema.classes or not (known.password if known is not None else self.new.capabilities.get("password")):
            return schema
        kind = AttributeType(PASSWORD_ATTRIBUTE, export_only=True, encrypted=True)
        classes = {key: replace(one, attributes=(*one.attributes, PASSWORD_ATTRIBUTE)) for key, one in schema.classes.items()}
        return Schema(classes, {**schema.attributes, PASSWORD_ATTRIBUTE: kind})

    def definitions(self, known: Connector | None) -> tuple[ParameterDefinition, ...]:
        if known is not None:
            return all_definitions(known, self.wish.parameters)
        if self.new.definitions:
            return self.new.definitions
        return tuple(ParameterDefinition(one.name, _guessed(one.name), one.use or "connectivity") for one in self.wish.parameters)

    def partition(self, schema: Schema, kind: str) -> Partition:
        identifier = make_guid("partition", self.wish.name, DEFAULT_PARTITION)
        types = tuple(one.name for one in schema.classes.values())
        directory = kind != "file"
        return Partition(identifier, DEFAULT_PARTITION, True, types, dn=DEFAULT_PARTITION if directory else "", is_domain=directory)


def completed(agent: ManagementAgent, wish: AgentWish) -> ManagementAgent:
    """A new agent once its declaration was laid over it: what follows from other parts of it."""
    if wish.kind == "active_directory":
        wishes = {(distinguished_name.of_domain(one.domain) if one.domain else one.name).casefold(): one for one in wish.partitions or ()}
        return replace(agent, partitions=tuple(_read_whole(one, wishes.get(one.name.casefold(), PartitionWish())) for one in agent.partitions))
    if wish.kind not in CONNECTOR_KINDS:
        return agent
    can = declared(wish.creation.capabilities) if wish.kind == "ecma2" else of_agent(agent)
    named = {} if can.names_objects else {key: one.anchors for key, one in agent.schema.classes.items() if one.anchors}
    return replace(agent, capability_bits=can.bits, export_type=can.export_type, dn_attributes=named)


def _read_whole(one: Partition, wish: PartitionWish) -> Partition:
    """All containers where nothing was said of them; the object types that hold others besides those that were named."""
    types = one.object_types
    if wish.object_types is None and not types:
        types = _OBJECT_TYPES if one.is_domain else ("container",)
    holders = _HOLDERS if one.is_domain else ("container",)
    named = {name.casefold() for name in types}
    more = tuple(name for name in holders if name.casefold() not in named)
    return replace(one, object_types=(*types, *more), inclusions=(one.dn,) if wish.include is None and not one.inclusions else one.inclusions)


def _anchors(schema: Schema) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for one in schema.classes.values() for name in one.anchors))


def _guessed(name: str) -> str:
    return SECRET if any(word in name.casefold() for word in _SECRET_WORDS) else STRING


def _value(definition: ParameterDefinition) -> Parameter:
    default = definition.default or ("0" if definition.type == CHECKBOX else "")
    return Parameter(definition.name, default, definition.type, definition.use, definition.type == SECRET)


def missing_parameters(agent: ManagementAgent, kind: str, given: Iterable[str]) -> list[str]:
    """Parameters without which the connector does not run, and that have no value; `given`: names of secrets that are set."""
    known = CONNECTORS.get(kind)
    if known is None:
        return []
    secrets = {name.casefold() for name in given}
    values = {one.name.casefold(): one.value for one in agent.parameters}
    needed = set(known.required)
    if values.get("powershell version") == "PowerShell 7":
        needed.add("powershell 7 executable path")
    spelled = {one.name.casefold(): one.name for one in agent.definitions}
    return sorted(spelled[name] for name in needed if name in spelled and not values.get(name) and name not in secrets)
