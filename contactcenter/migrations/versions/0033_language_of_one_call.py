"""the language that somebody wishes one call to be written down in."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version."""
    op.add_column("transcription", sa.Column("wished", sa.String(), nullable=True))


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_column("transcription", "wished")
