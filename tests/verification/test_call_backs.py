"""A verified caller asks to be called back: a code word that is said once, and a request that one of the team takes."""

import re

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from contactcenter.contacts.models import Contact
from contactcenter.contacts.rules import Direction
from contactcenter.core.audit import Action
from contactcenter.core.keys import MasterKey
from contactcenter.customers.models import KnownNumber
from contactcenter.staff.rules import Role
from contactcenter.verification import answers, call_backs, code_words
from contactcenter.verification.code_words import WORDS
from contactcenter.verification.models import CallBack
from contactcenter.verification.rules import CallBackEnd, EvidenceKind
from tests.desks import path, signed_in
from tests.factories import BAKKERIJ_JANSEN, JORIS, PRIYA, SHARED, World
from tests.verification.acts import answer_rightly, prove, recognise

SAID = re.compile(r"<q [^>]*>([a-z]+ [a-z]+)</q>")


@pytest.fixture
def verified(world: World, call: int) -> int:
    """Joris is on the line with Anna, and is verified."""
    anna = world.members["Anna"]
    recognise(world, anna, call)
    answer_rightly(world, anna, call)
    return call


def ask(world: World, browser: TestClient, call: int, kind: str = "contact-history") -> str:
    """Joris asks to be called back; the code word."""
    answer = browser.post(path(world, call, "call-back"), data={"kind": kind})
    assert answer.status_code == 200, answer.text
    found = SAID.search(answer.text)
    assert found, answer.text
    return found[1]


def requests(world: World) -> list[CallBack]:
    return world.rows(select(CallBack).order_by(CallBack.id))  # type: ignore[arg-type]  # a column


def act(browser: TestClient, request: CallBack, what: str, **form: str) -> int:
    return browser.post(f"/call-backs/{request.public_id}/{what}", data=form).status_code


def test_who_is_verified_gets_a_code_word_and_the_team_sees_the_request(
    world: World, verified: int, anna: TestClient
) -> None:
    desk = anna.get("/desk/call").text
    assert "Vraagt om teruggebeld te worden" in desk
    assert re.findall(r'<option value="([a-z-]+)">', desk.split('name="kind">')[1].split("</select>")[0]) == [
        "relation-number", "name-and-address", "email-addresses", "phone-numbers", "licence-provider", "licences",
        "mutations", "contact-history", "contract-term", "order-history", "correspondence",
    ]  # fmt: skip
    ask(world, anna, verified)
    bram = signed_in(world, "Bram").get("/desk/ringing").text
    for shown in ("Terugbellen", "Bakkerij Jansen", "Eerdere contacten"):
        assert shown in bram
    assert "Joris" not in bram
    assert [entry.detail for entry in world.acts(Action.CALL_BACK_ASKED)] == ["contact-history"]


def test_the_word_is_said_once_and_lies_nowhere(world: World, verified: int, anna: TestClient) -> None:
    word = ask(world, anna, verified)
    for page in ("/desk", "/desk/call", "/desk/ringing", f"/contacts/{world.contact(verified).public_id}"):
        assert word not in anna.get(page).text
    assert [table for table, rows in world.tables() if word in rows] == []


@pytest.mark.parametrize("kind", ["invoices", "bank-account", "payment-method", "collection-method", "device-id", "x"])
def test_a_call_back_promises_nothing_sensitive(world: World, verified: int, anna: TestClient, kind: str) -> None:
    prove(world, world.members["Anna"], verified, EvidenceKind.CODE_BY_EMAIL)
    answer = anna.post(path(world, verified, "call-back"), data={"kind": kind})
    assert (answer.status_code, requests(world)) == (422 if kind == "x" else 403, [])


def test_a_caller_who_is_only_recognised_is_promised_nothing(world: World, call: int, anna: TestClient) -> None:
    recognise(world, world.members["Anna"], call)
    assert "Vraagt om teruggebeld te worden" not in anna.get("/desk/call").text
    answer = anna.post(path(world, call, "call-back"), data={"kind": "licences"})
    assert (answer.status_code, requests(world)) == (409, [])


