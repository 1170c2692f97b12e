"""The search index: marks derived from the entries, brought up to date by whoever searches, compared with the entries by whoever verifies."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, delete, func, select

from cds_hooks.audit.database import Database
from cds_hooks.audit.marks import Mark, marks_of
from cds_hooks.audit.tables import entries, marked, marks

BATCH = 200
"""Entries indexed in one transaction: while it lasts, calls wait to be recorded, so it is kept short."""
BREATH_S = 0.002
"""Between two of them, so that calls that waited go first."""
CACHE_KIB = 128 * 1024
"""SQLite's page cache while it indexes: values such as uuids land anywhere in the index."""
READ_AT_ONCE = 2_000
MODULUS = 1 << 256

Row = tuple[int, Mark]
Told = Callable[[int, int], None]
"""Told how many of how many entries are done."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Up to which sequence the index reaches, and the newest there is."""

    through: int
    head: int

    @property
    def complete(self) -> bool:
        return self.through >= self.head


def bring_up_to_date(database: Database, seconds: float = float("inf"), told: Told = lambda *_: None, batch: int = BATCH) -> Coverage:
    """Index what was written since somebody last searched, for at most so many seconds. Several processes may do so at once."""
    until, reached = monotonic() + seconds, coverage_of(database)
    if reached.complete:
        return reached
    connection = database.ready()
    try:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"PRAGMA cache_size = -{CACHE_KIB}")
            connection.rollback()
        while not reached.complete and monotonic() < until:
            reached = _one_batch(database, connection, batch)
            told(reached.through, reached.head)
            sleep(BREATH_S)
    finally:
        connection.close()
    return reached


def coverage_of(database: Database) -> Coverage:
    with database.reading() as connection:
        return coverage(connection)


def coverage(connection: Connection) -> Coverage:
    return Coverage(_through(connection), connection.execute(select(func.max(entries.c.sequence))).scalar() or 0)


def rebuild(database: Database, told: Told = lambda *_: None) -> Coverage:
    """Make the index anew from the entries."""
    connection = database.ready()
    try:
        with database.writing(connection):
            connection.execute(delete(marks))
            connection.execute(delete(marked))
    finally:
        connection.close()
    return bring_up_to_date(database, told=told)


def forget(connection: Connection, through: int) -> None:
    """Drop the marks of entries up to a sequence, inside the transaction that then removes the entries. Each by its name: the whole index is not looked at."""
    gone = connection.execute(select(entries.c.sequence, entries.c.entry).where(entries.c.sequence <= through)).all()
    _drop(connection, [(row.sequence, mark) for row in gone for mark in marks_of(_read(row.entry))])
    if _through(connection) < through:
        _set_through(connection, through)


def forget_strays(database: Database, connection: Connection, through: int) -> None:
    """Marks up to a sequence that no entry explains: of entries that were tampered with, or indexed by another version."""
    with database.reading() as reading:
        left = [(row.sequence, (row.name, row.value)) for row in reading.execute(select(marks).where(marks.c.sequence <= through))]
    for start in range(0, len(left), READ_AT_ONCE):
        with database.writing(connection):
            _drop(connection, left[start : start + READ_AT_ONCE])


def index_matches(database: Database, told: Told = lambda *_: None) -> bool:
    """Does the index hold exactly the marks of the entries it covers? Compared by sums of digests, in whatever order they are read."""
    with database.reading() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        reached = coverage(connection)
        derived = _sum(_derived(connection, reached, told))
        return reached.through <= reached.head and derived == _sum(_stored(connection))


def _drop(connection: Connection, rows: list[Row]) -> None:
    one = delete(marks).where(marks.c.name == bindparam("of"), marks.c.value == bindparam("said"), marks.c.sequence == bindparam("entry"))
    if rows:
        connection.execute(one, [{"of": name, "said": value, "entry": sequence} for sequence, (name, value) in rows])


def _one_batch(database: Database, connection: Connection, batch: int) -> Coverage:
    with database.reading() as reading:
        begun = coverage(reading)
        found = reading.execute(_after(begun.through).limit(batch)).all()
    if not found:
        return begun
    rows = sorted((name, value, each.sequence) for each in found for name, value in marks_of(_read(each.entry)))
    with database.writing(connection):
        if _through(connection) == begun.through:
            connection.execute(marks.insert(), [{"name": name, "value": value, "sequence": sequence} for name, value, sequence in rows])
            _set_through(connection, found[-1].sequence)
        return coverage(connection)


def _after(sequence: int) -> Any:
    return select(entries.c.sequence, entries.c.entry).where(entries.c.sequence > sequence).order_by(entries.c.sequence)


def _through(connection: Connection) -> int:
    return connection.execute(select(func.max(marked.c.through))).scalar() or 0


def _set_through(connection: Connection, through: int) -> None:
    connection.execute(delete(marked))
    connection.execute(marked.insert(), [{"through": through}])


def _read(entry: bytes) -> dict[str, Any]:
    """The entry; one that is no longer a JSON object is found by nothing, and named by whoever verifies."""
    try:
        read = msgspec.json.decode(entry)
    except (msgspec.DecodeError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def _derived(connection: Connection, reached: Coverage, told: Told) -> Iterator[Row]:
    wanted = _after(0).where(entries.c.sequence <= reached.through)
    for row in connection.execution_options(yield_per=READ_AT_ONCE).execute(wanted):
        for mark in marks_of(_read(row.entry)):
            yield row.sequence, mark
        if row.sequence % READ_AT_ONCE == 0:
            told(row.sequence, reached.through)


def _stored(connection: Connection) -> Iterator[Row]:
    for name, value, sequence in connection.execution_options(yield_per=READ_AT_ONCE).execute(select(marks)):
        yield sequence, (name, value)


def _sum(rows: Iterator[Row]) -> int:
    total = 0
    for sequence, (name, value) in rows:
        total += int.from_bytes(hashlib.sha256(f"{name}\0{value}\0{sequence}".encode()).digest(), "big")
    return total % MODULUS
