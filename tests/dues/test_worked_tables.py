"""The tables about dues in docs/algorithms.md, computed as the service computes them."""

from datetime import date

from schemas.dues.plan import charges_in, plan_terms
from schemas.dues.terms import Span
from schemas.shared.vocabulary import Category, PensionKind
from tests.algorithms import kroner, table_of
from tests.builders import BOOK
from tests.dues.lives import A, becomes, draws, leave, life, works, yes
from tests.dues.making import SINCE
from tests.dues.test_corrections import explained, lives, with_notices

OFFERED, LEAVING, HALF = date(2027, 2, 14), date(2027, 9, 1), date(2028, 3, 1)

NORA = life(
    becomes(OFFERED, Category.ORDINARY),
    works(OFFERED, "100", employer=A, branch="OSLO"),
    leave(LEAVING, date(2027, 11, 30)),
    works(HALF, "40"),
    draws(date(2053, 5, 1), kind=PensionKind.OLD_AGE),
    category=Category.STUDENT,
    percent=None,
    employer=None,
    premiums=(Span(valid_from=date(2027, 6, 1)),),
    payers=(yes(date(2027, 5, 1)),),
)
"""Born on 12 April 1986, a student who joins on 22 November 2026."""


def test_terms_of_one_life():
    """One term a row: months, what, kroner, how often, who pays; the reasons are the page's."""
    rows = [
        [
            f"{term.valid_from:%Y-%m}",
            f"{term.valid_to:%Y-%m}" if term.valid_to else "-",
            term.kind.removesuffix("_dues").removeprefix("insurance_"),
            kroner(term.amount_ore),
            str(term.cadence),
            str(term.payer),
        ]
        for term in sorted(plan_terms(NORA, BOOK), key=lambda term: (term.valid_from, term.kind))
    ]
    assert [row[:6] for row in table_of("The terms of one life")] == rows


TOLD_ON, HALF_FROM = date(2027, 1, 20), date(2026, 12, 1)
MONTHS = [date(2026, month, 1) for month in (10, 11, 12)] + [
    date(2027, month, 1) for month in (1, 2, 3)
]


async def test_a_correction_month_by_month(pool, persistence, dues):
    """What each run charges, and that it comes to what it would have been, known in time."""
    facts, notice = life(since=SINCE), works(HALF_FROM, "40", recorded=TOLD_ON)
    [member] = await lives(persistence, dues, [(facts, [notice])], 5)
    charged = {
        (row["period_from"], row["kind"] == "correction"): row["amount_ore"]
        for row in await pool.fetch(
            "SELECT period_from, kind, amount_ore FROM charges WHERE membership_id = $1", member
        )
    }
    known = with_notices(facts, works(HALF_FROM, "40"))
    rows, so_far, right = [], 0, 0
    for month in MONTHS:
        month_ore, correction_ore = charged[month, False], charged.get((month, True), 0)
        so_far += month_ore + correction_ore
        right += sum(amount for amount, _, _ in charges_in(known, BOOK, month).values())
        amounts = (month_ore, correction_ore, so_far, right)
        rows.append([f"{month:%Y-%m}", *(kroner(ore) for ore in amounts)])
    assert table_of("A correction, month by month") == rows
    explanation = [
        [line[:7], line[9:16], "central dues", kroner(int(was)), kroner(int(now))]
        for line in await explained(pool, member)
        for was, now in [line.split(" ", 3)[3].split(" -> ")]
    ]
    assert table_of("Its explanation") == explanation
