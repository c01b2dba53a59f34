"""Calls of nobody find their customer once their number became known, and never against a person's will."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from contactcenter.calls import linking
from contactcenter.calls.models import Call
from contactcenter.contacts import lists
from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact, ContactLink
from contactcenter.contacts.rules import LinkedBy
from contactcenter.customers import service as customers
from contactcenter.customers.rules import Origin
from tests.calls.carrier_stand_in import LINE, Carrier, carrier
from tests.factories import BAKKERIJ_JANSEN, HARBOUR_DENTAL, JORIS, incoming

NOON = datetime(2026, 11, 2, 11, tzinfo=UTC)
LATER = NOON + timedelta(minutes=10)


@pytest.fixture
def twilio(tmp_path: Path) -> Iterator[Carrier]:
    """Joris rang at noon, when nobody knew his number."""
    with carrier(tmp_path, clock=lambda: NOON) as opened:
        ring(opened, JORIS)
        hang_up(opened)
        yield opened


def ring(twilio: Carrier, number: str) -> None:
    twilio.post("/twilio/voice", From=number)
    twilio.post("/twilio/heard?attempt=1", From=number)


def hang_up(twilio: Carrier) -> None:
    twilio.post("/twilio/status", CallStatus="completed", SequenceNumber="1")


def put(twilio: Carrier, data: dict[str, Any]) -> None:
    with twilio.parts.db.writing() as session:
        customers.put(session, NOON, incoming(data), origin=Origin.IMPORT, actor="api")


def priya_with(number: str) -> dict[str, Any]:
    return HARBOUR_DENTAL | {"persons": [{"reference": "priya", "name": "Priya Shah", "numbers": [{"number": number}]}]}


def links(twilio: Carrier) -> list[ContactLink]:
    with twilio.parts.db.reading() as session:
        return list(session.exec(select(ContactLink)))


def swept(twilio: Carrier, now: datetime = LATER) -> int:
    return linking.link_late(twilio.parts.db, now)


def test_a_call_is_linked_when_its_caller_became_known(twilio: Carrier) -> None:
    assert swept(twilio) == 0
    put(twilio, BAKKERIJ_JANSEN)
    assert swept(twilio) == 1
    (link,) = links(twilio)
    assert (link.how, link.by, link.at) == (LinkedBy.NUMBER, "system", LATER)
    with twilio.parts.db.reading() as session:
        assert lists.unmatched(session) == []
        assert contacts.offered_number(session, link.contact_id, link.person_id or 0) is not None
    assert swept(twilio) == 0


def test_a_number_of_two_persons_selects_nobody_until_one_of_them_is_corrected(twilio: Carrier) -> None:
    put(twilio, BAKKERIJ_JANSEN)
    put(twilio, priya_with(JORIS))
    assert swept(twilio) == 0
    put(twilio, priya_with("+31622222222"))
    assert swept(twilio) == 1


def test_what_a_person_unlinked_stays_unlinked(twilio: Carrier) -> None:
    put(twilio, BAKKERIJ_JANSEN)
    swept(twilio)
    with twilio.parts.db.writing() as session:
        contacts.unlink(session, LATER, session.exec(select(Contact)).one(), "anna")
    assert swept(twilio) == 0


def test_a_call_that_goes_on_is_its_agents_to_link(tmp_path: Path) -> None:
    with carrier(tmp_path, clock=lambda: NOON) as twilio:
        ring(twilio, JORIS)
        put(twilio, BAKKERIJ_JANSEN)
        assert swept(twilio) == 0
        hang_up(twilio)
        assert swept(twilio) == 1


def test_an_old_call_may_have_been_somebody_elses(twilio: Carrier) -> None:
    put(twilio, BAKKERIJ_JANSEN)
    assert swept(twilio, NOON + timedelta(days=30, seconds=1)) == 0


def test_callers_without_a_number_and_our_own_lines_are_nobodys(tmp_path: Path) -> None:
    with carrier(tmp_path, clock=lambda: NOON) as twilio:
        ring(twilio, "anonymous")
        hang_up(twilio)
        put(twilio, priya_with(LINE))
        with twilio.parts.db.writing() as session:
            session.exec(select(Call)).one().caller = LINE
        assert swept(twilio) == 0
