"""What people do with their own account: second factor, recovery codes, password, sessions."""

import segno
from sqlmodel import Session
from starlette.responses import Response

from contactcenter.core.audit import Action, record
from contactcenter.core.errors import Invalid, Problem
from contactcenter.staff import factors, service, sessions
from contactcenter.staff.access import KEY, Visit, demand_of, give_cookie
from contactcenter.staff.models import Staff
from contactcenter.staff.rules import Factor, Standing, demanded

PICTURE_SCALE = 5  # CSS pixels of a picture's smallest square


def page(visit: Visit) -> Response:
    """My account; who must have a second factor and has none gets no further than here."""
    return _page(visit)


def begin_app(visit: Visit) -> Response:
    """Make a secret for an app; the page shows it until the app gave a code."""
    visit.for_fresh()
    with visit.site.db.writing() as session:
        factors.begin_app(session, visit.now, _me(session, visit), KEY.of(visit.site))
    return visit.goto("account")


def confirm_app(visit: Visit) -> Response:
    """The app's first code: from now on it is asked for. Answers with fresh recovery codes, which are shown once."""
    visit.for_fresh()
    try:
        with visit.site.db.writing() as session:
            me = _me(session, visit)
            factors.confirm_app(session, visit.now, me, KEY.of(visit.site), visit.form.get("code", ""))
            codes = factors.new_recovery_codes(session, visit.now, me)
            token = _open_whole(session, visit, me)
    except Problem as refused:
        return _page(visit, problem=refused.sentence, status=refused.status)
    answer = _codes(visit, codes)
    if token:
        give_cookie(visit.site, answer, token)
    return answer


def new_codes(visit: Visit) -> Response:
    """Recovery codes in place of those before; shown once."""
    visit.for_fresh()
    with visit.site.db.writing() as session:
        codes = factors.new_recovery_codes(session, visit.now, _me(session, visit))
    return _codes(visit, codes)


def change_password(visit: Visit) -> Response:
    """A new password, for who knows the present one; all other sessions end."""
    present, new = visit.form.get("password", ""), visit.form.get("new", "")
    try:
        if new != visit.form.get("again", ""):
            raise Invalid("The new password was typed in two ways; type it twice alike.")
        token = service.change_password(visit.site.db, visit.now, visit.visitor, present, new, visit.source)
    except Problem as refused:
        return _page(visit, problem=refused.sentence, status=refused.status)
    if token is None:
        return _page(visit, problem="The present password is wrong.", status=403)
    answer = visit.goto("account")
    give_cookie(visit.site, answer, token)
    return answer


def end_session(visit: Visit) -> Response:
    """End one of my own sessions."""
    with visit.site.db.writing() as session:
        sessions.end_one(session, visit.now, _me(session, visit), visit.parameter("session"))
    return visit.goto("account")


def end_others(visit: Visit) -> Response:
    """End all of my own sessions but this one."""
    with visit.site.db.writing() as session:
        sessions.end_others(session, visit.now, _me(session, visit), visit.visitor.session)
    return visit.goto("account")


def _page(visit: Visit, problem: str | None = None, status: int = 200) -> Response:
    with visit.site.db.reading() as session:
        me = _me(session, visit)
        standby = factors.of(session, me.id)
        seats = sessions.of(session, visit.now, me.id, visit.visitor.session)
        offer = factors.offered(session, me, KEY.of(visit.site), visit.site.settings.company) if visit.fresh else None
    picture = segno.make(offer.uri).svg_data_uri(scale=PICTURE_SCALE, dark="#000", light="#fff") if offer else None
    return visit.page(
        "account.html",
        status=status,
        inside=visit.visitor.how_far is Standing.IN,
        must=demanded(me.role, demand_of(visit.site.settings)),
        fresh=visit.fresh,
        standby=standby,
        seats=seats,
        offer=offer,
        picture=picture,
        problem=problem,
    )


def _codes(visit: Visit, codes: list[str]) -> Response:
    return visit.page("recovery_codes.html", codes=codes)


def _me(session: Session, visit: Visit) -> Staff:
    return session.get_one(Staff, visit.member.id)


def _open_whole(session: Session, visit: Visit, me: Staff) -> str | None:
    if visit.visitor.how_far is not Standing.IN:
        record(session, visit.now, me.public_id, Action.STAFF_SIGNED_IN, me.public_id, Factor.APP)
    return sessions.renew(session, visit.now, visit.visitor.session, proved=True)
