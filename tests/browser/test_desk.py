"""At the desk: the caller is heard, objections hold, the first to answer gets the call, nothing typed is lost."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Route

from tests.browser.conftest import Opens, Rings
from tests.browser.windows import Window, at_the_desk
from tests.house import STRANGER, House, Telephone

AUDIBLE = 0.01  # root mean square; a voice on the telephone has ten times as much
NOTE = "Joris calls about the second laptop."


def _anna(opens: Opens) -> Window:
    return at_the_desk(opens("anna"), "anna")


@contextmanager
def _slow(window: Window, panel: str) -> Iterator[None]:
    """Meanwhile this panel gets no answer."""
    late: list[Route] = []

    def later(route: Route) -> None:
        late.append(route)

    window.page.route(panel, later)
    yield
    for route in late:
        route.continue_()
    window.page.unroute(panel)


def _hangs_up(desk: Window, phone: Telephone) -> None:
    desk.presses("e")
    desk.sees(f"#call[data-stage=wrap-up][data-contact='{phone.contact}']")


def test_the_callers_voice_is_heard_at_the_desk(opens: Opens, rings: Rings) -> None:
    desk = _anna(opens)
    phone = rings(speed=2)
    desk.answers()
    desk.until(lambda: desk.hears() > AUDIBLE, "the caller is heard")
    _hangs_up(desk, phone)
    desk.until(lambda: desk.page.evaluate("window.ear.context.state") == "closed", "the line is quiet")


def test_a_line_that_opens_before_its_panel_shows_the_call_stays_open(opens: Opens, rings: Rings) -> None:
    desk = _anna(opens)
    phone = rings()
    desk.sees("#ringing [data-key=a]")
    with _slow(desk, "**/desk/call"):
        desk.presses("a")
        desk.sees(".desk[data-phone=open]")
        other = rings(STRANGER)
        desk.sees(f"#ring-{other.id}")
    desk.sees("[role=timer]")
    assert desk.sees(".desk").get_attribute("data-phone") == "open"
    _hangs_up(desk, phone)


def test_key_9_is_shown_at_the_desk_and_leaves_no_player(opens: Opens, rings: Rings) -> None:
    desk = _anna(opens)
    phone = rings(keys="9")
    desk.answers()
    desk.sees(".rec", "Not recorded: the caller objected.")
    assert desk.page.locator("[data-key=p], [data-key=x]").count() == 0
    _hangs_up(desk, phone)
    _has_no_player(desk, phone, "Not recorded: the caller objected.")


def test_stop_and_destroy_takes_two_presses_and_leaves_no_player(opens: Opens, rings: Rings) -> None:
    desk = _anna(opens)
    phone = rings(speed=20)  # so that words are captured before the objection
    desk.answers()
    desk.sees(".rec.on", "recording")
    desk.presses("x")
    desk.sees("[data-key=x]", "Press again to destroy")
    assert desk.sees(".rec").inner_text() == "recording"
    desk.presses("x")
    desk.sees(".rec", "Stopped and destroyed at the caller's wish.")
    _hangs_up(desk, phone)
    assert phone.recording_is("unwanted")["transcript"] is None
    _has_no_player(desk, phone, "Stopped and destroyed at the caller's wish.")


def _has_no_player(desk: Window, phone: Telephone, why: str) -> None:
    desk.goes(f"/contacts/{phone.contact}")
    desk.sees("section:has(#player-title) .empty", why)
    assert desk.page.locator("#player, [name=purpose]").count() == 0


def test_the_first_to_answer_gets_the_call_and_the_other_sees_why(opens: Opens, rings: Rings) -> None:
    anna, bram = _anna(opens), at_the_desk(opens("bram"), "bram")
    phone = rings()
    bram.sees("#ringing [data-key=a]")
    with _slow(bram, "**/desk/ringing"):  # his eyes are slower than Anna's hand
        anna.answers()
        bram.presses("a")
        bram.sees("#ringing .problem", "A colleague was first, or the caller hung up.")
    bram.page.locator(f"#ring-{phone.id}").wait_for(state="hidden", timeout=2000)
    assert bram.sees("#ringing .problem").is_visible()
    assert [complaint for complaint in bram.complaints if "409" not in complaint] == []
    bram.complaints.clear()
    _hangs_up(anna, phone)


def test_a_call_that_a_colleague_took_leaves_the_panel_within_two_seconds(opens: Opens, rings: Rings) -> None:
    anna, bram = _anna(opens), at_the_desk(opens("bram"), "bram")
    phone = rings()
    bram.sees("#ringing [data-key=a]")
    anna.presses("a")
    bram.page.locator(f"#ring-{phone.id}").wait_for(state="hidden", timeout=2000)
    anna.sees("[role=timer]")
    _hangs_up(anna, phone)


def test_what_was_typed_survives_a_refresh_of_the_panel(house: House, opens: Opens, rings: Rings) -> None:
    desk = _anna(opens)
    phone = rings()
    desk.answers()
    desk.presses("n")
    desk.types(NOTE)
    desk.presses("ArrowLeft", "ArrowLeft")
    house.agent("anna").post(f"/calls/{phone.id}/hold")  # from elsewhere, so that this page hears of it live
    desk.sees("#call .chip", "on hold")
    assert desk.focus() == "text"
    desk.types("!")
    assert desk.sees("[name=text]").input_value() == f"{NOTE[:-2]}!{NOTE[-2:]}"
    desk.presses("Escape")
    _hangs_up(desk, phone)
    assert desk.sees("[name=text]").input_value() == f"{NOTE[:-2]}!{NOTE[-2:]}"
