"""What decides beside the right, for every route: one row each. A route without a row fails the suite.

A row says how each thing is answered that the path names: the asker's own (a contact in hand), a colleague's, another
team's, and what they had and is gone. What the row does not name, and what is absent, is the same nothing: 404.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from contactcenter.staff.rules import Role, Scope, Standing

INSIDE, NEW = frozenset({Standing.IN}), frozenset({Standing.IN, Standing.SETS_UP})
HALFWAY, ANYHOW = frozenset({Standing.SHOWS}), frozenset(Standing)
NOTHING, UNTRAINED = 404, 403
DONE, SEEN, GOES = 204, 200, 303  # an act of htmx, a page, and on to another page


class Whose(StrEnum):
    """Which thing the path names. `ERASED` is asked of what the product erases: see `ERASABLE`."""

    OWN = "own"
    OTHER = "a colleague's"
    FOREIGN = "another team's"
    ERASED = "erased"
    ABSENT = "absent"


Statuses = frozenset[int]
ERASABLE = ("playback", "recording", "session", "passkey")  # by their names in paths


@dataclass(frozen=True)
class Row:
    """How a route answers who has its right.

    `trained`: without a privacy training it is refused in words, before anything is looked for. `by_role`: a refusal
    in words for these roles, of what they may see to exist. `form` names things as `{question}`; `called` says which
    thing a part of the path means, where that is another one than its name says.
    """

    own: int | tuple[int, ...]
    other: int | tuple[int, ...] = NOTHING
    foreign: int | tuple[int, ...] = NOTHING
    erased: int | tuple[int, ...] = NOTHING
    form: Mapping[str, str] = field(default_factory=dict)
    how_far: frozenset[Standing] = INSIDE
    trained: bool = False
    untrained: int | tuple[int, ...] = ()
    by_role: Mapping[Role, int] = field(default_factory=dict)
    called: Mapping[str, str] = field(default_factory=dict)

    def answers(self, whose: Whose, role: Role, *, trained: bool) -> Statuses:
        """The statuses with which this is answered to whoever has the right."""
        if self.trained and not trained:
            return frozenset({UNTRAINED})
        if whose is Whose.ABSENT:
            return frozenset({NOTHING})
        found = {Whose.OWN: self.own, Whose.OTHER: self.other, Whose.FOREIGN: self.foreign, Whose.ERASED: self.erased}
        plain = _statuses(found[whose])
        if plain != {NOTHING} and role in self.by_role:
            return frozenset({self.by_role[role]})
        return _statuses(self.untrained) if plain != {NOTHING} and self.untrained and not trained else plain


def _statuses(of: int | tuple[int, ...]) -> Statuses:
    return frozenset({of} if isinstance(of, int) else of)


def mine(own: int | tuple[int, ...] = DONE, **more: object) -> Row:
    """Only one's own thing; a colleague's is nothing."""
    return Row(own, **more)  # type: ignore[arg-type]  # the names are those of `Row`


def anybodys(every: int | tuple[int, ...], **more: object) -> Row:
    """The right is enough, whoever's it is."""
    return Row(every, every, every, every, **more)  # type: ignore[arg-type]  # the names are those of `Row`


WORDS = {"words": "They could not be reached in another way."}
REVIEW = {"asked": "yes", "answered": "yes", "told_before": "no", "verdict": "good"}
MOVED = {"kind": "name-and-address", "turn": "0", "street": "Kade 1", "postcode": "1011 AC", "town": "Amsterdam"}
CLOSING = {"outcome": "solved", "kind": "question", "question": "A question.", "text": "An answer."}
IN_A_WEEK = "2026-11-30"
NO_CARRIER, NO_VAULT, TOO_EARLY, NOT_AGAIN, WRONG, REFUSED = 503, 503, 409, 409, 422, 403

