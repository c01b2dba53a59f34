"""break glass and flags."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "break_glass",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewed_by", sa.Integer(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("justified", sa.Boolean(), nullable=True),
        sa.Column("comment", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_break_glass_customer_id_customer")),
        sa.ForeignKeyConstraint(["reviewed_by"], ["staff.id"], name=op.f("fk_break_glass_reviewed_by_staff")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_break_glass_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_break_glass")),
        sa.UniqueConstraint("public_id", name=op.f("uq_break_glass_public_id")),
        info={"retention": "audit"},
    )
    op.create_index(op.f("ix_break_glass_at"), "break_glass", ["at"])
    op.create_index(op.f("ix_break_glass_customer_id"), "break_glass", ["customer_id"])
    op.create_index(op.f("ix_break_glass_staff_id"), "break_glass", ["staff_id"])

    op.create_table(
        "flag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("lifted_by", sa.Integer(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["by"], ["staff.id"], name=op.f("fk_flag_by_staff")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_flag_contact_id_contact")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_flag_customer_id_customer")),
        sa.ForeignKeyConstraint(["lifted_by"], ["staff.id"], name=op.f("fk_flag_lifted_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flag")),
        sa.UniqueConstraint("public_id", name=op.f("uq_flag_public_id")),
        info={"retention": "customer"},
    )
    op.create_index(op.f("ix_flag_customer_id"), "flag", ["customer_id"])

    op.add_column("disclosure", sa.Column("break_glass_id", sa.Integer(), nullable=True))
    op.create_index(op.f("ix_disclosure_break_glass_id"), "disclosure", ["break_glass_id"])


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_index(op.f("ix_disclosure_break_glass_id"), table_name="disclosure")
    op.drop_column("disclosure", "break_glass_id")

    op.drop_table("flag")

    op.drop_table("break_glass")
