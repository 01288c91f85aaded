"""Who comes over from another union: what is kept, on whose word, and who is told (L10)."""

from datetime import date

import pytest

from schemas.membership.application import TransferFrom
from schemas.membership.eligibility import faults_in
from schemas.membership.messages.review import TransferDecision
from schemas.shared.vocabulary import Audience, InsuranceStatus, LineKind, Template
from tests.builders import (
    BOOK,
    PEOPLE,
    TODAY,
    answered,
    application,
    decide,
    moment,
    received,
    reserve,
    rulebook,
    stand,
)
from tests.pages import page_of
from workflows.membership.decisions.dispatch import answer
from workflows.membership.decisions.step import Refused
from workflows.membership.state import state_of

COVERED, WINDOW = InsuranceStatus.COVERED, InsuranceStatus.WINDOW_OPEN
RESERVED, NONE = InsuranceStatus.RESERVED, InsuranceStatus.NOT_APPLICABLE
NOVEMBER, DECEMBER, FEBRUARY = date(2026, 11, 1), date(2026, 12, 1), date(2027, 2, 1)
LAST_OF_NOVEMBER = date(2026, 11, 30)

UNION = TransferFrom(
    union="Forbundet for andre",
    member_since=date(2019, 3, 1),
    paid_months=36,
    insured_until=LAST_OF_NOVEMBER,
)
PROVED = TransferDecision(accepted=True, proof="Attest av 20. november")


def comes_over(told=UNION, word=PROVED, *, form=None, policies=None, **fields):
    """Return the step of an approval, with what the applicant tells and the caseworker says."""
    applies = (form or application()).model_copy(update={"transfer_from": told})
    record = received(applies, book=rulebook(**(policies or {})))
    return answer(record, decide(transfer=word, **fields), moment())


def refusal(*args, **fields):
    """Return why such an approval is refused."""
    with pytest.raises(Refused) as caught:
        comes_over(*args, **fields)
    return str(caught.value)


def premium_from(record):
    """Return the first month of the premium, or None."""
    terms = [t for t in record.terms if t.kind is LineKind.INSURANCE_PREMIUM]
    return terms[0].valid_from if terms else None


@pytest.mark.parametrize(
    ("until", "covered_from", "premium"),
    [
        (LAST_OF_NOVEMBER, DECEMBER, DECEMBER),
        (TODAY, date(2026, 11, 23), DECEMBER),  # the rest of November is free
        (date(2026, 10, 31), NOVEMBER, NOVEMBER),  # approved on the 22nd: cover without a gap
        (date(2026, 10, 22), date(2026, 10, 23), NOVEMBER),  # 30 days before the approval
        (date(2026, 10, 21), None, None),  # 31 days: a window as for everybody
        (date(2027, 1, 31), FEBRUARY, FEBRUARY),
        (None, None, None),
    ],
)
def test_insurance_goes_on_from_the_day_the_old_one_ends(until, covered_from, premium):
    """Without a window, and paid for in whole months from then on (L10, A18)."""
    told = UNION.model_copy(update={"insured_until": until})
    insurance = (record := comes_over(told).record).insurance
    assert insurance.status is (WINDOW if covered_from is None else COVERED)
    assert (insurance.covered_from, premium_from(record)) == (covered_from, premium)


@pytest.mark.parametrize(
    ("form", "policies", "status"),
    [
        (application(), {"transfer_keeps_insurance": False}, WINDOW),
        (application(insurance_reservation=True), {}, RESERVED),  # S10
        (PEOPLE["student"], {}, NONE),  # S8
        (PEOPLE["apprentice"], {}, COVERED),  # A7: the application says so
        (PEOPLE["apprentice"], {"apprentice_insurance": "excluded"}, NONE),
    ],
)
def test_who_keeps_an_insurance(form, policies, status):
    """Nobody comes into the package by a transfer who could not be in it (L10, S8, A7)."""
    assert comes_over(form=form, policies=policies).record.insurance.status is status


@pytest.mark.parametrize(
    ("gap_days", "until", "status"),
    [
        # Approved on 22 November: an old cover whose last day is the 21st leaves no day without.
        (0, date(2026, 11, 21), COVERED),
        (0, date(2026, 11, 20), WINDOW),
        (30, date(2026, 10, 21), WINDOW),  # 31 days
        (31, date(2026, 10, 21), COVERED),
    ],
)
def test_how_long_a_gap_may_be(gap_days, until, status):
    """So many days without a cover as the policy of the approval's day allows (L10)."""
    told = UNION.model_copy(update={"insured_until": until})
    record = comes_over(told, policies={"transfer_gap_days": gap_days}).record
    assert record.insurance.status is status


def test_who_reserves_afterwards_pays_until_the_month_is_over():
    """There is no window: the form of 10 December counts from 1 January (A21, L10)."""
    record = comes_over().record
    reserved = answered(record, reserve(date(2026, 12, 10)), date(2026, 12, 10))
    assert reserved.insurance.reserved_from == date(2027, 1, 1)
    (term,) = [t for t in reserved.terms if t.kind is LineKind.INSURANCE_PREMIUM]
    assert (term.valid_from, term.valid_to) == (DECEMBER, date(2027, 1, 1))


