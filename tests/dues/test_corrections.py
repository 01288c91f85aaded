"""Back-dated changes: the sum billed is what it would have been, had all been known in time.

Months are run on the 2nd, from November 2026 on; members join in October. In øre: 49500 full (S2),
 24750 half (S5), 12375 a quarter (S21), 20000 the premium (S7).
"""

import asyncio
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activities.database.pool import open_pool
from activities.dues.activities import Dues
from activities.membership.activities import Persistence
from schemas.dues.plan import plan_terms
from schemas.dues.terms import Span
from schemas.membership.notices import AnyNotice
from schemas.membership.situation import Facts
from schemas.shared.calendar import months_before
from schemas.shared.vocabulary import Category, Outcome, PensionKind
from tests.builders import BOOK
from tests.dues.lives import A, becomes, draws, ends, leave, life, works, yes
from tests.dues.making import SINCE, charge, charged, counted, joins, nothing_new, replanned, term

NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)
JANUARY, FEBRUARY, MARCH = date(2027, 1, 1), date(2027, 2, 1), date(2027, 3, 1)


def with_notices(facts: Facts, *notices: AnyNotice) -> Facts:
    """Return a life to which something was reported."""
    numbered = tuple(n.model_copy(update={"number": i}) for i, n in enumerate(notices, 3))
    return facts.model_copy(update={"notices": numbered})


async def learns(persistence, member, number, facts, on, given_back_from=None):
    """Let the workflow's decision be made about what is known by a day."""
    decision = replanned(member, number, *plan_terms(facts, BOOK)).model_copy(
        update={
            "decided_on": on,
            "decided_at": datetime.combine(on, time(12), UTC),
            "given_back_from": given_back_from,
        }
    )
    await persistence.record_decision(decision)


async def lives(persistence, dues, members, months, start=NOVEMBER):
    """Run month after month; each late notice is recorded on its day, between the runs.

    Args:
        members: the facts without notices, and the notices.
        months: how many.

    Returns:
        The membership ids.
    """
    ids = [await joins(persistence, facts) for facts, _ in members]
    numbers = dict.fromkeys(ids, 2)
    month = start
    for _ in range(months):
        await charge(dues, f"{month:%Y-%m}")
        after = months_before(month, -1)
        for member, (facts, notices) in zip(ids, members, strict=True):
            for notice in sorted(notices, key=lambda n: n.recorded_on):
                if month <= notice.recorded_on - timedelta(days=1) < after:
                    numbers[member] += 1
                    known = [n for n in notices if n.recorded_on <= notice.recorded_on]
                    await learns(
                        persistence,
                        member,
                        numbers[member],
                        with_notices(facts, *known),
                        notice.recorded_on,
                    )
        month = after
    return ids


async def billed(pool, member):
    """Return all that a member was charged."""
    return await pool.fetchval(
        "SELECT coalesce(sum(amount_ore), 0)::bigint FROM charges WHERE membership_id = $1", member
    )


async def explained(pool, member):
    """Return the explanation of a member's corrections."""
    rows = await pool.fetch(
        "SELECT charged_in, period_from, kind, was_ore, is_ore FROM corrections "
        "WHERE membership_id = $1 ORDER BY 1, 2, 3",
        member,
    )
    return [
        f"{row['charged_in']:%Y-%m}: {row['period_from']:%Y-%m} {row['kind']} "
        f"{row['was_ore']} -> {row['is_ore']}"
        for row in rows
    ]


@dataclass(frozen=True)
class Late:
    """Something that was reported late, and how it is put right.

    Attributes:
        corrections: what explains them, in order.
        total: of everything charged, October to March.
    """

    facts: Facts
    notice: AnyNotice
    corrections: list[str] = field(default_factory=list)
    total: int = 0


FULL = life(since=SINCE)
REPORTED = date(2027, 1, 20)

AT_67 = date(1957, 5, 17)

