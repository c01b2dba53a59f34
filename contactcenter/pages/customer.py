"""Customers: finding one by name or relation number, and one customer with its whole history."""

from starlette.responses import Response

from contactcenter.contacts import lists
from contactcenter.contacts.rules import Channel, ContactKind
from contactcenter.core.audit import Action, record
from contactcenter.core.errors import Invalid
from contactcenter.customers import service as customers
from contactcenter.customers.rules import CLASS_OF, FieldClass
from contactcenter.pages.contacts import word
from contactcenter.pages.rows import history_rows
from contactcenter.staff.access import Visit
from contactcenter.verification import corrections, door, flags, glass, served
from contactcenter.verification.rules import GLASS_LASTS, GlassReason

ELSEWHERE = (FieldClass.IDENTITY, FieldClass.WORDS)  # the heading, and the history beside the fields
CLASSES = {of: [kind for kind in CLASS_OF if CLASS_OF[kind] is of] for of in FieldClass if of not in ELSEWHERE}


def search_page(visit: Visit) -> Response:
    """Names and relation numbers, nothing else: what more there is opens in a contact."""
    visit.for_trained()
    text = visit.request.query_params.get("q", "")
    hits: list[customers.Hit] = []
    if text:
        with visit.site.db.writing() as session:
            try:
                hits = customers.search(session, visit.now, text, actor=visit.member.public_id)
            except Invalid:
                hits = []
    return visit.page("customers.html", q=text, hits=hits)


def page(visit: Visit) -> Response:
    """Fields by class behind their levels, open contacts first, one history of all channels."""
    visit.for_trained()
    asked = visit.request.query_params
    channel, kind = word(Channel, asked.get("channel")), word(ContactKind, asked.get("kind"))
    with visit.site.db.writing() as session:
        customer = customers.by_public_id(session, visit.parameter("customer"))
        record(session, visit.now, visit.member.public_id, Action.CUSTOMER_VIEWED, customer.public_id)
        card = door.card_of_customer(session, visit.now, visit.member, customer.id)
        shown = door.history_open(session, visit.now, visit.member, customer.id)
        found = [
            one
            for one in (lists.history(session, customer.id) if shown else ())
            if channel in (None, one.channel) and kind in (None, one.kind)
        ]
        history = history_rows(session, visit.now, visit.member, found)
        offers = corrections.offered_of(session, visit.now, visit.member, customer.id)
        broken = glass.standing(session, visit.now, visit.member, customer.id)
        marks = flags.in_force(session, visit.now, customer.id)
    served.note(visit.site.db, visit.now, visit.member, card)
    return visit.page(
        "customer.html",
        customer=customer,
        card=card,
        classes=CLASSES,
        history=history,
        offers=offers,
        history_open=shown,
        glass_until=broken.at + GLASS_LASTS if broken else None,
        marks=marks,
        reasons=list(GlassReason),
        channels=list(Channel),
        kinds=list(ContactKind),
        channel=channel,
        kind=kind,
    )
