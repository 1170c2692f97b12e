"""`make bench`: what a call costs, beside floors that no service can be faster than, all measured in turn in one run. Loopback only."""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from bench.bodies import SIZES, body  # noqa: E402
from bench.goals import Report  # noqa: E402
from bench.load import PATH, measured, request  # noqa: E402
from bench.plots import draw  # noqa: E402
from bench.process import cpu_seconds, memory_mib, writing_seconds  # noqa: E402
from bench.pure import judged_ms  # noqa: E402
from bench.report import curves, page  # noqa: E402
from bench.subjects import PEER_LOOPS, Subject, floor, peer, peer_version, service  # noqa: E402
from serving import free_port  # noqa: E402
from tokens import bearer, claims, header, jwks_file, key, production_options  # noqa: E402

FLOORS = ("F0", "F1")
CONNECTIONS = (1, 8, 64)
LARGEST = "5 MB"
"""Of which no service holds 64 at once."""
ROUNDS = 5
MOST_VARIATION = 0.3
ALGORITHMS = ("ES384", "RS384")
TAIL_SECONDS = 3.0
"""For the three stretches whose slowest calls are compared: of a few dozen calls the slowest hundredth is just the slowest one."""
TOKENS = 400
"""Signed beforehand for each stretch: a token is good for one call."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=0.5, help="for each stretch of calls")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--database-url", default="", help="a PostgreSQL database for the log, beside SQLite")
    parser.add_argument("--keep-going", action="store_true", help="print figures even where the floor varies too much to trust them")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md and its plot")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        report = _measure(Path(folder), running, chosen)
    text = "\n".join(page(report, peer_version())) + "\n"
    sys.stdout.write(text)
    if report.variation > MOST_VARIATION and not chosen.keep_going:
        sys.stderr.write(f"The floor itself varied by {report.variation:.0%}: nothing can be told from this run. Try again when the machine is quieter.\n")
        return 1
    if chosen.write:
        (ROOT / "docs" / "performance.md").write_text(text)
        draw("cpu", "CPU of a call by the size of its body, 8 connections", "KB", "ms", curves(report))
    return 0


def _measure(folder: Path, running: ExitStack, chosen: argparse.Namespace) -> Report:
    floors = [running.enter_context(floor(name)) for name in FLOORS]
    ours = running.enter_context(service("service", folder / "sqlite"))
    ready_s, idle_mib = cpu_seconds(ours.pid), memory_mib(ours.pid)
    others = [running.enter_context(each) for each in _others(folder, chosen.database_url)]
    peers = [running.enter_context(peer(name)) for name in PEER_LOOPS] if peer_version() else []
    judged: list[tuple[float, float]] = []
    for _ in range(chosen.rounds):
        _round([*floors, ours], peers, others, chosen.seconds)
        judged.append((judged_ms(body("500 KB")), judged_ms(body("500 KB", cards=True))))
    quiet_ms, card_ms = (statistics.median(each) for each in zip(*judged, strict=True))
    return Report(
        whole={each.name: {what: each.median(*what) for what in each.found} for each in (*floors, ours, *peers, *others)},
        variation=max(each.varied("50 KB", 8) for each in floors),
        idle_mib=idle_mib,
        used_mib=memory_mib(ours.pid),
        ready_s=ready_s,
        rounds=chosen.rounds,
        audit_share=_audit_share(ours, chosen.seconds * chosen.rounds),
        judged_ms=(quiet_ms, card_ms),
    )


def _others(folder: Path, database_url: str) -> Iterator[AbstractContextManager[Subject]]:
    """The service again: with tokens, and with its log elsewhere."""
    port, keys = free_port(), folder / "keys"
    keys.mkdir()
    options = production_options(keys, port)
    jwks_file(keys, *ALGORITHMS)
    yield service("with tokens", folder / "guarded", *options, port=port)
    if database_url:
        config = folder / "postgresql.toml"
        config.write_text(f'database_url = "{database_url}"\n')
        yield service("PostgreSQL", folder / "postgresql", "--config", str(config))


def _audit_share(ours: Subject, seconds: float) -> float:
    """Of all CPU of calls of 121 KB, that of the thread that writes the audit log."""
    used, writing = cpu_seconds(ours.pid), writing_seconds(ours.pid)
    measured(ours.port, ours.pid, [request(body("121 KB"))], seconds, 8)
    return (writing_seconds(ours.pid) - writing) / (cpu_seconds(ours.pid) - used)


def _round(alike: list[Subject], peers: list[Subject], others: list[Subject], seconds: float) -> None:
    """Everybody in turn with the same calls, so that a busy moment of the machine falls on all."""
    _, f1, ours = alike
    f1.take("50 KB", [request(body("50 KB"))], max(seconds, TAIL_SECONDS), 4)
    ours.take("50 KB", [request(body("50 KB"))], max(seconds, TAIL_SECONDS), 4)
    ours.take("50 KB, cards", [request(body("50 KB", cards=True))], max(seconds, TAIL_SECONDS), 4)
    for size in SIZES:
        for each in peers if size != LARGEST else ():
            each.take(size, [request(body(size), path=each.path)], seconds, 8)
        for connections in CONNECTIONS if size != LARGEST else CONNECTIONS[:-1]:
            for each in alike:
                each.take(size, [request(body(size))], seconds, connections)
        ours.take(f"{size}, cards", [request(body(size, cards=True))], seconds, 8)
    for each in others:
        if each.name == "with tokens":
            for algorithm in ALGORITHMS:
                each.take(f"315 B, {algorithm}", signed(algorithm, each.port), seconds, 8)
        else:
            for connections in (1, 8):
                each.take("315 B", [request(body("315 B"))], seconds, connections)


def signed(algorithm: str, port: int) -> list[bytes]:
    """Calls with a token each, good for this one call."""
    signer, audience = key(algorithm), f"http://127.0.0.1:{port}{PATH}"
    heads = (bearer(claims(aud=audience), header(alg=algorithm, kid=algorithm), by=signer) for _ in range(TOKENS))
    return [request(body("315 B"), each["authorization"]) for each in heads]


if __name__ == "__main__":
    sys.exit(main())
