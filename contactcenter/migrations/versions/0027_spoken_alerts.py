"""alerts on what employees say, and which recordings were read for them."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "call_reading",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("recording_sid", sa.String(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("speakers_known", sa.Boolean(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_call_reading_contact_id_contact")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_reading")),
        sa.UniqueConstraint("recording_sid", name=op.f("uq_call_reading_recording_sid")),
        info={"retention": "contact"},
    )
    op.create_index(op.f("ix_call_reading_contact_id"), "call_reading", ["contact_id"])
    op.create_table(
        "spoken_alert",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("recording_sid", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("about", sa.String(length=40), nullable=True),
        sa.Column("start", sa.Float(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("judged_by", sa.Integer(), nullable=True),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("judgement", sa.String(length=40), nullable=True),
        sa.Column("comment", sa.String(), nullable=False),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_spoken_alert_contact_id_contact")),
        sa.ForeignKeyConstraint(["judged_by"], ["staff.id"], name=op.f("fk_spoken_alert_judged_by_staff")),
        sa.ForeignKeyConstraint(["answered_by"], ["staff.id"], name=op.f("fk_spoken_alert_answered_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spoken_alert")),
        sa.UniqueConstraint("public_id", name=op.f("uq_spoken_alert_public_id")),
        info={"retention": "contact"},
    )
    op.create_index(op.f("ix_spoken_alert_contact_id"), "spoken_alert", ["contact_id"])
    op.create_index(op.f("ix_spoken_alert_recording_sid"), "spoken_alert", ["recording_sid"])
    op.create_index("ix_spoken_alert_judged_found", "spoken_alert", ["judged_at", "found_at"])
    op.alter_column("promise_count", "as_drafted", new_column_name="share_part")
    op.alter_column("promise_count", "confirmed", new_column_name="share_whole")


def downgrade() -> None:
    """Go back to the version before."""
    op.alter_column("promise_count", "share_part", new_column_name="as_drafted")
    op.alter_column("promise_count", "share_whole", new_column_name="confirmed")
    op.drop_table("spoken_alert")
    op.drop_table("call_reading")
