"""Asking over HTTP: no answer of the server holds what the caller should say, and only the handler asks (P06)."""

import re

from sqlmodel import select
from starlette.testclient import TestClient

from contactcenter.customers.models import Customer
from contactcenter.verification import service as verification
from contactcenter.verification.fields import FIELDS
from contactcenter.verification.models import Disclosure, Question
from contactcenter.verification.rules import Level
from tests.core.smtp_server import mail_server
from tests.desks import path, signed_in
from tests.factories import RIGHT_ANSWERS, World

CANARIES = ("7311", "Veldwijk Partners", "Vier extra", "864", "bezoekadres", "NL91", "9f86d081", "joris@")


def waiting(world: World) -> Question:
    """The question that waits for its answer."""
    return world.rows(select(Question))[-1]


def test_drawing_begins_recognises_and_asks(world: World, call: int, anna: TestClient) -> None:
    answer = anna.post(path(world, call, "question"))
    assert (answer.status_code, answer.headers["hx-trigger"], answer.text) == (204, "changed", "")
    assert [row.what for row in world.rows(select(Disclosure))] == ["relation-number"]


def test_a_right_answer_opens_at_once_and_a_wrong_one_sounds_the_same(
    world: World, call: int, anna: TestClient
) -> None:
    anna.post(path(world, call, "question"))
    wrong = anna.post(path(world, call, "answer"), data={"question": waiting(world).public_id, "typed": "fout"})
    anna.post(path(world, call, "question"))
    said = {"question": waiting(world).public_id, "typed": RIGHT_ANSWERS[waiting(world).fact]}
    right = anna.post(path(world, call, "answer"), data=said)
    assert (wrong.status_code, wrong.content, wrong.headers) == (right.status_code, right.content, right.headers)
    opened = {row.what for row in world.rows(select(Disclosure))}
    assert opened == {kind.value for kind, field in FIELDS.items() if field.by_itself}


def test_nothing_that_is_rendered_before_the_pass_holds_an_expected_answer(
    world: World, call: int, anna: TestClient
) -> None:
    contact = world.contact(call).public_id
    anna.post(path(world, call, "question"))
    pages = ["/desk", "/desk/call", "/desk/ringing", f"/contacts/{contact}", "/contacts", "/customers?q=jansen"]
    for page in pages:
        answer = anna.get(page)
        assert answer.status_code == 200, page
        assert not [canary for canary in CANARIES if canary in answer.text], page


def test_declining_costs_nothing(world: World, call: int, anna: TestClient) -> None:
    anna.post(path(world, call, "question"))
    declined = anna.post(path(world, call, "answer"), data={"question": waiting(world).public_id, "declined": "1"})
    assert declined.status_code == 204
    with world.reading() as session:
        progress = verification.progress(session, world.now, world.members["Anna"], call)
    assert (progress.tries_left, progress.level) == (3, Level.RECOGNISED)


def test_after_three_wrong_answers_the_sentence_says_what_to_do(world: World, call: int, anna: TestClient) -> None:
    for _ in range(3):
        anna.post(path(world, call, "question"))
        anna.post(path(world, call, "answer"), data={"question": waiting(world).public_id, "typed": "fout"})
    refused = anna.post(path(world, call, "question"))
    assert refused.status_code == 429


def test_a_colleague_can_neither_ask_nor_answer(world: World, call: int, anna: TestClient) -> None:
    anna.post(path(world, call, "question"))
    bram = signed_in(world, "Bram")
    assert bram.post(path(world, call, "question")).status_code == 404
    form = {"question": waiting(world).public_id, "typed": "fout"}
    assert bram.post(path(world, call, "answer"), data=form).status_code == 404
    assert anna.post(path(world, call, "answer"), data={"question": "nowhere"}).status_code == 404


def test_looking_at_pages_discloses_nothing(world: World, call: int, anna: TestClient) -> None:
    for page in ("/desk", "/desk/call", f"/contacts/{world.contact(call).public_id}"):
        assert anna.get(page).status_code == 200
    assert world.rows(select(Disclosure)) == []


