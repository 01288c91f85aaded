"""The truth of the log: for every message it says who sent it and what changed, and names nobody.

A line is what the page and ``explain`` show: who decided, and a sentence.
"""

import json
from datetime import date
from typing import Any

import pytest

from schemas.membership.messages import MESSAGES
from tests.builders import (
    PEOPLE,
    TODAY,
    answered,
    member,
    moment,
    received,
)
from tests.membership.decisions.lives import becomes, insured, resigns
from workflows.membership.decisions.dispatch import answer

DAY = date(2027, 2, 10)
NAMES = ("Kari", "Nordmann", "Storgata", "kari@", "+47", "Eksempel", "974760673", "312345676")
"""Of the member and the employers; whoever reads the log knows whose it is."""

LEAVING = answered(insured(), resigns(DAY), DAY)
STUDENT = answered(insured(), becomes(PEOPLE["student"].category, DAY), DAY)
AHEAD = {"effective_on": "2027-05-01", "position_percent": "40"}
PERCENT = MESSAGES["change_employment"].model_validate_json(json.dumps(AHEAD))

Row = tuple[Any, dict[str, Any], str, tuple[str, ...]]

TOLD: dict[str, list[Row]] = {
    "decide_application": [
        (
            received(),
            {"decision": "approve", "caseworker": "ola"},
            "ola",
            ("approved as ordinary",),
        ),
        (
            received(),
            {"decision": "reject", "caseworker": "ola", "reason": "Nei"},
            "ola",
            ("was rejected",),
        ),
    ],
    "supply_information": [
        (
            received(),
            {
                "information": "Flyttet",
                "applicant": {
                    "phone": "+4798765432",
                    "address": {"line1": "Gata 2", "postcode": "5003", "city": "Bergen"},
                },
            },
            "applicant",
            ("applicant.phone, applicant.address",),
        ),
        (received(), {"information": "Se over"}, "applicant", ("no field is another",)),
        (
            insured(),
            {"information": "Ny adresse", "applicant": {"email": "ny@example.org"}},
            "applicant",
            ("supplied information: applicant.email",),
        ),
    ],
    "withdraw_application": [
        (received(), {}, "applicant", ("the applicant withdrew the application",)),
        (
            received(),
            {"caseworker": "ola"},
            "ola",
            ("the caseworker withdrew the application",),
        ),
    ],
    "record_insurance_notice": [
        (
            member(),
            {"outcome": "delivered", "on": "2026-11-22"},
            "insurance_office",
            ("delivered on 2026-11-22", "until 2026-12-22"),
        ),
        (
            member(),
            {"outcome": "bounced", "on": "2026-11-22"},
            "insurance_office",
            ("came back on 2026-11-22",),
        ),
    ],
    "request_reservation_form": [(member(), {}, "member", ("asked for the reservation form",))],
    "reserve_insurance": [
        (
            member(),
            {"received_on": "2026-11-22"},
            "insurance_office",
            ("from 2026-11-22", "received on 2026-11-22"),
        ),
        (
            received(),
            {"received_on": "2026-11-22"},
            "insurance_office",
            ("form of 2026-11-22",),
        ),
    ],
    "enroll_insurance": [
        (
            member(PEOPLE["apprentice"]),
            {"from_on": "2026-12-01"},
            "insurance_office",
            ("covered", "from 2026-12-01"),
        )
    ],
    "record_payment": [
        (
            member(),
            {"reference": "B-1", "amount_ore": 49500, "paid_on": "2026-11-22"},
            "payer",
            ("49500 øre received, in suspense",),
        )
    ],
    "answer_payroll_request": [
        (member(), {"answer": "accepted"}, "employer", ("the employer deducts from",)),
        (
            member(),
            {"answer": "refused", "caseworker": "ola"},
            "ola",
            ("the employer refused",),
        ),
        (insured(), {"answer": "stopped"}, "employer", ("the employer stops deducting",)),
    ],
    "change_employment": [
        (insured(), AHEAD, "member", ("works 40 %", "from 2027-05-01")),
        (
            insured(),
            {
                "effective_on": "2027-02-01",
                "employer_orgnr": "312345676",
                "branch": "OSLO",
                "caseworker": "ola",
            },
            "ola",
            ("another employer", "branch OSLO", "from 2027-02-01"),
        ),
    ],
    "change_category": [
        (
            insured(),
            {"category": "student", "effective_on": "2027-02-01", "ends_on": "2028-06-15"},
            "member",
            ("category student until 2028-06-15", "from 2027-02-01"),
        ),
        (
            STUDENT,
            {"category": "ordinary", "effective_on": "2027-02-10", "caseworker": "ola"},
            "ola",
            ("category ordinary", "from 2027-02-10"),
        ),
    ],
    "report_pension": [
        (
            insured(),
            {"kind": "disability", "from_on": "2027-02-01", "working_percent": "40"},
            "member",
            ("pension disability beside 40 % work", "from 2027-02-01"),
        )
    ],
    "set_hidden": [
        (insured(), {"hidden": True, "effective_on": "2027-03-01"}, "member", ("hidden from",)),
        (
            received(),
            {"hidden": True, "effective_on": "2026-11-22", "caseworker": "ola"},
            "ola",
            ("is hidden",),
        ),
    ],
    "grant_leave": [
        (
            insured(),
            {"from_on": "2027-03-01", "until_on": "2027-06-30", "caseworker": "ola"},
            "ola",
            ("leave until 2027-06-30", "from 2027-03-01"),
        )
    ],
    "withdraw_change": [
        (
            answered(insured(), PERCENT, DAY),
            {"change": "change_employment", "effective_on": "2027-05-01"},
            "member",
            ("the member withdrew change_employment for 2027-05-01",),
        ),
        (
            LEAVING,
            {"change": "resign", "effective_on": "2027-02-10", "caseworker": "ola"},
            "ola",
            ("the caseworker withdrew resign for 2027-02-10",),
        ),
    ],
    "resign": [
        (
            insured(),
            {"received_on": "2027-02-10"},
            "member",
            ("the member resigned on 2027-02-10", "the last day is 2027-03-31"),
        )
    ],
    "report_arrears": [
        (
            insured(),
            {"as_of": "2027-02-10", "owed_ore": 198000, "owed_months": 4},
            "dues_run",
            ("arrears were counted on 2027-02-10", "struck_off"),
        )
    ],
    "record_death": [
        (
            received(),
            {"died_on": "2026-11-20", "caseworker": "ola"},
            "ola",
            ("died on 2026-11-20",),
        )
    ],
}
"""A record, what is sent to it, who is named as the sender, and what the line says."""

