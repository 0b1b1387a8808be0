# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Servers of any size, written as `svrexport` writes them, and declarations for them. The same number gives the same bytes.

Every second agent is a forest with a schema of its own (some 560 KB), the others are tables (some 40 KB): 100 agents are 30 MB.
Each gives and takes twenty attributes of a metaverse with three hundred.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

STRING = "1.3.6.1.4.1.1466.115.121.1.15"
MV_ATTRIBUTES, FLOWS = 300, 20
FOREST_ATTRIBUTES, FOREST_CLASSES, CLASS_ATTRIBUTES, COLUMNS = 1200, 220, 24, 60
STEPS = {"Full Import": "full-import", "Delta Import": "delta-import"}


def server(agents: int) -> dict[str, bytes]:
    """File name -> content."""
    files = {"MV.XML": _document("mv", _metaverse(agents))}
    for number in range(agents):
        files[f"MA-{number:03}.XML"] = _document("ma", _forest(number) if is_forest(number) else _table(number))
    return files


def is_forest(number: int) -> bool:
    return number % 2 == 0


def name_of(number: int) -> str:
    return f"{'Forest' if is_forest(number) else 'Table'} {number:03}"


def object_type(number: int) -> str:
    return "user" if is_forest(number) else "row"


def source(number: int, place: int) -> str:
    """Name of the attribute that an agent gives or takes at that place of its flows."""
    return f"attribute-{place:04}" if is_forest(number) else f"column{place:02}"


def declaration(agents: int) -> dict[str, Any]:
    """Something new for each agent: a flow in, a flow out, and a limit for every step of its run profiles."""
    flows: list[dict[str, Any]] = []
    for number in range(agents):
        end = f"{name_of(number)}/{object_type(number)}/{{}}"
        flows.append({"from": end.format(source(number, 30)), "through": f"person/{_mv_name(number + 7)}"})
        flows.append({"through": f"person/{_mv_name(number + 9)}", "to": end.format(source(number, 45))})
    kinds = [{"name": name_of(number), "type": "active_directory" if is_forest(number) else "sql_server"} for number in range(agents)]
    profiles = [{"name": name, "type": kind, "delete_limit": 50} for name, kind in STEPS.items()]
    return {"agents": [{**kind, "run_profiles": profiles} for kind in kinds], "flows": flows}


def scopes(agents: int) -> dict[str, Any]:
    """Two of its ten containers for each forest, as the solution's own declaration says it."""
    forests = [number for number in range(agents) if is_forest(number)]
    domains = {number: f"forest{number}.example" for number in forests}
    places = {number: [f"OU=Unit{place},DC=forest{number},DC=example" for place in (1, 2)] for number in forests}
    partitions = {number: [{"domain": domains[number], "include": places[number]}] for number in forests}
    return {"agents": [{"name": name_of(number), "type": "active_directory", "partitions": partitions[number]} for number in forests]}


