"""A coach hears and reads nothing of how a caller proved who they are; who may hear all of it does (P02)."""

import re
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, select
from starlette.testclient import TestClient

from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.contacts.rules import LinkedBy
from contactcenter.core.keys import MasterKey
from contactcenter.customers import service as customers
from contactcenter.customers.models import Customer, Person
from contactcenter.customers.rules import Kind, Origin
from contactcenter.notes import summaries
from contactcenter.notes.said import Segment
from contactcenter.recordings.audio import Samples, decode_call
from contactcenter.recordings.left_out import MARGIN, LeftOut, Silence, seconds_of, silenced, silences
from contactcenter.recordings.models import Recording
from contactcenter.recordings.rules import leaves_out_proofs
from contactcenter.recordings.wav import read_header
from contactcenter.staff.access import as_member
from contactcenter.verification import approvals, call_backs, codes
from contactcenter.verification import service as verification
from contactcenter.verification.models import Approval, Verification
from contactcenter.verification.rules import ApprovalReason, EvidenceKind, EvidenceOutcome, Purpose
from contactcenter.verification.spoken import Proof, proofs
from tests.factories import BAKKERIJ_JANSEN, RIGHT_ANSWERS, incoming
from tests.recordings.sound import tone, wav
from tests.recordings.test_playback import Visitor, ask, granted, visitor
from tests.recordings.workplace import NOON, Story, Workplace

__all__ = ["visitor"]

SECONDS = 60
SAID = (
    Segment(0, 1.0, 6.0, "Good morning, the cold store of the bakery is broken since last night.", 0.9),
    Segment(1, 12.0, 15.0, "How many of your licences are in use at this moment please?", 0.9),
    Segment(0, 16.0, 18.0, "That would be nine licences I believe, nine of them.", 0.9),
    Segment(1, 30.0, 34.0, "Thank you, we will send a mechanic to the bakery this afternoon.", 0.9),
)


@pytest.fixture
def verifying(place: Workplace) -> "Verifying":
    """Joris rings, Anna answers, and the recording begins; his customer is known."""
    place.scribe.segments = SAID
    story = place.call()
    with place.db.writing() as session:
        customers.put(session, NOON, incoming(BAKKERIJ_JANSEN), origin=Origin.IMPORT, actor="api")
        customer = session.exec(select(Customer)).one()
        joris = session.exec(select(Person).where(Person.reference == "joris")).one()
        contact = session.get_one(Contact, story.contact_id)
        contacts.link(session, NOON, contact, customer.id, joris.id, LinkedBy.AGENT, "carrier")
    return Verifying(place, story)


class Verifying:
    """A call in which somebody is verified: what Anna does at which second of the recording."""

    def __init__(self, place: Workplace, story: Story) -> None:
        self.place, self.story, self.question = place, story, ""

    def at(self, second: float) -> None:
        """It is this second of the recording."""
        self.place.clock.now = NOON + timedelta(seconds=second)

    def asks(self, second: float) -> None:
        """Anna draws a question."""
        self.at(second)
        with self.place.db.writing() as session:
            begun = self._begun(session)
            drawn = verification.draw(session, self.place.clock.now, begun)
            self.question, self.fact = drawn.public_id, drawn.key

    def types(self, second: float, said: str | None = None) -> EvidenceOutcome:
        """Anna types what Joris said: by default what is right."""
        self.at(second)
        with self.place.db.writing() as session:
            anna = as_member(self.place.staff(session, "anna"), self.place.clock.now)
            said = RIGHT_ANSWERS[self.fact] if said is None else said
            return verification.answer(session, self.place.clock.now, anna, self.question, said)

    def sends_code(self, second: float) -> str:
        """A code goes out; which one."""
        self.at(second)
        with self.place.db.writing() as session:
            sending = codes.make(session, self.place.clock.now, self._begun(session), EvidenceKind.CODE_BY_EMAIL)
            codes.arrived(session, self.place.clock.now, sending.public_id)
            return sending.code

    def types_code(self, second: float, code: str) -> EvidenceOutcome:
        """Anna types the code that Joris reads out."""
        self.at(second)
        with self.place.db.writing() as session:
            anna = as_member(self.place.staff(session, "anna"), self.place.clock.now)
            return codes.read_out(session, self.place.clock.now, anna, self.story.contact_id, code)

    def is_vouched_for(self, second: float) -> None:
        """A supervisor of the team vouches for Joris."""
        self.at(second)
        with self.place.db.writing() as session:
            now = self.place.clock.now
            words = "Nothing is at hand to ask about."
            approvals.ask(session, now, self._begun(session), ApprovalReason.CANT_ANSWER, words)
            asked = session.exec(select(Approval)).one()
            dirk = as_member(self.place.staff(session, "dirk"), now)
            approvals.decide(session, now, dirk, asked.public_id, grant=True)

    def over(self, second: float = SECONDS) -> "Verifying":
        """Joris hangs up; a minute was recorded, kept and written down."""
        self.at(second)
        self.story.end()
        with self.place.db.writing() as session:
            verification.end_all(session, self.place.clock.now, self.story.contact_id)
        self.place.clock.now = NOON
        self.story.record(SECONDS).arrive(seconds=SECONDS)
        self.place.clock.now = NOON + timedelta(minutes=5)
        self.story.keep().write_down()
        return self

    def spans(self) -> list[tuple[float, float]]:
        """Seconds that are left out."""
        with self.place.db.reading() as session:
            found = proofs(session, self.story.contact_id)
        return [(one.start, one.end) for one in seconds_of(found, NOON, SECONDS)]

    def _begun(self, session: Session) -> Verification:
        anna = as_member(self.place.staff(session, "anna"), self.place.clock.now)
        begun = verification.ensure(session, self.place.clock.now, anna, self.story.contact_id)
        assert begun is not None
        return begun


