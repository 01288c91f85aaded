"""The figures for the board: what they count, and that nobody can be made out in them."""

from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.desk.figures import read_figure
from activities.dues.activities import Dues
from schemas.desk.figures import FEWEST, Counted, FigureName, Unit, figure, kept_back
from schemas.shared.vocabulary import Category, Event, Outcome, Stage
from tests.dues.lives import A, life
from tests.dues.making import charge, joins
from tests.membership.making import decision, standing

SINCE, TODAY = date(2026, 10, 14), date(2026, 12, 20)
ONE_MONTH = ("2026-12",)


@pytest.mark.parametrize(
    ("members", "secret"),
    [
        pytest.param({"a": 5, "b": 70}, "", id="all large enough"),
        pytest.param({"a": 4}, "a", id="the only one is small"),
        # 4 is kept back; with 70 and the total it would be found, so the next goes too.
        pytest.param({"a": 4, "b": 6, "c": 70}, "ab", id="one small beside others"),
        # 1 + 2 are told by their sum, 3, which is less than five.
        pytest.param({"a": 1, "b": 2, "c": 6, "d": 9}, "abc", id="two small ones are too few"),
        pytest.param({"a": 3, "b": 4, "c": 70}, "ab", id="two small ones hide each other"),
        pytest.param({}, "", id="nobody"),
    ],
)
def test_what_is_kept_back(members, secret):
    """A group of fewer than five, and what it takes for it not to be found by subtraction."""
    assert kept_back(members) == frozenset(secret)


@given(st.lists(st.integers(0, 12), min_size=1, max_size=6))
def test_nothing_is_found_by_subtraction(sizes):
    """No group under five is told; what is missing from a total is two groups and five people."""
    groups = [f"g{nth}" for nth in range(len(sizes))]
    told = figure(
        FigureName.LEFT,
        Unit.MEMBERS,
        groups,
        [
            Counted(row="2026-12", group=group, members=size, amount=size)
            for group, size in zip(groups, sizes, strict=True)
        ],
    )
    [row] = told.rows
    for size, amount in zip(sizes, row.amounts, strict=True):
        assert amount in {size, None}
        assert amount != size or size == 0 or size >= FEWEST
    missing = [size for size, amount in zip(sizes, row.amounts, strict=True) if amount is None]
    if row.total is not None:
        assert row.total == sum(sizes)
        assert not missing or (len(missing) > 1 and sum(missing) >= FEWEST)


def told(found, row):
    """What a row says, by group, and in all."""
    [one] = [one for one in found.rows if one.row == row]
    return dict(zip(found.groups, one.amounts, strict=True)), one.total


@pytest.fixture
async def union(pool, persistence):
    """Seven at work, six students, and one of each of two other kinds."""
    for category, many in ((Category.ORDINARY, 7), (Category.STUDENT, 6), (Category.PENSIONER, 1)):
        for _ in range(many):
            works = category is Category.ORDINARY
            facts = life(
                since=SINCE,
                category=category,
                percent="100" if works else None,
                employer=A if works else None,
            )
            await joins(persistence, facts)
    return Dues(pool)


async def ended(persistence, membership_id):
    """Let somebody leave on 1 December."""
    stands = standing(Stage.ENDED, outcome=Outcome.RESIGNED, member_since=SINCE)
    on = date(2026, 12, 1)
    await persistence.record_decision(
        decision(3, membership_id, event=Event.MEMBERSHIP_ENDED, decided_on=on, standing=stands)
    )


async def test_members_are_counted_when_a_month_is_charged(pool, persistence, union):
    """By category, as it was then: a later run for the month counts nobody anew."""
    await charge(union, "2026-12", today=date(2026, 11, 20))
    before = await pool.fetch("SELECT * FROM members_by_month ORDER BY category")
    await joins(persistence, life(since=date(2026, 11, 25)))
    await charge(union, "2026-12", today=date(2026, 12, 2))
    assert await pool.fetch("SELECT * FROM members_by_month ORDER BY category") == before
    found = await read_figure(pool, FigureName.BY_CATEGORY, TODAY)
    # 7 + 6 + 1: who has a pension before 67 alone is kept back, so the students are, too.
    assert told(found, "2026-12") == ({"ordinary": 7, "student": None, "early_pensioner": None}, 14)
    assert told(found, "now") == ({"ordinary": 8, "student": None, "early_pensioner": None}, 15)
    assert [row.row for row in found.rows] == ["2026-12", "now"]
    branches = await read_figure(pool, FigureName.BY_BRANCH, TODAY)
    assert told(branches, "now") == ({"none": 15}, 15)


