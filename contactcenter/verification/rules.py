"""Pure rules of verification: which evidence makes which level, and how long it counts (P05, P06)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum, StrEnum

from contactcenter.core.clock import lasts
from contactcenter.customers.rules import CLASS_OF, Kind
from contactcenter.verification.policy import NATURES, Policy, Strength

HEARD_APART = timedelta(seconds=10)  # between the ends of both legs of one hang-up, which are told in any order
FAILURE_WINDOW = timedelta(hours=24)
CODE_LASTS = timedelta(minutes=10)
CODE_TRIES = 3  # wrong readings, then the code is void
CODES_AN_HOUR = 3  # to one person
APPROVAL_LASTS = timedelta(minutes=10)  # a second person answers now, or not at all
CALL_BACK_LASTS = timedelta(hours=72)  # then the customer asks anew (P12)
CALL_BACK_TRIES = 3  # wrong code words, then the request is over
TAKEN_FOR = timedelta(minutes=30)  # that long a colleague's request is theirs, then anybody of the team may take it
GLASS_LASTS = timedelta(minutes=15)
REVIEW_WITHIN = timedelta(days=7)
DOUBT_LASTS = timedelta(days=30)
SHORTEST_WORDS, LONGEST_WORDS = 10, 500  # characters of a reason in somebody's own words
MOST_CUSTOMERS = 60  # of whom one person opens data in a day, before somebody is told
WORDS_LAST = timedelta(minutes=30)  # what was opened for a purpose stays open so long
EVERYTHING = "all"
WORDS = "words"  # what a disclosure of one contact's words is called


class Level(IntEnum):
    """How sure we are of the caller."""

    UNKNOWN = 0
    RECOGNISED = 1
    VERIFIED = 2
    STRONG = 3


class EvidenceKind(StrEnum):
    """One fact that speaks for the caller being that person."""

    KNOWN_NUMBER = "known-number"
    RELATION_NUMBER = "relation-number"
    ASKED = "asked"
    CODE_BY_EMAIL = "code-by-email"
    CODE_BY_TEXT = "code-by-text"
    PORTAL_CODE = "portal-code"
    CALL_BACK = "call-back"
    APPROVAL = "approval"


POSSESSION = frozenset(
    {EvidenceKind.CODE_BY_EMAIL, EvidenceKind.CODE_BY_TEXT, EvidenceKind.PORTAL_CODE, EvidenceKind.CALL_BACK}
)
SAID = POSSESSION | {EvidenceKind.ASKED}  # what the caller did in this contact; without any of it there is no pass


class EvidenceOutcome(StrEnum):
    """What it showed; the typed answer itself is never kept."""

    HOLDS = "holds"
    FAILS = "fails"
    DECLINED = "declined"
    DOUBTFUL = "doubtful"


class NumberDoubt(StrEnum):
    """Why a known number counts for nothing."""

    SHARED = "number-shared"
    LATELY = "number-known-lately"
    UNPROVEN = "number-unproven"


class Purpose(StrEnum):
    """Why customer data, words of a contact or a recording are opened (P02, P26). Never for discipline or pay."""

    SERVICE = "service"
    REPLAY = "replay-by-handler"
    TRAINING = "training"
    DISPUTE = "dispute"
    AUDIT = "verification-audit"
    PRIVACY_REQUEST = "privacy-request"
    SIMULATION = "simulation"


class ApprovalReason(StrEnum):
    """Why an agent asks a second person to vouch for a caller."""

    NOTHING_TO_ASK = "nothing-to-ask"
    CANT_ANSWER = "cant-answer"
    EMERGENCY = "emergency"
    OTHER = "other"


class CallBackEnd(StrEnum):
    """How a request to be called back ended; one that ran out of time just did."""

    DONE = "done"
    WITHDRAWN = "withdrawn"
    WRONG_WORDS = "wrong-words"


class GlassReason(StrEnum):
    """Why somebody opens a customer without a verified caller."""

    LEGAL_DUTY = "legal-duty"
    DAMAGE = "damage-to-prevent"
    COMPLAINT = "complaint"
    REPAIR = "repair-of-data"
    OTHER = "other"


class FlagKind(StrEnum):
    """What a mark on a customer asks for."""

    DO_NOT_DISCLOSE = "do-not-disclose"
    IDENTITY_DOUBTED = "identity-doubted"


class PolicyState(StrEnum):
    """What became of a version of the policy."""

    PROPOSED = "proposed"
    IN_FORCE = "in-force"
    REPLACED = "replaced"
    REFUSED = "refused"


class Way(StrEnum):
    """How somebody is told that their data was corrected; a letter is written by a person."""

    EMAIL = "e-mail"
    TEXT = "text"
    LETTER = "letter"


PROVED_BY = {Way.EMAIL: EvidenceKind.CODE_BY_EMAIL, Way.TEXT: EvidenceKind.CODE_BY_TEXT}


class Ended(StrEnum):
    """Why a pass is over."""

    CALL_OVER = "call-over"  # hung up, or given back to the queue
    HANDED_ON = "handed-on"
    SWITCHED = "switched"  # another verification of the contact began
    REVOKED = "revoked"


@dataclass(frozen=True)
class Item:
    """One piece of evidence as the rules see it. `fact` names what was asked, so that one fact counts once."""

    kind: EvidenceKind
    outcome: EvidenceOutcome
    fact: str = ""

    @property
    def key(self) -> str:
        """How a policy calls it."""
        return self.fact if self.kind is EvidenceKind.ASKED else self.kind.value


def level_of(policy: Policy, own: Sequence[Item], before: Sequence[Item] = ()) -> Level:
    """The level that the evidence about one person of one customer, in one contact, reaches under a policy.

    `before` is what a colleague found who handed the contact on: alone it lets greet; for more it takes an item that
    was asked or possessed since. A known number alone is level 1 and never more: it can be forged (P06). Level 2 takes
    things about different matters, some of them not printed on anything we send; a withheld number is no fault. Level 3
    takes possession on top, and never rests on a colleague's approval.
    """
    mine, all_items = _counting(policy, own), _counting(policy, [*own, *before])
    keys = {item.key for item in all_items}
    if any(item.kind in SAID for item in mine) and _reaches(policy, keys):
        proofs = {key for key in keys if policy.strength(key) is Strength.POSSESSION}
        rest = keys - {EvidenceKind.APPROVAL.value}
        on_top = [key for key in proofs if _reaches(policy, rest - {key})]
        return Level.STRONG if on_top and len(proofs) >= policy.possession else Level.VERIFIED
    alone = {EvidenceKind.APPROVAL.value}
    return Level.RECOGNISED if keys - alone else Level.UNKNOWN


def value_of(policy: Policy, own: Sequence[Item], before: Sequence[Item], more: Item) -> int:
    """How much further one more item would bring the caller: 0 not at all, else the more the better.

    First comes a higher level, then another strong matter, then another matter: so that a question is drawn that is
    worth asking, and nobody is asked for what changes nothing.
    """
    now, then = level_of(policy, own, before), level_of(policy, [*own, more], before)
    keys = {item.key for item in _counting(policy, [*own, *before])}
    strength, matter = policy.strength(more.key), NATURES[more.key].about
    if strength is Strength.OFF or matter in {NATURES[key].about for key in keys}:
        return 0
    if now >= Level.VERIFIED and then is now:  # nobody is asked more than service needs (P38)
        return 0
    return 1 + 2 * (strength is not Strength.WEAK) + 4 * (then - now)


def _counting(policy: Policy, items: Sequence[Item]) -> list[Item]:
    holding = [item for item in items if item.outcome is EvidenceOutcome.HOLDS]
    return [item for item in holding if policy.strength(item.key) is not Strength.OFF]


def _reaches(policy: Policy, keys: Collection[str]) -> bool:
    """Whether these make level 2: enough different matters, and enough of them strong."""
    strong = {NATURES[key].about for key in keys if policy.strength(key) is not Strength.WEAK}
    return len({NATURES[key].about for key in keys}) >= policy.classes and len(strong) >= policy.strong


def takes_letter(told: Collection[Way], items: Sequence[Item]) -> bool:
    """Whether a person writes of a correction: nobody was told, or only where the proof of the caller came from, which
    may be a thief's by now.
    """
    proved = {one.kind for one in items if one.outcome is EvidenceOutcome.HOLDS}
    return all(PROVED_BY[way] in proved for way in told)


def doubt_about_number(policy: Policy, *, shared: bool, known_days: int, proven: bool) -> NumberDoubt | None:
    """Why a known number is no evidence; None when it is: one person's alone, theirs for long, given or proven by them.

    A number of several persons names nobody; one that changed lately may be a thief's; one that was only imported,
    and never attested, was perhaps never theirs.
    """
    if shared:
        return NumberDoubt.SHARED
    if known_days < policy.number_days:
        return NumberDoubt.LATELY
    return None if proven else NumberDoubt.UNPROVEN


def after_working_days(today: date, days: int) -> date:
    """The day that lies so many working days (Monday to Friday) after today."""
    day = today
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return day


def authorised(authorised_for: str, until: date | None, kind: Kind, today: date) -> bool:
    """Whether this person's mandate for the customer covers the kind, or its class, today; `until` is its last day."""
    if until is not None and today > until:
        return False
    return not {EVERYTHING, kind.value, CLASS_OF[kind].value}.isdisjoint(authorised_for.split())


def pass_ended(policy: Policy, reached_at: datetime, ended_at: datetime | None, now: datetime) -> bool:
    """A pass ends when the call does, and when its time is over."""
    return ended_at is not None or not lasts(reached_at, policy.pass_lasts, now)
