# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One agent as it shall be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..configuration import distinguished_name
from ..configuration.model import Condition, FilterSet, ForestSettings, JoinCriterion, JoinProfile, ManagementAgent, Parameter, Partition, Projection, Schema
from ..configuration.settings import setting_paths
from .agent_pages import definition_of
from .combining import DELETED, MERGED, OVERRIDDEN, claim, combine, combine_groups, make_guid
from .file_settings import setting_fault
from .kinds import BY_WORD
from .ledger import Ledger
from .operators import comparable_operator
from .parameter_checks import fault, written
from .problems import READ_ONLY, suggestion
from .schema_refresh import refreshed
from .wanted_profiles import ProfileMaker
from .wishes import AgentWish, ParameterWish, PartitionWish, ProfilesWish
from .words import PORTAL

# Types that hold other objects: an agent for a directory reads them in any case.
_HOLDERS = frozenset({"container", "crossref", "domaindns", "organizationalunit"})
_DISABLED = Condition("userAccountControl", "bit-on", "2")
_ENCRYPTED = frozenset({"encrypted-string"})


class AgentMaker:
    """`everywhere`: run profiles that are declared for all agents."""

    def __init__(self, agent: ManagementAgent, wish: AgentWish, state: str, everywhere: ProfilesWish | None, ledger: Ledger) -> None:
        self.agent = agent
        self.wish = wish
        self.state = state
        self.everywhere = everywhere
        self.ledger = ledger

    def make(self) -> ManagementAgent:
        made = replace(
            self.agent,
            schema=self.schema(),
            included_attributes=self.attributes(),
            filters=self.filters(),
            joins=self.joins(),
            projections=self.projections(),
            partitions=self.partitions(),
        )
        made = replace(made, run_profiles=ProfileMaker(made, self.wish, self.state, self.everywhere, self.ledger).make())
        return made if self.state == DELETED else replace(made, **self.single_values())

    def path(self, key: str) -> str:
        return f"{self.wish.path}.{key}"

    def name(self, kind: str, name: str, path: str) -> None:
        self.ledger.name(kind, self.agent.name, name, path)

    def schema(self) -> Schema:
        expected = self.wish.schema_refresh if self.state != DELETED else {}
        return refreshed(self.agent.schema, expected, self.path("schema_refresh"), self.ledger.problems)

    # -- what is one value -----------------------------------------------------------------------------------------

    def single_values(self) -> dict[str, Any]:
        wish = self.wish
        values: dict[str, Any] = {"description": wish.description, "extension": wish.rules_extension}
        if wish.deprovisioning is not None:
            scripted = wish.deprovisioning == "scripted"
            values["deprovisioning_type"] = "scripted" if scripted else "declared"
            values["deprovisioning"] = None if scripted else wish.deprovisioning
        values["forest"] = self.forest()
        values["settings"] = self.settings()
        values["parameters"] = self.parameters()
        return {name: value for name, value in values.items() if value is not None}

    def forest(self) -> ForestSettings | None:
        if not BY_WORD[self.wish.kind].forest:
            return None
        wish, base = self.wish, self.agent.forest or ForestSettings()
        given: dict[str, Any] = {"forest": wish.forest, "sign_and_seal": wish.sign_and_seal, "ssl": wish.tls, "simple_bind": wish.simple_bind}
        given |= dict(zip(("domain", "user"), self.account(base.domain, base.user), strict=True))
        if self.agent.forest is None and not any(value is not None for value in given.values()):
            return None
        if base.forest and given["forest"] and base.forest.casefold() == given["forest"].casefold():
            given["forest"] = base.forest
        return replace(base, **{name: value for name, value in given.items() if value is not None})

    def account(self, domain: str, user: str) -> tuple[str | None, str | None]:
        """Domain and user as they shall be; the password goes to `secrets`."""
        account = self.wish.account
        if account is None:
            return None, None
        if account.password is not None:
            self.ledger.secrets[self.agent.name, "password"] = account.password
        self.name("credentials", "", self.path("credentials"))
        if (account.written, account.written_domain) == (user, domain):
            return domain, user
        if (account.domain.casefold(), account.user.casefold()) == (domain.casefold(), user.casefold()):
            return domain, user
        return account.domain, account.user

    def settings(self) -> dict[str, str]:
        known = setting_paths(self.agent.category)
        found = dict(self.agent.settings)
        for name, value in self.wish.settings.items():
            if name not in known:
                self.ledger.problems.add(self.path(f"settings.{name}"), f"is no setting of an agent of the category {self.agent.category}")
            elif found.get(name) != value and (wrong := setting_fault(name, value)):
                self.ledger.problems.add(self.path(f"settings.{name}"), wrong)
            found[name] = value
            self.name("setting", name, self.path(f"settings.{name}"))
        if self.wish.account is not None and "user" in known:
            domain, user = self.account(found.get("domain", ""), found.get("user", ""))
            found |= {"domain": domain or "", "user": user or ""}
        return found

    # -- parameters of connectors ----------------------------------------------------------------------------------

    def parameters(self) -> tuple[Parameter, ...]:
        found = list(self.agent.parameters)
        for wish in (*self.wish.parameters, *self.account_parameters()):
            self.set_parameter(found, wish)
        return tuple(found)

    def account_parameters(self) -> list[ParameterWish]:
        """The account of a SharePoint agent is three of its connector's parameters."""
        if self.wish.account is None or self.wish.kind != "sharepoint_profile_store":
            if self.wish.account is not None and BY_WORD[self.wish.kind].parameters:
                self.ledger.problems.add(self.path("credentials"), "an agent of this type has its account among its parameters; name them there")
            return []
        present = {parameter.name: parameter.value for parameter in self.agent.parameters}
        domain, user = self.account(present.get("Domain", ""), present.get("User Name", ""))
        path = self.path("credentials")
        return [ParameterWish("Domain", domain or "", "", path), ParameterWish("User Name", user or "", "", path)]

    def set_parameter(self, found: list[Parameter], wish: ParameterWish) -> None:
        places = [index for index, item in enumerate(found) if item.name.casefold() == wish.name.casefold() and wish.use in ("", item.use)]
        definition = definition_of(self.agent.definitions, wish.name, found[places[0]].use if places else wish.use)
        if not places and definition is None and (found or self.agent.definitions):
            names = dict.fromkeys(name for name in (*(item.name for item in found), *(item.name for item in self.agent.definitions)) if name)
            self.ledger.problems.add(wish.path, f"the connector of {self.agent.name!r} has no parameter {wish.name!r}{suggestion(wish.name, names)}")
            return
        self.name("parameter", wish.name, wish.path)
        base = found[places[0]] if places else Parameter(wish.name, "", definition.type if definition else "string", wish.use or "connectivity")
        if base.encrypted or base.type in _ENCRYPTED or (definition is not None and definition.type in _ENCRYPTED):
            self.ledger.secrets[self.agent.name, wish.name] = wish.value
            return
        value = written(definition, wish.value).strip()
        wrong = fault(definition, value) if value != base.value else ""
        if wrong:
            self.ledger.problems.add(wish.path, wrong)
        made = replace(base, value=value)
        if places:
            found[places[0]] = made
        else:
            found.append(replace(made, use=definition.use if definition else made.use))

    # -- lists -----------------------------------------------------------------------------------------------------

    def attributes(self) -> tuple[str, ...]:
        if self.wish.attributes is None:
            return self.agent.included_attributes if self.state != OVERRIDDEN else ()
        there = {name.casefold(): name for name in self.agent.included_attributes}
        declared: dict[str, str] = {name.casefold(): there.get(name.casefold(), name) for name in self.wish.attributes}
        for index, name in enumerate(self.wish.attributes):
            self.name("attribute", name, f"{self.path('attributes')}[{index}]")
        return combine(self.agent.included_attributes, declared, str.casefold, self.state)

    def filters(self) -> tuple[FilterSet, ...]:
        named = dict(self.wish.filters or {})
        if self.wish.disabled_users is not None:
            named = self.with_disabled_users(named)
        groups: dict[str, list[FilterSet]] | None = None
        if self.wish.filters is not None or named:
            groups = {name.casefold(): [self.filter_set(name, item)] for name, item in named.items()}
        if groups is not None:
            groups = {name: items if items[0].type == "scripted" or items[0].alternatives else [] for name, items in groups.items()}
        state = MERGED if self.wish.filters is None and self.state not in (OVERRIDDEN, DELETED) else self.state
        return combine_groups(self.agent.filters, groups, lambda item: item.object_type.casefold(), state)

    def with_disabled_users(self, named: dict[str, FilterSet]) -> dict[str, FilterSet]:
        """Filters of users with, or without, the one that sets disabled accounts apart."""
        key = next((name for name in named if name.casefold() == "user"), "user")
        base = named.get(key) or next((item for item in self.agent.filters if item.object_type.casefold() == "user"), FilterSet("user", "declared"))
        others = tuple(item for item in base.alternatives if [_comparable(one) for one in item] != [_comparable(_DISABLED)])
        return {**named, key: replace(base, alternatives=(*others, (_DISABLED,)) if self.wish.disabled_users else others)}

    def filter_set(self, object_type: str, wish: FilterSet) -> FilterSet:
        self.name("filters", object_type, self.path(f"filters.{object_type}"))
        present = next((item for item in self.agent.filters if item.object_type.casefold() == object_type.casefold()), None)
        if present is None:
            return replace(wish, alternative_ids=())
        ids = present.alternative_ids or ("",) * len(present.alternatives)
        claimed = claim(wish.alternatives, present.alternatives, (lambda item: tuple(sorted(map(str, map(_comparable, item)))),))
        kept = sorted(index for index in claimed if index is not None)
        fresh = [item for item, index in zip(wish.alternatives, claimed, strict=True) if index is None]
        made = (*(present.alternatives[index] for index in kept), *fresh)
        new_ids = (make_guid("filter", self.agent.name, object_type, item, number) for number, item in enumerate(fresh))
        return replace(wish, object_type=present.object_type, alternatives=made, id=present.id, alternative_ids=(*(ids[index] for index in kept), *new_ids))

    def joins(self) -> tuple[JoinProfile, ...]:
        groups = None
        if self.wish.joins is not None:
            groups = {name.casefold(): [JoinProfile(name, self.criteria(name, items))] if items else [] for name, items in self.wish.joins.items()}
        combined = combine_groups(self.agent.joins, groups, lambda item: item.object_type.casefold(), self.state)
        named = {item.object_type.casefold() for item in combined}
        portal = (JoinProfile(item.object_type, tuple(one for one in item.criteria if one.sync_rule)) for item in self.agent.joins)
        return (*combined, *(item for item in portal if item.criteria and item.object_type.casefold() not in named))

    def criteria(self, object_type: str, wishes: Sequence[JoinCriterion]) -> tuple[JoinCriterion, ...]:
        """The same criterion keeps its id; one that was changed has that of its place."""
        self.name("joins", object_type, self.path(f"joins.{object_type}"))
        present = [item for profile in self.agent.joins if profile.object_type.casefold() == object_type.casefold() for item in profile.criteria]
        claimed = claim(wishes, present, (lambda item: replace(item, id=""),))
        taken = {index for index in claimed if index is not None}
        made = []
        for number, (wish, index) in enumerate(zip(wishes, claimed, strict=True)):
            if wish.sync_rule and index is None:
                self.ledger.problems.add(f"{self.path(f'joins.{object_type}')}[{number}]", READ_ONLY)
            free = index is None and number < len(present) and number not in taken and not present[number].sync_rule
            found = number if free else index
            identifier = make_guid("join", self.agent.name, object_type, number, wish.mappings) if found is None else present[found].id
            made.append(replace(wish, id=identifier))
        return (*made, *(item for index, item in enumerate(present) if item.sync_rule and index not in taken))

    def projections(self) -> tuple[Projection, ...]:
        groups = None
        if self.wish.projections is not None:
            groups = {name.casefold(): [self.projection(number, item) for number, item in enumerate(items)] for name, items in self.wish.projections.items()}
        combined = combine_groups(self.agent.projections, groups, lambda item: item.object_type.casefold(), self.state)
        return (*combined, *(item for item in self.agent.projections if item.type == PORTAL and item not in combined))

    def projection(self, number: int, wish: Projection) -> Projection:
        path = self.path(f"projections.{wish.object_type}")
        self.name("projection", wish.object_type, path)
        present = [item for item in self.agent.projections if item.object_type.casefold() == wish.object_type.casefold()]
        if wish.type == PORTAL:
            return self.portal_projection(number, wish, present, path)
        present = [item for item in present if item.type != PORTAL]
        identifier = present[number].id if number < len(present) else make_guid("projection", self.agent.name, wish.object_type, number)
        return replace(wish, id=identifier)

    def portal_projection(self, number: int, wish: Projection, present: Sequence[Projection], path: str) -> Projection:
        same = [item for item in present if item.type == PORTAL and item.mv_object_type.casefold() == wish.mv_object_type.casefold()]
        if not same:
            self.ledger.problems.add(path, READ_ONLY)
            return wish
        return present[number] if number < len(present) and present[number] in same else same[0]

    # -- partitions ------------------------------------------------------------------------------------------------

    def partitions(self) -> tuple[Partition, ...]:
        wishes = self.wish.partitions
        if wishes is None:
            return self.agent.partitions
        found = list(self.agent.partitions)
        named = set()
        for wish in wishes:
            places = [place for place, item in enumerate(found) if _is(item, wish)]
            # Of partitions with one name each is meant once.
            index = next((place for place in places if found[place].id not in named), next(iter(places), None))
            if self.state == DELETED:
                found = [replace(item, selected=False) if place == index else item for place, item in enumerate(found)]
                continue
            if index is not None and found[index].id in named:
                self.ledger.problems.add(wish.path, f"names the partition {wish.domain or wish.name!r} again")
            base = found[index] if index is not None else self.new_partition(wish)
            made = self.partition(base, wish)
            self.name("partition", made.name, wish.path)
            named.add(made.id)
            if index is None:
                found.append(made)
            else:
                found[index] = made
        if self.state in (OVERRIDDEN, "replaced"):
            found = [item if item.id in named else replace(item, selected=False) for item in found]
        return tuple(found)

    def new_partition(self, wish: PartitionWish) -> Partition:
        name = distinguished_name.of_domain(wish.domain) if wish.domain else wish.name
        directory = BY_WORD[self.wish.kind].forest
        return Partition(make_guid("partition", self.agent.name, name), name, True, dn=name if directory else "", is_domain=bool(wish.domain))

    def partition(self, base: Partition, wish: PartitionWish) -> Partition:
        types = wish.object_types
        if types is not None and BY_WORD[self.wish.kind].forest:
            named = {name.casefold() for name in types}
            types = (*types, *(name for name in base.object_types if name.casefold() in _HOLDERS and name.casefold() not in named))
        values: dict[str, Any] = {
            "selected": True if wish.selected is None else wish.selected,
            "inclusions": _as_present(wish.include, base.inclusions),
            "exclusions": _as_present(wish.exclude, base.exclusions),
            "object_types": _as_present(types, base.object_types),
            "preferred_controllers": wish.preferred_controllers,
        }
        return replace(base, **{name: value for name, value in values.items() if value is not None})


def _as_present(wanted: Sequence[str] | None, present: Sequence[str]) -> tuple[str, ...] | None:
    """Names of a list without order: those that are there keep their place and spelling."""
    if wanted is None:
        return None
    declared = {name.casefold(): name for name in wanted}
    kept = [name for name in present if declared.pop(name.casefold(), None) is not None]
    return (*kept, *declared.values())


def _is(partition: Partition, wish: PartitionWish) -> bool:
    if wish.domain:
        return distinguished_name.same(partition.dn or partition.name, distinguished_name.of_domain(wish.domain))
    return partition.name.casefold() == wish.name.casefold()


def _comparable(condition: Condition) -> tuple[str, str, str, bool]:
    """What a condition means, whatever way it is written."""
    try:
        value = str(int(condition.value, 0))
    except ValueError:
        value = condition.value
    return (condition.attribute.casefold(), comparable_operator(condition.operator), value, condition.intrinsic)
