"""The tables of the audit store, the same on SQLite and PostgreSQL. Migrations make them; a test holds the two equal."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, LargeBinary, MetaData, Table, Text, text

metadata = MetaData()
Whole = BigInteger().with_variant(Integer(), "sqlite")
_ANSWERED = text("quiet_until IS NOT NULL")

entries = Table(
    "entries",
    metadata,
    Column("sequence", Whole, primary_key=True, autoincrement=False),
    Column("recorded", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("correlation_id", Text, nullable=False),
    Column("entry", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Index("entries_recorded", "recorded"),
    Index("entries_correlation_id", "correlation_id"),
)
"""`entry` holds the exact bytes that `hash` is the SHA-256 of; the other columns repeat what the bytes say."""

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("sequence", Whole, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
    Column("recorded", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("signature", LargeBinary, nullable=False),
)

marks = Table(
    "marks",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("sequence", Whole, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
"""The search index: what an entry can be found by. Derived from the entries, and brought up to date by whoever searches."""

marked = Table("marked", metadata, Column("through", Whole, primary_key=True, autoincrement=False))
"""One row: the sequence up to which `marks` are complete."""

issued = Table(
    "issued",
    metadata,
    Column("card", Text, primary_key=True),
    Column("sequence", Whole, nullable=False),
    Column("client", Text, nullable=False),
    Column("scope", LargeBinary, nullable=False),
    Column("rule", Text, nullable=False),
    Column("urgency", Text, nullable=False),
    Column("user", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("shown_at", Float, nullable=False),
    Column("quiet_until", Float),
    Column("reason", Text),
    Column("overridden_at", Float),
    Column("answered_in", Whole),
    Index("issued_answered", "scope", "quiet_until", sqlite_where=_ANSWERED, postgresql_where=_ANSWERED),
    Index("issued_seen", "scope", "urgency", "shown_at"),
    Index("issued_shown_at", "shown_at"),
)
"""Cards that were sent and can still be answered: for whom (`scope`), on which evidence, and until when feedback keeps their like quiet,
as the entry `answered_in` tells.

Times are epoch seconds."""

used_tokens = Table(
    "used_tokens",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("expires", Whole, nullable=False),
    Index("used_tokens_expires", "expires"),
)
"""Digests of tokens that were used, where several hosts share the store; one host alone keeps them in a file of their own. Epoch seconds."""

verified = Table("verified", metadata, Column("at", Float, primary_key=True), Column("whole", Boolean, nullable=False))
"""One row: when the log was last verified (epoch seconds), by whichever host, and whether it was whole."""
