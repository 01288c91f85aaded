"""Why a membership is as it is: amounts, waits and decisions, each with its cause."""

from datetime import date
from typing import Any

import pytest

from schemas.membership.messages.changes import ChangeCategory, GrantLeave, ReportPension
from schemas.pricing.rulebook import LocalRate, PremiumRate
from schemas.shared.amounts import kroner
from schemas.shared.calendar import oslo_date
from schemas.shared.vocabulary import Category, PensionKind
from tests.builders import (
    OSLO,
    PREMIUM,
    answered,
    enroll,
    member,
    moment,
    payroll,
    rates,
    received,
    rulebook,
    states,
)
from tests.membership.decisions.seen import ACTIVE, DAY, later, percent, told
from workflows.membership.explanation import explain
from workflows.membership.record import MembershipRecord

STATES = states()


@pytest.mark.parametrize(
    ("ore", "text"),
    [
        (0, "0.00 kr"),
        (24750, "247.50 kr"),
        (49505, "495.05 kr"),
        (-24750, "-247.50 kr"),
        (-5, "-0.05 kr"),
    ],
)
def test_kroner(ore, text):
    """Two decimals, the sign in front."""
    assert kroner(ore) == text


@pytest.mark.parametrize("name", STATES)
def test_explain_cites_a_rule_for_every_line(name):
    """Amounts, waits and decisions each say what they rest on, and who decided (contract)."""
    record = STATES[name]
    lines = explain(record).lines
    assert all(line.rules and line.says and line.decided_by for line in lines)
    assert [line.about for line in lines[: len(record.terms)]] == [t.kind for t in record.terms]
    assert lines[len(lines) - len(record.log) :] == record.log


def test_explain_says_why_this_amount():
    """The amount, from when, through whom, by whose approval."""
    lines = explain(STATES["covered, active"]).lines
    assert lines[0].says == "495.00 kr a month from 2026-11-01 until 2026-12-01, paid directly"
    assert lines[1].says == "495.00 kr a month from 2026-12-01, paid through the employer"
    assert [line.decided_by for line in lines[:2]] == ["ola", "employer"]


def reasons(record: MembershipRecord, kind: str = "central_dues") -> list[tuple[Any, ...]]:
    """Return from when, by which facts since when, by whom and recorded when, of each amount."""
    return [
        (
            line.says.split(" from ")[1][:10],
            [(cause.fact, str(cause.effective_on)) for cause in line.because],
            line.decided_by,
            str(oslo_date(line.at)),
        )
        for line in explain(record).lines
        if line.about == kind
    ]


JOINED = [
    ("2026-11-01", [("approval", "2026-11-22")], "ola", "2026-11-22"),
    ("2026-12-01", [("answer_payroll_request", "2026-12-01")], "employer", "2026-11-22"),
]
"""Why an ordinary member pays what, until something changes."""


def test_another_percentage_is_the_reason():
    """The notice, from when it is true, who sent it and when it was recorded (S5, A6)."""
    record = told(percent("50", date(2027, 3, 10)))
    assert reasons(record) == [
        *JOINED,
        ("2027-04-01", [("change_employment", "2027-03-10")], "member", "2027-01-10"),
        # A15: full again past 67, without anybody's notice.
        ("2053-05-01", [("birthday", "2053-04-12")], "rule", "2053-04-12"),
    ]
    line = explain(record).lines[2]
    assert line.rules == ("S1", "S2", "S5", "S22", "A6")
    assert line.because[0].says == "works 50 %"


def test_of_a_correction_the_last_word_is_the_reason():
    """60 % corrected to 50 % for the same day: the later notice makes it half."""
    record = told(percent("60", date(2027, 3, 10)))
    record = answered(record, percent("50", date(2027, 3, 10)), date(2027, 1, 20))
    assert reasons(record)[2] == (
        "2027-04-01",
        [("change_employment", "2027-03-10")],
        "member",
        "2027-01-20",
    )


def test_a_leave_and_its_end_are_reasons():
    """Nothing from its first month, the full sum again after its last; granted by a caseworker."""
    leave = GrantLeave(from_on=date(2027, 2, 1), until_on=date(2027, 7, 31), caseworker="per")
    record = told(leave)
    assert reasons(record)[2:] == [
        ("2027-02-01", [("grant_leave", "2027-02-01")], "per", "2027-01-10"),
        ("2027-08-01", [("grant_leave", "2027-08-01")], "per", "2027-01-10"),
    ]
    away, back = explain(record).lines[2:4]
    assert away.rules == ("L4",)
    assert away.because[0].says == "leave until 2027-07-31"
    assert back.because[0].says == "back from the leave"
    # The premium's amount stays; only its payer becomes another, for the same reason.
    assert reasons(record, "insurance_premium") == [
        ("2027-01-01", [("insurance", "2027-01-01")], "rule", "2026-12-23"),
        ("2027-02-01", [("grant_leave", "2027-02-01")], "per", "2027-01-10"),
    ]


