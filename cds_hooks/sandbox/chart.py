"""The chart as an EHR shows it: who it is, the problems, the observations, and on a line of time the facts that the rules care about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Any

from cards.facts import SAID_FLAGS
from cards.guidance.findings import Evidence, Presence
from cds_hooks.chart.prefetch import answers
from cds_hooks.chart.reads import Completed
from cds_hooks.evaluation import chart_of
from cds_hooks.protocol import HookCall
from cds_hooks.sandbox.changes import records
from cds_hooks.sandbox.given import Call
from cds_hooks.strict_json import decode
from cds_hooks.wire import encode
from fhir_mappings.elements import codings, items, mapping, string, words

MOST_ROWS = 100
"""Of each kind; of more only the number is told."""
_WHEN = ("onsetDateTime", "effectiveDateTime", "authoredOn", "performedDateTime", "started", "onsetString", "recordedDate", "issued")
_KINDS = {"Condition": "problems", "Observation": "observations"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One record as a line of the chart. `read_as` are our words for what the rules take it for."""

    reference: str
    type: str
    what: str
    value: str
    when: str
    status: str
    read_as: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One fact on the line of time. `state` when it is not present: recorded absent, or could not be assessed."""

    day: date | None
    ago: str
    label: str
    words: str
    said: tuple[str, ...]
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    name: str
    about: str
    patient: str
    rows: Mapping[str, Sequence[Row]]
    more: Mapping[str, int]
    moments: Sequence[Moment]


def chart(call: Call, evidence: Sequence[Evidence], today: date) -> Chart:
    """What the call's prefetch holds, and what was read of it."""
    read_as: dict[str, dict[str, None]] = {}
    for each in evidence:
        read_as.setdefault(each.record.reference, {})[str(each.concept)] = None
    kinds: dict[str, dict[str, Row]] = {"problems": {}, "observations": {}, "others": {}}
    for reference, resource in records(call):
        if string(resource.get("resourceType")) != "Patient":
            kind = _KINDS.get(string(resource.get("resourceType")), "others")
            kinds[kind].setdefault(reference, _row(reference, resource, tuple(read_as.get(reference, ()))))
    rows = {kind: sorted(found.values(), key=lambda each: (bool(each.read_as), each.when), reverse=True) for kind, found in kinds.items()}
    person = next((each for _, each in records(call) if each["resourceType"] == "Patient"), {})
    return Chart(
        name=_name(person) or "Name not recorded",
        about=", ".join(each for each in (string(person.get("gender")), _born(person, today)) if each),
        patient=string(mapping(call.get("context")).get("patientId")),
        rows={kind: each[:MOST_ROWS] for kind, each in rows.items()},
        more={kind: max(0, len(each) - MOST_ROWS) for kind, each in rows.items()},
        moments=sorted((_moment(each, today) for each in evidence), key=lambda each: (each.day is not None, each.day or today), reverse=True),
    )


def evidence(call: Call, today: date) -> tuple[Evidence, ...]:
    """What the readers make of the prefetch as of today."""
    read = decode(encode(call), HookCall)
    return chart_of(Completed(answers(read.prefetch)), read.patient_id, today).reading.evidence


def _row(reference: str, resource: Mapping[str, Any], read_as: tuple[str, ...]) -> Row:
    return Row(
        reference=reference,
        type=string(resource.get("resourceType")),
        what=_what(resource),
        value=_value(resource),
        when=next((string(resource.get(name))[:10] for name in _WHEN if string(resource.get(name))), ""),
        status=_status(resource),
        read_as=read_as,
    )


def _what(resource: Mapping[str, Any]) -> str:
    """In the chart's words, or where it has none its first code."""
    code, procedure = resource.get("code"), next(iter(items(resource.get("procedureCode"))), {})
    first = next((" ".join(each) for each in codings(code)), "")
    return words(code) or words(procedure) or string(resource.get("description")) or first


def _status(resource: Mapping[str, Any]) -> str:
    """Where a problem stands, and how sure it is where it is not confirmed; of other records the status as it is."""
    clinical, sure = (_code(resource.get(name)) for name in ("clinicalStatus", "verificationStatus"))
    said = [clinical, sure if sure != "confirmed" else "", string(resource.get("status")), string(resource.get("priority"))]
    return ", ".join(each for each in said if each and each not in {"final", "routine"})


def _code(concept: object) -> str:
    return next((string(each.get("code")) for each in items(mapping(concept).get("coding"))), "") or words(concept)


def _value(resource: Mapping[str, Any]) -> str:
    parts = [_one_value(resource), *(f"{words(each.get('code'))} {_one_value(each)}".strip() for each in items(resource.get("component")))]
    return "; ".join(each for each in parts if each)


def _one_value(holder: Mapping[str, Any]) -> str:
    quantity = mapping(holder.get("valueQuantity"))
    measured = " ".join(_short(quantity[name]) for name in ("comparator", "value", "unit") if quantity.get(name) is not None)
    plain = holder.get("valueString", holder.get("valueInteger", holder.get("valueBoolean")))
    said = ("yes" if plain else "no") if isinstance(plain, bool) else str(plain) if isinstance(plain, int | str) else ""
    return words(holder.get("valueCodeableConcept")) or measured or said


def _short(said: object) -> str:
    """Invented results have 16 digits."""
    return f"{said:.6g}" if isinstance(said, float) else str(said)


def _moment(evidence: Evidence, today: date) -> Moment:
    record = evidence.record
    when = record.onset or record.recorded
    return Moment(
        day=when.earliest if when else None,
        ago=_ago((today - when.earliest).days) if when else "not dated",
        label=str(evidence.concept),
        words=record.words,
        said=tuple(
            chain(
                (str(each) for each in (evidence.side, evidence.severity or "") if each),
                (_measured(evidence),) if evidence.reading else (),
                (str(flag) for flag in SAID_FLAGS if evidence.has(flag)),
                (record.status,) if record.status else (),
            )
        ),
        state="" if evidence.presence is Presence.PRESENT else str(evidence.presence),
    )


def _measured(evidence: Evidence) -> str:
    reading = evidence.reading
    return f"{reading.comparator}{reading.value:g} {reading.unit}".strip() if reading else ""


def _ago(days: int) -> str:
    if days < 0:
        return f"in {-days} days"
    if days < 120:
        return {0: "today", 1: "yesterday"}.get(days, f"{days} days ago")
    return f"{days // 365} years ago" if days >= 2 * 365 else f"{days // 30} months ago"


def _name(person: Mapping[str, Any]) -> str:
    first: Mapping[str, Any] = next(iter(items(person.get("name"))), {})
    given = [string(each) for each in _list(first.get("given"))]
    return string(first.get("text")) or " ".join(each for each in (*given, string(first.get("family"))) if each)


def _list(value: object) -> Iterable[object]:
    return value if isinstance(value, list) else ()


def _born(person: Mapping[str, Any], today: date) -> str:
    written = string(person.get("birthDate"))
    try:
        born = date.fromisoformat(written)
    except ValueError:
        return f"born {written[:10]}" if written else "age not recorded"
    return f"{today.year - born.year - ((today.month, today.day) < (born.month, born.day))} years, born {written}"
