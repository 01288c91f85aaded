"""Who can't be charged is set aside with the reason; the rest goes on (invariant 9)."""

from datetime import date

from schemas.dues.contracts import Quarantined
from schemas.dues.terms import Term
from schemas.shared.vocabulary import Cadence, LineKind, Payer, Stage
from tests.dues.lives import A, life
from tests.dues.making import DECEMBER, SINCE, charge, charged, joins, nothing_new, replanned, term
from tests.membership.making import decision, standing

UNKNOWN = "the employer that deducts is not known"
HIDDEN = "the membership can't be charged through an employer"


async def test_the_rest_goes_on(pool, persistence, dues):
    """A term by payroll without an employer, a hidden member's, and one below nothing."""
    lost = await joins(persistence, terms=(term(payer=Payer.PAYROLL),), employer=None)
    hidden = await joins(
        persistence,
        life(since=SINCE, hidden=True),
        terms=(term(payer=Payer.PAYROLL, employer=A),),
    )
    below = await joins(persistence, terms=(term(-100),))
    others = [await joins(persistence) for _ in range(3)]
    report, [page] = await charge(dues, "2026-12")
    reasons = {lost: UNKNOWN, hidden: HIDDEN, below: "a term with a negative amount"}
    assert {held.membership_id: held.reason for held in report.quarantined} == reasons
    assert (page.charges, page.quarantined, report.members) == (3, 3, 3)
    for member in others:
        assert await charged(pool, member, DECEMBER) == {"central_dues": 49500}
    for member in reasons:
        assert await charged(pool, member, DECEMBER) == {}


async def test_all_lines_of_the_member_wait(pool, persistence, dues):
    """A member is charged whole or not at all: never one line of two."""
    terms = (
        term(payer=Payer.PAYROLL),
        Term(
            kind=LineKind.LOCAL_DUES,
            amount_ore=5000,
            cadence=Cadence.MONTHLY,
            payer=Payer.PAYROLL,
            valid_from=date(2026, 10, 1),
            employer_orgnr=A,
        ),
    )
    member = await joins(persistence, terms=terms, employer=None)
    report, _ = await charge(dues, "2026-12")
    assert report.quarantined == (Quarantined(membership_id=member, reason=UNKNOWN),)
    assert await charged(pool, member, DECEMBER) == {}


async def test_mended_it_is_charged_and_cleared(pool, persistence, dues):
    """Once the employer is known the next run charges the month and forgets the trouble."""
    member = await joins(persistence, terms=(term(payer=Payer.PAYROLL),), employer=None)
    for _ in range(2):
        report, _ = await charge(dues, "2026-12")
        assert [held.reason for held in report.quarantined] == [UNKNOWN]
    mended = term(payer=Payer.PAYROLL, employer=A)
    await persistence.record_decision(replanned(member, 3, mended))
    report, [page] = await charge(dues, "2026-12")
    assert (report.quarantined, page.charges, page.quarantined) == ((), 1, 0)
    assert await charged(pool, member, DECEMBER) == {f"central_dues {A}": 49500}
    entry = await pool.fetchrow("SELECT * FROM entries WHERE membership_id = $1", member)
    assert (entry["debit"], entry["credit"]) == ("employers", "central_dues")


async def test_another_reason_replaces_the_first(persistence, dues):
    """The quarantine says what is wrong now."""
    member = await joins(persistence, terms=(term(payer=Payer.PAYROLL),), employer=None)
    await charge(dues, "2026-12")
    hide = decision(3, member, standing=standing(Stage.ACTIVE, hidden=True))
    await persistence.record_decision(hide)
    report, _ = await charge(dues, "2026-12")
    assert [held.reason for held in report.quarantined] == [HIDDEN]


async def test_nothing_to_charge_is_nothing_to_mend(persistence, dues):
    """Who is waived, or leaves as of before the month, leaves the quarantine too."""
    waived, gone = [
        await joins(persistence, terms=(term(payer=Payer.PAYROLL),), employer=None)
        for _ in range(2)
    ]
    report, _ = await charge(dues, "2026-12")
    assert len(report.quarantined) == 2
    await persistence.record_decision(replanned(waived, 3, term(0)))
    await persistence.record_decision(
        replanned(gone, 3, term().model_copy(update={"valid_to": DECEMBER}))
    )
    report, _ = await charge(dues, "2026-12")
    assert report.quarantined == ()


async def test_who_is_charged_is_not_in_trouble(persistence, dues):
    """A member who turns hidden after the month was charged has been charged: no quarantine."""
    member = await joins(persistence, terms=(term(payer=Payer.PAYROLL, employer=A),))
    before, _ = await charge(dues, "2026-12")
    hide = decision(3, member, standing=standing(Stage.ACTIVE, hidden=True))
    await persistence.record_decision(hide)
    report, _ = await charge(dues, "2026-12")
    assert report == nothing_new(before)
    assert report.quarantined == ()


async def test_months_are_in_trouble_by_themselves(pool, persistence, dues):
    """December's trouble stays December's when January is mended."""
    member = await joins(
        persistence,
        employer=None,
        terms=(
            term(payer=Payer.PAYROLL).model_copy(update={"valid_to": date(2027, 1, 1)}),
            term(valid_from=date(2027, 1, 1)),
        ),
    )
    await charge(dues, "2026-12")
    report, _ = await charge(dues, "2027-01")
    assert report.quarantined == ()
    held = await pool.fetch("SELECT period_from, membership_id FROM dues_quarantine")
    assert [tuple(row) for row in held] == [(DECEMBER, member)]
