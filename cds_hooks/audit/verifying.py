"""A program of its own that verifies an audit log: python -m cds_hooks.audit.verifying LOG --public-key FILE.

Exit codes: 0 the log is whole, 1 it was tampered with, 2 it or the key cannot be read, or nothing of it is signed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cds_hooks.audit.found import CannotRead, opened, shipped
from cds_hooks.audit.verify import Damaged, Problem, Report, public_keys, verify

Shown = Callable[[int, int], None]
"""Told now and then how many entries were looked at, and how many there are."""


def check(where: Path | str, key_file: Path, checkpoint_file: Path | None = None, shown: Shown = lambda *_: None) -> Report:
    """Verify the log in a file (SQLite or NDJSON export) or at a PostgreSQL URL. Raises CannotRead."""
    keys = _keys(key_file)
    kept = shipped(checkpoint_file) if checkpoint_file else []
    report = Report()
    try:
        with opened(where) as log:
            count = log.count
            report = verify(log.rows, log.checkpoints, keys, kept, lambda done: shown(done, count), every=log.every)
    except Damaged as wrong:
        report.problem = Problem(1, str(wrong))
    if not report.entries and not report.problem:
        raise CannotRead("The log holds no entry: there is nothing to verify.")
    return report


def sentence(report: Report) -> str:
    """What was found, in words."""
    if report.problem:
        return f"TAMPERED at entry {report.problem.sequence}: {report.problem.what.rstrip('.')}."
    unsigned = report.last - max(report.signed_through, report.first - 1)
    entries = "1 entry" if report.entries == 1 else f"{report.entries} entries, {report.first} to {report.last}"
    if not report.whole:
        return f"NOT SIGNED: {entries}, follow one another, and no checkpoint proves who wrote them. Give the checkpoints that were kept, with --checkpoints."
    checkpoints = "1 checkpoint" if report.checkpoints == 1 else f"{report.checkpoints} checkpoints"
    tail = f"; chained and not signed yet: the newest {unsigned}" if unsigned else ""
    return f"Whole: {entries}, {checkpoints}{tail}."


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Verify an audit log. Exit codes: 0 whole, 1 tampered with, 2 cannot be read, or not signed.")
    parser.add_argument("log", help="SQLite file, NDJSON export, or postgresql:// URL")
    parser.add_argument("--public-key", type=Path, required=True, help="PEM file with the public keys")
    parser.add_argument("--checkpoints", type=Path, help="checkpoint file that was kept elsewhere")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    try:
        report = check(given.log if given.log.startswith("postgresql") else Path(given.log), given.public_key, given.checkpoints)
    except CannotRead as wrong:
        print(wrong, file=sys.stderr)  # noqa: T201 - a program's own output
        return 2
    print(json.dumps(report.as_json()) if given.json else sentence(report))  # noqa: T201 - a program's own output
    return code(report)


def code(report: Report) -> int:
    """The exit code."""
    return 1 if report.problem else 0 if report.whole else 2


def _keys(path: Path) -> list[Ed25519PublicKey]:
    try:
        return public_keys(path.read_bytes())
    except OSError:
        raise CannotRead(f"There is no public key at {path} that can be read; give it with --public-key.") from None
    except ValueError:
        raise CannotRead(f"The file {path} holds something other than Ed25519 public keys in PEM.") from None


if __name__ == "__main__":
    sys.exit(main())