ROWS: dict[str, Row] = {
    # signing in, and one's own account
    "start": anybodys(GOES),
    "sign-out": anybodys(GOES, how_far=ANYHOW),
    "second-step": anybodys(SEEN, how_far=HALFWAY),
    "second-step-post": anybodys(REFUSED, how_far=HALFWAY, form={"code": "000000"}),
    "passkey-asked": anybodys(SEEN, how_far=HALFWAY),
    "passkey-shown": anybodys(WRONG, how_far=HALFWAY),
    "account": anybodys(SEEN, how_far=NEW),
    "app-begin": anybodys(GOES, how_far=NEW),
    "app-confirm": anybodys(WRONG, how_far=NEW, form={"code": "000000"}),
    "app-remove": anybodys(GOES),
    "passkey-add": anybodys(WRONG, how_far=NEW),
    "passkey-offer": anybodys(SEEN, how_far=NEW),
    "passkey-remove": mine((GOES, NOT_AGAIN)),  # a privileged account keeps its last factor
    "password-change": anybodys(WRONG, form={"new": "one", "again": "another"}),
    "sessions-end": anybodys(GOES),
    "session-end": mine(GOES),
    "recovery-codes": anybodys(SEEN),
    # the desk and the call in hand
    "available": anybodys(GOES, form={"available": "1"}),
    "live": anybodys(SEEN),
    "desk": anybodys(SEEN),
    "desk-ringing": anybodys(SEEN),
    "desk-call": anybodys(SEEN),
    "softphone-token": anybodys(NO_CARRIER),
    "call-answer": Row(DONE, other=NOT_AGAIN),  # a call rings at its whole team, and one answers
    "call-hold": mine(),
    "call-unhold": mine(),
    "call-transfer": mine(),
    "call-pause": mine(),
    "call-resume": mine(),
    "call-stop-recording": mine(),
    "call-end": mine(),
    # contacts
    "contacts": anybodys(SEEN),
    "unmatched": anybodys(SEEN),
    "contact": anybodys(SEEN),
    "customer-search": anybodys(SEEN, trained=True),
    "contact-link": mine(untrained=NOTHING, form={"customer": "{customer}", "person": "{person}"}),
    "contact-unlink": mine(untrained=NOTHING),
    "question-draw": mine(),
    "question-answer": mine(untrained=TOO_EARLY, form={"question": "{question}", "typed": "nine"}),
    "kind-reveal": mine(untrained=REFUSED, form={"kind": "payment-method"}),
    "customer-correct": mine(untrained=REFUSED, form=MOVED),
    "code-send": mine(NO_CARRIER, form={"kind": "code-by-text"}),
    "code-read": mine(TOO_EARLY, form={"typed": "000000"}),
    "approval-ask": mine((DONE, NOT_AGAIN), form=WORDS | {"reason": "other"}),
    "approval-decide": Row(NOT_AGAIN, other=DONE, form={"grant": "1"}),
    "call-back-ask": mine(SEEN, untrained=TOO_EARLY, form={"kind": "licences"}),
    "call-back-take": Row(DONE, other=NOT_AGAIN),  # the maker's own is taken already
    "call-back-call": Row(TOO_EARLY, other=TOO_EARLY, trained=True),  # with a call on the line
    "call-back-word": mine(TOO_EARLY, form={"typed": "zebra piano"}),
    "call-back-end": Row(DONE, other=NOT_AGAIN, form={"ended": "done"}),
    "identity-doubt": mine(form=WORDS),
    "pass-revoke": Row(DONE, other=DONE),
    "note-write": mine(form={"question": "A question.", "text": "An answer."}),
    "summary-confirm": mine(form={"text": "They asked, we answered."}),
    "contact-close": mine(TOO_EARLY, form=CLOSING),
    "contact-open": anybodys(
        DONE,
        form={"purpose": "verification-audit"},
        by_role={Role.AGENT: WRONG, Role.COACH: WRONG},  # whoever sees the contact is told why not, on record
        untrained=WRONG,
    ),
    # nothing of theirs is being written down; a supervisor may within the own team
    "transcription-stop": Row(NOT_AGAIN, other=(NOTHING, NOT_AGAIN), trained=True),
    "transcription-go-on": Row(NOT_AGAIN, other=(NOTHING, NOT_AGAIN), trained=True),
    "transcription-language": Row(DONE, other=(NOTHING, DONE), form={"language": "de"}, trained=True),
    "hold-place": anybodys(DONE, form={"kind": "dispute", "reference": "D-2", "review_on": IN_A_WEEK}),
    "hold-release": anybodys(DONE),
    "hold-review": anybodys(NOT_AGAIN, form={"review_on": IN_A_WEEK}),
    "hold-decide": Row(NOT_AGAIN, other=DONE, foreign=DONE, form={"accept": "1"}, called={"proposal": "step"}),
    # read by who has the contact in hand; the earlier form of a line is nothing to them
    "transcript": mine(SEEN, untrained=NOTHING),
    "transcript-correct": mine(NOT_AGAIN, untrained=NOTHING, form={"seen": "0", "text": "Other words."}),
    "playback-audio": mine(NO_VAULT),
    "playback-peaks": mine(SEEN),
    # customers
    "customers": anybodys(SEEN, trained=True),
    "customer": anybodys(SEEN, trained=True),
    "break-glass": anybodys(DONE, trained=True, form=WORDS | {"reason": "other"}),
    "glass-reveal": Row(DONE, other=REFUSED, foreign=REFUSED, trained=True, form={"kind": "payment-method"}),
    "customer-shut": anybodys(DONE, trained=True, form=WORDS | {"until": IN_A_WEEK}),
    "flag-lift": anybodys(DONE),
    # supervision, policy, promises, operations
    "supervision": anybodys(SEEN),
    "glass-review": Row(NOT_AGAIN, other=DONE, foreign=DONE, form={"justified": "1"}),
    "letter-written": Row(NOT_AGAIN, other=DONE, foreign=DONE),
    "verifications": anybodys(SEEN),
    "verifications-export": anybodys(SEEN, form={"purpose": "verification-audit"}),
    "verification": anybodys(SEEN),
    "verification-listen": anybodys(GOES, untrained=WRONG),
    "reviews": anybodys(SEEN),
    "review": anybodys(SEEN, by_role={Role.AGENT: NOTHING, Role.COACH: NOTHING}),  # until it was given
    "review-give": Row(NOT_AGAIN, other=DONE, foreign=DONE, form=REVIEW),
    "review-reply": mine(form=WORDS, called={"review": "reviewed"}),
    "spoken-alerts": anybodys(SEEN),
    "spoken-alert": anybodys(SEEN, by_role={Role.AGENT: NOTHING, Role.COACH: NOTHING}),  # until it was judged
    "spoken-alert-open": anybodys(GOES, untrained=WRONG),
    "spoken-alert-judge": anybodys(TOO_EARLY, untrained=NOTHING, form={"judgement": "no-breach"}),  # words first
    "spoken-alert-answer": mine(form=WORDS, called={"spoken_alert": "judged"}),
    "policy": anybodys(SEEN),
    "policy-decide": Row(NOT_AGAIN, other=DONE, foreign=DONE, form={"accept": "1"}),
    "promises": anybodys(SEEN),
    "promise": anybodys(SEEN),
    "staff": anybodys(SEEN),
    "role-change": Row(NOT_AGAIN, other=GOES, foreign=GOES, form={"role": "coach"}),
    "role-decide": Row(NOT_AGAIN, other=GOES, foreign=GOES, form={"accept": "1"}),
    "operations": anybodys(SEEN),
    "recording-cut": Row(  # each contact is held; where it isn't, who has no player open is refused likewise
        NOTHING,  # nobody cuts out of a call of their own
        other=NOT_AGAIN,
        foreign=(NOTHING, NOT_AGAIN),  # a privacy officer cuts in every team
        trained=True,
        form={"start": "0", "end": "0.5", "reason": "child"},
    ),
    "recording-retry": anybodys(NOT_AGAIN),
    "alert-seen": anybodys(DONE),
}


