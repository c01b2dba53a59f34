"""relation numbers that callers key in."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "keyed_number",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_keyed_number_contact_id_contact")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_keyed_number_customer_id_customer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keyed_number")),
        sa.UniqueConstraint("contact_id", name=op.f("uq_keyed_number_contact_id")),
        info={"retention": "contact"},
    )
    op.add_column("line", sa.Column("asks_relation_number", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_column("line", "asks_relation_number")
    op.drop_table("keyed_number")
