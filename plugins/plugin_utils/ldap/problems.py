# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What can go wrong between here and a directory."""

from __future__ import annotations

import re

from ..errors import MimSyncError

# Active Directory begins its diagnostic text with the Win32 error in hexadecimal.
_WIN32 = re.compile(r"([0-9A-Fa-f]{8}):")
NO_SUCH_ATTRIBUTE, INVALID_CREDENTIALS, INSUFFICIENT_RIGHTS, NO_SUCH_OBJECT, ALREADY_EXISTS = 16, 49, 50, 32, 68


class LdapError(MimSyncError):
    """Base of this room's errors."""


class LibraryMissing(LdapError):
    """The Python packages that speak LDAP are not installed on the controller."""


class Unreachable(LdapError):
    """No directory answers at the address."""


class Dropped(LdapError):
    """The connection ended before the answer did."""


class Refused(LdapError):
    """The directory answered with an error. `result`: LDAP's code (RFC 4511, 4.1.9); `win32`: Windows' own, 0 if none was told."""

    def __init__(self, operation: str, result: int, diagnostic: str = "", *, dn: str = "") -> None:
        text = " ".join(diagnostic.split())
        super().__init__(f"The directory refused {operation}{f' of {dn}' if dn else ''}: LDAP error {result}{f' ({text})' if text else ''}.")
        self.result = result
        self.diagnostic = text
        found = _WIN32.match(text)
        self.win32 = int(found[1], 16) if found else 0
