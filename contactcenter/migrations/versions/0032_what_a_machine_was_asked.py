"""what a machine was asked for a draft."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version."""
    op.add_column("summary", sa.Column("draft_origin", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_column("summary", "draft_origin")
