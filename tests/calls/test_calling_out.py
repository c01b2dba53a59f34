"""A call that we make, event by event: rung once, whatever is pressed, lost or told twice and in whatever order."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlmodel import col, select
from starlette.testclient import TestClient

from contactcenter.app import create_app
from contactcenter.calls import lines, outbound
from contactcenter.calls.commands import Commander
from contactcenter.calls.models import Call, Command, Leg, NoticePlay
from contactcenter.calls.rules import CallState, CommandState, Ending, Verb
from contactcenter.carrier.absent import AbsentCarrier
from contactcenter.carrier.port import CarrierProblem, Trouble
from contactcenter.compose import Ports
from contactcenter.contacts.models import Contact
from contactcenter.contacts.rules import ContactState, Direction, LinkedBy
from contactcenter.core import jobs
from contactcenter.customers.models import KnownNumber
from contactcenter.notes.models import Note
from contactcenter.recordings.models import Expected
from contactcenter.settings import load
from contactcenter.verification.models import CallBack, Flag, Verification
from contactcenter.verification.rules import FlagKind, Level
from tests.calls.calling_back import SAID
from tests.calls.carrier_stand_in import ACCOUNT, TOKEN, Carrier, new_sid, verbs
from tests.desks import KEY, all_the_way, path
from tests.factories import JORIS, OWN_LINE, PASSWORD, World
from tests.verification.acts import answer_rightly, recognise

PUBLIC = "https://calls.veldwijk.example"


@dataclass
class Ringing(AbsentCarrier):
    """A carrier at which calls ring until somebody tells otherwise; or that fails, after or before it rang."""

    rung: list[tuple[str, str]] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    sid: str = field(default_factory=lambda: new_sid("CA"))
    trouble: Trouble | None = None

    def call_out(self, number: str, shown: str, answer_url: str, events_url: str, fallback_url: str) -> str:
        """It rings."""
        self.rung.append((number, shown))
        if self.trouble is not None:
            raise CarrierProblem(self.trouble, "The carrier did not answer.")
        return self.sid

    def end_call(self, call: str) -> None:
        """It rings no more."""
        self.ended.append(call)


@dataclass
class Place:
    """The company, its carrier, Anna's browser, and a request with its word."""

    world: World
    carrier: Ringing
    twilio: Carrier
    anna: TestClient
    request: str
    word: str

    def press(self, browser: TestClient | None = None) -> int:
        """Press Call."""
        return (browser or self.anna).post(f"/call-backs/{self.request}/call").status_code

    def call(self) -> Call:
        """The newest call."""
        return self.world.rows(select(Call).order_by(col(Call.id).desc()))[0]

    def tell(self, path: str, **fields: str) -> list[str]:
        """A webhook about the call; the verbs of what it answers."""
        sent = {"CallSid": self.carrier.sid, "Direction": "outbound-api", "From": OWN_LINE, "To": JORIS}
        answer = self.twilio.post(f"/twilio/{path}", **(sent | fields))
        assert answer.status_code in (200, 204), answer.text
        return verbs(answer) if answer.text else []

    def picks_up(self) -> list[str]:
        """Joris picks up."""
        return self.tell(f"answered?call={self.call().public_id}", CallStatus="in-progress")

    def is_over(self, status: str) -> None:
        """The carrier says how it ended."""
        self.tell(f"placed?call={self.call().public_id}", CallStatus=status)

    def says(self, word: str) -> int:
        """What Joris says, typed."""
        return self.anna.post(
            path(self.world, self.call().contact_id, "call-back-word"), data={"typed": word}
        ).status_code

    def give_up(self) -> int:
        """The sweep."""
        return outbound.give_up(self.world.db, self.world.now)

    @property
    def command(self) -> Command:
        """What was asked of the carrier."""
        return self.world.rows(select(Command).where(Command.verb == Verb.CALL_OUT))[-1]


@pytest.fixture
def place(world: World) -> Iterator[Place]:
    """Joris rang, was verified, and asked to be called back about the term of his contract."""
    jobs.migrate(world.db.url)
    carrier = Ringing()
    chosen = {"public_url": PUBLIC, "language": "en", "master_key": KEY}
    settings = load(database_url=world.db.url, twilio_account_sid=ACCOUNT, twilio_auth_token=TOKEN, **chosen)
    parts = Ports(settings, world.db, lambda: world.now, carrier, None)
    with world.writing() as session:
        lines.add(session, OWN_LINE, name="Helpdesk", team="Support", language="nl", second_language="en")
    with TestClient(create_app(parts), base_url=PUBLIC, follow_redirects=False) as browser:
        anna = signed_in(world, browser, "anna")
        call = world.call(JORIS, answered_by=world.members["Anna"])
        recognise(world, world.members["Anna"], call)
        answer_rightly(world, world.members["Anna"], call)
        said = SAID.search(anna.post(path(world, call, "call-back"), data={"kind": "contract-term"}).text)
        assert said
        world.hang_up(call)
        request = world.rows(select(CallBack))[0].public_id
        yield Place(world, carrier, Carrier(TestClient(browser.app), parts), anna, request, said[1])