def test_a_mandate_says_about_what_one_may_be_called_back(world: World, anna: TestClient) -> None:
    agent = world.members["Anna"]
    call = world.call(SHARED, answered_by=agent)
    joris, marieke = BAKKERIJ_JANSEN["persons"]
    numbers = [{"number": SHARED, "attested": True, "since": "2023-03-01"}]
    world.put(BAKKERIJ_JANSEN | {"persons": [joris, marieke | {"numbers": numbers}]})
    world.link(call, "10042", "marieke", agent)
    prove(world, agent, call, EvidenceKind.PORTAL_CODE)
    answer_rightly(world, agent, call)
    assert anna.post(path(world, call, "call-back"), data={"kind": "licences"}).status_code == 403
    assert anna.post(path(world, call, "call-back"), data={"kind": "relation-number"}).status_code == 200


def test_without_a_number_of_a_month_they_have_to_call_us(world: World, verified: int, anna: TestClient) -> None:
    with world.writing() as session:
        for number in session.exec(select(KnownNumber).where(KnownNumber.e164 == JORIS)):
            number.recorded_at = world.now
    answer = anna.post(path(world, verified, "call-back"), data={"kind": "licences"})
    assert answer.status_code == 409
    assert "vraag of zij ons bellen" in answer.text


def test_on_a_call_that_we_make_nobody_asks_to_be_called_back(world: World, verified: int, anna: TestClient) -> None:
    with world.writing() as session:
        session.get_one(Contact, verified).direction = Direction.OUTBOUND
    answer = anna.post(path(world, verified, "call-back"), data={"kind": "licences"})
    assert (answer.status_code, "P12" in answer.text, requests(world)) == (409, True, [])


def test_a_new_request_ends_the_one_before(world: World, verified: int, anna: TestClient) -> None:
    first, second = ask(world, anna, verified), ask(world, anna, verified, "licences")
    assert first != second
    assert [(one.kind.value, one.ended) for one in requests(world)] == [
        ("contact-history", CallBackEnd.WITHDRAWN),
        ("licences", None),
    ]


def test_one_of_the_team_takes_it_and_a_colleague_only_after_half_an_hour(
    world: World, verified: int, anna: TestClient
) -> None:
    ask(world, anna, verified)
    request, bram = requests(world)[0], signed_in(world, "Bram")
    assert act(bram, request, "take") == 204
    assert act(bram, request, "take") == 204  # twice is once
    assert "Bram doet dit" in anna.get("/desk/ringing").text
    assert act(anna, request, "take") == 409
    assert act(anna, request, "end", ended="done") == 409
    world.travel(minutes=31)
    with world.reading() as session:
        assert [one.free for one in call_backs.asked_of(session, world.now, world.members["Anna"])] == [True]
    assert act(anna, request, "take") == 204
    assert act(bram, request, "end", ended="done") == 409
    assert act(anna, request, "end", ended="wrong-words") == 422
    assert act(anna, request, "end", ended="done") == 204
    assert act(anna, request, "end", ended="done") == 409
    assert "Bakkerij Jansen" not in bram.get("/desk/ringing").text
    assert [entry.detail for entry in world.acts(Action.CALL_BACK_ENDED)] == ["done"]
    assert len(world.acts(Action.CALL_BACK_TAKEN)) == 2


def test_what_somebody_left_lying_a_colleague_may_end(world: World, verified: int, anna: TestClient) -> None:
    ask(world, anna, verified)
    (request,) = requests(world)
    assert act(signed_in(world, "Bram"), request, "take") == 204
    world.travel(minutes=31)
    assert act(anna, request, "end", ended="withdrawn") == 204
    assert requests(world)[0].ended is CallBackEnd.WITHDRAWN


