"""`make bench-growth`: how the cost of a call grows, with each of the things that grow in use. In turn, and the least of many: the shape of a curve is asked."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from bench.bodies import alarming, body, call_with, observation, problems  # noqa: E402
from bench.grown import filled, judging, knowing, swollen  # noqa: E402
from bench.load import measured, request  # noqa: E402
from bench.machine import machine  # noqa: E402
from bench.plots import draw  # noqa: E402
from bench.pure import POLICY, answered, arrives, cpu_ms  # noqa: E402
from bench.subjects import Subject, floor, service  # noqa: E402

from cds_hooks.evaluation import Arrived, decided  # noqa: E402
from cds_hooks.memory import settle_memory  # noqa: E402
from fhir_mappings.terminology import Terminology  # noqa: E402

OBSERVATIONS = (10, 30, 100, 300, 1_000, 3_000, 10_000)
ENTRIES = (0, 10_000, 100_000, 1_000_000)
TIMES = (1, 2, 5, 10)
WORKERS = (1, 2)
ROUNDS = 5
AGAIN = 50
"""Times that work in this process is done in each round."""
PAGE = ROOT / "docs" / "performance-growth.md"
QUIET, CARD = "without cards", "with a critical card"

Take = Callable[[], float]


@dataclass(frozen=True)
class Curve:
    """One thing that grows: how to measure it once, by the name of a line and by how much there is; and why the curve has its shape."""

    name: str
    title: str
    x: str
    y: str
    takes: Mapping[tuple[str, float], Take]
    why: str
    log: bool = False
    more_is_better: bool = False


Lines = dict[str, list[tuple[float, float]]]


def in_turn(curve: Curve, rounds: int) -> Lines:
    """The best of several rounds, in each of which everything had its turn; the first turn is to get warm."""
    best = max if curve.more_is_better else min
    taken = [{key: take() for key, take in curve.takes.items()} for _ in range(rounds + 1)][1:]
    lines: Lines = {}
    for name, x in curve.takes:
        lines.setdefault(name, []).append((x, best(each[name, x] for each in taken)))
    return lines


# --- what grows
def observations(folder: Path, running: ExitStack, seconds: float) -> Curve:
    config = folder / "large.toml"
    config.write_text("max_body_bytes = 33554432\n")
    ours, f1 = running.enter_context(service("service", folder / "observations", "--config", str(config))), running.enter_context(floor("F1"))
    takes: dict[tuple[str, float], Take] = {}
    for count in OBSERVATIONS:
        quiet, card = _charts(count)
        takes |= {(QUIET, count): _cpu(ours, quiet, seconds), (CARD, count): _cpu(ours, card, seconds), ("F1", count): _cpu(f1, quiet, seconds)}
    why = (
        "At first almost flat: the way in and out, the rules and a commit to the disk cost the same however long the chart is, and a card adds its own constant. "
        "Then in proportion: each record is decoded once at a glance, whichever it is. These charts have three results a day, so that beyond some hundred the "
        "others are older than 40 days, which a glance tells, and an Observation more costs less than before. F1, which decodes everything into Python's objects and "
        "does nothing else, has next to no constant. Above 1 MiB a body is read on another thread, so that others are answered meanwhile."
    )
    return Curve("observations", "Observations in the prefetch", "Observations", "CPU, ms a call", takes, why, log=True)


def codes() -> Curve:
    takes: dict[tuple[str, float], Take] = {}
    for times in TIMES:
        terms = swollen(times)
        for name, cards in ((QUIET, False), (CARD, True)):
            takes[name, times] = partial(_reading, body("121 KB", cards=cards), terms)
    why = (
        "Flat: a code is looked up by its hash, in one dictionary of all value sets, and what a code means is worked out once and remembered. More codes cost memory "
        "and time at the start, not time in a call."
    )
    return Curve("codes", "Codes in the value sets", "times as many codes", "CPU, ms for a chart of 121 KB, without way in and out", takes, why)


def rules() -> Curve:
    now = datetime.now(UTC)
    charts = {QUIET: arrives(body("121 KB", now=now), now), CARD: arrives(body("121 KB", cards=True, now=now), now)}
    takes: dict[tuple[str, float], Take] = {}
    for times in TIMES:
        for name, chart in charts.items():
            takes[name, times] = partial(_judging, chart, now, times)
    why = (
        "A straight line that does not begin at nothing: a finding is worked out once however many rules ask for it. What grows is to ask each rule, and to write a "
        "reason for each that stays silent; where none of a rule's findings is recorded at all, that reason is remembered from call to call, so that the lower line "
        "is flatter."
    )
    return Curve("rules", "Rules", "times as many rules", "CPU, ms to judge a chart of 121 KB", takes, why)


def entries(folder: Path, running: ExitStack, seconds: float, most: int) -> Curve:
    takes: dict[tuple[str, float], Take] = {}
    for count in (each for each in ENTRIES if each <= most):
        place = folder / f"entries-{count}"
        filled(place / "data", count)
        ours = running.enter_context(service("service", place))
        for name, cards in ((QUIET, False), (CARD, True)):
            takes[name, count] = _cpu(ours, body("50 KB", cards=cards), seconds, 8)
    why = (
        "Flat: an entry goes to the end of the chain, of which only the last hash is read, by the primary key. The index for searching is kept up by whoever searches, "
        "not by calls. Cards sent earlier are looked up by an index over patient and rule, and each branch of these trees is a few pages deep whatever the log holds."
    )
    return Curve("entries", "Entries in the audit log", "entries", "CPU, ms a call of 50 KB, 8 connections", takes, why, log=True)


def workers(folder: Path, running: ExitStack, seconds: float) -> Curve:
    takes: dict[tuple[str, float], Take] = {}
    for count in WORKERS:
        ours = running.enter_context(service("service", folder / f"workers-{count}", "--workers", str(count)))
        takes["in a second", count] = partial(_calls, ours, seconds)
        takes["in a second of the service's CPU", count] = partial(_calls_of_cpu, ours, seconds)
    why = (
        "Workers are processes of their own that share little but the end of the audit chain, where one waits for the other's commit; so a second of CPU answers "
        "about as many calls however many workers there are. How much more is answered in a second depends on the cores that are left: the process that makes the calls "
        "needs one too, and on two cores the second worker shares with it."
    )
    return Curve("workers", "Worker processes", "workers", "calls of 50 KB, 16 connections", takes, why, more_is_better=True)


def _charts(count: int) -> tuple[bytes, bytes]:
    now = datetime.now(UTC)
    results, (cramps, incontinence) = [observation(each, now) for each in range(count)], alarming(now)
    return call_with(problems(10, now), results), call_with([*problems(10, now), incontinence], [*results, cramps])


def _cpu(subject: Subject, sent: bytes, seconds: float, connections: int = 1) -> Take:
    requests = [request(sent)]
    return lambda: measured(subject.port, subject.pid, requests, seconds, connections).cpu_ms


def _calls(subject: Subject, seconds: float) -> float:
    return measured(subject.port, subject.pid, [request(body("50 KB"))], seconds, 16).per_second


def _calls_of_cpu(subject: Subject, seconds: float) -> float:
    return 1000 / measured(subject.port, subject.pid, [request(body("50 KB"))], seconds, 16).cpu_ms


def _reading(sent: bytes, terms: Terminology) -> float:
    with knowing(terms):
        return _least(lambda: answered(sent))


def _judging(chart: Arrived, now: datetime, times: int) -> float:
    with judging(times):
        return _least(lambda: decided(chart, now, POLICY))


def _least(work: Callable[[], object]) -> float:
    work()
    return min(cpu_ms(work) for _ in range(AGAIN))


# --- what is told
def page(found: Sequence[tuple[Curve, Lines]], rounds: int) -> Iterator[str]:
    yield from (
        "# How the cost of a call grows",
        "",
        "Written by `make bench-growth`; do not edit by hand. [performance.md](performance.md) has the figures.",
        "",
    )
    yield f"{datetime.now(UTC):%Y-%m-%d}, {machine()}. The best of {rounds} rounds in which all took turns."
    for curve, lines in found:
        yield from ("", f"## {curve.title}", "", f"![{curve.title}: {curve.y}](performance/growth-{curve.name}.svg)", "", curve.why, "")
        yield from (f"| {curve.x} | {' | '.join(lines)} |", f"| --- |{' --- |' * len(lines)}")
        for row in zip(*lines.values(), strict=True):
            yield f"| {row[0][0]:,.0f} | {' | '.join(f'{value:,.2f}' for _, value in row)} |"


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench-growth", description=__doc__)
    parser.add_argument("--seconds", type=float, default=1.0, help="for each stretch of calls")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--most", type=int, default=ENTRIES[-1], help="of entries in the audit log")
    parser.add_argument("--write", action="store_true", help="write docs/performance-growth.md and its plots")
    chosen = parser.parse_args()
    found = []
    for begin in (
        lambda *at: observations(*at, chosen.seconds),
        lambda *_: codes(),
        lambda *_: rules(),
        lambda *at: entries(*at, chosen.seconds, chosen.most),
        lambda *at: workers(*at, chosen.seconds),
    ):
        began = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
            curve = begin(Path(folder), running)
            settle_memory()
            found.append((curve, in_turn(curve, chosen.rounds)))
        sys.stderr.write(f"{curve.title}: {time.perf_counter() - began:.0f} s\n")
    text = "\n".join(page(found, chosen.rounds)) + "\n"
    sys.stdout.write(text)
    if chosen.write:
        PAGE.write_text(text)
        for curve, lines in found:
            draw(f"growth-{curve.name}", curve.title, curve.x, curve.y, lines, log=curve.log)
    return 0


if __name__ == "__main__":
    sys.exit(main())
