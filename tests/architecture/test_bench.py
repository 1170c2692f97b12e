"""What `make bench` makes of its figures: each goal beside what was found, and a page that says what was left out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bench.bodies import SIZES
from bench.goals import F1_MS_WHERE_SET, Goal, Report, goals
from bench.load import Measured
from bench.machine import built
from bench.report import curves, page

SAME = Measured(cpu_ms=1.0, per_second=100.0, p50_ms=2.0, p99_ms=10.0)
FIGURES = {**{(size, 8): SAME for size in SIZES}, ("50 KB", 4): SAME, ("50 KB, cards", 4): SAME}
REPORT = Report(
    {"F1": FIGURES, "service": FIGURES}, variation=0.1, idle_mib=100.0, used_mib=200.0, ready_s=1.0, rounds=5, audit_share=0.1, judged_ms=(0.04, 0.2)
)


def with_ours(what: tuple[str, int], **changed: float) -> Report:
    return replace(REPORT, whole={**REPORT.whole, "service": {**FIGURES, what: replace(SAME, **changed)}})


def found(report: Report, name: str) -> Goal:
    (goal,) = (each for each in goals(report) if each.name == name)
    return goal


@pytest.mark.parametrize(
    ("report", "name", "row"),
    [
        (with_ours(("315 B", 8), cpu_ms=0.5), "CPU of a call of 315 B", "at most 0.5 ms | 0.50 ms | 0.12 ms | met"),
        (with_ours(("121 KB", 8), cpu_ms=3.0), "CPU of a call of 121 KB", "at most 1.5 ms | 3.00 ms | 0.72 ms | missed 2.0 times"),
        (with_ours(("50 KB", 8), per_second=20), "throughput at 50 KB", "at least 20 % of F1 | 20 % |  | met"),
        (with_ours(("500 KB", 8), per_second=40), "throughput at 500 KB", "at least 80 % of F1 | 40 % |  | missed 2.0 times"),
        (with_ours(("5 MB", 8), per_second=250), "throughput at 5 MB", "at least 200 % of F1 | 250 % |  | met"),
        (with_ours(("50 KB", 4), p99_ms=60), "p99 at 50 KB, 4 connections", "at most 5 times F1's | 6.0 times |  | missed 1.2 times"),
        (with_ours(("50 KB, cards", 4), p99_ms=40), "p99, where each call makes a card", "the same | 4.0 times |  | met"),
        (replace(REPORT, audit_share=0.3), "audit, of a call of 121 KB", "at most 15 % of its CPU | 30 % |  | missed 2.0 times"),
        (REPORT, "rules on a chart of 500 KB", "at most 5 % of F1 | 4 % |  | met"),
        (REPORT, "rules, where they make a card", "the same | 20 % |  | missed 4.0 times"),
        (replace(REPORT, idle_mib=110), "memory of an idle worker", "at most 110 MiB | 110 MiB |  | met"),
        (replace(REPORT, ready_s=3.0), "CPU until ready", "at most 1.5 s | 3.0 s | 0.7 s | missed 2.0 times"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_a_goal_beside_what_was_found(report, name, row) -> None:
    assert found(report, name).row == f"| {name} | {row} |"


def test_a_machine_as_quick_as_that_of_the_goals_scales_nothing() -> None:
    f1 = {**FIGURES, ("50 KB", 4): replace(SAME, cpu_ms=F1_MS_WHERE_SET)}
    goal = found(replace(REPORT, whole={**REPORT.whole, "F1": f1}), "CPU of a call of 121 KB")
    assert goal.scaled == goal.found


@pytest.mark.parametrize(("version", "said"), [("0.16.1", "HealthChain 0.16.1 is the handler"), ("", "HealthChain is left out")])
def test_the_page_says_who_was_left_out(version, said) -> None:
    assert said in "\n".join(page(REPORT, version))


def test_what_is_drawn_is_by_size_and_by_cards() -> None:
    """The store and the tokens are another question."""
    carded = {**FIGURES, **{(f"{size}, cards", 8): SAME for size in SIZES}, ("315 B, ES384", 8): SAME}
    drawn = curves(replace(REPORT, whole={"F1": FIGURES, "service": carded, "PostgreSQL": FIGURES}))
    assert list(drawn) == ["F1", "service", "service, cards"]
    assert all([across for across, _ in points] == sorted(across for across, _ in points) and len(points) == len(SIZES) for points in drawn.values())


@pytest.mark.parametrize(
    ("configured", "prefix", "told"),
    [
        ("'--enable-optimizations' '--with-lto'", "/opt/python", "built with --enable-optimizations"),
        ("'--enable-optimizations'", "/usr", "built with --enable-optimizations"),
        ("'--enable-shared'", "/usr", "as the distribution builds it"),
        ("'--enable-shared'", "/opt/python", "built without --enable-optimizations (which costs about 20 %)"),
        ("", "/opt/python", "built without --enable-optimizations (which costs about 20 %)"),
    ],
)
def test_the_build_of_python_is_named(configured, prefix, told) -> None:
    assert built(configured, prefix) == told
