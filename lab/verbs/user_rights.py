# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twin of user_rights.ps1."""

from __future__ import annotations

from ..estate.principals import resolve
from .registry import ScriptError, VerbAnswer, VerbCall, verb


@verb("user_rights")
def user_rights(call: VerbCall) -> VerbAnswer:
    """SIDs stand behind an asterisk; a right that nobody holds has no line."""
    if not call.session.administrator:
        raise ScriptError("secedit.exe ended with exit code 740")
    rights = call.host.user_rights.items()
    lines = [f"{name} = {','.join(f'*{sid}' for sid in sorted(holders))}" for name, holders in sorted(rights) if holders]
    return VerbAnswer({"sid": resolve(call.host, str(call.parameters["Account"])) or "", "rights": lines})
