"""What people do with their own account: second factor, recovery codes, password, sessions."""

from collections.abc import Callable

import segno
from sqlmodel import Session
from starlette.responses import JSONResponse, Response

from contactcenter.core.audit import Action, record
from contactcenter.core.errors import Conflict, Invalid, Problem
from contactcenter.staff import factors, passkeys, service, sessions
from contactcenter.staff.access import KEY, Visit, demand_of, give_cookie
from contactcenter.staff.models import Staff
from contactcenter.staff.rules import Factor, Standing, demanded

Change = Callable[[Session, Staff], None]
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
    """The app's first code: from now on it is asked for."""

    def set_up(session: Session, me: Staff) -> None:
        factors.confirm_app(session, visit.now, me, KEY.of(visit.site), visit.form.get("code", ""))

    return _set_up(visit, Factor.APP, set_up)


def remove_app(visit: Visit) -> Response:
    """Give the app up."""
    return _give_up(visit, lambda session, me: factors.remove_app(session, visit.now, me))


def offer(visit: Visit) -> Response:
    """What the browser needs to make a passkey."""
    visit.for_fresh()
    place, company = passkeys.place_of(visit.site.settings), visit.site.settings.company
    with visit.site.db.writing() as session:
        options = passkeys.offer(session, visit.now, visit.visitor, place, company)
    return JSONResponse(options, headers={"Cache-Control": "no-store"})


def add_passkey(visit: Visit) -> Response:
    """Keep the passkey that the browser made."""
    place, answer = passkeys.place_of(visit.site.settings), visit.form.get("credential", "")
    label = visit.visitor.session.browser

    def set_up(session: Session, _me: Staff) -> None:
        passkeys.add(session, visit.now, visit.visitor, place, answer, label)

    return _set_up(visit, Factor.PASSKEY, set_up)


def remove_passkey(visit: Visit) -> Response:
    """Give a passkey up."""
    name = visit.parameter("passkey")
    return _give_up(visit, lambda session, me: passkeys.remove(session, visit.now, me, name))


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


def _set_up(visit: Visit, factor: Factor, set_up: Change) -> Response:
    """Let a factor count; the session is open whole then. With the first one come recovery codes, shown once."""
    visit.for_fresh()
    try:
        with visit.site.db.writing() as session:
            me = _me(session, visit)
            set_up(session, me)
            session.flush()
            codes = [] if factors.of(session, me.id).codes else factors.new_recovery_codes(session, visit.now, me)
            if visit.visitor.how_far is not Standing.IN:
                record(session, visit.now, me.public_id, Action.STAFF_SIGNED_IN, me.public_id, factor)
            token = sessions.renew(session, visit.now, visit.visitor.session, proved=True)
    except Problem as refused:
        return _page(visit, problem=refused.sentence, status=refused.status)
    answer = _codes(visit, codes) if codes else visit.goto("account")
    if token:
        give_cookie(visit.site, answer, token)
    return answer


def _give_up(visit: Visit, give_up: Change) -> Response:
    """Let a factor count no more, unless it is the last one and needed."""
    visit.for_fresh()
    with visit.site.db.writing() as session:
        me = _me(session, visit)
        give_up(session, me)
        session.flush()
        if not factors.of(session, me.id).factors:
            if demanded(me.role, demand_of(visit.site.settings)):
                raise Conflict("Your role needs a second factor; set up another one first.")
            factors.forget_codes(session, me.id)
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
        place=passkeys.place_of(visit.site.settings),
        here=visit.request.url.hostname,
        problem=problem,
    )


def _codes(visit: Visit, codes: list[str]) -> Response:
    return visit.page("recovery_codes.html", codes=codes)


def _me(session: Session, visit: Visit) -> Staff:
    return session.get_one(Staff, visit.member.id)
