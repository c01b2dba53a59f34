"""A line may ask for the relation number: a hint for the desk and weak evidence, and nothing that anybody must give."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from contactcenter.calls.models import Call, Line
from contactcenter.calls.rules import (
    AskRelationNumber,
    CallState,
    Conference,
    Ending,
    Facts,
    on_arrival,
    on_key,
    on_keyed,
)
from contactcenter.calls.rules import on_notice_heard as heard
from contactcenter.contacts import service as contacts
from contactcenter.customers import service as customers
from contactcenter.customers.incoming import CustomerIn
from contactcenter.customers.models import Customer
from contactcenter.customers.rules import Origin
from contactcenter.demo.people import ENGLISH_LINE
from contactcenter.verification.models import Evidence
from contactcenter.verification.rules import EvidenceKind, EvidenceOutcome
from tests.calls.carrier_stand_in import Carrier, carrier, new_sid, verbs
from tests.house import JORIS, JORIS_KNOWS, STRANGER, Agent, House, Telephone
from tests.patience import until
from tests.statements import statements

JANSEN, SOMEBODY_ELSE, NOBODY = "10042", "10101", "99999"
OTHER, CONTRADICTS = "+31655555555", "relatienummer van een andere klant ingetoetst"
ASKING = Facts(CallState.NOTICE, "nl", "en", 1, can_record=True, may_record=False, asks=True)


@pytest.fixture(autouse=True)
def asking_line(house: House) -> Iterator[None]:
    """The English line asks for the relation number, while these stories last."""
    asks(house, True)
    yield
    asks(house, False)


def asks(house: House, whether: bool) -> None:
    with house.parts.db.writing() as session:
        session.execute(update(Line).where(col(Line.e164) == ENGLISH_LINE).values(asks_relation_number=whether))


@pytest.fixture
def anna(house: House) -> Agent:
    agent = house.agent("anna")
    agent.post("/available", (303, 204), available="1")
    return agent


def keys_in(house: House, caller: str, digits: str, keys: str = "") -> Telephone:
    """Somebody rings, hears the notice, and keys in what they are asked for, perhaps nothing."""
    phone = house.ring(caller, keys=keys, number=digits)
    phone.is_("waiting")
    return phone


def linked_to(house: House, phone: Telephone) -> str | None:
    """The relation number of the customer to whom the contact is linked."""
    with house.look() as session:
        call = session.exec(select(Call).where(Call.sid == phone.sid)).one()
        link = contacts.active_link(session, call.contact_id)
        return session.get_one(Customer, link.customer_id).relation_number if link else None


def keyed_evidence(house: House) -> int:
    """How often the keys were evidence in this house."""
    with house.look() as session:
        rows = session.exec(select(Evidence).where(Evidence.kind == EvidenceKind.RELATION_NUMBER)).all()
        assert all(row.outcome is EvidenceOutcome.HOLDS for row in rows)
        return len(rows)


def after_the_question(phone: Telephone) -> str:
    """What the caller hears after they were asked."""

    def look() -> str | None:
        heard = [one["detail"].rsplit("/", 1)[-1] for one in phone.heard()["heard"] if one["kind"] == "play"]
        return next(iter(heard[heard.index("relation-number.en.wav") + 1 :]), None)

    return until(look, "the queue")


def test_a_stranger_who_keys_it_in_is_offered_to_the_agent_and_has_to_answer_all_the_same(
    house: House, anna: Agent
) -> None:
    before, phone = keyed_evidence(house), keys_in(house, STRANGER, f"{JANSEN}#")
    assert linked_to(house, phone) is None
    with anna.on_the_line(phone):
        offered = anna.get("/desk/call").split("Joris Jansen")[1]
        chosen = {name: re.findall(rf'name="{name}" value="([^"]+)"', offered)[0] for name in ("customer", "person")}
        anna.post(f"/contacts/{phone.contact}/link", **chosen)
        question, fact = anna.asks(phone.contact)
        desk = anna.get("/desk/call")
        assert keyed_evidence(house) == before + 1
        assert "relatienummer ingetoetst" in desk
        assert "Molenstraat" not in desk
        anna.post(f"/contacts/{phone.contact}/answer", question=question, typed=JORIS_KNOWS[fact])
        assert "Molenstraat" in anna.get("/desk/call")
    anna.closes(phone.contact)


def test_known_number_and_keys_together_open_no_more_than_the_greeting(house: House, anna: Agent) -> None:
    before, phone = keyed_evidence(house), keys_in(house, JORIS, f"{JANSEN}#")
    assert linked_to(house, phone) == JANSEN
    with anna.on_the_line(phone):
        assert "Molenstraat" not in anna.get("/desk/call")
    assert keyed_evidence(house) == before + 1
    anna.closes(phone.contact)


@pytest.mark.parametrize("digits", [f"{JANSEN}#", f"{SOMEBODY_ELSE}#", f"{NOBODY}#", ""])
def test_who_is_known_by_their_number_is_greeted_so_whatever_they_key_in(
    house: House, anna: Agent, digits: str
) -> None:
    """Else a caller from somebody's number learned by the greeting which relation numbers exist."""
    phone = keys_in(house, JORIS, digits)
    assert after_the_question(phone).startswith("position-")
    assert linked_to(house, phone) == JANSEN
    with anna.on_the_line(phone):
        assert "<h1>\n    Bakkerij Jansen?" in anna.get("/desk/call")
    anna.closes(phone.contact)


