"""The tables about deduction lists in docs/algorithms.md, settled on a database."""

from datetime import date

import pytest

from schemas.deduction.contracts import ListFigures
from schemas.deduction.settlement import is_settled, match
from tests.algorithms import kroner, table_of
from tests.deduction.making import filled

ANSWERS = table_of("What becomes of a line")
MATCHES = table_of("What is still open")


@pytest.mark.parametrize("row", ANSWERS, ids=lambda row: f"{row[0]} {row[1]}")
async def test_what_becomes_of_a_line(office, row):
    """One line of 495.00, answered: how it ends, what the member is invoiced, what comes back."""
    member = await office.joins()
    number = await office.ready(member)
    deducted, reason = ("" if cell == "-" else cell for cell in row[:2])
    answer = {office.numbers[member]: (deducted.replace(".", ","), reason)}
    await office.take(filled(await office.file_of(number), answer))
    await office.settle(number)
    ended = await office.pool.fetchval("SELECT outcome FROM deductions") or "-"
    invoiced = await office.pool.fetchval("SELECT coalesce(sum(total_ore), 0)::int FROM invoices")
    over = await office.pool.fetchval(
        "SELECT coalesce(sum(deducted_ore - expected_ore), 0)::int FROM over_deductions"
    )
    tasks = ", ".join(await office.tasks()).replace("_", " ") or "-"
    assert row[2:6] == [ended, kroner(invoiced), kroner(over), tasks]


@pytest.mark.parametrize("row", MATCHES, ids=lambda row: " ".join(row[:4]))
def test_what_is_still_open(row):
    """A list of 990.00 in two lines: asked for, reported and paid, before and after the due day."""
    answers, reported, paid = int(row[0]), ore(row[1]), ore(row[2])
    due, later = date(2027, 1, 10), date(2027, 1, 11)
    figures = ListFigures(
        list_number="00000001-1",
        payer_number="00000001",
        period="2026-12",
        report_due_on=due,
        delivered_on=date(2026, 12, 2),
        lines=2,
        expected_ore=99000,
        reported_ore=reported,
        paid_ore=paid,
        answers=answers,
        unanswered=2 - answers,
        open_lines=0 if answers == 2 else 2,
    )
    found = [
        ", ".join(f"{point.finding.replace('_', ' ')} {kroner(point.amount_ore or 0)}"
                  for point in match(figures, day)) or "-"
        for day in (due, later)
    ]  # fmt: skip
    assert row[3:6] == [*found, "yes" if is_settled(figures) else "no"]


def ore(cell: str) -> int:
    """Return kroner of the page in øre."""
    return 0 if cell == "-" else round(float(cell) * 100)
