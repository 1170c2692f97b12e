"""The first tables: entries, checkpoints, the search index, and the cards that feedback may answer."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "entries",
        sa.Column("sequence", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("recorded", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("correlation_id", sa.Text, nullable=False),
        sa.Column("entry", sa.LargeBinary, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
    )
    op.create_index("entries_recorded", "entries", ["recorded"])
    op.create_index("entries_correlation_id", "entries", ["correlation_id"])
    op.create_table(
        "checkpoints",
        sa.Column("sequence", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("recorded", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("signature", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "marks",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, primary_key=True),
        sa.Column("sequence", WHOLE, primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )
    op.create_table("marked", sa.Column("through", WHOLE, primary_key=True, autoincrement=False))
    op.create_table(
        "issued",
        sa.Column("card", sa.Text, primary_key=True),
        sa.Column("sequence", WHOLE, nullable=False),
        sa.Column("client", sa.Text, nullable=False),
        sa.Column("scope", sa.LargeBinary, nullable=False),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("urgency", sa.Text, nullable=False),
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("evidence", sa.Text, nullable=False),
        sa.Column("shown_at", sa.Float, nullable=False),
        sa.Column("quiet_until", sa.Float),
        sa.Column("reason", sa.Text),
        sa.Column("overridden_at", sa.Float),
    )
    op.create_index("issued_scope", "issued", ["scope", "rule"])
    op.create_index("issued_shown_at", "issued", ["shown_at"])


def downgrade() -> None:
    raise NotImplementedError("an audit log is never taken back to an older form; restore a backup instead")
