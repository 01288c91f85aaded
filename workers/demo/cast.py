"""Who joins in the demo, what happens to them, and where the rules say they end.

The story may begin on any day: whoever is in it is dated by that day. Amounts in the promises are
written out by hand from docs/rules.md, dates follow from the story by small sums; neither is ever
computed by the rules they check. All national ids are synthetic (month + 80).
"""

from datetime import date

from workers.demo.dates import after, month_of, whole_month
from workers.demo.forms import EMPLOYER, application, approve
from workers.demo.scenes import (
    BRANCH,
    CASEWORKERS,
    CENTRAL,
    DIRECT,
    EMPLOYERS,
    EVERYBODY,
    INSURER,
    LOCAL,
    MEMBER,
    MONTHLY,
    PAYROLL,
    PREMIUM,
    YEARLY,
    AcceptPayroll,
    Days,
    Due,
    PayFirstInvoice,
    Person,
    Promise,
    Send,
)

WINDOW_DAYS = 30
"""So long one may reserve against the insurance; cover begins on the day after (A21)."""

NO_RESERVATION = Days(WINDOW_DAYS + 1)


def cast(day: date) -> tuple[Person, ...]:
    """Return everybody, for a story that begins on a day."""
    return (
        kari(day),
        per(day),
        nora(day),
        siri(day),
        lars(day),
        eva(day),
        tor(day),
        ole(day),
    )


def kari(day: date) -> Person:
    """Return a member who works full-time and pays through payroll."""
    born = date(day.year - 40, 4, 12)
    approved = after(day, 1)
    accepted = after(approved, 6)
    covered = after(approved, WINDOW_DAYS + 1)
    deducted = month_of(accepted, 2)
    joins, insured = month_of(approved), whole_month(covered)
    return Person(
        name="Kari Nordmann",
        role="full-time, through payroll",
        application=application("Kari Nordmann", born),
        scenes=(
            Days(1),
            approve(branch="OSLO"),
            PayFirstInvoice(),
            Days(6),
            AcceptPayroll(),
            NO_RESERVATION,
        ),
        promise=Promise(
            stage="active",
            # S2 495.00, OSLO's own 50.00 (S3), S7 200.00; first month direct (S26), then payroll.
            # A17: the premium until the end of the year of 67.
            dues=(
                *_until_deducted(CENTRAL, 49500, joins, deducted),
                *_until_deducted(LOCAL, 5000, joins, deducted),
                *_until_deducted(PREMIUM, 20000, insured, deducted, _after_67(born)),
            ),
            decisions=(
                (approved, "payment_recorded"),
                (accepted, "payroll_accepted"),
                (covered, "insurance_covered"),
            ),
            first_invoice_ore=54500,
            insurance="covered",
            payroll="active",
            audiences=EVERYBODY,
        ),
    )


def per(day: date) -> Person:
    """Return a member who works half-time and reserves against the insurance."""
    born = date(day.year - 47, 11, 3)
    answered = after(day, 10)
    deducted = month_of(answered, 2)
    # A12: he turns 67 on 3 November, the price changes with the next whole month.
    retirement = date(born.year + 67, 12, 1)
    return Person(
        name="Per Halvorsen",
        role="half-time, reserves",
        application=application(
            "Per Halvorsen", born, employment={**EMPLOYER, "position_percent": "50"}
        ),
        scenes=(
            approve(),
            Days(10),
            Send("reserve_insurance", {"received_on": "today"}),
            AcceptPayroll(),
            Days(1),
        ),
        promise=Promise(
            stage="active",
            # S5: 495.00 / 2 = 247.50, and 50.0 % still counts as half. No premium (A21).
            # A15: there is no half past 67, as he can read today.
            dues=(
                *_until_deducted(CENTRAL, 24750, month_of(day), deducted, retirement),
                Due(CENTRAL, 49500, MONTHLY, PAYROLL, retirement),
            ),
            decisions=((answered, "insurance_reserved"), (answered, "payroll_accepted")),
            first_invoice_ore=24750,
            insurance="reserved",
            payroll="active",
            audiences=EVERYBODY - {BRANCH},
        ),
    )


def nora(day: date) -> Person:
    """Return a hidden member."""
    born = date(day.year - 35, 2, 20)
    covered = after(day, WINDOW_DAYS + 1)
    return Person(
        name="Nora Skjold",
        role="hidden member",
        application=application("Nora Skjold", born, hidden=True),
        scenes=(approve(), NO_RESERVATION, Days(1)),
        promise=Promise(
            stage="active",
            # S2 495.00, no local dues (S33), S7 200.00, all direct (A23).
            dues=(
                Due(CENTRAL, 49500, MONTHLY, DIRECT, month_of(day)),
                Due(PREMIUM, 20000, MONTHLY, DIRECT, whole_month(covered), _after_67(born)),
            ),
            decisions=((covered, "insurance_covered"),),
            first_invoice_ore=49500,
            insurance="covered",
            # S30: nothing to the employer, nothing to a branch.
            audiences=EVERYBODY - {EMPLOYERS, BRANCH},
        ),
    )


