"""The stores an audit log can lie in, for tests: a SQLite file, or a database of a PostgreSQL server that the tests start and end themselves."""

from __future__ import annotations

import importlib.util
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import inspect, select, text

from cds_hooks.app import utc_now
from cds_hooks.audit import store as audit_store
from cds_hooks.audit import tables, verifying
from cds_hooks.audit.database import FILE, Database, database
from cds_hooks.audit.form import GENESIS, digest
from cds_hooks.audit.log import ChainedLog, writing
from cds_hooks.audit.record import kept
from cds_hooks.audit.signing import PUBLIC_FILE
from cds_hooks.audit.verify import Report
from cds_hooks.audit.writer import CHECKPOINT_FILE, Writer
from cds_hooks.audit.writing import Writing
from cds_hooks.settings import Settings

START_SECONDS = 60
GUARDED = 'exec 3<&0; "$@" 3<&- & server=$!; (cat <&3; kill -QUIT $server) 2>/dev/null & wait $server'
"""For the shell: runs a server that does not outlive the pipe to its tests, however those end."""


class NoServer(Exception):
    """Why no PostgreSQL can be had here."""


@dataclass(frozen=True)
class Store:
    """One audit log's place: the URL of its database (None for the file that the service makes itself) and its data directory."""

    url: str | None
    data_dir: Path
    used: list[Database] = field(default_factory=list, compare=False, repr=False)

    @property
    def settings(self) -> Settings:
        return Settings(data_dir=self.data_dir, database_url=self.url)

    @property
    def database(self) -> Database:
        self.used.append(database(self.url, self.data_dir))
        return self.used[-1]

    def close(self) -> None:
        """Give back the connections that tests left open."""
        for each in self.used:
            each.engine.dispose()

    def log(self) -> ChainedLog:
        return audit_store.open_log(self.settings, utc_now)

    def writer(self) -> Writer:
        return Writer(self.database, audit_store.signer(self.settings, utc_now), self.data_dir)

    def verified(self) -> Report:
        """What the verifier says of it, with the checkpoints that were kept in the file."""
        shipped = self.data_dir / CHECKPOINT_FILE
        return verifying.check(self.url or self.data_dir / FILE, self.data_dir / PUBLIC_FILE, shipped if shipped.exists() else None)

    def run(self, *statements: str) -> None:
        """SQL, as somebody who is not the service."""
        with self.database.engine.connect() as connection:
            for each in statements:
                connection.execute(text(each))
            connection.commit()

    def rows(self, table: str = "entries") -> list[Any]:
        with self.database.reading() as connection:
            found = tables.metadata.tables[table]
            return list(connection.execute(select(found).order_by(found.c.sequence)))

    def has_tables(self) -> bool:
        return inspect(self.database.engine).has_table("entries")

    @contextmanager
    def broken(self) -> Iterator[None]:
        """Nothing can be written until the block ends."""
        self.run("ALTER TABLE entries RENAME TO elsewhere")
        yield
        self.run("ALTER TABLE elsewhere RENAME TO entries")


def an_entry(number: int | str, **members: Any) -> Writing:
    """An entry as the service would hand it over, with a correlation id to know it by."""
    return writing(kept("call", utc_now(), f"c{number}", {"outcome": "cards", **members}))


def unbroken(rows: list[Any]) -> bool:
    """Do the rows make one chain from the first entry on, without a gap?"""
    follows = GENESIS
    for sequence, row in enumerate(rows, 1):
        begins = b'{"sequence":%d,"previous":"%b",' % (sequence, follows.hex().encode())
        if row.sequence != sequence or row.hash != digest(row.entry) or not bytes(row.entry).startswith(begins):
            return False
        follows = row.hash
    return True


@dataclass
class Server:
    """A PostgreSQL server of our own, reached by a socket in a private folder. Its durability is what a careful operator has."""

    folder: Path
    programs: Path
    user: dict[str, Any]
    process: subprocess.Popen[bytes] | None = None
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def start(self) -> None:
        options = [f"-k{self.folder}", "-clisten_addresses=", "-cshared_buffers=32MB", "-cmax_connections=60"]
        command = ["sh", "-c", GUARDED, "sh", self.programs / "postgres", "-D", self.folder / "data", *options]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT, cwd=self.folder, **self.user)
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise NoServer(f"PostgreSQL does not start: {(self.folder / 'log').read_text()[-300:]}")
            time.sleep(0.05)

    def stop(self, mode: str = "fast") -> None:
        """Modes of pg_ctl; 'immediate' is a crash."""
        subprocess.run([self.programs / "pg_ctl", "stop", "-D", self.folder / "data", "-m", mode], check=True, capture_output=True, timeout=60, **self.user)
        _end(self.process)

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://pncds@/{name}?host={self.folder}"

    def new_database(self) -> str:
        """The URL of an empty database."""
        name = f"test{next(self.numbers)}"
        with self._admin() as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def set(self, name: str, value: str) -> None:
        """A setting for all sessions that begin later."""
        with self._admin() as connection:
            connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
            connection.execute("SELECT pg_reload_conf()")
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with self._admin() as connection:
                if connection.execute(f"SHOW {name}").fetchone() == (value,):
                    return
            time.sleep(0.02)
        raise AssertionError(f"{name} is not {value}")

    def _admin(self) -> psycopg.Connection[Any]:
        return psycopg.connect(host=str(self.folder), user="pncds", dbname="postgres", autocommit=True, connect_timeout=5)

    def _answers(self) -> bool:
        try:
            self._admin().close()
        except psycopg.OperationalError:
            return False
        return True


@contextmanager
def server() -> Iterator[Server]:
    """A server for as long as the block lasts. Raises NoServer where none can be had."""
    programs, user = _programs(), _user()
    folder = Path(tempfile.mkdtemp(prefix="pncds-pg-", dir=_in_memory()))
    try:
        if user:
            shutil.chown(folder, user["user"], user["group"])
        made = subprocess.run(
            [programs / "initdb", "-D", folder / "data", "-U", "pncds", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"],
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
            cwd=folder,
            check=False,
            **user,
        )
        if made.returncode:
            raise NoServer(f"initdb fails: {made.stderr.strip()[-300:]}")
        running = Server(folder, programs, user)
        try:
            running.start()
            yield running
        finally:
            _end(running.process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _end(process: subprocess.Popen[bytes] | None) -> None:
    if process and process.stdin:
        process.stdin.close()
        process.wait(timeout=60)


def _programs() -> Path:
    """Where initdb, pg_ctl and postgres lie together: on the path, where Debian keeps them, or inside the package pgserver."""
    found = shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda each: float(each.parts[-3]))
    package = importlib.util.find_spec("pgserver")
    candidates = [*([Path(found).resolve()] if found else []), *reversed(debian)]
    if package and package.origin:
        candidates.append(Path(package.origin).parent / "pginstall" / "bin" / "initdb")
    for each in candidates:
        if all((each.parent / name).exists() for name in ("initdb", "pg_ctl", "postgres")):
            return each.parent
    raise NoServer("needs a PostgreSQL server (Debian's package postgresql, or pgserver from PyPI)")


def _in_memory() -> Path | None:
    """Where files need no disk and a crash of the server is all that is tried: quicker by far. None without room there."""
    memory = Path("/dev/shm")
    return memory if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2**30 else None


def _user() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: arguments for subprocess that make it somebody else."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}
    raise NoServer("PostgreSQL does not run as root, and there is no user postgres or nobody")
