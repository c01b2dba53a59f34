"""codes and approvals."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "one_time_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_one_time_code_contact_id_contact")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_one_time_code_customer_id_customer")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_one_time_code_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_code")),
        sa.UniqueConstraint("public_id", name=op.f("uq_one_time_code_public_id")),
        info={"retention": "contact"},
    )
    op.create_index(op.f("ix_one_time_code_contact_id"), "one_time_code", ["contact_id"])
    op.create_index(op.f("ix_one_time_code_customer_id"), "one_time_code", ["customer_id"])
    op.create_index(op.f("ix_one_time_code_made_at"), "one_time_code", ["made_at"])
    op.create_index(op.f("ix_one_time_code_person_id"), "one_time_code", ["person_id"])

    op.create_table(
        "approval",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("verification_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["decided_by"], ["staff.id"], name=op.f("fk_approval_decided_by_staff")),
        sa.ForeignKeyConstraint(
            ["verification_id"], ["verification.id"], name=op.f("fk_approval_verification_id_verification")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
        sa.UniqueConstraint("public_id", name=op.f("uq_approval_public_id")),
        info={"retention": "contact"},
    )
    op.create_index(op.f("ix_approval_asked_at"), "approval", ["asked_at"])
    op.create_index(op.f("ix_approval_verification_id"), "approval", ["verification_id"])


def downgrade() -> None:
    """Go back to the version before."""

    op.drop_table("approval")

    op.drop_table("one_time_code")
