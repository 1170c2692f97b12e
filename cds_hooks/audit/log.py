"""Where audit entries go: one row an entry in one SQLite table, on disk before the answer leaves."""

from __future__ import annotations

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import msgspec

from cds_hooks.audit.record import Entry
from cds_hooks.errors import Refusal

FILE = "audit.sqlite3"
SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    recorded TEXT NOT NULL,
    kind TEXT NOT NULL,
    correlation_id TEXT NOT NULL,
    entry BLOB NOT NULL
) STRICT
"""


INSERT = "INSERT INTO entries (recorded, kind, correlation_id, entry) VALUES (?, ?, ?, ?)"


class AuditLog(Protocol):
    """What an answer waits for: when `append` returns, the entry outlives a power cut."""

    async def append(self, entry: Entry) -> None: ...

    async def close(self) -> None: ...


class SqliteAuditLog:
    """One connection on one thread, so that a slow disk never stops other calls from being read."""

    def __init__(self, data_dir: Path) -> None:
        self.path = data_dir / FILE
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="audit")
        self._connection: sqlite3.Connection | None = None

    async def append(self, entry: Entry) -> None:
        """Commit the entry. Raises Refusal 'audit-unavailable' when it cannot be made durable."""
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._append, entry)
        except (sqlite3.Error, OSError):
            raise Refusal("audit-unavailable", "The call could not be recorded, so it was not answered.", {"Retry-After": "5"}) from None

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        self._thread.shutdown()

    def _append(self, entry: Entry) -> None:
        row = (entry["recorded"], entry["kind"], entry["correlationId"], msgspec.json.encode(entry))
        try:
            with self._open() as connection:
                connection.execute(INSERT, row)
        except sqlite3.Error:
            self._close()
            raise

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = _connect(self.path)
        return self._connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def prepare(data_dir: Path) -> None:
    """Create the log, or open it once to see that it can be written. Raises OSError or sqlite3.Error."""
    connection = _connect(data_dir / FILE)
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(INSERT, ("", "probe", "", b""))
        connection.rollback()
    finally:
        connection.close()


def _connect(path: Path) -> sqlite3.Connection:
    """Only the owner may read what the log holds of patients."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600, exist_ok=True)
    connection = sqlite3.connect(path, timeout=5)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(SCHEMA)
    return connection


def entries(data_dir: Path) -> list[tuple[int, Entry]]:
    """Every entry with its sequence, oldest first."""
    path = data_dir / FILE
    if not path.exists():
        return []
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        rows = connection.execute("SELECT sequence, entry FROM entries ORDER BY sequence").fetchall()
    finally:
        connection.close()
    return [(sequence, {**msgspec.json.decode(entry), "sequence": sequence}) for sequence, entry in rows]
