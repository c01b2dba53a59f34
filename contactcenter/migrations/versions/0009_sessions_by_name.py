"""sessions by name."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version; everybody signs in anew."""
    op.drop_table("staff_session")
    _make(
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("browser", sa.String(), nullable=False),
        sa.UniqueConstraint("public_id", name=op.f("uq_staff_session_public_id")),
    )


def downgrade() -> None:
    """Go back to the version before; everybody signs in anew."""
    op.drop_table("staff_session")
    _make()


def _make(*more: sa.Column[str] | sa.UniqueConstraint) -> None:
    op.create_table(
        "staff_session",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proved_at", sa.DateTime(timezone=True), nullable=True),
        *more,
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_session_staff_id_staff")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_staff_session")),
        info={"retention": "sessions"},
    )
    op.create_index(op.f("ix_staff_session_staff_id"), "staff_session", ["staff_id"])
