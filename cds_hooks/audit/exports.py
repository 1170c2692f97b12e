"""Entries to take away: the exact bytes line by line, a table for a spreadsheet, or a Bundle of FHIR AuditEvents. Always a stream."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from cds_hooks.audit import dsi
from cds_hooks.audit.dsi import NOT_OF_OUR_FORM
from cds_hooks.audit.events import audit_event
from cds_hooks.audit.form import Checkpoint
from cds_hooks.audit.marks import WHOSE, rules_shown, whose
from cds_hooks.audit.search import Hit
from cds_hooks.audit.visible import visible
from fhir_mappings import r4

Hits = Iterable[Hit]
Calls = Callable[[list[int]], Iterable[Hit]]
"""Looks entries up by their sequences."""
FORMULA = re.compile(r"""(^|;)(?=[\s"']*[=+\-@\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}])""")
"""Where a spreadsheet would take what follows for a formula: at the beginning of a cell, and after what some languages' settings take for the end of one."""
PLAIN = ("sequence", "recorded", "kind", "outcome", "client", "tenant", "user", "patient", "encounter", "service", "hookInstance", "correlationId", "latencyMs")
HEADINGS = (*PLAIN, "rules", "indicators", "topics", "summaries", "cards", "answers", "reasons", "comments", "reviewer", "asked", "hash")


@dataclass(frozen=True, slots=True)
class Format:
    """A form of export: what it is called, its media type, the ending of its file, and how it is made."""

    name: str
    label: str
    media_type: str
    ending: str
    made: Callable[[Hits, str, Calls, Sequence[Checkpoint]], Iterator[bytes]]


def ndjson(hits: Hits, _: str, __: Calls, checkpoints: Sequence[Checkpoint] = ()) -> Iterator[bytes]:
    """One entry a line, byte by byte as it was hashed; after them one checkpoint a line: `audit verify` takes it."""
    for hit in hits:
        yield hit.entry + b"\n"
    for each in checkpoints:
        yield each.line().encode()


def table(hits: Hits, *_: Any) -> Iterator[bytes]:
    """CSV, one row an entry."""
    yield from csv_of(HEADINGS, map(_row, hits))


def csv_of(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[bytes]:
    """CSV as RFC 4180 has it: commas, CRLF, UTF-8; without a byte order mark, which programs would take for part of the first heading."""
    line = io.StringIO()
    writer = csv.writer(line)
    writer.writerow(headings)
    for row in rows:
        writer.writerow(map(harmless, row))
        yield line.getvalue().encode()
        line.seek(0)
        line.truncate()
    yield line.getvalue().encode()


def answered(hits: Hits, _: str, calls: Calls, *__: Any) -> Iterator[bytes]:
    """CSV, one row for each answer of a clinician to a card: what 45 CFR 170.315(b)(11) wants to be exported."""
    yield from csv_of(dsi.HEADINGS, dsi.rows(hits, calls))


def bundle(hits: Hits, canonical_base: str, *_: Any) -> Iterator[bytes]:
    """A FHIR R4 Bundle of AuditEvents, each checked against R4B before it leaves."""
    yield b'{"resourceType":"Bundle","type":"collection"'
    between = b',"entry":['
    for hit in hits:
        event = checked_event(hit.read(), hit.hash, canonical_base)
        yield between + msgspec.json.encode({"fullUrl": f"{canonical_base}/AuditEvent/{hit.sequence}", "resource": event})
        between = b","
    yield b"]}" if between == b"," else b"}"


FORMATS = {
    each.name: each
    for each in (
        Format("ndjson", "NDJSON, exact entries", "application/x-ndjson", "ndjson", ndjson),
        Format("csv", "CSV, for spreadsheets", "text/csv; charset=utf-8", "csv", table),
        Format("dsi-feedback", "Clinicians' answers, CSV", "text/csv; charset=utf-8", "csv", answered),
        Format("auditevent", "FHIR AuditEvents", "application/fhir+json", "json", bundle),
    )
}


def checked_event(entry: Mapping[str, Any], hash: bytes, canonical_base: str) -> dict[str, Any]:
    """The AuditEvent of the entry; of one that was tampered with so that there is none, one that only says which entry it stands for."""
    with suppress(*NOT_OF_OUR_FORM):
        event = audit_event(entry, hash, canonical_base)
        if r4.is_valid(event):
            return event
    return audit_event({"sequence": entry.get("sequence"), "recorded": _instant(entry.get("recorded")), "kind": "unreadable"}, hash, canonical_base)


def _instant(recorded: Any) -> str:
    """An AuditEvent needs a time; without one it is the beginning of time."""
    try:
        return datetime.fromisoformat(recorded).isoformat()
    except (TypeError, ValueError):
        return datetime.fromtimestamp(0, UTC).isoformat()


def harmless(cell: str) -> str:
    """One line, its control characters written out, and an apostrophe before whatever a spreadsheet would take for a formula."""
    return FORMULA.sub(r"\1'", visible(cell.replace("\r\n", " ").replace("\n", " ").replace("\t", " ")))


def _row(hit: Hit) -> list[str]:
    entry = hit.read()
    try:
        return list(_cells(entry, hit.hash))
    except NOT_OF_OUR_FORM:
        return list(_cells({"sequence": hit.sequence, "kind": "unreadable"}, hit.hash))


def _cells(entry: Mapping[str, Any], hash: bytes) -> Iterator[str]:
    cards, answers = entry.get("cards") or (), entry.get("feedback") or ()
    yield from (_listed(whose(entry, name)) if name in WHOSE else "" if entry.get(name) is None else str(entry[name]) for name in PLAIN)
    yield _listed(rules_shown(entry))
    yield _listed(each.get("indicator") for each in (*cards, *answers))
    yield _listed(each["source"]["topic"]["code"] for each in cards)
    yield _listed(each.get("summary") for each in cards)
    yield _listed(each.get("uuid") or each.get("card") for each in (*cards, *answers))
    yield _listed(each.get("outcome") for each in answers)
    yield _listed(said.get("code") for each in answers for said in (each.get("reason") or {}, *(each.get("furtherReasons") or ())))
    yield _listed(each.get("comment") for each in answers)
    yield str((entry.get("reviewer") or {}).get("name", ""))
    yield _listed(f"{name}={said}" for name, said in (entry.get("asked") or {}).items())
    yield hash.hex()


def _listed(said: Iterable[Any]) -> str:
    return "; ".join(str(each) for each in said if each)
