"""A caller wants their data corrected: at which level, what is written down, and that it proves nothing yet (P05, P06).

Joris calls; what he takes a level for is asked here once more, in the plain words of the table in the docs.
"""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from contactcenter.contacts.rules import Direction
from contactcenter.core.audit import Action, AuditEntry
from contactcenter.core.errors import Conflict, Invalid, NotAllowed, NotFound
from contactcenter.customers import correcting
from contactcenter.customers.models import Customer, CustomerRow, KnownAddress, KnownNumber
from contactcenter.customers.rules import Kind, Origin
from contactcenter.staff.access import Member
from contactcenter.verification import asking, codes, corrections, flags
from contactcenter.verification import service as verification
from contactcenter.verification.fields import CORRECTED, NotCorrected, Wish, not_corrected
from contactcenter.verification.models import Correction, Question
from contactcenter.verification.rules import EvidenceKind, Level
from tests.factories import JORIS, World
from tests.verification.acts import answer_rightly, card, doubts, prove, recognise, reveal

NUMBER, EMAIL, ADDRESS, BANK = Kind.PHONE_NUMBERS, Kind.EMAIL_ADDRESSES, Kind.NAME_AND_ADDRESS, Kind.BANK_ACCOUNT
OLD_EMAIL, NEW_EMAIL = "joris@bakkerijjansen.example", "joris@nieuw.example"
NEW_NUMBER, OTHER_IBAN = "+31655555555", "NL02ABNA0123456789"
FORMS: dict[Kind, dict[str, str]] = {
    NUMBER: {"old": JORIS, "new": "06 5555 5555"},
    EMAIL: {"old": OLD_EMAIL, "new": "Joris@Nieuw.example"},
    ADDRESS: {"street": "Kade 1", "postcode": "1011 AC", "town": "Amsterdam"},
    BANK: {"iban": "NL02 ABNA 0123 4567 89"},
}
SAID = ("5555", "nieuw.example", "Kade", "1011", "ABNA", "bakkerijjansen", "12345678")


@pytest.fixture
def anna(world: World) -> Member:
    """Anna is at the desk."""
    return world.members["Anna"]


@pytest.fixture
def call(world: World, anna: Member) -> int:
    """Joris rings from his own number, and Anna answers."""
    return world.call(JORIS, answered_by=anna)


def verify(world: World, viewer: Member, contact_id: int, level: int) -> None:
    """Joris proves who he is, as far as this level and no further."""
    recognise(world, viewer, contact_id)
    if level >= Level.VERIFIED:
        answer_rightly(world, viewer, contact_id)
    if level >= Level.STRONG:
        prove(world, viewer, contact_id, EvidenceKind.CODE_BY_EMAIL)
        recognise(world, viewer, contact_id)
    assert card(world, viewer, contact_id).level == level


def correct(
    world: World,
    viewer: Member,
    contact_id: int,
    kind: Kind,
    form: dict[str, str] | None = None,
    turn: int | None = None,
) -> None:
    """The agent sends the form of a kind; `turn` is that of the form, as it is shown now."""
    with world.writing() as session:
        made = corrections.offered(session, world.now, viewer, contact_id)
        turn = turn if turn is not None else made.turn if made else 0
        wanted = correcting.read(kind, FORMS[kind] if form is None else form)
        corrections.correct(session, world.now, viewer, contact_id, wanted, turn)


def bakery(world: World) -> Customer:
    """Joris's customer as it stands."""
    return world.rows(select(Customer).where(Customer.relation_number == "10042"))[0]


def numbers(world: World) -> dict[str, KnownNumber]:
    """The numbers of both customers that did not end."""
    return {one.e164: one for one in world.rows(select(KnownNumber).where(col(KnownNumber.ended_at).is_(None)))}


def mutations(world: World) -> list[tuple[str, str, bool]]:
    """(what changed, who wrote it down, by the customer) of today."""
    rows = world.rows(select(CustomerRow).where(CustomerRow.kind == Kind.MUTATIONS).order_by(col(CustomerRow.id)))
    return [(one.title, one.value, one.by_customer) for one in rows if one.on == world.now.date()]


# --- who may ---


