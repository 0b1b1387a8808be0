# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The profile store: typed values, change numbers, deletion marks, pictures whose address never changes.

Facts: reference page `sharepoint-and-setup`, 4.1, 4.4 and 4.5.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from .farm_properties import INTEGER_TYPES, OTHER_KINDS, CoreProperty, default_properties

Value = str | int | bool | bytes
Values = tuple[Value, ...]

# Thumbnails from SharePoint 2013 on, in pixels (the longer side)
THUMBNAILS = {"LThumb": 300, "MThumb": 72, "SThumb": 48}
# My Site Cleanup Job removes a marked profile after so many seconds (30 days).
KEPT_AFTER_DELETION = 30 * 86400.0


class ProfileProblem(Exception):
    """The store refuses a value or a profile; `kind` is MIM's export error for it."""

    def __init__(self, message: str, kind: str = "cd-error") -> None:
        super().__init__(message)
        self.kind = kind


@dataclass
class Picture:
    """`original` is the picture as it arrived; `exported`: it came from a synchronization, not from the user.

    `changed_at` and `thumbnails_at` are change numbers of the store: of the picture, and of the picture the thumbnails show.
    """

    original: bytes
    exported: bool = True
    changed_at: int = 0
    thumbnails_at: int = -1


@dataclass
class Profile:
    """`account` is `DOMAIN\\name`; `kind` user, group or contact. `changed_at` is the store's change number of the last change."""

    record: int
    anchor: str
    kind: str
    account: str
    sid: bytes = b""
    guid: str = field(default_factory=lambda: str(uuid.uuid4()))
    # By the property's name as defined
    values: dict[str, Values] = field(default_factory=dict)
    # References as anchors, which a timer job turns into accounts
    references: dict[str, tuple[str, ...]] = field(default_factory=dict)
    picture: Picture | None = None
    created: float = 0.0
    changed_at: int = 0
    # Properties changed at which change number (delta imports deliver these only)
    changes: dict[str, int] = field(default_factory=dict)
    deleted: bool = False
    deleted_time: float = 0.0

    def get(self, name: str) -> Values:
        """Values of a property, without regard to the name's case."""
        wanted = name.casefold()
        return next((values for key, values in self.values.items() if key.casefold() == wanted), ())


