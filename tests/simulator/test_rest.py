"""Who may use the REST API, and the resources that set a product up."""

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.simulator.desk import ACCOUNT, APPLICATION, JORIS, KEY, KEY_SECRET, LINE, TOKEN, Desk


@pytest.mark.parametrize("auth", [None, (ACCOUNT, "wrong"), ("AC" + "0" * 32, TOKEN)])
def test_nobody_gets_in_without_the_right_credentials(desk: Desk, auth: tuple[str, str] | None) -> None:
    answer = desk.http.get(f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json", auth=auth)
    assert (answer.status_code, answer.json()["code"]) == (401, 20003)
    assert set(answer.json()) == {"code", "message", "more_info", "status"}


def test_an_api_key_opens_the_same_account_and_no_other(desk: Desk) -> None:
    path = "/2010-04-01/Accounts/{}/Calls.json"
    assert desk.http.get(path.format(ACCOUNT), auth=(KEY, KEY_SECRET)).status_code == 200
    assert desk.http.get(path.format("AC" + "0" * 32), auth=(KEY, KEY_SECRET)).status_code == 404


def test_the_webhooks_of_a_number_can_be_set(desk: Desk) -> None:
    (number,) = desk.sdk.incoming_phone_numbers.list(phone_number=LINE)
    other = f"{desk.product.base}/twilio/other"
    changed = desk.sdk.incoming_phone_numbers(number.sid).update(voice_url=other, status_callback="")
    assert (changed.voice_url, changed.status_callback) == (other, "")
    desk.ended(desk.ring())
    assert desk.product.of("other")
    assert not desk.product.of("status")
    assert desk.sdk.incoming_phone_numbers(number.sid).fetch().voice_fallback_url.endswith("/twilio/fallback")


def test_the_webhook_of_the_voice_application_can_be_set(desk: Desk) -> None:
    (application,) = desk.sdk.applications.list()
    assert application.sid == APPLICATION
    desk.sdk.applications(APPLICATION).update(voice_url=f"{desk.product.base}/twilio/other")
    with desk.softphone() as anna:
        anna.state("closed")
    assert desk.product.of("other")


def test_the_account_is_there_and_messages_are_kept(desk: Desk) -> None:
    assert desk.sdk.api.v2010.accounts(ACCOUNT).fetch().status == "active"
    sent = desk.sdk.messages.create(to=JORIS, from_=LINE, body="Your code is 1234")
    assert (sent.sid[:2], sent.status, sent.num_segments) == ("SM", "queued", "1")
    assert [(one.body, one.status) for one in desk.sdk.messages.list(to=JORIS)] == [("Your code is 1234", "delivered")]
    assert desk.sdk.messages(sent.sid).fetch().status == "delivered"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"To": ""}, 21604),
        ({"From": ""}, 21603),
        ({"Body": ""}, 21602),
        ({"To": "0612345678"}, 21211),
        ({"To": "joris"}, 21211),
        ({"From": "+31850009999"}, 21606),
        ({"From": "A name of twelve"}, 21606),
        ({"Body": "x" * 1601}, 21617),
    ],
)
def test_a_text_that_cannot_be_sent_is_refused_with_the_carriers_code(
    desk: Desk, change: dict[str, str], code: int
) -> None:
    form = {"To": JORIS, "From": LINE, "Body": "1234"} | change
    answer = desk.http.post(f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json", data=form, auth=(ACCOUNT, TOKEN))
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert desk.http.get("/simulator/received").json() == {"received": []}


def test_calls_are_listed_newest_first_with_filters(desk: Desk) -> None:
    sids = [desk.ring(hangup=0.1) for _ in range(3)]
    for sid in sids:
        desk.ended(sid)
    assert [call.sid for call in desk.sdk.calls.list(page_size=2)] == sids[::-1]
    assert len(desk.sdk.calls.list(status="completed")) == 3
    assert desk.sdk.calls.list(status="busy") == []
    assert desk.sdk.calls.list(to="+31000000000") == []
    assert desk.sdk.calls(sids[0]).delete()
    with pytest.raises(TwilioRestException) as gone:
        desk.sdk.calls(sids[0]).fetch()
    assert gone.value.status == 404


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"From": LINE}, 21201),
        ({"To": LINE}, 21213),
        ({"From": LINE, "To": LINE}, 21205),
        ({"From": LINE, "To": LINE, "Url": "ftp://example.com"}, 21205),
        ({"From": LINE, "To": LINE, "Twiml": "<Response><Jump/></Response>"}, 12200),
    ],
)
def test_a_call_that_cannot_be_made_is_refused_with_the_carriers_code(
    desk: Desk, form: dict[str, str], code: int
) -> None:
    path = f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
    answer = desk.http.post(path, data=form, auth=(ACCOUNT, TOKEN))
    assert (answer.status_code, answer.json()["code"]) == (400, code)
