"""Whatever is asked for is found: every filter gives exactly the entries that a look at each entry would give."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from many_entries import Plan, fill, invented
from sqlalchemy import delete, insert, update
from stores import Store, an_entry

from cds_hooks.audit import index, search
from cds_hooks.audit.asked import FIELDS, Unclear, asked
from cds_hooks.audit.database import Database
from cds_hooks.audit.marks import Mark, marks_of
from cds_hooks.audit.search import Filter
from cds_hooks.audit.tables import entries, marks
from cds_hooks.audit.writer import append

END = datetime(2026, 11, 21, 18, tzinfo=UTC)
PLAN = Plan(800, end=END, days=5)


@pytest.fixture
def filled(store: Store) -> Database:
    """Five days of use, indexed."""
    database = store.database
    fill(database, PLAN)
    index.bring_up_to_date(database)
    return database


def looked_through(wanted: Filter) -> list[int]:
    """The sequences that match, newest first, found the slow way."""
    return [number for number, (found, at) in enumerate(_every(), 1) if set(wanted.marks) <= found and _in_time(at, wanted)][::-1]


@cache
def _every() -> list[tuple[set[Mark], datetime]]:
    return [(marks_of(entry), datetime.fromisoformat(entry["recorded"])) for entry in invented(PLAN)]


def _in_time(at: datetime, wanted: Filter) -> bool:
    return (wanted.since is None or at >= wanted.since) and (wanted.until is None or at < wanted.until)


def found(database: Database, wanted: Filter, size: int = 40) -> list[int]:
    """Every page, one after the other."""
    sequences, before, more = [], None, True
    while more:
        page = search.page(database, wanted, before, size)
        sequences += [hit.sequence for hit in page.hits]
        before, more = page.older, page.older is not None
    return sequences


QUESTIONS = (
    {},
    {"kind": "clinical"},
    {"kind": "feedback", "answer": "overridden", "indicator": "critical"},
    {"rule": "R03"},
    {"rule": "R03c", "outcome": "cards", "client": "general-hospital"},
    {"outcome": "rules ran, none fired", "rule": "R01"},
    {"slow": "100", "kind": "call"},
    {"user": "7"},
    {"user": "Practitioner/7"},
    {"patient": "123"},
    {"reason": "other", "since": "2026-11-18", "until": "2026-11-19"},
    {"since": "2026-11-20"},
    {"until": "2026-11-18T03:20"},
    {"since": "2026-11-19T10:15", "until": "2026-11-19T10:45"},
    {"since": "2026-11-17", "until": "2026-11-20T00:00:01+01:00", "kind": "refused"},
    {"since": "1990-01-01", "until": "2090-01-01", "indicator": "warning"},
    {"since": "2027-01-01"},
    {"until": "2020-01-01"},
)


def test_every_question_finds_what_looking_through_would(filled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "STEP", 50)
    for words in QUESTIONS:
        wanted = asked(words).filter
        sequences = looked_through(wanted)
        assert found(filled, wanted) == sequences, words
        assert [hit.sequence for hit in search.walk(filled, wanted, 600)] == [each for each in sequences[::-1] if each <= 600], words


def test_a_search_that_runs_out_of_time_says_where_to_go_on(filled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "STEP", 20)
    wanted = asked({"outcome": "rules ran, none fired", "kind": "feedback"}).filter
    page = search.page(filled, wanted, seconds=0)
    assert (page.hits, page.finished) == ((), False)
    assert 1 < page.older < PLAN.count
    assert search.page(filled, wanted) == search.Page((), None, finished=True)


def test_times_that_do_not_rise_with_the_sequence_are_found(store: Store) -> None:
    database, connection = store.database, store.database.ready()
    moments = [END + timedelta(hours=shift) for shift in (0, 30, -30, 1, 0, 200, -200)]
    with database.writing(connection):
        append(connection, [_at(an_entry(0), moment) for moment in moments])
    connection.close()
    index.bring_up_to_date(database)
    for since in (END - timedelta(days=20), END - timedelta(hours=31), END, END + timedelta(minutes=30)):
        until = since + timedelta(hours=2)
        wanted = [number for number, moment in enumerate(moments, 1) if since <= moment < until][::-1]
        assert found(database, Filter(since=since, until=until)) == wanted


def _at(writing: Any, moment: datetime) -> Any:
    """The entry as if it had been recorded then."""
    recorded = moment.isoformat(timespec="milliseconds")
    body = msgspec.json.encode({**msgspec.json.decode(writing.body), "recorded": recorded})
    return type(writing)(recorded, writing.kind, writing.correlation_id, body)


TIMES = [
    ({"until": "2026-11-30"}, [2, 1]),
    ({"since": "2026-11-01"}, [3, 2]),
    ({"since": "2026-11-01", "until": "2026-11-30"}, [2]),
    ({"since": "1960-01-01", "until": "9999-12-30"}, [3, 2, 1]),
]


def test_one_clock_that_was_far_off_hides_nothing(store: Store) -> None:
    """And no day without entries is looked at: PostgreSQL would refuse a question with the days of a century."""
    connection = store.database.ready()
    with store.database.writing(connection):
        append(connection, [_at(an_entry(year), datetime(year, 11, 21, 0, 0, 5, tzinfo=UTC)) for year in (1970, 2026, 2099)])
    connection.close()
    index.bring_up_to_date(store.database)
    assert [[hit.sequence for hit in search.page(store.database, asked(words).filter).hits] for words, _ in TIMES] == [wanted for _, wanted in TIMES]


def test_whoever_searches_first_indexes_and_several_at_once_do_no_harm(store: Store) -> None:
    database = store.database
    fill(database, Plan(300))
    assert index.bring_up_to_date(database, seconds=0) == index.Coverage(0, 300)
    with store.database.reading() as other:
        assert not index.coverage(other).complete
    with ThreadPoolExecutor(4) as several:
        reached = list(several.map(lambda each: index.bring_up_to_date(each, batch=10), [database, *(store.database for _ in range(3))]))
    assert reached == [index.Coverage(300, 300)] * 4
    assert index.index_matches(database)


@pytest.mark.parametrize(
    "change",
    [
        lambda connection: connection.execute(delete(marks).where(marks.c.name == "rule")),
        lambda connection: connection.execute(update(marks).where(marks.c.name == "client", marks.c.sequence == 5).values(value="another")),
        lambda connection: connection.execute(insert(marks), [{"name": "patient", "value": "Patient/x", "sequence": 5}]),
        lambda connection: connection.execute(insert(marks), [{"name": "patient", "value": "Patient/x", "sequence": 100}]),
        lambda connection: connection.execute(delete(entries).where(entries.c.sequence == 59)),
    ],
    ids=["mark removed", "mark changed", "mark added", "mark of no entry", "entry removed"],
)
def test_an_index_that_does_not_match_the_entries_is_told(store: Store, change: Any) -> None:
    database = store.database
    fill(database, Plan(60))
    index.bring_up_to_date(database)
    assert index.index_matches(database)
    with database.engine.begin() as connection:
        change(connection)
    assert not index.index_matches(database)
    index.rebuild(database)
    assert index.index_matches(database)


def test_purged_entries_are_forgotten(store: Store) -> None:
    database = store.database
    fill(database, Plan(300))
    index.bring_up_to_date(database, batch=100, seconds=float("inf"))
    with database.engine.begin() as connection:
        index.forget(connection, 100)
        connection.execute(delete(entries).where(entries.c.sequence <= 100))
    assert index.index_matches(database)
    assert found(database, Filter()) == list(range(300, 100, -1))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"since": "yesterday"}, "From must be a day or a time"),
        ({"since": "2026-11-21", "until": "2026-11-20"}, "ends before it begins"),
        ({"kind": "everything"}, "Kind of entry must be one of those offered"),
        ({"patient": "x" * 301}, "Patient is too long"),
        ({"until": "9999-12-31"}, "To must be a day or a time"),
    ],
)
def test_what_cannot_be_understood_is_said_in_one_sentence(words: dict[str, str], sentence: str) -> None:
    with pytest.raises(Unclear, match=sentence):
        asked(words)


def test_every_field_looks_for_a_mark_that_entries_have() -> None:
    """One entry of each kind, with everything an entry can hold."""
    kinds = [
        *invented(PLAN),
        {"tenant": "t", "quieted": [{"rule": "R01"}], "reviewer": {"name": "somebody"}},
    ]
    names = {name for entry in kinds for name, _ in marks_of(entry)}
    assert {each.mark for each in FIELDS if each.mark} <= names


CALL = {
    "recorded": "2026-11-21T09:30:00.123+00:00",
    "kind": "call",
    "correlationId": "c-1",
    "client": "general",
    "tenant": "north",
    "user": "Practitioner/7",
    "patient": "Patient/1",
    "encounter": "e",
    "hookInstance": "h",
    "service": "s",
    "outcome": "cards",
    "latencyMs": 460.04,
    "notFor": "searching",
    "cards": [{"uuid": "card-1", "indicator": "critical", "source": {"topic": {"code": "LegWeaknessUrgent"}}}],
    "rules": [{"rule": "R03c", "outcome": "shown"}, {"rule": "R10", "outcome": "held back"}],
    "quieted": [{"rule": "R05i", "card": "card-0"}],
}
FEEDBACK = {
    "recorded": "2026-11-21T23:59:59.999+00:00",
    "kind": "feedback",
    "outcome": "feedback taken",
    "latencyMs": 2,
    "feedback": [
        {"card": "card-1", "outcome": "not stated", "reason": {"code": "other"}, "rule": "R03c", "indicator": "critical", "comment": "not for searching"}
    ],
}
REVIEW = {"recorded": "2026-11-22T00:00:00.000+00:00", "kind": "review", "reviewer": {"name": "Dr Who", "role": "viewer"}, "about": "Patient/1", "viewed": 7}


def test_what_each_kind_of_entry_is_found_by() -> None:
    assert marks_of(CALL) == {
        *((name, str(CALL[name])) for name in ("correlationId", "client", "tenant", "user", "patient", "encounter", "hookInstance", "service", "outcome")),
        *{("kind", "call"), ("kind", "clinical"), ("day", "2026-11-21"), ("hour", "2026-11-21T09"), ("slow", "100"), ("slow", "250"), ("slow", "450")},
        *{
            ("card", "card-1"),
            ("card", "card-0"),
            ("indicator", "critical"),
            ("topic", "LegWeaknessUrgent"),
            ("rule", "R03c"),
            ("rule", "R03"),
            ("quieted", "R05i"),
        },
        ("shown", "R03c 2026-11-21T09:30:00 460.0 Patient/1"),
    }
    assert marks_of(FEEDBACK) == {
        *{("kind", "feedback"), ("kind", "clinical"), ("day", "2026-11-21"), ("hour", "2026-11-21T23"), ("outcome", "feedback taken")},
        *{("card", "card-1"), ("indicator", "critical"), ("answer", "not stated"), ("reason", "other"), ("rule", "R03c"), ("rule", "R03")},
        ("answered", "R03c 2026-11-21T23:59:59 card-1 not-stated other"),
    }
    assert marks_of(REVIEW) == {
        *{("kind", "review"), ("kind", "keeping"), ("day", "2026-11-22"), ("hour", "2026-11-22T00"), ("reviewer", "Dr Who"), ("patient", "Patient/1")},
    }


JSON = some.recursive(
    some.none() | some.booleans() | some.floats() | some.text() | some.integers(),
    lambda each: some.lists(each) | some.dictionaries(some.text(), each),
    max_leaves=8,
)
NAMES = some.sampled_from(("kind", "recorded", "cards", "rules", "feedback", "quieted", "patient", "latencyMs", "reviewer", "shown", "outcome"))


@given(some.dictionaries(NAMES, JSON))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_no_entry_however_odd_stops_the_index(entry: dict[str, Any]) -> None:
    for name, value in marks_of(entry):
        assert name
        assert value
        assert "\0" not in value
