"""Processes that append to one log at the same time, each like a worker of the service. They start at one moment, on a store that may not be there yet.

python tests/appending.py DATA_DIR --workers 4 --seconds 60 prints what was reached; --without-lock leaves out the lock file beside SQLite.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import traceback
from collections import deque
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from time import monotonic
from typing import NoReturn

from stores import Store, an_entry

from cds_hooks.audit import database

IN_HAND = 16
"""Calls that wait in each worker at any time."""
WORDS = "x" * 1500
"""Makes an entry about as long as that of a call with one card."""


Told = list[tuple[int, int, float]]
"""What one worker was told: the number of each entry in the order handed over, its sequence, and how long that took in seconds."""


def appended(store: Store, workers: int, seconds: float, *options: str) -> list[Told]:
    """What processes of their own were told. Raises AssertionError when one of them failed."""
    where = [str(store.data_dir), *(["--url", store.url] if store.url else [])]
    command = [sys.executable, __file__, *where, "--workers", str(workers), "--seconds", str(seconds), "--json", *options]
    path = os.pathsep.join(str(each) for each in (Path(__file__).parents[1], Path(__file__).parent))
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 120, check=False, env={**os.environ, "PYTHONPATH": path})
    assert done.returncode == 0, done.stderr
    return [[tuple(each) for each in told] for told in json.loads(done.stdout)]


def _worker(store: Store, number: int, seconds: float) -> Told:
    writer, waiting, told, handed_over = store.writer(), deque(), [], 0
    until = monotonic() + seconds
    while monotonic() < until or waiting:
        while len(waiting) < IN_HAND and monotonic() < until:
            waiting.append((handed_over, monotonic(), writer.write(an_entry(f"{number}-{handed_over}", words=WORDS))))
            handed_over += 1
        entry, since, done = waiting.popleft()
        told.append((entry, done.result(timeout=60), monotonic() - since))
    writer.close()
    return told


def _report(pipe: int, work: Callable[[], object]) -> NoReturn:
    """Ends a forked process, and never lets it go on into what its parent does next."""
    try:
        told = json.dumps(work()).encode()
        with os.fdopen(pipe, "wb") as parent:
            parent.write(told)
        os._exit(0)
    finally:
        traceback.print_exc()
        os._exit(1)


def _forked(store: Store, workers: int, seconds: float) -> list[Told]:
    store.data_dir.mkdir(parents=True, exist_ok=True)
    children = []
    for number in range(workers):
        reads, writes = os.pipe()
        child = os.fork()
        if child == 0:
            _report(writes, lambda: _worker(store, number, seconds))  # noqa: B023 - called at once
        os.close(writes)
        children.append((child, reads))
    results = []
    for child, reads in children:
        with os.fdopen(reads, "rb") as pipe:
            results.append(pipe.read())
        if os.waitpid(child, 0)[1]:
            sys.exit("a worker failed")
    return [json.loads(each) for each in results]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("--url")
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--without-lock", action="store_true")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.without_lock:
        database._locked = lambda _: nullcontext()
    told = _forked(Store(given.url, given.data_dir), given.workers, given.seconds)
    sys.stdout.write(json.dumps(told) if given.json else figures(told, given.seconds))


def figures(told: list[Told], seconds: float) -> str:
    """The first entries of each worker are left out of the waits where there are more: they wait for the tables to be made."""
    count = sum(map(len, told))
    waits = sorted(wait for worker in told for _, _, wait in worker[IN_HAND if len(worker) > IN_HAND else 0 :])
    reached = f"{count} entries by {len(told)} workers ({[len(each) for each in told]}): {count / seconds:.0f}/s"
    return f"{reached}, median {_ms(waits, 0.5)}, p99 {_ms(waits, 0.99)}, most {_ms(waits, 1)}\n"


def _ms(waits: list[float], share: float) -> str:
    return f"{waits[min(len(waits) - 1, int(len(waits) * share))] * 1000:.1f} ms"


if __name__ == "__main__":
    main()
