"""Every id that we make has the form of its type, and nothing fits that could name somebody."""

from datetime import date

import pytest

from schemas.deduction.contracts import report_id, settlement_id, settlement_ids
from schemas.letters.contracts import InvoiceLetters
from schemas.shared.schedules import ScheduleName, run_of
from schemas.shared.workflow_ids import FORMS, SHOWN, is_own_id
from schemas.statements.contracts import batch_of

DAY = date(2027, 1, 31)

EXAMPLES = {
    "ArrearsRun": "arrears-2027-01-31",
    "Audit": "audit-2027-01-31",
    "BankImport": "bank-import-0123456789abcdef",
    "DeductionReport": "deduction-report-0123456789abcdef",
    "DeductionSettlement": "deduction-settlement-00000007-2027-01",
    "DuesRun": "dues-run-2027-01",
    "Mailing": "mailing-dues-run-2027-01",
    "Membership": "membership-8a4d0f57-2c1b-4e9a-b3f6-7d5e4c3b2a10",
    "OnSchedule": "scheduled-dues-run",
    "Repricing": "repricing-2027-01-31-0123456789ab",
    "YearEndStatements": "year-end-2026",
}


def test_every_type_has_a_form_and_words_for_it():
    """The table is whole."""
    assert FORMS.keys() == SHOWN.keys() == EXAMPLES.keys()


@pytest.mark.parametrize(("workflow", "name"), EXAMPLES.items())
def test_the_whole_id_is_looked_at(workflow, name):
    """One character more, before or after, in capitals or on a second line, is another id."""
    assert is_own_id(workflow, name)
    for other in (f"{name}-kari-nordmann", f"{name}x", f"{name}\n", f"x{name}", name.upper()):
        assert not is_own_id(workflow, other), other
    assert [one for one in FORMS if is_own_id(one, name)] == [workflow]


@pytest.mark.parametrize("schedule", ScheduleName)
def test_what_the_calendar_starts_fits(schedule):
    """The runs, and what starts them: the server appends the time, with or without a fraction."""
    run = run_of(schedule, DAY)
    assert is_own_id(run.workflow, run.id)
    for time in ("04:00:00", "04:00:00.123456789"):
        assert is_own_id("OnSchedule", f"scheduled-{schedule}-2027-01-31T{time}Z")


def test_settlements_reports_and_mailings_fit():
    """Those of a moved settlement, too, and a mailing for each kind of batch there is."""
    for name in settlement_ids("00000007", "2027-01"):
        assert is_own_id("DeductionSettlement", name)
    assert is_own_id("DeductionReport", report_id("0123456789abcdef" * 4))
    letters = InvoiceLetters(period_from=date(2027, 1, 1), today=DAY)
    batches = (letters.batch, batch_of(2026), settlement_id("00000007", "2027-01"))
    for batch in (*batches, f"arrears-{DAY}", f"resend-{DAY}"):
        assert is_own_id("Mailing", f"mailing-{batch}")


@pytest.mark.parametrize(
    ("workflow", "name"),
    [
        ("DuesRun", "dues-run-2027-13"),
        ("DuesRun", "dues-run-1"),
        ("ArrearsRun", "arrears-2027-01-32"),
        ("DeductionSettlement", "deduction-settlement-12848612345-2027-01"),
        ("DeductionSettlement", "deduction-settlement-kari-2027-01"),
        ("Mailing", "mailing-kari-nordmann"),
        ("YearEndStatements", "year-end-12848612345"),
        ("OnSchedule", "scheduled-kari"),
    ],
)
def test_what_could_be_somebody_is_none(workflow, name):
    """A national id in place of a payer number, a name in place of a batch."""
    assert not is_own_id(workflow, name)
