"""The figures of one run as docs/performance.md: a table, and each goal beside what was measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from bench.bodies import SIZES, body
from bench.load import Measured
from bench.machine import machine

Figures = dict[tuple[str, int], Measured]


@dataclass(frozen=True)
class Report:
    """Medians by subject, and what was seen of the service besides."""

    whole: dict[str, Figures]
    variation: float
    idle_mib: float
    used_mib: float
    ready_s: float
    rounds: int
    audit_share: float
    rules_ms: float


@dataclass(frozen=True)
class Goal:
    name: str
    wanted: str
    found: float
    limit: float
    at_least: bool = False
    shown: str = "{:.2f}"

    @property
    def missed_by(self) -> float:
        """How many times worse than wanted; 1 or less is met."""
        return self.limit / self.found if self.at_least else self.found / self.limit


def goals(report: Report) -> list[Goal]:
    ours, f1 = report.whole["service"], report.whole["F1"]
    share = {size: ours[size, 8].per_second / f1[size, 8].per_second * 100 for size in SIZES}
    return [
        Goal("CPU of a call of 315 B", "at most 0.5 ms", ours["315 B", 8].cpu_ms, 0.5, shown="{:.2f} ms"),
        Goal("CPU of a call of 121 KB", "at most 1.5 ms", ours["121 KB", 8].cpu_ms, 1.5, shown="{:.2f} ms"),
        Goal("throughput at 50 KB", "at least 20 % of F1", share["50 KB"], 20, at_least=True, shown="{:.0f} %"),
        Goal("throughput at 500 KB", "at least 80 % of F1", share["500 KB"], 80, at_least=True, shown="{:.0f} %"),
        Goal("throughput at 5 MB", "at least 200 % of F1", share["5 MB"], 200, at_least=True, shown="{:.0f} %"),
        Goal("p99 at 50 KB with cards, 4 connections", "at most 5 times F1's", ours["50 KB, cards", 4].p99_ms / f1["50 KB", 4].p99_ms, 5, shown="{:.1f} times"),
        Goal("audit, of a call of 121 KB", "at most 15 %", report.audit_share * 100, 15, shown="{:.0f} %"),
        Goal("judging a chart of 500 KB", "at most 5 % of F1", report.rules_ms / f1["500 KB", 8].cpu_ms * 100, 5, shown="{:.0f} %"),
        Goal("memory of an idle worker", "at most 110 MiB", report.idle_mib, 110, shown="{:.0f} MiB"),
        Goal("CPU until ready", "at most 1.5 s", report.ready_s, 1.5, shown="{:.1f} s"),
    ]


def curves(report: Report) -> dict[str, list[tuple[float, float]]]:
    """By who answers and whether with cards: CPU in ms over the size of the body in KB."""
    drawn: dict[str, list[tuple[float, float]]] = {}
    for name, figures in report.whole.items():
        for (what, connections), found in figures.items():
            size, _, kind = what.partition(", ")
            if connections == 8 and size in SIZES and kind in {"", "cards"} and name != "PostgreSQL":
                drawn.setdefault(f"{name}, cards" if kind else name, []).append((len(body(size)) / 1000, found.cpu_ms))
    return {name: sorted(points) for name, points in drawn.items() if len(points) > 1}


def page(report: Report) -> Iterator[str]:
    yield from (
        "# Performance",
        "",
        "Written by `make bench`; do not edit by hand. [operations.md](operations.md) says what is done for speed and what it keeps in memory.",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, {machine()}. Medians of {report.rounds} rounds in which all took turns; a floor varied by {report.variation:.0%}.",
        "",
        "F0 is an ASGI application that reads the body and answers a constant, F1 also decodes it with orjson; both with uvloop, httptools and the same tuning",
        "of the garbage collector. CPU is that of the answering process with its threads. The service does everything it does for a call: rules, and an audit",
        "entry on disk before the answer. HealthChain is the handler of its README under uvicorn, which answers no card: no rules, no audit.",
        "",
        "## Goals",
        "",
        "| goal | wanted | measured | |",
        "| --- | --- | --- | --- |",
        *(f"| {each.name} | {each.wanted} | {each.shown.format(each.found)} | {_verdict(each)} |" for each in goals(report)),
        "",
        "Milliseconds are those of this machine; the goals in milliseconds are meant for a server of 2024. Ratios hold anywhere.",
        "",
        "![CPU of a call by the size of its body](performance/cpu.svg)",
        "",
        "## Figures",
        "",
        "| body | connections | who | CPU ms a call | calls a second | p50 ms | p99 ms |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    )
    for what, connections in dict.fromkeys(key for figures in report.whole.values() for key in figures):
        for name, figures in report.whole.items():
            if (what, connections) in figures:
                found = figures[what, connections]
                yield f"| {what} | {connections} | {name} | {found.cpu_ms:.2f} | {found.per_second:.0f} | {found.p50_ms:.1f} | {found.p99_ms:.1f} |"
    yield from ("", f"Memory: {report.idle_mib:.0f} MiB idle, {report.used_mib:.0f} MiB after the run.")


def _verdict(goal: Goal) -> str:
    return "met" if goal.missed_by <= 1 else f"missed {goal.missed_by:.1f} times"
