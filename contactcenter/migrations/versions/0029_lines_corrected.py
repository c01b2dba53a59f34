"""lines of transcripts that a person corrected."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "line_correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recording_sid", sa.String(), nullable=False),
        sa.Column("channel", sa.Integer(), nullable=False),
        sa.Column("start", sa.Float(), nullable=False),
        sa.Column("end", sa.Float(), nullable=False),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("corrected_by", sa.Integer(), nullable=False),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["corrected_by"], ["staff.id"], name=op.f("fk_line_correction_corrected_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_correction")),
        info={"retention": "recording"},
    )
    op.create_index(op.f("ix_line_correction_recording_sid"), "line_correction", ["recording_sid"])


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_table("line_correction")