def test_what_is_sensitive_opens_on_a_key_and_only_for_the_handler(world: World, call: int, anna: TestClient) -> None:
    anna.post(path(world, call, "question"))
    refused = anna.post(path(world, call, "reveal"), data={"kind": "invoices"})
    assert refused.status_code == 403
    anna.post(
        path(world, call, "answer"),
        data={"question": waiting(world).public_id, "typed": RIGHT_ANSWERS[waiting(world).fact]},
    )
    assert "864.00" not in anna.get("/desk/call").text
    assert anna.post(path(world, call, "reveal"), data={"kind": "invoices"}).status_code == 204
    assert "864.00" in anna.get("/desk/call").text
    assert anna.post(path(world, call, "reveal"), data={"kind": "bank-account"}).status_code == 403
    assert anna.post(path(world, call, "reveal"), data={"kind": "shoe-size"}).status_code == 422
    bram = signed_in(world, "Bram")
    assert bram.post(path(world, call, "reveal"), data={"kind": "invoices"}).status_code in (403, 404)


def test_a_correction_is_sent_by_form_and_refused_in_words(world: World, call: int, anna: TestClient) -> None:
    anna.post(path(world, call, "question"))
    moved = {"kind": "name-and-address", "turn": "0", "street": "Kade 1", "postcode": "1011 AC", "town": "Amsterdam"}
    refused = anna.post(path(world, call, "correct"), data=moved)
    assert (refused.status_code, "niveau 2" in refused.text) == (403, True)
    said = {"question": waiting(world).public_id, "typed": RIGHT_ANSWERS[waiting(world).fact]}
    anna.post(path(world, call, "answer"), data=said)
    assert anna.post(path(world, call, "correct"), data=moved).status_code == 204
    assert anna.post(path(world, call, "correct"), data=moved).status_code == 204, "twice is once"
    assert anna.post(path(world, call, "correct"), data=moved | {"street": "Kade 2"}).status_code == 409
    shown = anna.get("/desk/call").text
    assert "Kade 1" in shown
    assert 'name="turn" value="1"' in shown
    for wrong in ({"kind": "invoices"}, {"kind": "shoe-size"}, {"turn": "²"}, {"turn": "9" * 5000}):
        answer = anna.post(path(world, call, "correct"), data=moved | {"street": "Kade 3"} | wrong)
        assert answer.status_code in (409, 422), wrong
    account = {"kind": "bank-account", "turn": "1", "iban": "NL02 ABNA 0123 4567 89"}
    refused = anna.post(path(world, call, "correct"), data=account)
    assert (refused.status_code, "niveau 3" in refused.text) == (403, True)


def test_the_customers_page_offers_a_correction_to_who_has_them_on_the_line(
    world: World, call: int, anna: TestClient
) -> None:
    with world.reading() as session:
        customer = session.exec(select(Customer.public_id).where(Customer.relation_number == "10042")).one()
    form = f'action="{path(world, call, "correct")}"'
    assert form not in anna.get(f"/customers/{customer}").text
    anna.post(path(world, call, "question"))
    said = {"question": waiting(world).public_id, "typed": RIGHT_ANSWERS[waiting(world).fact]}
    anna.post(path(world, call, "answer"), data=said)
    page = anna.get(f"/customers/{customer}").text
    assert form in page
    assert page.count("alleen op niveau 3") == 3
    del anna.headers["hx-request"]
    moved = {"kind": "name-and-address", "turn": "0", "street": "Kade 1", "postcode": "1011 AC", "town": "Amsterdam"}
    answer = anna.post(path(world, call, "correct"), data=moved)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/customers/{customer}")
    assert form not in signed_in(world, "Bram").get(f"/customers/{customer}").text


def test_a_code_goes_out_by_real_mail_and_is_read_out(world: World, call: int) -> None:
    with mail_server() as room:
        anna = signed_in(world, "Anna", mail_url=f"smtp://127.0.0.1:{room.port}", mail_from="desk@veldwijk.example")
        anna.post(path(world, call, "question"))
        assert anna.post(path(world, call, "code"), data={"kind": "asked"}).status_code == 422
        assert anna.post(path(world, call, "code"), data={"kind": "pigeon"}).status_code == 422
        sent = anna.post(path(world, call, "code"), data={"kind": "code-by-email"})
    assert sent.status_code == 204, sent.text
    (letter,) = room.letters
    assert (sent.status_code, sent.headers["hx-trigger"], letter["To"]) == (
        204,
        "changed",
        "joris@bakkerijjansen.example",
    )
    found = re.search(r"\d{3} ?\d{3}", letter.get_content())
    assert found
    assert anna.post(path(world, call, "code-read"), data={}).status_code == 422
    read = anna.post(path(world, call, "code-read"), data={"typed": found[0]})
    assert (read.status_code, read.headers["hx-trigger"], read.text) == (204, "changed", "")
    assert "name-and-address" in {row.what for row in world.rows(select(Disclosure))}, "at once"
    assert found[0] not in anna.get("/desk/call").text
