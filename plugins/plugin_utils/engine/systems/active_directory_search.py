# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reading a directory for previews: the same objects by ordinary searches, without the right to its change tracking.

What the account may not read is absent; a delta import is not possible.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ...ldap import names
from .active_directory_objects import Selection, in_words_of_mim, select
from .base import ExportedChange, ExportResult, ImportPage, ImportRequest, SystemConnectionError
from .memory import in_containers

if TYPE_CHECKING:
    from ...ldap.connection import Connection

_READ_ONLY = "This connection was opened to read for a preview; it changes nothing."


class SearchedDirectorySystem:
    """An open connection that reads only. `close` it at the end."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @property
    def server(self) -> str:
        return self.connection.server

    def close(self) -> None:
        self.connection.close()

    def import_pages(self, request: ImportRequest) -> Iterator[ImportPage]:
        """Every object in scope, page by page; raises SystemConnectionError, also for a watermark."""
        if request.watermark:
            raise SystemConnectionError("no-start-delta-step-type-not-configured", "failed-search", server=self.server, literal="Searches know no changes.")
        with in_words_of_mim(self.server):
            selection = select(self.connection, request)
        for base, scope in _places(request):
            yield from self._place(base, scope, selection)

    def _place(self, base: str, scope: str, selection: Selection) -> Iterator[ImportPage]:
        asked = tuple(dict.fromkeys(("objectClass", "objectGUID", *selection.names)))
        query = "(|" + "".join(f"(objectClass={kind})" for kind in selection.request.object_types) + ")"
        pages = self.connection.search_pages(base, query, asked, scope=scope, page_size=max(selection.request.page_size, 1))
        while True:
            with in_words_of_mim(self.server):
                page = next(pages, None)
            if page is None:
                return
            objects = tuple(selection.whole(record) for record in page if selection.holds(record))
            yield ImportPage(objects, filtered=len(page) - len(objects))

    def export(self, changes: Sequence[ExportedChange]) -> Sequence[ExportResult]:
        """Refuses everything."""
        return [ExportResult(change.object_id, "permission-issue", _READ_ONLY) for change in changes]


def _places(request: ImportRequest) -> list[tuple[str, str]]:
    """(base, scope) of each search: the included containers that lie in no other, and one by one the containers above them."""
    inside = [dn for dn in request.inclusions if dn and in_containers(dn, request)]
    if not inside:
        return [(request.partition_dn, "subtree")]
    keys = {names.key(dn): dn for dn in inside}
    tops = {key: dn for key, dn in keys.items() if not any(key.endswith("\0" + other) for other in keys)}
    above: dict[str, str] = {}
    for dn in tops.values():
        parent = names.split(dn)[1]
        while parent and in_containers(parent, request):
            above[names.key(parent)] = parent
            parent = names.split(parent)[1]
    return [*((dn, "base") for dn in above.values()), *((dn, "subtree") for dn in tops.values())]
