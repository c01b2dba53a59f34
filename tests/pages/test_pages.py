"""What pages show, and what is nowhere in them: asked over HTTP, as browsers do."""

import html
import re
import threading
import time
from datetime import datetime

import httpx2
import pytest

from contactcenter.contacts import lists
from contactcenter.contacts import service as contacts
from contactcenter.core.live import announce, contact_topic
from contactcenter.demo.people import DUTCH_LINE, PASSWORD
from contactcenter.notes import service as notes
from contactcenter.notes import summaries
from contactcenter.notes.drafting import DraftLine
from contactcenter.notes.said import Segment, Transcript
from contactcenter.pages import live
from contactcenter.staff import service as staff
from contactcenter.staff.rules import Role
from tests.house import JORIS, PRIYA, SHARED, STRANGER, Agent, House, Telephone

SECRET = ("Molenstraat", "7311 AB", "NL91ABNA", "joris@bakkerijjansen.example", "Four extra licences", "9f86d081")


@pytest.fixture
def anna(house: House) -> Agent:
    """Anna at her desk, available."""
    anna = house.agent("anna")
    anna.post("/available", (303, 204), available="1")
    return anna


def _ring(house: House, caller: str = JORIS) -> Telephone:
    phone = house.ring(caller, to=DUTCH_LINE)
    phone.is_("waiting")
    return phone


def _missed(house: House, caller: str = JORIS) -> Telephone:
    phone = _ring(house, caller)
    phone.hang_up()
    phone.is_("ended")
    return phone


def _close(agent: Agent, phone: Telephone, *, question: str, summary: str) -> None:
    path = f"/contacts/{phone.contact}/close"
    agent.post(path, outcome="solved", kind="question", question=question, summary=summary)


def test_a_ringing_call_shows_its_number_and_whom_it_may_be(house: House, anna: Agent) -> None:
    phone = _ring(house)
    panel = anna.get("/desk/ringing")
    phone.hang_up()
    assert "06 12345678" in panel
    assert "Bakkerij Jansen" in panel
    assert f"/calls/{phone.id}/answer" in panel
    assert 'aria-live="assertive"' in panel


def test_a_call_that_was_handed_on_says_who_had_it_and_counts_from_then(house: House, anna: Agent) -> None:
    bram, phone = house.agent("bram"), _ring(house)
    bram.post("/available", (303, 204), available="1")
    with anna.on_the_line(phone):
        handed_on = time.time()
        anna.post(f"/calls/{phone.id}/transfer")
        ring = bram.get("/desk/ringing").split(f'id="ring-{phone.id}"')[1].split("</li>")[0]
        assert re.search(r"(was with|was bij) Anna de Wit", ring)
        since = re.search(r'data-since="([^"]+)"', ring)
        assert since and datetime.fromisoformat(since[1]).timestamp() >= handed_on - 1
        with bram.on_the_line(phone):
            phone.hang_up()
            phone.is_("ended")
    _close(bram, phone, question="How?", summary="So.")
    anna.closes(phone.contact)


def test_nothing_rings_at_the_desk_of_who_is_away(house: House) -> None:
    bram = house.agent("bram")
    bram.post("/available", (303, 204), available="0")
    phone = _ring(house)
    panel = bram.get("/desk/ringing")
    phone.hang_up()
    assert phone.id not in panel


def test_what_is_masked_at_the_desk_is_nowhere_in_the_page(house: House, anna: Agent) -> None:
    phone = _ring(house)
    with anna.on_the_line(phone):
        page = anna.get("/desk/call")
    assert "10042" in page
    assert "••••" in page
    assert [word for word in SECRET if word in page] == []


def test_a_question_is_read_out_in_the_language_of_the_call_without_its_answer(house: House, anna: Agent) -> None:
    phone = _ring(house)
    with anna.on_the_line(phone):
        anna.asks(phone.contact)
        anna.http.cookies.set("language", "en")
        page = anna.get("/desk/call")
    assert '<q lang="nl">' in page
    assert "Read out:" in page
    assert [word for word in SECRET if word in page] == []


