"""`make bench`: what a call costs, beside floors that no service can be faster than, all measured in turn in one run. Loopback only."""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from bench.bodies import SIZES, body  # noqa: E402
from bench.load import PATH, Measured, audit_seconds, cpu_seconds, measured, memory_mib, request  # noqa: E402
from bench.plots import draw  # noqa: E402
from bench.pure import rules_ms  # noqa: E402
from bench.report import Report, curves, page  # noqa: E402
from serving import free_port, serving, wait_until_ready  # noqa: E402
from tokens import bearer, claims, header, jwks_file, key, production_options  # noqa: E402

FLOORS = ("F0", "F1")
PEER_PATH = "/cds/cds-services/pinched-nerve-patient-view"
CONNECTIONS = (1, 8, 64)
LARGEST = "5 MB"
"""Of which no service holds 64 at once."""
ROUNDS = 5
MOST_VARIATION = 0.3
ALGORITHMS = ("ES384", "RS384")
TOKENS = 400
"""Signed beforehand for each stretch: a token is good for one call."""


@dataclass(frozen=True)
class Subject:
    """A process that answers, and what has been measured of it, by what was sent over how many connections."""

    name: str
    port: int
    pid: int
    path: str = PATH
    found: dict[tuple[str, int], list[Measured]] = field(default_factory=dict)

    def take(self, what: str, requests: list[bytes], seconds: float, connections: int) -> None:
        self.found.setdefault((what, connections), []).append(measured(self.port, self.pid, requests, seconds, connections))

    def median(self, what: str, connections: int) -> Measured:
        every = self.found[what, connections]
        return Measured(*(statistics.median(getattr(each, name) for each in every) for name in ("cpu_ms", "per_second", "p50_ms", "p99_ms")))

    def varied(self, what: str, connections: int) -> float:
        """How far the middle half of the rounds lies apart, as a part of the median."""
        low, middle, high = statistics.quantiles((each.cpu_ms for each in self.found[what, connections]), n=4)
        return (high - low) / middle


@contextmanager
def floor(name: str) -> Iterator[Subject]:
    port = free_port()
    process = subprocess.Popen([sys.executable, str(Path(__file__).with_name("floors.py")), name, str(port)])
    try:
        wait_until_ready(f"http://127.0.0.1:{port}", process)
        yield Subject(name, port, process.pid)
    finally:
        process.terminate()
        process.wait(timeout=20)


@contextmanager
def peer() -> Iterator[Subject | None]:
    """HealthChain, where `make peers` has installed it."""
    python = ROOT / ".venv-peers" / "bin" / "python"
    if not [*python.parents[1].glob("lib/python*/site-packages/healthchain")]:
        yield None
        return
    port = free_port()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([python, str(Path(__file__).with_name("healthchain_service.py")), str(port)], **quiet)
    try:
        wait_until_ready(f"http://127.0.0.1:{port}", process, "/health")
        yield Subject("HealthChain", port, process.pid, PEER_PATH)
    finally:
        process.terminate()
        process.wait(timeout=20)


@contextmanager
def service(name: str, folder: Path, *options: str, port: int = 0) -> Iterator[Subject]:
    folder.mkdir(exist_ok=True)
    with serving(folder, *options, port=port) as running:
        yield Subject(name, int(running.base.rpartition(":")[2]), running.process.pid)


def signed(algorithm: str, port: int) -> list[bytes]:
    """Calls with a token each, good for this one call."""
    signer, audience = key(algorithm), f"http://127.0.0.1:{port}{PATH}"
    heads = (bearer(claims(aud=audience), header(alg=algorithm, kid=algorithm), by=signer) for _ in range(TOKENS))
    return [request(body("315 B"), each["authorization"]) for each in heads]


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=0.5, help="for each stretch of calls")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--database-url", default="", help="a PostgreSQL database for the log, beside SQLite")
    parser.add_argument("--keep-going", action="store_true", help="print figures even where the floor varies too much to trust them")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        report = _measure(Path(folder), running, chosen)
    sys.stdout.write("\n".join(page(report)) + "\n")
    if report.variation > MOST_VARIATION and not chosen.keep_going:
        sys.stderr.write(f"The floor itself varied by {report.variation:.0%}: nothing can be told from this run. Try again when the machine is quieter.\n")
        return 1
    if chosen.write:
        (ROOT / "docs" / "performance.md").write_text("\n".join(page(report)) + "\n")
        draw("cpu", "CPU of a call by the size of its body, 8 connections", "KB", "ms", curves(report))
    return 0


def _measure(folder: Path, running: ExitStack, chosen: argparse.Namespace) -> Report:
    floors = [running.enter_context(floor(name)) for name in FLOORS]
    ours = running.enter_context(service("service", folder / "sqlite"))
    ready_s, idle_mib = cpu_seconds(ours.pid), memory_mib(ours.pid)
    port = free_port()
    (folder / "keys").mkdir()
    options = production_options(folder / "keys", port)
    jwks_file(folder / "keys", *ALGORITHMS)
    guarded = running.enter_context(service("with tokens", folder / "guarded", *options, port=port))
    others = [guarded]
    if chosen.database_url:
        config = folder / "postgresql.toml"
        config.write_text(f'database_url = "{chosen.database_url}"\n')
        others.append(running.enter_context(service("PostgreSQL", folder / "postgresql", "--config", str(config))))
    compared = running.enter_context(peer())
    for _ in range(chosen.rounds):
        _round([*floors, ours], others, chosen.seconds, compared)
    whole = {each.name: {what: each.median(*what) for what in each.found} for each in (*floors, ours, *others, *([compared] if compared else []))}
    return Report(
        whole=whole,
        variation=max(each.varied("50 KB", 8) for each in floors),
        idle_mib=idle_mib,
        used_mib=memory_mib(ours.pid),
        ready_s=ready_s,
        rounds=chosen.rounds,
        audit_share=_audit_share(ours, chosen.seconds * chosen.rounds),
        rules_ms=rules_ms(body("500 KB")),
    )


def _audit_share(ours: Subject, seconds: float) -> float:
    """Of all CPU of calls of 121 KB, that of the thread that writes the audit log."""
    before, writing = cpu_seconds(ours.pid), audit_seconds(ours.pid)
    measured(ours.port, ours.pid, [request(body("121 KB"))], seconds, 8)
    return (audit_seconds(ours.pid) - writing) / (cpu_seconds(ours.pid) - before)


def _round(alike: list[Subject], others: list[Subject], seconds: float, compared: Subject | None) -> None:
    """Everybody in turn with the same calls, so that a busy moment of the machine falls on all."""
    alike[1].take("50 KB", [request(body("50 KB"))], seconds, 4)
    alike[-1].take("50 KB, cards", [request(body("50 KB", cards=True))], seconds, 4)
    for size in SIZES:
        if compared and size != LARGEST:
            compared.take(size, [request(body(size), path=compared.path)], seconds, 8)
        for connections in CONNECTIONS if size != LARGEST else CONNECTIONS[:-1]:
            for each in alike:
                each.take(size, [request(body(size))], seconds, connections)
        alike[-1].take(f"{size}, cards", [request(body(size, cards=True))], seconds, 8)
    for each in others:
        if each.name == "with tokens":
            for algorithm in ALGORITHMS:
                each.take(f"315 B, {algorithm}", signed(algorithm, each.port), seconds, 8)
        else:
            for connections in (1, 8):
                each.take("315 B", [request(body("315 B"))], seconds, connections)


if __name__ == "__main__":
    sys.exit(main())