def test_the_first_invoice_asks_for_the_premium_of_a_covered_month():
    """November covered whole: 495.00 + 200.00 = 695.00; from December on, 495.00 alone (A18)."""
    november = comes_over(UNION.model_copy(update={"insured_until": date(2026, 10, 31)}))
    assert november.invoice.total_ore == 69500
    assert comes_over().invoice.total_ore == 49500


def test_what_is_brought_along_stands_in_the_facts():
    """Paid months kept apart, seniority since the first day there, both in the log (L10, B2)."""
    step = comes_over()
    brings = step.record.facts.beginning.transferred
    assert (brings.member_since, brings.paid_months) == (date(2019, 3, 1), 36)
    state = state_of(stand(step, moment()))
    assert (state.member_since, state.first_member_since) == (TODAY, date(2019, 3, 1))
    assert step.says == (
        "approved as ordinary; from another union: 36 paid months, a member there since "
        "2019-03-01, insurance carried over from 2026-12-01"
    )
    assert "L10" in step.rules
    assert step.reason == "transfer: Attest av 20. november"
    alone = comes_over(policies={"transfer_counts_seniority": False}).record
    assert alone.first_member_since == TODAY


def test_the_caseworkers_proof_corrects_the_application():
    """The papers say 24 months and 31 October, whatever was written in the form."""
    seen = PROVED.model_copy(update={"paid_months": 24, "insured_until": date(2026, 10, 31)})
    record = comes_over(word=seen).record
    assert record.beginning.transferred.paid_months == 24
    assert record.insurance.covered_from == NOVEMBER
    unasked = comes_over(told=None, word=seen).record
    assert unasked.beginning.transferred.paid_months == 24
    none = comes_over(word=PROVED.model_copy(update={"paid_months": 0})).record
    assert none.beginning.transferred.paid_months == 0


def test_what_is_not_accepted_is_nothing():
    """The approval is one like any other: a window, and seniority from today."""
    record = comes_over(word=TransferDecision(accepted=False)).record
    assert record.beginning.transferred is None
    assert record.insurance.status is WINDOW
    assert record.first_member_since == TODAY


@pytest.mark.parametrize(
    ("word", "policies", "says"),
    [
        (None, {}, "transfer: is required, since the applicant comes over from another union"),
        (TransferDecision(accepted=True), {}, "transfer.proof: is required (L10)"),
        (
            PROVED.model_copy(update={"member_since": date(2026, 11, 23)}),
            {},
            "transfer.member_since: lies in the future",
        ),
        # March 2019 to November 2026: 7 years and 9 months are 93 months.
        (
            PROVED.model_copy(update={"paid_months": 94}),
            {},
            "transfer.paid_months: there are 93 months since 2019-03-01",
        ),
        (
            PROVED.model_copy(update={"insured_until": date(2031, 11, 23)}),
            {},
            "transfer.insured_until: lies more than 5 years ahead (L8)",
        ),
    ],
)
def test_what_can_not_be_brought_along(word, policies, says):
    """The caseworker is told what is missing, and nothing is decided."""
    assert refusal(word=word, policies=policies).startswith(says)


def test_a_proof_may_not_be_needed():
    """A policy, like every choice of ours."""
    record = comes_over(
        word=TransferDecision(accepted=True), policies={"transfer_needs_proof": False}
    ).record
    assert record.beginning.transferred.paid_months == 36


def test_a_transfer_does_not_begin_in_the_future():
    """Member there from tomorrow on: named with the application's other faults."""
    form = application(transfer_from=UNION.model_copy(update={"member_since": date(2026, 11, 23)}))
    assert [str(fault) for fault in faults_in(form, BOOK, TODAY)] == [
        "transfer_from.member_since: lies in the future"
    ]


def test_who_is_told():
    """The member what counts and from when; the insurance office where it comes from (L10, M3)."""
    letters = comes_over().letters
    (welcome,) = [one for one in letters if one.template is Template.WELCOME]
    figures = welcome.figures
    assert (figures["insurance"], figures["covered_from"], figures["premium_from"]) == (
        "covered",
        "2026-12-01",
        "2026-12-01",
    )
    assert figures["paid_months_before"] == 36
    (office,) = [one for one in letters if one.audience is Audience.INSURANCE_OFFICE]
    assert office.figures["covered_from"] == "2026-12-01"
    plain = answer(received(), decide(), moment()).letters
    assert all("covered_from" not in letter.figures for letter in plain)


def test_the_page_asks_for_the_proof():
    """What is told, how to approve it, and no union's name: it travels in an address."""
    shown = page_of(received(application(transfer_from=UNION)))
    assert "comes over from another union: a member there since 2019-03-01, 36 paid months" in shown
    assert '"transfer":{"accepted":true,"proof":"what proves it"}' in shown
    assert "Forbundet for andre" not in shown


def test_older_facts_bring_nothing_along():
    """What was kept before there were transfers reads as before."""
    record = received(application())
    assert "transfer_from" not in record.application.model_dump(mode="json")
    assert comes_over(told=None, word=None).record.beginning.transferred is None