def test_a_pension_and_the_birthday_are_reasons():
    """The quarter by the member's report, the yearly fee by the 67th birthday (S18, S21, A12)."""
    record = told(ReportPension(kind=PensionKind.DISABILITY, from_on=date(2027, 5, 20)))
    assert reasons(record)[2:] == [
        ("2027-06-01", [("report_pension", "2027-05-20")], "member", "2027-01-10"),
        ("2053-05-01", [("birthday", "2053-04-12")], "rule", "2053-04-12"),
    ]
    quarter, yearly = explain(record).lines[2:4]
    assert quarter.rules == ("S21", "S23", "A16")
    assert yearly.rules == ("S18", "S21", "A12")


def test_a_late_notice_counts_from_where_it_may():
    """From January, told in June: charges change from March, three months back (A31)."""
    day = date(2027, 6, 10)
    record = answered(later(ACTIVE, day), percent("50", date(2027, 1, 1)), day)
    from_on, facts, by, at = reasons(record)[2]
    assert (from_on, facts) == ("2027-03-01", [("change_employment", "2027-01-01")])
    assert (by, at) == ("member", "2027-06-10")
    assert explain(record).lines[2].rules[-1] == "A31"


def test_a_month_that_stands_keeps_its_rules():
    """A student since November, told in June: December to February stay an ordinary member's."""
    day = date(2027, 6, 10)
    study = ChangeCategory(category=Category.STUDENT, effective_on=date(2026, 11, 25))
    lines = explain(answered(later(ACTIVE, day), study, day)).lines
    assert [(line.says[:10], line.rules[0]) for line in lines[:3]] == [
        ("495.00 kr ", "S1"),
        ("495.00 kr ", "S1"),
        ("300.00 kr ", "S12"),
    ]


def test_new_prices_are_reasons():
    """Central, local and the premium, each from its own day and by nobody's notice."""
    dearer = OSLO.model_copy(
        update={
            "rates": (
                *OSLO.rates,
                LocalRate(valid_from=date(2028, 3, 1), local_ore=6000, halves=False),
            )
        }
    )
    book = rulebook(
        rates=[rates("495"), rates("520", date(2028, 1, 1))],
        premiums=[PREMIUM, PremiumRate(valid_from=date(2028, 2, 1), premium_ore=21000)],
        branches=[dearer],
    )
    record = later(answered(member(book=book, branch="OSLO"), payroll()), DAY)
    for kind, day in (
        ("central_dues", "2028-01-01"),
        ("insurance_premium", "2028-02-01"),
        ("local_dues", "2028-03-01"),
    ):
        assert reasons(record, kind)[-1] == (day, [("price", day)], "rulebook", day)


def test_facts_of_one_month_are_told_apart():
    """Of a new price and a pension in one month only what made the difference is named."""
    book = rulebook(premiums=[PREMIUM, PremiumRate(valid_from=date(2027, 6, 1), premium_ore=21000)])
    record = later(answered(member(book=book), payroll()), DAY)
    record = answered(
        record, ReportPension(kind=PensionKind.DISABILITY, from_on=date(2027, 6, 1)), DAY
    )
    assert reasons(record)[2][1] == [("report_pension", "2027-06-01")]
    # The premium became dearer and direct at once: both facts had a hand in it.
    assert reasons(record, "insurance_premium")[1][1] == [
        ("report_pension", "2027-06-01"),
        ("price", "2027-06-01"),
    ]


def test_an_employer_that_stops_is_a_reason():
    """The amount is the same; who pays is the employer's word."""
    record = told(payroll("stopped", "2027-03"))
    assert reasons(record)[2] == (
        "2027-03-01",
        [("answer_payroll_request", "2027-03-01")],
        "employer",
        "2027-01-10",
    )
    assert explain(record).lines[2].because[0].says == "the employer stops deducting"


def test_the_insurance_office_is_a_reason():
    """Who was taken in by the office pays by its word, not because a window passed (A21)."""
    record = answered(member(), enroll(date(2026, 12, 1)))
    assert reasons(record, "insurance_premium") == [
        ("2026-12-01", [("insurance", "2026-12-01")], "insurance_office", "2026-11-22")
    ]


def test_reasons_outlive_the_log():
    """After decades only the latest decisions are in the record; the facts are all there."""
    record = told(percent("50", date(2027, 3, 10)))
    approval = [line for line in record.log if line.about == "application_approved"]
    short = record.model_copy(update={"log": (*approval, *record.log[-1:])})
    assert reasons(short) == reasons(record)


def test_waits_say_since_when_and_until_when():
    """The rule, the beginning and the last day for an answer (A34)."""
    (wait,) = [line for line in explain(member()).lines if line.about == "waiting"]
    assert (wait.rules, wait.at, wait.until) == (
        ("A20", "A34"),
        moment().at,
        date(2026, 12, 22),
    )
    (review,) = [line for line in explain(received()).lines if line.about == "waiting"]
    assert review.until is None