TABLE = {
    # Half from December, told in January: 2 * (24750 - 49500) with February.
    # October to March: 2 * 49500 + 4 * 24750 = 198000.
    "half": Late(
        FULL,
        works(DECEMBER, percent="40", recorded=REPORTED),
        [
            "2027-02: 2026-12 central_dues 49500 -> 24750",
            "2027-02: 2027-01 central_dues 49500 -> 24750",
        ],
        198000,
    ),
    # Full again from January: 24750 until then, 3 * 24750 + 3 * 49500 = 222750.
    "full": Late(
        life(since=SINCE, percent="50"),
        works(JANUARY, percent="100", recorded=REPORTED),
        ["2027-02: 2027-01 central_dues 24750 -> 49500"],
        222750,
    ),
    # A31: told on 20 January, November was over more than ... October is the first month and
    # stands; from November 5 * 24750 + 49500 = 173250.
    "as far back as it goes": Late(
        FULL,
        works(date(2026, 8, 1), percent="50", recorded=REPORTED),
        [
            "2027-02: 2026-11 central_dues 49500 -> 24750",
            "2027-02: 2026-12 central_dues 49500 -> 24750",
            "2027-02: 2027-01 central_dues 49500 -> 24750",
        ],
        173250,
    ),
    # Leave waives December to February: 3 * 49500 = 148500 are left.
    "leave": Late(
        FULL,
        leave(DECEMBER, date(2027, 2, 28), recorded=REPORTED),
        [
            "2027-02: 2026-12 central_dues 49500 -> 0",
            "2027-02: 2027-01 central_dues 49500 -> 0",
        ],
        148500,
    ),
    # An early pension at 63: 2 * 49500 + 4 * 12375 = 148500.
    "pension": Late(
        life(since=SINCE, born=date(1963, 5, 17)),
        draws(DECEMBER, recorded=REPORTED),
        [
            "2027-02: 2026-12 central_dues 49500 -> 12375",
            "2027-02: 2027-01 central_dues 49500 -> 12375",
        ],
        148500,
    ),
    # Past 67, the year's fee for the rest of 2026: 60000 / 12 = 5000 for December, then 60000.
    "old-age pension": Late(
        life(since=SINCE, born=date(1957, 5, 17)),
        draws(DECEMBER, kind=PensionKind.OLD_AGE, recorded=REPORTED),
        [
            "2027-02: 2026-12 central_dues 49500 -> 5000",
            "2027-02: 2027-01 central_dues 49500 -> 60000",
        ],
        2 * 49500 + 5000 + 60000,
    ),
    # The employer deducts: the correction goes the same way.
    "payroll": Late(
        life(since=SINCE, payers=(yes(NOVEMBER),)),
        works(JANUARY, percent="40", recorded=REPORTED),
        ["2027-02: 2027-01 central_dues 49500 -> 24750"],
        3 * 49500 + 3 * 24750,
    ),
    # Died in December, told in January: nothing after December (3 * 49500).
    "death": Late(
        FULL,
        ends(JANUARY, Outcome.DECEASED, recorded=REPORTED),
        ["2027-02: 2027-01 central_dues 49500 -> 0"],
        148500,
    ),
    # An offer accepted late: the student's 30000 of October stands (the first month), January's
    # becomes a month's dues: 30000 + 2 * 49500 (from February) + 49500.
    "student": Late(
        life(category=Category.STUDENT, percent=None, employer=None, since=SINCE),
        becomes(JANUARY, Category.ORDINARY, recorded=REPORTED),
        ["2027-02: 2027-01 central_dues 30000 -> 49500"],
        30000 + 3 * 49500,
    ),
    # A13, A26: left with December, told in January: 60000 * 3 / 12 = 15000 stand, 60000 come back.
    "a fee of a year after the end": Late(
        life(category=Category.PENSIONER, percent=None, employer=None, since=SINCE, born=AT_67),
        ends(JANUARY, Outcome.RESIGNED, recorded=REPORTED),
        ["2027-02: 2027-01 central_dues 60000 -> 0"],
        15000,
    ),
    # A26: left within the year what has been charged for it stands, 15000 + 60000.
    "a fee of the year of the end": Late(
        life(category=Category.PENSIONER, percent=None, employer=None, since=SINCE, born=AT_67),
        ends(date(2027, 4, 1), Outcome.RESIGNED, recorded=REPORTED),
        [],
        75000,
    ),
    "known in time": Late(
        FULL, works(FEBRUARY, percent="50", recorded=REPORTED), [], 4 * 49500 + 2 * 24750
    ),
}


async def test_what_is_told_late_is_put_right(pool, persistence, dues):
    """One line in February for each, explained month by month; the sums are those of the rules."""
    cases = list(TABLE.values())
    members = await lives(persistence, dues, [(case.facts, [case.notice]) for case in cases], 5)
    for name, case, member in zip(TABLE, cases, members, strict=True):
        assert await explained(pool, member) == case.corrections, name
        assert await billed(pool, member) == case.total, name
        line = await pool.fetchval(
            "SELECT amount_ore FROM charges WHERE membership_id = $1 AND kind = 'correction'",
            member,
        )
        sums = await pool.fetchval(
            "SELECT sum(amount_ore)::bigint FROM corrections WHERE membership_id = $1", member
        )
        assert line == sums, name
    assert await pool.fetchval("SELECT sum(balance_ore) FROM balances") == 0
    assert await pool.fetchval("SELECT count(*) FROM reassessments") == 0


