"""What staff do about a caller's identity, by forms: questions, codes, second persons, opening kinds, corrections,
call-backs, broken glass, marks and revoking. Expected answers never leave."""

from datetime import date

from sqlmodel import Session
from starlette.responses import Response

from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.core.errors import Conflict, Invalid, NotFound, Unavailable
from contactcenter.core.keys import MasterKey
from contactcenter.customers import correcting
from contactcenter.customers import service as customers
from contactcenter.customers.rules import Kind
from contactcenter.staff.access import KEY, Visit
from contactcenter.verification import (
    approvals,
    call_backs,
    codes,
    corrections,
    door,
    flags,
    glass,
    messages,
    passes,
    service,
    telling,
)
from contactcenter.verification.rules import ApprovalReason, CallBackEnd, EvidenceKind, GlassReason

LONGEST_TURN = 5  # digits


def draw(visit: Visit) -> Response:
    """Begin where there is no pass yet, and draw the next question when one is needed."""
    with visit.site.db.writing() as session:
        contact = contacts.by_public_id(session, visit.parameter("contact"))
        verification = service.ensure(session, visit.now, visit.member, contact.id)
        door.disclose(session, visit.now, visit.member, contact_id=contact.id)  # what that tells is not asked
        service.draw(session, visit.now, verification)
    return visit.done("desk")


def answer(visit: Visit) -> Response:
    """Compare what the caller said, or note that they would rather not say; what that opens, opens at once."""
    declined = visit.form.get("declined") == "1"
    with visit.site.db.writing() as session:
        contact = _in_hand(session, visit)
        typed = None if declined else visit.form.get("typed", "")
        service.answer(session, visit.now, visit.member, visit.form.get("question", ""), typed)
        door.disclose(session, visit.now, visit.member, contact_id=contact.id)
    return visit.done("desk")


def reveal(visit: Visit) -> Response:
    """Open one kind that doesn't open by itself, such as invoices, on the agent's key."""
    kind = visit.choice("kind", Kind, "Choose what to open.")
    with visit.site.db.writing() as session:
        contact = _in_hand(session, visit)
        door.reveal(session, visit.now, visit.member, contact_id=contact.id, kind=kind)
    return visit.done("desk")


def correct(visit: Visit) -> Response:
    """Write down what a verified caller wants corrected; the old address is told."""
    kind = visit.choice(
        "kind", Kind, "Choose what to correct: telephone number, e-mail address, postal address or bank account."
    )
    wanted, turn = correcting.read(kind, visit.form), visit.form.get("turn", "")
    with visit.site.db.writing() as session:
        contact = _in_hand(session, visit)
        number = int(turn) if turn.isdecimal() and len(turn) <= LONGEST_TURN else -1
        customer = corrections.correct(session, visit.now, visit.member, contact.id, wanted, number)
    return visit.done("customer", customer=customer.public_id)


def send_code(visit: Visit) -> Response:
    """Send the caller a code, to what was on record for long; they read it out."""
    kind = visit.choice("kind", EvidenceKind, "Choose how to send the code: by e-mail or as a text message.")
    messengers = messages.MESSENGERS.of(visit.site)
    with visit.site.db.reading() as session:
        contact_id = contacts.by_public_id(session, visit.parameter("contact")).id
    messages.send_code(visit.site.db, visit.now, messengers, visit.member, contact_id, kind)
    return visit.done("desk")


def read_code(visit: Visit) -> Response:
    """Compare the code that the caller read out; what that opens, opens at once."""
    with visit.site.db.writing() as session:
        contact = contacts.by_public_id(session, visit.parameter("contact"))
        codes.read_out(session, visit.now, visit.member, contact.id, visit.form.get("typed", ""))
        door.disclose(session, visit.now, visit.member, contact_id=contact.id)
    return visit.done("desk")


def ask_approval(visit: Visit) -> Response:
    """Ask a second person to vouch for the caller."""
    reason = visit.choice("reason", ApprovalReason, "Choose why a colleague should vouch for this caller.")
    with visit.site.db.writing() as session:
        contact = contacts.by_public_id(session, visit.parameter("contact"))
        verification = service.ensure(session, visit.now, visit.member, contact.id)
        approvals.ask(session, visit.now, verification, reason, visit.form.get("words", ""))
    return visit.done("desk")


def decide_approval(visit: Visit) -> Response:
    """A second person grants or refuses what a colleague asked."""
    with visit.site.db.writing() as session:
        grant = visit.form.get("grant") == "1"
        approvals.decide(session, visit.now, visit.member, visit.parameter("approval"), grant=grant)
    return visit.done("desk")


def ask_call_back(visit: Visit) -> Response:
    """The caller asks to be called back. The answer holds the code word: it is said now, and shown nowhere again."""
    kind, key = visit.choice("kind", Kind, "Choose what the call-back is for."), _key(visit)
    with visit.site.db.writing() as session:
        contact = contacts.by_public_id(session, visit.parameter("contact"))
        word = call_backs.ask(session, visit.now, visit.member, key, contact.id, kind)
    return visit.page("call_back_word.html", word=word, spoken=contact.language)


