"""A recording's states lead from the carrier to a draft, and never back from what is gone."""

import pytest

from contactcenter.recordings.rules import GONE, KEPT, MOVES, UNFINISHED, RecordingState, moved


def test_every_state_says_where_it_may_lead() -> None:
    assert MOVES.keys() == set(RecordingState)
    assert all(to in MOVES[state] for state in UNFINISHED for to in (RecordingState.FAILED, *GONE))


def test_whatever_is_kept_may_go_and_what_is_gone_stays_gone() -> None:
    assert all(moved(state, to) is to for state in KEPT for to in GONE)
    assert [MOVES[state] for state in GONE] == [frozenset(), frozenset()]


def test_a_move_that_is_not_declared_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="from destroyed to stored"):
        moved(RecordingState.DESTROYED, RecordingState.STORED)
