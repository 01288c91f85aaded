"""Readings of ours that decide of an approval or of hiding: each value, with what it leads to."""

from contextlib import nullcontext
from datetime import date
from typing import Any

import pytest

from schemas.membership.application import Consents
from schemas.membership.eligibility import category_fault, faults_in, needs_category, needs_employer
from schemas.membership.messages.changes import SetHidden
from schemas.shared.vocabulary import Audience, Category, LineKind, PensionKind, Template
from tests.builders import (
    BOOK,
    PEOPLE,
    TODAY,
    answered,
    application,
    decide,
    employment,
    member,
    moment,
    payroll,
    received,
    rulebook,
)
from tests.membership.decisions.lives import MARCH, pension, sends
from workflows.membership.decisions.dispatch import answer
from workflows.membership.decisions.step import Refused

ORDINARY, STUDENT = Category.ORDINARY, Category.STUDENT
EARLY, PENSIONER = Category.EARLY_PENSIONER, Category.PENSIONER

TELLS = Consents(terms=True, tell_recruiter=True)
IS_67, IS_65 = date(1959, 11, 22), date(1961, 11, 22)


def approved(form=None, *, day=TODAY, policies=None, **fields):
    """Return the step of an approval by some policies."""
    record = received(form, book=rulebook(**(policies or {})), day=day)
    return answer(record, decide(**fields), moment(day))


@pytest.mark.parametrize(
    ("policies", "category", "changes", "why"),
    [
        ({}, ORDINARY, {"birth_date": IS_67}, "the applicant is 67 or older"),
        ({"category_asked_from_age": 70}, ORDINARY, {"birth_date": IS_67}, None),
        (
            {"category_asked_from_age": 65},
            ORDINARY,
            {"birth_date": IS_65},
            "the applicant is 65 or older",
        ),
        ({"category_asked_from_age": 66}, ORDINARY, {"birth_date": IS_65}, None),
        ({}, STUDENT, {"employment": employment("20")}, "a student who works"),
        ({"working_student_asked": False}, STUDENT, {"employment": employment("20")}, None),
    ],
)
def test_who_needs_the_caseworkers_category(policies, category, changes, why):
    """From an age on, and students who work, unless that is decided otherwise (A25)."""
    assert needs_category(application(category, **changes), rulebook(**policies), TODAY) == why


@pytest.mark.parametrize(
    ("value", "consents", "hidden", "thanked"),
    [
        ("by_consent", TELLS, False, True),
        ("by_consent", Consents(terms=True), False, False),
        ("by_consent", TELLS, True, False),
        ("never", TELLS, False, False),
    ],
)
def test_whether_a_recruiter_is_thanked(value, consents, hidden, thanked):
    """After the approval with consent, of nobody hidden, or never (A27)."""
    form = application(recruited_by="Ola Nordmann", consents=consents, hidden=hidden)
    step = approved(form, policies={"recruiter_thanks": value})
    assert (Template.RECRUITER_THANKS in {one.template for one in step.letters}) is thanked


def test_without_a_recruiter_nobody_is_thanked():
    """Consent alone names nobody (S28, A27)."""
    step = approved(application(consents=TELLS))
    assert all(letter.audience is not Audience.RECRUITER for letter in step.letters)


@pytest.mark.parametrize(
    ("value", "category", "changes", "asked"),
    [
        ("direct_invoice", ORDINARY, {"employment": None}, False),
        ("ask_first", ORDINARY, {"employment": None}, True),
        ("ask_first", ORDINARY, {}, False),
        ("ask_first", ORDINARY, {"employment": None, "hidden": True}, False),
        ("ask_first", STUDENT, {"employment": None}, False),
    ],
)
def test_who_must_name_an_employer(value, category, changes, asked):
    """Nobody, or whoever is to be ordinary, open and has named none (A28)."""
    book = rulebook(without_employer=value)
    assert needs_employer(category, application(category, **changes), book, TODAY) is asked


def test_an_employer_is_asked_for_before_the_approval():
    """The caseworker reads what to do; by the other value the member is invoiced (A28)."""
    form = application(employment=None)
    with pytest.raises(Refused, match=r"employment: is required; ask the applicant .* \(A28\)"):
        approved(form, policies={"without_employer": "ask_first"})
    assert approved(form).invoice.lines[0].amount_ore == 49500


