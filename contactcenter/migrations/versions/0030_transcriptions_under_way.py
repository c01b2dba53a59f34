"""transcriptions under way."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "transcription",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recording_id", sa.Integer(), nullable=False),
        sa.Column("claim", sa.String(), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("object_key", sa.String(), nullable=False),
        sa.Column("engine", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("windows", sa.Integer(), nullable=False),
        sa.Column("finished", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recording.id"], name=op.f("fk_transcription_recording_id_recording")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transcription")),
        sa.UniqueConstraint("recording_id", name=op.f("uq_transcription_recording_id")),
        info={"retention": "recording"},
    )
    op.create_table(
        "transcription_part",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("transcription_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["transcription_id"],
            ["transcription.id"],
            name=op.f("fk_transcription_part_transcription_id_transcription"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transcription_part")),
        info={"retention": "recording"},
    )
    op.create_index(
        op.f("ix_transcription_part_transcription_id"), "transcription_part", ["transcription_id"], unique=False
    )


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_table("transcription_part")
    op.drop_table("transcription")
