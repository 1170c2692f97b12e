"""What was found when the log was last verified, kept in the store for every host that is watched over.

It proves nothing: whoever holds the database can write it too. The exit code of `audit verify` is what a timer goes by.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, select

from cds_hooks.audit.database import Database
from cds_hooks.audit.tables import verified


@dataclass(frozen=True, slots=True)
class Verified:
    """`at`: epoch seconds."""

    at: float
    whole: bool


def note_verified(database: Database, found: Verified) -> None:
    """In the place of what was found before. Raises SQLAlchemyError or OSError, also for a store of another version: nobody who verifies changes its tables."""
    with database.engine.connect().execution_options(writes=True) as connection, connection.begin():
        connection.execute(delete(verified))
        connection.execute(verified.insert(), [{"at": found.at, "whole": found.whole}])


def last_verified(connection: Connection) -> Verified | None:
    """None where nobody verified the log yet."""
    row = connection.execute(select(verified.c.at, verified.c.whole).order_by(verified.c.at.desc()).limit(1)).first()
    return Verified(row.at, row.whole) if row else None
