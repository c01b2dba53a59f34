"""P03: every contact is registered under the relation number, whoever answered it, and whether anybody did."""

from contactcenter.demo.people import DUTCH_LINE
from tests.house import JORIS, SHARED, STRANGER, House


def test_a_known_number_puts_the_call_into_its_customers_history(house: House) -> None:
    phone = house.ring(JORIS, hangup="after-audio")
    assert phone.is_("waiting")["match"] == {"kind": "one", "relation_numbers": ["10042"]}
    anna = house.agent("anna")
    anna.handles(phone)
    page = anna.get(f"/contacts/{phone.contact}")
    assert "10042" in page


def test_a_shared_number_shows_candidates_and_links_nobody(house: House) -> None:
    phone = house.ring(SHARED)
    outcome = phone.is_("waiting")
    assert outcome["match"] == {"kind": "several", "relation_numbers": ["10101", "10102"]}
    phone.hang_up()
    phone.is_("ended")
    assert phone.contact in house.agent("anna").get("/contacts/unmatched")


def test_strangers_and_withheld_numbers_match_nobody(house: House) -> None:
    for caller, kind in (
        (STRANGER, "none"),
        ("anonymous", "withheld"),
        ("+266696687", "withheld"),
        (DUTCH_LINE, "none"),
    ):
        phone = house.ring(caller)
        assert phone.is_("waiting")["match"] == {"kind": kind, "relation_numbers": []}
        phone.hang_up()


def test_a_missed_call_is_a_contact_with_a_state_of_its_own(house: House) -> None:
    phone = house.ring(JORIS)
    phone.is_("waiting")
    phone.hang_up()
    outcome = phone.is_("ended")
    assert outcome["call"]["ending"] == "missed"
    assert outcome["contact"]["state"] == "missed"


def test_a_contact_that_fits_nobody_waits_and_is_linked_later_and_can_be_unlinked(house: House) -> None:
    phone = house.ring(STRANGER)
    phone.is_("waiting")
    phone.hang_up()
    phone.is_("ended")
    anna = house.agent("anna")
    assert phone.contact in anna.get("/contacts/unmatched")
    hit = _customer_in(anna.get(f"/contacts/{phone.contact}/search?q=10120"))
    anna.post(f"/contacts/{phone.contact}/link", customer=hit)
    assert phone.contact not in anna.get("/contacts/unmatched")
    assert "10120" in anna.get(f"/contacts/{phone.contact}")
    dirk = house.agent("dirk")
    dirk.post(f"/contacts/{phone.contact}/unlink")
    assert phone.contact in anna.get("/contacts/unmatched")


def _customer_in(panel: str) -> str:
    marker = 'name="customer" value="'
    assert marker in panel, panel[:500]
    return panel.split(marker, 1)[1].split('"', 1)[0]
