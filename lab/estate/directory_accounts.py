# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Accounts: passwords, logon, lockout, group membership in a token, group-managed service accounts."""

from __future__ import annotations

from collections.abc import Mapping
from sys import intern
from typing import TYPE_CHECKING, Any

from . import directory_errors as words
from .directory_entry import Entry, Value, file_time, from_file_time
from .directory_errors import failure, logon_failure
from .directory_rules import DOMAIN_LOCAL, SECURITY
from .directory_sids import ADMINISTRATORS, AUTHENTICATED_USERS, EVERYONE, nt_hash

if TYPE_CHECKING:
    from .directory import Directory, Token

# userAccountControl ([MS-ADTS] 2.2.16)
DISABLED = 0x2
PASSWORD_NOT_REQUIRED = 0x20
NORMAL_ACCOUNT = 0x200
WORKSTATION_TRUST = 0x1000
NEVER_EXPIRES = 0x10000
NEVER = 0x7FFFFFFFFFFFFFFF
_DOMAIN_USERS, _DOMAIN_COMPUTERS = 513, 515
_PERSON_CLASSES = ("user", "inetOrgPerson")

RESET_PASSWORD = "00299570-246d-11d0-a768-00aa006e0529"
# Root keys count ten hours after their effective time (reference/sharepoint-and-setup.md 1.5).
KDS_DELAY = 10 * 3600


def new_attributes(directory: Directory, class_name: str, given: Mapping[str, Any]) -> dict[str, Value]:
    """What the account manager fills in when an object is made."""
    kind = directory.schema.classes[class_name]
    found: dict[str, Value] = {}
    if "sAMAccountName" in directory.schema.allowed(class_name)[0] and not any(name.casefold() == "samaccountname" for name in given):
        found["sAMAccountName"] = _made_up_name(directory)
    found |= {"objectCategory": intern(f"CN={kind.category},{directory.schema_dn}"), "instanceType": 4}
    if class_name in _PERSON_CLASSES:
        found |= {"userAccountControl": NORMAL_ACCOUNT | DISABLED | PASSWORD_NOT_REQUIRED, "primaryGroupID": _DOMAIN_USERS, "accountExpires": NEVER}
        found |= {"sAMAccountType": 0x30000000, "pwdLastSet": 0}
    elif "computer" in directory.schema.chain(class_name):
        found |= {"userAccountControl": WORKSTATION_TRUST, "primaryGroupID": _DOMAIN_COMPUTERS, "accountExpires": NEVER, "sAMAccountType": 0x30000001}
    elif class_name == "group":
        kind_bits = int(given.get("groupType", 0x2 | SECURITY))
        base = 0x20000000 if kind_bits & 0x4 else 0x10000000
        found |= {"groupType": kind_bits, "sAMAccountType": base | (0 if kind_bits & SECURITY else 1)}
    return found


def _made_up_name(directory: Directory) -> str:
    """The account manager names an account that came without a name: `$ABC123-XXXXXXXXXXXX`."""
    letters = "".join(directory.random.choice("ABCDEFGHIJKLMNOPQRSTUV0123456789") for _unused in range(18))
    return f"${letters[:6]}-{letters[6:]}"


def check_password(directory: Directory, entry: Entry, password: str, account: str = "") -> None:
    """The domain's policy; raises DirectoryError in the cmdlets' words."""
    policy = _policy(directory)
    classes = (str.isupper, str.islower, str.isdigit, lambda char: not char.isalnum())
    kinds = sum(any(test(char) for char in password) for test in classes)
    name = (account or entry.text("sAMAccountName")).casefold()
    simple = kinds < 3 or (len(name) > 2 and name in password.casefold())
    if len(password) < policy.number("minPwdLength") or (policy.number("pwdProperties") & 1 and simple):
        raise failure(words.WEAK_PASSWORD)


def _policy(domain: Directory) -> Entry:
    return domain.get(domain.domain_dn)


def store_password(directory: Directory, entry: Entry, password: str, *, must_change: bool = False) -> None:
    """Sets the hash without looking at the policy."""
    directory.hashes[entry.sid] = nt_hash(password)
    entry.attributes["pwdLastSet"] = 0 if must_change else file_time(directory.clock())
    for name in ("lockoutTime", "badPwdCount"):
        entry.attributes.pop(name, None)


def set_password(directory: Directory, entry: Entry, password: str, *, must_change: bool, token: Token | None) -> None:
    """An administrator's reset."""
    from .directory_security import require
    from .directory_write import touch

    directory.require_here(entry)
    require(directory, token, entry, "CR", RESET_PASSWORD)
    check_password(directory, entry, password)
    store_password(directory, entry, password, must_change=must_change)
    touch(directory, entry, ("unicodePwd", "pwdLastSet"))


def verify(directory: Directory, domain: str, name: str, password: str) -> Entry:
    """See Directory.verify."""
    full = name if not domain or "@" in name else f"{domain}\\{name}"
    entry = directory.resolve(full)
    if entry is None or "userAccountControl" not in entry.attributes:
        raise logon_failure("unknown")
    if directory.hashes.get(entry.sid) != nt_hash(password):
        if is_locked(directory, entry):
            raise logon_failure("locked")
        record_logon(directory, entry, succeeded=False)
        raise logon_failure("password")
    check_logon(directory, entry)
    record_logon(directory, entry, succeeded=True)
    return entry


