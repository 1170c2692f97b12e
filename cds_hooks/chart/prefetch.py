"""The state of each prefetch key, and the resources it brought. Absent, empty, error and truncated are four different things."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import msgspec

from fhir_mappings.elements import items, mapping, string
from fhir_mappings.queries import QUERIES, Query
from fhir_mappings.resources import TYPES, Resource, plain
from fhir_mappings.versions import is_other_version


class State(StrEnum):
    DATA = "data"
    EMPTY = "empty"
    ABSENT = "absent"
    ERROR = "error"
    TRUNCATED = "truncated"
    WRONG_PATIENT = "wrong patient"
    WRONG_VERSION = "wrong version"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came under one key. `broken` counts entries that held nothing readable, `passed_over` records of other patients in a search of ours.

    `next_page` is the link to further entries, `total` how many the server says there are.
    """

    key: str
    state: State
    resources: tuple[Resource, ...] = ()
    reason: str = ""
    broken: int = 0
    next_page: str = ""
    total: int = 0
    passed_over: int = 0

    @property
    def weight(self) -> int:
        """Bytes of what it brought."""
        return sum(len(each.raw) for each in self.resources)

    @property
    def entries(self) -> int:
        return len(self.resources) + self.broken + self.passed_over

    def holds(self, resource_type: str) -> bool:
        return any(each.type == resource_type for each in self.resources)


class Search(msgspec.Struct):
    mode: str | None = None


class Entry(msgspec.Struct):
    resource: msgspec.Raw = msgspec.Raw(b"null")
    fullUrl: str | None = None  # noqa: N815 - FHIR's name
    search: Search | None = None


class Link(msgspec.Struct):
    relation: str | None = None
    url: str | None = None


class Envelope(msgspec.Struct):
    """As much of any prefetch value as tells what it is."""

    resourceType: str | None = None  # noqa: N815 - FHIR's name
    entry: list[Entry] | None = None
    total: int | None = None
    link: list[Link] | None = None
    resource: msgspec.Raw = msgspec.Raw(b"null")


Json = bytes | memoryview
"""One value as it was written, without blanks around it."""
MORE_PAGES = "more pages"
MAX_DIGITS = 18

NOTHING_SENT = MappingProxyType({key: Answer(key, State.ABSENT) for key in QUERIES})

_envelope = msgspec.json.Decoder(Envelope)
_NO_MEMBERS = re.compile(rb"\{\s*\}")


def answers(prefetch: Mapping[str, msgspec.Raw] | None) -> dict[str, Answer]:
    """One answer for each key of ours, and one for each key of the client's that we did not ask for."""
    return {**NOTHING_SENT, **{key: answer(key, memoryview(raw)) for key, raw in (prefetch or {}).items()}}


def answer(key: str, value: Json, most: int | None = None) -> Answer:
    """What one value means, sent or read: its state and its resources. It is strict JSON; of a Bundle no more than `most` entries are looked at."""
    if value == b"null" or _NO_MEMBERS.fullmatch(value):
        return Answer(key, State.EMPTY)
    if not _is_object(value):
        return Answer(key, State.ERROR, reason="not a FHIR resource")
    return _checked(_read(key, value, most), QUERIES.get(key))


def is_bundle(raw: Json) -> bool:
    envelope = _open(raw, 0) if _is_object(raw) else None
    return envelope is not None and envelope.resourceType == "Bundle"


def _is_object(value: Json) -> bool:
    return value[:1] == b"{"


def _read(key: str, value: Json, most: int | None) -> Answer:
    envelope = _open(value, most)
    if envelope is None:
        return Answer(key, State.ERROR, reason="unreadable")
    if envelope.resourceType == "Bundle":
        return _bundle(key, envelope, most)
    if envelope.resourceType == "OperationOutcome":
        return Answer(key, State.ERROR if _is_error(value) else State.EMPTY, reason="OperationOutcome")
    if envelope.resourceType:
        return Answer(key, State.DATA, (Resource(value),))
    wrapped = memoryview(envelope.resource)
    return _read(key, wrapped, most) if _is_object(wrapped) else Answer(key, State.ERROR, reason="not a FHIR resource")


