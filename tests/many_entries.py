"""Audit logs of any size, as months of use would leave them: invented, but every entry of the form that the service writes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from calls import call
from sqlalchemy import select

from cards.guidance.interpretations import numbers_in_force
from cds_hooks.audit import record
from cds_hooks.audit.database import Database
from cds_hooks.audit.tables import entries
from cds_hooks.audit.writer import append
from cds_hooks.audit.writing import Writing
from cds_hooks.chart.bundle import call_for
from cds_hooks.chart.prefetch import answers
from cds_hooks.chart.reads import Completed
from cds_hooks.errors import Refusal
from cds_hooks.evaluation import Policy, chart_of, evaluate
from cds_hooks.protocol import read_call
from cds_hooks.sandbox.samples import samples

Entry = dict[str, Any]
REASONS = ("examined-no-red-flag", "imaging-requested-or-done", "emergency-pathway-started", "long-standing-or-explained", "goals-of-care", "other")
CLIENTS = ("general-hospital", "county-clinic", "lakeside")
QUIET_SHARE = 0.7
AT_ONCE = 2_000


@dataclass(frozen=True)
class Plan:
    """How many entries, ending when, over how many days, drawn from which seed."""

    count: int
    end: datetime = datetime(2026, 11, 21, 18, tzinfo=UTC)
    days: int = 90
    seed: int = 6


def fill(database: Database, plan: Plan) -> None:
    """Append the entries to the chain."""
    connection = database.ready()
    batch: list[Writing] = []
    for entry in invented(plan):
        batch.append(Writing(entry["recorded"], entry["kind"], entry["correlationId"], msgspec.json.encode(entry)))
        if len(batch) == AT_ONCE:
            with database.writing(connection):
                append(connection, batch)
            batch.clear()
    if batch:
        with database.writing(connection):
            append(connection, batch)
    connection.close()


def last_sequence(database: Database) -> int:
    with database.reading() as connection:
        return max(connection.execute(select(entries.c.sequence)).scalars(), default=0)


def invented(plan: Plan) -> Iterator[Entry]:
    """Calls, most of them without a card; feedback to the latest cards; refusals. Times rise, but for a little disorder."""
    draw = random.Random(plan.seed)
    silent = [each for each in _answered() if not each["cards"]]
    speaking = [each for each in _answered() if each["cards"]]
    shown: list[Entry] = []
    step = timedelta(days=plan.days) / plan.count
    for number in range(plan.count):
        at = plan.end - step * (plan.count - number) - timedelta(milliseconds=draw.randrange(400))
        head = {"recorded": at.isoformat(timespec="milliseconds"), "correlationId": _uuid(draw)}
        lot = draw.random()
        if lot < 0.08 and shown:
            yield {**_feedback(draw, shown.pop(draw.randrange(len(shown)))), **head}
        elif lot < 0.1:
            yield {**_refused(draw), **head}
        else:
            entry = {**_patched(draw, draw.choice(silent if lot < 0.1 + QUIET_SHARE else speaking)), **head}
            if entry["cards"]:
                shown = [*shown[-200:], {**entry, "sequence": number + 1}]
            yield entry


def _patched(draw: random.Random, entry: Entry) -> Entry:
    """The call of another clinician about another patient."""
    cards = [{**each, "uuid": _uuid(draw)} for each in entry["cards"]]
    rules = [each["rule"] for each in entry["rules"] if each["outcome"] == "shown"]
    answerable = [{"card": card["uuid"], "rule": rule, "evidence": f"{draw.getrandbits(128):032x}"} for card, rule in zip(cards, rules, strict=False)]
    return {
        **entry,
        "client": draw.choices(CLIENTS, (80, 15, 5))[0],
        "jti": _uuid(draw),
        "hookInstance": _uuid(draw),
        "user": f"Practitioner/{draw.randrange(400)}",
        "patient": f"Patient/{draw.randrange(40_000)}",
        "encounter": f"{draw.randrange(100_000)}",
        "cards": cards,
        **({"shown": answerable} if answerable else {}),
        "latencyMs": round(draw.lognormvariate(2.5, 1.0), 3),
    }


def _feedback(draw: random.Random, call_entry: Entry) -> Entry:
    card, shown = call_entry["cards"][0], call_entry["shown"][0]
    overridden = draw.random() < 0.7
    answer = {
        "card": shown["card"],
        "outcome": "overridden" if overridden else "accepted",
        **({"reason": {"system": "https://example.org/pinched-nerve-cds/CodeSystem/override-reason", "code": draw.choice(REASONS)}} if overridden else {}),
        "known": True,
        "call": call_entry["sequence"],
        "rule": shown["rule"],
        "indicator": card["indicator"],
        **{name: call_entry[name] for name in ("patient", "user", "encounter")},
    }
    kept = {name: call_entry[name] for name in ("versions", "client", "service")}
    return {"kind": "feedback", **kept, "jti": _uuid(draw), "feedback": [answer], "outcome": "feedback taken", "latencyMs": round(draw.uniform(1, 9), 3)}


def _refused(draw: random.Random) -> Entry:
    code, cause = draw.choice((("unauthorized", "expired"), ("unauthorized", "unknown issuer"), ("malformed-json", ""), ("too-many-calls", "")))
    return record.refused(Refusal(code, "Refused.", cause=cause), correlation_id="", at=datetime.now(UTC), latency_ms=draw.uniform(0.1, 2))


@cache
def _answered() -> tuple[Entry, ...]:
    """The entry of each sample patient's call, and of one without findings."""
    at = datetime(2026, 11, 1, 9, tzinfo=UTC)
    bodies = [msgspec.json.encode(call_for(each.as_of(at.date()), str(UUID(int=1)))) for each in samples().values()]
    return tuple(_entry(body, at) for body in (*bodies, msgspec.json.encode(call())))


def _entry(body: bytes, at: datetime) -> Entry:
    read = read_call(body, "patient-view")
    policy = Policy(numbers=numbers_in_force({}), canonical_base="https://example.org/pinched-nerve-cds")
    chart = chart_of(Completed(answers(read.prefetch)), read.patient_id, at.date())
    evaluation = evaluate(chart, read.patient_id, at, policy, lambda: str(UUID(int=2)))
    return record.called(read, evaluation, correlation_id="", at=at, latency_ms=1.0)


def _uuid(draw: random.Random) -> str:
    return str(UUID(int=draw.getrandbits(128), version=4))
