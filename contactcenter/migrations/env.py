"""Run by alembic: online only, on the connection that `migrations.run` hands over."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlmodel.sql.sqltypes import AutoString

from contactcenter.core.db import EnumText, UtcDateTime, metadata
from contactcenter.migrations.tables import MODULES, is_ours

assert MODULES


def render_item(type_: str, item: Any, autogen_context: AutogenContext) -> str | Literal[False]:
    """Our own column types as what they are in the database, so that old migrations need no code of today."""
    if type_ == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if type_ == "type" and isinstance(item, EnumText):
        return "sa.String(40)"
    if type_ == "type" and isinstance(item, AutoString):
        return "sa.String()"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    include_name=is_ours,
    render_item=render_item,
    render_as_batch=True,
    compare_type=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
connection.commit()
