"""passages that are cut out of recordings."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "recording_cut",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("recording_sid", sa.String(), nullable=False),
        sa.Column("start", sa.Float(), nullable=False),
        sa.Column("end", sa.Float(), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cut_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remnant", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording_cut")),
        sa.UniqueConstraint("public_id", name=op.f("uq_recording_cut_public_id")),
        info={"retention": "recording"},
    )
    op.create_index(op.f("ix_recording_cut_recording_sid"), "recording_cut", ["recording_sid"])
    op.create_table(
        "words_cut",
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_words_cut_contact_id_contact")),
        sa.PrimaryKeyConstraint("contact_id", name=op.f("pk_words_cut")),
        info={"retention": "contact"},
    )


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_table("words_cut")
    op.drop_table("recording_cut")
