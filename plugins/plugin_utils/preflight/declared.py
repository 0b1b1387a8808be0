# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From the modules' options to what preflight compares, and from the hosts' results to findings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from ..errors import InputError
from .builds import parse_build
from .findings import Finding, Severity
from .host import Expectation, MediaWish
from .settings import AccountSetting, Settings

# The inventory-level variables of the collection.
VARIABLES = frozenset(
    {
        "mimsync_accounts_ou",
        "mimsync_ad_agent_account",
        "mimsync_cycle",
        "mimsync_domain",
        "mimsync_groups",
        "mimsync_groups_ou",
        "mimsync_key_set_copy",
        "mimsync_media",
        "mimsync_mysite_url",
        "mimsync_netbios",
        "mimsync_photo_account",
        "mimsync_picture_direction",
        "mimsync_preview_answer",
        "mimsync_preview_config",
        "mimsync_preview_connector_spaces",
        "mimsync_preview_cycle",
        "mimsync_preview_files",
        "mimsync_preview_limits",
        "mimsync_preview_objects",
        "mimsync_preview_people",
        "mimsync_preview_rules",
        "mimsync_refresh_timeout",
        "mimsync_report_folder",
        "mimsync_schedule_account",
        "mimsync_scope",
        "mimsync_service_account",
        "mimsync_setup_account",
        "mimsync_sharepoint_agent_account",
        "mimsync_sharepoint_url",
        "mimsync_sharepoint_version",
        "mimsync_solution_folder",
        "mimsync_sql_database",
        "mimsync_sql_instance",
        "mimsync_sql_server",
        "mimsync_verify_people",
    }
)
# Medium -> the fact that makes it needless.
_UNLESS = {
    "sql_native_client": "native_client",
    "sync_service": "service_build",
    "sync_hotfix": "service_build",
    "sharepoint_connector": "connector_version",
}


def expectation_of(host: str, options: Mapping[str, Any]) -> Expectation:
    """InputError for media without a path or with something else than a version."""
    return Expectation(
        host=host,
        groups=frozenset(options["host_groups"]),
        domain=options["domain"],
        netbios=options["netbios"],
        sharepoint_version=options["sharepoint_version"],
        sql_server=options["sql_server"],
        sql_instance=options["sql_instance"],
        media=tuple(_wish(name, medium) for name, medium in options["media"].items()),
        urls=options["urls"],
        objects=scope_names(options["scope"]),
    )


def settings_of(options: Mapping[str, Any]) -> Settings:
    """Reads the options of preflight_report; passwords stay behind."""
    return Settings(
        domain=options["domain"],
        netbios=options["netbios"],
        accounts=[_account(given) for given in options["accounts"]],
        groups={f"mimsync_groups.{name}": str(value or "") for name, value in options["groups"].items()},
        distinguished_names={**options["distinguished_names"], **scope_names(options["scope"])},
        urls=options["urls"],
        checksums={f"mimsync_media.{name}.checksum": str(medium["checksum"]) for name, medium in options["media"].items() if medium.get("checksum")},
    )


def scope_names(scope: Mapping[str, Any]) -> dict[str, str]:
    """`mimsync_scope.include[0]` -> distinguished name."""
    return {f"mimsync_scope.{kind}[{number}]": str(dn) for kind in ("include", "exclude") for number, dn in enumerate(scope.get(kind) or ())}


def collect(hosts: Sequence[str], results: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """What each host's `preflight` found; a host without an answer is a finding itself."""
    for host, result in zip(hosts, results, strict=True):
        if result.get("unreachable") or "findings" not in result:
            yield Finding(host, Severity.ERROR, _unreached(str(result.get("msg", "no answer"))))
        else:
            yield from (Finding.from_dict(found) for found in result["findings"])


def unknown_variables(names: Sequence[str], roles: Mapping[str, frozenset[str]]) -> Iterator[Finding]:
    """Variables that look like ours and are none: most are misspelt.

    `roles` gives each role's variables. A name that only begins like a role's may be the user's own (`directory_mode`), so it is
    named when it resembles one of ours.
    """
    for name in sorted({name for name in names if name.startswith("mimsync_")} - VARIABLES):
        close = get_close_matches(name, VARIABLES, n=1, cutoff=0.8)
        yield Finding("", Severity.WARNING, f"No role knows the variable {name}.", f"Did you mean {close[0]}?" if close else "")
    for role, known in sorted(roles.items()):
        for name in sorted({name for name in names if name.startswith(f"{role}_")} - known):
            close = get_close_matches(name, known, n=1, cutoff=0.85)
            if close:
                yield Finding("", Severity.WARNING, f"The role {role} does not know the variable {name}.", f"Did you mean {close[0]}?")


def _unreached(message: str) -> str:
    """The connection plugin's words, led by what they mean."""
    message = _system_error(message) or message.removeprefix("Task failed: ")
    refused = ("credentials were rejected", "401", "unauthorized", "authentication")
    if any(word in message.casefold() for word in refused):
        return f"The logon was refused: check ansible_user and ansible_password. ({message})"
    return f"The host cannot be reached: check ansible_host, ansible_port, and that WinRM listens there. ({message})"


def _system_error(message: str) -> str:
    """The operating system's reason inside of what the HTTP library wraps around it; empty if there is none."""
    found = re.search(r"\[Errno -?\d+\] [^\"')]+", message)
    return found[0] if found else ""


def _wish(name: str, medium: Any) -> MediaWish:
    variable = f"mimsync_media.{name}"
    if not isinstance(medium, Mapping) or not medium.get("path"):
        raise InputError("the installer's path is missing.", path=f"{variable}.path")
    version = str(medium.get("version") or "")
    if version:
        parse_build(version, f"{variable}.version")
    return MediaWish(variable, str(medium["path"]), str(medium.get("checksum") or ""), _UNLESS.get(name, ""), version)


def _account(given: Mapping[str, Any]) -> AccountSetting:
    return AccountSetting(given["variable"], str(given["name"] or ""), bool(given["password"]), bool(given["group_managed"]))
