"""What is done to the log itself, and is itself an entry: old entries leave up to a signed checkpoint, and a new key takes over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, delete, desc, func, select

from cds_hooks.audit.database import Database
from cds_hooks.audit.form import key_id
from cds_hooks.audit.log import writing
from cds_hooks.audit.record import Entry, kept
from cds_hooks.audit.signing import Signer, make_key, publish, raw, signing_key
from cds_hooks.audit.tables import checkpoints, entries, marks
from cds_hooks.audit.writer import append, ship, signed_head


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


def purge(store: Database, signer: Signer, folder: Path, before: str, at: datetime, correlation_id: str) -> Purge | None:
    """Remove what may go, say so in an entry, and sign it. Returns what was removed."""
    connection = store.ready()
    try:
        with store.writing(connection):
            found = purgeable(connection, before)
            if found is None:
                return None
            append(connection, [writing(_purged(found, before, at, correlation_id, signer))])
            connection.execute(delete(entries).where(entries.c.sequence <= found.through))
            connection.execute(delete(marks).where(marks.c.sequence <= found.through))
            connection.execute(delete(checkpoints).where(checkpoints.c.sequence < found.through))
            made = signed_head(connection, signer)
        ship(made, folder)
        return found
    finally:
        connection.close()


def _purged(purged: Purge, before: str, at: datetime, correlation_id: str, signer: Signer) -> Entry:
    said = {"through": purged.through, "hash": purged.hash.hex(), "count": purged.count, "before": before}
    return kept("purge", at, correlation_id, {**signer.vouch("purge", said), "outcome": "purged"})


def rotate(store: Database, signer: Signer, folder: Path, at: datetime, correlation_id: str) -> str:
    """A new signing key in the place of the old one, which signs the entry that tells of it. Returns the new key's id. Raises NoKey."""
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
