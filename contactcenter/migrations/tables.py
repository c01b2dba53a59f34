"""All tables in one place, so that migrations and tests see the whole of them."""

from typing import Any

from contactcenter.calls import models as calls
from contactcenter.coaching import models as coaching
from contactcenter.contacts import models as contacts
from contactcenter.core import alerts, audit, audit_chain, inbox, installation, live
from contactcenter.core.db import metadata
from contactcenter.customers import models as customers
from contactcenter.notes import models as notes
from contactcenter.privacy import models as privacy
from contactcenter.recordings import models as recordings
from contactcenter.staff import models as staff
from contactcenter.verification import models as verification

MODULES = (
    alerts,
    audit,
    audit_chain,
    calls,
    coaching,
    contacts,
    customers,
    inbox,
    installation,
    live,
    notes,
    privacy,
    recordings,
    staff,
    verification,
)


def is_ours(name: str | None, type_: str, _parents: Any) -> bool:
    """Leave the tables of the job library alone: it migrates them itself."""
    return type_ != "table" or name in metadata.tables
