# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The language of `sync_configuration`, as definitions: what may stand where. Meaning is given to it in `reading`."""

from __future__ import annotations

from collections.abc import Mapping

from ..configuration.model import StepKind
from .creating import creation_keys
from .definitions import Anything, Choice, Flag, Kind, ListOf, MapOf, Number, Record, Text, Variants
from .kinds import BY_WORD, AgentKind
from .operators import OPERATORS
from .words import DELETION, DEPROVISIONING, PRECEDENCE, PROVISIONING, SCRIPTED, STANDARD, SYNTAXES

NAME = Text()
NAMES = ListOf(NAME)
_SOURCE: dict[str, Kind] = {
    "attribute": Text("one attribute, copied as it is; <dn> and <object-id> are intrinsic"),
    "attributes": ListOf(NAME, "attributes that a rule reads"),
    "constant": Text("a fixed value", numbers=True, empty=True),
    "dn_part": Number("the part of the distinguished name with this number, from 1", 1),
    "rule": Text("the name of the rule in the rules extension", empty=True),
    "sync_rule": Flag("comes from a synchronization rule of the portal; it can be read here, not changed"),
}
_ONE_SOURCE = (("attribute", "constant"), ("attribute", "dn_part"), ("attribute", "attributes"), ("constant", "attributes"), ("constant", "dn_part"))
_ANY_SOURCE = (("attribute", "attributes", "constant", "dn_part", "rule", "sync_rule"),)
_FROM = Record({"agent": NAME, "object_type": NAME, **_SOURCE}, ("agent", "object_type"), _ANY_SOURCE, _ONE_SOURCE, "the connected system's end, said in full")
_THROUGH = Record({"object_type": NAME, **_SOURCE}, ("object_type",), _ANY_SOURCE, _ONE_SOURCE, "the metaverse, said in full")
_TO = Record({"agent": NAME, "object_type": NAME, "attribute": NAME}, ("agent", "object_type", "attribute"), about="the other end, said in full")

# What a flow computes, said on its line: it becomes a rule of the rules file (docs/rules.md), and `rules.declared` reads it.
_STEP_OF_RULE = Choice((Text(), MapOf(Anything(), "function")))
_RULE: dict[str, Kind] = {
    "value": Text("a template with single braces, as in {firstName} {lastName}", numbers=True, empty=True),
    "rule": Text("a named value of the rules file, a standard one (sip_address), or a flow of it"),
    "then": Choice((Text(), MapOf(Anything(), "function"), ListOf(_STEP_OF_RULE)), "functions that the value goes through"),
    "when": Choice((ListOf(Anything()), MapOf(Anything(), "test")), "condition of the rule; where it does not hold, the flow declines"),
    "when_empty": Text("what the flow does without a value", ("none", "decline", "delete", "default")),
    "default": Text("what is written without a value", numbers=True, empty=True),
}

FLOW = Record(
    {
        "from": Choice((Text(), _FROM), "agent/object type/attribute that values come from; with a rule the attribute may be left out"),
        "through": Choice((Text(), _THROUGH), "metaverse object type/attribute; the attribute may be left out where a rule makes what is exported"),
        "to": Choice((Text(), _TO), "agent/object type/attribute that values go to"),
        "nulls": Text("whether an empty value is exported", ("export", "ignore")),
        "precedence": Choice((Number(least=1), Text(choices=PRECEDENCE)), "rank among the flows into the metaverse attribute"),
        **_RULE,
    },
    ("through",),
    (("from", "to"),),
    (("value", "rule"),),
    about="One flow: from a system into the metaverse, from there to a system, or both.",
)

