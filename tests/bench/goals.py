"""What was wanted, beside what a run found; and how this machine compares with the one on which the goals were set."""

from __future__ import annotations

from dataclasses import dataclass

from bench.load import Measured

Figures = dict[tuple[str, int], Measured]
F1_MS_WHERE_SET = 0.24
"""CPU of a call of 50 KB to F1 over 4 connections on the machine on which the goals were set."""


SLOWEST = (("p99 at 50 KB, 4 connections", "at most 5 times F1's", "50 KB"), ("p99, where each call makes a card", "the same", "50 KB, cards"))


@dataclass(frozen=True)
class Report:
    """Medians by subject, and what was seen of the service besides. `judged_ms` are for a chart of 500 KB without and with a critical card."""

    whole: dict[str, Figures]
    variation: float
    idle_mib: float
    used_mib: float
    ready_s: float
    rounds: int
    audit_share: float
    judged_ms: tuple[float, float]

    @property
    def slowness(self) -> float:
        """How many times the CPU this machine takes for the same call to F1 as the one on which the goals were set."""
        return self.whole["F1"]["50 KB", 4].cpu_ms / F1_MS_WHERE_SET


@dataclass(frozen=True)
class Goal:
    """`scaled`: what was found, as it would be at the pace of the machine on which the goals were set; only for those that are times."""

    name: str
    wanted: str
    found: float
    limit: float
    at_least: bool = False
    shown: str = "{:.2f}"
    scaled: float | None = None

    @property
    def missed_by(self) -> float:
        """How many times worse than wanted; 1 or less is met."""
        return self.limit / self.found if self.at_least else self.found / self.limit

    @property
    def row(self) -> str:
        scaled = "" if self.scaled is None else self.shown.format(self.scaled)
        verdict = "met" if self.missed_by <= 1 else f"missed {self.missed_by:.1f} times"
        return f"| {self.name} | {self.wanted} | {self.shown.format(self.found)} | {scaled} | {verdict} |"


def goals(report: Report) -> list[Goal]:
    ours, f1 = report.whole["service"], report.whole["F1"]
    return [
        *(_milliseconds(size, limit, report) for size, limit in (("315 B", 0.5), ("121 KB", 1.5))),
        *(_throughput(size, limit, report) for size, limit in (("50 KB", 20), ("500 KB", 80), ("5 MB", 200))),
        *(_slowest(name, wanted, ours[what, 4], f1["50 KB", 4]) for name, wanted, what in SLOWEST),
        Goal("audit, of a call of 121 KB", "at most 15 % of its CPU", report.audit_share * 100, 15, shown="{:.0f} %"),
        Goal("rules on a chart of 500 KB", "at most 5 % of F1", report.judged_ms[0] / f1["500 KB", 8].cpu_ms * 100, 5, shown="{:.0f} %"),
        Goal("rules, where they make a card", "the same", report.judged_ms[1] / f1["500 KB", 8].cpu_ms * 100, 5, shown="{:.0f} %"),
        Goal("memory of an idle worker", "at most 110 MiB", report.idle_mib, 110, shown="{:.0f} MiB"),
        Goal("CPU until ready", "at most 1.5 s", report.ready_s, 1.5, shown="{:.1f} s", scaled=report.ready_s / report.slowness),
    ]


def _milliseconds(size: str, limit: float, report: Report) -> Goal:
    found = report.whole["service"][size, 8].cpu_ms
    return Goal(f"CPU of a call of {size}", f"at most {limit} ms", found, limit, shown="{:.2f} ms", scaled=found / report.slowness)


def _slowest(name: str, wanted: str, ours: Measured, f1: Measured) -> Goal:
    return Goal(name, wanted, ours.p99_ms / f1.p99_ms, 5, shown="{:.1f} times")


def _throughput(size: str, limit: float, report: Report) -> Goal:
    ours, f1 = (report.whole[name][size, 8].per_second for name in ("service", "F1"))
    return Goal(f"throughput at {size}", f"at least {limit:g} % of F1", ours / f1 * 100, limit, at_least=True, shown="{:.0f} %")
