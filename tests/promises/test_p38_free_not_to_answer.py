"""P38: one is free not to answer; declining is no failed attempt, and another question or way is offered."""

from tests.house import JORIS, JORIS_KNOWS, House


def test_a_caller_who_declines_is_asked_something_else_and_gets_there(house: House) -> None:
    anna = house.agent("anna")
    anna.post("/available", (303, 204), available="1")
    phone = house.ring(caller=JORIS)
    with anna.on_the_line(phone):
        first, fact = anna.asks(phone.contact)
        anna.post(f"/contacts/{phone.contact}/answer", question=first, declined="1")
        desk = anna.get("/desk/call")
        assert "3 pogingen" in desk
        second, another = anna.asks(phone.contact)
        assert another != fact
        anna.post(f"/contacts/{phone.contact}/answer", question=second, typed=JORIS_KNOWS[another])
        assert "Molenstraat" in anna.get("/desk/call")


def test_who_declines_everything_is_offered_another_way(house: House) -> None:
    house.clock.travel(days=2)
    anna = house.agent("anna")
    anna.post("/available", (303, 204), available="1")
    phone = house.ring(caller=JORIS)
    with anna.on_the_line(phone):
        for _ in range(6):
            question, _fact = anna.asks(phone.contact)
            anna.post(f"/contacts/{phone.contact}/answer", question=question, declined="1")
        refused = anna.post(f"/contacts/{phone.contact}/question", (429,))
        assert "code per e-mail" in refused.text
        desk = anna.get("/desk/call")
        assert "Code per e-mail" in desk
        assert "3 pogingen" in desk
