"""Tokens that were used, for services on several hosts."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table("used_tokens", sa.Column("digest", sa.LargeBinary, primary_key=True), sa.Column("expires", WHOLE, nullable=False))
    op.create_index("used_tokens_expires", "used_tokens", ["expires"])


def downgrade() -> None:
    raise NotImplementedError("an audit log is never taken back to an older form; restore a backup instead")
