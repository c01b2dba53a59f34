"""what counts the promises steps through indexes: calls that came in, disclosures by kind and by member of staff."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

CALLS = sa.text("type = 'voice'")


def upgrade() -> None:
    """Go to this version."""
    op.create_index("ix_inbox_event_call", "inbox_event", ["sids"], sqlite_where=CALLS, postgresql_where=CALLS)
    op.create_index("ix_disclosure_staff_at", "disclosure", ["staff_id", "at"])
    op.create_index("ix_disclosure_what", "disclosure", ["what"])
    op.drop_index("ix_disclosure_staff_id", "disclosure")


def downgrade() -> None:
    """Go back to the version before."""
    op.create_index("ix_disclosure_staff_id", "disclosure", ["staff_id"])
    op.drop_index("ix_disclosure_what", "disclosure")
    op.drop_index("ix_disclosure_staff_at", "disclosure")
    op.drop_index("ix_inbox_event_call", "inbox_event")