def check_logon(directory: Directory, entry: Entry) -> None:
    """See Directory.check_logon."""
    now = directory.clock()
    expires = entry.number("accountExpires", NEVER)
    if is_locked(directory, entry):
        raise logon_failure("locked")
    if entry.number("userAccountControl") & DISABLED:
        raise logon_failure("disabled")
    if expires not in (0, NEVER) and from_file_time(expires) <= now:
        raise logon_failure("expired")
    if entry.number("userAccountControl") & NEVER_EXPIRES or entry.is_a("computer"):
        return
    last_set = entry.number("pwdLastSet")
    if last_set == 0:
        raise logon_failure("must_change")
    age = -_policy(directory.domain_of(entry)).number("maxPwdAge") / 10_000_000
    if 0 < age <= now - from_file_time(last_set):
        raise logon_failure("password_expired")


def password_expired(directory: Directory, entry: Entry) -> bool:
    """The cmdlets' PasswordExpired."""
    if entry.number("userAccountControl") & NEVER_EXPIRES:
        return False
    last_set = entry.number("pwdLastSet")
    age = -_policy(directory.domain_of(entry)).number("maxPwdAge") / 10_000_000
    return last_set == 0 or 0 < age <= directory.clock() - from_file_time(last_set)


def is_locked(directory: Directory, entry: Entry) -> bool:
    locked = entry.number("lockoutTime")
    if not locked:
        return False
    duration = -_policy(directory.domain_of(entry)).number("lockoutDuration") / 10_000_000
    return duration <= 0 or directory.clock() < from_file_time(locked) + duration


def record_logon(directory: Directory, entry: Entry, *, succeeded: bool) -> None:
    """See Directory.record_logon. The counters are not replicated, so no change number moves until the lockout."""
    from .directory_write import touch

    threshold = _policy(directory.domain_of(entry)).number("lockoutThreshold")
    if succeeded:
        entry.attributes.pop("badPwdCount", None)
        if entry.attributes.pop("lockoutTime", None):
            touch(directory, entry, ("lockoutTime",))
        return
    count = entry.number("badPwdCount") + 1
    entry.attributes["badPwdCount"] = count
    if threshold and count >= threshold:
        entry.attributes["lockoutTime"] = file_time(directory.clock())
        touch(directory, entry, ("lockoutTime",))


def unlock(directory: Directory, entry: Entry) -> None:
    from .directory_write import touch

    for name in ("lockoutTime", "badPwdCount"):
        entry.attributes.pop(name, None)
    touch(directory, entry, ("lockoutTime",))


def primary_group(directory: Directory, entry: Entry) -> Entry | None:
    """A group of the account's own domain."""
    rid = entry.number("primaryGroupID")
    return directory.by_sid.get(f"{entry.sid.rpartition('-')[0]}-{rid}") if rid else None


def token(directory: Directory, sid: str) -> Token:
    """See Directory.token. Distribution groups count neither themselves nor for what they are members of; domain-local ones in their domain."""
    entry = directory.by_sid.get(sid)
    found = {sid, EVERYONE, AUTHENTICATED_USERS}
    if entry is None:
        return frozenset(found)
    first = primary_group(directory, entry)
    waiting = [entry] if first is None else [entry, first]
    found.update(item.sid for item in waiting)
    while waiting:
        for group in _groups(waiting.pop()):
            if group.sid not in found and group.number("groupType") & SECURITY and not group.sid.startswith("S-1-5-32-") and _reaches(directory, group):
                found.add(group.sid)
                waiting.append(group)
    found.update(str(value) for value in entry.values("sIDHistory"))
    return frozenset(found)


def _reaches(directory: Directory, group: Entry) -> bool:
    return not group.number("groupType") & DOMAIN_LOCAL or group.sid.startswith(f"{directory.domain_sid}-")


def _groups(entry: Entry) -> tuple[Entry, ...]:
    return tuple((entry.back_links or {}).get("memberOf", {}))


def with_builtins(directory: Directory, sids: Token) -> Token:
    """The token with the domain's aliases of CN=Builtin that hold any of its principals."""
    key = ("builtins", directory.domain_sid, sids)
    usn, known = directory.descriptor_cache.get(key, (-1, sids))
    if usn == directory.usn:
        found: Token = known
        return found
    holders = {entry for sid in sids if (entry := directory.by_sid.get(sid)) is not None}
    extra = {group.sid for entry in holders for group in _groups(entry) if group.sid.startswith("S-1-5-32-") and directory.by_sid.get(group.sid) is group}
    result = sids | extra
    directory.descriptor_cache[key] = (directory.usn, result)
    return result


def is_administrator(directory: Directory, sids: Token) -> bool:
    """Administrator of the domain controllers."""
    return ADMINISTRATORS in with_builtins(directory, sids)


def can_retrieve_password(account: Entry, sids: Token) -> bool:
    """See Directory.can_retrieve_password."""
    allowed = (account.links or {}).get("msDS-GroupMSAMembership", {})
    return any(entry.sid in sids for entry in allowed)


def usable_root_key(directory: Directory) -> bool:
    """Whether a key of the Group Key Distribution Service is old enough to be used."""
    now = directory.clock()
    return any(from_file_time(key.number("msKds-UseStartTime")) + KDS_DELAY <= now for key in root_keys(directory))


def root_keys(directory: Directory) -> tuple[Entry, ...]:
    container = directory.get(f"CN=Master Root Keys,CN=Group Key Distribution Service,CN=Services,{directory.configuration_dn}")
    return tuple(entry for entry in (container.children or {}).values() if entry.is_a("msKds-ProvRootKey"))
