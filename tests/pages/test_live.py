"""Where a stream of live events goes on: after the id that the browser saw last, if it is one of ours."""

import pytest

from contactcenter.pages.live import event_id


def test_a_browser_that_comes_back_goes_on_after_what_it_saw() -> None:
    assert event_id("1207") == 1207


@pytest.mark.parametrize("sent", ["", "²", "١٢", "1.5", "-1", "+1", "1 2", "9" * 5000])
def test_anything_else_begins_with_now(sent: str) -> None:
    assert event_id(sent) is None
