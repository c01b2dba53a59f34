"""requests to be called back."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "call_back",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("verification_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.Integer(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended", sa.String(length=40), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_call_back_customer_id_customer")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_call_back_person_id_person")),
        sa.ForeignKeyConstraint(["taken_by"], ["staff.id"], name=op.f("fk_call_back_taken_by_staff")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_call_back_team_id_team")),
        sa.ForeignKeyConstraint(
            ["verification_id"], ["verification.id"], name=op.f("fk_call_back_verification_id_verification")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_back")),
        sa.UniqueConstraint("public_id", name=op.f("uq_call_back_public_id")),
        info={"retention": "contact"},
    )
    op.create_index(op.f("ix_call_back_person_id"), "call_back", ["person_id"])
    op.create_index("ix_call_back_team_ended", "call_back", ["team_id", "ended_at"])


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_table("call_back")
