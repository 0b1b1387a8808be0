# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A directory of made-up people that takes no memory: each person is worked out of a number when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from .base import ChangeType, ExportedChange, ExportResult, ImportedObject, ImportPage, ImportRequest, Values

DEPARTMENTS = ("Sales", "Finance", "Research", "Purchase", "Board")
PHOTO_EVERY = 5
PHOTO_BYTES = 4096


@dataclass
class GeneratedDirectory:
    """`domain` and `staff` are distinguished names; all but the first person have a manager, every fifth a photo of 4 kB."""

    people: int
    domain: str
    staff: str
    netbios: str = "NETBIOS"
    server: str = "generated:389"
    # Of persons that changed: number -> (number of the change, title).
    titles: dict[int, tuple[int, str]] = field(default_factory=dict)
    gone: dict[int, int] = field(default_factory=dict)
    change: int = 1

    def retitle(self, number: int, title: str) -> None:
        self.change += 1
        self.titles[number] = (self.change, title)

    def delete(self, number: int) -> None:
        self.change += 1
        self.gone[number] = self.change

    def dn(self, number: int) -> str:
        return f"CN=Person {number},{self.staff}"

    def person(self, number: int) -> dict[str, Values]:
        values: dict[str, Values] = {
            "sAMAccountName": (f"u{number}",),
            "displayName": (f"Given{number} Family{number}",),
            "objectSid": (bytes([1, 1, *range(6)]) + number.to_bytes(4, "little"),),
            "givenName": (f"Given{number}",),
            "sn": (f"Family{number}",),
            "mail": (f"u{number}@corp.example.com",),
            "userPrincipalName": (f"u{number}@corp.example.com",),
            "department": (DEPARTMENTS[number % len(DEPARTMENTS)],),
            "title": (self.titles.get(number, (0, "Clerk"))[1],),
            "telephoneNumber": (f"+49 30 {number}",),
            "physicalDeliveryOfficeName": (f"B{number % 40}",),
            "proxyAddresses": (f"SMTP:u{number}@corp.example.com", f"sip:u{number}@corp.example.com"),
        }
        if number:
            values["manager"] = (self.dn(number // 8),)
        if number % PHOTO_EVERY == 0:
            values["thumbnailPhoto"] = (number.to_bytes(8, "big") * (PHOTO_BYTES // 8),)
        return values

    def import_pages(self, request: ImportRequest) -> Iterator[ImportPage]:
        since = int(request.watermark or 0)
        page: list[ImportedObject] = []
        for item in self._objects(request, since):
            page.append(item)
            if len(page) >= max(1, request.page_size):
                yield ImportPage(tuple(page))
                page = []
        yield ImportPage(tuple(page), str(self.change))

    def _objects(self, request: ImportRequest, since: int) -> Iterator[ImportedObject]:
        """The configuration partition holds the cross reference that names the domain, the other one domain and people."""
        if request.partition_dn.casefold().startswith("cn=configuration,"):
            if not since:
                naming: dict[str, Values] = {"nCName": (self.domain,), "nETBIOSName": (self.netbios,)}
                yield ImportedObject(ChangeType.REPLACE, "crossref", f"CN=X,CN=Partitions,CN=Configuration,{self.domain}", "crossRef", naming)
        elif not since:
            yield ImportedObject(ChangeType.REPLACE, "domain", self.domain, "domainDNS", {"name": ("label",)})
            yield from (self._whole(number) for number in range(self.people) if number not in self.gone)
        else:
            yield from (self._whole(number) for number, (change, _unused) in self.titles.items() if change > since and number not in self.gone)
            yield from (ImportedObject(ChangeType.DELETE, f"p{number}", self.dn(number), "user") for number, change in self.gone.items() if change > since)

    def _whole(self, number: int) -> ImportedObject:
        return ImportedObject(ChangeType.REPLACE, f"p{number}", self.dn(number), "user", self.person(number))

    def export(self, changes: Sequence[ExportedChange]) -> Sequence[ExportResult]:
        return [ExportResult(change.object_id, "no-export-to-this-object-type", "made-up people cannot be written") for change in changes]
