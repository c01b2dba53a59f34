"""calls that answer requests."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "call_back_try",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_back_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["call_back_id"], ["call_back.id"], name=op.f("fk_call_back_try_call_back_id_call_back")
        ),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_call_back_try_contact_id_contact")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_call_back_try_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_back_try")),
        sa.UniqueConstraint("contact_id", name=op.f("uq_call_back_try_contact_id")),
        info={"retention": "contact"},
    )
    op.create_index(op.f("ix_call_back_try_call_back_id"), "call_back_try", ["call_back_id"])


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_table("call_back_try")
