"""`make bench-growth`: how the cost of a call grows, with each of the things that grow in use. Minima of many: what is asked is the shape of a curve."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from bench.__main__ import service  # noqa: E402
from bench.bodies import alarming, body, call_with, observation, problems  # noqa: E402
from bench.load import measured, request  # noqa: E402
from bench.machine import machine  # noqa: E402
from bench.plots import Points, draw  # noqa: E402
from evaluating import policy  # noqa: E402
from many_entries import Plan, fill  # noqa: E402

from cards.guidance import decide as deciding  # noqa: E402
from cards.guidance.rules import RULES  # noqa: E402
from cds_hooks.audit.database import database  # noqa: E402
from cds_hooks.chart.prefetch import answers  # noqa: E402
from cds_hooks.chart.reads import Completed  # noqa: E402
from cds_hooks.evaluation import chart_of, decided  # noqa: E402
from cds_hooks.protocol import read_call  # noqa: E402
from fhir_mappings import reader  # noqa: E402
from fhir_mappings.terminology import Terminology  # noqa: E402

OBSERVATIONS = (10, 30, 100, 300, 1_000, 3_000, 10_000)
ENTRIES = (0, 10_000, 100_000, 1_000_000)
TIMES = (1, 2, 5, 10)
PAGE = ROOT / "docs" / "performance-growth.md"
TAKES = 5


@dataclass(frozen=True)
class Curve:
    """One thing that grows: what was found, and why the curve has its shape."""

    name: str
    title: str
    x: str
    y: str
    found: dict[str, list[tuple[float, float]]]
    why: str


def least(take: Callable[[], float], takes: int = TAKES) -> float:
    return min(take() for _ in range(takes))


def cpu_ms(work: Callable[[], Any], times: int) -> float:
    """Of one of `times` runs of the work, the quickest."""

    def once() -> float:
        began = time.thread_time()
        work()
        return (time.thread_time() - began) * 1000

    work()
    return least(once, times)


# --- what grows
def with_observations(folder: Path, seconds: float) -> Curve:
    config = folder / "large.toml"
    config.write_text("max_body_bytes = 33554432\n")
    now = datetime.now(UTC)
    found: dict[str, list[tuple[float, float]]] = {"without cards": [], "with a critical card": []}
    with service("ours", folder / "observations", "--config", str(config)) as ours:
        for count in OBSERVATIONS:
            results = [observation(each, now, whole=False) for each in range(count)]
            cramps, incontinence = alarming(now)
            sent = {
                "without cards": call_with(problems(10, now), results),
                "with a critical card": call_with([*problems(10, now), incontinence], [*results, cramps]),
            }
            for name, each in sent.items():
                found[name].append((count, least(lambda each=each: measured(ours.port, ours.pid, [request(each)], seconds, 1).cpu_ms)))  # type: ignore[misc]
    return Curve(
        "observations",
        "Observations in the prefetch",
        "Observations",
        "CPU, ms a call",
        found,
        "Flat at first, where what every call costs outweighs its records; then in proportion: each record is glanced at once, and only those that name "
        "something of ours are read. The card adds a constant.",
    )


def with_codes() -> Curve:
    """More codes of the same value sets: none of them occurs in the chart."""
    files = [json.loads(each.read_text()) for each in sorted((ROOT / "fhir_mappings" / "valuesets").glob("*.json"))]
    arrived, now = _arrived("121 KB")
    found = []
    for times in TIMES:
        more = Terminology([_swollen(each, times) for each in files])
        read = lambda more=more: reader.read(arrived.resources, "patient-1", more, now.date() - timedelta(days=40))  # noqa: E731
        found.append((float(times), cpu_ms(read, 60)))
    return Curve(
        "codes",
        "Codes in the value sets",
        "times as many codes",
        "CPU, ms to read a chart of 121 KB",
        {"reading the chart": found},
        "Flat: a code is found by its hash, and what a code means is worked out once.",
    )


def with_rules() -> Curve:
    """The same rules again under other names: each is judged as if it were new."""
    arrived, now = _arrived("121 KB", cards=True)
    found = []
    for times in TIMES:
        every = tuple(replace(rule, id=rule.id if not again else f"{rule.id}-{again}") for again in range(times) for rule in RULES)
        with patch.object(deciding, "RULES", every), patch.object(deciding, "RED_FLAGS_FIRST", tuple(sorted(every, key=lambda each: not each.red_flag))):
            found.append((float(times), cpu_ms(lambda: decided(arrived, now, policy()), 60)))
    return Curve(
        "rules",
        "Rules",
        "times as many rules",
        "CPU, ms to judge a chart with a critical card",
        {"judging": found},
        "Less than in proportion: a finding is worked out once however many rules ask for it; what grows is asking each rule, and a reason for each that stays "
        "silent.",
    )


def with_entries(folder: Path, seconds: float, most: int) -> Curve:
    found: dict[str, list[tuple[float, float]]] = {"without cards": [], "with a critical card": []}
    for count in (each for each in ENTRIES if each <= most):
        place = folder / f"entries-{count}"
        (place / "data").mkdir(parents=True)
        if count:
            store = database(None, place / "data")
            fill(store, Plan(count, end=datetime.now(UTC)))
            store.engine.dispose()
        with service("ours", place) as ours:
            for name, cards in (("without cards", False), ("with a critical card", True)):
                sent = [request(body("50 KB", cards=cards))]
                measured(ours.port, ours.pid, sent, seconds, 8)
                found[name].append((float(max(count, 1)), least(lambda sent=sent: measured(ours.port, ours.pid, sent, seconds, 8).cpu_ms)))  # type: ignore[misc]
    return Curve(
        "entries",
        "Entries in the audit log",
        "entries",
        "CPU, ms a call of 50 KB, 8 connections",
        found,
        "Flat: an entry is added at the end of the chain, of which only the last hash is read; earlier cards are looked up by the patient's key.",
    )


def with_workers(folder: Path, seconds: float) -> Curve:
    found = []
    for workers in (1, 2):
        with service("ours", folder / f"workers-{workers}", "--workers", str(workers)) as ours:
            measured(ours.port, ours.pid, [request(body("50 KB"))], seconds, 16)
            found.append((float(workers), -least(lambda: -measured(ours.port, ours.pid, [request(body("50 KB"))], seconds, 16).per_second)))
    return Curve(
        "workers",
        "Worker processes",
        "workers",
        "calls of 50 KB a second, 16 connections",
        {"service": found},
        "Each worker is a process of its own and shares nothing but the end of the audit chain. On two cores the process that makes the calls takes a good "
        "part of the second one, so that the second worker cannot double anything here.",
    )


def _arrived(size: str, *, cards: bool = False) -> tuple[Any, datetime]:
    now = datetime.now(UTC)
    sent = read_call(body(size, cards=cards, now=now), "patient-view")
    return chart_of(Completed(answers(sent.prefetch)), sent.patient_id, now.date()), now


def _swollen(valueset: dict[str, Any], times: int) -> dict[str, Any]:
    """The value set with so many times its codes of SNOMED CT and LOINC, the new ones of a form that no chart holds."""
    parts = [_more(part, times) if "concept" in part and "icd" not in part["system"] else part for part in valueset["compose"]["include"]]
    return {**valueset, "compose": {**valueset["compose"], "include": parts}}


def _more(part: dict[str, Any], times: int) -> dict[str, Any]:
    made = [{**each, "code": f"{each['code']}x{again}"} for again in range(1, times) for each in part["concept"]]
    return {**part, "concept": [*part["concept"], *made]}


# --- what is told
def page(curves: Sequence[Curve]) -> Iterator[str]:
    yield from ("# How the cost of a call grows", "", "Written by `make bench-growth`; do not edit by hand.", "", f"{datetime.now(UTC):%Y-%m-%d}, {machine()}.")
    for each in curves:
        yield from ("", f"## {each.title}", "", f"![{each.title}: {each.y}](performance/growth-{each.name}.svg)", "", each.why, "")
        names = list(each.found)
        yield from (f"| {each.x} | {' | '.join(names)} |", f"| --- |{' --- |' * len(names)}")
        for row in zip(*each.found.values(), strict=True):
            yield f"| {row[0][0]:,.0f} | {' | '.join(f'{value:,.2f}' for _, value in row)} |"


@contextmanager
def _said(what: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    sys.stderr.write(f"{what}: {time.perf_counter() - began:.0f} s\n")


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench-growth", description=__doc__)
    parser.add_argument("--seconds", type=float, default=1.0, help="for each stretch of calls")
    parser.add_argument("--most", type=int, default=ENTRIES[-1], help="of entries in the audit log; a million take two minutes and 5 GB")
    parser.add_argument("--write", action="store_true", help="write docs/performance-growth.md and its plots")
    chosen = parser.parse_args()
    curves = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for what in (
            lambda: with_observations(folder, chosen.seconds),
            with_codes,
            with_rules,
            lambda: with_entries(folder, chosen.seconds, chosen.most),
            lambda: with_workers(folder, chosen.seconds),
        ):
            with _said("measured"):
                curves.append(what())
    text = "\n".join(page(curves)) + "\n"
    sys.stdout.write(text)
    if chosen.write:
        PAGE.write_text(text)
        for each in curves:
            points: dict[str, Points] = dict(each.found)
            draw(f"growth-{each.name}", each.title, each.x, each.y, points, log=each.name in {"observations", "entries"})
    return 0


if __name__ == "__main__":
    sys.exit(main())
