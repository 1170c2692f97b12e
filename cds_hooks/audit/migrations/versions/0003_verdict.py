"""What was found when the log was last verified, for all hosts to tell."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table("verified", sa.Column("at", sa.Float, primary_key=True), sa.Column("whole", sa.Boolean, nullable=False))


def downgrade() -> None:
    raise NotImplementedError("an audit log is never taken back to an older form; restore a backup instead")
