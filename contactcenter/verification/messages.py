"""Sends a code: the intent is committed, then one attempt of at most five seconds, then its outcome (P06).

Neither the code nor where it went is kept or logged.
"""

from dataclasses import dataclass
from datetime import datetime

from contactcenter.carrier.port import Carrier, CarrierProblem
from contactcenter.core.audit import Action, record
from contactcenter.core.db import Database
from contactcenter.core.errors import Problem, Unavailable
from contactcenter.core.i18n import translations
from contactcenter.core.mail import Letter, Post
from contactcenter.core.web import Part
from contactcenter.staff.access import Member
from contactcenter.verification import codes, service
from contactcenter.verification.codes import Sending
from contactcenter.verification.rules import EvidenceKind

SUBJECT = "Your code for the telephone call"
BODY = "%(code)s is your code for the call with %(company)s. Read it out to our colleague only if you called us yourself. We never ask for your password."  # noqa: E501  # a message id is one line


@dataclass(frozen=True)
class Messengers:
    """What takes messages away: mail and text messages, in the name of the company."""

    post: Post
    carrier: Carrier
    company: str


MESSENGERS: Part[Messengers] = Part()


def send_code(
    db: Database, now: datetime, messengers: Messengers, viewer: Member, contact_id: int, kind: EvidenceKind
) -> None:
    """Make a code for the caller in the viewer's hands, and send it. Raises `Problem` when it was not sent."""
    with db.writing() as session:
        verification = service.ensure(session, now, viewer, contact_id)
        sending = codes.make(session, now, verification, kind)
    try:
        _send(messengers, sending)
    except Problem:
        with db.writing() as session:
            record(session, now, viewer.public_id, Action.CODE_NOT_SENT, sending.public_id, kind.value)
        raise
    with db.writing() as session:
        codes.arrived(session, now, sending.public_id)
        record(session, now, viewer.public_id, Action.CODE_SENT, sending.public_id, kind.value)


def _send(messengers: Messengers, sending: Sending) -> None:
    said = translations(sending.language).gettext
    body = said(BODY) % {"code": f"{sending.code[:3]} {sending.code[3:]}", "company": messengers.company}
    if sending.kind is EvidenceKind.CODE_BY_EMAIL:
        messengers.post.send(Letter(sending.to, said(SUBJECT), body))
        return
    try:
        messengers.carrier.send_text(sending.to, body)
    except CarrierProblem:
        raise Unavailable("The text message was not sent; choose another way.") from None
