"""Promises about contacts: their links, the carrier's events, and words, each against what somebody else said."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import null
from sqlmodel import Session, and_, col, or_, select

from contactcenter.calls.models import Call, Leg
from contactcenter.coaching.checked import coverage
from contactcenter.contacts.models import Contact, ContactLink
from contactcenter.contacts.rules import Channel, Direction
from contactcenter.core.alerts import Alert, AlertKind
from contactcenter.core.elapsed import elapsed
from contactcenter.core.inbox import KEPT_FOR, OF_A_CALL, InboxEvent
from contactcenter.customers.rules import CLASS_OF, FieldClass
from contactcenter.notes import summaries
from contactcenter.notes.alerting import SpokenKind
from contactcenter.notes.models import Note, SpokenAlert, Summary
from contactcenter.privacy.counting import Rows, counted, found, page_of, together
from contactcenter.privacy.rules import CALLED_BACK_WITHIN, JUDGED_WITHIN, SUMMARY_WITHIN, UNMATCHED_FOR, Finding
from contactcenter.verification.models import (
    CallBack,
    CallBackTry,
    Correction,
    Disclosure,
    Evidence,
    OneTimeCode,
    Question,
    Verification,
)
from contactcenter.verification.rules import EvidenceKind, EvidenceOutcome

SHARE_OF = timedelta(days=30)
FINANCIAL = [kind.value for kind, field_class in CLASS_OF.items() if field_class is FieldClass.FINANCIAL]
CONTACTS = select(Contact.public_id, Contact.started_at, Contact.public_id)
OURS = CONTACTS.where(Contact.direction == Direction.OUTBOUND)


def registered(session: Session, now: datetime) -> Finding:
    """P03: contacts that were nobody's for over 14 days, and calls that the carrier knows and no contact does."""
    since = now - UNMATCHED_FOR
    link = select(ContactLink.id).where(
        ContactLink.contact_id == Contact.id,
        or_(col(ContactLink.undone_at).is_(None), col(ContactLink.undone_at) > since),
    )
    unmatched = counted(session, CONTACTS, and_(col(Contact.started_at) < since, ~link.exists()))
    told = select(InboxEvent.sids, InboxEvent.at, null()).where(OF_A_CALL)
    lost = counted(session, told, ~select(Call.id).where(Call.sid == InboxEvent.sids).exists())
    return together(unmatched, lost, found(session, _named_by_the_carrier(now)))


def _named_by_the_carrier(now: datetime) -> Rows:
    """Calls of the carrier's list that are still unknown; those that it also told us of are counted there."""
    leg = select(Leg.id).where(Leg.sid == Alert.subject)
    told = select(InboxEvent.key).where(InboxEvent.key == col(Alert.subject) + ":voice")
    return select(Alert.subject, Alert.raised_at, null()).where(
        Alert.kind == AlertKind.CALL_WITHOUT_CONTACT,
        col(Alert.raised_at) > now - KEPT_FOR,
        ~leg.exists(),
        ~told.exists(),
    )


def summarised(session: Session, now: datetime) -> Finding:
    """P10: calls that the carrier connected and that ended over a day ago, without a summary that was confirmed."""
    contact = page_of(Call.contact_id)
    handled = select(contact, Call.ended_at, contact).where(
        col(Call.connected_at).is_not(None), col(Call.ended_at) < now - SUMMARY_WITHIN
    )
    confirmed = select(Summary.id).where(
        Summary.contact_id == Call.contact_id, col(Summary.confirmed_by).is_not(None), Summary.text != ""
    )
    share = summaries.confirmed_unedited(session, now - SHARE_OF)
    return replace(counted(session, handled, ~confirmed.exists()), share=share)


def nothing_sensitive_asked(session: Session, now: datetime) -> Finding:
    """P12: contacts that we began in which a question was drawn, a code asked for, something corrected, financial data
    opened, or anything but what the customer's own request of the 72 hours before names, once its word was said;
    and alerts that an employee asked for an account number in one, which nobody judged for over seven days."""
    drawn = (
        select(Question.id)
        .join(Verification, col(Verification.id) == Question.verification_id)
        .where(Verification.contact_id == Contact.id)
    )
    opened = select(Disclosure.id).where(Disclosure.contact_id == Contact.id, col(Disclosure.what).in_(FINANCIAL))
    code = select(OneTimeCode.id).where(OneTimeCode.contact_id == Contact.id)
    corrected = select(Correction.id).where(Correction.contact_id == Contact.id)
    asked_for = (
        select(CallBack.id)
        .join(CallBackTry, col(CallBackTry.call_back_id) == CallBack.id)
        .where(
            CallBackTry.contact_id == Disclosure.contact_id,
            CallBack.person_id == Disclosure.person_id,
            CallBack.kind == Disclosure.what,
            elapsed(col(CallBack.made_at), col(Disclosure.at)).between(0, CALLED_BACK_WITHIN.total_seconds()),
        )
    )
    word_said = select(Evidence.id).where(
        Evidence.verification_id == Disclosure.verification_id,
        Evidence.kind == EvidenceKind.CALL_BACK,
        Evidence.outcome == EvidenceOutcome.HOLDS,
        col(Evidence.at) <= Disclosure.at,
    )
    untold = select(Disclosure.id).where(
        Disclosure.contact_id == Contact.id, or_(~asked_for.exists(), ~word_said.exists())
    )
    broken = (one.exists() for one in (drawn, code, corrected, opened, untold))
    alerts = judged_in_time(session, now, SpokenKind.ACCOUNT_ASKED, Direction.OUTBOUND)
    opened_and_asked = counted(session, OURS, or_(*broken))
    return replace(together(opened_and_asked, replace(alerts, checked=0)), share=alerts.share)


def no_password_asked(session: Session, now: datetime) -> Finding:
    """P08: alerts that an employee asked for a password, which nobody judged for over seven days."""
    return judged_in_time(session, now, SpokenKind.PASSWORD_ASKED)


def judged_in_time(session: Session, now: datetime, kind: SpokenKind, of: Direction | None = None) -> Finding:
    """Alerts of a kind that nobody judged in time; checked are the calls (`of` a direction) that could hold any."""
    contact = page_of(SpokenAlert.contact_id)
    raised = select(SpokenAlert.public_id, SpokenAlert.found_at, contact).where(SpokenAlert.kind == kind)
    late = and_(col(SpokenAlert.judged_at).is_(None), col(SpokenAlert.found_at) < now - JUDGED_WITHIN)
    share = coverage(session, now, of).share
    return replace(counted(session, raised, late), checked=share[0], share=share)


def our_calls_noted(session: Session, now: datetime) -> Finding:
    """P14: calls that we made and closed, about which nobody who handled them wrote anything."""
    written = select(Note.id).where(Note.contact_id == Contact.id, or_(Note.text != "", Note.question != ""))
    closed = OURS.where(Contact.channel == Channel.PHONE, col(Contact.closed_at).is_not(None))
    return counted(session, closed, ~written.exists())
