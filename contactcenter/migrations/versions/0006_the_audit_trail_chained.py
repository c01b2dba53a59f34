"""the audit trail chained."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "audit_seal",
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["entry"], ["audit_entry.id"], name=op.f("fk_audit_seal_entry_audit_entry")),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_audit_seal")),
        sa.UniqueConstraint("entry", name=op.f("uq_audit_seal_entry")),
        info={"retention": "audit"},
    )


def downgrade() -> None:
    """Go back to the version before; the guards of the trail go, the next start brings them back."""
    op.drop_table("audit_seal")
    for act in ("update", "delete"):
        on = " ON audit_entry" if op.get_bind().dialect.name == "postgresql" else ""
        op.execute(f"DROP TRIGGER IF EXISTS audit_entry_no_{act}{on}")
