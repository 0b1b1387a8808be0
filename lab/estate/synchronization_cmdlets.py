# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the configuration cmdlets change in the documents: credentials, connectivity, provisioning.

Facts: reference pages `sharepoint-and-setup` (3.1) and `field-notes`. Windows' own numbers are shown where Windows
fails; the module gives none for the rest.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ...plugins.plugin_utils.configuration.document import Document
from ...plugins.plugin_utils.configuration.element import Element
from ...plugins.plugin_utils.configuration.markup import Fragment
from .directory_errors import LogonFailure
from .directory_sids import nt_hash
from .domains import domain_of, forest_named
from .synchronization_import import METAVERSE_FILE, agent_data, find_agent, parsed
from .synchronization_state import AgentSecret, SynchronizationProblem

if TYPE_CHECKING:
    from .directory import Directory
    from .synchronization import SynchronizationService

# From here on `-Container` counts and the partitions that are there stay (reference `sharepoint-and-setup`, 2).
FIRST_BUILD_KEEPING_PARTITIONS = (4, 3, 2195, 0)
# Before it Set-MIISECMA2Configuration took other parameters.
FIRST_BUILD_WITH_CONNECTIVITY = (4, 3, 2064, 0)

Credentials = tuple[str, str]


def change_ad_credentials(
    service: SynchronizationService, agent: str, forest: str, credentials: Credentials, *, container: str = "", partitions: str = ""
) -> None:
    """`credentials` is (user name, password); `container` and `partitions` are lists of DNs split by `;`."""
    name, document = find_agent(service.state, agent)
    data = agent_data(document)
    settings = data.find("private-configuration/adma-configuration")
    if settings is None:
        raise SynchronizationProblem(f"The management agent '{agent}' is not an Active Directory management agent.")
    directory = _forest(service, forest)
    domain, user = _split_account(credentials[0], directory)
    _verify(directory, domain, user, credentials[1])
    settings.require("forest-name").set_text(forest)
    settings.require("forest-login-domain").set_text(domain)
    settings.require("forest-login-user").set_text(user)
    if _build(service) < FIRST_BUILD_KEEPING_PARTITIONS:
        _start_partitions_anew(data, directory)
    else:
        _scope_partitions(data, directory, _list(container), _list(partitions))
    _save(service, name, document, data)
    service.state.secrets[data.find_text("id").upper()] = AgentSecret(domain, user, nt_hash(credentials[1]))


def change_ecma2(
    service: SynchronizationService,
    agent: str,
    use: str,
    settings: Mapping[str, str],
    credentials: Credentials = ("", ""),
    *,
    secrets: Mapping[str, str] | None = None,
) -> None:
    """Sets the agent's parameters of one `use` by their names without blanks, and its credentials when a user name is given.

    `secrets` are values of encrypted parameters: documents show that they are there, not what they are.
    """
    name, document = find_agent(service.state, agent)
    data = agent_data(document)
    if data.find_text("category") != "Extensible2":
        raise SynchronizationProblem(f"The management agent '{agent}' is not an extensible connectivity 2.0 management agent.")
    if _build(service) < FIRST_BUILD_WITH_CONNECTIVITY:
        raise SynchronizationProblem("A parameter cannot be found that matches parameter name 'ParameterUse'.")
    values = data.require("private-configuration/MAConfig/parameter-values")
    changes = _parameter_changes(data, use, settings)
    hidden = _secret_changes(data, use, secrets or {})
    if credentials[0]:
        domain, user = _split_account(credentials[0], domain_of(service.host))
        changes |= {"Domain": domain, "User Name": user}
    for title, value in changes.items():
        _set_parameter(values, title, value)
    _save(service, name, document, data)
    if hidden:
        service.state.parameter_secrets.setdefault(data.find_text("id").upper(), {}).update(hidden)
    if credentials[0]:
        service.state.secrets[data.find_text("id").upper()] = AgentSecret(domain, user, nt_hash(credentials[1]))


_FIM_SETTINGS = {"AuthenticationMode": "authentication", "DatabaseName": "databasename", "DatabaseServer": "server", "FIMServiceBaseAddress": "serviceHost"}


