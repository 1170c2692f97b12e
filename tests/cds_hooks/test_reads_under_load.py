"""A FHIR server that takes its time holds up nobody but those who wait for it. No clock decides; the figures are printed."""

from __future__ import annotations

import json
import sys
import threading
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from calls import SERVICE, call
from charts import Chart, person, problem
from fhir_server import fhir_server_elsewhere
from serving import serving

SLOW_CALLS, ALONE, WHOLE = 48, 100, 20_000
CHART = Chart((person(), problem("leg cramps", 5), problem("urinary incontinence", 2)))
FULL = call(CHART)


@dataclass
class Load:
    """Calls that wait for a FHIR server, and calls with a full prefetch meanwhile: milliseconds and answers."""

    base: str
    fhir: str
    pending: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def post(self, body: dict[str, Any]) -> tuple[float, dict[str, Any]]:
        request = urllib.request.Request(self.base + SERVICE, json.dumps(body).encode(), {"Content-Type": "application/json"})
        begun = perf_counter()
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                read = json.load(answer)
        except urllib.error.HTTPError as refused:
            read = json.load(refused)
        return (perf_counter() - begun) * 1000, read

    def waiting(self, _: int) -> tuple[float, dict[str, Any]]:
        with self.lock:
            self.pending += 1
        try:
            return self.post(call(prefetch={}, fhirServer=self.fhir))
        finally:
            with self.lock:
                self.pending -= 1

    def meanwhile(self, slow: list[Any]) -> Iterator[tuple[float, bool]]:
        """Calls with a full prefetch until the slow ones are done, and whether one was pending all the time."""
        while not all(each.done() for each in slow):
            before = self.pending
            took, answer = self.post(FULL)
            assert answer["cards"]
            yield took, before > 0 and self.pending > 0


def ended(answer: dict[str, Any]) -> str:
    if "cards" not in answer:
        return "412"
    return "whole" if not any("could not be obtained" in card["detail"] or "incomplete" in card["detail"] for card in answer["cards"]) else "with a gap line"


def figures(name: str, taken: list[float]) -> str:
    taken = sorted(taken)
    p50, p99 = taken[len(taken) // 2], taken[len(taken) * 99 // 100]
    return f"\n{name}: {len(taken)} calls, p50 {p50:.1f} ms, p99 {p99:.1f} ms, most {taken[-1]:.1f} ms"


@pytest.mark.heavy
@pytest.mark.parametrize(("budget", "at_once"), [(450, 1), (450, 4), (450, 8), (WHOLE, 8)])
def test_others_are_answered_while_slow_reads_are_pending(budget: int, at_once: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """300 ms a read: with the usual budget some calls end with what came in time; with a long one all are whole."""
    (tmp_path / "settings.toml").write_text(f"time_budget_ms = {budget}\n")
    with serving(tmp_path, "--config", str(tmp_path / "settings.toml")) as running, fhir_server_elsewhere(CHART, 0.3) as fhir:
        load = Load(running.base, fhir)
        alone = [load.post(FULL)[0] for _ in range(ALONE)]
        with ThreadPoolExecutor(at_once) as pool:
            slow = [pool.submit(load.waiting, number) for number in range(SLOW_CALLS)]
            fast = list(load.meanwhile(slow))
        waited = [each.result() for each in slow]
    ends = Counter(ended(answer) for _, answer in waited)
    assert sum(beside for _, beside in fast) >= SLOW_CALLS // 8
    assert budget != WHOLE or ends == {"whole": SLOW_CALLS}
    with capsys.disabled():
        sys.stdout.write(f"\n{SLOW_CALLS} calls read at 300 ms a read, {at_once} at once, time budget {budget} ms: {dict(ends)}")
        sys.stdout.write(figures("full prefetch, alone", alone) + figures("full prefetch, meanwhile", [took for took, _ in fast]))
        sys.stdout.write(figures("read", [took for took, _ in waited]))