ELSEWHERE = {"reprice": "test_pricing", "reopen": "test_lingering", "end_duplicate": "test_merging"}
"""Messages whose lines need more than a record: where they are held."""


def test_every_message_is_here():
    """A message of the contract that the log may not tell the truth of is added to this table."""
    assert set(TOLD) | set(ELSEWHERE) >= set(MESSAGES)


@pytest.mark.parametrize(
    ("name", "row"), [(name, row) for name, rows in TOLD.items() for row in rows]
)
def test_the_line_says_who_and_what(name, row):
    """The sender, and what is another than before, by its name or its day; and nobody's data."""
    record, data, sender, said = row
    message = MESSAGES[name].model_validate_json(json.dumps(data))
    day = DAY if record.member_since is not None and record.log[-1].at.date() > TODAY else TODAY
    step = answer(record, message, moment(day))
    line = step.logged(moment(day).at).log[-1]
    assert line.decided_by == sender
    for words in said:
        assert words in line.says
    assert not [name for name in NAMES if name in f"{line.decided_by} {line.says}"]


def test_a_death_of_a_member():
    """Who reported it and the day stand in the log (M17)."""
    record = insured()
    data = {"died_on": "2027-02-08", "caseworker": "ola", "member_number": record.member_number}
    message = MESSAGES["record_death"].model_validate_json(json.dumps(data))
    step = answer(record, message, moment(DAY))
    assert step.decided_by == "ola"
    assert "the member died on 2027-02-08" in step.says
    assert "deceased" in step.says