@dataclass
class ProfileStore:
    """All profiles of a User Profile Service Application."""

    properties: dict[str, CoreProperty] = field(default_factory=default_properties)
    profiles: dict[int, Profile] = field(default_factory=dict)
    # Files of the library `User Photos` on the My Site host: server-relative path -> content
    photos: dict[str, bytes] = field(default_factory=dict)
    change_number: int = 0
    next_record: int = 1
    _by_anchor: dict[tuple[str, str], int] = field(default_factory=dict)
    _by_account: dict[str, int] = field(default_factory=dict)

    # --- reading

    def property(self, name: str, kind: str = "user") -> CoreProperty | None:
        return OTHER_KINDS.get(kind, self.properties).get(name.casefold())

    def live(self, kind: str = "") -> Iterator[Profile]:
        """Profiles that are not marked as deleted, in order of their record number."""
        return (one for _unused, one in sorted(self.profiles.items()) if not one.deleted and kind in ("", one.kind))

    def changed_since(self, change_number: int) -> Iterator[Profile]:
        """Profiles changed after that number, deleted ones included."""
        return (one for _unused, one in sorted(self.profiles.items()) if one.changed_at > change_number)

    def by_account(self, account: str) -> Profile | None:
        record = self._by_account.get(account.casefold())
        return self.profiles[record] if record is not None else None

    def by_anchor(self, kind: str, anchor: str) -> Profile | None:
        record = self._by_anchor.get((kind, anchor.casefold()))
        return self.profiles[record] if record is not None else None

    # --- changing

    def remove_property(self, name: str) -> None:
        """Takes a property away with the values that profiles have of it."""
        found = self.properties.pop(name.casefold(), None)
        if found is None:
            return
        for profile in self.profiles.values():
            profile.values.pop(found.name, None)
            profile.references.pop(found.name, None)

    def add(self, kind: str, anchor: str, account: str, *, now: float, sid: bytes = b"") -> Profile:
        """A new profile; ProfileProblem if the anchor or the account has one already."""
        if not account:
            raise ProfileProblem("The ProfileIdentifier of a profile must not be empty.", "missing-provisioning-attribute")
        if self.by_anchor(kind, anchor) is not None or self.by_account(account) is not None:
            raise ProfileProblem(f"A profile already exists for '{account}'.", "cd-existing-object")
        profile = Profile(self.next_record, anchor, kind, account, sid, created=now)
        self.next_record += 1
        self.profiles[profile.record] = profile
        self._by_anchor[(kind, anchor.casefold())] = profile.record
        self._by_account[account.casefold()] = profile.record
        self._touch(profile, "AccountName")
        return profile

    def set_values(self, profile: Profile, changes: Mapping[str, Values]) -> None:
        """Sets or clears (empty tuple) properties; nothing is changed when one of them is refused (ProfileProblem)."""
        known = {name: self._known(name, profile.kind) for name in changes}
        checked = {known[name].name: self._checked(known[name], values) for name, values in changes.items()}
        for name, values in checked.items():
            if profile.get(name) == values:
                continue
            if values:
                profile.values[name] = values
            else:
                profile.values.pop(name, None)
            self._touch(profile, name)

    def rename(self, profile: Profile, account: str) -> None:
        """Another account for the same profile; ProfileProblem if that has a profile."""
        other = self.by_account(account)
        if other is not None and other is not profile:
            raise ProfileProblem(f"A profile already exists for '{account}'.", "cd-existing-object")
        self._by_account.pop(profile.account.casefold(), None)
        profile.account = account
        self._by_account[account.casefold()] = profile.record
        self._touch(profile, "AccountName")

    def set_reference(self, profile: Profile, name: str, anchors: tuple[str, ...]) -> None:
        """Remembers whom a Person property means until the relationships job resolves it."""
        name = self._known(name, profile.kind).name
        if profile.references.get(name, ()) == anchors:
            return
        profile.references[name] = anchors
        if not anchors:
            profile.references.pop(name)
            profile.values.pop(name, None)
        self._touch(profile, name)

    def resolve_references(self) -> int:
        """What ImportExport_PostImportMembers does: references become accounts; how many values changed."""
        changed = 0
        for profile in list(self.live()):
            for name, anchors in profile.references.items():
                found = (self.by_anchor("user", anchor) for anchor in anchors)
                accounts: Values = tuple(one.account for one in found if one is not None and not one.deleted)
                if profile.get(name) != accounts:
                    profile.values[name] = accounts
                    changed += 1
        return changed

    def set_picture(self, profile: Profile, content: bytes, base_url: str) -> None:
        """Stores the original; the address is that of the thumbnail, which the photo job makes later."""
        if profile.picture is not None and profile.picture.original == content:
            return
        self._touch(profile, "PictureURL")
        profile.picture = Picture(content, changed_at=self.change_number)
        self.photos[f"{self._picture_stem(profile)}.jpg"] = content
        profile.values["PictureURL"] = (f"{base_url.rstrip('/')}/{self._picture_stem(profile)}_MThumb.jpg".replace(" ", "%20"),)

    def clear_picture(self, profile: Profile) -> None:
        stem = self._picture_stem(profile)
        for path in [path for path in self.photos if path.startswith((f"{stem}.", f"{stem}_"))]:
            del self.photos[path]
        profile.picture = None
        if profile.values.pop("PictureURL", None) is not None:
            self._touch(profile, "PictureURL")

    def has_thumbnail(self, profile: Profile) -> bool:
        return f"{self._picture_stem(profile)}_MThumb.jpg" in self.photos

    def thumbnail_paths(self, profile: Profile) -> dict[str, str]:
        """Kind of thumbnail -> its path in the library."""
        return {kind: f"{self._picture_stem(profile)}_{kind}.jpg" for kind in THUMBNAILS}

    def delete(self, profile: Profile, *, now: float) -> None:
        """Marks a profile; its account gets the record number appended, so that the name is free again."""
        self._by_account.pop(profile.account.casefold(), None)
        self._by_anchor.pop((profile.kind, profile.anchor.casefold()), None)
        profile.deleted, profile.deleted_time = True, now
        profile.account = f"{profile.account}{profile.record}"
        self._touch(profile, "AccountName")

    def discard(self, profile: Profile) -> None:
        """Takes back a profile whose creation failed halfway."""
        self._by_account.pop(profile.account.casefold(), None)
        self._by_anchor.pop((profile.kind, profile.anchor.casefold()), None)
        del self.profiles[profile.record]

    def clean_up(self, *, now: float) -> int:
        """My Site Cleanup Job: removes what was marked long enough ago; how many."""
        due = [one.record for one in self.profiles.values() if one.deleted and now - one.deleted_time > KEPT_AFTER_DELETION]
        for record in due:
            del self.profiles[record]
        return len(due)

    # --- inner matters

    def _touch(self, profile: Profile, name: str) -> None:
        self.change_number += 1
        profile.changed_at = self.change_number
        profile.changes[name] = self.change_number

    def _picture_stem(self, profile: Profile) -> str:
        return "User Photos/Profile Pictures/" + profile.account.lower().replace("\\", "_")

    def _known(self, name: str, kind: str) -> CoreProperty:
        found = self.property(name, kind)
        if found is None:
            raise ProfileProblem(f"The property '{name}' does not exist in the profile store.", "schema-violation")
        return found

    def _checked(self, definition: CoreProperty, values: Values) -> Values:
        if len(values) > 1 and not definition.multivalued:
            raise ProfileProblem(f"The property '{definition.name}' takes one value, {len(values)} were given.", "constraint-violation")
        return tuple(_converted(definition, value) for value in values)


def _converted(definition: CoreProperty, value: Value) -> Value:
    if definition.type in INTEGER_TYPES:
        return _integer(definition, value)
    if definition.type == "boolean":
        return _boolean(definition, value)
    if definition.type == "binary":
        if not isinstance(value, bytes):
            raise ProfileProblem(f"The value of property '{definition.name}' is not binary.", "type-mismatch")
        return value
    text = value if isinstance(value, str) else str(value)
    if definition.length and len(text) > definition.length:
        raise ProfileProblem(f"The value of property '{definition.name}' is longer than its maximum of {definition.length} characters.", "constraint-violation")
    return text


def _integer(definition: CoreProperty, value: Value) -> int:
    try:
        number = int(value) if not isinstance(value, bytes) else int(value.decode("ascii"))
    except ValueError:
        raise ProfileProblem(f"The value '{value!s}' of property '{definition.name}' is not an integer.", "type-mismatch") from None
    return number


def _boolean(definition: CoreProperty, value: Value) -> bool:
    text = str(value).casefold()
    if text not in ("true", "false", "1", "0"):
        raise ProfileProblem(f"The value '{value!s}' of property '{definition.name}' is not a Boolean.", "type-mismatch")
    return text in ("true", "1")
