"""The policy of verification: what opens what, what makes a level, and what waits for a second person (P06, P07)."""

from difflib import unified_diff

from starlette.responses import Response

from contactcenter.staff.access import Visit
from contactcenter.verification import policies
from contactcenter.verification.fields import FIELDS
from contactcenter.verification.policy import NATURES
from contactcenter.verification.policy_text import read
from contactcenter.verification.rules import PolicyState


def page(visit: Visit) -> Response:
    """The table of fields, the policy in force, and all versions; proposals with what they change."""
    with visit.site.db.reading() as session:
        text = policies.text_in_force(session)
        versions = policies.versions(session)
    changes = {one.public_id: _changes(text, one.text) for one in versions if one.state is PolicyState.PROPOSED}
    return visit.page(
        "policy.html", fields=FIELDS, natures=NATURES, policy=read(text), text=text, versions=versions, changes=changes
    )


def decide(visit: Visit) -> Response:
    """A second person puts a proposal in force, or turns it down."""
    with visit.site.db.writing() as session:
        policies.decide(
            session, visit.now, visit.member, visit.parameter("version"), accept=visit.form.get("accept") == "1"
        )
    return visit.done("policy")


def _changes(old: str, new: str) -> str:
    lines = unified_diff(old.splitlines(), new.splitlines(), "in force", "proposed", lineterm="", n=1)
    return "\n".join(lines)
