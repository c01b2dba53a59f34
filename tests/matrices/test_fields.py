"""A canary in every field of a customer and in every word about them: what each answer shows, to whom, and why."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from starlette.testclient import TestClient

from contactcenter.contacts.rules import Channel, ContactKind, ContactState
from contactcenter.customers.rules import Kind
from contactcenter.staff.rules import RIGHTS, Right, Role
from contactcenter.verification.fields import CEILING, FIELDS
from contactcenter.verification.rules import Level, Purpose
from tests.matrices.asking import ROUTES, STREAM, Answer, answer_of, method_of, parameters, path_of, streamed
from tests.matrices.cases import ALONE, Case, Stage, Twist
from tests.matrices.marked import FIELDS_OF, OF_WORDS, RULES, Canaries, columns
from tests.matrices.routes import DONE

DESK, RINGING = frozenset({"desk", "desk-call"}), frozenset({"desk", "desk-ringing"})
SEARCH = frozenset({"customers", "customer-search"})
NAMES = frozenset({"person.name", "second person.name"})
NAME, NUMBER, RELATION = "customer.name", "known_number.e164", "customer.relation_number"


@dataclass(frozen=True)
class Look:
    """One address, asked for in one case. `which` contact it names: in hand, earlier, or waiting."""

    case: Case
    route: str
    which: str
    path: str


@dataclass(frozen=True)
class Exempt:
    """Fields that these routes may show though their kind is not open, when, and why."""

    fields: frozenset[str]
    routes: frozenset[str]
    why: str
    when: Callable[[Look], bool] = lambda _look: True


def candidates(look: Look) -> bool:
    """Whether the page names whom the contact in hand can be linked to, to who may link it."""
    may = Right.LINK_CONTACTS in RIGHTS[look.case.role]
    if look.case.twist is Twist.UNMATCHED:
        return may and look.which == "contact"
    return may and look.case.twist is Twist.UNLINKED and look.case.handles


def words_of_call(look: Look) -> bool:
    """Whether the contact's own words are open to this viewer: then the number that it came from shows as well."""
    numbers = Kind.PHONE_NUMBERS in CEILING[look.case.role]
    own = look.case.in_hand and look.which == "contact"
    earlier = look.case.twist in (Twist.WORDS, Twist.CALLED_BACK) and look.case.handles and look.which == "earlier"
    return numbers and (own or earlier)


EXEMPT = (
    Exempt(frozenset({NAME}), frozenset({"contacts", "contact"}), "all staff see whose contact it is, by name (P07)"),
    Exempt(
        frozenset({RELATION}), frozenset({"contact"}), "the heading of who may ever see relation numbers (P07)",
        lambda look: Kind.RELATION_NUMBER in CEILING[look.case.role],
    ),
    Exempt(frozenset({NAME, RELATION}), SEARCH | {"customer"}, "a search finds them, and nothing else"),
    Exempt(NAMES, frozenset({"customer-search"}), "the persons under a found customer, to be linked to"),
    Exempt(frozenset({NAME}), DESK | RINGING, "whom the number hints at: a question until it is verified (P06)"),
    Exempt(frozenset({NUMBER}), DESK | RINGING, "the number that rings, as the carrier says it, to who answers"),
    Exempt(
        frozenset({"known_number.recorded_at"}), DESK, "since when the number is known: how much it proves (P06)",
        lambda look: look.case.level >= Level.RECOGNISED,
    ),
    Exempt(
        frozenset({NAME, RELATION, "person.name", "known_number.recorded_at"}), DESK | {"contact"},
        "the owners of the caller's number, to who may say which of them it is", candidates,
    ),
    Exempt(frozenset({NUMBER}), frozenset({"contact"}), "the caller's number, to who may link", candidates),
    Exempt(frozenset({NUMBER}), frozenset({"contact"}), "the caller's number, beside the call's words", words_of_call),
)  # fmt: skip
WITHOUT_TRAINING = frozenset({NUMBER})  # numbers and lines, and nothing about whose they are (P29)


def may_show(look: Look) -> set[str]:
    """What this answer may hold: kinds that are open, words that were opened for a purpose, and what is exempt."""
    opened = {name for name, kind in RULES.items() if kind in look.case.opened}
    if look.case.twist is Twist.WORDS and look.case.handles and look.which == "earlier":
        opened |= {name for name, kind in RULES.items() if kind is Kind.CONTACT_HISTORY and name not in FIELDS_OF}
    exempt = {name for one in EXEMPT if look.route in one.routes and one.when(look) for name in one.fields}
    return opened | (exempt if look.case.trained else exempt & WITHOUT_TRAINING)


ABOUT = DESK | RINGING | {"contacts"}
VARIANTS = {
    "contacts": [
        *(f"?state={state}" for state in ContactState),
        *(f"?kind={kind}" for kind in ContactKind),
        "?since=2026-01-01", "?mine=1", "?awaiting=summary", "?awaiting=summary&mine=1", "?after={earlier}",
    ],
    "customers": ["?q={name}", "?q={relation}"],
    "customer-search": ["?q={name}", "?q={relation}"],
    "customer": [*(f"?channel={one}" for one in Channel), *(f"?kind={one}" for one in ContactKind)],
    "verifications": ["?level=3", "?result=verified", "?evidence=asked", "?failed=1", "?break-glass=1"],
}  # fmt: skip
WHICH = {  # by what a path names
    "contact": ("contact", "earlier", "waiting"),
    "transcript": ("earlier",),
    "spoken_alert": ("earlier",),
}