def heard(browser: TestClient, place: Workplace, asked: str = "") -> bytes:
    """The sound under the newest grant, or a range of it."""
    answer = browser.get(f"{granted(place)}/audio", headers={"range": asked} if asked else {})
    assert answer.status_code == (206 if asked else 200)
    return answer.content


def second(sound: bytes, start: float, end: float) -> bytes:
    """These seconds of a file of 16-bit samples, two channels, 8 kHz."""
    at = read_header(sound).data_at
    return sound[at + round(start * 8000) * 4 : at + round(end * 8000) * 4]


def test_from_the_question_to_its_result_a_coach_hears_silence_and_a_supervisor_all(
    verifying: Verifying, place: Workplace, visitor: Visitor
) -> None:
    verifying.asks(12)
    assert verifying.types(20) is EvidenceOutcome.HOLDS
    story, carla, dirk = verifying.over().story, visitor("carla"), visitor("dirk")
    ask(dirk, story, "verification-audit")
    whole = heard(dirk, place)
    ask(carla, story, "training")
    copy = heard(carla, place)
    assert len(copy) == len(whole)
    assert set(second(copy, 12 - MARGIN, 20 + MARGIN)) == {0}
    assert set(second(whole, 12 - MARGIN, 20 + MARGIN)) != {0}
    assert second(copy, 0, 12 - MARGIN) == second(whole, 0, 12 - MARGIN)
    assert second(copy, 20 + MARGIN, SECONDS) == second(whole, 20 + MARGIN, SECONDS)
    header = read_header(copy)
    assert copy[: header.data_at] == whole[: header.data_at]


def test_a_supervisor_who_listens_for_training_hears_no_more_than_a_coach(
    verifying: Verifying, place: Workplace, visitor: Visitor
) -> None:
    verifying.asks(12)
    verifying.types(20)
    story, dirk = verifying.over().story, visitor("dirk")
    ask(dirk, story, "training")
    assert set(second(heard(dirk, place), 12, 20)) == {0}


def test_ranges_over_the_borders_are_cut_from_the_same_copy(
    verifying: Verifying, place: Workplace, visitor: Visitor
) -> None:
    verifying.asks(12)
    verifying.types(20)
    story, carla = verifying.over().story, visitor("carla")
    ask(carla, story, "training")
    copy = heard(carla, place)
    begin, end = 44 + 11 * 8000 * 4, 44 + 21 * 8000 * 4
    for first, last in (
        (begin - 3, begin + 2),
        (end - 2, end + 5),
        (begin - 100_000, end + 100_000),
        (begin + 7, end - 7),
        (65_536 * 5, 65_536 * 6 - 1),
        (0, 43),
        (len(copy) - 10, len(copy) - 1),
    ):
        assert heard(carla, place, f"bytes={first}-{last}") == copy[first : last + 1]
    assert copy[begin - 4 : begin] != bytes(4)
    assert copy[begin : begin + 4] == bytes(4) == copy[end - 4 : end]
    assert copy[end : end + 8] != bytes(8)
    head = carla.head(f"{granted(place)}/audio")
    assert head.headers["content-length"] == str(len(copy))