def test_while_somebody_calls_for_it_no_colleague_takes_or_ends_it(
    world: World, verified: int, anna: TestClient
) -> None:
    ask(world, anna, verified)
    request, bram = requests(world)[0], world.members["Bram"]
    assert act(signed_in(world, "Bram"), request, "take") == 204
    ours = world.call(JORIS, answered_by=bram, direction=Direction.OUTBOUND)
    with world.writing() as session:
        call_backs.tried(session, world.now, bram, session.get_one(CallBack, request.id), ours)
    world.travel(minutes=31)
    assert act(anna, request, "take") == 409
    assert act(anna, request, "end", ended="done") == 409
    assert f"/call-backs/{request.public_id}" not in anna.get("/desk/ringing").text
    world.hang_up(ours)
    assert act(anna, request, "take") == 204


def test_of_two_requests_one_is_taken_and_the_other_waits_on(world: World, verified: int, anna: TestClient) -> None:
    ask(world, anna, verified)
    world.hang_up(verified)
    world.travel(hours=71)
    anna = signed_in(world, "Anna")
    other = world.call(PRIYA, answered_by=world.members["Anna"])
    recognise(world, world.members["Anna"], other)
    prove(world, world.members["Anna"], other, EvidenceKind.CODE_BY_EMAIL)
    ask(world, anna, other)
    first, second = requests(world)
    bram = signed_in(world, "Bram")
    assert act(bram, second, "take") == 204
    assert [one.taken_by for one in requests(world)] == [None, world.members["Bram"].id]
    assert act(bram, second, "end", ended="done") == 204
    assert [one.ended for one in requests(world)] == [None, CallBackEnd.DONE]
    ask(world, anna, other)
    world.travel(hours=2)
    assert act(signed_in(world, "Bram"), first, "take") == 409  # its 72 hours are over, and not those of the last


def test_after_72_hours_it_is_over(world: World, verified: int, anna: TestClient) -> None:
    ask(world, anna, verified)
    world.travel(hours=71)
    anna = signed_in(world, "Anna")
    assert "Bakkerij Jansen" in anna.get("/desk/ringing").text
    world.travel(hours=1)
    assert "Bakkerij Jansen" not in anna.get("/desk/ringing").text
    assert act(anna, requests(world)[0], "take") == 409


def test_who_has_no_privacy_training_sees_that_somebody_waits_and_not_who(
    world: World, verified: int, anna: TestClient
) -> None:
    ask(world, anna, verified)
    world.hire("Nieke", trained=False)
    shown = signed_in(world, "Nieke").get("/desk/ringing").text
    assert "een klant" in shown
    assert "Bakkerij" not in shown


def test_another_team_knows_nothing_of_it(world: World, verified: int, anna: TestClient) -> None:
    ask(world, anna, verified)
    world.hire("Sofie", Role.SUPERVISOR, team="Sales")
    sofie = signed_in(world, "Sofie")
    assert "Bakkerij Jansen" not in sofie.get("/desk/ringing").text
    assert act(sofie, requests(world)[0], "take") == 404


@pytest.mark.parametrize("language", WORDS)
def test_words_are_many_different_and_easy_to_hear(language: str) -> None:
    words = WORDS[language]
    assert len(words) == len(set(words)) >= 200
    assert [word for word in words if not re.fullmatch("[a-z]{3,14}", word)] == []
    assert len({"".join(answers.words(word)) for word in words}) == len(words)


def test_a_code_word_is_two_words_and_is_compared_without_case_and_spaces() -> None:
    key = MasterKey.parse(MasterKey.generate())
    kept = code_words.keyed(key, "one", "zebra piano")
    assert kept == code_words.keyed(key, "one", " Zebra, PIANO.")
    other = MasterKey.parse(MasterKey.generate())
    assert kept not in {
        code_words.keyed(key, "two", "zebra piano"),
        code_words.keyed(key, "one", "piano zebra"),
        code_words.keyed(other, "one", "zebra piano"),
    }
    drawn = {code_words.drawn("nl") for _ in range(20)}
    assert len(drawn) > 15
    assert all(part in WORDS["nl"] for word in drawn for part in word.split())
    assert set(code_words.drawn("fr").split()) <= set(WORDS["nl"])
