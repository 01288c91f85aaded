"""Every name that Temporal knows us by stands once, and no id fits that could name somebody."""

import ast
import re
import uuid
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from temporalio.workflow import _Definition

from schemas import names
from schemas.letters.contracts import InvoiceLetters
from schemas.names import FORMS, SHOWN, Kind, WorkflowType, is_own_id
from schemas.shared.schedules import ScheduleName, run_of
from workers.search_attributes import SEARCH_ATTRIBUTES
from workers.workflows import WORKFLOWS
from workflows.shared.search_attributes import ATTRIBUTES

ROOT = Path(__file__).parents[2]

DAY = date(2027, 1, 31)

EXAMPLES = {
    "ArrearsRun": "arrears-2027-01-31",
    "Audit": "audit-2027-01-31",
    "BankImport": "bank-import-0123456789abcdef",
    "DeductionReport": "deduction-report-0123456789abcdef",
    "DeductionSettlement": "deduction-settlement-00000007-2027-01",
    "DirectDebitRun": "direct-debit-2027-01-31",
    "DuesRun": "dues-run-2027-01",
    "Erasure": "erasure-8a4d0f57-2c1b-4e9a-b3f6-7d5e4c3b2a10",
    "EventDelivery": "events-delivery-9261ceef0b969e70",
    "Mailing": "mailing-dues-run-2027-01",
    "Membership": "membership-8a4d0f57-2c1b-4e9a-b3f6-7d5e4c3b2a10",
    "OnSchedule": "scheduled-dues-run",
    "PriceAnnouncement": "price-announcement-2027-01-31-0123456789ab",
    "Repricing": "repricing-2027-01-31-0123456789ab",
    "Retention": "retention-2027-01-31",
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
    assert is_own_id("OnSchedule", names.scheduled_id(schedule))
    for time in ("04:00:00", "04:00:00.123456789"):
        assert is_own_id("OnSchedule", f"{names.scheduled_id(schedule)}-2027-01-31T{time}Z")


SETTLEMENT = names.settlement_id("00000007", "2027-01")

MADE = {
    "ArrearsRun": [names.arrears_run_id(DAY)],
    "Audit": [names.audit_id(DAY), names.audit_id(DAY, dry_run=True)],
    "BankImport": [names.bank_import_id("0123456789abcdef" * 4)],
    "DeductionReport": [names.report_id("0123456789abcdef" * 4)],
    "DeductionSettlement": [SETTLEMENT, *names.settlement_ids("00000007", "2027-01")],
    "DirectDebitRun": [names.direct_debit_run_id(DAY)],
    "DuesRun": [names.dues_run_id("2027-01")],
    "Erasure": [names.erasure_id(names.membership_id(uuid.UUID(int=7)))],
    "EventDelivery": [names.events_delivery_id("crm")],
    "Mailing": [
        names.mailing_id(batch)
        for batch in (
            InvoiceLetters(period_from=date(2027, 1, 1), today=DAY).batch,
            names.year_end_id(2026),
            names.arrears_run_id(DAY),
            names.direct_debit_run_id(DAY),
            names.resend_batch(DAY),
            names.repricing_id(DAY, "0123456789abcdef" * 4),
            names.erasure_id(names.membership_id(uuid.UUID(int=7))),
            SETTLEMENT,
        )
    ],
    "Membership": [names.membership_id(uuid.UUID(int=7)), names.membership_id(str(uuid.uuid4()))],
    "OnSchedule": [names.scheduled_id(schedule) for schedule in ScheduleName],
    "PriceAnnouncement": [names.price_announcement_id(DAY, "0123456789abcdef" * 4)],
    "Repricing": [names.repricing_id(DAY, "0123456789abcdef" * 4)],
    "Retention": [names.retention_id(DAY)],
    "YearEndStatements": [names.year_end_id(2026)],
}
"""By type: what its builders make; a mailing for each kind of batch there is."""


@pytest.mark.parametrize("workflow", EXAMPLES)
def test_what_is_made_fits(workflow):
    """Each type has a builder whose ids have the type's form; the first is the example.

    Unless nobody could guess it.
    """
    assert all(is_own_id(workflow, made) for made in MADE[workflow])
    assert MADE[workflow][0] == EXAMPLES[workflow] or workflow in {"Membership", "Erasure"}


def test_every_workflow_has_its_type():
    """What the worker runs is what has a name, a form and words."""
    run = {_Definition.must_from_class(each).name for each in WORKFLOWS}
    assert run == set(WorkflowType) == FORMS.keys()


def test_the_search_attributes_are_typed_alike():
    """What workflows write, what the server is told, and what is said of them are the same."""
    kinds = {key.name: key.indexed_value_type.name.replace("_", "") for key in ATTRIBUTES}
    assert kinds == {one.name: one.kind.upper() for one in names.SEARCH_ATTRIBUTES}
    assert SEARCH_ATTRIBUTES.keys() == kinds.keys()
    assert {one.kind for one in names.SEARCH_ATTRIBUTES} == set(Kind)


@pytest.mark.parametrize(
    ("workflow", "name"),
    [
        ("DuesRun", "dues-run-2027-13"),
        ("DuesRun", "dues-run-1"),
        ("ArrearsRun", "arrears-2027-01-32"),
        ("DeductionSettlement", "deduction-settlement-12848612345-2027-01"),
        ("DeductionSettlement", "deduction-settlement-kari-2027-01"),
        ("EventDelivery", "events-delivery-kari-nordmann"),
        ("Mailing", "mailing-kari-nordmann"),
        ("YearEndStatements", "year-end-12848612345"),
        ("OnSchedule", "scheduled-kari"),
    ],
)
def test_what_could_be_somebody_is_none(workflow, name):
    """A national id in place of a payer number, a name in place of a batch."""
    assert not is_own_id(workflow, name)


PREFIXES = {re.split("[(\\[]", form)[0] for form in FORMS.values()} | {"resend-"}
QUEUES = (
    names.MEMBERSHIP_QUEUE,
    names.PERSISTENCE_QUEUE,
    names.BULK_QUEUE,
    names.NOTIFICATIONS_QUEUE,
    names.MAILINGS_QUEUE,
    names.DELIVERIES_QUEUE,
)

FLOORS = ("schemas", "workflows", "activities", "workers", "benchmarks")

HEADINGS = {
    "workers/cli/direct_debit.py",
    "workers/cli/membership/inbox.py",
    "workers/cli/payments.py",
    "workers/cli/pricing/tables.py",
    "workers/cli/privacy.py",
    "workers/cli/shared/tasks.py",
    "workers/demo/lanes.py",
}
"""Where ``Membership`` is the word over a column."""


def texts(tree: ast.AST) -> Iterator[str]:
    """The texts of a module, those within f-strings piece by piece, without docstrings."""
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.value


BEGUN = re.compile(rf"(?<![\w-])({'|'.join(PREFIXES)})(?:$|{{)")


def names_in(text: str) -> Iterator[str]:
    """Which of the names a text repeats: whole, quoted within a filter, or as an id's beginning."""
    whole = {*WorkflowType, *(one.name for one in names.SEARCH_ATTRIBUTES), *QUEUES}
    quoted = re.findall(r"[A-Za-z-]+", text) if re.search(r"WorkflowType|TaskQueue", text) else []
    yield from ({text, *quoted} & whole) - {"membership"}
    yield from BEGUN.findall(text)


def test_no_name_stands_anywhere_else():
    """Each is written in ``schemas/names.py``; whoever needs one reads it there."""
    repeated = set()
    for folder in FLOORS:
        for path in (ROOT / folder).rglob("*.py"):
            where = path.relative_to(ROOT).as_posix()
            known = {"Membership"} if where in HEADINGS else set()
            if where != "schemas/names.py":
                for text in texts(ast.parse(path.read_text())):
                    repeated |= {(where, name) for name in set(names_in(text)) - known}
    for path in (ROOT / "activities").rglob("*.sql"):
        found = re.findall(rf"'({'|'.join(PREFIXES)})'", path.read_text())
        repeated |= {(path.name, name) for name in found}
    assert repeated == set()


def test_the_containers_repeat_no_name():
    """The compose file sets Temporal up by our own command."""
    text = (ROOT / "docker-compose.yml").read_text()
    for name in (*WorkflowType, *(one.name for one in names.SEARCH_ATTRIBUTES), *QUEUES[1:]):
        assert not re.search(rf"\b{name}\b", text), name


def test_a_queue_is_named_in_one_place():
    """The word alone is a room's and a table's as well: as a queue it is never written out."""
    for folder in FLOORS[1:]:
        for path in (ROOT / folder).rglob("*.py"):
            assert not re.search(r"(?i)queue\w* ?=+ ?\"membership", path.read_text()), path
