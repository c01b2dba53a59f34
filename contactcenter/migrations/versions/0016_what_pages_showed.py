"""what pages showed."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "served",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_served_customer_id_customer")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_served_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_served")),
        info={"retention": "audit"},
    )
    op.create_index(op.f("ix_served_at"), "served", ["at"])
    op.create_index("ix_served_staff_customer", "served", ["staff_id", "customer_id", "at"])


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_table("served")