def siri(day: date) -> Person:
    """Return a student with three years of her study left."""
    new_year = after(day, 1)
    return Person(
        name="Siri Student",
        role="student",
        application=application(
            "Siri Student",
            date(day.year - 22, 8, 15),
            category="student",
            employment=None,
            study={"school": "Universitetet i Bergen", "ends_on": f"{day.year + 3}-06-15"},
        ),
        scenes=(approve(), Days(1)),
        promise=Promise(
            stage="active",
            # S12: 5 % of 5,940 is 297, up to the next ten: 300.00 a year. S8: no package.
            dues=(Due(CENTRAL, 30000, YEARLY, DIRECT, month_of(day)),),
            # M14: asked each New Year whether she still studies; it may be tomorrow.
            decisions=((new_year, "student_checked"),) if new_year.year > day.year else (),
            first_invoice_ore=30000,
            audiences=frozenset({MEMBER, CASEWORKERS}),
        ),
    )


def lars(day: date) -> Person:
    """Return an apprentice with two years of his apprenticeship left."""
    return Person(
        name="Lars Lærling",
        role="apprentice",
        application=application(
            "Lars Lærling",
            date(day.year - 19, 5, 30),
            category="apprentice",
            apprenticeship={"ends_on": f"{day.year + 2}-07-31"},
        ),
        scenes=(approve(), Days(1)),
        promise=Promise(
            stage="active",
            # S14: free. A7: the package is opt-in, so the office hears of him (S9).
            dues=(Due(CENTRAL, 0, MONTHLY, DIRECT, month_of(day)),),
            audiences=frozenset({MEMBER, CASEWORKERS, INSURER}),
        ),
    )


def eva(day: date) -> Person:
    """Return an early pensioner; AFP is possible from 62, she has had it since 63."""
    born = date(day.year - 64, 6, 1)
    covered = after(day, WINDOW_DAYS + 1)
    turns_67 = date(born.year + 67, 6, 1)
    return Person(
        name="Eva Tidlig",
        role="early pensioner",
        application=application(
            "Eva Tidlig",
            born,
            category="early_pensioner",
            employment=None,
            pension={"kind": "afp", "from": f"{day.year - 1}-07-01"},
        ),
        scenes=(approve(), NO_RESERVATION, Days(1)),
        promise=Promise(
            stage="active",
            # S21: a quarter of 495.00 is 123.75, unrounded (A2). S20: the package stays open.
            # S18: from 67 10 % of 5,940.00, 594.00, up to the next ten: 600.00 a year.
            dues=(
                Due(CENTRAL, 12375, MONTHLY, DIRECT, month_of(day), turns_67),
                Due(CENTRAL, 60000, YEARLY, DIRECT, turns_67),
                Due(PREMIUM, 20000, MONTHLY, DIRECT, whole_month(covered), _after_67(born)),
            ),
            decisions=((covered, "insurance_covered"),),
            first_invoice_ore=12375,
            insurance="covered",
            audiences=frozenset({MEMBER, CASEWORKERS, INSURER}),
        ),
    )


def tor(day: date) -> Person:
    """Return an applicant who is refused."""
    return Person(
        name="Tor Avslag",
        role="refused",
        application=application("Tor Avslag", date(day.year - 51, 3, 9), identified=False),
        scenes=(
            Send(
                "decide_application",
                {
                    "decision": "reject",
                    "caseworker": "ola",
                    "reason": "Stillingen er utenfor forbundets område",
                },
            ),
        ),
        promise=Promise(
            stage="ended", outcome="rejected", audiences=frozenset({MEMBER, CASEWORKERS})
        ),
    )


def ole(day: date) -> Person:
    """Return an applicant below 15 (N6) who accepts no terms and claims a pension."""
    return Person(
        name="Ole Ung",
        role="application with faults",
        application=application(
            "Ole Ung",
            date(day.year - 12, 1, 1),
            identified=False,
            employment=None,
            pension={"kind": "afp", "from": f"{day.year}-01-01"},
            consents={"terms": False},
        ),
        scenes=(),
        promise=Promise(
            stage="ended", outcome="invalid", audiences=frozenset({MEMBER, CASEWORKERS})
        ),
    )


def _until_deducted(
    kind: str, ore: int, begins: date, deducted: date, ends: date | None = None
) -> tuple[Due, ...]:
    """Return what is paid directly until the employer deducts it (A20)."""
    by_payroll = Due(kind, ore, MONTHLY, PAYROLL, max(begins, deducted), ends)
    if begins >= deducted:
        return (by_payroll,)
    return Due(kind, ore, MONTHLY, DIRECT, begins, deducted), by_payroll


def _after_67(born: date) -> date:
    """Return the New Year after the year of 67: the last insurance cover has ended (A17)."""
    return date(born.year + 68, 1, 1)
