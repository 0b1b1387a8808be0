# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files of a server into a declaration, and a declaration into files, without a server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..configuration.folder import read_export
from ..desired.gathering import gather
from ..desired.keeping import kept_settings
from ..desired.variables import rule_files, variable_files, vault_names
from ..lint.checking import lint_folder
from ..lint.findings import Finding
from ..rules.declared import declared_wish
from ..rules.gathering import with_rules
from ..rules.xml_reader import parse_rules
from .change import Plan
from .rules import rule_notes, say_rules
from .whole_server import plan_on_files

# The rules file in the service's Extensions folder.
RULES_FILE = "MimSync.Rules.xml"
# What a server has before anything was configured; for files that begin with nothing.
EMPTY_SERVER = {
    "MV.XML": b"<saved-mv-configuration>\n    <mv-data>\n        <format-version>1</format-version>\n        <version>1</version>\n"
    b'        <schema><dsml:dsml xmlns:ms-dsml="http://www.microsoft.com/MMS/DSML" xmlns:dsml="http://www.dsml.org/DSML">'
    b"<dsml:directory-schema></dsml:directory-schema></dsml:dsml></schema>\n"
    b'        <import-attribute-flow></import-attribute-flow>\n        <provisioning type="none"></provisioning>\n'
    b"        <mv-deletion></mv-deletion>\n        <extension></extension>\n    </mv-data>\n</saved-mv-configuration>\n",
}


@dataclass(frozen=True)
class Adopted:
    """`kept`: agent -> paths of private settings that no declaration speaks of; `secrets`: variables that a vault must hold;
    `rules`: what the rules file holds besides what flows say; `findings`: what is wrong with the files."""

    declaration: dict[str, Any]
    files: Mapping[str, str]
    kept: Mapping[str, list[str]]
    secrets: tuple[str, ...]
    rules: Mapping[str, Any] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def adopt(files: Mapping[str, bytes], rules: bytes = b"") -> Adopted:
    """`rules`: the rules file, where it is not among `files`. Raises DocumentError for files that cannot be read, InputError for rules that are wrong."""
    found = next((name for name in files if name.casefold() == RULES_FILE.casefold()), "")
    rules = rules or files.get(found, b"")
    folder = read_export({name: content for name, content in files.items() if name != found})
    declaration, own = gather(folder.model()), dict[str, Any]()
    if rules:
        declaration, own = with_rules(declaration, parse_rules(rules, RULES_FILE))
    written = variable_files(declaration) | rule_files(own)
    names = folder.names()
    kept = {names[name]: kept_settings(document) for name, document in folder.agents.items()}
    secrets = sorted({name for text in written.values() for name in vault_names(text)})
    return Adopted(declaration, written, {name: paths for name, paths in sorted(kept.items()) if paths}, tuple(secrets), own, tuple(lint_folder(folder)))


def render(files: Mapping[str, bytes], config: Any, state: str = "merged", rules: Any = None) -> tuple[Plan, dict[str, bytes]]:
    """The plan and the files as they would be. Without files a server is taken that holds nothing yet. `rules`: content of a rules file, as YAML."""
    found, wish = declared_wish(config, rules)
    plan, _unused = plan_on_files(read_export(files or EMPTY_SERVER), wish, state)
    rule_notes(found, plan.planned.model())
    say_rules(plan, found)
    return plan, plan.planned.write()
