"""each way in which the old address is told of a correction."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

CARRY_OVER = """
INSERT INTO correction_notice (correction_id, way, sent, at)
SELECT id, CASE told WHEN 'nobody' THEN 'letter' ELSE told END, told <> 'nobody', told_at
FROM correction WHERE told IS NOT NULL
"""


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "correction_notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("correction_id", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(40), nullable=False),
        sa.Column("known_id", sa.Integer(), nullable=True),
        sa.Column("sent", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["correction_id"], ["correction.id"], name=op.f("fk_correction_notice_correction_id_correction")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction_notice")),
        sa.UniqueConstraint("correction_id", "way", "known_id", name=op.f("uq_correction_notice_correction_id")),
        info={"retention": "audit"},
    )
    op.execute(CARRY_OVER)
    op.drop_index(op.f("ix_correction_told"), "correction")
    op.drop_column("correction", "told")
    op.create_index(op.f("ix_correction_told_at"), "correction", ["told_at"])


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_index(op.f("ix_correction_told_at"), "correction")
    op.add_column("correction", sa.Column("told", sa.String(40), nullable=True))
    op.execute("UPDATE correction SET told = 'e-mail' WHERE told_at IS NOT NULL")
    op.create_index(op.f("ix_correction_told"), "correction", ["told"])
    op.drop_table("correction_notice")
