"""the seconds at which values were said that a transcript no longer holds."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version."""
    op.add_column("transcript", sa.Column("values", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_column("transcript", "values")
