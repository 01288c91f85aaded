"""The one line about a member that an employer gets, as a CSV file (domain section 5)."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from activities.notifications.cases import Case
from schemas.rules.list_file import ASKED, harmless, kroner
from schemas.vocabulary import LineKind, Template

CODES = {
    Template.PAYROLL_START: "START",
    Template.PAYROLL_REMINDER: "START",
    Template.PAYROLL_CHANGE: "CHANGE",
    Template.PAYROLL_STOP: "STOP",
}
"""What the employer is asked to do; a reminder repeats its request."""


def payroll_csv(template: str, case: Case, terms: Iterable[Mapping[str, Any]]) -> bytes:
    """Return the line as a file: UTF-8 with a mark, semicolons, every value quoted.

    That is what a spreadsheet set to Norwegian opens without a question.

    Args:
        template: one of CODES.
        case: of a member with a national id; only a STOP does without.
        terms: what is charged, each with ``kind`` and ``amount_ore``.

    Raises:
        ValueError: the person, the number or the national id is missing; the gate should have
            held the letter back.
    """
    person = case.person
    number = person.national_id if person else None
    stops = template == Template.PAYROLL_STOP
    if person is None or case.member_number is None or (number is None and not stops):
        raise ValueError("a payroll line without the member's numbers")
    amounts = dict.fromkeys(LineKind, 0)
    for term in terms:
        amounts[LineKind(term["kind"])] += term["amount_ore"]
    row = (
        case.member_number,
        number or "",
        person.name,
        kroner(amounts[LineKind.CENTRAL_DUES]),
        kroner(amounts[LineKind.LOCAL_DUES]),
        kroner(amounts[LineKind.INSURANCE_PREMIUM]),
        kroner(sum(amounts.values())),
        CODES[Template(template)],
    )
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(ASKED)
    writer.writerow([harmless(value) for value in row])
    return out.getvalue().encode("utf-8-sig")
