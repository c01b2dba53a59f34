"""What happened before: a few earlier contacts of the demo's customers, so that their histories aren't empty (P04)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, select

from contactcenter.calls.prompts import catalogue
from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.contacts.rules import Channel, ContactKind, Direction, LinkedBy, Outcome
from contactcenter.customers.models import Customer, Person
from contactcenter.notes import service as notes
from contactcenter.notes import summaries
from contactcenter.staff.access import as_member
from contactcenter.staff.models import Staff


@dataclass(frozen=True)
class Earlier:
    """One contact of the past, by mail, so that it needs no telephony."""

    days_ago: int
    relation_number: str
    kind: ContactKind
    outcome: Outcome
    question: str
    summary: str


EARLIER = (
    Earlier(
        61,
        "10042",
        ContactKind.INVOICE,
        Outcome.SOLVED,
        "Factuur van mei nog eens toesturen",
        "Factuur van mei opnieuw per mail gestuurd.",
    ),
    Earlier(
        12,
        "10042",
        ContactKind.OUTAGE,
        Outcome.CALL_BACK,
        "Map synchroniseert niet op de tweede computer",
        "Herstart hielp even; techniek zoekt verder en wij bellen terug.",
    ),
    Earlier(
        33,
        "10077",
        ContactKind.QUESTION,
        Outcome.SOLVED,
        "How do we add a receptionist?",
        "Explained how to invite a user; worked at once.",
    ),
)


def load(session: Session, now: datetime) -> None:
    """Let the past have happened: started, linked, handled, summarised, closed."""
    bram = session.exec(select(Staff).where(Staff.login == "bram")).one()
    for one in sorted(EARLIER, key=lambda earlier: earlier.days_ago, reverse=True):
        _happened(session, now - timedelta(days=one.days_ago), one, bram)


def _happened(session: Session, then: datetime, one: Earlier, handler: Staff) -> None:
    customer = session.exec(select(Customer).where(Customer.relation_number == one.relation_number)).one()
    person = session.exec(select(Person).where(Person.customer_id == customer.id)).first()
    contact_id = contacts.start(
        session,
        then,
        channel=Channel.MAIL,
        direction=Direction.INBOUND,
        team_id=handler.team_id,
        language=customer.language,
        statement_version=catalogue().statement_version,
    )
    contact = session.get_one(Contact, contact_id)
    contacts.link(session, then, contact, customer.id, person.id if person else None, LinkedBy.AGENT, handler.public_id)
    contacts.begin_handling(session, then, contact, handler.id)
    notes.write_note(session, then, contact_id, handler.id, one.question, "")
    contacts.end(session, then, contact, missed=False)
    summaries.confirm(session, then, contact_id, as_member(handler, then), one.summary)
    contacts.close(
        session, then, contact, handler.id, outcome=one.outcome, kind=one.kind, follow_up_on=_owed(one, then)
    )


def _owed(one: Earlier, then: datetime) -> date | None:
    return (then + timedelta(days=14)).date() if one.outcome is Outcome.CALL_BACK else None
