# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lab farm's profile store as a connected system: what the SharePoint connector reads and writes.

It calls `/_vti_bin/ProfileImportExportService.asmx` of a web application. Facts: reference pages `sync-engine` (6,
SharePoint Profile Store) and `sharepoint-and-setup` (4).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ...plugins.plugin_utils.engine.systems.base import (
    ChangeType,
    ExportedChange,
    ExportResult,
    ImportedObject,
    ImportPage,
    ImportRequest,
    SystemConnectionError,
    Values,
)
from .farm_profiles import Profile, ProfileProblem, ProfileStore
from .system_logon import agent_account

if TYPE_CHECKING:
    from ...plugins.plugin_utils.configuration.model import ManagementAgent
    from .estate import Estate
    from .farm import Farm
    from .synchronization_state import AgentSecret

EXPORT_PICTURES = "Export only (NEVER from SharePoint)"
UNAUTHORIZED = "The request failed with HTTP status 401: Unauthorized."

# The connector's own names, and those that go one way only (reference `sync-engine`, 6).
_IDENTIFIERS = frozenset({"anchor", "profileidentifier", "sid", "picture", "export_password"})
_EXPORT_ONLY = {
    "user": frozenset(
        "profileidentifier sid preferredname sps-department sps-jobtitle sps-distinguishedname sps-sourceobjectdn sps-location sps-hashtags".split()
    ),
    "group": frozenset("profileidentifier sid grouptype preferredname description url mailnickname member".split()),
    "contact": frozenset("profileidentifier sps-distinguishedname sps-sourceobjectdn preferredname".split()),
}
_IMPORT_ONLY = {
    "user": frozenset({"domain", "accountname"}),
    "group": frozenset({"sourcereference", "domain"}),
    "contact": frozenset({"username_contact", "domain"}),
}


