"""What a call is and what its caller hears: the rules alone."""

from datetime import UTC, datetime, timedelta
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from contactcenter.calls.rules import (
    MOVES,
    NOTICE_ATTEMPTS,
    CallState,
    Conference,
    Ending,
    Facts,
    HangUp,
    Play,
    PlayNotice,
    ending_of,
    moved,
    on_arrival,
    on_key,
    on_notice_heard,
    played_milliseconds,
)

NOON = datetime(2026, 11, 2, 11, tzinfo=UTC)


def facts(**changes: object) -> Facts:
    usual: dict[str, object] = {
        "state": CallState.NOTICE,
        "language": "nl",
        "offer": "en",
        "attempt": 1,
        "can_record": True,
        "may_record": False,
    }
    return Facts(**(usual | changes))  # type: ignore[arg-type]  # the fields of Facts by name


def test_the_first_thing_a_caller_hears_is_the_notice_in_the_language_of_the_line() -> None:
    assert on_arrival(facts()).steps == (PlayNotice("notice", "nl", 1, "en"),)


def test_who_hears_the_notice_whole_waits_in_a_conference_that_may_be_recorded() -> None:
    decision = on_notice_heard(facts())
    assert decision.steps == (Conference(True),)
    assert decision.state is CallState.WAITING
    assert decision.notice_whole


def test_key_9_keeps_the_call_and_drops_the_recording() -> None:
    decision = on_key(facts(), "9")
    assert decision.objected
    assert decision.state is CallState.WAITING
    assert decision.steps == (Play("objection-kept", "nl"), Conference(False))


def test_a_language_key_starts_the_notice_anew_in_that_language() -> None:
    decision = on_key(facts(), "2")
    assert decision.steps == (PlayNotice("notice", "en", 2, "nl"),)
    assert decision.state is CallState.NOTICE
    assert not decision.notice_whole


def test_a_language_that_the_line_does_not_offer_is_a_key_like_any_other() -> None:
    assert on_key(facts(offer=None), "2").steps == (PlayNotice("notice", "nl", 2, None),)


def test_a_caller_who_keeps_pressing_keys_is_put_through_without_recording() -> None:
    decision = on_key(facts(attempt=NOTICE_ATTEMPTS), "5")
    assert decision.steps == (Conference(False),)
    assert not decision.notice_whole


def test_without_a_master_key_the_notice_says_so_and_nothing_is_recorded() -> None:
    assert on_arrival(facts(can_record=False)).steps == (PlayNotice("notice-unrecorded", "nl", 1, "en"),)
    assert on_notice_heard(facts(can_record=False)).steps == (Conference(False),)


def test_a_repeated_request_hears_where_the_call_stands() -> None:
    waiting = facts(state=CallState.WAITING, may_record=True)
    for decision in (on_arrival(waiting), on_notice_heard(waiting), on_key(waiting, "1")):
        assert decision.steps == (Conference(True),)
        assert not decision.objected
    assert on_arrival(facts(state=CallState.ENDED)).steps == (HangUp(),)


def test_an_objection_by_key_counts_however_late_it_comes() -> None:
    late = on_key(facts(state=CallState.WAITING, may_record=True), "9")
    assert (late.steps, late.objected) == ((Conference(False),), True)
    over = on_key(facts(state=CallState.ENDED, may_record=True), "9")
    assert (over.steps, over.objected, over.state) == ((HangUp(),), True, CallState.ENDED)
    assert not on_key(facts(state=CallState.ENDED, may_record=False), "9").objected


def test_nothing_leads_out_of_an_ended_call() -> None:
    assert all(moved(CallState.ENDED, to) is CallState.ENDED for to in CallState)


@given(st.lists(st.sampled_from(CallState)))
def test_no_order_of_events_reopens_a_call(events: list[CallState]) -> None:
    state, ended = CallState.NOTICE, False
    for event in events:
        before, state = state, moved(state, event)
        assert state is before or state in MOVES[before]
        assert not ended or state is CallState.ENDED
        ended = state is CallState.ENDED


def test_recording_is_only_ever_allowed_by_a_whole_notice() -> None:
    keys = ("1", "2", "5", "9", "#")
    for key, attempt, can_record in product(keys, range(1, 5), (True, False)):
        decision = on_key(facts(attempt=attempt, can_record=can_record), key)
        assert not any(isinstance(step, Conference) and step.record for step in decision.steps)


def test_what_was_played_is_never_more_than_the_file_nor_than_the_time() -> None:
    assert played_milliseconds(10_000, NOON, NOON + timedelta(seconds=12)) == 10_000
    assert played_milliseconds(10_000, NOON, NOON + timedelta(seconds=3)) == 3_000
    assert played_milliseconds(10_000, NOON, NOON - timedelta(seconds=1)) == 0


def test_how_a_call_ended() -> None:
    assert ending_of(None, None, ours=False) is Ending.LEFT_IN_NOTICE
    assert ending_of(NOON, None, ours=False) is Ending.MISSED
    assert ending_of(NOON, NOON, ours=False) is Ending.ANSWERED
    assert ending_of(None, None, ours=True) is Ending.NOT_REACHED
    assert ending_of(NOON, None, ours=True) is Ending.NOT_REACHED
    assert ending_of(NOON, NOON, ours=True) is Ending.ANSWERED


def test_whom_we_called_waits_for_who_called_and_not_in_a_queue() -> None:
    assert on_notice_heard(facts(held=True)).state is CallState.CLAIMED
    assert on_notice_heard(facts(held=True, asks=True)).steps == (Conference(True),)  # and is asked nothing (P12)
    objected = on_key(facts(held=True), "9")
    assert (objected.state, objected.steps) == (CallState.CLAIMED, (Play("objection-kept", "nl"), Conference(False)))