@pytest.mark.parametrize("kind", CORRECTED)
@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_a_kind_is_corrected_from_its_level_on_and_the_refusal_says_what_is_missing(
    world: World, anna: Member, call: int, kind: Kind, level: int
) -> None:
    if level:
        verify(world, anna, call, level)
    needed = 2 if kind is ADDRESS else 3
    if level >= needed:
        correct(world, anna, call, kind)
        assert [one.kind for one in world.rows(select(Correction))] == [kind]
        return
    with pytest.raises(NotAllowed, match="Verify the caller first" if level == 0 else f"level {needed}"):
        correct(world, anna, call, kind)
    assert world.rows(select(Correction)) == []
    assert mutations(world) == []


def test_nothing_is_corrected_on_a_call_that_we_made(world: World, anna: Member) -> None:
    ours = world.call(JORIS, answered_by=anna, direction=Direction.OUTBOUND)
    recognise(world, anna, ours)
    prove(world, anna, ours, EvidenceKind.PORTAL_CODE)
    with pytest.raises(NotAllowed, match="P12"):
        correct(world, anna, ours, ADDRESS)


@pytest.mark.parametrize("mark", ["shut", "doubt"])
def test_a_mark_on_the_customer_refuses(world: World, anna: Member, call: int, mark: str) -> None:
    verify(world, anna, call, 3)
    words = "Two people say that they are Joris."
    with world.writing() as session:
        if mark == "shut":
            flags.shut(session, world.now, anna, bakery(world).id, words, (world.now + timedelta(days=5)).date())
        else:
            flags.doubt(session, world.now, anna, bakery(world).id, call, words)
    for kind in CORRECTED:
        with pytest.raises(NotAllowed, match="so nothing is corrected"):
            correct(world, anna, call, kind)


def test_a_colleague_and_who_hung_up_correct_nothing(world: World, anna: Member, call: int) -> None:
    verify(world, anna, call, 3)
    with pytest.raises(NotFound):
        correct(world, world.members["Bram"], call, ADDRESS)
    world.hang_up(call)
    with pytest.raises(NotAllowed, match="Verify the caller first"):
        correct(world, anna, call, ADDRESS)


def test_a_pass_that_is_over_corrects_nothing(world: World, anna: Member, call: int) -> None:
    verify(world, anna, call, 3)
    world.travel(minutes=31)
    with pytest.raises(NotAllowed, match="Verify the caller first"):
        correct(world, anna, call, ADDRESS)


def test_whoever_speaks_for_invoices_alone_changes_no_bank_account(world: World, anna: Member, call: int) -> None:
    world.link(call, "10042", "marieke", anna)
    recognise(world, anna, call)
    for kind in (EvidenceKind.CODE_BY_EMAIL, EvidenceKind.PORTAL_CODE, EvidenceKind.CODE_BY_TEXT):
        prove(world, anna, call, kind)
    for wanted in (BANK, ADDRESS):
        with pytest.raises(NotAllowed, match="mandate"):
            correct(world, anna, call, wanted)


@pytest.mark.parametrize("kind", CORRECTED)
def test_every_reason_bars_and_none_is_enough(kind: Kind) -> None:
    able = {"level": Level.STRONG, "inbound": True, "shut": False, "doubted": False, "person": True, "mandate": True}

    def why(**other: object) -> NotCorrected | None:
        return not_corrected(kind, Wish(**(able | other)))  # type: ignore[arg-type]  # the names are those of `Wish`

    assert why() is None
    assert why(inbound=False) is NotCorrected.OUTBOUND
    assert why(shut=True) is NotCorrected.SHUT
    assert why(doubted=True) is NotCorrected.DOUBTED
    assert why(mandate=False) is NotCorrected.MANDATE
    assert why(person=False) is (NotCorrected.NOBODY if kind in (NUMBER, EMAIL) else None)
    assert why(level=Level.RECOGNISED) is (NotCorrected.LEVEL_2 if kind is ADDRESS else NotCorrected.LEVEL_3)


# --- what is written down ---


def test_a_number_is_replaced_and_both_stay_on_record(world: World, anna: Member, call: int) -> None:
    verify(world, anna, call, 3)
    correct(world, anna, call, NUMBER)
    assert JORIS not in numbers(world)
    new = numbers(world)[NEW_NUMBER]
    assert (new.origin, new.recorded_at, new.attested_at) == (Origin.AGENT, world.now, None)
    (old,) = world.rows(select(KnownNumber).where(KnownNumber.e164 == JORIS))
    assert old.ended_at == world.now
    assert mutations(world) == [("telephone number ended", "Anna", True), ("telephone number added", "Anna", True)]
    (made,) = world.rows(select(Correction))
    assert (made.before_id, made.staff_id, made.told_at) == (old.id, anna.id, None)