def test_after_hanging_up_the_same_place_is_the_wrap_up_until_it_is_closed(house: House, anna: Agent) -> None:
    phone = _ring(house)
    with anna.on_the_line(phone):
        anna.post(f"/contacts/{phone.contact}/note", question="Waarom staat de factuur open?", text="Heeft betaald.")
    wrap_up = anna.get("/desk/call")
    assert 'data-stage="wrap-up"' in wrap_up
    assert "Waarom staat de factuur open?" in wrap_up
    _close(anna, phone, question="Waarom staat de factuur open?", summary="Betaling gevonden.")
    assert f'data-contact="{phone.contact}"' not in anna.get("/desk/call")


def test_a_customers_page_without_a_contact_shows_name_and_number_and_no_more(house: House) -> None:
    anna = house.agent("anna")
    hits = anna.get("/customers?q=jansen")
    path = hits.split('href="/customers/')[1].split('"')[0]
    page = anna.get(f"/customers/{path}")
    assert "Bakkerij Jansen" in page
    assert "10042" in page
    assert [word for word in SECRET if word in hits + page] == []


def test_a_search_of_two_letters_finds_nobody(house: House) -> None:
    assert 'href="/customers/' not in house.agent("anna").get("/customers?q=ja")


def test_a_colleague_sees_that_there_was_a_contact_but_not_its_words_or_number(house: House, anna: Agent) -> None:
    phone = _ring(house, PRIYA)
    with anna.on_the_line(phone):
        anna.post(f"/contacts/{phone.contact}/note", question="Secret question", text="Secret note")
    _close(anna, phone, question="Secret question", summary="Secret summary")
    page = house.agent("bram").get(f"/contacts/{phone.contact}")
    assert "Harbour Dental" in page
    assert "Secret" not in page
    assert "622222222" not in page.replace(" ", "")


def test_the_number_of_a_call_of_nobody_shows_to_who_may_say_whose_it_is(house: House) -> None:
    phone = _missed(house, STRANGER)
    assert "06 44444444" in house.agent("bram").get(f"/contacts/{phone.contact}")
    assert "644444444" not in house.agent("carla").get(f"/contacts/{phone.contact}").replace(" ", "")


@pytest.mark.parametrize("path", ["/contacts/%00", "/customers?q=jan%00sen", "/contacts?state=%00"])
def test_a_character_that_a_database_does_not_take_finds_nothing(house: House, path: str) -> None:
    house.agent("anna").get(path, 404)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", ""])
def test_the_demo_answers_to_no_other_name(house: House, host: str) -> None:
    assert httpx2.get(f"{house.url}/sign-in", headers={"host": host}).status_code == 400


def test_a_shared_number_offers_each_candidate_at_the_contact(house: House) -> None:
    phone = _missed(house, SHARED)
    page = house.agent("anna").get(f"/contacts/{phone.contact}")
    assert page.count(f"/contacts/{phone.contact}/link") >= 2


def test_filters_of_the_list_stand_in_the_address(house: House) -> None:
    phone = _missed(house)
    anna = house.agent("anna")
    assert phone.contact in anna.get("/contacts?state=missed")
    assert phone.contact not in anna.get("/contacts?state=closed")
    assert phone.contact in anna.get("/contacts?state=nonsense")


def test_a_long_list_leads_to_older_contacts_under_the_same_filters(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "LONGEST_LIST", 2)
    missed = [_missed(house).contact for _ in range(3)]
    dirk = house.agent("dirk")
    first = dirk.get("/contacts?state=missed")
    assert missed[2] in first and missed[1] in first and missed[0] not in first
    older = re.search(r'href="(\?state=missed&amp;after=[\w-]{22})"', first)
    assert older is not None
    assert missed[0] in dirk.get("/contacts" + html.unescape(older[1]))


