# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a domain controller refuses, in its own words and numbers."""

from __future__ import annotations


class DirectoryError(Exception):
    """`code` is the Win32 error (winerror.h), `message` what the AD cmdlets and ADSI show for it."""

    def __init__(self, code: int, message: str, *, detail: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.detail = detail


class AccessDenied(DirectoryError):
    """A right is missing; `detail` says which, on what."""


class LogonFailure(DirectoryError):
    """`code` is the NTSTATUS, `detail` its sub status as four-byte hexadecimal text."""


ACCESS_DENIED = (5, "Access is denied.")
INSUFFICIENT_RIGHTS = (8344, "Insufficient access rights to perform the operation.")
REPLICATION_DENIED = (8453, "Replication access was denied.")
NOT_FOUND = (8333, "Directory object not found")
NAME_IN_USE = (8305, "An attempt was made to add an object to the directory with a name that is already in use")
ACCOUNT_EXISTS = (1316, "The specified account already exists")
GROUP_EXISTS = (1318, "The specified group already exists")
UPN_IN_USE = (8648, "The operation failed because UPN value provided for addition/modification is not unique forest-wide.")
WEAK_PASSWORD = (1325, "The password does not meet the length, complexity, or history requirement of the domain.")
NOT_A_LEAF = (8213, "The directory service can perform the requested operation only on a leaf object")
NO_SUCH_ATTRIBUTE = (8202, "The specified directory service attribute or value does not exist")
CLASS_VIOLATION = (8212, "The requested operation did not satisfy one or more constraints associated with the class of the object")
SINGLE_VALUE = (8321, "Multiple values were specified for an attribute that can have only one value")
OUT_OF_RANGE = (8322, "A value for the attribute was not in the acceptable range of values")
ILLEGAL_SUPERIOR = (8345, "The object cannot be added because the parent is not on the list of possible superiors")
SYSTEM_ONLY = (8346, "Access to the attribute is not permitted because the attribute is owned by the Security Accounts Manager (SAM)")
MISSING_ATTRIBUTE = (8316, "A required attribute is missing")
VALUE_EXISTS = (8323, "The specified value already exists")
NAMING_VIOLATION = (8247, "There was a naming violation")
INVALID_DN = (8242, "An invalid dn syntax has been specified")
UNWILLING = (8245, "The server is unwilling to process the request")
ALREADY_MEMBER = (1378, "The specified account name is already a member of the group")
NOT_A_MEMBER = (1377, "The specified account name is not a member of the group")
PRIMARY_GROUP_MEMBER = (0x55E, "The user cannot be removed from a group because the group is currently the user's primary group")
GLOBAL_HAS_LOCAL = (8516, "A global group cannot have a local group as a member")
GLOBAL_HAS_UNIVERSAL = (8517, "A global group cannot have a universal group as a member")
UNIVERSAL_HAS_LOCAL = (8518, "A universal group cannot have a local group as a member")
REFERRAL = (8235, "A referral was returned from the server")
NO_KEY = (-2146893811, "Key does not exist")

LOGON_FAILED = 0xC000006D
LOGON_REASONS = {
    "unknown": (0xC0000064, "The user name or password is incorrect."),
    "password": (0xC000006A, "The user name or password is incorrect."),
    "disabled": (0xC0000072, "This user can't sign in because this account is currently disabled."),
    "locked": (0xC0000234, "The referenced account is currently locked out and may not be logged on to."),
    "expired": (0xC0000193, "The user's account has expired."),
    "password_expired": (0xC0000071, "The password for this account has expired."),
    "must_change": (0xC0000224, "The user's password must be changed before signing in."),
}


def failure(kind: tuple[int, str], *, detail: str = "") -> DirectoryError:
    return DirectoryError(kind[0], kind[1], detail=detail)


def logon_failure(reason: str) -> LogonFailure:
    """`reason` is a key of LOGON_REASONS."""
    status, message = LOGON_REASONS[reason]
    return LogonFailure(LOGON_FAILED if reason in ("unknown", "password") else status, message, detail=f"0x{status:08X}")
