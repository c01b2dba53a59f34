"""topics of contacts."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version."""
    op.add_column("contact", sa.Column("topic", sa.String(40), nullable=True))
    op.create_index(op.f("ix_contact_topic_started"), "contact", ["topic", "started_at"])


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_index(op.f("ix_contact_topic_started"), "contact")
    op.drop_column("contact", "topic")
