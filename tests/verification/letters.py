"""What stories of corrections that are told need: Joris on the line, a mail server, a carrier, a sweep."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from contactcenter.carrier.absent import AbsentCarrier
from contactcenter.carrier.port import CarrierProblem, Trouble
from contactcenter.core.mail import Post, SmtpPost
from contactcenter.customers.rules import Kind
from contactcenter.settings import load
from contactcenter.verification import telling
from contactcenter.verification.messages import Messengers
from contactcenter.verification.models import Correction, CorrectionNotice
from contactcenter.verification.rules import Way
from tests.core.smtp_server import Mailroom, mail_server
from tests.factories import JORIS, World
from tests.verification.test_corrections import correct, verify

NUMBER, EMAIL, ADDRESS, BANK = Kind.PHONE_NUMBERS, Kind.EMAIL_ADDRESSES, Kind.NAME_AND_ADDRESS, Kind.BANK_ACCOUNT
EMAILED, TEXTED, LETTER = Way.EMAIL, Way.TEXT, Way.LETTER
AMSTERDAM, OUR_LINE = ZoneInfo("Europe/Amsterdam"), "+31850000001"


@dataclass
class Texts(AbsentCarrier):
    """A carrier that takes text messages, or does what the story says."""

    sent: list[tuple[str, str]] = field(default_factory=list)
    trouble: Trouble | None = None

    def send_text(self, to: str, body: str) -> None:
        """Keep it, or refuse."""
        if self.trouble is not None:
            raise CarrierProblem(self.trouble, "The carrier did not do it.")
        self.sent.append((to, body))


@dataclass
class Office:
    """Joris on the line at level 3, a mail server, a carrier, and the minute's sweep."""

    world: World
    room: Mailroom
    post: Post
    call: int
    texts: Texts = field(default_factory=Texts)

    def corrects(self, kind: Kind, form: dict[str, str] | None = None) -> None:
        """Anna writes it down."""
        correct(self.world, self.world.members["Anna"], self.call, kind, form)

    def minute(self, minutes: int = 1) -> None:
        """Time passes, and the worker looks."""
        self.world.travel(minutes=minutes)
        messengers = Messengers(self.post, self.texts, "Veldwijk")
        telling.tell(self.world.db, self.world.now, messengers, AMSTERDAM, lambda _session, _contact: OUR_LINE)

    @property
    def told(self) -> list[set[Way] | None]:
        """In which ways each correction was told, a letter that is to be written among them; None: not done yet."""
        notices = [one for one in self.world.rows(select(CorrectionNotice)) if one.sent or one.way is LETTER]
        return [
            {notice.way for notice in notices if notice.correction_id == one.id} if one.told_at else None
            for one in self.world.rows(select(Correction))
        ]

    @property
    def letters_to(self) -> list[str]:
        """Who got a letter."""
        return [to for _, addresses in self.room.envelopes for to in addresses]


@pytest.fixture
def office(world: World) -> Iterator[Office]:
    """Anna has Joris on the line, fully verified."""
    anna = world.members["Anna"]
    call = world.call(JORIS, answered_by=anna)
    verify(world, anna, call, 3)
    with mail_server() as room:
        settings = load(mail_url=f"smtp://127.0.0.1:{room.port}", mail_from="desk@veldwijk.example", company="Veldwijk")
        yield Office(world, room, SmtpPost(settings, lambda: world.now), call)
