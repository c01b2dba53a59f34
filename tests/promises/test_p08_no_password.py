"""P08: nobody is ever asked for the password of their account with us: not by a question, a form or a message."""

import re

import httpx2

from contactcenter.verification.questions import FACTS
from tests.house import JORIS, House
from tests.patience import until

PASSWORD = re.compile(r"password|wachtwoord|pin ?code", re.IGNORECASE)


def test_no_question_asks_for_one_and_a_code_says_that_we_never_do(house: House) -> None:
    assert [fact.key for fact in FACTS.values() if PASSWORD.search(fact.text)] == []
    anna = house.agent("anna")
    anna.post("/available", (303, 204), available="1")
    phone = house.ring(caller=JORIS)
    with anna.on_the_line(phone):
        anna.post(f"/contacts/{phone.contact}/code", kind="code-by-text")
        found = until(lambda: httpx2.get(f"{house.url}/simulator/received").json()["received"], "the text message came")
        assert re.search("never ask for your password|nooit om uw wachtwoord", found[-1]["body"])
        desk = anna.get("/desk") + anna.get("/desk/call")
    assert not re.search(r'<input[^>]+type="password"', desk)
    assert not re.search(r'name="[^"]*(?:password|wachtwoord)', desk)
