# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Text files as connected systems: a row an object, columns parted by a separator or cut by fixed widths.

The agent's name for an object is its anchor: the values of the anchor columns, joined by `+`. A full import reads the
whole file; a delta import reads the rows of the delta file, whose change column says what each row means. An export
writes a file of its own with the same columns, as the file agents of the service do, or changes the file in place.
Result and error names: reference page `sync-engine` section 4.
"""

from __future__ import annotations

import codecs
import csv
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from .base import ChangeType, ExportedChange, ExportResult, ImportedObject, ImportPage, ImportProblem, ImportRequest, SystemConnectionError, Values

CHANGE_WORDS = {"add": ChangeType.ADD, "modify": ChangeType.REPLACE, "update": ChangeType.REPLACE, "replace": ChangeType.REPLACE, "delete": ChangeType.DELETE}
TRUTH = {True: "true", False: "false"}


@dataclass(frozen=True)
class FileForm:
    """How a file is written.

    columns     their names in order; empty: the first row names them
    header      whether the first row holds names; checked against `columns` if both are given
    widths      for fixed widths, in characters; the separator says nothing then
    anchors     columns that identify an object
    object_type the type of all rows, unless `type_column` says it row by row
    change_column  column with add, modify or delete, for delta files and exports
    several     column -> separator of several values in it
    """

    anchors: tuple[str, ...]
    columns: tuple[str, ...] = ()
    header: bool = True
    separator: str = ","
    quote: str = '"'
    widths: tuple[int, ...] = ()
    object_type: str = "person"
    type_column: str = ""
    change_column: str = ""
    encoding: str = "utf-8-sig"
    several: Mapping[str, str] = field(default_factory=dict)


class DelimitedSystem:
    """`delta` is the file of a delta import; `export` the one that an export writes, without one `path` is changed in place."""

    def __init__(self, path: Path, form: FileForm, *, delta: Path | None = None, export: Path | None = None) -> None:
        self.path = path
        self.form = form
        self.delta_path = delta
        self.export_path = export

    @property
    def server(self) -> str:
        return self.path.name

    # Import

    def import_pages(self, request: ImportRequest) -> Iterator[ImportPage]:
        if request.watermark and self.delta_path is None:
            raise SystemConnectionError("no-start-delta-step-type-not-configured", "failed-connection", server=self.server)
        path = self.delta_path if request.watermark and self.delta_path is not None else self.path
        wanted = {name.casefold() for name in request.attributes}
        objects: list[ImportedObject] = []
        problems: list[ImportProblem] = []
        filtered = 0
        for line, names, row in self._rows(path):
            made = self._object(line, names, row, wanted, delta=bool(request.watermark))
            if isinstance(made, ImportProblem):
                problems.append(made)
            elif made.object_type and request.object_types and made.object_type.casefold() not in {name.casefold() for name in request.object_types}:
                filtered += 1
            else:
                objects.append(made)
            if len(objects) + len(problems) >= max(1, request.page_size):
                yield ImportPage(tuple(objects), filtered=filtered, problems=tuple(problems))
                objects, problems, filtered = [], [], 0
        yield ImportPage(tuple(objects), "read", filtered, tuple(problems))

    def _rows(self, path: Path) -> Iterator[tuple[int, tuple[str, ...], list[str]]]:
        """Line number, column names and cells of each row that is not empty."""
        names = self.form.columns
        expected = self.form.header
        for line, cells in self._cells(path):
            if expected:
                self._check_header(cells)
                names, expected = names or tuple(cells), False
                continue
            if any(cells):
                yield line, names, cells

    def _check_header(self, cells: list[str]) -> None:
        """Raises SystemConnectionError for columns other than the ones that are declared, or without an anchor.

        Columns of one name that follow one another hold the values of one attribute (jj572792).
        """
        names = [name.casefold() for name in cells]
        missing = [name for name in (*self.form.columns, *self.form.anchors) if name.casefold() not in names]
        declared = [name.casefold() for name in self.form.columns]
        several = [name for name, _unused in groupby(names)]
        if missing or len(several) != len(set(names)) or any(names.count(name) > max(1, declared.count(name)) for name in set(names)):
            literal = f"the columns {', '.join(missing)} are missing" if missing else "a column stands there twice"
            raise SystemConnectionError("no-start-header-row-mismatch", "failed-connection", server=self.server, literal=f"{self.path.name}: {literal}")

    def _cells(self, path: Path) -> Iterator[tuple[int, list[str]]]:
        lines = self._lines(path)
        if self.form.widths:
            for number, line in enumerate(lines, 1):
                yield number, list(cut(line.rstrip("\r\n"), self.form.widths))
            return
        reader = csv.reader(lines, delimiter=self.form.separator, quotechar=self.form.quote or None, strict=False)
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                yield reader.line_num, ["\0"]
                continue
            yield reader.line_num, cells

    def _lines(self, path: Path) -> Iterator[str]:
        """Raises SystemConnectionError for a file that cannot be read. What is no text stays marked in its line."""
        try:
            codecs.lookup(self.form.encoding)
            # Values of some megabytes are values, too.
            csv.field_size_limit(2**30)
            with path.open("r", encoding=self.form.encoding, errors="surrogateescape", newline="") as stream:
                yield from stream
        except LookupError:
            raise SystemConnectionError("no-start-file-code-page", "failed-connection", server=self.server, literal=self.form.encoding) from None
        except FileNotFoundError:
            raise SystemConnectionError("no-start-file-not-found", "failed-connection", server=self.server, literal=str(path)) from None
        except PermissionError:
            raise SystemConnectionError("no-start-file-access-denied", "failed-connection", server=self.server, literal=str(path)) from None
        except UnicodeError:
            raise SystemConnectionError("stopped-code-page-conversion", "failed-connection", server=self.server, literal=str(path)) from None

    def _object(self, line: int, names: Sequence[str], cells: list[str], wanted: set[str], *, delta: bool) -> ImportedObject | ImportProblem:
        form = self.form
        if len(cells) != len(names) or any("\0" in cell for cell in cells):
            return ImportProblem("parse-error", line=line)
        row: dict[str, str] = {}
        every: dict[str, list[str]] = {}
        for name, cell in zip((name.casefold() for name in names), cells, strict=True):
            row.setdefault(name, cell)
            every.setdefault(name, []).append(cell)
        parts = [row.get(name.casefold(), "") for name in form.anchors]
        anchor = "+".join(parts) if all(parts) else ""
        change = ChangeType.ADD
        if delta:
            word = row.get(form.change_column.casefold(), "").casefold()
            if word not in CHANGE_WORDS:
                return ImportProblem("invalid-change-type" if word else "missing-change-type", anchor, anchor, form.change_column, line)
            change = CHANGE_WORDS[word]
        attributes: dict[str, Values] = {}
        for name in dict.fromkeys(names):
            texts = [text for text in every[name.casefold()] if text]
            if texts and (not wanted or name.casefold() in wanted):
                separator = form.several.get(name, "")
                attributes[name] = tuple(filter(None, texts[0].split(separator))) if separator else tuple(texts)
        object_type = row.get(form.type_column.casefold(), "") if form.type_column else form.object_type
        return ImportedObject(change, anchor, anchor, object_type, attributes)

    # Export

    def export(self, changes: Sequence[ExportedChange]) -> Sequence[ExportResult]:
        held = {item[0]: item for item in self._present()}
        names = self._names(changes)
        results = [self._apply(change, held) for change in changes]
        if self.export_path is None:
            self._write(self.path, names, [(values, "") for _anchor, values, _type in held.values()])
        else:
            done = [(held.get(change.anchor or change.dn, ("", {}, ""))[1] or self._key_values(change), change.change.value) for change in changes]
            self._write(self.export_path, names, done)
        return results

    def _present(self) -> Iterator[tuple[str, dict[str, Values], str]]:
        if not self.path.exists():
            return
        for line, names, row in self._rows(self.path):
            made = self._object(line, names, row, set(), delta=False)
            if isinstance(made, ImportedObject):
                yield made.anchor, dict(made.attributes), made.object_type

    def _names(self, changes: Sequence[ExportedChange]) -> tuple[str, ...]:
        if self.form.columns:
            return self.form.columns
        known = next((names for _line, names, _row in self._rows(self.path)), ()) if self.path.exists() else ()
        more = {name: None for change in changes for name in change.attributes}
        return tuple(dict.fromkeys((*known, *self.form.anchors, *more)))

    def _apply(self, change: ExportedChange, held: dict[str, tuple[str, dict[str, Values], str]]) -> ExportResult:
        anchor = change.anchor or "+".join(str(change.attributes.get(name, ("",))[0]) for name in self.form.anchors).strip("+") or change.dn
        if change.change is ChangeType.ADD and anchor in held:
            return ExportResult(change.object_id, "cd-existing-object", anchor)
        if change.change is not ChangeType.ADD and anchor not in held:
            return ExportResult(change.object_id, "cd-missing-object", anchor)
        if change.change is ChangeType.DELETE:
            del held[anchor]
        else:
            before = held[anchor][1] if anchor in held else self._key_values(change)
            held[anchor] = (anchor, {**before, **change.attributes}, change.object_type)
        return ExportResult(change.object_id, anchor=anchor, dn=anchor)

    def _key_values(self, change: ExportedChange) -> dict[str, Values]:
        return {name: (part,) for name, part in zip(self.form.anchors, (change.anchor or change.dn).split("+"), strict=False)}

    def _write(self, path: Path, names: tuple[str, ...], rows: Sequence[tuple[Mapping[str, Values], str]]) -> None:
        """The whole file anew beside the old one, then in its place: nobody sees half of it."""
        fresh = path.with_name(path.name + ".new")
        with fresh.open("w", encoding=self.form.encoding, errors="surrogateescape", newline="") as stream:
            lines = [list(names)] if self.form.header else []
            lines += [self._line(names, values, change) for values, change in rows]
            if self.form.widths:
                stream.writelines(padded(line, self.form.widths) for line in lines)
            else:
                csv.writer(stream, delimiter=self.form.separator, quotechar=self.form.quote or None).writerows(lines)
        os.replace(fresh, path)  # noqa: PTH105 - the replacement must be atomic

    def _line(self, names: tuple[str, ...], values: Mapping[str, Values], change: str) -> list[str]:
        """The cells of a row; an attribute that has several columns gives each of them one value."""
        if len(set(names)) == len(names):
            return [self._cell(name, values, change) for name in names]
        left = {name: list(values.get(name, ())) for name in names}
        cells = []
        for name in names:
            several = names.count(name) > 1
            cells.append(self._cell(name, {name: tuple(left[name][:1])} if several else values, change))
            left[name] = left[name][1:]
        return cells

    def _cell(self, name: str, values: Mapping[str, Values], change: str) -> str:
        if change and name.casefold() == self.form.change_column.casefold():
            return change
        held = values.get(name, ())
        return (self.form.several.get(name) or ";").join(TRUTH[value] if isinstance(value, bool) else str(value) for value in held)


def cut(line: str, widths: tuple[int, ...]) -> Iterator[str]:
    """The columns of a line of fixed widths, without the blanks that fill them."""
    start = 0
    for width in widths:
        yield line[start : start + width].strip()
        start += width


def padded(cells: Sequence[str], widths: tuple[int, ...]) -> str:
    """A line of fixed widths; what is too long is cut."""
    return "".join(cell[:width].ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip() + "\r\n"
