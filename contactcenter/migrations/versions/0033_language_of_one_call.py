"""the language that somebody wishes one call to be written down in, and that in which its words were read."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version."""
    op.add_column("transcription", sa.Column("wished", sa.String(), nullable=True))
    op.add_column("call_reading", sa.Column("language", sa.String(), nullable=True))


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_column("call_reading", "language")
    op.drop_column("transcription", "wished")