def looks(case: Case, things: dict[str, str]) -> Iterator[Look]:
    """Every address that answers to GET, with every filter, about every contact and the customer.

    What is not about the contact or the customer, and every filter, is asked for once by each role, when all is open.
    """
    everything = (case.level, case.inbound, case.twist) == (Level.STRONG, True, Twist.NOTHING)
    searched = things | {"name": str(Canaries().of(NAME)), "relation": str(Canaries().of(RELATION))}
    for route in (one for one in ROUTES.values() if method_of(one) == "GET"):
        if not (everything or route.name in ABOUT or parameters(route)):
            continue
        for which in WHICH.get(next(iter(parameters(route)), ""), ("",)):
            named = things | ({"contact": things[which]} if which else {})
            if case.twist in ALONE and set(parameters(route)) & {"playback", "verification"}:
                continue  # of the call in hand, and there is none
            for query in ("", *(VARIANTS.get(route.name, ()) if everything else ())):
                yield Look(case, route.name, which, path_of(route, named) + query.format_map(searched))
    if everything:
        yield from (
            Look(case, "", "", path) for path in ("/no/such/page", "/api/v1/openapi.json", "/readyz", "/metrics")
        )


MANY = (Role.AGENT, Role.SUPERVISOR, Role.PRIVACY)
CASES = [
    *(Case(role, level, inbound) for role in Role for level in Level for inbound in (True, False)),
    *(Case(role, inbound=inbound, handles=False) for role in Role for inbound in (True, False)),
    *(Case(role, twist=twist) for role in MANY for twist in Twist if twist not in (Twist.NOTHING, Twist.CALLED_BACK)),
    *(Case(role, inbound=False, twist=Twist.CALLED_BACK) for role in MANY),
    *(Case(role, twist=twist) for role in (Role.COACH, Role.ADMIN) for twist in ALONE),
    *(Case(role, twist=twist, handles=False) for role in MANY for twist in (Twist.GLASS, Twist.WORDS, Twist.UNMATCHED)),
    *(Case(Role.AGENT, twist=twist, trained=False) for twist in (Twist.NOTHING, Twist.UNLINKED, *ALONE)),
]
HIDDEN = {"summary.draft_lines"}  # of a confirmed summary: the lines that it was drafted from


def test_every_column_of_a_customer_is_marked_or_says_why_it_is_not() -> None:
    assert columns() == set(FIELDS_OF)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_answer_shows_what_is_open_and_nothing_else(stage: Stage, case: Case) -> None:
    things, said = stage.arrange(case)
    canaries, excess, shown = Canaries(), {}, set[str]()
    for answer in said:
        assert canaries.found_in(whole(answer)) == set()
    with stage.browser(case) as browser:
        for look in looks(case, things):
            found = canaries.found_in(whole(ask(browser, look)))
            shown |= found
            if found - may_show(look):
                excess[look.path] = found - may_show(look)
    assert excess == {}
    assert must_show(case) <= shown


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR, Role.PRIVACY])
@pytest.mark.parametrize("twist", [Twist.NOTHING, Twist.SHUT])
def test_a_mark_shuts_the_recording_as_well(stage: Stage, role: Role, twist: Twist) -> None:
    case = Case(role, twist=twist)
    things, _ = stage.arrange(case)
    with stage.browser(case) as browser:
        peaks = answer_of(browser, "GET", f"/playback/{things['playback']}/peaks")
        opened = [
            answer_of(browser, "POST", f"/contacts/{things['earlier']}/open", data={"purpose": purpose.value}).status
            for purpose in Purpose
        ]
        heard = answer_of(browser, "GET", f"/contacts/{things['contact']}").text
    shut = twist is Twist.SHUT
    assert (peaks.status, 'id="player"' in heard) == ((404, False) if shut else (200, True))
    assert (DONE in opened) == (not shut and role is not Role.AGENT)


def must_show(case: Case) -> set[str]:
    """What is open and shows somewhere, so that the search is known to find what is there."""
    rights = RIGHTS[case.role]
    if case.twist is Twist.WORDS and case.handles and case.trained:
        return set() if case.role in (Role.AGENT, Role.ADMIN) else set(OF_WORDS) - HIDDEN
    if Right.SEE_CUSTOMERS not in rights:
        return set()
    by_key = Right.HANDLE_CALLS in rights or case.twist is Twist.GLASS
    opened = {kind for kind in case.opened if by_key or FIELDS[kind].by_itself}
    return {name for name, kind in RULES.items() if kind in opened} - HIDDEN


def ask(browser: TestClient, look: Look) -> Answer:
    """Look."""
    return streamed(browser, look.path) if look.route == STREAM else answer_of(browser, "GET", look.path)


def whole(answer: Answer) -> str:
    """All that came back, headers too."""
    return "\n".join([*(f"{name}: {value}" for name, value in answer.headers), answer.location, answer.text])