_CONDITION: dict[str, Kind] = {
    "attribute": NAME,
    "operator": Choice((Text(choices=tuple(dict.fromkeys((*OPERATORS, *OPERATORS.values())))), Record({"document": NAME}, ("document",)))),
    "value": Choice((Text(empty=True, numbers=True), Flag())),
}
_FILTER = Record(
    {**_CONDITION, "all": ListOf(Record(_CONDITION, ("attribute", "operator")), "conditions that must all hold")},
    one_of=(("attribute", "all"),),
    apart=(("attribute", "all"),),
)
FILTERS = MapOf(
    Choice(
        (
            Text(choices=(SCRIPTED,)),
            ListOf(_FILTER),
            Record({"any": ListOf(_FILTER), "scripted": Flag(), "import_filter": Flag("applied when objects are imported")}),
        )
    ),
    "object type",
    "Objects that stay apart, by object type; one filter of the list is enough.",
)
_JOIN_SOURCE = Choice((Text(), Record(_SOURCE, (), _ANY_SOURCE, _ONE_SOURCE)))
_JOIN_PAIR = Record({"attribute": NAME, "intrinsic": Flag("the metaverse's own object-id"), "from": _JOIN_SOURCE}, ("attribute", "from"))
_JOIN = Record(
    {
        "to": Text("metaverse object type; without it any"),
        "match": Choice((MapOf(_JOIN_SOURCE, "metaverse attribute"), ListOf(_JOIN_PAIR))),
        "resolution": Choice((Text("rule that decides between several"), Record({"type": NAME, "rule": Text(empty=True)}, ("type",)))),
        "sync_rule": Flag("comes from a synchronization rule of the portal; it can be read here, not changed"),
    },
    ("match",),
)
JOINS = MapOf(ListOf(_JOIN), "object type", "Searches in the metaverse, in their order, by object type.")
_PROJECTION = Record({"scripted": Flag(), "to": NAME, "type": NAME})
PROJECTIONS = MapOf(Choice((Text(), _PROJECTION, ListOf(Choice((Text(), _PROJECTION))))), "object type", "Metaverse object type that an object type makes.")

_STEP: dict[str, Kind] = {
    "type": Text(f"{', '.join(kind.value for kind in StepKind if kind is not StepKind.OTHER)}, or the document's words parted by slashes", empty=True),
    "partition": Text("name of the partition, for a domain its DNS name; without it the step is made for each selected one", empty=True),
    "object_limit": Number("stop after so many objects, 0 for no limit"),
    "delete_limit": Number("stop after so many deletions, 0 for no limit"),
    "batch_size": Number(),
    "page_size": Number(),
    "timeout": Number("seconds"),
    "input_file": Text(),
    "output_file": Text(),
    "drop_file": Text(),
    "data": MapOf(Text(empty=True), "path below the step's data"),
}
_PROFILE = Record({"name": NAME, "steps": ListOf(Record(_STEP, ("type",))), **_STEP}, ("name",), (("type", "steps"),), (("type", "steps"),))
RUN_PROFILES = Choice((Text(choices=(STANDARD,)), ListOf(_PROFILE)), "standard: imports, synchronizations and, where flows leave, Export")

_PARTITION = Record(
    {
        "domain": Text("DNS name of the domain"),
        "name": Text("name of the partition, for a directory its distinguished name"),
        "selected": Flag(),
        "include": ListOf(NAME, "containers that are read"),
        "exclude": ListOf(NAME, "containers below them that are left out"),
        "object_types": NAMES,
        "preferred_controllers": NAMES,
    },
    one_of=(("domain", "name"),),
    apart=(("domain", "name"),),
)
_CREDENTIALS = Record(
    {"username": Text(r"DOMAIN\name or name@domain"), "password": Text(secret=True), "domain": Text("domain of a bare user name", empty=True)}, ("username",)
)


_ATTRIBUTE = Choice(
    (
        Text(choices=SYNTAXES),
        Record({"type": Text(choices=SYNTAXES), "multivalued": Flag(), "indexed": Flag(), "indexable": Flag()}, ("type",)),
    )
)
_NEW_ATTRIBUTE = Choice((Text(choices=SYNTAXES), Record({"type": Text(choices=SYNTAXES), "multivalued": Flag()}, ("type",))))
_REFRESH = MapOf(
    MapOf(_NEW_ATTRIBUTE, "attribute"),
    "object type",
    "Attributes that are new in the system: the plan waits for a refresh of the agent's schema that brings them.",
)


