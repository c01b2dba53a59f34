"""Supervision: what was opened without a verified caller, and who has to say whether that was right (P05)."""

from starlette.responses import Response

from contactcenter.recordings import holds
from contactcenter.staff.access import Visit
from contactcenter.verification import glass


def page(visit: Visit) -> Response:
    """Broken glass, what is to be reviewed on top; what waits for a second person about holds."""
    with visit.site.db.reading() as session:
        broken = glass.all_broken(session, visit.now, visit.member)
        waiting = holds.waiting(session)
    return visit.page("supervision.html", broken=broken, waiting=waiting)
