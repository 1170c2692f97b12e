"""Which entry told of the answer that keeps a card's like quiet. Answers from before name none, and so keep nothing quiet any more."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("issued", sa.Column("answered_in", sa.BigInteger().with_variant(sa.Integer(), "sqlite")))


def downgrade() -> None:
    raise NotImplementedError("an audit log is never taken back to an older form; restore a backup instead")
