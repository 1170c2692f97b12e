"""The state of each prefetch key, and the resources it brought. Absent, empty, error and truncated are four different things."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import msgspec

from cds_hooks.chart.envelope import Entry, Json, Opened, is_object, opened
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

    `next_page` is the link to further entries, `total` how many the server says there are, `weight` the bytes of all that came.
    """

    key: str
    state: State
    resources: tuple[Resource, ...] = ()
    reason: str = ""
    broken: int = 0
    next_page: str = ""
    total: int = 0
    passed_over: int = 0
    weight: int = 0

    @property
    def entries(self) -> int:
        return len(self.resources) + self.broken + self.passed_over

    def holds(self, resource_type: str) -> bool:
        return any(each.type == resource_type for each in self.resources)


MORE_PAGES = "more pages"
NOTHING_SENT = MappingProxyType({key: Answer(key, State.ABSENT) for key in QUERIES})
_NO_MEMBERS = re.compile(rb"\{\s*\}")


def answers(prefetch: Mapping[str, msgspec.Raw] | None) -> dict[str, Answer]:
    """One answer for each key of ours, and one for each key of the client's that we did not ask for."""
    return {**NOTHING_SENT, **{key: answer(key, memoryview(raw)) for key, raw in (prefetch or {}).items()}}


def answer(key: str, value: Json, most: int | None = None) -> Answer:
    """What one value means, sent or read: its state and its resources. It is strict JSON; of a Bundle no more than `most` entries are looked at."""
    if value == b"null" or _NO_MEMBERS.fullmatch(value):
        return Answer(key, State.EMPTY)
    if not is_object(value):
        return Answer(key, State.ERROR, reason="not a FHIR resource")
    return replace(_checked(_read(key, value, most), QUERIES.get(key)), weight=len(value))


def is_bundle(value: Json) -> bool:
    return is_object(value) and opened(value, 0)[0].resourceType == "Bundle"


def _read(key: str, value: Json, most: int | None) -> Answer:
    envelope, resources = opened(value, most)
    if envelope.resourceType == "Bundle":
        return _bundle(key, envelope, resources, most)
    if envelope.resourceType == "OperationOutcome":
        return Answer(key, State.ERROR if _is_error(plain(value)) else State.EMPTY, reason="OperationOutcome")
    if envelope.resourceType:
        return Answer(key, State.DATA, (Resource.read(bytes(value)),))
    wrapped = memoryview(envelope.resource) if envelope.resource else b""
    return _read(key, wrapped, most) if is_object(wrapped) else Answer(key, State.ERROR, reason="not a FHIR resource")


def _bundle(key: str, envelope: Opened, resources: list[Resource | None], most: int | None) -> Answer:
    matches, failed, broken, beside = [], False, 0, 0
    entries: Sequence[Entry[Any]] = envelope.entry or ()
    for entry, resource in zip(entries, resources, strict=False):
        if resource is None or resource.type in {"", "Bundle"}:
            broken += 1
        elif resource.type == "OperationOutcome":
            failed = failed or _is_error(resource.body)
        elif entry.search is None or entry.search.is_match:
            matches.append(resource)
        else:
            beside += 1
    if beside and not (matches or failed or broken):
        return Answer(key, State.ERROR, reason="no entry is a match of the search")
    if most is not None and len(entries) > most:
        return Answer(key, State.TRUNCATED, tuple(matches), "too many entries", broken)
    return _bundle_answer(key, envelope, tuple(matches), failed, broken)


def _bundle_answer(key: str, envelope: Opened, resources: tuple[Resource, ...], failed: bool, broken: int) -> Answer:
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


def _is_error(outcome: object) -> bool:
    """Some servers say 'no results' with a warning; an outcome that says nothing readable is no such answer."""
    severities = {string(each.get("severity")) for each in items(mapping(outcome).get("issue"))}
    return not severities or not severities <= {"information", "warning"}
