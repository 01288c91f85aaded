"""From a step to the decision that is recorded, and back; and from an application to a record."""

from datetime import date

import pytest

from schemas.membership.decision import (
    DecisionReceipt,
    DeliveryReport,
    DuplicateCandidate,
    Intake,
    IntakeReceipt,
)
from schemas.membership.messages.review import SupplyInformation
from schemas.shared.vocabulary import (
    Audience,
    Event,
    InvoiceStatus,
    Outcome,
    Stage,
    Template,
)
from tests.builders import (
    BOOK,
    FIRST_KID,
    MEMBER_NUMBER,
    MEMBERSHIP_ID,
    TODAY,
    answered,
    application,
    decide,
    ended,
    member,
    moment,
    notice,
    payment,
    payroll,
    receipt_for,
    received,
    reserve,
    stand,
    welcomed,
)
from tests.pages import page_of
from workflows.membership import intake
from workflows.membership.decisions.dispatch import answer, bounced, delivered
from workflows.membership.decisions.step import Letters
from workflows.membership.recording import decision_of, recorded


def test_an_approval_is_recorded_whole():
    """Number, standing, terms, invoice, letters: one decision under one key (design 1)."""
    before = received()
    step = answer(before, decide(branch="OSLO"), moment())
    decision = decision_of(step, before, moment())
    assert (decision.membership_id, decision.number) == (MEMBERSHIP_ID, 2)
    assert (decision.event, decision.decided_by) == (Event.APPLICATION_APPROVED, "ola")
    assert (decision.decided_on, decision.decided_at) == (TODAY, moment().at)
    standing = decision.standing
    assert (standing.stage, standing.outcome) == (Stage.ONBOARDING, None)
    assert (standing.category, standing.hidden, standing.branch, standing.member_since) == (
        "ordinary",
        False,
        "OSLO",
        TODAY,
    )
    assert decision.terms == step.record.terms
    assert decision.rulebook_version == BOOK.version
    assert decision.invoice == step.invoice
    assert decision.letters == step.letters
    assert decision.corrected is None


@pytest.mark.parametrize(
    ("message", "changes"),
    [
        pytest.param(reserve(), False, id="no-premium-no-change"),
        pytest.param(payment(49500), False, id="payment"),
        pytest.param(notice(), False, id="notice"),
        pytest.param(payroll("refused"), False, id="refused"),
        pytest.param(payroll(), True, id="accepted"),
    ],
)
def test_terms_are_recorded_only_when_they_change(message, changes):
    """None stands for unchanged: nothing is superseded by its own copy (invariant 6)."""
    before = member()
    step = answer(before, message, moment())
    assert (decision_of(step, before, moment()).terms is not None) is changes


@pytest.mark.parametrize(
    ("message", "priced"),
    [(payment(49500), False), (notice("bounced"), False), (payroll(), True), (reserve(), True)],
)
def test_only_what_used_the_rulebook_depends_on_it(message, priced):
    """A payment stands whatever the rulebook says by now (design: rulebook_version)."""
    step = answer(member(), message, moment())
    version = decision_of(step, member(), moment()).rulebook_version
    assert version == (BOOK.version if priced else None)


def test_a_correction_is_recorded_with_its_form():
    """Persistence replaces what it keeps of the person only when that changed."""
    before = received()
    step = answer(before, reserve(), moment())
    decision = decision_of(step, before, moment())
    assert decision.form is not None
    assert decision.form.insurance_reservation
    assert (decision.supplied, decision.corrected) == (None, None)
    assert decision.terms is None


def test_an_end_is_recorded_with_its_outcome():
    """A rejected application has a standing and no terms."""
    before = received()
    step = answer(before, decide("reject"), moment())
    decision = decision_of(step, before, moment())
    assert (decision.standing.stage, decision.standing.outcome) == (Stage.ENDED, Outcome.REJECTED)
    assert (decision.terms, decision.invoice, decision.reason) == (None, None, "Attesten mangler")


