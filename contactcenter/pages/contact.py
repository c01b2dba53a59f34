"""One contact, read from top to bottom: what it was about, summary, recording, transcript; its facts at the side."""

from sqlmodel import Session
from starlette.responses import Response

from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.contacts.routes import may_link
from contactcenter.core.errors import Invalid
from contactcenter.customers import service as customers
from contactcenter.pages.candidates import candidates, choices_of
from contactcenter.pages.contact_facts import ContactFacts, contact_facts
from contactcenter.pages.contact_words import ContactWords, contact_words
from contactcenter.pages.talk import talk_of
from contactcenter.recordings import languages, steering, timers
from contactcenter.recordings.rules import CutReason, HoldKind
from contactcenter.staff.access import Visit
from contactcenter.staff.rules import Right


def page(visit: Visit) -> Response:
    """The contact as far as it is open to this viewer; looking opens nothing."""
    with visit.site.db.reading() as session:
        contact = contacts.by_public_id(session, visit.parameter("contact"))
        linkable = visit.member.may(Right.LINK_CONTACTS) and may_link(session, visit.now, visit.member, contact)
        words, facts = _parts(session, visit, contact, linkable)
        talk = talk_of(session, visit, contact, words)
        rule = timers.rule_in_force(session, visit.now)
        writing = steering.writing_of(session, contact.id)
        may_steer = steering.may_steer(session, visit.member, contact)
        choices = candidates(session, visit, contact.id) if linkable and facts.customer is None else []
    return visit.page(
        "contact.html",
        words_of=words,
        talk=talk,
        facts=facts,
        link=linkable,
        choices=choices,
        contact_id=contact.public_id,
        hold_kinds=list(HoldKind),
        cut_reasons=list(CutReason),
        rule=rule,
        writing=writing,
        may_steer=may_steer,
        languages=languages.named(visit.language),
    )


def search(visit: Visit) -> Response:
    """Customers to link this contact to: a panel of buttons."""
    visit.for_trained()
    text = visit.request.query_params.get("q", "")
    with visit.site.db.writing() as session:
        contact = contacts.by_public_id(session, visit.parameter("contact"))
        try:
            hits = customers.search(session, visit.now, text, actor=visit.member.public_id)
        except Invalid:
            hits = None
    choices = choices_of(hits or [])
    return visit.page("customer_hits.html", choices=choices, short=hits is None, contact_id=contact.public_id)


def _parts(session: Session, visit: Visit, contact: Contact, linkable: bool) -> tuple[ContactWords, ContactFacts]:
    words = contact_words(session, visit, contact)
    return words, contact_facts(session, visit, contact, words_open=words.open, linkable=linkable)