def test_whether_hidden_status_is_lifted_without_express_consent():
    """Only with it, or by the message that asks for it (A22)."""
    lifts = SetHidden(hidden=False, effective_on=MARCH, consent=False)
    hidden = application(hidden=True)
    with pytest.raises(Refused, match="A22"):
        sends(member(hidden), lifts, TODAY)
    trusting = member(hidden, book=rulebook(lifting_needs_consent=False))
    step = sends(trusting, lifts, TODAY)
    assert step.record.situation_on(MARCH).hidden is False
    assert step.record.situation_on(TODAY).hidden is True


@pytest.mark.parametrize(
    ("value", "day", "period", "begins"),
    [
        ("approval", TODAY, date(2026, 11, 1), "2026-12"),
        ("next", TODAY, date(2026, 12, 1), "2027-01"),
        ("next", date(2026, 12, 31), date(2027, 1, 1), "2027-02"),
    ],
)
def test_what_the_first_invoice_is_for(value, day, period, begins):
    """The first month that is charged; an employer deducts from the one after (A19, S26)."""
    book = rulebook(first_month=value)
    step = answer(received(book=book, day=day), decide(branch="OSLO"), moment(day))
    assert step.invoice.period_from == period
    lines = {line.kind: line.amount_ore for line in step.invoice.lines}
    assert lines == {LineKind.CENTRAL_DUES: 49500, LineKind.LOCAL_DUES: 5000}
    [welcome] = [letter for letter in step.letters if letter.template is Template.WELCOME]
    figures: Any = welcome.figures
    assert [term["amount_ore"] for term in figures["terms"]] == [49500, 5000]
    deducted = answered(member(book=book, day=day), payroll(), day)
    assert deducted.payroll.first_period == begins


@pytest.mark.parametrize(
    ("value", "ore"),
    # Approved on 22 November: two months left, or one. 600 x 2 / 12 = 100, 600 / 12 = 50.
    [("approval", 10000), ("next", 5000)],
)
def test_a_pensioner_pays_from_the_first_month_on(value, ore):
    """The months that are left are those that are charged (A13, A19)."""
    step = approved(PEOPLE["pensioner"], policies={"first_month": value})
    assert [line.amount_ore for line in step.invoice.lines] == [ore]


def test_a_premium_at_once_begins_with_the_first_month():
    """695.00 for December, nothing for November (A18, A19)."""
    step = approved(policies={"first_month": "next", "premium_at_once": True})
    assert step.invoice.total_ore == 69500
    assert {term.valid_from for term in step.record.terms} == {date(2026, 12, 1)}


@pytest.mark.parametrize(("value", "fits"), [("march_1", False), ("february_28", True)])
def test_ages_follow_the_leap_birthday(value, fits):
    """Born 29 February: 67, 62 and 15 on 28 February, or not yet (A32)."""
    eve = date(2027, 2, 28)
    book = rulebook(leap_birthday=value)
    old = application(PENSIONER, birth_date=date(1960, 2, 29))
    assert any(f.field == "category" for f in faults_in(old, book, eve)) is not fits
    assert (category_fault(PENSIONER, old, book, eve) is None) is fits
    assert (category_fault(EARLY, old, book, eve) is None) is not fits
    assert (
        needs_category(application(birth_date=date(1960, 2, 29)), book, eve) is None
    ) is not fits
    young = application(birth_date=date(2012, 2, 29))
    assert any("birth_date" in f.field for f in faults_in(young, book, eve)) is not fits


@pytest.mark.parametrize(("value", "fits"), [("march_1", False), ("february_28", True)])
def test_a_pension_follows_the_leap_birthday(value, fits):
    """Born 29 February 1968: AFP from 28 February 2030, or refused (L3, A32)."""
    born = member(application(birth_date=date(1968, 2, 29)), book=rulebook(leap_birthday=value))
    says = nullcontext() if fits else pytest.raises(Refused, match="AFP is possible from 62")
    with says:
        sends(born, pension(date(2030, 2, 28), PensionKind.AFP), TODAY)


def test_the_defaults_are_those_of_the_rules():
    """What a new installation has: first month at once, consent first, thanks by consent."""
    policies = BOOK.policies_on(TODAY)
    assert (policies.first_month, policies.recruiter_thanks) == ("approval", "by_consent")
    assert policies.lifting_needs_consent