def test_the_receipt_brings_number_and_invoice():
    """Persistence allots the member number, the invoice's number and its KID."""
    step = answer(received(), decide(), moment())
    after = recorded(step, receipt_for(step), moment())
    assert after.member_number == MEMBER_NUMBER
    invoice = after.first_invoice
    assert (invoice.number, invoice.kid) == (f"{MEMBER_NUMBER}-1", FIRST_KID)
    assert (invoice.total_ore, invoice.paid_ore, invoice.status) == (
        49500,
        0,
        InvoiceStatus.ISSUED,
    )
    assert (invoice.issued_on, invoice.due_on) == (TODAY, date(2026, 12, 7))
    assert after.decisions == 2
    assert after.log[-1].says == "approved as ordinary"


def test_a_member_number_is_never_lost():
    """A later receipt without one leaves number and invoice as they were."""
    before = member()
    step = answer(before, payroll(), moment())
    after = recorded(step, DecisionReceipt(), moment())
    assert (after.member_number, after.first_invoice) == (MEMBER_NUMBER, before.first_invoice)


def test_decisions_are_numbered_without_a_gap():
    """1, 2, 3 … is the business key; the letters' keys carry it."""
    record = received()
    numbers = []
    for message in (decide("request_information"), reserve(), decide(), payroll(), reserve()):
        try:
            step = answer(record, message, moment())
        except Exception:  # noqa: BLE001 - a refused message takes no number
            continue
        numbers.append(decision_of(step, record, moment()).number)
        assert {letter.key[:4] for letter in step.letters} <= {f"{numbers[-1]:04d}"}
        record = stand(step, moment())
    assert numbers == [2, 3, 4, 5]


# Letters that went out, and those that came back ----------------------------------------------


def test_only_the_welcome_letter_proves_the_notice():
    """Other letters say nothing of the right to reserve (A21)."""
    record = answered(received(), decide())
    report = DeliveryReport(sent=("0001-application_received", "0002-first_invoice"))
    assert delivered(record, report, moment()) == record
    proven = delivered(record, DeliveryReport(sent=("0002-welcome",)), moment())
    assert proven.insurance.noticed_on == TODAY


@pytest.mark.parametrize("what", ["suppressed", "held", "bounced"])
def test_a_welcome_letter_that_did_not_go_out_proves_nothing(what):
    """Only what was sent is a proof (A21)."""
    record = answered(received(), decide())
    report = DeliveryReport.model_validate({what: ("0002-welcome",)})
    assert delivered(record, report, moment()) == record


def test_a_bounced_letter_becomes_a_task():
    """Nothing is lost silently: the caseworkers hear which (M20)."""
    step = bounced(member(), DeliveryReport(bounced=("0002-first_invoice", "0001-x")))
    assert step.event is Event.LETTER_BOUNCED
    (task,) = step.letters
    assert (task.audience, task.template) == (Audience.CASEWORKERS, Template.CASEWORKER_TASK)
    assert task.figures == {"task": "letter_bounced", "detail": "0002-first_invoice, 0001-x"}
    assert step.record == member()
    assert step.rules == ("M20",)


def test_a_bounced_welcome_letter_leaves_the_window_without_proof():
    """The insurance office's notice, or a new address, must prove it (A21)."""
    record = answered(received(), decide())
    step = bounced(record, DeliveryReport(bounced=("0002-welcome",)))
    assert step is not None
    assert step.rules == ("M20", "A21")
    assert stand(step, moment()).insurance.reservation_deadline is None


def test_a_bounced_task_makes_no_further_task():
    """Else a wrong caseworker address would write for ever."""
    assert bounced(member(), DeliveryReport(bounced=("0003-caseworker_task",))) is None
    assert bounced(member(), DeliveryReport(sent=("0002-welcome",))) is None


def test_a_second_task_of_a_decision_that_bounces_makes_no_further_task():
    """Its key ends in -2; which letter it is stands in the report, not in the key."""
    report = DeliveryReport(
        bounced=("0002-caseworker_task", "0002-caseworker_task-2"),
        templates=dict.fromkeys(
            ("0002-caseworker_task", "0002-caseworker_task-2"), Template.CASEWORKER_TASK
        ),
    )
    assert bounced(member(), report) is None


def test_a_notice_is_proved_whatever_its_key_is():
    """A21: the second letter of its kind in a decision tells of the right to reserve as well."""
    record = answered(received(), decide())
    report = DeliveryReport(sent=("0002-welcome-2",), templates={"0002-welcome-2": "welcome"})
    assert delivered(record, report, moment()).insurance.noticed_on == TODAY


