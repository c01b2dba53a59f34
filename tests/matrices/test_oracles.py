"""What is masked can't be guessed either: not by lengths, counts, order or headers of answers, nor by searching."""

import pytest
from sqlalchemy import delete
from sqlmodel import col

from contactcenter.customers.models import Customer, CustomerRow
from contactcenter.customers.rules import Kind
from contactcenter.staff.rules import Role
from contactcenter.verification.rules import Level
from tests.matrices.asking import Answer, answer_of
from tests.matrices.cases import Case, Stage, Twist
from tests.matrices.marked import RULES, Canaries, add_more, mark, say
from tests.matrices.snapshot import Snapshot
from tests.matrices.test_fields import ask, looks

NOBODY = "qqqqqq"
NEVER_ASKED = ("street", "town", "country", "collection_method", "bank_account", "payment_method", "contract_until")
CASES = [
    *(
        Case(role, level, inbound)
        for role in (Role.AGENT, Role.PRIVACY)
        for level in Level
        for inbound in (True, False)
    ),
    *(Case(role, handles=False) for role in Role),
    *(Case(Role.SUPERVISOR, twist=twist) for twist in (Twist.SHUT, Twist.GLASS, Twist.REVOKED, Twist.UNLINKED)),
    Case(Role.AGENT, trained=False),
    Case(Role.AGENT, inbound=False, twist=Twist.CALLED_BACK),
]


def seen(stage: Stage, case: Case, things: dict[str, str]) -> dict[str, Answer]:
    """Every answer, by address."""
    with stage.browser(case) as browser:
        return {look.path: ask(browser, look) for look in looks(case, things)}


def rewrite(stage: Stage, masked: frozenset[Kind | None]) -> None:
    """Other values, of other lengths, in place of all that is masked, and more of whatever there can be more of."""
    with stage.world.writing() as session:
        mark(session, stage.customer, Canaries(1), masked)
        add_more(session, stage.customer, masked)
        if Kind.CONTACT_HISTORY in masked:
            say(session, stage.world.now, stage.earlier, stage.world.members["Bram"].id, Canaries(1))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_answer_is_the_same_whatever_is_masked_in_it(stage: Stage, case: Case) -> None:
    things, _ = stage.arrange(case)
    arranged = Snapshot(stage.world.db)
    before = seen(stage, case, things)
    arranged.restore()
    arranged.close()
    rewrite(stage, frozenset({*Kind, None}) - case.opened)
    after = seen(stage, case, things)
    assert [path for path in before if before[path] != after[path]] == []


@pytest.mark.parametrize("level", [Level.UNKNOWN, Level.RECOGNISED])
def test_nobody_sees_whether_there_is_anything_behind_a_mask(stage: Stage, level: Level) -> None:
    case = Case(Role.AGENT, level)
    things, _ = stage.arrange(case)
    arranged = Snapshot(stage.world.db)
    before = seen(stage, case, things)
    arranged.restore()
    arranged.close()
    with stage.world.writing() as session:
        customer = session.get_one(Customer, stage.customer)
        for name in NEVER_ASKED:
            setattr(customer, name, None if name.startswith("contract") else "")
        letters = col(CustomerRow.kind) == Kind.CORRESPONDENCE, col(CustomerRow.customer_id) == stage.customer
        session.execute(delete(CustomerRow).where(*letters))
    after = seen(stage, case, things)
    assert [path for path in before if before[path] != after[path]] == []


def test_other_values_do_show_where_they_are_open(stage: Stage) -> None:
    case = Case(Role.AGENT)
    things, _ = stage.arrange(case)
    before = seen(stage, case, things)
    rewrite(stage, case.opened)
    after = seen(stage, case, things)
    changed = {path.split("/")[1] for path in before if before[path] != after[path]}
    assert {"desk", "customers", "contacts"} <= changed


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR, Role.PRIVACY])
def test_a_search_finds_nobody_by_anything_but_name_and_relation_number(stage: Stage, role: Role) -> None:
    case = Case(role)
    things, _ = stage.arrange(case)
    paths = ["/customers"] + ([] if role is Role.PRIVACY else [f"/contacts/{things['contact']}/search"])
    found = set()
    with stage.browser(case) as browser:
        for path in paths:
            nobody = answer_of(browser, "GET", path, params={"q": NOBODY}).text
            for name in RULES:
                sought = str(Canaries().of(name))
                text = answer_of(browser, "GET", path, params={"q": sought}).text
                if text.replace(sought, NOBODY) != nobody:
                    found.add(name)
    assert found == {"customer.name", "customer.relation_number"}