def _agent(kind: AgentKind) -> Record:
    keys: dict[str, Kind] = {
        "name": NAME,
        "type": Text(choices=tuple(BY_WORD)),
        "state": Text(choices=("present", "absent")),
        "confirm": Text("the agent's name again: it is deleted with its connector space"),
        "renamed_from": Text("the agent's name until now: it is renamed and keeps its connector space"),
        "description": Text(empty=True),
        "credentials": _CREDENTIALS,
        "attributes": ListOf(NAME, "attributes that are read or written"),
        "schema_refresh": _REFRESH,
        "partitions": ListOf(_PARTITION),
        "filters": FILTERS,
        "joins": JOINS,
        "projections": PROJECTIONS,
        "flows": ListOf(FLOW),
        "deprovisioning": Text("what becomes of an object that is disconnected", (*DEPROVISIONING, SCRIPTED)),
        "run_profiles": RUN_PROFILES,
        "rules_extension": Text("file of the rules extension, empty for none", empty=True),
        "recall": Flag("values are taken back when an object is disconnected"),
    }
    if kind.forest:
        binding: dict[str, Kind] = {"sign_and_seal": Flag(), "tls": Flag(), "simple_bind": Flag()}
        keys |= {"forest": Text("forest, for AD LDS the server"), **binding, "disabled_users": Text(choices=("filter", "synchronize"))}
    if kind.settings:
        keys["settings"] = Record({name: Choice((Text(numbers=True, empty=True), Flag())) for name in kind.settings})
    if kind.parameters:
        keys["parameters"] = MapOf(Choice((Text(numbers=True, empty=True), Flag())), "parameter", "The connector's parameters by name, or by use/name.")
    keys |= creation_keys(kind.word)
    if kind.word == "sharepoint_profile_store":
        keys |= {"url": Text("http(s)://host[:port]"), "pictures": Text(choices=("to_sharepoint", "from_sharepoint"))}
    return Record(keys, ("name", "type"), about=kind.about)


AGENT = Variants("type", {word: _agent(kind) for word, kind in BY_WORD.items()}, "One management agent.")
_DELETION = Record({"when": Text(choices=tuple(DELETION)), "agents": ListOf(NAME, "whose connector counts")}, ("when",))
METAVERSE = Record(
    {
        "attributes": MapOf(_ATTRIBUTE, "attribute"),
        "object_types": MapOf(Choice((NAMES, Record({"attributes": NAMES, "required": NAMES}))), "object type"),
        "deletion_rules": MapOf(Choice((_DELETION, ListOf(_DELETION))), "object type"),
        "precedence": MapOf(NAMES, "object type", "Agents whose flows come first, in every attribute of the object type whose flows say no rank of their own."),
        "rules_extension": Text("file of the provisioning extension, empty for none", empty=True),
        "password_sync": Flag(),
        "password_history": Number(),
    },
    about="What is no single agent's.",
)
CONFIGURATION = Record(
    {
        "agents": ListOf(AGENT),
        "metaverse": METAVERSE,
        "flows": ListOf(FLOW, "Flows, one line each. Their order does not matter: precedence is said with the key of that name."),
        "provisioning": Text(choices=PROVISIONING),
        "run_profiles": RUN_PROFILES,
    },
    about="Desired configuration of a MIM Synchronization Service.",
)

# What several places of the schema share, by name.
SHARED: Mapping[str, Kind] = {
    "flow": FLOW,
    "filters": FILTERS,
    "joins": JOINS,
    "projections": PROJECTIONS,
    "runProfiles": RUN_PROFILES,
    "partition": _PARTITION,
    "credentials": _CREDENTIALS,
}
