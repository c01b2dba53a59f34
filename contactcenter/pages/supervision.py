"""Supervision: what was opened without a verified caller, and who has to say whether that was right; doubts (P05)."""

from starlette.responses import Response

from contactcenter.coaching import alerts
from contactcenter.coaching import service as coaching
from contactcenter.coaching.anomalies import anomalies
from contactcenter.contacts import topics
from contactcenter.recordings import holds
from contactcenter.staff.access import Visit
from contactcenter.verification import flags, glass, telling


def page(visit: Visit) -> Response:
    """Broken glass, what is to be reviewed on top; letters that tell of corrections; holds that wait for a second
    person; what stood out lately."""
    with visit.site.db.reading() as session:
        broken = glass.all_broken(session, visit.now, visit.member)
        doubts = flags.doubts(session, visit.now)
        waiting = holds.waiting(session)
        letters = telling.by_letter(session, visit.member)
        reviews = coaching.waiting(session)
        rushes = topics.rushes(session, visit.now)
        said = alerts.waiting(session)
        # what stood out is no news of this second: it is counted when the page is opened, not when a panel is refreshed
        refreshed = bool(visit.request.headers.get("hx-request"))
        found = None if refreshed else anomalies(session, visit.now, visit.site.settings.zone)
    return visit.page(
        "supervision.html",
        broken=broken,
        doubts=doubts,
        letters=letters,
        waiting=waiting,
        found=found,
        reviews=reviews,
        rushes=rushes,
        said=said,
    )
