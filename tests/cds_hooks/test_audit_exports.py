"""What is taken away: the exact bytes, a table no spreadsheet runs, and AuditEvents that R4 accepts, for every kind of entry."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from many_entries import Plan, fill, invented

from cds_hooks.audit import record, reviewed, search
from cds_hooks.audit.database import database
from cds_hooks.audit.events import audit_event
from cds_hooks.audit.exports import FORMATS, checked_event, harmless
from cds_hooks.audit.form import Checkpoint, digest, read_checkpoint, sealed
from cds_hooks.audit.reviewed import Reviewer
from cds_hooks.audit.search import Filter, Hit
from cds_hooks.audit.verify import Row, verify
from cds_hooks.errors import KINDS, Refusal
from fhir_mappings import r4

BASE = "https://guidance.example"
AT = datetime(2026, 11, 21, 9, tzinfo=UTC)
SOMEBODY = Reviewer("Dr Who", "exporter", "token")


def hit(entry: dict[str, Any], sequence: int = 1) -> Hit:
    bytes, hash = sealed(sequence, b"\0" * 32, json.dumps(entry).encode())
    return Hit(sequence, bytes, hash)


def exported(name: str, *hits: Hit) -> bytes:
    return b"".join(FORMATS[name].made(iter(hits), BASE, lambda wanted: [each for each in hits if each.sequence in wanted]))


def every_kind() -> list[dict[str, Any]]:
    drawn = {f"{each['kind']} {each['outcome']}": each for each in invented(Plan(400))}
    refusals = [record.refused(Refusal(code, "Refused.", claimed="somebody"), correlation_id="c", at=AT, latency_ms=1) for code in KINDS]
    kept = [
        record.started(AT, "c", {"profile": "sandbox"}),
        record.kept("purge", AT, "c", {"through": 5, "outcome": "purged"}),
        record.kept("rotate-key", AT, "c", {"outcome": "key rotated"}),
        record.kept("of a later version", AT, "c", {}),
        reviewed.looked(SOMEBODY, "search", AT, "c", asked={"patient": "Patient/1"}),
        reviewed.viewed(SOMEBODY, AT, "c", sequence=5, about="Patient/keyed-1"),
        reviewed.exported(SOMEBODY, "csv", AT, "c", asked={}, through=9),
    ]
    return [*drawn.values(), *refusals, *kept, record.refused_many("unauthorized", "expired", 9, AT, correlation_id="c", at=AT)]


def test_what_callers_put_into_ids_is_none_of_fhirs_business() -> None:
    """A token's id with blanks is no address, and a NUL in a name no text of FHIR's."""
    entry = next(each for each in invented(Plan(400)) if each["kind"] == "call")
    event = audit_event({**entry, "jti": "a b", "user": "Dr\0 No", "hookInstance": "h\x07"}, b"\0" * 32, BASE)
    assert [each["policy"] for each in event["agent"] if "policy" in each] == [["urn:ietf:params:oauth:jti:a%20b"]]
    assert not any(ord(each) < 32 for each in json.dumps(event, ensure_ascii=False))
    assert "\\u00" not in json.dumps(event, ensure_ascii=False)


def test_what_silent_mode_kept_back_is_not_called_shown() -> None:
    entry = {"kind": "call", "sequence": 1, "rules": [{"rule": "R01", "outcome": "shown"}], "cardsWithheld": [{}]}
    assert "withheld: silent mode" in str(audit_event(entry, b"", BASE))


def test_ndjson_is_byte_by_byte_what_was_hashed_and_verifies(tmp_path) -> None:
    log = database(None, tmp_path)
    fill(log, Plan(30))
    lines = exported("ndjson", *search.walk(log, Filter(), 30)).splitlines()
    assert [digest(each) for each in lines] == [each.hash for each in search.walk(log, Filter(), 30)]
    assert verify([Row(each) for each in lines], [], []).problem is None


def test_the_checkpoints_stand_after_the_entries() -> None:
    signed = [Checkpoint(number, b"\1" * 32, AT.isoformat(), "key", b"\2" * 64) for number in (1, 3)]
    lines = b"".join(FORMATS["ndjson"].made(iter([hit({"kind": "call"}, 2), hit({"kind": "call"}, 3)]), BASE, lambda _: [], signed)).splitlines()
    told = [(each["kind"], each["sequence"]) for each in map(json.loads, lines)]
    assert told == [("call", 2), ("call", 3), ("checkpoint", 1), ("checkpoint", 3)]
    assert [read_checkpoint(each.decode()) for each in lines[2:]] == signed


@pytest.mark.parametrize("entry", every_kind(), ids=lambda each: f"{each['kind']} {each.get('outcome')}")
def test_the_audit_event_of_every_kind_of_entry_is_valid_r4(entry) -> None:
    event = checked_event({"sequence": 7, **entry}, b"\1" * 32, BASE)
    assert r4.is_valid(event)
    assert event == audit_event({"sequence": 7, **entry}, b"\1" * 32, BASE)
    assert sum(each["requestor"] for each in event["agent"]) <= 1


def test_what_an_audit_event_of_a_call_tells() -> None:
    entry = next(each for each in invented(Plan(400)) if each["kind"] == "call" and each["cards"])
    event = audit_event({"sequence": 7, **entry}, b"\1" * 32, BASE)
    assert (event["type"]["code"], [each["code"] for each in event["subtype"]], event["action"], event["outcome"]) == (
        "rest",
        ["operation", "cds-invocation"],
        "E",
        "0",
    )
    user = next(each for each in event["agent"] if each["requestor"])
    assert user["who"] == {"reference": entry["user"]}
    assert user["policy"] == [f"urn:ietf:params:oauth:jti:{entry['jti']}"]
    patient, request, *_ = event["entity"]
    assert (patient["what"]["reference"], patient["role"]["code"]) == (entry["patient"], "1")
    assert (request["what"]["identifier"]["value"], request["type"]["code"]) == (entry["hookInstance"], "XrequestId")
    assert entry["cards"][0]["summary"] not in json.dumps(event)
    assert event["entity"][-1]["detail"][0] == {"type": "hash", "valueString": "01" * 32}


def test_a_bundle_is_valid_whole_and_when_nothing_matches() -> None:
    bundle = json.loads(exported("auditevent", *(hit(each, number) for number, each in enumerate(every_kind(), 1))))
    assert r4.is_valid(bundle)
    assert len({each["fullUrl"] for each in bundle["entry"]}) == len(every_kind())
    assert json.loads(exported("auditevent")) == {"resourceType": "Bundle", "type": "collection"}


@pytest.mark.parametrize(
    "bytes",
    [
        b"no JSON",
        b"[]",
        b'{"sequence":3,"recorded":"2026-11-21T09:00:00.000+00:00","kind":"call","user":["not","a","name"],"outcome":" "}',
        b'{"sequence":3,"recorded":"never","kind":"call","cards":[{"uuid":5}],"feedback":["x"],"reviewer":"x","asked":[1]}',
    ],
)
def test_an_entry_that_was_tampered_with_is_there_all_the_same(bytes) -> None:
    (entry,) = json.loads(exported("auditevent", Hit(3, bytes, b"")))["entry"]
    assert r4.is_valid(entry["resource"])
    assert entry["resource"]["id"] == "3"
    assert exported("csv", Hit(3, bytes, b"")).count(b"\r\n") == 2
    assert exported("ndjson", Hit(3, bytes, b"")) == bytes + b"\n"


def rows(*entries: dict[str, Any], form: str = "csv") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(exported(form, *(hit(each, number) for number, each in enumerate(entries, 1))).decode(), newline="")))


def test_csv_has_a_row_for_each_entry() -> None:
    told = rows(*every_kind())
    assert [each["kind"] for each in told] == [each["kind"] for each in every_kind()]
    call = next(each for each in told if each["rules"])
    assert call["indicators"]
    assert call["summaries"]


FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


@given(some.sampled_from(("", ";", "; ", "a;", 'a;"', "\t", "\r", "\n", "a\r\n", " ", "\ufeff;")), some.sampled_from(FORMULA), some.text())
def test_no_cell_is_a_formula(begins, sign, rest) -> None:
    """Where commas are decimal points, spreadsheets take semicolons for the ends of cells."""
    cell = harmless(begins + sign + rest)
    assert not any(each.lstrip(" \"'").startswith(FORMULA) and not each.lstrip(' "').startswith("'") for each in cell.split(";"))
    assert not any(unicodedata.category(each) == "Cc" for each in cell)


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        (";=1+1", ";'=1+1"),
        ("fine; =cmd()", "fine;' =cmd()"),
        ("one\r\ntwo\tthree\rfour", "one two three\\rfour"),
        ("bell\x07 \u202egnp", "bell\\x07 \\u202egnp"),
        ("R01; R02, 5-10 mm", "R01; R02, 5-10 mm"),
    ],
)
def test_a_cell_is_one_line_with_what_cannot_be_seen_written_out(cell, safe) -> None:
    assert harmless(cell) == safe


@pytest.mark.parametrize("comment", ["=cmd|' /C calc'!A0", "@SUM(1)", 'a","b', "line\nbreak", "\t=1", ";=1", "\x1b[31m"])
def test_comments_stay_in_their_cell(comment) -> None:
    (row,) = rows({"kind": "feedback", "feedback": [{"card": "c", "outcome": "overridden", "comment": comment}]})
    assert row["comments"] == harmless(comment)
    assert row["cards"] == "c"


def test_an_export_of_nothing_has_its_headings() -> None:
    assert exported("csv").startswith(b"sequence,recorded,kind,")
    assert exported("csv").endswith(b",hash\r\n")


def test_answers_name_the_patients_and_users_of_the_cards() -> None:
    two = [{"card": each, "outcome": "accepted", "patient": f"Patient/{each}", "user": "Practitioner/7", "encounter": each} for each in ("a", "b")]
    (row,) = rows(feedback(*two))
    assert (row["patient"], row["user"], row["encounter"]) == ("Patient/a; Patient/b", "Practitioner/7", "a; b")
    event = audit_event({"sequence": 7, **feedback(*two)}, b"", BASE)
    assert [each["what"]["reference"] for each in event["entity"] if each["type"]["display"] == "Person"] == ["Patient/a", "Patient/b"]
    assert next(each["who"] for each in event["agent"] if not each["requestor"]) == {"reference": "Practitioner/7"}
    assert r4.is_valid(event)


def answered_card() -> tuple[dict[str, Any], dict[str, Any]]:
    """A call with a card, and the answer item about it; the call is entry 1."""
    call = next(each for each in invented(Plan(400)) if each["kind"] == "call" and each["cards"] and each["cards"][0].get("suggestions"))
    card = {**call["cards"][0], "suggestions": [{**each, "uuid": str(number)} for number, each in enumerate(call["cards"][0]["suggestions"])]}
    call = {**call, "cards": [card]}
    said = {"card": card["uuid"], "known": True, "call": 1, "rule": call["shown"][0]["rule"], "indicator": card["indicator"]}
    return call, said


def feedback(*answers: Any) -> dict[str, Any]:
    head = {"recorded": AT.isoformat(timespec="milliseconds"), "kind": "feedback", "client": "north", "tenant": "ward 7", "outcome": "feedback taken"}
    return {**head, "feedback": list(answers)}


def test_answers_tell_intervention_action_feedback_user_date_and_location() -> None:
    call, said = answered_card()
    when, taken = "2026-11-21T08:58:00Z", call["cards"][0]["suggestions"][0]
    overridden = {**said, "outcome": "overridden", "reason": {"code": "imaging-requested-or-done"}, "comment": "MRI at 10", "outcomeTimestamp": when}
    accepted = {**said, "outcome": "accepted", "acceptedSuggestions": [taken["uuid"]]}
    first, second = rows({**call, "encounter": "Encounter/5"}, feedback(overridden, accepted), form="dsi-feedback")
    assert list(first)[:6] == ["intervention", "action", "feedback", "user", "date", "location"]
    assert first["intervention"].startswith(f"{said['rule']} ")
    assert (first["action"], first["feedback"], first["user"]) == ("overridden", "MRI requested or done: MRI at 10", call["user"])
    assert (first["date"], first["location"]) == (when, "north; ward 7; Encounter/5")
    assert (first["rulesHash"], first["summary"]) == (call["versions"]["rulesHash"], call["cards"][0]["summary"])
    assert (second["action"], second["suggestions"], second["date"]) == ("accepted", taken["label"], AT.isoformat(timespec="milliseconds"))


def test_answers_have_a_row_each_and_nothing_else_has_one() -> None:
    told = rows(*every_kind(), form="dsi-feedback")
    assert len(told) == sum(len(each["feedback"]) for each in every_kind() if each["kind"] == "feedback") > 0
    assert {each["patient"] for each in every_kind() if each.get("patient")}.isdisjoint(cell for each in told for cell in each.values())


@pytest.mark.parametrize("comment", ["=cmd|' /C calc'!A0", "@SUM(1)", 'a","b', "\t=1"])
def test_an_answer_to_a_card_that_is_not_known_keeps_what_was_said(comment) -> None:
    (row,) = rows(feedback({"card": "=x", "outcome": "overridden", "comment": comment, "known": False}), form="dsi-feedback")
    assert (row["intervention"], row["feedback"], row["card"], row["user"]) == ("not a card that is known", harmless(comment), "'=x", "")


@pytest.mark.parametrize("answers", [["x"], [None], [{"card": 5}], "x", [{"card": "c", "outcome": "overridden", "reason": "x"}]])
def test_an_answer_that_was_tampered_with_keeps_its_row(answers) -> None:
    (row,) = rows({**feedback(), "feedback": answers}, form="dsi-feedback")
    assert (row["action"], row["answerEntry"]) == ("unreadable", "1")
