"""How quickly a large audit log is filled, indexed, searched and verified: `make bench-audit`, or with --entries and --url for other sizes and stores."""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from statistics import median
from time import perf_counter

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: E402
from many_entries import Plan, fill  # noqa: E402

from cds_hooks.audit import index, search  # noqa: E402
from cds_hooks.audit.asked import asked  # noqa: E402
from cds_hooks.audit.database import Database, database  # noqa: E402
from cds_hooks.audit.found import opened  # noqa: E402
from cds_hooks.audit.review.pages import SEARCH_SECONDS  # noqa: E402
from cds_hooks.audit.verify import verify  # noqa: E402

TIMES = 5
LIMIT_MS = 300
QUESTIONS: tuple[dict[str, str], ...] = (
    {},
    {"kind": "clinical"},
    {"since": "2026-11-20", "until": "2026-11-20"},
    {"since": "2026-09-01", "until": "2026-09-01T00:10"},
    {"since": "2026-09-01", "until": "2026-11-01"},
    {"until": "2026-08-25"},
    {"since": "2020-01-01"},
    {"client": "lakeside"},
    {"user": "7"},
    {"patient": "123"},
    {"patient": "nobody"},
    {"rule": "R01"},
    {"rule": "R01", "indicator": "critical"},
    {"rule": "R01", "indicator": "info"},
    {"rule": "R02", "since": "2026-11-20", "until": "2026-11-20"},
    {"outcome": "rules ran, none fired"},
    {"outcome": "rules ran, none fired", "rule": "R01"},
    {"outcome": "rules ran, none fired", "indicator": "critical"},
    {"kind": "feedback", "outcome": "cards"},
    {"kind": "feedback", "outcome": "rules ran, none fired"},
    {"kind": "feedback", "answer": "overridden", "indicator": "critical", "since": "2026-11-20", "until": "2026-11-20"},
    {"answer": "accepted", "reason": "other"},
    {"slow": "1000"},
    {"slow": "100", "outcome": "unauthorized"},
    {"slow": "100", "kind": "feedback"},
    {"client": "county-clinic", "outcome": "cards", "slow": "100", "rule": "R09"},
    {"client": "general-hospital", "kind": "refused"},
    {"client": "lakeside", "user": "7", "indicator": "critical"},
    {"kind": "keeping"},
    {"correlation": "00000000-0000-4000-8000-000000000000"},
)


def main() -> None:
    given = _arguments()
    with nullcontext(given.folder) if given.folder else tempfile.TemporaryDirectory() as folder:
        store = database(given.url, Path(folder))
        store.ready().close()
        if index.coverage_of(store).head == 0:
            _timed(f"fill with {given.entries:,} entries", lambda: fill(store, Plan(given.entries)))
        _timed("bring the index up to date", lambda: index.bring_up_to_date(store, batch=given.batch))
        slowest = max(_search(store, words) for words in QUESTIONS)
        sys.stdout.write(f"slowest first page {slowest:.0f} ms, aim {LIMIT_MS} ms")
        if not given.only_search:
            _timed("compare the index with the entries", lambda: index.index_matches(store))
            _timed("verify the chain", lambda: _verify(store.file or given.url))
    _say(f"most memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")
    sys.exit(1 if slowest > LIMIT_MS else 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="a data directory; one that holds a log already is used as it is")
    parser.add_argument("--url", help="a PostgreSQL database instead of a SQLite file")
    parser.add_argument("--batch", type=int, default=index.BATCH, help="entries indexed in one transaction")
    parser.add_argument("--only-search", action="store_true")
    return parser.parse_args()


def _search(store: Database, words: dict[str, str]) -> float:
    """The first page and the second, in ms; the median of several."""
    wanted = asked(words).filter
    first = search.page(store, wanted)
    pages = [_milliseconds(lambda: search.page(store, wanted, seconds=SEARCH_SECONDS)) for _ in range(TIMES)]
    older = _milliseconds(lambda: search.page(store, wanted, first.older, seconds=SEARCH_SECONDS)) if first.older else 0.0
    _say(f"{median(pages):7.1f} ms  most {max(pages):7.1f}  older {older:7.1f}  {len(first.hits):3} hits  {words or 'everything'}")
    return max(median(pages), older)


def _verify(where: Path | str) -> None:
    with opened(where) as found:
        report = verify(found.rows, found.checkpoints, [Ed25519PrivateKey.generate().public_key()])
    assert report.problem is None, report.problem


def _timed(what: str, work: Callable[[], object]) -> None:
    _say(f"{_milliseconds(work) / 1000:8.1f} s  {what}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _milliseconds(work: Callable[[], object]) -> float:
    begun = perf_counter()
    work()
    return (perf_counter() - begun) * 1000


if __name__ == "__main__":
    main()
