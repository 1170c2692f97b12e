"""Counting what became of a rule's cards, by hand-made entries whose figures are known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from stores import Store

from cds_hooks.audit import index
from cds_hooks.audit.review import drawn
from cds_hooks.audit.tally import tallies, total
from cds_hooks.audit.writer import append
from cds_hooks.audit.writing import Writing

MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
DAY = timedelta(days=1)


def shown(day: float, patient: str, rule: str = "R01", **members: Any) -> dict[str, Any]:
    rules = [{"rule": rule, "outcome": "shown"}, {"rule": "R05i", "outcome": "not met"}]
    return {**_at(day), "kind": "call", "patient": patient, "rules": rules, "cards": [{"uuid": "c"}], "latencyMs": 10 * day, **members}


def answered(day: float, card: str, outcome: str, reason: str = "", rule: str = "R01") -> dict[str, Any]:
    return {**_at(day), "kind": "feedback", "feedback": [{"card": card, "outcome": outcome, "reason": {"code": reason}, "rule": rule}]}


def _at(day: float) -> dict[str, Any]:
    return {"recorded": (MONDAY + day * DAY).isoformat(timespec="milliseconds")}


ENTRIES = (
    shown(-0.5, "Patient/early"),
    shown(0.1, "Patient/early"),
    shown(0.2, "Patient/1"),
    shown(1.2, "Patient/1"),
    shown(2.3, "Patient/1"),
    shown(1.5, "Patient/2"),
    shown(1.6, "Patient/2", cards=[], cardsWithheld=[{"uuid": "w"}]),
    shown(1.7, "Patient/3", rule="R02"),
    shown(9.0, "Patient/late"),
    answered(0.3, "a", "overridden", "other"),
    answered(0.4, "b", "accepted"),
    answered(1.3, "c", "overridden", "goals-of-care"),
    answered(1.4, "c", "accepted"),
    answered(2.5, "d", "not stated"),
    answered(2.6, "e", "accepted", rule="R02"),
)


@pytest.fixture
def stretches(store: Store):
    database, connection = store.database, store.database.ready()
    with database.writing(connection):
        append(connection, [Writing(each["recorded"], each["kind"], "c", msgspec.json.encode(each)) for each in ENTRIES])
    connection.close()
    index.bring_up_to_date(database)
    return tallies(database, "R01", MONDAY, MONDAY + 4 * DAY, DAY)


def test_each_day_has_its_figures(stretches) -> None:
    assert list(stretches) == [MONDAY + number * DAY for number in range(4)]
    assert [each.shown for each in stretches.values()] == [2, 2, 1, 0]
    assert [each.accepted for each in stretches.values()] == [1, 0, 0, 0]
    assert [dict(each.overridden) for each in stretches.values()] == [{"other": 1}, {"goals-of-care": 1}, {}, {}]
    assert [each.not_stated for each in stretches.values()] == [0, 0, 1, 0]
    assert [each.unanswered for each in stretches.values()] == [0, 1, 0, 0]
    assert [each.repeats for each in stretches.values()] == [1, 1, 0, 0]


def test_the_whole_is_the_sum(stretches) -> None:
    whole = total(stretches)
    assert (whole.shown, whole.accepted, whole.overrides, whole.not_stated, whole.repeats) == (5, 1, 2, 1, 2)
    assert (whole.latency(0.5), whole.latency(1)) == (12.0, 23.0)


def test_charts_are_plain_svg_with_a_name_and_words_on_hover(stretches) -> None:
    chart = drawn.answers(stretches)
    assert 'role="img" aria-label="Answers to the cards shown"' in chart
    assert "<title>2026-11-16: 1</title>" in chart
    for unwanted in ("<script", "<style", " style=", "<desc", 'id="'):
        assert unwanted not in chart