@pytest.mark.usefixtures("union")
async def test_who_came_and_who_left(pool, persistence):
    """By month, how they came and why they left: neither a twin's end nor one that is undone."""
    ids = [
        row["membership_id"] for row in await pool.fetch("SELECT membership_id FROM memberships")
    ]
    for membership_id in ids[:5]:
        await ended(persistence, membership_id)
    await ended(persistence, ids[5])
    await pool.execute(
        "UPDATE memberships SET outcome = 'duplicate' WHERE membership_id = $1", ids[5]
    )
    joined = await read_figure(pool, FigureName.JOINED, TODAY)
    left = await read_figure(pool, FigureName.LEFT, TODAY)
    assert len(joined.rows) == len(left.rows) == 24
    assert told(joined, "2026-10") == ({"new": 13}, 13)
    assert told(joined, "2026-11") == ({"new": 0}, 0)
    assert told(left, "2026-12") == ({"resigned": 5}, 5)
    again = decision(
        4,
        ids[0],
        event=Event.MEMBERSHIP_REOPENED,
        standing=standing(Stage.ACTIVE, member_since=SINCE),
    )
    await persistence.record_decision(again)
    left = await read_figure(pool, FigureName.LEFT, TODAY)
    assert told(left, "2026-12") == ({"resigned": None}, None)


async def test_what_is_charged_and_owed_and_comes(pool, union):
    """What a month's run charged, what is not paid of it by age, and the months ahead."""
    report, _ = await charge(union, "2026-12", today=date(2026, 11, 20))
    charged = Counter()
    for one in report.totals:
        charged[str(one.kind)] += one.amount_ore
    dues = await read_figure(pool, FigureName.DUES, TODAY)
    groups, total = told(dues, "2026-12")
    assert total == report.amount_ore == sum(charged.values())
    assert {group: ore for group, ore in groups.items() if ore is not None} == charged
    open_ore = await pool.fetchval("SELECT sum(open_ore) FROM invoice_balances WHERE open_ore > 0")
    arrears = await read_figure(pool, FigureName.ARREARS, TODAY)
    groups, total = told(arrears, str(TODAY))
    assert total == open_ore
    assert set(groups) <= {"not_due", "1", "31", "61", "91"}
    budget = await read_figure(pool, FigureName.BUDGET, TODAY)
    assert [row.row for row in budget.rows] == [
        "2027-01", *(f"2027-{month:02d}" for month in range(2, 13))
    ]  # fmt: skip
    # 7 at 495.00, and the early pensioner a quarter of it: 123.75.
    assert told(budget, "2027-02")[0]["central_dues"] == 7 * 49500 + 12375


async def test_the_page_says_them_all(at_desk, union):
    """With a picture of each and its table as CSV; a name that is none is not found."""
    await charge(union, "2026-12", today=date(2026, 11, 20))
    desk = await at_desk("auditor")
    page = await desk.get("/desk/figures")
    assert page.status_code == 200
    assert "Medlemmer etter kategori" in page.text
    for name in FigureName:
        picture = await desk.get(f"/desk/figures/{name}.svg")
        assert (picture.status_code, picture.headers["content-type"]) == (200, "image/svg+xml")
        table = await desk.get(f"/desk/figures/{name}.csv")
        assert table.status_code == 200
        assert table.content.startswith(b"\xef\xbb\xbfN\xc3\xa5r;")
    table = await desk.get("/desk/figures/by_category.csv")
    assert table.text.splitlines()[-1] == "nå;7;–;–;14"
    assert "by_category" not in table.headers["content-disposition"]
    assert (await desk.get("/desk/figures/nonsense.csv")).status_code == 404
    branch = await at_desk("branch")
    assert (await branch.get("/desk/figures")).status_code == 403
    assert (await branch.get("/desk/figures/left.csv")).status_code == 403