def test_words_waveform_and_draft_leave_it_out_too_and_say_so(
    verifying: Verifying, place: Workplace, visitor: Visitor
) -> None:
    verifying.asks(12)
    verifying.types(20)
    story = verifying.over().story
    with place.db.reading() as session:
        summary = summaries.of_contact(session, story.contact_id)
        assert summary is not None and "nine licences" in summary.draft_text, "else this story proves nothing"
    carla, dirk = visitor("carla"), visitor("dirk")
    ask(carla, story, "training")
    page = carla.get(f"/contacts/{story.contact}").text
    assert "nine" not in page
    assert "in use at this moment" not in page
    assert "cold store" in page and "mechanic" in page
    assert page.count("left out for training") == 1
    assert re.search(r'<li data-start="11.0" data-end="21.0">.*silent for 0:10', page)
    peaks = carla.get(f"{granted(place)}/peaks").json()["peaks"]
    assert {*peaks[0][11 * 20 : 21 * 20]} == {0}
    assert 0 not in {*peaks[0][:200], *peaks[1][22 * 20 :]}
    ask(dirk, story, "verification-audit")
    page = dirk.get(f"/contacts/{story.contact}").text
    assert "nine licences" in page and "left out" not in page and "silent for" not in page


def test_a_draft_that_was_confirmed_as_it_was_does_not_tell_it_either(
    verifying: Verifying, place: Workplace, visitor: Visitor
) -> None:
    verifying.asks(12)
    verifying.types(20)
    story = verifying.over().story
    with place.db.writing() as session:
        anna = as_member(place.staff(session, "anna"), place.clock.now)
        summary = summaries.of_contact(session, story.contact_id)
        assert summary is not None
        summaries.confirm(
            session, place.clock.now, story.contact_id, anna, summary.draft_text + "\nCalls back on Friday."
        )
    carla = visitor("carla")
    ask(carla, story, "training")
    page = carla.get(f"/contacts/{story.contact}").text
    assert "nine" not in page
    assert "Calls back on Friday." in page


def test_who_opened_it_for_something_else_as_well_reads_all(verifying: Verifying, visitor: Visitor) -> None:
    verifying.asks(12)
    verifying.types(20)
    story, dirk = verifying.over().story, visitor("dirk")
    ask(dirk, story, "verification-audit")
    ask(dirk, story, "training")
    assert "nine licences" in dirk.get(f"/contacts/{story.contact}").text


def test_a_question_without_an_answer_lasts_until_the_next_thing_or_the_end(verifying: Verifying) -> None:
    verifying.asks(10)
    code = verifying.sends_code(25)
    assert verifying.types_code(40, code) is EvidenceOutcome.HOLDS
    verifying.over()
    assert verifying.spans() == [(9, 41)]


def test_a_second_person_who_vouches_meanwhile_does_not_end_it(verifying: Verifying, place: Workplace) -> None:
    verifying.asks(10)
    verifying.is_vouched_for(20)
    verifying.over(50)
    assert verifying.spans() == [(9, 51)]


def test_a_question_that_nothing_follows_is_silent_to_the_end_of_the_call(verifying: Verifying) -> None:
    verifying.asks(40)
    verifying.over(50)
    assert verifying.spans() == [(39, 51)]


def test_a_code_is_silent_from_its_sending_to_each_reading(verifying: Verifying) -> None:
    code = verifying.sends_code(10)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    assert verifying.types_code(20, wrong) is EvidenceOutcome.FAILS
    assert verifying.types_code(30, code) is EvidenceOutcome.HOLDS
    verifying.over()
    assert verifying.spans() == [(9, 31)]


def test_a_code_that_nobody_reads_out_ends_with_the_next_thing(verifying: Verifying) -> None:
    verifying.sends_code(10)
    verifying.asks(20)
    verifying.types(24, "no idea at all")
    verifying.over()
    assert verifying.spans() == [(9, 25)]