def test_an_address_is_added_and_another_goes(world: World, anna: Member, call: int) -> None:
    verify(world, anna, call, 3)
    correct(world, anna, call, EMAIL, {"new": NEW_EMAIL})
    correct(world, anna, call, EMAIL, {"old": OLD_EMAIL})
    standing = world.rows(select(KnownAddress.email).where(col(KnownAddress.ended_at).is_(None)))
    assert standing == [NEW_EMAIL]
    assert [one.turn for one in world.rows(select(Correction))] == [0, 1]


def test_what_was_theirs_once_begins_anew(world: World, anna: Member, call: int) -> None:
    verify(world, anna, call, 3)
    correct(world, anna, call, NUMBER)
    world.travel(minutes=1)
    correct(world, anna, call, NUMBER, {"old": NEW_NUMBER, "new": JORIS})
    again = numbers(world)[JORIS]
    assert (again.recorded_at, again.attested_at, again.origin) == (world.now, None, Origin.IMPORT)


def test_postal_address_and_bank_account_change_with_a_row_for_each_field(
    world: World, anna: Member, call: int
) -> None:
    verify(world, anna, call, 3)
    correct(world, anna, call, ADDRESS)
    correct(world, anna, call, BANK)
    now = bakery(world)
    assert (now.street, now.postcode, now.town, now.country) == ("Kade 1", "1011 AC", "Amsterdam", "NL")
    assert now.bank_account == OTHER_IBAN
    assert [title for title, _, _ in mutations(world)] == ["street", "postcode", "town", "bank account"]
    assert not card(world, anna, call).kinds[BANK].open
    reveal(world, anna, call, BANK)
    assert card(world, anna, call).kinds[BANK].open


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        (NUMBER, {"new": "97"}),
        (NUMBER, {}),
        (EMAIL, {"new": "joris at home"}),
        (BANK, {"iban": "NL02 ABNA 0123 4567 88"}),
        (BANK, {}),
        (ADDRESS, {"street": "Kade 1", "postcode": "1011 AC"}),
        (ADDRESS, FORMS[ADDRESS] | {"country": "Holland"}),
        (Kind.INVOICES, {"new": "paid"}),
    ],
)
def test_what_cannot_be_read_is_refused_without_repeating_it(kind: Kind, form: dict[str, str]) -> None:
    with pytest.raises(Invalid) as refused:
        correcting.read(kind, form)
    assert not [value for value in form.values() if value in refused.value.sentence]


def test_a_form_that_is_sent_twice_makes_one_change(world: World, anna: Member, call: int) -> None:
    verify(world, anna, call, 3)
    for kind in CORRECTED:
        turn = len(world.rows(select(Correction)))
        correct(world, anna, call, kind, turn=turn)
        correct(world, anna, call, kind, turn=turn)
    assert [one.kind for one in world.rows(select(Correction))] == list(CORRECTED)
    assert len(world.acts(Action.CUSTOMER_CORRECTED)) == len(CORRECTED)
    with pytest.raises(Invalid, match="on record already"):
        correct(world, anna, call, BANK)


def test_a_form_that_was_shown_before_another_correction_changes_nothing(world: World, anna: Member, call: int) -> None:
    verify(world, anna, call, 3)
    correct(world, anna, call, NUMBER, turn=0)
    correct(world, anna, call, NUMBER, {"old": NEW_NUMBER, "new": JORIS}, turn=1)
    with pytest.raises(Conflict, match="meanwhile"):
        correct(world, anna, call, NUMBER, turn=0)
    assert JORIS in numbers(world)
    with pytest.raises(Conflict, match="not on record any more"):
        correct(world, anna, call, NUMBER, {"old": "+31699999999", "new": NEW_NUMBER})