def test_an_unknown_contact_and_an_unknown_page_look_the_same(house: House) -> None:
    anna = house.agent("anna")
    absent = anna.get("/contacts/AAAAAAAAAAAAAAAAAAAAAA", 404)
    assert "Niet gevonden" in absent
    assert "Niet gevonden" in anna.get("/nowhere", 404)


def test_operations_is_there_for_who_operates_only(house: House) -> None:
    house.agent("anna").get("/operations", 404)
    page = house.agent("fleur").get("/operations")
    assert 'id="health-title"' in page


def test_pages_speak_the_language_that_was_chosen(house: House) -> None:
    anna = house.agent("anna")
    assert 'lang="nl"' in anna.get("/contacts")
    answer = anna.http.post("/language", data={"language": "en", "back": "/contacts"})
    assert answer.headers["location"] == "/contacts"
    assert 'lang="en"' in anna.get("/contacts")


def test_who_is_not_signed_in_gets_no_live_events(house: House) -> None:
    assert httpx2.get(f"{house.url}/live", timeout=10).status_code == 401


def test_an_account_that_is_disabled_hears_nothing_more_in_an_open_page(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LOOKED_AGAIN_SECONDS", 0.0)
    with house.parts.db.writing() as session:
        staff.add(session, house.clock(), login="kort", name="Kort", role=Role.AGENT, password=PASSWORD)
    kort = house.agent("kort")
    _tell(house, "first")
    with kort.http.stream("GET", "/live", timeout=20, headers={"last-event-id": "0"}) as stream:
        assert stream.headers["connection"] == "close"  # its end frees the connection
        lines = stream.iter_lines()
        assert next(line for line in lines if line.startswith("data: first"))
        with house.parts.db.writing() as session:
            staff.disable(session, house.clock(), "kort")
        _tell(house, "second")
        assert [line for line in lines if line.startswith("data: second")] == []


def _tell(house: House, subject: str) -> None:
    with house.parts.db.writing() as session:
        announce(session, house.clock(), contact_topic(subject), subject)


def test_a_desk_hears_of_a_ringing_call_within_a_second(house: House, anna: Agent) -> None:
    heard: list[str] = []
    ready = threading.Event()

    def listen() -> None:
        with anna.http.stream("GET", "/live", timeout=20) as stream:
            ready.set()
            for line in stream.iter_lines():
                heard.append(line)
                if line.startswith("event: queue"):
                    return

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    assert ready.wait(10)
    phone = _ring(house)
    asked = time.monotonic()
    listener.join(timeout=10)
    phone.hang_up()
    assert "event: queue" in heard
    assert time.monotonic() - asked < 1


def test_draft_and_transcript_show_their_seconds_and_hide_what_was_redacted(house: House, anna: Agent) -> None:
    phone = _ring(house)
    with anna.on_the_line(phone):
        pass
    unsure = Segment(0, 4.0, 6.0, "Mijn rekening is [IBAN].", 0.2)
    said = Transcript("nl", "whisper", "base", (unsure, Segment(1, 65.0, 67.0, "Ik zoek het op.", 0.9)))
    with house.parts.db.writing() as session:
        contact = contacts.by_public_id(session, phone.contact)
        sid = f"RE{phone.sid.removeprefix('CA')}"
        notes.attach_transcript(session, house.clock(), contact.id, sid, said, ["caller", "agent"])
        summaries.attach_draft(session, house.clock(), contact.id, [DraftLine("Ik zoek het op.", 65.0, 1)])
    assert "Ik zoek het op." in anna.get("/desk/call")
    page = anna.get(f"/contacts/{phone.contact}")
    assert '<span class="redacted">rekeningnummer</span>' in page
    assert "1:05" in page
    assert 'class="unsure"' in page
    assert "whisper" in page
