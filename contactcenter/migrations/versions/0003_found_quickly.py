"""what is looked for is found quickly, however much there is: names by their words, contacts without a link."""

import sqlalchemy as sa
from alembic import op

from contactcenter.customers.rules import beginnings

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
LINKED = "UPDATE contact SET linked = true WHERE id IN (SELECT contact_id FROM contact_link WHERE undone_at IS NULL)"


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "customer_name",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_customer_name_customer_id_customer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_name")),
        info={"retention": "customer"},
    )
    with op.batch_alter_table("customer_name") as batch_op:
        batch_op.create_index(batch_op.f("ix_customer_name_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_customer_name_whole", ["whole", "text"], unique=False)
    # In place: a batch would copy the table, which SQLite refuses while other rows point to it.
    op.add_column("contact", sa.Column("linked", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_contact_linked_started", "contact", ["linked", "started_at"], unique=False)
    with op.batch_alter_table("handling") as batch_op:
        batch_op.drop_index(batch_op.f("ix_handling_staff_id"))
        batch_op.create_index("ix_handling_staff_closed", ["staff_id", "closed_at"], unique=False)
    with op.batch_alter_table("recording") as batch_op:
        batch_op.drop_index(batch_op.f("ix_recording_state"))
        batch_op.drop_index(batch_op.f("ix_recording_retain_until"))
        batch_op.create_index("ix_recording_state_until", ["state", "retain_until"], unique=False)
        batch_op.create_index("ix_recording_state_object", ["state", "object_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_recording_carrier_copy"), ["carrier_copy"], unique=False)
    op.execute(LINKED)
    _name_customers()


def _name_customers() -> None:
    names = sa.table(
        "customer_name", sa.column("customer_id", sa.Integer), sa.column("whole", sa.Boolean), sa.column("text")
    )
    customers = op.get_bind().execute(sa.text("SELECT id, name FROM customer")).all()
    for customer in customers:
        rows = [
            {"customer_id": customer.id, "whole": number == 0, "text": text}
            for number, text in enumerate(beginnings(customer.name))
        ]
        if rows:
            op.bulk_insert(names, rows)


def downgrade() -> None:
    """Go back to the version before."""
    with op.batch_alter_table("recording") as batch_op:
        batch_op.drop_index(batch_op.f("ix_recording_carrier_copy"))
        batch_op.drop_index("ix_recording_state_object")
        batch_op.drop_index("ix_recording_state_until")
        batch_op.create_index(batch_op.f("ix_recording_retain_until"), ["retain_until"], unique=False)
        batch_op.create_index(batch_op.f("ix_recording_state"), ["state"], unique=False)
    with op.batch_alter_table("handling") as batch_op:
        batch_op.drop_index("ix_handling_staff_closed")
        batch_op.create_index(batch_op.f("ix_handling_staff_id"), ["staff_id"], unique=False)
    op.drop_index("ix_contact_linked_started", "contact")
    op.drop_column("contact", "linked")
    op.drop_table("customer_name")
