"""The processes that are measured: floors, the service, and HealthChain where it is installed; each ended by its pid."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.load import PATH, Measured, measured
from serving import free_port, serving, wait_until_ready

HERE = Path(__file__).parent
PEERS = Path(__file__).resolve().parents[2] / ".venv-peers"
PEER_PATH = "/cds/cds-services/pinched-nerve-patient-view"
PEER = "HealthChain"
PEER_LOOPS = {PEER: "asyncio", f"{PEER}, uvloop": "uvloop"}
"""As uvicorn runs by itself, with asyncio and h11; and with the uvloop and httptools that the floors and the service have."""


@dataclass(frozen=True)
class Subject:
    """A process that answers, and what has been measured of it, by what was sent over how many connections."""

    name: str
    port: int
    pid: int
    path: str = PATH
    found: dict[tuple[str, int], list[Measured]] = field(default_factory=dict)

    def take(self, what: str, requests: Sequence[bytes], seconds: float, connections: int) -> Measured:
        taken = measured(self.port, self.pid, requests, seconds, connections)
        self.found.setdefault((what, connections), []).append(taken)
        return taken

    def median(self, what: str, connections: int) -> Measured:
        every = self.found[what, connections]
        return Measured(*(statistics.median(getattr(each, name) for each in every) for name in ("cpu_ms", "per_second", "p50_ms", "p99_ms")))

    def varied(self, what: str, connections: int) -> float:
        """How far the middle half of the rounds lies apart, as a part of the median; a single round says nothing of it."""
        every = [each.cpu_ms for each in self.found[what, connections]]
        low, middle, high = statistics.quantiles(every, n=4) if len(every) > 1 else (every[0],) * 3
        return (high - low) / middle


@contextmanager
def service(name: str, folder: Path, *options: str, port: int = 0) -> Iterator[Subject]:
    folder.mkdir(exist_ok=True)
    with serving(folder, *options, port=port) as running:
        yield Subject(name, int(running.base.rpartition(":")[2]), running.process.pid)


@contextmanager
def floor(name: str) -> Iterator[Subject]:
    with _process(name, [sys.executable, str(HERE / "floors.py"), name], "/readyz") as running:
        yield running


@contextmanager
def peer(name: str) -> Iterator[Subject]:
    command = [str(PEERS / "bin" / "python"), str(HERE / "healthchain_service.py"), PEER_LOOPS[name]]
    with _process(name, command, "/health", PEER_PATH) as running:
        yield running


def peer_version() -> str:
    """Of the HealthChain that `make peers` installed; empty without it."""
    found = next(PEERS.glob("lib/python*/site-packages/healthchain-*.dist-info"), None)
    return found.name.removeprefix("healthchain-").removesuffix(".dist-info") if found else ""


@contextmanager
def _process(name: str, command: list[str], ready: str, path: str = PATH) -> Iterator[Subject]:
    """The command with a free port as its last argument. What it says of itself is not for the page."""
    port = free_port()
    process = subprocess.Popen([*command, str(port)], stdout=subprocess.DEVNULL)
    try:
        wait_until_ready(f"http://127.0.0.1:{port}", process, ready)
        yield Subject(name, port, process.pid, path)
    finally:
        process.terminate()
        process.wait(timeout=20)