def signed_in(world: World, site: TestClient, login: str) -> TestClient:
    """Somebody's browser, in English."""
    browser = TestClient(site.app, base_url=PUBLIC, follow_redirects=False)
    assert browser.post("/sign-in", data={"login": login, "password": PASSWORD}).status_code == 303
    browser.headers["hx-request"] = "true"
    browser.cookies.set("language", "en")
    all_the_way(world.db)
    return browser


def test_a_call_back_goes_to_the_number_on_record_from_the_line_of_the_team(place: Place) -> None:
    assert place.press() == 204
    assert place.carrier.rung == [(JORIS, OWN_LINE)]
    call, contact = place.call(), place.world.contact(place.call().contact_id)
    assert (call.state, call.sid, call.caller) == (CallState.DIALLED, place.carrier.sid, None)
    assert (contact.direction, contact.state, contact.came_from) == (Direction.OUTBOUND, ContactState.LIVE, JORIS)
    with place.world.reading() as session:
        verification = session.exec(select(Verification).where(Verification.contact_id == contact.id)).one()
        assert (verification.level, verification.follows_id is None) == (Level.RECOGNISED, False)
    assert place.command.state is CommandState.DONE


def test_pressed_twice_it_rings_once_and_a_colleague_cannot_call_as_well(place: Place) -> None:
    bram = signed_in(place.world, place.anna, "bram")
    assert [place.press(), place.press(), place.press(bram)] == [204, 204, 409]
    assert len(place.carrier.rung) == 1


def test_who_has_a_call_on_the_line_makes_no_other(place: Place) -> None:
    place.press()
    assert "it rings there" in place.anna.get("/desk/call").text
    assert "Call now" not in place.anna.get("/desk/ringing").text
    with place.world.writing() as session:
        waiting = Call.model_validate(
            place.call().model_dump(exclude={"id", "public_id"})
            | {"sid": new_sid("CA"), "state": CallState.WAITING, "claimed_by": None, "contact_id": 1}
        )
        session.add(waiting)
    assert place.anna.post(f"/calls/{waiting.public_id}/answer").status_code == 409


def test_a_word_counts_only_once_somebody_picked_up(place: Place) -> None:
    place.press()
    assert place.says(place.word) == 409
    assert place.picks_up() == ["Gather", "Redirect"]
    assert place.says("") == 422
    assert place.says(place.word) == 204


def test_who_picks_up_hears_the_notice_first_and_then_waits_for_whoever_called(place: Place) -> None:
    place.press()
    assert place.picks_up() == ["Gather", "Redirect"]
    assert place.call().state is CallState.NOTICE
    assert place.tell("heard?attempt=1") == ["Dial"]
    assert place.call().state is CallState.CLAIMED
    assert 'data-join="' in place.anna.get("/desk/call").text
    music = place.tell("wait")
    assert music == ["Play"]
    assert [play.whole for play in place.world.rows(select(NoticePlay))] == [True]
    assert [one.allowed for one in place.world.rows(select(Expected))] == [True]


def test_an_objection_keeps_the_call_and_drops_the_recording(place: Place) -> None:
    place.press()
    place.picks_up()
    assert place.tell("key?attempt=1", Digits="9") == ["Play", "Dial"]
    assert place.call().state is CallState.CLAIMED
    assert [one.allowed for one in place.world.rows(select(Expected))] == [False]


def test_with_an_ordinary_telephone_the_agent_is_rung_when_somebody_waits(place: Place) -> None:
    place.press()
    with place.world.writing() as session:
        session.connection().exec_driver_sql("UPDATE staff SET telephone = '+31201234567' WHERE name = 'Anna'")
    place.picks_up()
    assert place.world.rows(select(Command).where(Command.verb == Verb.DIAL_AGENT)) == []
    place.tell("heard?attempt=1")
    assert len(place.world.rows(select(Command).where(Command.verb == Verb.DIAL_AGENT))) == 1


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed", "canceled"])
def test_nobody_reached_leaves_a_note_to_close_with(place: Place, status: str) -> None:
    place.press()
    place.is_over(status)
    place.is_over(status)
    call = place.call()
    assert (call.state, call.ending) == (CallState.ENDED, Ending.NOT_REACHED)
    assert place.world.contact(call.contact_id).state is ContactState.WRAP_UP
    assert [one.text for one in place.world.rows(select(Note))] == ["Niet bereikt."]
    assert "called once" in place.anna.get("/desk/ringing").text


