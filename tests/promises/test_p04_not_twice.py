"""P04: whoever answers sees that there were earlier contacts; their words only when the level allows."""

from tests.house import JORIS, JORIS_KNOWS, House

QUESTION = "Why does the Zebrafinch folder not synchronise?"


def test_an_earlier_question_is_seen_at_once_and_its_words_after_verification(house: House) -> None:
    first = house.ring(JORIS, hangup="after-audio")
    anna = house.agent("anna")
    anna.handles(first)
    anna.closes(first.contact, kind="outage", outcome="call-back", question=QUESTION)

    second = house.ring(JORIS)
    bram = house.agent("bram")
    with bram.on_the_line(second):
        desk = bram.get("/desk/call")
        assert first.contact in desk
        assert QUESTION not in desk
        bram.verifies(second.contact, JORIS_KNOWS)
        assert QUESTION in bram.get("/desk/call")
    assert second.outcome()["verification"]["level"] == 2


def test_nothing_new_opens_after_the_call(house: House) -> None:
    phone = house.ring(JORIS)
    anna = house.agent("anna")
    with anna.on_the_line(phone):
        question, fact = anna.asks(phone.contact)
    anna.post(f"/contacts/{phone.contact}/answer", (404, 409), question=question, typed=JORIS_KNOWS[fact])
    assert "NL91" not in anna.get("/desk/call").replace(" ", "")
    anna.closes(phone.contact)
