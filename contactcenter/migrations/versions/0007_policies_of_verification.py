"""policies of verification, why passes ended, and where contacts came from."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version; calls that are on record say where they came from."""
    op.create_table(
        "policy_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_version")),
        sa.UniqueConstraint("public_id", name=op.f("uq_policy_version_public_id")),
        info={"retention": "policy"},
    )
    op.create_index(op.f("ix_policy_version_digest"), "policy_version", ["digest"])
    op.create_index(op.f("ix_policy_version_state"), "policy_version", ["state"])
    op.add_column("contact", sa.Column("came_from", sa.String(), nullable=True))
    op.create_index(op.f("ix_contact_came_from"), "contact", ["came_from"])
    op.execute("UPDATE contact SET came_from = (SELECT caller FROM call WHERE call.contact_id = contact.id)")
    op.add_column("verification", sa.Column("ended", sa.String(40), nullable=True))
    op.add_column("verification", sa.Column("follows_id", sa.Integer(), nullable=True))
    op.add_column("verification", sa.Column("policy", sa.String(), server_default="", nullable=False))


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_column("verification", "policy")
    op.drop_column("verification", "follows_id")
    op.drop_column("verification", "ended")
    op.drop_index(op.f("ix_contact_came_from"), table_name="contact")
    op.drop_column("contact", "came_from")
    op.drop_table("policy_version")
