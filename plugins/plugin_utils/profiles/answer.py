# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""User profiles as the module profile_info returns them, and held against the directory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..errors import InputError

DEFAULT_PROPERTIES = ("PreferredName", "WorkEmail", "Manager", "Office", "Department", "Title", "PictureURL")


def full_names(names: Iterable[str], domain: str) -> list[str]:
    """Every name as DOMAIN\\name, each once; InputError for a bare name without a domain to put in front."""
    found: dict[str, str] = {}
    for number, name in enumerate(names):
        if "\\" not in name and not domain:
            raise InputError(f"'{name}' has no domain; write DOMAIN\\name or set the option domain", path=f"names[{number}]")
        full = name if "\\" in name else f"{domain}\\{name}"
        found.setdefault(full.casefold(), full)
    return list(found.values())


def profile_facts(answer: Mapping[str, Any], properties: Sequence[str]) -> dict[str, Any]:
    """What the module returns; InputError for properties that the farm does not have."""
    unknown = list(answer.get("unknown_properties") or ())
    if unknown:
        raise InputError(f"the farm's profiles have no property {', '.join(map(repr, unknown))}", path="properties")
    profiles = [_profile(item, properties) for item in answer.get("profiles") or ()]
    return {
        "total": int(answer["total"]),
        "missing": [str(name) for name in answer.get("missing") or ()],
        "profiles": profiles,
        "groups": [{"name": str(item["name"]), "source_reference": str(item["source_reference"])} for item in answer.get("groups") or ()],
        "counts": {
            "profiles": len(profiles),
            "with_email": sum(bool(profile["properties"].get("WorkEmail")) for profile in profiles),
            "with_picture": sum(bool(profile["properties"].get("PictureURL")) for profile in profiles),
            "with_manager": sum(bool(profile["properties"].get("Manager")) for profile in profiles),
        },
    }


def email_failures(people: Sequence[str], directory: Iterable[Mapping[str, Any]], profiles: Iterable[Mapping[str, Any]]) -> list[str]:
    """One sentence for each person who is not in SharePoint with the e-mail address of the directory.

    `directory`: objects with sAMAccountName and mail; `profiles`: as profile_facts gives them.
    """
    mails = {_one(item.get("sAMAccountName")).casefold(): _one(item.get("mail")) for item in directory}
    found = {str(item["account"]).rpartition("\\")[2].casefold(): item for item in profiles}
    return [failure for failure in (_failure(person, mails, found) for person in people) if failure]


def _failure(person: str, mails: Mapping[str, str], found: Mapping[str, Mapping[str, Any]]) -> str:
    name = person.rpartition("\\")[2].casefold()
    if name not in mails:
        return f"{person}: there is no such account in the directory."
    mail = mails[name]
    if not mail:
        return f"{person}: the account has no e-mail address in the directory."
    profile = found.get(name)
    if profile is None:
        return f"{person}: there is no profile in SharePoint."
    shown = str((profile.get("properties") or {}).get("WorkEmail") or "")
    if shown.casefold() != mail.casefold():
        return f"{person}: SharePoint shows the e-mail address '{shown}', the directory has '{mail}'."
    return ""


def _profile(item: Mapping[str, Any], properties: Sequence[str]) -> dict[str, Any]:
    """A single value stands alone, several are a list, none is an empty text."""
    values = item.get("values") or {}
    return {"account": str(item["account"]), "record_id": int(item["record_id"]), "properties": {name: _plain(values.get(name)) for name in properties}}


def _plain(values: Any) -> Any:
    found = values if isinstance(values, list) else [] if values is None else [values]
    return found if len(found) > 1 else found[0] if found else ""


def _one(value: Any) -> str:
    first = value[0] if isinstance(value, (list, tuple)) and value else value
    return "" if first is None or first == [] else str(first)


def accounts_filter(people: Iterable[str]) -> str:
    """An LDAP filter for user objects of these account names; a domain in front is left out (RFC 4515 escapes)."""
    names = [person.rpartition("\\")[2] for person in people]
    escaped = ("".join(f"\\{ord(char):02x}" if char in "\\*()\0" else char for char in name) for name in names)
    return f"(&(objectClass=user)(|{''.join(f'(sAMAccountName={name})' for name in escaped)}))"
