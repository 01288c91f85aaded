"""What new prices come to for the whole membership, worked out by hand.

From January: 520 in place of 495, OSLO 55 in place of 50, the premium 210 in place of 200.
"""

from datetime import date
from typing import Any

import pytest
from pydantic import TypeAdapter

from activities.pricing import planning
from activities.pricing.announcing import Outdated, is_outdated
from activities.pricing.preview import preview
from schemas.dues.plan import plan_rates, plan_terms
from schemas.dues.terms import RatedTerm, Span, Term
from schemas.pricing.contracts import Amounts, PriceChange, PriceTotal
from schemas.shared.vocabulary import Category
from tests.builders import BOOK
from tests.dues.lives import A, ends, life, retired_life, yes
from tests.dues.making import joins

SINCE, NOVEMBER, JANUARY = date(2026, 10, 14), date(2026, 11, 1), date(2027, 1, 1)
TODAY = date(2026, 11, 23)
CHANGE = PriceChange.model_validate(
    {
        "effective_on": JANUARY,
        "full_central_ore": 52000,
        "premium_ore": 21000,
        "branches": [{"code": "OSLO", "local_ore": 5500}],
    }
)
YEARLY: dict[str, Any] = {"percent": None, "employer": None}

# Facts, and what a month and a year cost before and after.
PEOPLE = {
    "ordinary": (life(since=SINCE), (49500, 12 * 49500), (52000, 12 * 52000)),
    "by payroll, in Oslo, insured": (
        life(
            branch="OSLO",
            since=SINCE,
            premiums=(Span(valid_from=NOVEMBER),),
            payers=(yes(NOVEMBER),),
        ),
        (74500, 12 * 74500),  # 495 + 50 + 200
        (78500, 12 * 78500),  # 520 + 55 + 210
    ),
    "half": (life(percent="50", since=SINCE), (24750, 12 * 24750), (26000, 12 * 26000)),
    # Ends with March: three months are left.
    "leaving": (
        life(ends(date(2027, 4, 1)), since=SINCE),
        (49500, 3 * 49500),
        (52000, 3 * 52000),
    ),
    "left before": (life(ends(JANUARY), since=SINCE), (0, 0), (0, 0)),
    "student": (life(category=Category.STUDENT, since=SINCE, **YEARLY), (0, 30000), (0, 32000)),
    "apprentice": (life(category=Category.APPRENTICE, since=SINCE), (0, 0), (0, 0)),
    # Turns 67 on 17 May: 123.75 to May, then the rest of the year: 600 * 7 / 12 = 350.
    # After: 130.00 to May; the year's fee began with June 2027, at 630 * 7 / 12 = 367.50.
    "early pensioner": (
        retired_life(born=date(1960, 5, 17), since=SINCE),
        (12375, 5 * 12375 + 35000),
        (13000, 5 * 13000 + 36750),
    ),
}


async def everybody(persistence, pool) -> dict[str, str]:
    """Let them all join, with their facts in the database; return their ids by name."""
    found = {}
    for name, (facts, _, _) in PEOPLE.items():
        found[name] = await joins(persistence, facts, employer=A)
        await pool.execute(
            "UPDATE memberships SET facts = $2 WHERE membership_id = $1",
            found[name],
            facts.model_dump(mode="json"),
        )
    return found


A_RULE_TOO = CHANGE.model_copy(update={"policies": {"write_off_at_most_ore": 1000}})
"""A rule that changes nothing of what is paid: each member's facts are planned all the same."""


@pytest.mark.parametrize(
    ("change", "processes"),
    [(CHANGE, False), (A_RULE_TOO, False), (A_RULE_TOO, True)],
    ids=["by a query", "in one process", "in many"],
)
async def test_every_krone_of_it(pool, persistence, monkeypatch, change, processes):
    """Sums by category, how many change, the largest ones: the same from terms and from facts."""
    if processes:
        monkeypatch.setattr(planning, "FEW", 0)
        monkeypatch.setattr(planning, "cores", lambda: 2)
    who = await everybody(persistence, pool)
    seen = []
    found = await preview(
        pool, change, today=TODAY, progress=lambda done, of: seen.append((done, of))
    )
    total = found.total
    assert (total.members, total.changing, total.through_payroll) == (8, 6, 1)
    assert total.before == Amounts(
        month_ore=sum(before[0] for _, before, _ in PEOPLE.values()),
        year_ore=sum(before[1] for _, before, _ in PEOPLE.values()),
    )
    assert total.after == Amounts(
        month_ore=sum(after[0] for _, _, after in PEOPLE.values()),
        year_ore=sum(after[1] for _, _, after in PEOPLE.values()),
    )
    student = next(c for c in found.categories if c.category is Category.STUDENT)
    assert student == PriceTotal(
        category=Category.STUDENT,
        members=1,
        changing=1,
        before=Amounts(year_ore=30000),
        after=Amounts(year_ore=32000),
    )
    largest = [(one.membership_id, one.after_ore - one.before_ore) for one in found.largest]
    assert largest[:2] == [
        (who["by payroll, in Oslo, insured"], 12 * 4000),
        (who["ordinary"], 12 * 2500),
    ]
    assert len(largest) == 6
    assert seen[-1] == (8, 8)
    assert found.unknown == 0
    assert found.unpriced == ()


async def test_one_who_can_not_be_priced_stops_nobody(pool, persistence):
    """Facts nobody can read are named by the membership's id, and the rest is worked out."""
    who = await everybody(persistence, pool)
    await pool.execute(
        'UPDATE memberships SET facts = \'{"since": "no day"}\' WHERE membership_id = $1',
        who["half"],
    )
    assert (await preview(pool, CHANGE, today=TODAY)).total.members == 8, "its terms are known"
    found = await preview(pool, A_RULE_TOO, today=TODAY)
    assert found.total.members == 7
    [one] = found.unpriced
    assert one.membership_id == who["half"]
    assert "no day" not in one.reason


async def test_months_that_were_charged_already_are_named(pool):
    """A run that was ahead of the decision: its months get corrections."""
    await pool.execute(
        "INSERT INTO dues_runs (period_from, charged_on, due_on) "
        "VALUES ('2027-01-01', '2026-11-20', '2026-12-04')"
    )
    found = await preview(pool, CHANGE, today=TODAY)
    assert found.charged_already == (JANUARY,)


def test_who_has_to_be_told():
    """Those who pay by other rates than the rules make of their facts; not for a price."""
    facts = life(since=SINCE)
    text = TypeAdapter(tuple[RatedTerm, ...]).dump_json(plan_rates(facts, BOOK)).decode()
    assert not is_outdated(facts.model_dump_json(), text, BOOK)
    dearer = tuple(rates.model_copy(update={"full_central_ore": 52000}) for rates in BOOK.dues)
    assert not is_outdated(facts.model_dump_json(), text, BOOK.model_copy(update={"dues": dearer}))
    by_amount = TypeAdapter(tuple[Term, ...]).dump_json(plan_terms(facts, BOOK)).decode()
    assert is_outdated(facts.model_dump_json(), by_amount, BOOK), "an older version kept no rates"
    assert is_outdated(facts.model_dump_json(), "[]", BOOK)
    assert is_outdated(None, text, BOOK), "facts that were never kept tell nothing"
    with pytest.raises(Outdated, match="can't be read"):
        is_outdated("{}", text, BOOK)
    with pytest.raises(Outdated, match="the rulebook says nothing"):
        is_outdated(facts.model_dump_json(), text, BOOK.model_copy(update={"dues": ()}))
