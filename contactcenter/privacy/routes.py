"""The promises page, where the privacy officer begins, and the page of each promise with what broke it."""

from collections import Counter

from starlette.responses import Response

from contactcenter.privacy import counts, promises
from contactcenter.privacy.rules import State
from contactcenter.staff.access import Visit


def promises_page(visit: Visit) -> Response:
    """Every promise: kept, broken or not built, and how often it was broken."""
    with visit.site.db.reading() as session:
        found, counted_at = counts.last(session, visit.now)
    return visit.page(
        "promises.html",
        verdicts=found,
        counted_at=counted_at,
        states=list(State),
        counts=Counter(one.state for one in found),
    )


def promise_page(visit: Visit) -> Response:
    """One promise, counted anew: where it comes from, how it is counted, and the newest of what broke it."""
    with visit.site.db.reading() as session:
        found = promises.verdict_of(session, visit.now, visit.parameter("promise"))
    return visit.page("promise.html", verdict=found)
