"""Calls that we make: Joris asks to be called back, Anna calls, and what is told is what he asked about (P12)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlmodel import col, select

from contactcenter.calls.models import Command
from contactcenter.calls.rules import CommandState, Verb
from contactcenter.contacts.rules import ContactState, Direction
from contactcenter.customers.models import KnownNumber
from contactcenter.verification.models import CallBack, Disclosure, Evidence, Verification
from contactcenter.verification.rules import CallBackEnd, EvidenceKind, EvidenceOutcome
from tests.calls.calling_back import asked, calling, contact_of, not_reached, picks_up, placed, rung
from tests.house import JORIS, Agent, House


def at_the_desk(house: House, login: str) -> Agent:
    """Somebody who takes calls, and reads English."""
    agent = house.agent(login)
    agent.http.cookies.set("language", "en")
    agent.post("/available", (303, 204), available="1")
    return agent


@pytest.fixture
def anna(house: House) -> Iterator[Agent]:
    """Anna at her desk; a day has passed since earlier stories."""
    house.clock.travel(hours=25)
    yield at_the_desk(house, "anna")
    house.misbehave()


def words_said(house: House, contact: int) -> list[EvidenceOutcome]:
    with house.look() as session:
        given = (
            select(Evidence)
            .join(Verification, col(Verification.id) == Evidence.verification_id)
            .where(Evidence.kind == EvidenceKind.CALL_BACK, Verification.contact_id == contact)
        )
        return [one.outcome for one in session.exec(given.order_by(col(Evidence.id)))]


def told(house: House, contact: int) -> set[str]:
    with house.look() as session:
        return set(session.exec(select(Disclosure.what).where(Disclosure.contact_id == contact)))


def request_of(house: House, request: str) -> CallBack:
    with house.look() as session:
        return session.exec(select(CallBack).where(CallBack.public_id == request)).one()


def test_joris_is_called_back_says_the_word_and_hears_what_he_asked_about(house: House, anna: Agent) -> None:
    request, word = asked(house, anna)
    picks_up(house)
    with calling(house, anna, request) as phone:
        contact = contact_of(house, phone)
        assert (contact.direction, contact.linked) == (Direction.OUTBOUND, True)
        assert told(house, contact.id) == set()
        desk = anna.get("/desk/call")
        assert "06 12345678" not in desk
        assert "please call us on our usual number" in desk
        anna.post(f"/contacts/{phone.contact}/call-back-word", typed=word.title())
        assert told(house, contact.id) == {"contract-term"}
        assert "This may be told, and nothing else." in anna.get("/desk/call")
        assert word not in anna.get("/desk/call")
        for act, form in (
            ("question", {}),
            ("code", {"kind": "code-by-email"}),
            ("approval", {"reason": "emergency", "words": "It is really important."}),
        ):
            assert "P12" in anna.post(f"/contacts/{phone.contact}/{act}", (409,), **form).text
        for kind in ("invoices", "bank-account", "payment-method", "licences", "name-and-address"):
            anna.post(f"/contacts/{phone.contact}/reveal", (403,), kind=kind)
        assert told(house, contact.id) == {"contract-term"}
    assert words_said(house, contact.id) == [EvidenceOutcome.HOLDS]
    recorded = phone.recording_is("attached")
    assert (recorded["notice"]["whole"], recorded["call"]["from"]) == (True, "called")
    assert "P14" in anna.post(f"/contacts/{phone.contact}/close", (422,), outcome="solved", kind="question",
                              question="Until when?", text="").text  # fmt: skip
    anna.closes(phone.contact, text="Told until when the contract runs.")
    anna.post(f"/call-backs/{request}/end", ended="done")
    assert request_of(house, request).ended is CallBackEnd.DONE


def test_a_wrong_word_tells_nothing_and_three_end_the_request(house: House, anna: Agent) -> None:
    request, word = asked(house, anna)
    picks_up(house)
    with calling(house, anna, request) as phone:
        for left in ("2 tries left", "1 try left"):
            anna.post(f"/contacts/{phone.contact}/call-back-word", typed="zebra zebra")
            assert left in anna.get("/desk/call")
        anna.post(f"/contacts/{phone.contact}/call-back-word", typed="zebra zebra")
        assert "answers no request that stands" in anna.get("/desk/call")
        anna.post(f"/contacts/{phone.contact}/call-back-word", (409,), typed=word)
        assert told(house, contact_of(house, phone).id) == set()
    assert request_of(house, request).ended is CallBackEnd.WRONG_WORDS
    anna.closes(phone.contact, text="They didn't know the word.")
    anna.post(f"/call-backs/{request}/call", (409,))
    inbound = house.ring(JORIS)  # and the wrong words count as wrong answers do
    with anna.on_the_line(inbound):
        assert "Three answers were wrong" in anna.post(f"/contacts/{inbound.contact}/question", (429,)).text


def test_after_72_hours_nobody_is_called(house: House, anna: Agent) -> None:
    request, _ = asked(house, anna)
    before = rung(house)
    house.clock.travel(hours=73)
    again = at_the_desk(house, "anna")
    again.post(f"/call-backs/{request}/call", (409,))
    assert (placed(house, request), rung(house)) == ([], before)


def test_a_number_that_is_new_is_not_called(house: House, anna: Agent) -> None:
    request, _ = asked(house, anna)
    before = rung(house)
    with house.parts.db.writing() as session:
        known = session.exec(select(KnownNumber).where(KnownNumber.e164 == JORIS)).all()
        since = {one.id: one.recorded_at for one in known}
        for one in known:
            one.recorded_at = house.clock() - timedelta(days=29)
    refused = anna.post(f"/call-backs/{request}/call", (409,))
    with house.parts.db.writing() as session:
        for one in session.exec(select(KnownNumber).where(KnownNumber.e164 == JORIS)):
            one.recorded_at = since[one.id]
    assert "ask them to call us" in refused.text
    assert (placed(house, request), rung(house)) == ([], before)


@pytest.mark.parametrize("behaviour", ["busy", "never", "failed"])
def test_who_is_not_reached_is_tried_again_later(house: House, anna: Agent, behaviour: str) -> None:
    request, word = asked(house, anna)
    picks_up(house, behaviour)
    phone = not_reached(house, anna, request)
    assert phone.outcome()["call"]["ending"] == "not-reached"
    assert contact_of(house, phone).state is ContactState.WRAP_UP
    assert "Niet bereikt." in anna.get("/desk/call")  # a note in the language of whoever called
    anna.closes(phone.contact, outcome="call-back", text="They could not be reached.")
    assert "called once" in anna.get("/desk/ringing")
    picks_up(house)
    with calling(house, anna, request) as second:
        anna.post(f"/contacts/{second.contact}/call-back-word", typed=word)
        assert told(house, contact_of(house, second).id) == {"contract-term"}


def test_when_the_agent_never_joins_the_team_is_rung(house: House, anna: Agent) -> None:
    request, word = asked(house, anna)
    picks_up(house)
    anna.post(f"/call-backs/{request}/call")
    (phone,) = placed(house, request)
    phone.is_("claimed")
    house.clock.travel(seconds=40)
    phone.is_("waiting")
    bram = at_the_desk(house, "bram")
    assert "we called" in bram.get("/desk/ringing")
    with bram.on_the_line(phone):
        assert told(house, contact_of(house, phone).id) == set()
        bram.post(f"/contacts/{phone.contact}/call-back-word", typed=word)
        assert told(house, contact_of(house, phone).id) == {"contract-term"}


def test_what_the_carrier_refuses_is_not_tried_again(house: House, anna: Agent) -> None:
    request, _ = asked(house, anna)
    before = rung(house)
    house.misbehave(rest={"status": 500, "match": "/Calls.json"})
    anna.post(f"/call-backs/{request}/call")
    house.misbehave()
    with house.look() as session:
        asked_of = select(Command).where(Command.verb == Verb.CALL_OUT).order_by(col(Command.id).desc())
        command = session.exec(asked_of).first()
        assert command is not None
        assert (command.state, command.tries) == (CommandState.FAILED, 1)
    assert "wrap-up" in anna.get("/desk/call")
    assert rung(house) == before
