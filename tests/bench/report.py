"""The figures of one run as docs/performance.md: a table, a plot, and each goal beside what was measured."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from bench.bodies import SIZES, body
from bench.goals import F1_MS_WHERE_SET, Report, goals
from bench.machine import machine

ELSEWHERE = ("PostgreSQL",)
"""Not drawn: what differs is the store, not what a body costs."""


def curves(report: Report) -> dict[str, list[tuple[float, float]]]:
    """By who answers and whether with cards: CPU in ms over the size of the body in KB."""
    drawn: dict[str, list[tuple[float, float]]] = {}
    for name, figures in report.whole.items():
        for (what, connections), found in figures.items():
            size, _, kind = what.partition(", ")
            if connections == 8 and size in SIZES and kind in {"", "cards"} and name not in ELSEWHERE:
                drawn.setdefault(f"{name}, cards" if kind else name, []).append((len(body(size)) / 1000, found.cpu_ms))
    return {name: sorted(points) for name, points in drawn.items()}


def page(report: Report, peer: str) -> Iterator[str]:
    """`peer` is the version of HealthChain, empty where there is none."""
    f1 = report.whole["F1"]["50 KB", 4].cpu_ms
    yield from (
        "# Performance",
        "",
        "Written by `make bench`; do not edit by hand. [operations.md](operations.md) says what is done for speed and what it keeps in memory,",
        "[performance-growth.md](performance-growth.md) how the cost grows, [performance-soak.md](performance-soak.md) and",
        "[performance-memory.md](performance-memory.md) what becomes of the service in the long run,",
        "[performance-profile.md](performance-profile.md) where the time of a call goes.",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, {machine()}. Medians of {report.rounds} rounds in which all took turns; a floor varied by {report.variation:.0%}.",
        "",
        "F0 is an ASGI application that reads the body and answers a constant, F1 also decodes it with orjson; both with uvloop, httptools and the same tuning",
        "of the garbage collector. CPU is that of the answering process with its threads. The service does everything it does for a call: rules, and an audit",
        f"entry on disk before the answer. {_of_peer(peer)}",
        "",
        "## Goals",
        "",
        "| goal | wanted | measured | scaled | |",
        "| --- | --- | --- | --- | --- |",
        *(each.row for each in goals(report)),
        "",
        f"The goals that are times are meant for two cores of a server of 2024. On the machine on which they were set a call of 50 KB took F1 {F1_MS_WHERE_SET} ms",
        f"of CPU (4 connections), in this run it took {f1:.2f} ms, {report.slowness:.1f} times as much. `scaled` is what was measured divided by that: an estimate,",
        "good as far as one floor stands for all the work. The verdict is on what was measured here. All other goals are ratios of one run, or hold anywhere.",
        "",
        "Audit is the CPU of the thread that writes the log (8 connections), as a part of all that the process took; making the entry is in the rest. Rules are",
        f"judged in the process that measures, on charts read anew: {report.judged_ms[0]:.2f} ms, and {report.judged_ms[1]:.2f} ms where they make a card; beside F1's CPU",
        "for a call of 500 KB.",
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


def _of_peer(version: str) -> str:
    if not version:
        return "HealthChain is left out: `make peers` has not installed it here."
    return (
        f"HealthChain {version} is the handler\nof its README, which answers no card, with neither rules nor audit: once as uvicorn runs by itself (asyncio, h11), "
        "once with uvloop and httptools."
    )
