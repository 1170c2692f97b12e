"""A chart is opened many times before a card of it is answered: what an opening looks up is found without going through all cards of its patient."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    answered = sa.text("quiet_until IS NOT NULL")
    op.create_index("issued_answered", "issued", ["scope", "quiet_until"], sqlite_where=answered, postgresql_where=answered)
    op.create_index("issued_seen", "issued", ["scope", "urgency", "shown_at"])
    op.drop_index("issued_scope")


def downgrade() -> None:
    raise NotImplementedError("an audit log is never taken back to an older form; restore a backup instead")