def hear_word(visit: Visit) -> Response:
    """Compare what the person whom we called says with the code word; what it opens, opens at once."""
    key = _key(visit)
    with visit.site.db.writing() as session:
        contact = contacts.by_public_id(session, visit.parameter("contact"))
        call_backs.say(session, visit.now, visit.member, key, contact.id, visit.form.get("typed", ""))
        door.disclose(session, visit.now, visit.member, contact_id=contact.id)
    return visit.done("desk")


def take_call_back(visit: Visit) -> Response:
    """This member of the team calls back."""
    with visit.site.db.writing() as session:
        call_backs.take(session, visit.now, visit.member, visit.parameter("call_back"))
    return visit.done("desk")


def end_call_back(visit: Visit) -> Response:
    """It is done, or not wanted any more."""
    how = visit.choice("ended", CallBackEnd, "Choose how the request ended.")
    if how is CallBackEnd.WRONG_WORDS:
        raise Invalid("Choose how the request ended.")
    with visit.site.db.writing() as session:
        call_backs.end(session, visit.now, visit.member, visit.parameter("call_back"), how)
    return visit.done("desk")


def break_glass(visit: Visit) -> Response:
    """Open a customer without a verified caller, for a reason; supervisors are told at once."""
    visit.for_trained()
    reason = visit.choice("reason", GlassReason, "Choose why this customer must be opened.")
    with visit.site.db.writing() as session:
        customer = customers.by_public_id(session, visit.parameter("customer"))
        door.break_glass(session, visit.now, visit.member, customer.id, reason, visit.form.get("words", ""))
    return visit.done("customer", customer=visit.parameter("customer"))


def reveal_by_glass(visit: Visit) -> Response:
    """Open one kind more of a customer who is open without a caller."""
    visit.for_trained()
    kind = visit.choice("kind", Kind, "Choose what to open.")
    with visit.site.db.writing() as session:
        customer = customers.by_public_id(session, visit.parameter("customer"))
        door.reveal_by_glass(session, visit.now, visit.member, customer.id, kind)
    return visit.done("customer", customer=visit.parameter("customer"))


def review_glass(visit: Visit) -> Response:
    """Somebody else says whether it was right."""
    with visit.site.db.writing() as session:
        glass.review(
            session,
            visit.now,
            visit.member,
            visit.parameter("glass"),
            justified=visit.form.get("justified") == "1",
            comment=visit.form.get("comment", ""),
        )
    return visit.done("supervision")


def letter_written(visit: Visit) -> Response:
    """Somebody wrote the letter that tells of a correction."""
    with visit.site.db.writing() as session:
        telling.written(session, visit.now, visit.member, visit.parameter("correction"))
    return visit.done("supervision")


def doubt(visit: Visit) -> Response:
    """ "This is not me", or the handler doubts it: supervisors are told, the call goes on."""
    with visit.site.db.writing() as session:
        contact = _in_hand(session, visit)
        link = contacts.active_link(session, contact.id)
        if link is None:
            raise Conflict("Link the contact to a customer first.")
        words = visit.form.get("words", "")
        flags.doubt(session, visit.now, visit.member, link.customer_id, contact.id, words)
        contacts.tell(session, visit.now, contact)
    return visit.done("desk")


def shut(visit: Visit) -> Response:
    """Nothing of this customer is disclosed until a day."""
    visit.for_trained()
    try:
        until = date.fromisoformat(visit.form.get("until", ""))
    except ValueError:
        raise Invalid("Choose a day within a year, on which it ends or is renewed.") from None
    with visit.site.db.writing() as session:
        customer = customers.by_public_id(session, visit.parameter("customer"))
        flags.shut(session, visit.now, visit.member, customer.id, visit.form.get("words", ""), until)
    return visit.done("customer", customer=visit.parameter("customer"))


def lift_flag(visit: Visit) -> Response:
    """A mark was reviewed, or was wrong: it ends now."""
    with visit.site.db.writing() as session:
        flags.lift(session, visit.now, visit.member, visit.parameter("flag"))
    return visit.done("supervision")


def revoke(visit: Visit) -> Response:
    """A supervisor ends the passes of a contact of their team."""
    with visit.site.db.writing() as session:
        contact = contacts.by_public_id(session, visit.parameter("contact"))
        if contact.team_id != visit.member.team_id:
            raise NotFound()
        service.revoke(session, visit.now, visit.member, contact)
    return visit.done("contact", contact=visit.parameter("contact"))


def _key(visit: Visit) -> MasterKey:
    """The key under which hashes of code words are kept."""
    key = KEY.of(visit.site)
    if key is None:
        raise Unavailable("There is no master key, so no code word can be kept; set CONTACTCENTER_MASTER_KEY.")
    return key


def _in_hand(session: Session, visit: Visit) -> Contact:
    """The contact of the path, for who handles it now; to everybody else it is not there."""
    contact = contacts.by_public_id(session, visit.parameter("contact"))
    return passes.handled(session, visit.now, visit.member, contact.id)
