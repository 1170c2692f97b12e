"""The rows and checkpoints of an audit log wherever it lies: a SQLite file, a PostgreSQL database, or an export. No code of the writer."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cds_hooks.audit.form import CHECKPOINT_LINE, ENTRY_LINE, Checkpoint, read_checkpoint
from cds_hooks.audit.verify import Damaged, Row

ENTRIES = "SELECT sequence, recorded, kind, correlation_id, entry, hash FROM entries ORDER BY sequence"
TABLES = {"entries", "checkpoints"}
CHECKPOINTS = "SELECT sequence, hash, recorded, key, signature FROM checkpoints ORDER BY sequence"
NAMES = ("sequence", "recorded", "kind", "correlation_id")
AT_ONCE = 500
_BROKEN = (sqlite3.Error, UnicodeDecodeError)
"""The latter from SQLite's messages, when they quote a damaged name."""
_NOT_NOW = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}


class CannotRead(Exception):
    """Nothing that could be verified; the message is one sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Found:
    """A log as it lies there. A database has `every` checkpoint that was made over what it holds, an export may have none.

    `count` is only for showing progress.
    """

    rows: Iterator[Row]
    checkpoints: list[Checkpoint]
    every: bool
    count: int


@contextmanager
def opened(where: Path | str) -> Iterator[Found]:
    """The log in a file (SQLite or NDJSON) or at a `postgresql` URL. Raises CannotRead and Damaged, the latter also while its rows are read."""
    if isinstance(where, str):
        with _postgres(where) as found:
            yield found
    elif _is_sqlite(where):
        with _sqlite(where) as found:
            yield found
    else:
        yield _export(where)


def _export(path: Path) -> Found:
    """The lines of an export, read twice. Raises CannotRead for a file in which nothing looks like an entry, Damaged for a checkpoint that is none."""
    count, found = 0, []
    for number, line in enumerate(_lines(path), 1):
        count += ENTRY_LINE in line
        if line.startswith(CHECKPOINT_LINE):
            checkpoint = _line(line.decode("utf-8", "replace"))
            if checkpoint is None:
                raise Damaged(f"Line {number} of the export is no checkpoint any more.")
            found.append(checkpoint)
    if not count:
        raise CannotRead(
            f"The file {path} is no audit log: neither a database of one nor an export in NDJSON. Only the export with --format ndjson can be verified."
        )
    return Found((Row(each) for each in _lines(path) if not each.startswith(CHECKPOINT_LINE)), found, every=False, count=count)


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as lines:
        yield from (each.rstrip(b"\n") for each in lines if each.strip())


def shipped(path: Path) -> list[Checkpoint]:
    """The checkpoints of a file that was kept elsewhere, without lines that a power cut tore. Raises CannotRead when nothing else is in it."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        raise CannotRead(f"The checkpoint file {path} cannot be read.") from None
    found = [each for each in map(_line, filter(None, lines)) if each]
    if any(lines) and not found:
        raise CannotRead(f"The checkpoint file {path} holds no checkpoint.")
    return found


def _line(line: str) -> Checkpoint | None:
    try:
        return read_checkpoint(line)
    except ValueError:
        return None


@contextmanager
def _sqlite(path: Path) -> Iterator[Found]:
    try:
        with closing(_connected(path)) as connection:
            connection.text_factory = _text
            connection.execute("BEGIN")
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
            if TABLES.isdisjoint(tables):
                raise CannotRead(f"The file {path} is a SQLite database, and no audit log: it has neither of its tables.")
            checkpoints = [_checkpoint(each) for each in connection.execute(CHECKPOINTS)]
            (count,) = connection.execute("SELECT count(*) FROM entries").fetchone()
            yield Found(_readable(_rows(connection.execute(ENTRIES))), checkpoints, every=True, count=count)
    except _BROKEN as wrong:
        if getattr(wrong, "sqlite_errorcode", 0) & 0xFF in _NOT_NOW:
            raise CannotRead(f"The database cannot be read now: {wrong}.") from None
        raise Damaged(f"The database cannot be read to the end: {wrong}.") from None


def _readable(rows: Iterator[Row]) -> Iterator[Row]:
    """As far as the file is whole. Raises Damaged."""
    try:
        yield from rows
    except _BROKEN as wrong:
        raise Damaged(f"The database cannot be read to the end: {wrong}.") from None


@contextmanager
def _postgres(url: str) -> Iterator[Found]:
    try:
        import psycopg  # noqa: PLC0415 - only where the log is in PostgreSQL
    except ImportError:
        raise CannotRead("Reading PostgreSQL needs the extra `postgres`: pip install 'pinched-nerve-cds[postgres]'.") from None
    try:
        with psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://", 1)) as connection:
            connection.read_only = True
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            if not any(connection.execute("SELECT to_regclass('entries'), to_regclass('checkpoints')").fetchone() or ()):
                raise CannotRead("There is no audit log in the database: it has neither of its tables.")
            checkpoints = [_checkpoint(each) for each in connection.execute(CHECKPOINTS)]
            count = next(iter(connection.execute("SELECT count(*) FROM entries")))[0]
            with connection.cursor("entries") as cursor:
                cursor.itersize = AT_ONCE
                cursor.execute(ENTRIES)
                yield Found(_rows(iter(cursor)), checkpoints, every=True, count=count)
    except psycopg.OperationalError:
        raise CannotRead("The database cannot be reached.") from None
    except psycopg.Error as wrong:
        raise Damaged(f"The database cannot be read to the end: {type(wrong).__name__}.") from None


def _rows(found: Iterator[tuple[Any, ...]]) -> Iterator[Row]:
    for *stored, entry, hash in found:
        yield Row(entry, hash, dict(zip(NAMES, stored, strict=True)))


def _checkpoint(row: tuple[Any, ...]) -> Checkpoint:
    """As it was found; values of another type are made into ones that no signature fits."""
    sequence, hash, recorded, key, signature = row
    return Checkpoint(
        sequence if isinstance(sequence, int) else 0,
        hash if isinstance(hash, bytes) else b"",
        str(recorded),
        str(key),
        signature if isinstance(signature, bytes) else b"",
    )


def _is_sqlite(path: Path) -> bool:
    """Asked of SQLite: whoever opens such a file by other means takes all locks from connections that his process has to it."""
    if not path.is_file() or not os.access(path, os.R_OK):
        raise CannotRead(f"There is no audit log at {path} that can be read.")
    if not path.stat().st_size:
        return False
    try:
        with closing(_connected(path)) as connection:
            connection.execute("PRAGMA schema_version")
    except sqlite3.DatabaseError as wrong:
        return wrong.sqlite_errorcode != sqlite3.SQLITE_NOTADB
    return True


def _connected(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")