class SharePointSystem:
    """A connection for one run step. `sids` is the token of the agent's account; `exports_pictures` the direction.

    `sent_pictures` (anchor -> picture) belongs to the agent's connector space and goes with it: the pictures of profiles
    that got theirs from a synchronization. The address of such a picture never changes, so a full import takes it for the
    one that is known; only a delta import, which asks for what changed, fetches it (reference `sync-engine`, 6; `scenarios`, 4).
    """

    def __init__(
        self, estate: Estate, farm: Farm, server: str, sids: frozenset[str], *, exports_pictures: bool, sent_pictures: dict[str, bytes] | None = None
    ) -> None:
        self.estate = estate
        self.farm = farm
        self.server = server
        self.sids = sids
        self.exports_pictures = exports_pictures
        self.sent_pictures = {} if sent_pictures is None else sent_pictures

    @property
    def store(self) -> ProfileStore:
        return self.farm.service_application.store

    # --- import

    def import_pages(self, request: ImportRequest) -> Iterator[ImportPage]:
        """All live profiles, or those changed since the change number in the watermark."""
        with self.estate.lock:
            self.check_rights()
            token = self.store.change_number
            found = list(self.store.changed_since(int(request.watermark))) if request.watermark else list(self.store.live())
        wanted = [profile for profile in found if profile.kind in request.object_types]
        size = max(request.page_size, 1)
        for start in range(0, len(wanted), size):
            with self.estate.lock:
                objects = tuple(self._imported(profile, request) for profile in wanted[start : start + size])
            yield ImportPage(objects)
        yield ImportPage((), watermark=str(token), filtered=0)

    def _imported(self, profile: Profile, request: ImportRequest) -> ImportedObject:
        if profile.deleted:
            return ImportedObject(ChangeType.DELETE, profile.anchor, profile.anchor, profile.kind)
        attributes: dict[str, Values] = {}
        for name in request.attributes:
            values = self._value(profile, name, full=not request.watermark)
            if values:
                attributes[name] = values
        return ImportedObject(ChangeType.REPLACE, profile.anchor, profile.anchor, profile.kind, attributes)

    def _value(self, profile: Profile, name: str, *, full: bool) -> Values:
        """An attribute as the connector reads it; empty for what it only writes."""
        wanted = name.casefold()
        if wanted == "anchor":
            return (profile.anchor,)
        if wanted in _EXPORT_ONLY[profile.kind]:
            return ()
        if wanted == "accountname":
            return (profile.account,)
        if wanted == "domain":
            return (profile.account.partition("\\")[0],)
        if wanted == "userprofile_guid":
            return (profile.guid,)
        if wanted == "picture":
            return self._picture(profile, full=full)
        definition = self.store.property(name, profile.kind)
        if definition is None:
            return ()
        if definition.is_reference:
            return self._references(profile, definition.name)
        return profile.get(definition.name)

    def _picture(self, profile: Profile, *, full: bool) -> Values:
        """The connector fetches what the address leads to, in the import direction only, and where the address is news."""
        if self.exports_pictures or profile.picture is None:
            return ()
        known = self.sent_pictures.get(profile.anchor)
        if full and known is not None:
            return (known,)
        if known is not None:
            self.sent_pictures[profile.anchor] = profile.picture.original
        return (profile.picture.original,)

    def _references(self, profile: Profile, name: str) -> Values:
        """Anchors of the profiles meant, whether the relationships job has resolved them or not."""
        if name in profile.references:
            return profile.references[name]
        found = (self.store.by_account(str(account)) for account in profile.get(name))
        return tuple(one.anchor for one in found if one is not None)

    # --- export

    def export(self, changes: Sequence[ExportedChange]) -> Sequence[ExportResult]:
        with self.estate.lock:
            self.check_rights()
            results = [self._export_one(change) for change in changes]
            # The lab's clock does not wait five minutes for the timer job: it runs after each batch.
            self.farm.run_relationships_job(now=self.estate.now())
        return results

    def _export_one(self, change: ExportedChange) -> ExportResult:
        try:
            profile = self._apply(change)
        except ProfileProblem as problem:
            return ExportResult(change.object_id, problem.kind, str(problem))
        return ExportResult(change.object_id, anchor=profile.anchor, dn=profile.anchor)

    def _apply(self, change: ExportedChange) -> Profile:
        found = self.store.by_anchor(change.object_type, change.anchor or change.dn)
        if change.change is ChangeType.ADD:
            self._check_attributes(change)
            return self._add(change)
        if found is None:
            raise ProfileProblem(f"There is no profile '{change.anchor or change.dn}'.", "cd-missing-object")
        if change.change is ChangeType.DELETE:
            self.store.delete(found, now=self.estate.now())
            self.sent_pictures.pop(found.anchor, None)
            return found
        self._check_attributes(change)
        self._write(found, change)
        return found

    def _add(self, change: ExportedChange) -> Profile:
        given = _lowered(change)
        anchor = _text(given.get("anchor", ())) or change.anchor or change.dn
        account = _text(given.get("profileidentifier", ()))
        profile = self.store.add(change.object_type, anchor, account, now=self.estate.now(), sid=_bytes(given.get("sid", ())))
        try:
            self._write(profile, change)
        except ProfileProblem:
            self.store.discard(profile)
            raise
        return profile

    def _write(self, profile: Profile, change: ExportedChange) -> None:
        plain: dict[str, Values] = {}
        references: dict[str, tuple[str, ...]] = {}
        for name, values in change.attributes.items():
            definition = self.store.property(name, profile.kind)
            if name.casefold() in _IDENTIFIERS | _IMPORT_ONLY[profile.kind]:
                continue
            if definition is not None and definition.is_reference:
                references[name] = tuple(str(value) for value in values)
            else:
                plain[name] = values
        self.store.set_values(profile, plain)
        for name, anchors in references.items():
            self.store.set_reference(profile, name, anchors)
        self._write_identity(profile, change)

    def _write_identity(self, profile: Profile, change: ExportedChange) -> None:
        given = _lowered(change)
        account = _text(given.get("profileidentifier", ()))
        if account and account != profile.account:
            self.store.rename(profile, account)
        if "sid" in given:
            profile.sid = _bytes(given["sid"])
        if "picture" in given:
            self._write_picture(profile, given["picture"])

    def _write_picture(self, profile: Profile, values: Values) -> None:
        if not self.farm.may_write_pictures(self.sids):
            raise ProfileProblem(f"Access denied: the picture of '{profile.account}' cannot be written to the My Site host.", "permission-issue")
        if values:
            content = _bytes(values)
            self.store.set_picture(profile, content, self.farm.service_application.my_site_host)
            self.sent_pictures[profile.anchor] = content
        else:
            self.store.clear_picture(profile)
            self.sent_pictures.pop(profile.anchor, None)

    def _check_attributes(self, change: ExportedChange) -> None:
        """Unknown properties; `Picture` where the direction does not let it out.

        Import-only attributes are passed over: the solution's own provisioning sets AccountName of a new user.
        """
        for name in change.attributes:
            wanted = name.casefold()
            if wanted == "picture" and not self.exports_pictures:
                raise ProfileProblem(f"The attribute '{name}' is read-only.", "readonly-attribute")
            if wanted in _IDENTIFIERS or wanted in _IMPORT_ONLY[change.object_type]:
                continue
            if self.store.property(name, change.object_type) is None:
                raise ProfileProblem(f"The property '{name}' does not exist in the profile store.", "schema-violation")

    def check_rights(self) -> None:
        """Raises SystemConnectionError unless the account may use the service application."""
        if not self.farm.may_synchronize(self.sids):
            raise SystemConnectionError("stopped-connectivity", "failed-permission", server=self.server, code="401", literal=UNAUTHORIZED)