def change_fim(service: SynchronizationService, agent: str, settings: Mapping[str, str], credentials: Credentials) -> None:
    """Connection and account of a MIM Service agent, by the cmdlet's parameter names; the account is not tried."""
    name, document = find_agent(service.state, agent)
    data = agent_data(document)
    connection = data.find("private-configuration/fimma-configuration/connection-info")
    if data.find_text("category") != "FIM" or connection is None:
        raise SynchronizationProblem(f"The management agent '{agent}' is not a management agent for FIM Service.")
    domain, user = _split_account(credentials[0], domain_of(service.host))
    texts = {**{_FIM_SETTINGS[key]: value for key, value in settings.items()}, "domain": domain, "user": user}
    for tag, text in texts.items():
        (connection.find(tag) or connection.append(Fragment(tag))).set_text(text)
    _save(service, name, document, data)
    service.state.secrets[data.find_text("id").upper()] = AgentSecret(domain, user, nt_hash(credentials[1]))


def change_provisioning(service: SynchronizationService, enabled: bool) -> None:
    """Switches scripted provisioning; SynchronizationProblem when no assembly is named."""
    state = service.state
    document = parsed(METAVERSE_FILE, state.documents[METAVERSE_FILE])
    data = document.root.require("mv-data")
    if enabled and not data.find_text("extension/assembly-name"):
        raise SynchronizationProblem("The provisioning rules extension cannot be enabled because no rules extension is configured for the metaverse.")
    data.require("provisioning").set_attribute("type", "scripted" if enabled else "none")
    state.documents[METAVERSE_FILE] = document.write()


def _scope_partitions(data: Element, directory: Directory, containers: Sequence[str], partitions: Sequence[str]) -> None:
    """Selects what is named, or the forest's first domain with all its containers when nothing is.

    Every domain of the forest gets a partition; exclusions cannot be told, so they go.
    """
    wanted = {dn.casefold() for dn in partitions}
    found = data.find_all("ma-partition-data/partition")
    for domain in directory.domains:
        if not any(partition.find_text("name").casefold() == domain.domain_dn.casefold() for partition in found):
            found.append(data.require("ma-partition-data").append(_domain_partition(domain, found)))
    for partition in found:
        name = partition.find_text("name")
        keep = name.casefold() in wanted if wanted else name.casefold() == directory.domain_dn.casefold()
        partition.require("selected").set_text("1" if keep else "0")
        if keep and partition.find("custom-data/adma-partition-data") is not None:
            inside = [dn for dn in containers if _below(dn, name) and not _in_other_context(dn, name, directory)]
            _set_containers(partition, inside or [name])


def _start_partitions_anew(data: Element, directory: Directory) -> None:
    """What builds before 4.3.2195 do: one new partition for the domain; run steps keep pointing to those that are gone."""
    holder = data.require("ma-partition-data")
    old = holder.find_all("partition")
    fresh = _domain_partition(directory, old)
    for partition in old:
        holder.remove(partition)
    holder.append(fresh)


def _domain_partition(directory: Directory, others: Sequence[Element]) -> Fragment:
    """A partition as a discovery of the forest makes it; object types as in the partitions that are there."""
    types = [item.text.strip() for item in others[0].find_all("filter/object-classes/object-class")] if others else ["user"]
    dn = directory.domain_dn
    guid = f"{{{directory.get(dn).guid}}}".upper()
    custom = Fragment(
        "adma-partition-data",
        children=(
            Fragment("dn", text=dn),
            Fragment("name", text=directory.dns_name),
            Fragment("guid", text=guid),
            Fragment("sign-and-seal", text="1"),
            Fragment("is-domain", text="1"),
            Fragment("dc-failover", text="1"),
            Fragment("ssl-bind", {"crl-check": "0"}, "0"),
            Fragment("simple-bind", text="0"),
        ),
    )
    containers = Fragment("containers", children=(Fragment("exclusions"), Fragment("inclusions", children=(Fragment("inclusion", text=dn),))))
    classes = Fragment("object-classes", children=tuple(Fragment("object-class", text=kind) for kind in types))
    return Fragment(
        "partition",
        children=(
            Fragment("id", text=f"{{{uuid.uuid4()}}}".upper()),
            Fragment("name", text=dn),
            Fragment("version", text="1"),
            Fragment("selected", text="1"),
            Fragment("filter", children=(classes, containers)),
            Fragment("custom-data", children=(custom,)),
            Fragment("allowed-operations", text="1073741855"),
            Fragment("current", children=(Fragment("batch-number", text="1"), Fragment("sequence-number", text="0"))),
            Fragment("last-successful-batch", text="0"),
        ),
    )


