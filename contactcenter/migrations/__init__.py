"""Numbered changes of the database, inside the package; run by `contactcenter migrate`."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from contactcenter.core.audit_chain import guard
from contactcenter.core.db import Database, metadata
from contactcenter.migrations.tables import is_ours

HERE = Path(__file__).parent


def run(db: Database) -> None:
    """Bring the database to the newest version; running it again changes nothing."""
    with db.engine.connect() as connection:
        command.upgrade(_config(connection), "head")
    with db.engine.begin() as connection:
        guard(connection)


def undo(db: Database, revision: str) -> None:
    """Take the database back to an older version; what only newer versions know is lost."""
    with db.engine.connect() as connection:
        command.downgrade(_config(connection), revision)


def write(db: Database, message: str, number: str) -> None:
    """Write a new numbered migration from the difference between models and database."""
    with db.engine.connect() as connection:
        command.revision(_config(connection), message=message, rev_id=number, autogenerate=True)


def differences(db: Database) -> list[str]:
    """What the models have and the database lacks, or the other way round; empty when they agree."""
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": is_ours})
        return [str(difference) for difference in compare_metadata(context, metadata)]


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["connection"] = connection
    return config