@dataclass(frozen=True)
class Open:
    """A public route: its status for everybody, and for whoever is signed in where that differs; with a form a POST."""

    status: int = SEEN
    form: Mapping[str, str] | None = None
    inside: int = SEEN
    how_far: frozenset[Standing] = frozenset()


@dataclass(frozen=True)
class ByToken:
    """A route for servers: the scope that it takes, a body that is valid enough, and its status with both."""

    scope: Scope
    status: int
    body: Mapping[str, str] = field(default_factory=dict)


OPEN = {
    "sign-in": Open(inside=GOES, how_far=INSIDE),
    "sign-in-post": Open(REFUSED, {"login": "nobody", "password": "a wrong password"}),
    "language": Open(GOES, {"language": "en"}),
    "healthz": Open(),
    "readyz": Open(),
    "prompt": Open(),
    "twilio-fallback": Open(),  # a static document that must answer when nothing else does
    "openapi": Open(),
    "static": Open(),
}
BY_TOKEN = {
    "metrics": ByToken(Scope.METRICS_READ, SEEN),
    "api-customer": ByToken(Scope.CUSTOMERS_WRITE, SEEN, {"name": "Bakkerij Jansen"}),
    "api-verification-code": ByToken(Scope.VERIFICATION_CODES, 201, {"person": "joris"}),
}
BY_SIGNATURE = {  # with the query that belongs to the address
    "twilio-voice": "",
    "twilio-answered": f"?call={'A' * 22}",
    "twilio-placed": f"?call={'A' * 22}",
    "twilio-key": "?attempt=1",
    "twilio-heard": "?attempt=1",
    "twilio-keyed": "",
    "twilio-wait": "",
    "twilio-hold": "",
    "twilio-agent": "",
    "twilio-conference": "",
    "twilio-status": "",
    "twilio-dialled": "",
    "twilio-recording": "",
}
