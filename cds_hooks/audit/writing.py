"""An entry on its way to the log, and what is told when it came too late."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from sqlalchemy import Connection, delete

from cds_hooks.audit.record import kept
from cds_hooks.audit.tables import issued

Also = Callable[[Connection, int], None]
"""What else is written in the transaction of an entry, given its sequence."""
ABOUT = frozenset({"client", "tenant", "hookInstance", "user", "patient", "encounter", "service", "start"})
"""What an entry that says so repeats of the one that was not sent."""


@dataclass(frozen=True, slots=True)
class Writing:
    """An entry on its way: the members that columns repeat, its body as JSON without sequence and previous, and who waits for it."""

    recorded: str
    kind: str
    correlation_id: str
    body: bytes
    also: tuple[Also, ...] = ()
    done: Future[int] = field(default_factory=Future)
    _settled: threading.Lock = field(default_factory=threading.Lock)

    def settle(self) -> bool:
        """True once, for whoever asks first: the thread that wrote it, or the caller who gave it up."""
        return self._settled.acquire(blocking=False)

    @property
    def given_up(self) -> bool:
        """Before it was written."""
        return self._settled.locked()


def unsent(writing: Writing, sequence: int, at: datetime) -> Writing:
    """The entry that says that the answer of another one was never sent. Its cards can neither be answered nor keep others quiet."""
    told = {name: said for name, said in msgspec.json.decode(writing.body).items() if name in ABOUT}
    entry = kept("unsent", at, writing.correlation_id, {**told, "of": sequence, "outcome": "answer not sent"})

    def forget(connection: Connection, _: int) -> None:
        connection.execute(delete(issued).where(issued.c.sequence == sequence))

    return Writing(entry["recorded"], "unsent", writing.correlation_id, msgspec.json.encode(entry), (forget,))
