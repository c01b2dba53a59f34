"""versions of summaries."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "summary_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("summary_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("confirmed_by", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["confirmed_by"], ["staff.id"], name=op.f("fk_summary_version_confirmed_by_staff")),
        sa.ForeignKeyConstraint(["summary_id"], ["summary.id"], name=op.f("fk_summary_version_summary_id_summary")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_summary_version")),
        info={"retention": "contact"},
    )
    with op.batch_alter_table("summary_version", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_summary_version_summary_id"), ["summary_id"], unique=False)


def downgrade() -> None:
    """Go back to the version before."""
    with op.batch_alter_table("summary_version", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_summary_version_summary_id"))

    op.drop_table("summary_version")
