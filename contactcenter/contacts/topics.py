"""Topics that many customers call about at this moment: counts of codes across customers, never a word (P18).

The declared rule: in three hours a topic has contacts of at least five customers, and more of them than two usual
working days have. A topic of fewer customers is not told at all.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from contactcenter.contacts.models import Contact, ContactLink
from contactcenter.contacts.rules import Topic

LATELY = timedelta(hours=3)
USUALLY = timedelta(days=28)
WORKING_DAYS = 20  # of the usual ones
FEWEST_CUSTOMERS = 5
DAYS = 2  # usual ones that the last hours have to exceed


@dataclass(frozen=True)
class Rush:
    """A topic that stands out, and how many contacts chose it since then."""

    topic: Topic
    contacts: int
    since: datetime


def stands_out(contacts: int, customers: int, usual: int) -> bool:
    """Whether so many lately are a rush; `usual` is how many there were in the 28 days before."""
    return customers >= FEWEST_CUSTOMERS and contacts * WORKING_DAYS > DAYS * usual


def rushes(session: Session, now: datetime) -> list[Rush]:
    """What stands out now, most contacts first; of contacts that are linked to a customer and have a topic."""
    since = now - LATELY
    lately = session.exec(
        select(Contact.topic, func.count(func.distinct(Contact.id)), func.count(func.distinct(ContactLink.customer_id)))
        .join(ContactLink, col(ContactLink.contact_id) == Contact.id)
        .where(
            col(Contact.topic).is_not(None),
            col(Contact.started_at) > since,
            col(Contact.started_at) <= now,
            col(ContactLink.undone_at).is_(None),
        )
        .group_by(col(Contact.topic))
    ).all()
    found = [
        Rush(Topic(topic), contacts, since)
        for topic, contacts, customers in lately
        if topic is not None
        and customers >= FEWEST_CUSTOMERS
        and stands_out(contacts, customers, _usual(session, Topic(topic), since))
    ]
    return sorted(found, key=lambda rush: (-rush.contacts, rush.topic))


def _usual(session: Session, topic: Topic, until: datetime) -> int:
    before = col(Contact.started_at) > until - USUALLY, col(Contact.started_at) <= until
    return session.exec(select(func.count()).where(Contact.topic == topic, *before)).one()
