# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Text of a file as values of an agent's schema; every fault is a finding on its object, and the others go on."""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ...configuration.model import ManagementAgent, Syntax
from ...engine.rules import Names
from ...engine.systems.base import ChangeType, ImportedObject, Value, Values
from ..findings import Findings, printable

# Bytes of a text or binary value; the connector space holds none that is larger in practice, the directory's photos have 100 kB.
VALUE_LIMIT = 1024 * 1024
TRUTH = {"true": True, "1": True, "false": False, "0": False}
UTF16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


class BadValueError(ValueError):
    """`kind`: MIM's name of the fault where it has one."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


@dataclass(frozen=True)
class Raw:
    """An object as a file tells it: values are text, or bytes where the file marks them as binary."""

    place: str
    dn: str
    anchor: str
    object_types: tuple[str, ...]
    attributes: dict[str, list[str | bytes]]


def decoded(content: bytes) -> str:
    """UTF-8, or UTF-16 with its mark. Bytes that are neither become lone surrogates, which `text_value` refuses value by value."""
    for mark, name in UTF16.items():
        if content.startswith(mark):
            body = content[2:] if len(content) % 2 == 0 else content[2:-1]
            return body.decode(name, "surrogatepass")
    return content.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")


class Typing:
    """Makes imported objects of one agent; `identities` that came before are duplicates."""

    def __init__(self, agent: ManagementAgent, findings: Findings) -> None:
        self.agent = agent
        self.findings = findings
        self.names = Names(agent.schema, agent.included_attributes)
        self.types = {name.casefold(): name for partition in agent.partitions for name in partition.object_types}
        self.types |= {key.casefold(): item.name for key, item in agent.schema.classes.items() if key.casefold() not in self.types}
        self.anchors: dict[str, str] = {}
        self.dns: dict[str, str] = {}

    def objects(self, raws: Iterable[Raw]) -> list[ImportedObject]:
        return [item for item in map(self._object, raws) if item is not None]

    def _object(self, raw: Raw) -> ImportedObject | None:
        known = [self.types[name.casefold()] for name in raw.object_types if name.casefold() in self.types]
        if not known:
            kinds = ", ".join(raw.object_types) or "none"
            self.findings.warning("filtered-object", raw.place, f"the agent {self.agent.name} has no object type {kinds}; left out", subject=raw.dn)
            return None
        if not self._identified(raw):
            return None
        attributes: dict[str, Values] = {}
        for name, values in raw.attributes.items():
            spelled = self.names.spelling.get(name) or self.names.spelling.get(name.lower())
            if spelled is not None:
                attributes[spelled] = self._values(raw, spelled, values)
        return ImportedObject(ChangeType.REPLACE, raw.anchor, raw.dn, known[-1], {name: values for name, values in attributes.items() if values})

    def _identified(self, raw: Raw) -> bool:
        for kind, key, text, seen in (
            ("missing-dn", "missing-dn", raw.dn, self.dns),
            ("missing-anchor-component", "anchor", raw.anchor, self.anchors),
        ):
            if not text:
                self.findings.error(kind, raw.place, "the object cannot be told from others and is left out", subject=raw.dn)
                return False
            if not fit_text(text):
                self.findings.error("invalid-dn", raw.place, "the name is not valid text; the object is left out", subject=printable(text))
                return False
            first = seen.setdefault(text.casefold(), raw.place)
            if first != raw.place:
                what = "distinguished name" if key == "missing-dn" else "anchor"
                self.findings.error("duplicate-object", raw.place, f"{first} has an object with the same {what}; this one is left out", subject=raw.dn)
                return False
        return True

    def _values(self, raw: Raw, name: str, values: Sequence[str | bytes]) -> Values:
        found: list[Value] = []
        for value in values:
            try:
                found.append(typed(value, self.names.syntax_of(name)))
            except BadValueError as problem:
                self.findings.error(problem.kind, raw.place, f"{problem.message}; the value is left out", subject=raw.dn, attribute=name)
        if name in self.names.single and len(found) > 1:
            self.findings.error("multi-single-mismatch", raw.place, f"{len(found)} values, one is wanted; the first counts", subject=raw.dn, attribute=name)
            return tuple(found[:1])
        return tuple(dict.fromkeys(found))


def typed(value: str | bytes, syntax: Syntax) -> Value:
    """Raises BadValueError."""
    size = len(value)
    if size > VALUE_LIMIT:
        raise BadValueError("value-too-large", f"the value has {size:,} bytes or characters, the limit is {VALUE_LIMIT:,}")
    if syntax is Syntax.BINARY:
        return value if isinstance(value, bytes) else _binary(value)
    text = _text(value)
    if syntax is Syntax.INTEGER:
        try:
            return int(text)
        except ValueError:
            raise BadValueError("invalid-numeric-value", f"{shortened(text)} is no whole number") from None
    if syntax is Syntax.BOOLEAN:
        if text.casefold() not in TRUTH:
            raise BadValueError("invalid-boolean-value", f"{shortened(text)} is neither TRUE nor FALSE")
        return TRUTH[text.casefold()]
    if syntax is Syntax.REFERENCE and "=" not in text and not text:
        raise BadValueError("invalid-reference-value", "the reference is empty")
    return text


def _text(value: str | bytes) -> str:
    try:
        text = value.decode("utf-8") if isinstance(value, bytes) else value
    except UnicodeDecodeError:
        raise BadValueError("invalid-attribute-value", "the bytes are not UTF-8") from None
    if not fit_text(text):
        raise BadValueError("invalid-attribute-value", "the text holds half of a character pair or bytes of another encoding")
    return text


def _binary(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadValueError("invalid-base64-value", f"{shortened(text)} is not Base64") from None


def fit_text(text: str) -> bool:
    """Text without lone surrogates, which neither UTF-8 nor UTF-16 can hold."""
    return not any("\ud800" <= char <= "\udfff" for char in text) if not text.isascii() else True


def shortened(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:40] + "...")


def guid_text(value: str | bytes) -> str:
    """An objectGUID as anchors are written: GUID text in lower case; other anchors as they are."""
    content = value
    if isinstance(value, str):
        try:
            content = uuid.UUID(value.strip("{}")).bytes_le
        except ValueError:
            try:
                content = base64.b64decode(value, validate=True)
            except (binascii.Error, ValueError):
                return value
    if isinstance(content, bytes) and len(content) == 16:
        return str(uuid.UUID(bytes_le=content))
    return value if isinstance(value, str) else value.hex()


def is_guid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
