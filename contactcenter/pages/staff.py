"""The people who work here, for who manages them: roles, proposals, what is missing."""

from starlette.responses import Response

from contactcenter.staff import factors, roles, service
from contactcenter.staff.access import Visit, demand_of
from contactcenter.staff.models import Staff
from contactcenter.staff.rules import Role, demanded


def page(visit: Visit) -> Response:
    """Everybody with role and team, and which roles wait for a second person."""
    demand = demand_of(visit.site.settings)
    with visit.site.db.reading() as session:
        everybody, waiting = service.everybody(session), roles.waiting(session, visit.now)
        guessed = factors.guessed(session)
    lacking = {one.id for one, _, has_factor in everybody if not has_factor and demanded(one.role, demand)}
    return visit.page(
        "staff.html", everybody=everybody, waiting=waiting, lacking=lacking, guessed=guessed, roles=list(Role)
    )


def change_role(visit: Visit) -> Response:
    """Give somebody another role, or propose it."""
    role = visit.choice("role", Role, "Choose a role.")
    with visit.site.db.writing() as session:
        actor = session.get_one(Staff, visit.member.id)
        roles.change(session, visit.now, actor, visit.parameter("member"), role)
    return visit.goto("staff")


def decide_role(visit: Visit) -> Response:
    """Confirm a role that somebody else proposed, or turn it down."""
    accept = visit.form.get("accept") == "1"
    with visit.site.db.writing() as session:
        actor = session.get_one(Staff, visit.member.id)
        roles.decide(session, visit.now, actor, visit.parameter("proposal"), accept=accept)
    return visit.goto("staff")
