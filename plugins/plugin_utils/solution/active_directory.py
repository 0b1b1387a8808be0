# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""MA-ADMA.XML: the Active Directory agent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .agent import AgentParts, PartitionParts, agent_document, joiner, partition
from .identity import guid, partition_id
from .markup import Element, element, leaf
from .rules import run_profile, step
from .schema import directory_schema

# Bits of what a server lets one do with a partition and an agent of this kind, as exported by servers.
_ALLOWED_OPERATIONS = 1073741855
_CAPABILITIES = "d373"


def directory_document(description: Mapping[str, Any]) -> Element:
    """The root element of MA-ADMA.XML."""
    parts = AgentParts(
        category="AD",
        schema=directory_schema(description["schema"]),
        joiner=_columns(),
        private=_forest(description["forest"]),
        partitions=tuple(_partition(description, item) for item in description["partitions"]),
        profiles=tuple(_profile(description, name) for name in description["run_profiles"]),
        capabilities=_CAPABILITIES,
        export_type=1,
        dn_construction=element("dn-construction"),
    )
    return agent_document(description, parts)


def _columns() -> Element:
    shown = {"<DN>": "DN", "<objectType>": "objectType", "displayName": "displayName"}
    space = [leaf("attribute", attributes={"name": name, "header": header, "size": "100"}) for name, header in shown.items()]
    return joiner([element("cs", *space), element("mv", space[-1])])


def _forest(forest: Mapping[str, str]) -> Element:
    extension = element(
        "cd-extension",
        leaf("assembly-name"),
        leaf("server-name"),
        leaf("exchange-version"),
        leaf("application-protection", "low"),
        *(leaf(moment, 0) for moment in ("pre-export", "post-export", "pre-import")),
    )
    return element(
        "adma-configuration",
        leaf("forest-name", forest["dns"]),
        leaf("forest-login-domain", forest["netbios"]),
        leaf("forest-login-user", forest["user"]),
        *_binding(),
        extension,
        leaf("enable-unapplied-merge", 0),
    )


def _binding() -> tuple[Element, ...]:
    """LDAP traffic is signed and sealed, not in TLS."""
    return leaf("sign-and-seal", 1), leaf("ssl-bind", 0, {"crl-check": "0"}), leaf("simple-bind", 0)


def _partition(description: Mapping[str, Any], item: Mapping[str, Any]) -> Element:
    forest = description["forest"]
    sign, ssl, simple = _binding()
    dn = below(item.get("rdn", ""), forest["root"])
    data = element(
        "adma-partition-data",
        leaf("dn", dn),
        leaf("name", forest["dns"]),
        leaf("guid", guid("naming context", item["name"])),
        sign,
        leaf("is-domain", item["domain"]),
        leaf("dc-failover", 1),
        ssl,
        simple,
    )
    return partition(
        PartitionParts(
            id=partition_id(description["name"], item["name"]),
            name=dn,
            object_types=description["object_types"],
            inclusions=[below(name, dn) for name in item["include"]],
            exclusions=[below(name, dn) for name in item.get("exclude", [])],
            custom_data=(data,),
            operations=_ALLOWED_OPERATIONS,
            hints=list(_hints(description)),
        )
    )


def below(rdn: str, parent: str) -> str:
    """`parent` itself for an empty name."""
    return f"{rdn},{parent}" if rdn else parent


def _hints(description: Mapping[str, Any]) -> Iterator[tuple[str, Sequence[str], bool]]:
    classes = description["schema"]["classes"]
    for name in description["object_types"]:
        yield name, _chain(classes, name), True
    for name in description["excluded_subclasses"]:
        yield name, _chain(classes, name), False


def _chain(classes: Mapping[str, Mapping[str, Any]], name: str) -> list[str]:
    superior = classes[name].get("superior")
    return [*(_chain(classes, superior) if superior else []), name]


def _profile(description: Mapping[str, Any], name: str) -> Element:
    sizes = description["step"]
    data = element(
        "adma-step-data",
        leaf("batch-size", sizes["batch_size"]),
        leaf("page-size", sizes["page_size"]),
        leaf("time-limit", sizes["time_limit"]),
    )
    agent = description["name"]
    return run_profile(agent, name, [step(name, partition_id(agent, item["name"]), 1, [data]) for item in description["partitions"]])
