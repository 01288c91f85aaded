"""Through whom each month is paid, and terms that differ in nothing but dates."""

from datetime import date

import pytest

from schemas.dues.payers import ChannelTimeline, joined
from schemas.dues.terms import Term
from schemas.shared.vocabulary import Cadence, LineKind, Payer
from tests.dues.lives import APRIL, FEBRUARY, JANUARY, JUNE, MARCH, MAY, A, B, no, yes

PAYROLL, DIRECT = Payer.PAYROLL, Payer.DIRECT
CENTRAL, LOCAL = LineKind.CENTRAL_DUES, LineKind.LOCAL_DUES
JOINED = date(2026, 11, 22)


def payers(words, seen) -> str:
    """Return who pays each month from January to June: P an employer, d the member.

    Args:
        words: of employers.
        seen: (day, employer) of each change.
    """
    deduction, months = ChannelTimeline(words), ""
    for month in (JANUARY, FEBRUARY, MARCH, APRIL, MAY, JUNE):
        for day, employer in seen:
            if day <= month:
                deduction.set_employer(day, employer)
        seen = [(day, employer) for day, employer in seen if day > month]
        months += "P" if deduction.payer_of(month) is PAYROLL else "d"
    return months


AT_A = [(JOINED, A)]


@pytest.mark.parametrize(
    ("words", "seen", "expected"),
    [
        pytest.param([], AT_A, "dddddd", id="direct-until-told"),
        pytest.param([yes(FEBRUARY)], AT_A, "dPPPPP", id="A20-from-the-first-pay-run"),
        pytest.param([yes(JANUARY)], AT_A, "PPPPPP", id="from-the-first-month"),
        pytest.param([yes(FEBRUARY), no(APRIL)], AT_A, "dPPddd", id="stopped"),
        pytest.param(
            [yes(FEBRUARY), no(APRIL), yes(MAY)], AT_A, "dPPdPP", id="stopped-and-started-again"
        ),
        pytest.param([yes(FEBRUARY), no(FEBRUARY)], AT_A, "dddddd", id="stopped-before-it-began"),
        # Stopped for April, then a yes from March on: the latest word about April is the yes.
        pytest.param(
            [yes(FEBRUARY), no(APRIL), yes(MARCH)], AT_A, "dPPPPP", id="the-stop-was-taken-back"
        ),
        pytest.param([no(FEBRUARY)], AT_A, "dddddd", id="a-stop-of-nothing"),
        pytest.param([yes(FEBRUARY)], [(JOINED, None)], "dddddd", id="A23-A28-nobody-may-deduct"),
        pytest.param([yes(FEBRUARY)], [(JOINED, B)], "dddddd", id="the-yes-of-another-employer"),
        pytest.param([yes(FEBRUARY, None)], AT_A, "dPPPPP", id="a-word-that-names-nobody"),
        pytest.param(
            [yes(FEBRUARY, None)], [(JOINED, None)], "dddddd", id="a-word-that-names-nobody-hidden"
        ),
        # A's yes of February does not come back after B, nor after a leave: it is asked again.
        pytest.param(
            [yes(FEBRUARY)], [(JOINED, A), (MARCH, B), (APRIL, A)], "dPdddd", id="another-employer"
        ),
        pytest.param(
            [yes(FEBRUARY)],
            [(JOINED, A), (MARCH, None), (APRIL, A)],
            "dPdddd",
            id="a-leave-is-a-break",
        ),
        pytest.param(
            [yes(FEBRUARY)],
            [(JOINED, A), (date(2027, 3, 8), None), (date(2027, 3, 20), A)],
            "dPPddd",
            id="a-break-inside-a-month",
        ),
        pytest.param(
            [yes(FEBRUARY), yes(MAY, given=date(2027, 4, 3))],
            [(JOINED, A), (MARCH, None), (APRIL, A)],
            "dPddPP",
            id="asked-again-after-a-break",
        ),
        pytest.param(
            [yes(FEBRUARY), yes(APRIL, B)],
            [(JOINED, A), (MARCH, B)],
            "dPdPPP",
            id="the-next-employer-begins-later",
        ),
        # The yes was given in December for May; the break in March made it void.
        pytest.param(
            [yes(MAY, given=date(2026, 12, 1))],
            [(JOINED, A), (MARCH, None), (APRIL, A)],
            "dddddd",
            id="a-yes-given-before-the-break",
        ),
        pytest.param(
            [yes(MAY, given=APRIL)],
            [(JOINED, A), (MARCH, None), (APRIL, A)],
            "ddddPP",
            id="a-yes-given-on-the-day-the-break-ends",
        ),
        pytest.param(
            [yes(MAY, given=date(2027, 3, 31))],
            [(JOINED, A), (MARCH, None), (APRIL, A)],
            "dddddd",
            id="a-yes-given-the-day-before-the-break-ends",
        ),
        pytest.param(
            [yes(FEBRUARY), no(MAY, B)], AT_A, "dPPPPP", id="another-employer-stops-nothing"
        ),
    ],
)
def test_who_pays(words, seen, expected):
    """The latest word of the present employer about a month decides (A20, A34, D7)."""
    assert payers(words, seen) == expected


def test_seeing_the_same_employer_again_is_no_break():
    """A change of percentage, or a birthday, asks nobody anew (A20)."""
    assert payers([yes(FEBRUARY)], [(JOINED, A), (MARCH, A), (MAY, A)]) == "dPPPPP"


def term(
    start: date,
    end: date | None = None,
    *,
    kind: LineKind = CENTRAL,
    ore: int = 49500,
    payer: Payer = DIRECT,
    cadence: Cadence = Cadence.MONTHLY,
) -> Term:
    """Return a term."""
    return Term(
        kind=kind, amount_ore=ore, cadence=cadence, payer=payer, valid_from=start, valid_to=end
    )


JF, F = term(JANUARY, FEBRUARY), term(FEBRUARY)


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        pytest.param([], [], id="none"),
        pytest.param([JF, F], [(JANUARY, None)], id="neighbours-become-one"),
        pytest.param([F, JF], [(JANUARY, None)], id="in-any-order"),
        pytest.param([JF, term(FEBRUARY, MARCH), term(MARCH, MAY)], [(JANUARY, MAY)], id="three"),
        pytest.param([JF, term(MARCH)], [(JANUARY, FEBRUARY), (MARCH, None)], id="a-gap-stays"),
        pytest.param(
            [JF, term(FEBRUARY, payer=PAYROLL)],
            [(JANUARY, FEBRUARY), (FEBRUARY, None)],
            id="another-payer",
        ),
        pytest.param(
            [JF, term(FEBRUARY, ore=1)],
            [(JANUARY, FEBRUARY), (FEBRUARY, None)],
            id="another-amount",
        ),
        pytest.param(
            [JF, term(FEBRUARY, cadence=Cadence.YEARLY)],
            [(JANUARY, FEBRUARY), (FEBRUARY, None)],
            id="another-cadence",
        ),
        pytest.param(
            [JF, term(FEBRUARY, kind=LOCAL)],
            [(JANUARY, FEBRUARY), (FEBRUARY, None)],
            id="another-kind",
        ),
    ],
)
def test_joined(terms, expected):
    """Neighbours that differ in nothing but dates are one term."""
    assert [(t.valid_from, t.valid_to) for t in joined(terms)] == expected
