# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pictures of SharePoint's people: their sizes against what the directory takes, and whether they arrived there.

Facts: reference page `sharepoint-and-setup`, 4.4 (names of the files) and 6 (thumbnailPhoto holds 102,400 bytes).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .values import attribute_access_rules

THUMBNAIL_LIMIT = 102400
FROM_SHAREPOINT = "from_sharepoint"
NEWER = "One that is newer than the last import comes with the next cycle (cycle.yml); else look into the last run's errors."
_SIZES = ("_lthumb", "_mthumb", "_sthumb")


@dataclass(frozen=True)
class PersonPicture:
    """`bytes` is the size of the largest of the person's files; `digests` are the SHA-256 of those that were asked for."""

    account: str
    address: str
    bytes: int
    digests: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return {"account": self.account, "address": self.address, "bytes": self.bytes, "digests": list(self.digests)}


def stem_of(account: str) -> str:
    """How the names of an account's picture files begin: `EXAMPLE\\anna` -> `example_anna`."""
    return account.lower().replace("\\", "_")


def pictures_of(answer: Mapping[str, Any]) -> list[PersonPicture]:
    """From the answer of the verb `pictures_read`, by account.

    Which of a person's files the connector fetches is not published, so the largest counts.
    """
    files: dict[str, list[Mapping[str, Any]]] = {}
    for item in answer.get("files") or ():
        files.setdefault(_stem_of_file(str(item["name"])), []).append(item)
    found = [_person(item, files.get(stem_of(str(item["account"])), ())) for item in answer.get("profiles") or ()]
    return sorted(found, key=lambda person: person.account.casefold())


def too_large(people: Iterable[PersonPicture], limit: int = THUMBNAIL_LIMIT) -> list[str]:
    """Accounts whose picture is larger than `limit` bytes."""
    return [person.account for person in people if person.bytes > limit]


def picture_failures(
    names: Sequence[str], people: Iterable[Mapping[str, Any]], directory: Iterable[Mapping[str, Any]], direction: str = FROM_SHAREPOINT
) -> list[str]:
    """One sentence for each named person whose picture did not arrive at the other side.

    `people`: as the module picture_info gives them, with digests; `directory`: objects with sAMAccountName and
    thumbnailPhoto (base64). Who has no picture at the source has none to arrive. In SharePoint the picture that arrived may
    be left as thumbnails alone, so that there only its presence counts.
    """
    pictures = {_bare(str(item["account"])): item for item in people}
    held = {str(item.get("sAMAccountName") or "").casefold(): _digest(item.get("thumbnailPhoto")) for item in directory}
    if direction == FROM_SHAREPOINT:
        return [sentence for name in names if (sentence := _failure(name, pictures.get(_bare(name)), held))]
    lacking = [name for name in names if held.get(_bare(name)) and _bare(name) not in pictures]
    return [f"{name}: the directory has a picture, SharePoint has none." for name in lacking]


def picture_access_rules(containers: Sequence[str], account: str, netbios: str, state: str = "present") -> list[dict[str, Any]]:
    """The rules of directory_access_rule that let an account write the picture of the users below some containers, and nothing else."""
    return attribute_access_rules(containers, account, netbios, ["thumbnailPhoto"], state)


def without_picture(people: Iterable[Mapping[str, Any]], having: Iterable[Mapping[str, Any]]) -> list[str]:
    """Accounts with a picture in SharePoint and none in the directory; `having`: the directory's objects with one."""
    known = {str(item.get("sAMAccountName") or "").casefold() for item in having}
    return [str(item["account"]) for item in people if _bare(str(item["account"])) not in known]


def _failure(name: str, picture: Mapping[str, Any] | None, held: Mapping[str, str]) -> str:
    if picture is None:
        return ""
    if _bare(name) not in held:
        return f"{name}: there is no such account in the directory."
    digest = held[_bare(name)]
    if not digest:
        return f"{name}: SharePoint has a picture, the directory has none. {NEWER}"
    if digest not in picture.get("digests", ()):
        return f"{name}: the directory has another picture than SharePoint. {NEWER}"
    return ""


def _person(item: Mapping[str, Any], files: Iterable[Mapping[str, Any]]) -> PersonPicture:
    own = list(files)
    digests = tuple(sorted({str(file["sha256"]) for file in own if file.get("sha256")}))
    return PersonPicture(str(item["account"]), str(item["address"]), max((int(file["bytes"]) for file in own), default=0), digests)


def _stem_of_file(name: str) -> str:
    """`example_anna_MThumb.jpg` -> `example_anna`."""
    stem = name.rpartition(".")[0].lower()
    return next((stem[: -len(size)] for size in _SIZES if stem.endswith(size)), stem)


def _bare(name: str) -> str:
    return name.rpartition("\\")[2].casefold()


def _digest(value: Any) -> str:
    """SHA-256 of a base64 value; empty for none."""
    text = value[0] if isinstance(value, (list, tuple)) and value else value
    if not text:
        return ""
    try:
        return hashlib.sha256(base64.b64decode(str(text), validate=True)).hexdigest()
    except binascii.Error:
        return "not base64"
