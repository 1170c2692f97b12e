"""The database behind the audit log: SQLite or PostgreSQL by one URL, durable before it says so, and of the right version."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from cds_hooks.wal import use_write_ahead_log

VERSION = "0005"
"""The newest migration."""
FILE = "audit.sqlite3"
LOCK_FILE = "audit.lock"
CHAIN_LOCK = 0x706E636473
"""PostgreSQL's advisory lock of whoever adds to the chain: the letters `pncds`."""
BUSY_SECONDS = 5
WAL_PAGES = 4_000
"""Of 4 KiB in SQLite's write-ahead log before it is folded into the file, which holds calls up for about 15 ms. With SQLite's own 1,000 it is
a third of that, but for one call in a hundred."""
PATIENCE_SECONDS = 10.0
"""How long an answer waits for the store, whatever keeps it; a commit that takes longer counts as a failure."""
DEAD_SERVER = {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3, "tcp_user_timeout": 10_000}
"""For libpq, so that a PostgreSQL that vanished without a word is missed within seconds and not within a quarter of an hour."""
OF_SQLITE = "SELECT 1 FROM sqlite_master WHERE type IN ('trigger', 'view')"
OF_POSTGRESQL = """SELECT 1 FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace
UNION ALL SELECT 1 FROM pg_rules WHERE schemaname = current_schema()
UNION ALL SELECT 1 FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relname IN ('entries', 'checkpoints', 'issued')
    AND (relkind NOT IN ('r', 'p') OR relrowsecurity)"""
"""What may stand between us and our tables: nothing that another hand put there."""
Unavailable = (SQLAlchemyError, OSError)
"""What is raised when the store cannot be used."""


class UnsafeStore(SQLAlchemyError):
    """A database that could lose what it said it kept, or is of another version; the message is one sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Database:
    """Where entries are: the engine, and the file of SQLite (None for PostgreSQL)."""

    engine: Engine
    file: Path | None = None

    @contextmanager
    def writing(self, connection: Connection) -> Iterator[Connection]:
        """One transaction at the end of the chain; all others that add to it wait their turn, in the kernel and not by polling."""
        with locked(self.file.with_name(LOCK_FILE)) if self.file else nullcontext(), connection.begin():
            if not self.file:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": CHAIN_LOCK})
            yield connection

    def ready(self) -> Connection:
        """An open connection to a database of this version, made first where it is new. Raises UnsafeStore and other SQLAlchemyErrors."""
        connection = self.engine.connect()
        try:
            _make_safe(connection)
            found = _version(connection)
            connection.rollback()
            connection.execution_options(writes=True)
            if found != VERSION:
                self._migrate(connection)
        except Unavailable:
            connection.close()
            raise
        return connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that only looks, and holds nobody up."""
        with self.engine.connect() as connection:
            yield connection

    def tidy(self, connection: Connection) -> None:
        """What was removed leaves SQLite's write-ahead log too, unless somebody still reads what stands there."""
        if self.file:
            connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")  # by the driver: it cannot be part of a transaction

    def _migrate(self, connection: Connection) -> None:
        from alembic import command  # noqa: PLC0415 - only a new or older database needs it
        from alembic.config import Config  # noqa: PLC0415
        from alembic.util import CommandError  # noqa: PLC0415

        with self.writing(connection):
            found = _version(connection)
            if found == VERSION:
                return
            if found == "" and "entries" in inspect(connection).get_table_names():
                raise UnsafeStore("The audit store is not of this version.")
            if found > VERSION:
                raise UnsafeStore("The audit store was made by a newer version of this service.")
            config = Config()
            config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, "head")
            except CommandError:
                raise UnsafeStore("The audit store is of a version that nobody knows.") from None


def database(url: str | None, data_dir: Path) -> Database:
    """The store at `url`; without one, a file in `data_dir`."""
    if url is None or url.startswith("sqlite"):
        path = data_dir / FILE if url is None else Path(url.partition(":///")[2])
        return Database(_sqlite(path), path)
    return Database(create_engine(url, pool_pre_ping=True, hide_parameters=True, connect_args={"connect_timeout": BUSY_SECONDS, **DEAD_SERVER}))


def _sqlite(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}", hide_parameters=True, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False})

    @event.listens_for(engine, "do_connect")
    def _private(*_: Any) -> None:
        """Only the owner may read what the log holds of patients."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=True)

    @event.listens_for(engine, "connect")
    def _durable(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        use_write_ahead_log(connection, BUSY_SECONDS)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA wal_autocheckpoint = {WAL_PAGES}")
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA secure_delete = ON")  # what leaves is overwritten with zeros, and not only forgotten

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")

    return engine


def _make_safe(connection: Connection) -> None:
    """PostgreSQL can be told to lose what it said it kept, and to let one host that froze hold up all others; any store to drop entries. Raises UnsafeStore."""
    is_postgresql = connection.dialect.name == "postgresql"
    if connection.execute(text(OF_POSTGRESQL if is_postgresql else OF_SQLITE)).first():
        raise UnsafeStore("The audit store has triggers, rules, views or row policies that are not of this service and could change or drop entries.")
    if not is_postgresql:
        return
    for setting in ("fsync", "full_page_writes"):
        if connection.execute(text(f"SHOW {setting}")).scalar() != "on":
            raise UnsafeStore(f"PostgreSQL runs with {setting} off, so entries could be lost.")
    connection.execute(text("SET synchronous_commit = on"))
    connection.execute(text(f"SET lock_timeout = '{BUSY_SECONDS}s'"))
    connection.execute(text(f"SET idle_in_transaction_session_timeout = '{2 * BUSY_SECONDS}s'"))
    connection.commit()


def _version(connection: Connection) -> str:
    """The version of the tables; empty when there are none of ours."""
    if "alembic_version" not in inspect(connection).get_table_names():
        return ""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Nobody else on this machine is in a block of the same file."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)