def write_folder(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def _document(kind: str, lines: Iterator[str]) -> bytes:
    opening = f'<saved-{kind}-configuration server="MIM1" export-date="2026-01-02 03:04:05.678">\n<{kind}-data>\n'
    return (opening + "\n".join(lines) + f"\n</{kind}-data>\n</saved-{kind}-configuration>\n").encode()


def _guid(*numbers: int) -> str:
    return "{" + "{:08X}-{:04X}-4000-8000-{:012X}".format(*(*numbers, 0, 0, 0)[:3]) + "}"


def _mv_name(place: int) -> str:
    return f"mvAttribute{place % MV_ATTRIBUTES:03}"


def _schema(types: list[str], classes: list[str], prefix: str = "dsml:") -> Iterator[str]:
    names = 'xmlns:dsml="http://www.dsml.org/DSML"' if prefix else 'xmlns="http://www.dsml.org/DSML" xmlns:m="http://www.microsoft.com/MMS/DSML"'
    yield f"  <schema>\n    <{prefix}dsml {names}>\n      <{prefix}directory-schema>"
    yield from types
    yield from classes
    yield f"      </{prefix}directory-schema>\n    </{prefix}dsml>\n  </schema>"


def _type(identifier: str, name: str, prefix: str, flags: str = 'single-value="true"') -> str:
    inner = f"          <{prefix}name>{name}</{prefix}name>\n          <{prefix}syntax>{STRING}</{prefix}syntax>"
    return f'        <{prefix}attribute-type id="{identifier}" {flags}>\n{inner}\n        </{prefix}attribute-type>'


def _class(identifier: str, name: str, references: list[str], prefix: str) -> str:
    inner = "\n".join(f'          <{prefix}attribute ref="#{reference}" required="false" />' for reference in references)
    return f'        <{prefix}class id="{identifier}" type="structural">\n          <{prefix}name>{name}</{prefix}name>\n{inner}\n        </{prefix}class>'


def _direct(name: str) -> str:
    return f"<direct-mapping><src-attribute>{name}</src-attribute></direct-mapping>"


def _metaverse(agents: int) -> Iterator[str]:
    names = [_mv_name(place) for place in range(MV_ATTRIBUTES)]
    yield "  <format-version>1</format-version>\n  <version>7</version>"
    yield from _schema([_type(name, name, "dsml:") for name in names], [_class("person", "person", names, "dsml:")])
    yield '  <import-attribute-flow>\n    <import-flow-set mv-object-type="person">'
    for place, name in enumerate(names):
        givers = [number for number in range(agents) if (place - number) % MV_ATTRIBUTES < FLOWS]
        if givers:
            yield f'      <import-flows mv-attribute="{name}" type="ranked">'
            for number in givers:
                giver = f'src-ma="{_guid(number + 1)}" cd-object-type="{object_type(number)}" id="{_guid(number + 1, 1, place)}"'
                yield f"        <import-flow {giver}>{_direct(source(number, (place - number) % MV_ATTRIBUTES))}</import-flow>"
            yield "      </import-flows>"
    yield "    </import-flow-set>\n  </import-attribute-flow>"
    yield f'  <provisioning type="none" />\n  <mv-deletion>\n    <mv-deletion-rule mv-object-type="person" id="{_guid(9999)}" type="declared-any">'
    yield f"      <src-ma>{_guid(1)}</src-ma>\n    </mv-deletion-rule>\n  </mv-deletion>"


def _head(number: int, category: str) -> Iterator[str]:
    yield f"  <format-version>1</format-version>\n  <id>{_guid(number + 1)}</id>\n  <name>{name_of(number)}</name>\n  <category>{category}</category>"
    yield "  <subtype />\n  <creation-time>2026-01-01 00:00:00.000</creation-time>\n  <version>7</version>"


def _rules(number: int) -> Iterator[str]:
    kind, id_attribute = object_type(number), source(number, 1)
    selected = "".join(f"\n    <attribute>{source(number, place)}</attribute>" for place in range(FLOWS * 2))
    yield f"  <attribute-inclusion>{selected}\n  </attribute-inclusion>\n  <stay-disconnector />"
    yield f'  <join>\n    <join-profile cd-object-type="{kind}">\n      <join-criterion id="{_guid(number + 1, 2)}">\n        <search mv-object-type="person">'
    yield f'          <attribute-mapping mv-attribute="{_mv_name(number)}">{_direct(id_attribute)}</attribute-mapping>'
    yield '        </search>\n        <resolution type="none" />\n      </join-criterion>\n    </join-profile>\n  </join>'
    yield f'  <projection>\n    <class-mapping type="declared" id="{_guid(number + 1, 3)}" cd-object-type="{kind}">'
    yield "      <mv-object-type>person</mv-object-type>\n    </class-mapping>\n  </projection>"
    yield f'  <export-attribute-flow>\n    <export-flow-set cd-object-type="{kind}" mv-object-type="person">'
    for place in range(FLOWS):
        taken = f'cd-attribute="{source(number, FLOWS + place)}" id="{_guid(number + 1, 4, place)}" suppress-deletions="true"'
        yield f"      <export-flow {taken}>{_direct(_mv_name(number + place))}</export-flow>"
    yield "    </export-flow-set>\n  </export-attribute-flow>"
    yield '  <provisioning-cleanup type="declared">\n    <action>make-normal-disconnector</action>\n  </provisioning-cleanup>\n  <extension />'


def _runs(number: int) -> Iterator[str]:
    yield "  <ma-run-data>"
    for place, (name, kind) in enumerate(STEPS.items()):
        yield f"    <run-configuration>\n      <id>{_guid(number + 1, 5, place)}</id>\n      <name>{name}</name>\n      <version>1</version>"
        yield "      <configuration>"
        yield f'        <step>\n          <step-type type="{kind}">\n            <import-subtype>to-cs</import-subtype>\n          </step-type>'
        yield "          <threshold>\n            <batch-size>0</batch-size>\n            <object>0</object>\n          </threshold>"
        yield f"          <partition>{_guid(number + 1, 6)}</partition>\n          <custom-data />\n        </step>"
        yield "      </configuration>\n    </run-configuration>"
    yield "  </ma-run-data>"


def _partition(number: int, name: str, kinds: list[str], inclusions: list[str], private: str) -> Iterator[str]:
    yield f"  <ma-partition-data>\n    <partition>\n      <id>{_guid(number + 1, 6)}</id>\n      <name>{name}</name>"
    yield "      <version>1</version>\n      <selected>1</selected>"
    listed = "".join(f"\n          <object-class>{kind}</object-class>" for kind in kinds)
    places = "".join(f"\n            <inclusion>{place}</inclusion>" for place in inclusions)
    yield f"      <filter>\n        <object-classes>{listed}\n        </object-classes>"
    yield f"        <containers>\n          <exclusions />\n          <inclusions>{places}\n          </inclusions>\n        </containers>\n      </filter>"
    yield f"      <custom-data>{private}</custom-data>\n    </partition>\n  </ma-partition-data>"


def _forest(number: int) -> Iterator[str]:
    domain, dn = f"forest{number}.example", f"DC=forest{number},DC=example"
    names = [f"attribute-{place:04}" for place in range(FOREST_ATTRIBUTES)]
    types = [_type(f"A{place:x}", name, "", 'single-value="true" m:range-lower="1" m:range-upper="64"') for place, name in enumerate(names)]
    references = [[f"A{(kind * 7 + place) % FOREST_ATTRIBUTES:x}" for place in range(CLASS_ATTRIBUTES)] for kind in range(FOREST_CLASSES)]
    classes = [_class(f"C{kind:x}", f"class-{kind:03}", found, "") for kind, found in enumerate(references)]
    user = _class("Cuser", "user", [f"A{place:x}" for place in range(100)], "")
    yield from _head(number, "AD")
    yield from _schema(types, [user, *classes], "")
    yield from _rules(number)
    private = f"<forest-name>{domain}</forest-name><forest-login-domain>{domain}</forest-login-domain><forest-login-user>svc</forest-login-user>"
    yield f"  <private-configuration>\n    <adma-configuration>{private}<sign-and-seal>1</sign-and-seal></adma-configuration>\n  </private-configuration>"
    data = f"<adma-partition-data><dn>{dn}</dn><name>{domain}</name><guid>{_guid(number + 1, 7)}</guid><is-domain>1</is-domain></adma-partition-data>"
    yield from _partition(number, dn, ["user", "container", "organizationalUnit", "domainDNS"], [f"OU=Unit{place},{dn}" for place in range(10)], data)
    yield from _runs(number)


def _table(number: int) -> Iterator[str]:
    names = [f"column{place:02}" for place in range(COLUMNS)]
    yield from _head(number, "MSSQL")
    yield from _schema([_type(name, name, "dsml:") for name in names], [_class("row", "row", names, "dsml:")])
    yield from _rules(number)
    info = f"<server>SQL{number}</server><databasename>HR</databasename><tablename>People</tablename><authentication>integrated</authentication>"
    yield f"  <private-configuration>\n    <oledbma-configuration><connection-info>{info}</connection-info></oledbma-configuration>\n  </private-configuration>"
    yield from _partition(number, "default", ["row"], [], "<dbma-partition-data />")
    yield from _runs(number)
