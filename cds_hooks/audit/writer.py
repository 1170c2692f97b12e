"""One thread a worker that writes entries: what gathered while the last commit was on its way goes into the next one."""

from __future__ import annotations

import os
import queue
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from enum import Enum
from pathlib import Path
from time import monotonic
from typing import BinaryIO

from sqlalchemy import Connection, bindparam, select

from cds_hooks.audit.database import PATIENCE_SECONDS, Database, Unavailable, UnsafeStore
from cds_hooks.audit.form import GENESIS, Checkpoint, sealed
from cds_hooks.audit.signing import Signer
from cds_hooks.audit.statements import prepared, run
from cds_hooks.audit.tables import checkpoints, entries
from cds_hooks.audit.writing import Writing, unsent
from cds_hooks.logs import logger

log = logger()

MOST_AT_ONCE = 512
CHECKPOINT_ENTRIES = 1_000
CHECKPOINT_SECONDS = 60.0
CHECKPOINT_FILE = "audit-checkpoints.ndjson"
RETRY_SECONDS = 5.0
"""After a failure, when nobody calls any more because the service says that it is not ready."""

DROPPED = "The audit store did not keep what it was given: a trigger or a rule of the database may drop entries."
HEAD = "SELECT sequence, hash FROM entries ORDER BY sequence DESC LIMIT 1"
OURS = prepared(select(entries.c.hash).where(entries.c.sequence == bindparam("known")))
OLDEST = "SELECT min(sequence) FROM entries"
Known = tuple[int, bytes]
"""The newest entry that somebody wrote, and its hash."""
NOTHING: Known = (0, GENESIS)
ADDED = prepared(entries.insert())
KEPT = select(entries.c.sequence).where(*(entries.c[name] == bindparam(name) for name in ("correlation_id", "recorded", "kind")))


class Word(Enum):
    """What the thread is told besides entries."""

    LOOK = "is the store still there?"
    END = "no more entries come"


class Writer:
    """Entries are committed in the order in which they were handed over. `done` gives the sequence, or the failure of the store."""

    def __init__(self, database: Database, signer: Signer, folder: Path) -> None:
        self.database = database
        self.signer = signer
        self.folder = folder
        self._failed = False
        self._busy_since: float | None = None
        self._waiting: queue.SimpleQueue[Writing | Word] = queue.SimpleQueue()
        self._connection: Connection | None = None
        self._doubtful: list[Writing] = []
        self._newest = NOTHING
        self._unsigned = 0
        self._signed_at = monotonic()
        self._thread = threading.Thread(target=self._run, name="audit", daemon=True)
        self._thread.start()

    @property
    def failing(self) -> bool:
        """Did the last attempt to write fail, or does it hang?"""
        since = self._busy_since
        return self._failed or not self._thread.is_alive() or (since is not None and monotonic() > since + PATIENCE_SECONDS)

    def write(self, writing: Writing) -> Future[int]:
        """Hand an entry over. One that its caller gives up is not begun; if it was on its way by then, another entry says that nothing was sent."""
        writing.done.set_running_or_notify_cancel()
        if not self._thread.is_alive():
            writing.done.set_exception(OSError("the audit log is closed"))
        else:
            self._waiting.put(writing)
        return writing.done

    def doubt(self) -> None:
        """Somebody could not read: the log counts as failing until the thread has looked."""
        self._failed = True
        self._waiting.put(Word.LOOK)

    def close(self) -> None:
        """Write what waits, sign, and end."""
        self._waiting.put(Word.END)
        self._thread.join()

    def _run(self) -> None:
        going_on = True
        try:
            while going_on:
                going_on = self._step()
        finally:
            self._drop()

    def _step(self) -> bool:
        """Write what waits, sign when that is due, look again at a store that failed. Says whether more may come."""
        batch, going_on = self._gathered()
        self._busy_since = monotonic()
        if batch or self._doubtful or (self._failed and going_on):
            self._commit(batch)
        if self._unsigned and (not going_on or self._checkpoint_is_due()):
            self._checkpoint()
        self._busy_since = None
        return going_on

    def _patience(self) -> float | None:
        """Seconds until there is something to do without any entry: a checkpoint, or another attempt at a store that failed."""
        due = [self._signed_at + CHECKPOINT_SECONDS] if self._unsigned else []
        due += [monotonic() + RETRY_SECONDS] if self._failed else []
        return max(0.0, min(due) - monotonic()) if due else None

    def _gathered(self) -> tuple[list[Writing], bool]:
        """What waits by now, at least one unless something falls due first; and whether more may come."""
        batch: list[Writing] = []
        try:
            each = self._waiting.get(timeout=self._patience())
            while each is not Word.END:
                if isinstance(each, Writing):
                    batch.append(each)
                if len(batch) == MOST_AT_ONCE:
                    return batch, True
                each = self._waiting.get_nowait()
        except queue.Empty:
            return batch, True
        return batch, False

    def _commit(self, batch: Sequence[Writing]) -> None:
        """All of them or none; an empty batch finds out whether entries can be written again. Whatever happens, everybody who waits is told."""
        try:
            self._doubtful = [each for sequence, each in self._written(batch) if not _told(each, sequence)]
            if self._doubtful:
                self._written(())
        except Unavailable:
            self._fail()
        finally:
            for each in batch:
                if not each.done.done():
                    each.done.set_exception(OSError("the entry could not be written"))

    def _written(self, batch: Sequence[Writing]) -> list[tuple[int, Writing]]:
        """Those that are still wanted, each with its sequence; before them what is to be said of those in doubt: a commit that failed may have been made."""
        connection = self._open()
        with self.database.writing(connection):
            kept = [(each, sequence) for each in self._doubtful if (sequence := _sequence_of(connection, each))]
            wanted = [each for each in batch if not each.given_up]
            rows = [*(unsent(each, sequence, self.signer.now()) for each, sequence in kept), *wanted]
            last = append(connection, rows, self._newest)
            self._doubtful = [*(each for each, _ in kept), *wanted]
        self._doubtful = []
        self._newest = last
        self._failed = False
        self._unsigned += len(rows)
        return list(enumerate(wanted, last[0] - len(wanted) + 1))

    def _checkpoint_is_due(self) -> bool:
        return self._unsigned >= CHECKPOINT_ENTRIES or monotonic() >= self._signed_at + CHECKPOINT_SECONDS

    def _checkpoint(self) -> None:
        """Sign the end of the chain. A store that fails now is tried again when the next one is due."""
        self._signed_at = monotonic()
        try:
            connection = self._open()
            with self.database.writing(connection):
                check_kept(connection, self._newest)
                made = signed_head(connection, self.signer)
            ship(made, self.folder)
        except Unavailable:
            self._fail()
        else:
            self._unsigned = 0

    def _open(self) -> Connection:
        if self._connection is None:
            self._connection = self.database.ready()
        return self._connection

    def _fail(self) -> None:
        if not self._failed:
            log.error("the audit log cannot be written", failure=getattr(sys.exc_info()[0], "__name__", ""))
        self._failed = True
        self._drop()

    def _drop(self) -> None:
        self._newest = NOTHING
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None