def _bundle(key: str, envelope: Envelope, most: int | None) -> Answer:
    resources, failed, broken, beside = [], False, 0, 0
    entries = envelope.entry or []
    for entry in entries[:most]:
        raw, mode = memoryview(entry.resource), (entry.search.mode or "").casefold() if entry.search else ""
        resource = Resource(raw, entry.fullUrl or "") if _is_object(raw) else None
        if resource is None or resource.type in {"", "Bundle"}:
            broken += 1
        elif resource.type == "OperationOutcome":
            failed = failed or _is_error(raw)
        elif mode in {"", "match"}:
            resources.append(resource)
        else:
            beside += 1
    if beside and not (resources or failed or broken):
        return Answer(key, State.ERROR, reason="no entry is a match of the search")
    if most is not None and len(entries) > most:
        return Answer(key, State.TRUNCATED, tuple(resources), "too many entries", broken)
    return _bundle_answer(key, envelope, tuple(resources), failed, broken)


def _bundle_answer(key: str, envelope: Envelope, resources: tuple[Resource, ...], failed: bool, broken: int) -> Answer:
    """Entries that are no resources are counted; a Bundle of nothing else is no answer."""
    if failed or (broken and not resources):
        return Answer(key, State.TRUNCATED if resources else State.ERROR, resources, "OperationOutcome" if failed else "no readable entry", broken)
    following = next((link for link in envelope.link or () if link.relation == "next"), None)
    if following or (envelope.total or 0) > len(resources) + broken:
        return Answer(key, State.TRUNCATED, resources, MORE_PAGES, broken, (following.url or "") if following else "", envelope.total or 0)
    return Answer(key, State.DATA if resources else State.EMPTY, resources, broken=broken, total=envelope.total or 0)


def _checked(answer: Answer, query: Query | None) -> Answer:
    """The wrong version or the wrong type under a key of ours is not what was asked for; what did come is still looked at."""
    ours = [each for each in answer.resources if each.type in TYPES]
    if ours and is_other_version(ours):
        return Answer(answer.key, State.WRONG_VERSION, (), "members that R4 never had")
    if query and answer.resources and not answer.holds(query.resource_type):
        return Answer(answer.key, State.ERROR, answer.resources, "another resource type")
    return answer


def _open(value: Json, most: int | None) -> Envelope | None:
    """The envelope; one with a member of the wrong type is read leniently, with one entry too many where there are too many."""
    try:
        return _envelope.decode(value)
    except msgspec.ValidationError:
        return _lenient(mapping(plain(value)), most)


def _lenient(body: Mapping[str, Any], most: int | None) -> Envelope | None:
    stated = body.get("entry")
    listed = stated if isinstance(stated, list) else [] if stated is None else [stated]
    entries = [_lenient_entry(mapping(each)) for each in (listed if most is None else listed[: most + 1])]
    links = [Link(string(each.get("relation")), string(each.get("url"))) for each in items(body.get("link"))]
    return Envelope(string(body.get("resourceType")) or None, entries, _count(body.get("total")), links, _raw(body.get("resource")))


def _count(total: object) -> int | None:
    """A number of matches, also where it was written as text or with a decimal point."""
    if isinstance(total, float) and total.is_integer():
        return int(total)
    return int(total) if isinstance(total, int) or (isinstance(total, str) and total.isdecimal() and len(total) < MAX_DIGITS) else None


def _lenient_entry(entry: Mapping[str, Any]) -> Entry:
    return Entry(_raw(entry.get("resource")), string(entry.get("fullUrl")) or None, Search(string(mapping(entry.get("search")).get("mode")) or None))


def _raw(value: object) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))


def _is_error(raw: Json) -> bool:
    """Some servers say 'no results' with a warning; an outcome that says nothing readable is no such answer."""
    severities = {string(each.get("severity")) for each in items(mapping(plain(raw)).get("issue"))}
    return not severities or not severities <= {"information", "warning"}