def test_a_report_of_an_older_worker_is_read_as_it_was():
    """It has keys alone: a history that holds one is decided the same way again."""
    old = DeliveryReport.model_validate({"sent": ["0002-welcome"], "bounced": ["0002-welcome-2"]})
    assert old.of(old.sent, Template.WELCOME) == ("0002-welcome",)
    assert old.of(old.bounced, Template.WELCOME) == ()


def test_letters_of_one_decision_are_counted_by_what_they_are():
    """A name that begins like another one's is no second letter of that kind."""
    letters = Letters(number=7)
    for template in (Template.STRUCK_OFF_WARNING, Template.STRUCK_OFF, Template.STRUCK_OFF):
        letters.member(template)
    assert [letter.key for letter in letters.done()] == [
        "0007-struck_off_warning",
        "0007-struck_off",
        "0007-struck_off-2",
    ]


def test_a_letter_may_bounce_after_the_end():
    """A rejection that came back is a task too; the application stays ended."""
    step = bounced(ended(), DeliveryReport(bounced=("0002-application_rejected",)))
    assert step.record.stage is Stage.ENDED
    assert len(step.letters) == 1


# Intake ---------------------------------------------------------------------------------------


def kept(**changes) -> Intake:
    """Return an application as it arrives."""
    return Intake(
        membership_id=MEMBERSHIP_ID,
        received_at=moment().at,
        received_on=TODAY,
        application=application(),
        text="",
        **changes,
    )


def test_an_application_without_faults_is_under_review():
    """Submission is not approval: a caseworker follows up (S29)."""
    record = received()
    assert record.stage is Stage.UNDER_REVIEW
    assert record.category == "ordinary"
    assert record.rulebook == BOOK
    assert [line.rules for line in record.log] == [("S29",)]
    assert record.member_since is None


def test_faults_of_reading_and_of_rules_stand_together():
    """Neither is lost: what could not be read, and what is not allowed (contract: invalid)."""
    empty = received().model_copy(update={"stage": Stage.RECEIVED})
    receipt = IntakeReceipt(rulebook=BOOK, faults=("b: rule",))
    record = intake.received(empty, kept(faults=("a: unreadable",)), receipt)
    assert record.faults == ("a: unreadable", "b: rule")
    assert record.stage is Stage.RECEIVED


def test_possible_duplicates_are_shown():
    """The same person is shown to the caseworker and decides nothing by itself."""
    kin = DuplicateCandidate(
        membership_id="membership-other", stage=Stage.ACTIVE, member_number="00000007", certain=True
    )
    record = received(kin=(kin,))
    assert record.stage is Stage.UNDER_REVIEW
    (other,) = record.possible_duplicates
    assert (other.membership_id, other.certain, other.member_number) == (
        "membership-other",
        True,
        "00000007",
    )


def test_a_correction_says_who_it_may_be_by_then():
    """What was found at the intake goes, and the page says of which day it is (N8)."""
    first, other = (
        DuplicateCandidate(
            membership_id=f"membership-{name}", stage=Stage.ACTIVE, member_number=None, certain=True
        )
        for name in ("first", "other")
    )
    record = received(kin=(first,))
    day = date(2026, 11, 25)
    step = answer(record, SupplyInformation(information="Riktig dato"), moment(day))
    assert f"as of {TODAY}" in page_of(record)
    page = page_of(recorded(step, DecisionReceipt(sought=True, kin=(other,)), moment(day)))
    assert "membership-other" in page
    assert "membership-first" not in page
    assert f"Perhaps the same person, as of {day}" in page
    # An older worker looked for nobody: what is known stays, with its day.
    page = page_of(recorded(step, DecisionReceipt(sought=True), moment(day)))
    assert f"as of {TODAY}" in page
    assert "membership-first" in page


def test_a_welcome_letter_sent_later_counts_from_its_day():
    """A mail server that was down costs the member no day of the window (A21)."""
    late = welcomed(answered(received(), decide()), date(2026, 11, 25))
    assert late.insurance.reservation_deadline == date(2026, 12, 25)