def _set_containers(partition: Element, inclusions: Sequence[str]) -> None:
    containers = partition.require("filter/containers")
    for part in ("exclusions", "inclusions"):
        holder = containers.require(part)
        for child in list(holder.children):
            holder.remove(child)
    for dn in inclusions:
        containers.require("inclusions").append(Fragment("inclusion", text=dn))


def _parameter_changes(data: Element, use: str, settings: Mapping[str, str]) -> dict[str, str]:
    """Parameter name -> new value; refuses names that the agent does not define and values outside of a list."""
    defined = {
        item.find_text("name").replace(" ", "").casefold(): item
        for item in data.find_all("private-configuration/MAConfig/parameter-definitions/parameter")
        if item.find_text("name") and item.find_text("use") == use
    }
    if not defined:
        raise SynchronizationProblem(f"The management agent has no parameters of the use '{use}'.")
    changes: dict[str, str] = {}
    for given, value in settings.items():
        item = defined.get(given.casefold())
        if item is None or item.find_text("type") == "encrypted-string":
            raise SynchronizationProblem(f"A parameter cannot be found that matches parameter name '{given}'.")
        choices = [choice for choice in item.find_text("validation").split(",") if choice]
        if choices and item.find_text("type") == "drop-down" and value not in choices:
            raise SynchronizationProblem(f"The value '{value}' of parameter '{given}' is not one of: {', '.join(choices)}.")
        changes[item.find_text("name")] = value
    return changes


def _secret_changes(data: Element, use: str, secrets: Mapping[str, str]) -> dict[str, bytes]:
    """Lower-case parameter name -> digest; refuses names of parameters that are not encrypted."""
    defined = {
        item.find_text("name").replace(" ", "").casefold(): item.find_text("name")
        for item in data.find_all("private-configuration/MAConfig/parameter-definitions/parameter")
        if item.find_text("use") == use and item.find_text("type") == "encrypted-string"
    }
    for given in secrets:
        if given.casefold() not in defined:
            raise SynchronizationProblem(f"A parameter cannot be found that matches parameter name '{given}'.")
    return {defined[given.casefold()].casefold(): nt_hash(value) for given, value in secrets.items()}


def _set_parameter(values: Element, title: str, value: str) -> None:
    for parameter in values.find_all("parameter"):
        if parameter.get("name") == title:
            parameter.set_text(value)
            return
    values.append(Fragment("parameter", {"name": title, "type": "string", "use": "connectivity"}, value))


def _verify(directory: Directory, domain: str, user: str, password: str) -> None:
    try:
        directory.verify(domain, user, password)
    except LogonFailure as failure:
        raise SynchronizationProblem(f"Logon failure: {failure}", "0x8007052E") from None


def _split_account(account: str, directory: Directory) -> tuple[str, str]:
    """`DOMAIN\\user`, `user@dns` or `user` as (domain, user)."""
    if "\\" in account:
        domain, _unused, user = account.partition("\\")
        return domain, user
    user, _unused, domain = account.partition("@")
    return (domain or directory.netbios_name), user


def _save(service: SynchronizationService, name: str, document: Document, data: Element) -> None:
    version = data.find("version")
    if version is not None and version.text.strip().isdigit():
        version.set_text(str(int(version.text) + 1))
    service.state.documents[name] = document.write()


def _forest(service: SynchronizationService, name: str) -> Directory:
    """The first domain of the forest of that DNS name."""
    estate = service.host.estate
    found = forest_named(estate, name) if estate is not None else None
    if found is None or found.dns_name.casefold() != name.casefold():
        raise SynchronizationProblem("The specified domain either does not exist or could not be contacted.", "0x8007054B")
    return found


def _build(service: SynchronizationService) -> tuple[int, ...]:
    return tuple(int(part) for part in service.build.split("."))


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _below(dn: str, head: str) -> bool:
    return dn.casefold() == head.casefold() or dn.casefold().endswith("," + head.casefold())


def _in_other_context(dn: str, head: str, directory: Directory) -> bool:
    """A container of a naming context that hangs below this one."""
    return any(len(other) > len(head) and _below(other, head) and _below(dn, other) for other in (head.dn for head in directory.heads.values()))
