"""The database of a command that changes what is served."""

from typing import TYPE_CHECKING

from contactcenter.settings import load

if TYPE_CHECKING:
    from contactcenter.core.db import Database


def database() -> "Database":
    """The installation's database at its newest version.

    `Unavailable` where there is none: without its settings a command would make one that nobody serves.
    """
    from contactcenter.compose import migrated, require_database

    settings = load()
    require_database(settings)
    return migrated(settings)