def connect_sharepoint(estate: Estate, agent: ManagementAgent, secret: AgentSecret, sent_pictures: dict[str, bytes] | None = None) -> SharePointSystem:
    """Opens the profile store that the agent's parameters lead to; raises SystemConnectionError."""
    from .farm import find_farm

    parameters = {parameter.name: parameter.value for parameter in agent.parameters}
    host, port = parameters.get("Host Name", ""), parameters.get("Port", "")
    url = f"{parameters.get('HTTP Protocol', 'HTTP').lower()}://{host}" + (f":{port}" if port not in ("", "443" if _is_https(parameters) else "80") else "")
    server = f"{host}:{port}"
    farm = find_farm(estate, url)
    if farm is None:
        raise SystemConnectionError("stopped-connectivity", "failed-connection", server=server, literal="Unable to connect to the remote server")
    account = agent_account(estate, estate.directory, parameters.get("Domain", ""), parameters.get("User Name", ""), secret)
    if account is None:
        raise SystemConnectionError("stopped-connectivity", "failed-authentication", server=server, code="401", literal=UNAUTHORIZED)
    sids = estate.directory.token(account.sid)
    exports = parameters.get("Picture Flow Direction") == EXPORT_PICTURES
    return SharePointSystem(estate, farm, server, sids, exports_pictures=exports, sent_pictures=sent_pictures)


def _is_https(parameters: dict[str, str]) -> bool:
    return parameters.get("HTTP Protocol", "").casefold() == "https"


def _lowered(change: ExportedChange) -> dict[str, Values]:
    return {name.casefold(): values for name, values in change.attributes.items()}


def _text(values: Values) -> str:
    return str(values[0]) if values else ""


def _bytes(values: Values) -> bytes:
    """A binary value; text is taken as Base64, the form in which an extension writes binaries as text."""
    import base64
    import binascii

    if not values:
        return b""
    value = values[0]
    if isinstance(value, bytes):
        return value
    try:
        return base64.b64decode(str(value), validate=True)
    except binascii.Error:
        raise ProfileProblem("A binary value is not Base64.", "type-mismatch") from None
