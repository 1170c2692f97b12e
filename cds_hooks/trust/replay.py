"""Each token is good once: its jti is written down before the call is worked on, for all workers of a host and across restarts."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Protocol

from cds_hooks.errors import Refusal
from cds_hooks.trust.verify import Caller
from cds_hooks.wal import use_write_ahead_log

FILE = "replay.sqlite3"
SCHEMA = "CREATE TABLE IF NOT EXISTS jti (digest BLOB PRIMARY KEY, expires INTEGER NOT NULL) STRICT, WITHOUT ROWID"
KEEP_SECONDS = 600
"""After a token has expired: longer than any call that was let in before then can last."""
PURGE_SECONDS = 60
WAIT_SECONDS = 5.0
"""For others who hold the file. Whoever waited so long for his turn does not begin to wait for the file as well."""
INSERT = "INSERT OR IGNORE INTO jti (digest, expires) VALUES (?, ?)"


class Replays(Protocol):
    async def is_first_use(self, caller: Caller) -> bool:
        """Writes the caller's token down. False when it was there already. Raises Refusal when that cannot be said."""

    async def close(self) -> None: ...


class SqliteReplays:
    """A file beside the audit log; one connection on one thread, as there. Only digests are kept."""

    def __init__(self, data_dir: Path, now: Callable[[], datetime]) -> None:
        self.path = data_dir / FILE
        self.now = now
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="replay")
        self._connection: sqlite3.Connection | None = None
        self._purged = 0.0

    async def is_first_use(self, caller: Caller) -> bool:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._write, digest(caller), caller.expires, monotonic())
        except (sqlite3.Error, OSError):
            raise unavailable() from None

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        self._thread.shutdown()

    def _write(self, digest: bytes, expires: int, asked: float) -> bool:
        if monotonic() - asked > WAIT_SECONDS:
            raise TimeoutError
        try:
            connection = self._open()
            with connection:
                self._purge(connection)
                return connection.execute(INSERT, (digest, expires)).rowcount == 1
        except sqlite3.Error:
            self._close()
            raise

    def _purge(self, connection: sqlite3.Connection) -> None:
        """Forget tokens that are refused for their age by now, once in a while."""
        now = self.now().timestamp()
        if now - self._purged >= PURGE_SECONDS:
            connection.execute("DELETE FROM jti WHERE expires < ?", (int(now) - KEEP_SECONDS,))
            self._purged = now

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = _connect(self.path)
        return self._connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def unavailable() -> Refusal:
    return Refusal("replay-store-unavailable", "Whether the token was used before cannot be said.", {"Retry-After": "5"})


def prepare(data_dir: Path) -> None:
    """Create the store, or open it once to see that it can be written. Raises OSError or sqlite3.Error."""
    connection = _connect(data_dir / FILE)
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(INSERT, (b"probe", 0))
        connection.rollback()
    finally:
        connection.close()


def _connect(path: Path) -> sqlite3.Connection:
    """Durable like the audit log: a token used before a power cut stays used."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600, exist_ok=True)
    connection = sqlite3.connect(path, timeout=WAIT_SECONDS)
    use_write_ahead_log(connection, WAIT_SECONDS)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(SCHEMA)
    return connection


def digest(caller: Caller) -> bytes:
    """Of issuer and jti, with the length between them so that no two pairs run together."""
    issuer = caller.client.issuer.encode()
    return hashlib.sha256(len(issuer).to_bytes(4) + issuer + caller.jti.encode()).digest()
