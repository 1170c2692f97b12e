"""A prefetch value opened: what it is, and each resource in it at a glance. What was written badly is opened another way, with the same result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

import msgspec

from fhir_mappings.elements import items, mapping, string
from fhir_mappings.resources import Glance, Member, Resource, plain

Json = bytes | memoryview
"""One value as it was written, without blanks around it."""
R = TypeVar("R", Glance, msgspec.Raw)
MAX_DIGITS = 18


class Search(msgspec.Struct, gc=False):
    mode: str | None = None

    @property
    def is_match(self) -> bool:
        return (self.mode or "").casefold() in {"", "match"}


class Entry(msgspec.Struct, Generic[R], gc=False):
    fullUrl: str | None = None  # noqa: N815 - FHIR's name
    resource: R | msgspec.UnsetType = msgspec.UNSET
    search: Search | None = None


class Link(msgspec.Struct):
    relation: str | None = None
    url: str | None = None


class Envelope(msgspec.Struct, Generic[R]):
    """As much of any prefetch value as tells what it is; the resources of its entries at a glance, or as they were written."""

    resourceType: str | None = None  # noqa: N815 - FHIR's name
    total: int | None = None
    link: list[Link] | None = None
    entry: list[Entry[R]] | None = None
    resource: Member = msgspec.UNSET


Opened = Envelope[Glance] | Envelope[msgspec.Raw]
_glanced = msgspec.json.Decoder(Envelope[Glance])
_written = msgspec.json.Decoder(Envelope[msgspec.Raw])


class Bundled:
    """The resources of a Bundle as they were written. They are told apart once one of them is needed: of most no more than a glance is."""

    def __init__(self, bundle: Json) -> None:
        self._bundle = bundle
        self._entries: list[Entry[msgspec.Raw]] | None = None

    def __getitem__(self, place: int) -> bytes:
        if self._entries is None:
            self._entries = _written.decode(self._bundle).entry or []
        return _bytes(self._entries[place])


def opened(value: Json, most: int | None) -> tuple[Opened, list[Resource | None]]:
    """The envelope, and the resource of each entry: None where it holds none. No more than `most` of them are looked at."""
    try:
        envelope = _glanced.decode(value)
    except msgspec.ValidationError:
        return _opened_otherwise(value, most)
    bundled = Bundled(value)
    entries = enumerate((envelope.entry or ())[:most])
    return envelope, [Resource.at_a_glance(each.resource, bundled, place, each.fullUrl or "") if each.resource else None for place, each in entries]


def _opened_otherwise(value: Json, most: int | None) -> tuple[Opened, list[Resource | None]]:
    """Each resource by itself, so that one that does not fit stays one; an envelope with a member of the wrong type is read leniently."""
    try:
        envelope = _written.decode(value)
    except msgspec.ValidationError:
        envelope = _lenient(mapping(plain(value)), most)
    found = [(_bytes(each), each.fullUrl or "") for each in (envelope.entry or ())[:most]]
    return envelope, [Resource.read(written, url) if is_object(written) else None for written, url in found]


def is_object(value: Json) -> bool:
    return value[:1] == b"{"


def _bytes(entry: Entry[msgspec.Raw]) -> bytes:
    return bytes(entry.resource) if entry.resource else b""


def _lenient(body: Mapping[str, Any], most: int | None) -> Envelope[msgspec.Raw]:
    """With one entry too many where there are too many."""
    stated = body.get("entry")
    listed = stated if isinstance(stated, list) else [] if stated is None else [stated]
    entries = [_lenient_entry(mapping(each)) for each in (listed if most is None else listed[: most + 1])]
    links = [Link(string(each.get("relation")), string(each.get("url"))) for each in items(body.get("link"))]
    return Envelope(string(body.get("resourceType")) or None, _count(body.get("total")), links, entries, _raw(body.get("resource")))


def _count(total: object) -> int | None:
    """A number of matches, also where it was written as text or with a decimal point."""
    if isinstance(total, float) and total.is_integer():
        return int(total)
    return int(total) if isinstance(total, int) or (isinstance(total, str) and total.isdecimal() and len(total) < MAX_DIGITS) else None


def _lenient_entry(entry: Mapping[str, Any]) -> Entry[msgspec.Raw]:
    return Entry(string(entry.get("fullUrl")) or None, _raw(entry.get("resource")), Search(string(mapping(entry.get("search")).get("mode")) or None))


def _raw(value: object) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))
