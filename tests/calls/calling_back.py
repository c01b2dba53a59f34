"""What stories of calls that we make need: a request with its code word, a telephone that reacts, who calls."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
from sqlmodel import col, select

from contactcenter.calls.models import Call
from contactcenter.contacts.models import Contact
from contactcenter.verification.models import CallBack, CallBackTry
from tests.house import JORIS, JORIS_KNOWS, Agent, House, Telephone

SAID = re.compile(r"<q [^>]*>([a-z]+ [a-z]+)</q>")


def asked(house: House, agent: Agent, kind: str = "contract-term") -> tuple[str, str]:
    """Joris rings, is verified, and asks to be called back: (public id of the request, its code word)."""
    phone = house.ring(JORIS)
    with agent.on_the_line(phone):
        agent.verifies(phone.contact, JORIS_KNOWS)
        word = SAID.search(agent.post(f"/contacts/{phone.contact}/call-back", (200,), kind=kind).text)
        assert word
    agent.closes(phone.contact)
    with house.look() as session:
        newest = select(CallBack.public_id).order_by(col(CallBack.id).desc())
        return session.exec(newest).first() or "", word[1]


def picks_up(house: House, behaviour: str = "answers", number: str = JORIS, after: float = 1.0) -> None:
    """What the telephone of this number does from now on when it is called."""
    wish = {"number": number, "behaviour": behaviour, "after": after, "audio": house.beginning("question_nl")}
    assert httpx2.post(f"{house.url}/simulator/telephones", json=wish).status_code == 204


def placed(house: House, request: str) -> list[Telephone]:
    """The customer's telephone in each call that was made for this request."""
    with house.look() as session:
        made = session.exec(
            select(Call.sid)
            .join(CallBackTry, col(CallBackTry.contact_id) == Call.contact_id)
            .join(CallBack, col(CallBack.id) == CallBackTry.call_back_id)
            .where(CallBack.public_id == request)
            .order_by(col(Call.id))
        )
        return [Telephone(house, sid) for sid in made]


@contextmanager
def calling(house: House, agent: Agent, request: str) -> Iterator[Telephone]:
    """Press Call; the softphone joins who answered. In the end somebody hangs up."""
    agent.post(f"/call-backs/{request}/call")
    phone = placed(house, request)[-1]
    phone.is_("claimed", "ended")
    line = threading.Thread(target=agent._softphone, args=(phone.id,), daemon=True)
    line.start()
    phone.is_("connected", "ended")
    yield phone
    if phone.outcome()["call"]["status"] != "ended":
        agent.post(f"/calls/{phone.id}/end")
    phone.is_("ended")
    line.join(timeout=10)


def not_reached(house: House, agent: Agent, request: str) -> Telephone:
    """Press Call, and nobody answers."""
    agent.post(f"/call-backs/{request}/call")
    phone = placed(house, request)[-1]
    phone.is_("ended")
    return phone


def contact_of(house: House, phone: Telephone) -> Contact:
    """The contact as it stands."""
    with house.look() as session:
        return session.exec(select(Contact).where(Contact.public_id == phone.contact)).one()


def rung(house: House, number: str = JORIS) -> int:
    """How often this telephone rang, by the carrier's own list."""

    listed = httpx2.get(f"{house.url}/simulator/calls").json()["calls"]
    return sum(one["to"] == number for one in listed)