async def test_a_credit_note_when_more_is_given_back_than_charged(pool, persistence, dues):
    """Whoever died owes nothing more: what was charged comes back on a note of its own."""
    notice = ends(JANUARY, Outcome.DECEASED, recorded=REPORTED)
    [member] = await lives(persistence, dues, [(FULL, [notice])], 4)
    rows = await pool.fetch(
        "SELECT total_ore, open_ore FROM invoice_balances WHERE membership_id = $1 ORDER BY serial",
        member,
    )
    # October to January, and February's note: it pays the oldest of them.
    assert [tuple(row) for row in rows] == [(49500, 0), *[(49500, 49500)] * 3, (-49500, 0)]
    entry = await pool.fetchrow(
        "SELECT debit, credit, amount_ore FROM entries WHERE membership_id = $1 "
        "AND kind = 'correction'",
        member,
    )
    assert tuple(entry) == ("correction", "members", 49500)


async def test_a_correction_is_corrected(pool, persistence, dues):
    """Half, and then after all full: the second difference counts from the first one's result."""
    first = works(DECEMBER, percent="40", recorded=date(2026, 12, 20))
    second = works(DECEMBER, percent="100", recorded=date(2027, 1, 20))
    [member] = await lives(persistence, dues, [(FULL, [first, second])], 5)
    assert await explained(pool, member) == [
        "2027-01: 2026-12 central_dues 49500 -> 24750",
        "2027-02: 2026-12 central_dues 24750 -> 49500",
        "2027-02: 2027-01 central_dues 24750 -> 49500",
    ]
    assert await billed(pool, member) == 6 * 49500


async def test_the_months_of_an_end_that_was_undone_are_charged_once(pool, persistence, dues):
    """L9: ended in October, reopened in January: 3 x 495.00 with February, beside its own month."""
    member = await joins(persistence, FULL)
    gone = with_notices(FULL, ends(NOVEMBER, Outcome.STRUCK_OFF, recorded=date(2026, 10, 28)))
    await learns(persistence, member, 3, gone, date(2026, 10, 28))
    for month in (NOVEMBER, DECEMBER, JANUARY):
        await charge(dues, f"{month:%Y-%m}")
        assert await charged(pool, member, month) == {}
    await learns(persistence, member, 4, FULL, date(2027, 1, 20), given_back_from=NOVEMBER)
    for _ in range(2):
        await charge(dues, "2027-02")
        assert await charged(pool, member, FEBRUARY) == {
            "central_dues": 49500,
            "correction": 148500,
        }
    await charge(dues, "2027-03")
    assert await charged(pool, member, MARCH) == {"central_dues": 49500}


async def test_corrections_come_once(pool, persistence, dues):
    """The month again, and again: nothing new; the change waits for no other run."""
    notice = works(DECEMBER, percent="40", recorded=REPORTED)
    await lives(persistence, dues, [(FULL, [notice])], 3)
    first, _ = await charge(dues, "2027-02")
    before = await counted(pool)
    for _ in range(2):
        assert (await charge(dues, "2027-02"))[0] == nothing_new(first)
        assert await counted(pool) == before


async def test_an_earlier_month_run_again_leaves_corrections_to_the_latest(pool, persistence, dues):
    """Only the latest run looks back; the month itself stays as it was charged."""
    notice = works(DECEMBER, percent="40", recorded=REPORTED)
    [member] = await lives(persistence, dues, [(FULL, [notice])], 3)
    report, _ = await charge(dues, "2026-12")
    assert report.new_charges == 0
    assert await explained(pool, member) == []
    await charge(dues, "2027-02")
    assert len(await explained(pool, member)) == 2


async def test_a_month_that_was_never_run_is_not_made_up_for(pool, persistence, dues):
    """Before the service ran the dues somebody else did: nobody is billed for that."""
    member = await joins(persistence)
    await charge(dues, "2027-01")
    assert await billed(pool, member) == 2 * 49500
    assert await explained(pool, member) == []


