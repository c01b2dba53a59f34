"""openings are looked up by kind and purpose together, so that counting steps over them."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version."""
    op.create_index("ix_disclosure_what_purpose", "disclosure", ["what", "purpose"])
    op.drop_index("ix_disclosure_what", "disclosure")


def downgrade() -> None:
    """Go back to the version before."""
    op.create_index("ix_disclosure_what", "disclosure", ["what"])
    op.drop_index("ix_disclosure_what_purpose", "disclosure")