def append(connection: Connection, batch: Sequence[Writing], known: Known = NOTHING) -> Known:
    """Add entries to the end of the chain, inside the transaction of whoever calls. Returns the last of them.

    `known` is the newest entry that the caller wrote before. Raises UnsafeStore where that is gone, or one of these is not kept.
    """
    sequence, previous = check_kept(connection, known)
    rows = []
    for each in batch:
        sequence += 1
        entry, previous = sealed(sequence, previous, each.body)
        rows.append(
            {"sequence": sequence, "recorded": each.recorded, "kind": each.kind, "correlation_id": each.correlation_id, "entry": entry, "hash": previous}
        )
        for also in each.also:
            also(connection, sequence)
    if rows and run(connection, ADDED, rows).rowcount != len(rows):
        raise UnsafeStore(DROPPED)
    return sequence, previous


def check_kept(connection: Connection, known: Known) -> Known:
    """The newest entry of the chain. Raises UnsafeStore where the one that the caller wrote before is gone: another's may stand in its place by now."""
    row = connection.exec_driver_sql(HEAD).first()
    head: Known = (row.sequence, row.hash) if row else NOTHING
    if known in (head, NOTHING):
        return head
    found = run(connection, OURS, {"known": known[0]}).scalar()
    was_purged = found is None and known[0] < (connection.exec_driver_sql(OLDEST).scalar() or 0)
    if found != known[1] and not was_purged:
        raise UnsafeStore(DROPPED)
    return head


def _sequence_of(connection: Connection, writing: Writing) -> int | None:
    """Where it stands, if it was kept after all. Whoever asks is alone at the end of the chain: what is not there now never will be."""
    return connection.execute(KEPT, {"correlation_id": writing.correlation_id, "recorded": writing.recorded, "kind": writing.kind}).scalar()


def _told(writing: Writing, sequence: int) -> bool:
    """Tells whoever waits for it; False when nobody does any more."""
    if not writing.settle():
        return False
    writing.done.set_result(sequence)
    return True


def signed_head(connection: Connection, signer: Signer) -> Checkpoint | None:
    """A checkpoint over the newest entry, inside the transaction of whoever calls. None when it has one already."""
    head = connection.exec_driver_sql(HEAD).first()
    if head is None or connection.execute(select(checkpoints.c.sequence).where(checkpoints.c.sequence == head.sequence)).first():
        return None
    made = signer.checkpoint(head.sequence, head.hash)
    row = {"sequence": made.sequence, "hash": made.hash, "recorded": made.recorded, "key": made.key, "signature": made.signature}
    connection.execute(checkpoints.insert(), [row])
    return made


def sign(database: Database, signer: Signer, folder: Path) -> None:
    """A checkpoint over the newest entry, whoever wrote it. Raises NoKey and what the store raises."""
    connection = database.ready()
    try:
        with database.writing(connection):
            made = signed_head(connection, signer)
        ship(made, folder)
    finally:
        connection.close()


def ship(made: Checkpoint | None, folder: Path) -> None:
    """Into the file that is meant to be kept elsewhere, once the database has it. A line that a power cut tore stays alone."""
    if made:
        with (folder / CHECKPOINT_FILE).open("ab+") as lines:
            line = made.line().encode()
            lines.write(b"\n" + line if _is_torn(lines) else line)
            lines.flush()
            os.fsync(lines.fileno())


def _is_torn(file: BinaryIO) -> bool:
    """Does it end in the middle of a line?"""
    if file.seek(0, os.SEEK_END) == 0:
        return False
    file.seek(-1, os.SEEK_END)
    return file.read(1) != b"\n"