def test_keys_that_contradict_the_number_offer_the_other_customer_to_the_agent(house: House, anna: Agent) -> None:
    before, phone = keyed_evidence(house), keys_in(house, JORIS, f"{SOMEBODY_ELSE}#")
    with anna.on_the_line(phone):
        offered = anna.get("/desk/call").split(CONTRADICTS)[1]
        assert "Fietsen De Boer" in offered
        assert keyed_evidence(house) == before
        chosen = {name: re.findall(rf'name="{name}" value="([^"]+)"', offered)[0] for name in ("customer", "person")}
        anna.post(f"/contacts/{phone.contact}/link", **chosen)
        assert linked_to(house, phone) == SOMEBODY_ELSE
        assert CONTRADICTS not in anna.get("/desk/call")
    anna.closes(phone.contact)


@pytest.mark.parametrize("caller", [STRANGER, JORIS])
def test_the_caller_does_not_hear_whether_the_number_is_anybodys(house: House, caller: str) -> None:
    phones = [keys_in(house, caller, digits) for digits in (f"{JANSEN}#", f"{SOMEBODY_ELSE}#", f"{NOBODY}#", "")]
    heard = [after_the_question(phone) for phone in phones]
    for phone in phones:
        phone.hang_up()
    assert all(prompt.startswith("position-") for prompt in heard)


@pytest.mark.parametrize("caller", [STRANGER, JORIS])
def test_the_same_is_done_whether_the_number_is_anybodys_or_not(tmp_path: Path, caller: str) -> None:
    """What takes longer says something as well: the carrier, and whoever listens, can count."""
    with carrier(tmp_path) as twilio:
        with twilio.parts.db.writing() as session:
            session.execute(update(Line).values(asks_relation_number=True))
            for number, known in ((JANSEN, JORIS), (SOMEBODY_ELSE, OTHER)):
                customers.put(
                    session, twilio.parts.clock(), a_customer(number, known), origin=Origin.IMPORT, actor="api"
                )
        done = {digits: what_is_done(twilio, caller, digits) for digits in (JANSEN, SOMEBODY_ELSE, NOBODY)}
    assert done[JANSEN] == done[SOMEBODY_ELSE] == done[NOBODY]


def a_customer(relation_number: str, number: str) -> CustomerIn:
    """A customer with one person and their number."""
    person = {"reference": "office", "name": "Somebody", "numbers": [{"number": number}]}
    return CustomerIn.model_validate({"relation_number": relation_number, "name": "Bakery", "persons": [person]})


def what_is_done(twilio: Carrier, caller: str, digits: str) -> tuple[list[str], str]:
    """A call as far as the keys: what the database is asked then, and what the caller hears, its names left out."""
    twilio.sid = new_sid("CA")
    for path in ("/twilio/voice", "/twilio/heard?attempt=1"):
        twilio.post(path, From=caller)
    with statements(twilio.parts.db) as asked:
        answer = twilio.post("/twilio/keyed", From=caller, Digits=digits)
    asked = [one for one in asked if "FROM live_event" not in one and "DEFERRED" not in one]  # who watches, meanwhile
    return asked, re.sub(r"CA\w{32}|(?<=>)[\w-]{22}(?=<)", "", answer.text)


def test_who_hangs_up_while_keying_in_was_missed_like_anybody_who_waited(tmp_path: Path) -> None:
    with carrier(tmp_path) as twilio:
        with twilio.parts.db.writing() as session:
            session.execute(update(Line).values(asks_relation_number=True))
        twilio.post("/twilio/voice")
        assert verbs(twilio.post("/twilio/heard?attempt=1")) == ["Gather", "Redirect"]
        assert verbs(twilio.post("/twilio/heard?attempt=1")) == ["Gather", "Redirect"]
        twilio.post("/twilio/status", CallStatus="completed")
        with twilio.parts.db.reading() as session:
            assert session.exec(select(Call.ending)).one() is Ending.MISSED
        assert verbs(twilio.post("/twilio/keyed", Digits=JANSEN)) == ["Hangup"]


def test_an_objection_holds_while_the_number_is_keyed_in(house: House, anna: Agent) -> None:
    phone = keys_in(house, JORIS, f"{JANSEN}#", keys="9")
    with anna.on_the_line(phone):
        pass
    assert phone.outcome()["recording"] is None
    assert house.carrier_keeps(phone) == []
    anna.closes(phone.contact)


def test_the_rules_ask_after_the_notice_and_then_let_wait() -> None:
    asked = heard(ASKING)
    assert (asked.steps, asked.state, asked.notice_whole) == ((AskRelationNumber("nl"),), CallState.KEYING, True)
    keying = replace(ASKING, state=CallState.KEYING)
    assert on_arrival(keying).steps == (AskRelationNumber("nl"),)
    for may_record in (True, False):
        waits = on_keyed(replace(keying, may_record=may_record))
        assert (waits.steps, waits.state) == ((Conference(may_record),), CallState.WAITING)
    assert on_keyed(replace(ASKING, state=CallState.ENDED)).state is CallState.ENDED
    objects = on_key(ASKING, "9")
    assert (objects.steps[-1], objects.state, objects.objected) == (AskRelationNumber("nl"), CallState.KEYING, True)
