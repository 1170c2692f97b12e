"""A disk under SQLite that forgets: what was written but not synced is lost at a power cut, wholly, in part, torn or out of order.

The service's own engine, pragmas, migrations and writer run on it. Only the driver is another: apsw instead of sqlite3, because it lets
a virtual file system be written in Python; so SQLite itself is the one that apsw brings, not the one of the standard library.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import apsw
from sqlalchemy import event

from cds_hooks.audit.database import BUSY_SECONDS, Database

SECTOR = 512
_NUMBERS = count()


@dataclass
class Image:
    """A file: what the disk surely has, and what it was given since the last sync (None for a truncation)."""

    synced: bytearray
    linked: bool
    """Does the directory on the disk surely know it?"""
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)

    def sync(self) -> None:
        self.synced, self.pending = _applied(self.synced, self.pending), []

    def left(self, chance: Random) -> bytes:
        """What is there after a cut."""
        fate, given = chance.choice(["none", "first", "some", "torn", "all"]), self.pending
        if fate == "none":
            given = []
        elif fate == "first":
            given = given[: chance.randint(0, len(given))]
        elif fate == "some":
            given = [each for each in given if chance.random() < 0.5]
        elif fate == "torn":
            given = [each for write in given for each in _sectors(*write) if chance.random() < 0.5]
            chance.shuffle(given)
        return bytes(_applied(self.synced, given))


def _applied(content: bytearray, given: Iterable[tuple[int, bytes | None]]) -> bytearray:
    content = bytearray(content)
    for offset, data in given:
        if data is None:
            del content[offset:]
        else:
            content.extend(bytes(max(0, offset - len(content))))
            content[offset : offset + len(data)] = data
    return content


def _sectors(offset: int, data: bytes | None) -> list[tuple[int, bytes | None]]:
    return [(offset, None)] if data is None else [(offset + at, data[at : at + SECTOR]) for at in range(0, len(data), SECTOR)]


class Disk(apsw.VFS):
    """Every write goes through to a real file, which is what a running process sees, and is noted here as what a cut would leave of it.

    After `until_cut` operations the power goes: `left` is what is found afterwards, and `at_cut` is called. What happens later does not count.
    """

    def __init__(self, chance: Random, until_cut: int, at_cut: Callable[[], None]) -> None:
        self.name = f"disk{next(_NUMBERS)}"
        super().__init__(self.name, "")
        self.chance, self.until_cut, self.at_cut = chance, until_cut, at_cut
        self.files: dict[str, Image] = {}
        self.forgotten: dict[str, Image] = {}
        """Deleted, though the directory on the disk may still know them."""
        self.left: dict[str, bytes] | None = None

    def xOpen(self, name: Any, flags: list[int]) -> File:
        path = Path(name.filename() if isinstance(name, apsw.URIFilename) else name)
        known = path.exists()
        file = File(self, path.name, name, flags)
        self.files.setdefault(path.name, Image(bytearray(path.read_bytes()), linked=known))
        return file

    def xDelete(self, name: str, sync_directory: bool) -> None:
        self.tick()
        super().xDelete(name, sync_directory)
        gone = self.files.pop(Path(name).name)
        if gone.linked:
            self.forgotten[Path(name).name] = gone
        if sync_directory:
            self.forgotten.clear()

    def tick(self) -> None:
        self.until_cut -= 1
        if self.until_cut <= 0 and self.left is None:
            self.cut()

    def cut(self) -> None:
        self.left = {}
        for name in sorted({*self.files, *self.forgotten}):
            now, before = self.files.get(name), self.forgotten.get(name)
            image = now if now and now.linked else self.chance.choice([now, before, None])
            if image:
                self.left[name] = image.left(self.chance)
        self.at_cut()


class File(apsw.VFSFile):
    def __init__(self, disk: Disk, name: str, full_name: Any, flags: list[int]) -> None:
        self.disk, self.name = disk, name
        super().__init__("", full_name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:
        super().xWrite(data, offset)
        self.disk.files[self.name].pending.append((offset, bytes(data)))
        self.disk.tick()

    def xTruncate(self, size: int) -> None:
        super().xTruncate(size)
        self.disk.files[self.name].pending.append((size, None))
        self.disk.tick()

    def xSync(self, _: int) -> bool:
        """As SQLite does on Unix: the first sync of a new file syncs its directory too. Nothing real is synced, which is quicker."""
        self.disk.tick()
        image = self.disk.files[self.name]
        image.sync()
        if not image.linked:
            image.linked = True
            self.disk.forgotten.clear()
        return True


def on(disk: Disk, database: Database, synchronous: str | None = None, wal_pages: int = 20) -> Database:
    """The same database on that disk. The log is copied into the database every few pages, so that cuts fall into that too."""

    @event.listens_for(database.engine, "do_connect")
    def _connect(*_: Any) -> Driver:
        return Driver(apsw.Connection(str(database.file), vfs=disk.name))

    @event.listens_for(database.engine, "connect")
    def _settings(connection: Driver, _: Any) -> None:
        connection.execute(f"PRAGMA wal_autocheckpoint = {wal_pages}")
        if synchronous:
            connection.execute(f"PRAGMA synchronous = {synchronous}")

    return database


@contextmanager
def _as_sqlite3():
    try:
        yield
    except apsw.Error as wrong:
        raise sqlite3.OperationalError(str(wrong)) from wrong


class Driver:
    """As much of the standard library's connection as SQLAlchemy asks for."""

    isolation_level = None

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        connection.set_busy_timeout(BUSY_SECONDS * 1000)

    def cursor(self) -> Cursor:
        return Cursor(self._connection)

    def execute(self, statement: str) -> Cursor:
        return self.cursor().execute(statement)

    def create_function(self, name: str, arguments: int, function: Callable[..., Any], deterministic: bool = False) -> None:
        self._connection.create_scalar_function(name, function, arguments, deterministic=deterministic)

    def commit(self) -> None:
        self._end("COMMIT")

    def rollback(self) -> None:
        self._end("ROLLBACK")

    def _end(self, how: str) -> None:
        if self._connection.in_transaction:
            self.execute(how)

    def close(self) -> None:
        with _as_sqlite3():
            self._connection.close()


class Cursor:
    arraysize = 1
    lastrowid = None

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._cursor = connection.cursor()
        self._cursor.exec_trace = self._described
        self._rows: list[Any] = []
        self.rowcount = -1
        self.description: Any = None

    def _described(self, cursor: apsw.Cursor, *_: Any) -> bool:
        self.description = cursor.description or None
        return True

    def execute(self, statement: str, values: Any = ()) -> Cursor:
        return self._run(self._cursor.execute, statement, values)

    def executemany(self, statement: str, values: Any) -> Cursor:
        return self._run(self._cursor.executemany, statement, values)

    def _run(self, execute: Callable[..., apsw.Cursor], statement: str, values: Any) -> Cursor:
        with _as_sqlite3():
            before = self._connection.total_changes()
            self._rows = execute(statement, values).fetchall()
            self.rowcount = self._connection.total_changes() - before
        return self

    def fetchone(self) -> Any:
        return self._rows.pop(0) if self._rows else None

    def fetchmany(self, size: int = 1) -> list[Any]:
        found, self._rows = self._rows[:size], self._rows[size:]
        return found

    def fetchall(self) -> list[Any]:
        found, self._rows = self._rows, []
        return found

    def close(self) -> None:
        self._cursor.close()
