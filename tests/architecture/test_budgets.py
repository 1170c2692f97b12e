"""What a call may cost, counted and not timed: calls of functions, JSON decoded, models validated, commits, and memory that stays.

Counted with Python 3.11; newer ones call fewer functions for the same.
"""

from __future__ import annotations

import gc
import sqlite3
import sys
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from bench.bodies import PATIENT, SIZES, body
from evaluating import policy
from sqlalchemy import event
from sqlalchemy.engine import Engine
from starlette.testclient import TestClient

from cds_hooks.app import create_app
from cds_hooks.audit import record
from cds_hooks.audit.issued import TO
from cds_hooks.audit.log import ChainedLog, encode
from cds_hooks.chart.prefetch import answers
from cds_hooks.chart.reads import Completed
from cds_hooks.evaluation import Evaluation, chart_of, evaluate
from cds_hooks.protocol import read_call
from cds_hooks.settings import Settings
from fhir_mappings import r4

NOW = datetime(2026, 3, 15, 9, tzinfo=UTC)
POLICY = policy()
numbers = count(1)


def answered(sent: bytes) -> Evaluation:
    """The pure path of a call: from its bytes to those of its answer and of its audit entry."""
    call = read_call(sent, "patient-view")
    arrived = chart_of(Completed(answers(call.prefetch)), call.patient_id, NOW.date())
    evaluation = evaluate(arrived, call.patient_id, NOW, POLICY, lambda: str(UUID(int=next(numbers))))
    encode(record.called(call, evaluation, correlation_id="x", at=NOW, latency_ms=1.0))
    encode({"cards": [card.on_the_wire() for card in evaluation.cards]})
    return evaluation


def counted(sent: bytes) -> Counter[str]:
    """What happens in a call once everything has been met before."""
    for _ in range(3):
        answered(sent)
    seen: Counter[str] = Counter()

    def watch(frame, kind, called) -> None:
        if kind == "call":
            seen["functions"] += 1
            seen["validations"] += frame.f_code is r4.is_valid.__code__
        elif kind == "c_call":
            seen["functions"] += 1
            seen["decodes"] += called is msgspec.json.decode or isinstance(getattr(called, "__self__", None), msgspec.json.Decoder)

    gc.disable()
    sys.setprofile(watch)
    try:
        answered(sent)
    finally:
        sys.setprofile(None)
        gc.enable()
    return seen


# Functions called, Python's and built-in; JSON decoded, whole or in part: the call, each Bundle, each resource at a glance, and whole where it matters.
BUDGETS = {
    ("315 B", False): {"functions": 420, "decodes": 5, "validations": 0},
    ("315 B", True): {"functions": 5_600, "decodes": 13, "validations": 2},
    ("50 KB", False): {"functions": 2_500, "decodes": 50, "validations": 0},
    ("121 KB", False): {"functions": 5_700, "decodes": 95, "validations": 0},
    ("121 KB", True): {"functions": 10_700, "decodes": 100, "validations": 2},
}


@pytest.mark.parametrize(("size", "cards"), BUDGETS, ids=str)
def test_a_call_stays_within_its_budget(size, cards) -> None:
    assert {name: found for name, found in counted(body(size, cards=cards, now=NOW)).items() if found > BUDGETS[size, cards][name]} == {}


def test_the_bodies_are_what_they_are_called() -> None:
    for size in SIZES:
        number, unit = size.split()
        assert 0.9 < len(body(size, now=NOW)) / (float(number) * {"B": 1, "KB": 1_000, "MB": 1_000_000}[unit]) < 1.1
    assert [card.indicator for card in answered(body("121 KB", cards=True, now=NOW)).cards] == ["critical"]
    assert answered(body("121 KB", now=NOW)).arrived.reading.person.born
    assert PATIENT in body("315 B", now=NOW).decode()


def test_nothing_stays_of_a_call() -> None:
    """However many come, no block of memory more is held than after the first few. What is kept once, of whatever runs beside, is not counted twice."""
    sent = body("50 KB", cards=True, now=NOW)

    def held_after(calls: int) -> int:
        for _ in range(calls):
            answered(sent)
        gc.collect()
        return sys.getallocatedblocks()

    held_after(5)
    assert min(-held_after(0) + held_after(50) for _ in range(3)) < 200


def test_nothing_of_the_chart_waits_for_the_disk(tmp_path, monkeypatch) -> None:
    """Blocks of memory held while an entry is on its way: about as many after 345 records as after none."""
    held, hand_over = [], ChainedLog._hand_over
    monkeypatch.setattr(ChainedLog, "_hand_over", lambda log: (held.append(sys.getallocatedblocks()), hand_over(log)))
    with TestClient(create_app(Settings(data_dir=tmp_path), clock=lambda: NOW), base_url="http://127.0.0.1:8000") as client:
        for size in ("315 B", "500 KB", "315 B", "500 KB"):
            client.post("/cds-services/pinched-nerve-patient-view", content=body(size, now=NOW), headers={"Content-Type": "application/json"})
    *_, small, large = held
    assert large - small < 1_000


@pytest.mark.parametrize("cards", [False, True])
def test_one_commit_a_call(tmp_path, cards) -> None:
    """Each is a wait for the disk."""
    commits = []
    with TestClient(create_app(Settings(data_dir=tmp_path), clock=lambda: NOW), base_url="http://127.0.0.1:8000") as client:

        def call() -> None:
            answer = client.post(
                "/cds-services/pinched-nerve-patient-view", content=body("50 KB", cards=cards, now=NOW), headers={"Content-Type": "application/json"}
            )
            assert len(answer.json()["cards"]) == cards

        call()
        listener = lambda connection: commits.append(connection)  # noqa: E731, PLW0108
        event.listen(Engine, "commit", listener)
        try:
            for _ in range(3):
                call()
        finally:
            event.remove(Engine, "commit", listener)
    assert len(commits) == 3


def test_a_chart_opened_often_is_looked_up_in_as_many_steps_as_one_opened_once(tmp_path) -> None:
    """Steps of SQLite's machine for what earlier cards may keep quiet, after one and after a hundred openings with a critical card."""
    sent = body("315 B", cards=True, now=NOW)
    with TestClient(create_app(Settings(data_dir=tmp_path), clock=lambda: NOW), base_url="http://127.0.0.1:8000") as client:
        steps = []
        for openings in (1, 99):
            for _ in range(openings):
                assert client.post("/cds-services/pinched-nerve-patient-view", content=sent, headers={"Content-Type": "application/json"}).json()["cards"]
            steps.append(steps_of_a_look_up(tmp_path / "audit.sqlite3"))
    assert steps[1] < steps[0] + 50


def steps_of_a_look_up(file: Path) -> int:
    taken = count()
    with closing(sqlite3.connect(file)) as store:
        (scope,) = store.execute("SELECT scope FROM issued").fetchone()
        store.set_progress_handler(lambda: next(taken) < 0, 1)
        asked = {"scope": scope, "seen_once": "for information", "now": NOW.timestamp(), "shown_since": 0.0}
        assert store.execute(TO["sqlite"], asked).fetchall() == []
    return next(taken)
