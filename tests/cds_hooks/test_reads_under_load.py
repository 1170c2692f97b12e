"""A FHIR server that takes its time holds up nobody but those who wait for it. No clock decides; the figures are printed."""

from __future__ import annotations

import json
import sys
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

import pytest
from calls import SERVICE, call
from charts import Chart, person, problem
from fhir_server import fhir_server
from serving import serving

SLOW_CALLS, AT_ONCE = 48, 8
FULL = call(Chart((person(), problem("leg cramps", 5), problem("urinary incontinence", 2))))


@pytest.mark.heavy
def test_others_are_answered_while_slow_reads_are_pending(tmp_path, capsys) -> None:
    (tmp_path / "settings.toml").write_text("time_budget_ms = 20000\n")
    pending, lock, fast, meanwhile = 0, threading.Lock(), [], 0

    def post(base: str, body: dict) -> tuple[float, dict]:
        request = urllib.request.Request(base + SERVICE, json.dumps(body).encode(), {"Content-Type": "application/json"})
        begun = perf_counter()
        with urllib.request.urlopen(request, timeout=60) as answer:
            return (perf_counter() - begun) * 1000, json.load(answer)

    def slow(_: int) -> tuple[float, dict]:
        nonlocal pending
        with lock:
            pending += 1
        try:
            return post(running.base, call(prefetch={}, fhirServer=ehr.base))
        finally:
            with lock:
                pending -= 1

    chart = Chart((person(), problem("leg cramps", 5), problem("urinary incontinence", 2)))
    with serving(tmp_path, "--config", str(tmp_path / "settings.toml")) as running, fhir_server(chart, delay=0.3) as ehr:
        alone = sorted(post(running.base, FULL)[0] for _ in range(100))
        with ThreadPoolExecutor(AT_ONCE) as pool:
            waiting = [pool.submit(slow, number) for number in range(SLOW_CALLS)]
            while not all(each.done() for each in waiting):
                before = pending
                took, answer = post(running.base, FULL)
                assert answer["cards"]
                fast.append(took)
                meanwhile += before > 0 and pending > 0
        read = sorted(each.result()[0] for each in waiting)
        assert all(each.result()[1]["cards"] for each in waiting)
    assert meanwhile >= SLOW_CALLS // AT_ONCE
    with capsys.disabled():
        for name, taken in (("full prefetch, alone", alone), ("full prefetch, meanwhile", sorted(fast)), ("read at 300 ms a read", read)):
            shown = f"p50 {taken[len(taken) // 2]:.1f} ms, p95 {taken[len(taken) * 95 // 100]:.1f} ms, most {taken[-1]:.1f} ms"
            sys.stdout.write(f"\n{name}: {len(taken)} calls, {shown}")
