"""SQLite's write-ahead log, switched on by whoever comes first."""

from __future__ import annotations

import sqlite3
from time import monotonic, sleep

AGAIN_SECONDS = 0.005
PRIMARY = 0xFF
"""Of an extended result code of SQLite the part that says what it is."""


def use_write_ahead_log(connection: sqlite3.Connection, seconds: float) -> None:
    """Waits up to `seconds` for others that open the new file at the same moment: for this switch alone SQLite does not wait itself, but refuses at once.

    Raises sqlite3.OperationalError.
    """
    until = monotonic() + seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as refused:
            if refused.sqlite_errorcode & PRIMARY != sqlite3.SQLITE_BUSY or monotonic() >= until:
                raise
            sleep(AGAIN_SECONDS)
        else:
            return
