"""P26: each kind of data serves named purposes only; words and sound serve support, and nothing else."""

import re

from tests.house import JORIS, JORIS_KNOWS, House


def test_what_a_day_opens_is_within_the_table(house: House) -> None:
    anna, dirk, eva = house.agent("anna"), house.agent("dirk"), house.agent("eva")
    anna.post("/available", (303, 204), available="1")
    phone = house.ring(caller=JORIS)
    with anna.on_the_line(phone):
        anna.verifies(phone.contact, JORIS_KNOWS)
        anna.post(f"/contacts/{phone.contact}/reveal", kind="invoices")
    phone.recording_is("stored", "transcribed", "attached")
    dirk.post(f"/contacts/{phone.contact}/open", purpose="verification-audit")
    row = re.search(r"P26.*?(✓|✗|–)", eva.get("/promises"), re.DOTALL)
    assert row
    assert row[1] == "✓"


def test_no_purpose_of_sales_or_marketing_opens_anything(house: House) -> None:
    anna, dirk = house.agent("anna"), house.agent("dirk")
    anna.post("/available", (303, 204), available="1")
    phone = house.ring(caller=JORIS, hangup="after-audio")
    anna.handles(phone)
    for purpose in ("sales", "marketing", "research", "win-back", ""):
        dirk.post(f"/contacts/{phone.contact}/open", (422,), purpose=purpose)
