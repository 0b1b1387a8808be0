# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What Update-SPProfilePhotoStore does: thumbnails out of the pictures that a synchronization has brought.

Facts: reference page `sharepoint-and-setup`, 4.4: never cropped, the longer side of 300, 72 and 48 pixels.
"""

from __future__ import annotations

import io
from collections.abc import Collection
from typing import TYPE_CHECKING

from PIL import Image, UnidentifiedImageError

from .farm_profiles import THUMBNAILS, Profile, ProfileStore

if TYPE_CHECKING:
    from .farm import Farm


class PhotoProblem(Exception):
    """The cmdlet failed; the message is its own."""


def update_photo_store(farm: Farm, sids: Collection[str], my_site_host: str, *, create_thumbnails: bool = True) -> int:
    """Makes what is missing or older than the picture; for how many profiles. `sids` is the caller's token."""
    if my_site_host.rstrip("/").casefold() != farm.service_application.my_site_host.rstrip("/").casefold():
        raise PhotoProblem(f"The site {my_site_host} is not the My Site host of the User Profile Service Application.")
    if not (farm.may_synchronize(sids) and farm.may_write_pictures(sids)):
        raise PhotoProblem("Access is denied. (Exception from HRESULT: 0x80070005 (E_ACCESSDENIED))")
    if not create_thumbnails:
        return 0
    store = farm.service_application.store
    return sum(_make_thumbnails(store, profile) for profile in list(store.live("user")))


def _make_thumbnails(store: ProfileStore, profile: Profile) -> bool:
    picture = profile.picture
    if picture is None or (picture.thumbnails_at >= picture.changed_at and store.has_thumbnail(profile)):
        return False
    try:
        made = {kind: _scaled(picture.original, size) for kind, size in THUMBNAILS.items()}
    except (UnidentifiedImageError, OSError):
        # What is no picture stays an original without thumbnails.
        return False
    for kind, path in store.thumbnail_paths(profile).items():
        store.photos[path] = made[kind]
    picture.thumbnails_at = picture.changed_at
    return True


def _scaled(original: bytes, longer_side: int) -> bytes:
    with Image.open(io.BytesIO(original)) as image:
        copy = image.convert("RGB")
    copy.thumbnail((longer_side, longer_side))
    target = io.BytesIO()
    copy.save(target, "JPEG", quality=85)
    return target.getvalue()