def test_what_is_told_before_the_carrier_answered_us_is_known_already(place: Place) -> None:
    place.carrier.trouble = Trouble.REFUSED  # so that our own request learns no SID
    with place.world.writing() as session:
        outbound.call_back(session, place.world.now, place.world.members["Anna"], place.request)
    assert place.picks_up() == ["Gather", "Redirect"]
    assert place.call().sid == place.carrier.sid
    assert place.command.state is CommandState.DONE
    assert [leg.sid for leg in place.world.rows(select(Leg))] == [place.carrier.sid]


def test_answers_that_come_twice_or_too_late_change_nothing(place: Place) -> None:
    place.press()
    assert place.picks_up() == place.picks_up() == ["Gather", "Redirect"]
    place.tell("heard?attempt=1")
    assert len(place.world.rows(select(NoticePlay))) == 1
    place.is_over("completed")
    assert place.call().state is CallState.ENDED
    assert place.tell(f"answered?call={place.call().public_id}", CallSid=new_sid("CA")) == ["Hangup"]
    assert place.call().sid == place.carrier.sid


@pytest.mark.parametrize("trouble", Trouble)
def test_what_the_carrier_did_not_do_is_not_tried_again(place: Place, trouble: Trouble) -> None:
    place.carrier.trouble = trouble
    assert place.press() == 204
    assert (place.call().state, place.command.state) == (CallState.ENDED, CommandState.FAILED)
    place.world.travel(minutes=5)
    commander = Commander(place.world.db, place.carrier, lambda: place.world.now, lambda path: path)
    commander.mend()
    assert len(place.carrier.rung) == 1
    place.carrier.trouble = None
    assert place.press() == 204  # and may be pressed again
    assert len(place.carrier.rung) == 2


def test_a_call_that_was_asked_for_before_a_standstill_is_not_made_after_it(place: Place) -> None:
    with place.world.writing() as session:
        outbound.call_back(session, place.world.now, place.world.members["Anna"], place.request)
    commander = Commander(place.world.db, place.carrier, lambda: place.world.now, lambda path: path)
    place.world.travel(seconds=45)
    commander.mend()
    assert (place.carrier.rung, place.give_up()) == ([], 0)
    place.world.travel(seconds=30)
    assert (place.give_up(), place.give_up()) == (1, 0)
    assert (place.call().state, place.command.state) == (CallState.ENDED, CommandState.FAILED)


def test_what_was_asked_just_now_is_done_by_the_sweep(place: Place) -> None:
    with place.world.writing() as session:
        outbound.call_back(session, place.world.now, place.world.members["Anna"], place.request)
    place.world.travel(seconds=11)
    Commander(place.world.db, place.carrier, lambda: place.world.now, lambda path: path).mend()
    assert len(place.carrier.rung) == 1
    place.world.travel(minutes=5)
    assert place.give_up() == 0  # it rings; the carrier's list says when it is over


def test_the_agent_may_hang_up_while_it_rings(place: Place) -> None:
    place.press()
    assert place.anna.post(f"/calls/{place.call().public_id}/end").status_code == 204
    assert place.carrier.ended == [place.carrier.sid]
    place.is_over("canceled")
    assert place.call().state is CallState.ENDED


def test_without_a_number_of_a_month_nobody_is_called(place: Place) -> None:
    with place.world.writing() as session:
        for number in session.exec(select(KnownNumber).where(KnownNumber.e164 == JORIS)):
            number.recorded_at = place.world.now - timedelta(days=29)
    answer = place.anna.post(f"/call-backs/{place.request}/call")
    assert (answer.status_code, "ask them to call us" in answer.text) == (409, True)
    assert (place.carrier.rung, len(place.world.rows(select(Contact)))) == ([], 1)


def test_where_nothing_may_be_disclosed_nobody_is_called(place: Place) -> None:
    with place.world.writing() as session:
        today = place.world.now.date()
        customer = session.exec(select(CallBack.customer_id)).one()
        session.add(
            Flag(
                customer_id=customer, kind=FlagKind.DO_NOT_DISCLOSE, words="A threat.", by=1, at=place.world.now,
                review_on=today, expires_on=today + timedelta(days=5),
            )
        )  # fmt: skip
    assert place.press() == 403
    assert (place.carrier.rung, len(place.world.rows(select(Contact)))) == ([], 1)


def test_a_query_that_is_not_ours_is_refused(place: Place) -> None:
    place.press()
    for which in ("answered", "placed"):
        for query in ("", "?call=", "?call=short", f"?call={'A' * 22}&more=1", f"?other={'A' * 22}"):
            answer = place.twilio.post(f"/twilio/{which}{query}", CallSid=place.carrier.sid, CallStatus="busy")
            assert answer.status_code == 422, query
    assert place.call().state is CallState.DIALLED


def test_the_contact_says_that_it_was_their_request(place: Place) -> None:
    place.press()
    link = place.anna.get(f"/contacts/{place.world.contact(place.call().contact_id).public_id}").text
    assert "by their request to be called back" in link
    assert LinkedBy.CALL_BACK.value == "call-back"
    for number in ("06 12345678", JORIS):
        assert number not in link
