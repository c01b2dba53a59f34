"""holds by two people."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version; holds that stand already count as confirmed."""
    op.add_column("hold", sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE hold SET confirmed_at = placed_at")
    op.create_table(
        "hold_proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("hold_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("proposed_by", sa.Integer(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["decided_by"], ["staff.id"], name=op.f("fk_hold_proposal_decided_by_staff")),
        sa.ForeignKeyConstraint(["hold_id"], ["hold.id"], name=op.f("fk_hold_proposal_hold_id_hold")),
        sa.ForeignKeyConstraint(["proposed_by"], ["staff.id"], name=op.f("fk_hold_proposal_proposed_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold_proposal")),
        sa.UniqueConstraint("public_id", name=op.f("uq_hold_proposal_public_id")),
        info={"retention": "contact"},
    )
    op.create_index(op.f("ix_hold_proposal_hold_id"), "hold_proposal", ["hold_id"])


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_table("hold_proposal")
    op.drop_column("hold", "confirmed_at")
