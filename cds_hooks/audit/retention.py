"""What is done to the log itself, and is itself an entry: old entries leave up to a signed checkpoint, and a new key takes over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic, sleep

from sqlalchemy import Connection, delete, desc, func, select

from cds_hooks.audit import index
from cds_hooks.audit.database import Database, locked
from cds_hooks.audit.form import key_id
from cds_hooks.audit.log import writing
from cds_hooks.audit.record import Entry, kept
from cds_hooks.audit.signing import Signer, make_key, publish, raw, signing_key
from cds_hooks.audit.tables import checkpoints, entries, issued
from cds_hooks.audit.writer import append, ship, signed_head

STRETCH = 500
"""Entries that leave in one transaction, where checkpoints lie no further apart: while it lasts, calls wait to be recorded."""
Told = Callable[[int, int], None]
"""Told how many of how many entries are gone."""


@dataclass(frozen=True, slots=True)
class Purge:
    """What may go: the entries up to `through`, which a checkpoint signs."""

    through: int
    hash: bytes
    count: int


def purgeable(connection: Connection, before: str) -> Purge | None:
    """The entries recorded before `before` (UTC, ISO 8601), up to the last checkpoint among them; None when there are none. The newest entry always stays."""
    newer = select(func.min(entries.c.sequence)).where(entries.c.recorded >= before)
    first_kept = connection.execute(newer).scalar() or connection.execute(select(func.max(entries.c.sequence))).scalar() or 0
    last = select(checkpoints.c.sequence, checkpoints.c.hash).where(checkpoints.c.sequence < first_kept).order_by(desc(checkpoints.c.sequence)).limit(1)
    found = connection.execute(last).first()
    if found is None:
        return None
    count = connection.execute(select(func.count()).select_from(entries).where(entries.c.sequence <= found.sequence)).scalar() or 0
    return Purge(found.sequence, found.hash, count) if count else None


def purge(store: Database, signer: Signer, folder: Path, before: str, at: datetime, correlation_id: str, told: Told = lambda *_: None) -> Purge | None:
    """Say in a signed entry what may go, then remove it, a stretch at a time: what remains verifies at every moment. Returns what was removed.

    One that ended midway leaves a whole log that begins earlier than its entry says; the next one goes on.
    """
    connection = store.ready()
    try:
        with store.writing(connection):
            found = purgeable(connection, before)
            if found is None:
                return None
            append(connection, [writing(_purged(found, before, at, correlation_id, signer))])
            made = signed_head(connection, signer)
        ship(made, folder)
        for gone in _stretches(store, connection, found.through):
            told(gone, found.count)
        index.forget_strays(store, connection, found.through)
        store.tidy(connection)
        return found
    finally:
        connection.close()


def _stretches(store: Database, connection: Connection, through: int) -> Iterator[int]:
    """Removes stretch after stretch, with a rest after each for the calls that wait. Tells how many entries are gone."""
    gone, more = 0, True
    while more:
        begun = monotonic()
        with store.writing(connection):
            more = (connection.execute(select(func.min(entries.c.sequence))).scalar() or 0) <= through
            gone += _remove_stretch(connection, through) if more else 0
        sleep(monotonic() - begun)
        yield gone


def _remove_stretch(connection: Connection, through: int) -> int:
    """The oldest entries, up to a checkpoint from which a verifier can begin. Returns how many went."""
    first = connection.execute(select(func.min(entries.c.sequence))).scalar() or through
    sequence = checkpoints.c.sequence
    near = connection.execute(select(func.max(sequence)).where(sequence.between(first, first + STRETCH - 1))).scalar()
    end = min(through, near or connection.execute(select(func.min(sequence)).where(sequence >= first)).scalar() or through)
    index.forget(connection, end)
    connection.execute(delete(issued).where(issued.c.sequence <= end))
    connection.execute(delete(checkpoints).where(sequence < end))
    return connection.execute(delete(entries).where(entries.c.sequence <= end)).rowcount


def _purged(purged: Purge, before: str, at: datetime, correlation_id: str, signer: Signer) -> Entry:
    said = {"through": purged.through, "hash": purged.hash.hex(), "count": purged.count, "before": before}
    return kept("purge", at, correlation_id, {**signer.vouch("purge", said), "outcome": "purged"})


def rotate(store: Database, signer: Signer, folder: Path, at: datetime, correlation_id: str) -> str:
    """A new signing key in the place of the old one, which signs the entry that tells of it; one rotation at a time. Returns the new key's id. Raises NoKey."""
    with locked(signer.file.with_name(f"{signer.file.name}.lock")):
        old, fresh = signing_key(signer.file), signer.file.with_name(f"{signer.file.name}.new")
        fresh.unlink(missing_ok=True)
        make_key(fresh)
        public = signing_key(fresh).public_key()
        said = {"oldKey": raw(old.public_key()).hex(), "newKey": raw(public).hex()}
        connection = store.ready()
        try:
            with store.writing(connection):
                append(connection, [writing(kept("rotate-key", at, correlation_id, {**signer.vouch("rotate-key", said), "outcome": "key rotated"}))])
                made = signed_head(connection, signer)
            publish(public, folder)
            fresh.replace(signer.file)
            ship(made, folder)
        finally:
            connection.close()
        return key_id(raw(public))