def test_the_word_for_a_call_back_is_silent_too(verifying: Verifying, place: Workplace) -> None:
    verifying.asks(5)
    verifying.types(9)
    verifying.types_code(14, verifying.sends_code(10))
    verifying.at(40)
    with place.db.writing() as session:
        anna = as_member(place.staff(session, "anna"), place.clock.now)
        key = MasterKey.parse(place.key)
        call_backs.ask(session, place.clock.now, anna, key, verifying.story.contact_id, Kind.LICENCES)
    verifying.over()
    assert verifying.spans() == [(4, 15), (39, SECONDS)]


def test_a_code_of_the_application_is_silent_since_the_verification_began(
    verifying: Verifying, place: Workplace
) -> None:
    verifying.at(-30)
    with place.db.writing() as session:
        code = codes.fetch(session, place.clock.now, "10042", "joris")
    verifying.asks(5)
    verifying.types(9, "no idea at all")
    assert verifying.types_code(33, code) is EvidenceOutcome.HOLDS
    verifying.over()
    assert verifying.spans() == [(4, 34)]


def test_without_a_verification_nothing_is_left_out(verifying: Verifying, place: Workplace, visitor: Visitor) -> None:
    story, carla, dirk = verifying.over().story, visitor("carla"), visitor("dirk")
    assert verifying.spans() == []
    ask(dirk, story, "verification-audit")
    whole = heard(dirk, place)
    ask(carla, story, "training")
    assert heard(carla, place) == whole
    assert "left out" not in carla.get(f"/contacts/{story.contact}").text


def test_where_nobody_knows_when_it_began_all_of_it_is_silent(
    verifying: Verifying, place: Workplace, visitor: Visitor
) -> None:
    verifying.asks(12)
    verifying.types(20)
    story, carla = verifying.over().story, visitor("carla")
    with place.db.writing() as session:
        session.exec(select(Recording)).one().started_at = None
    ask(carla, story, "training")
    assert set(second(heard(carla, place), 0, SECONDS)) == {0}
    page = carla.get(f"/contacts/{story.contact}").text
    assert "cold store" not in page and "left out for training" in page


def test_only_training_leaves_anything_out() -> None:
    assert [purpose for purpose in Purpose if leaves_out_proofs(purpose)] == [Purpose.TRAINING]


@pytest.mark.parametrize("codec", ["pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_f32le", "pcm_alaw", "pcm_mulaw"])
def test_silence_is_silence_in_each_form(codec: str) -> None:
    made = wav(np.stack([tone(1.0, 440, 8000), tone(1.0, 880, 8000)]), 8000, codec)
    header = read_header(made)
    (place,) = silences(header, [LeftOut(0.25, 0.5)])
    copy = b"".join(silenced([made], 0, [place]))
    sound = decode(copy)
    assert len(copy) == len(made)
    assert np.abs(sound[:, 4100:7900]).max() < 0.002
    assert np.abs(sound[:, :3900]).max() > 0.2 < np.abs(sound[:, 8100:]).max()


def decode(made: bytes) -> Samples:
    """Both channels at 16 kHz."""
    return np.stack(decode_call(made).channels)


@given(
    st.binary(min_size=1, max_size=300),
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), max_size=4),
    st.lists(st.integers(0, 300), max_size=5),
)
def test_however_it_is_cut_the_same_bytes_are_silent(
    data: bytes, places: Sequence[tuple[int, int]], cuts: Sequence[int]
) -> None:
    found = [Silence(min(one), max(one), 7) for one in places]
    expected = bytes(7 if any(one.start <= at < one.end for one in found) else byte for at, byte in enumerate(data))
    borders = sorted({0, *(cut for cut in cuts if cut < len(data)), len(data)})
    for start in borders[:-1]:
        pieces = [data[a:b] for a, b in pairwise(borders) if a >= start]
        assert b"".join(silenced(pieces, start, found)) == expected[start:]


def test_spans_that_touch_are_one_and_none_lies_outside() -> None:
    def at(start: float, end: float | None) -> Proof:
        return Proof(NOON + timedelta(seconds=start), None if end is None else NOON + timedelta(seconds=end))

    assert seconds_of([at(20, 30), at(31, 33), at(-50, -40), at(0.5, 2)], NOON, 60) == [LeftOut(0, 3), LeftOut(19, 34)]
    assert seconds_of([at(70, 80)], NOON, 60) == []
    assert seconds_of([at(50, None)], NOON, 60) == [LeftOut(49, 60)]
    assert seconds_of([], None, 60) == []
