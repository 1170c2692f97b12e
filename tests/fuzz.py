"""100,000 hostile bodies against the service in process: no 5xx, no unhandled failure, no echo, and memory that stays flat. `make fuzz`."""

from __future__ import annotations

import argparse
import asyncio
import copy
import json
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import httpx2

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "properties")]

from calls import SERVICE  # noqa: E402
from test_bodies import CANARY, PLACES, RICH, spoil  # noqa: E402

from cds_hooks.app import create_app, utc_now  # noqa: E402
from cds_hooks.audit.store import open_log, prepare  # noqa: E402
from cds_hooks.settings import Settings  # noqa: E402

VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**63, 10**30, 1e308, "", " ", CANARY, "active", "2026-02-30", "Patient/x", "<b>", "\u202e", "\0", "x" * 5000, [], {}, [[]], [CANARY], {"reference": CANARY}, {"text": CANARY}, ...,
)  # fmt: skip
LITERALS = (b"NaN", b"1e999", b'"\\ud800"', b"\xff", b"[" * 100, b"9" * 400, b'"context": {}', b"}", b"\x00", b"//", b'"', b"\\")
MOST_GROWTH = 1.05
TOGETHER = 8


def body(chance: random.Random) -> bytes:
    """A good call with places spoilt, and now and then with bytes that are no JSON."""
    call = copy.deepcopy(RICH)
    for _ in range(chance.randint(1, 4)):
        if chance.random() < 0.8:
            spoil(call.get("prefetch"), chance.choice(PLACES), copy.deepcopy(chance.choice(VALUES)))
        else:
            spoil(call, (chance.choice(list(RICH)),), copy.deepcopy(chance.choice(VALUES)))
    written = json.dumps(call).encode()
    if chance.random() < 0.3:
        place = chance.randrange(len(written))
        written = written[:place] + chance.choice(LITERALS) + written[place + chance.randint(0, 3) :]
    return written if chance.random() < 0.95 else chance.randbytes(chance.randint(0, 500))


def memory() -> int:
    """Bytes in use now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


async def run(times: int, seed: int, most_growth: float = MOST_GROWTH) -> int:
    """Each body is answered, and its entry on disk, with a few others under way."""
    chance, statuses, settled = random.Random(seed), Counter[int](), 0
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        prepare(settings, utc_now)
        kept = open_log(settings, utc_now)
        transport = httpx2.ASGITransport(app=create_app(settings, audit=kept))
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            for first in range(0, times, TOGETHER):
                sent = [client.post(SERVICE, content=body(chance), headers={"content-type": "application/json"}) for _ in range(TOGETHER)]
                for number, answer in enumerate(await asyncio.gather(*sent), first):
                    statuses[answer.status_code] += 1
                    if answer.status_code >= 500 or (answer.status_code >= 400 and CANARY in answer.text):
                        sys.stdout.write(f"seed {seed}, body {number}: {answer.status_code} {answer.text}\n")
                        return 1
                if first <= times // 5:
                    settled = memory()
        await kept.close()
    growth = memory() / settled
    sys.stdout.write(f"seed {seed}: {times} bodies, {dict(sorted(statuses.items()))}, memory {settled >> 20} MiB after a fifth, x {growth:.3f} at the end\n")
    return 0 if growth <= most_growth else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=20261122)
    chosen = parser.parse_args()
    raise SystemExit(asyncio.run(run(chosen.times, chosen.seed)))