async def test_who_was_in_quarantine_is_charged_with_the_next_month(pool, persistence, dues):
    """December could not be charged; mended in December, it comes with January."""
    member = await joins(persistence, terms=(term(-100),))
    await charge(dues, "2026-12")
    await learns(persistence, member, 3, FULL, date(2026, 12, 20))
    await charge(dues, "2027-01")
    assert await charged(pool, member, JANUARY) == {"central_dues": 49500, "correction": 49500}
    assert await explained(pool, member) == ["2027-01: 2026-12 central_dues 0 -> 49500"]


async def test_a_difference_that_nobody_decided_stops_with_a_reason(pool, persistence, dues):
    """Invariant 1: another amount for a month that is charged, and no decision: quarantine."""
    member = await joins(persistence, terms=(term(49500),))
    await charge(dues, "2026-12")
    await pool.execute("ALTER TABLE terms DISABLE TRIGGER USER")
    await pool.execute("UPDATE terms SET amount_ore = 52000 WHERE membership_id = $1", member)
    await pool.execute("ALTER TABLE terms ENABLE TRIGGER USER")
    report, [page] = await charge(dues, "2026-12")
    assert (page.charges, page.quarantined) == (0, 1)
    [held] = report.quarantined
    assert held.reason == (
        "central_dues was charged as 49500 øre and would now be 52000; "
        "no change of terms explains it"
    )
    assert await charged(pool, member, DECEMBER) == {"central_dues": 49500}


async def test_after_an_employers_list_is_made_the_rest_waits_for_the_next(pool, persistence, dues):
    """The list stands: what is charged through that employer later comes with next month's."""
    listed = await joins(persistence, life(since=SINCE, payers=(yes(NOVEMBER),)))
    late = await joins(persistence, life(since=SINCE, payers=(yes(NOVEMBER),)), terms=(term(-1),))
    await charge(dues, "2026-12")
    await pool.execute("INSERT INTO employers (orgnr) VALUES ($1) ON CONFLICT DO NOTHING", A)
    await pool.execute(
        "INSERT INTO deduction_lists (number, kid, employer_orgnr, serial, period_from, made_on, "
        "report_due_on, total_ore, line_count) VALUES ('1-1', '12344', $1, 1, '2026-12-01', "
        "'2026-12-02', '2027-01-15', 49500, 1)",
        A,
    )
    facts = life(since=SINCE, payers=(yes(NOVEMBER),))
    await learns(persistence, late, 3, facts, date(2026, 12, 20))
    report, _ = await charge(dues, "2026-12")
    assert report.new_charges == 0
    await charge(dues, "2027-01")
    assert await charged(pool, late, JANUARY) == {
        f"central_dues {A}": 49500,
        f"correction {A}": 49500,
    }
    assert await charged(pool, listed, JANUARY) == {f"central_dues {A}": 49500}


async def test_terms_that_change_while_a_page_is_charged_are_looked_at_again(
    pool, persistence, dues
):
    """The mark of a change that the run has not seen stays for the next one."""
    member = await joins(persistence)
    await charge(dues, "2026-12")
    await learns(
        persistence,
        member,
        3,
        with_notices(FULL, works(DECEMBER, percent="40")),
        date(2026, 12, 20),
    )
    async with pool.acquire() as slow, slow.transaction():
        # Another decision about the member is being written and has not been committed.
        await slow.execute("UPDATE reassessments SET revision = revision + 1")
        running = asyncio.create_task(charge(dues, "2027-01"))
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        while not await pool.fetchval(waiting):
            await asyncio.sleep(0.01)  # another connection sets no event of ours
    await running
    assert await pool.fetchval("SELECT count(*) FROM reassessments") == 1


INSURED = life(since=SINCE, premiums=(Span(valid_from=NOVEMBER),))
HALF_SINCE_NOVEMBER = works(NOVEMBER, percent="50", recorded=date(2027, 9, 20))
TOLD = date(2027, 9, 20)