def test_no_value_gets_into_the_trail_or_the_row_of_the_correction(world: World, anna: Member, call: int) -> None:
    verify(world, anna, call, 3)
    for kind in CORRECTED:
        correct(world, anna, call, kind)
    kept = repr([*world.rows(select(AuditEntry)), *world.rows(select(Correction))])
    assert not [value for value in SAID if value in kept]
    acts = world.acts(Action.CUSTOMER_CORRECTED)
    assert [(one.actor, one.subject, one.detail) for one in acts] == [
        (anna.public_id, bakery(world).public_id, kind.value) for kind in CORRECTED
    ]


# --- what is new proves nothing yet ---


def test_a_thief_who_changes_the_address_gets_no_code_there(world: World, anna: Member, call: int) -> None:
    verify(world, anna, call, 3)
    correct(world, anna, call, EMAIL)
    correct(world, anna, call, NUMBER)
    for kind in (EvidenceKind.CODE_BY_EMAIL, EvidenceKind.CODE_BY_TEXT):
        with pytest.raises(Conflict, match="on record for long enough"):
            send(world, anna, call, kind)
    world.hang_up(call)
    world.travel(days=29)
    again = world.call(NEW_NUMBER, answered_by=anna)
    recognise(world, anna, again)
    assert card(world, anna, again).level is Level.UNKNOWN
    assert doubts(world) == ["number-known-lately"]
    with pytest.raises(Conflict, match="on record for long enough"):
        send(world, anna, again, EvidenceKind.CODE_BY_EMAIL)
    world.hang_up(again)
    world.travel(days=2)
    later = world.call(NEW_NUMBER, answered_by=anna)
    recognise(world, anna, later)
    assert card(world, anna, later).level is Level.RECOGNISED
    assert send(world, anna, later, EvidenceKind.CODE_BY_EMAIL) == NEW_EMAIL


def send(world: World, viewer: Member, contact_id: int, kind: EvidenceKind) -> str:
    """A code is made; where it goes."""
    with world.writing() as session:
        begun = verification.ensure(session, world.now, viewer, contact_id)
        return codes.make(session, world.now, begun, kind).to


@pytest.mark.parametrize(
    ("kind", "gone"), [(ADDRESS, {"postcode", "last-mutation"}), (BANK, {"last-mutation"}), (NUMBER, {"last-mutation"})]
)
def test_what_was_corrected_lately_is_not_asked(
    world: World, anna: Member, call: int, kind: Kind, gone: set[str]
) -> None:
    verify(world, anna, call, 3)
    correct(world, anna, call, kind)
    world.hang_up(call)
    assert askable(world, anna, gone) == set()
    world.travel(days=31)
    assert askable(world, anna, gone) == gone


def askable(world: World, viewer: Member, keys: set[str]) -> set[str]:
    """Which of these facts could be asked in a call of Joris now."""
    call = world.call(None, answered_by=viewer)
    world.link(call, "10042", "joris", viewer)
    with world.writing() as session:
        begun = verification.ensure(session, world.now, viewer, call)
        found = {asking.next_fact(session, world.now, begun, pick) for pick in range(40)}
        worth = asking._worth_asking(session, world.now, begun)
    world.hang_up(call)
    assert found <= set(worth)
    return keys & set(worth)


@pytest.mark.parametrize(
    ("kind", "key", "said"), [(ADDRESS, "postcode", "1011 AC"), (BANK, "last-mutation", "rekeningnummer")]
)
def test_a_question_that_waited_is_not_answered_by_what_was_corrected(
    world: World, anna: Member, call: int, kind: Kind, key: str, said: str
) -> None:
    verify(world, anna, call, 3)
    correct(world, anna, call, kind)
    with world.writing() as session:
        begun = verification.ensure(session, world.now, anna, call)
        session.add(waiting := Question(verification_id=begun.id, fact=key, drawn_at=world.now))
        session.flush()
        with pytest.raises(Conflict, match="opened meanwhile"):
            verification.answer(session, world.now, anna, waiting.public_id, said)


def test_the_next_agent_of_the_same_call_gains_nothing_by_it(world: World, anna: Member, call: int) -> None:
    verify(world, anna, call, 2)
    correct(world, anna, call, ADDRESS)
    bram = world.members["Bram"]
    world.hand_on(call, by=anna, to=bram)
    recognise(world, bram, call)
    with world.writing() as session:
        begun = verification.ensure(session, world.now, bram, call)
        assert not {"postcode", "last-mutation"} & set(asking._worth_asking(session, world.now, begun))