LONG_AGO = {
    # Died in November: October and November are owed, 2 * 49500, whenever it is told (A31).
    # December to September come back: ten months.
    "death": (
        FULL,
        with_notices(FULL, ends(DECEMBER, Outcome.DECEASED, recorded=TOLD)),
        DECEMBER,
        10,
        99000,
    ),
    # Had died on the day before the approval: nothing is owed, all twelve months come back (A31).
    "death before the approval": (
        FULL,
        with_notices(FULL, ends(SINCE, Outcome.DECEASED, recorded=TOLD)),
        date(2026, 10, 1),
        12,
        0,
    ),
    # The form was in time: none of the eleven premiums from November on (A21).
    # October to October, 13 * 49500 = 643500.
    "reservation": (
        INSURED,
        INSURED.model_copy(update={"premiums": ()}),
        date(2026, 10, 1),
        11,
        643500,
    ),
    # Resigned by the end of November, told in September: from June on, four months (A31).
    # October to May stand: 8 * 49500 = 396000.
    "resignation": (FULL, with_notices(FULL, ends(DECEMBER, recorded=TOLD)), None, 4, 396000),
    # Died in November, and half time since then told with it: what November was charged stands.
    "death of somebody who worked less": (
        FULL,
        with_notices(FULL, HALF_SINCE_NOVEMBER, ends(DECEMBER, Outcome.DECEASED, recorded=TOLD)),
        DECEMBER,
        10,
        99000,
    ),
}


async def test_what_comes_back_however_long_ago_it_was(pool, persistence, dues):
    """A death and a reservation in time reach back to their day, all else three months (A31)."""
    members = [await joins(persistence, before) for before, *_ in LONG_AGO.values()]
    for month in range(-1, 11):
        await charge(dues, f"{months_before(NOVEMBER, -month):%Y-%m}")
    for member, (_, known, since, *_) in zip(members, LONG_AGO.values(), strict=True):
        await learns(persistence, member, 3, known, TOLD, since)
    await charge(dues, "2027-10")
    for (name, case), member in zip(LONG_AGO.items(), members, strict=True):
        *_, months, total = case
        corrections = await explained(pool, member)
        assert len(corrections) == months, name
        assert all(line.endswith(" -> 0") for line in corrections), name
        assert await billed(pool, member) == total, name
    assert await pool.fetchval("SELECT sum(balance_ore) FROM balances") == 0
    assert await pool.fetchval("SELECT count(*) FROM reassessments") == 0


MONTHS = st.integers(0, 4).map(lambda n: months_before(DECEMBER, -n))
DELAYS = st.integers(0, 85)


@st.composite
def late_notices(draw):
    """Up to three notices, each told between at once and almost three months late."""
    notices = []
    for _ in range(draw(st.integers(1, 3))):
        on, delay = draw(MONTHS), draw(DELAYS)
        recorded = on + timedelta(days=max(delay, 3))
        notices.append(
            draw(
                st.sampled_from(
                    [
                        works(on, percent="40", recorded=recorded),
                        works(on, percent="100", recorded=recorded),
                        leave(on, on + timedelta(days=45), recorded=recorded),
                        draws(on, recorded=recorded),
                        draws(on, working="80", recorded=recorded),
                    ]
                )
            )
        )
    return notices


STARTS = [
    life(since=SINCE, born=date(1963, 5, 17)),
    life(since=SINCE, born=date(1963, 5, 17), percent="50", branch="BERGEN"),
    life(since=SINCE, born=date(1963, 5, 17), branch="OSLO", premiums=(Span(valid_from=NOVEMBER),)),
    life(since=SINCE, born=date(1963, 5, 17), branch="OSLO", payers=(yes(NOVEMBER),)),
    life(since=SINCE, born=date(1959, 12, 20)),
]


@given(st.lists(st.tuples(st.sampled_from(STARTS), late_notices()), min_size=12, max_size=12))
@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_any_life_is_billed_as_if_all_had_been_known(postgres, migrated, drawn):
    """L1: the sum is what the plan of all facts says for the months that were run."""
    # Months are run once: each example has a database of its own.
    url = await postgres.create_database(f"lives_{uuid.uuid4().hex}", template=migrated)
    async with await open_pool(url, size=2) as pool:
        persistence = Persistence(pool, allow_synthetic_ids=True)
        members = await lives(persistence, Dues(pool), drawn, 9)
        for member, (facts, notices) in zip(members, drawn, strict=True):
            assert await billed(pool, member) == await ought(pool, member), (facts, notices)
        assert await pool.fetchval("SELECT sum(balance_ore) FROM balances") == 0


async def ought(pool, member):
    """Return what the terms, as they ended up, charge for the months that were run."""
    return await pool.fetchval(
        "SELECT coalesce(sum(due.amount_ore), 0)::bigint "
        "FROM generate_series(date '2026-10-01', date '2027-07-01', interval '1 month') AS month, "
        "LATERAL (SELECT * FROM terms_due(month::date) AS due WHERE due.membership_id = $1) AS due",
        member,
    )
