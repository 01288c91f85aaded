"""The truth of the log: for every message it says who sent it and what changed, and names nobody.

A line is what the page and ``explain`` show: who decided, and a sentence.
"""

import json
from datetime import date
from typing import Any

import pytest

from schemas.membership.corrections import (
    corrected,
    fields_changed,
    fields_in,
    in_words,
    patch_of,
    told_anew,
)
from schemas.membership.messages import MESSAGES
from schemas.membership.messages.review import ApplicantCorrection, SupplyInformation
from tests.builders import (
    MEMBER_NUMBER,
    PEOPLE,
    TODAY,
    answered,
    deadline_passed,
    member,
    moment,
    rates,
    received,
    rulebook,
    stand,
)
from tests.membership.decisions.lives import becomes, insured, owes, resigns, uninsured
from tests.pages import page_of
from workflows.membership.decisions.dispatch import answer
from workflows.membership.recording import decision_of

DAY = date(2027, 2, 10)
NAMES = ("Kari", "Nordmann", "Storgata", "kari@", "+47", "Eksempel", "974760673", "312345676")
"""Of the member and the employers; whoever reads the log knows whose it is."""

LEAVING = answered(insured(), resigns(DAY), DAY)
STRUCK_OFF = answered(uninsured(), owes(4, DAY), DAY).model_copy(update={"lingers": True})
OTHER = "membership-3f2b8c1e-5d64-4a7f-9e0b-6c1d2a3b4c5d"
DEARER = rulebook(rates=[rates("495"), rates("520", date(2027, 5, 1))]).model_copy(
    update={"version": "1" * 64}
)
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
    "request_erasure": [
        (member(), {"requested_by": "dpo"}, "dpo", ("erasure was asked for", "in the way")),
    ],
    "choose_payment": [
        (member(), {"by": "invoice"}, "member", ("pays what is not deducted by invoice",)),
        (member(), {"by": "avtalegiro"}, "member", ("by AvtaleGiro", "tells of the mandate")),
    ],
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
        ),
        (
            insured(),
            {"died_on": "2027-02-08", "caseworker": "ola"},
            "ola",
            ("a death is reported without the member number",),
        ),
        (
            insured(),
            {"died_on": "2027-02-08", "caseworker": "ola", "member_number": MEMBER_NUMBER},
            "ola",
            ("the member died on 2027-02-08", "ended: deceased"),
        ),
    ],
    "reopen": [
        (
            STRUCK_OFF,
            {"caseworker": "kari", "reason": "Betalte i tide"},
            "kari",
            ("the end (struck_off) was undone",),
        ),
        (
            LEAVING,
            {"caseworker": "kari", "reason": "Angret"},
            "kari",
            ("withdrew resign for 2027-02-10",),
        ),
    ],
    "end_duplicate": [
        (insured(), {"goes_on": OTHER, "caseworker": "ola"}, "ola", (f"goes on as {OTHER}",))
    ],
    "reprice": [
        (
            insured().model_copy(update={"rulebook": DEARER}),
            {"rulebook": "1" * 64},
            "repricing",
            ("new prices from 2027-05-01",),
        )
    ],
}
"""A record, what is sent to it, who is named as the sender, and what the line says."""


def test_every_message_is_here():
    """A message of the contract that the log may not tell the truth of is added to this table."""
    assert set(TOLD) == set(MESSAGES)


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
    assert (line.message, line.decided_by) == (name, sender)
    decision = decision_of(step, record, moment(day))
    assert (decision.message, decision.says) == (line.message, line.says), "as in the database"
    after, escaped = stand(step, moment(day)), sender.replace("_", r"\_")
    assert line.confidential or f"{escaped} by `{name}`" in page_of(after)
    for words in said:
        assert words in line.says
    assert not [name for name in NAMES if name in f"{line.decided_by} {line.says}"]


FIELDS = {
    "category": "ordinary",
    "employment": {"employer_orgnr": "312345676"},
    "other_employments": [{"employer_orgnr": "312345676", "position_percent": "20"}],
    "study": {"school": "NTNU", "ends_on": "2028-06-15"},
    "apprenticeship": {"ends_on": "2028-08-31"},
    "pension": {"kind": "afp", "from": "2026-12-01"},
    "transfer_from": {"union": "Fellesforbundet"},
    "additional_information": "Ring Kari",
}
PERSON = {
    "name": "Kari Berg",
    "birth_date": "1985-04-12",
    "national_id": "12848600014",
    "email": "ny@example.org",
    "phone": "+4798765432",
    "address": {"line1": "Gata 2", "postcode": "5003", "city": "Bergen"},
    "language": "nn",
}


def test_every_field_of_a_correction_is_here():
    """A field that may be corrected and that the log does not name is added to these."""
    assert set(FIELDS) == set(SupplyInformation.model_fields) - {"information", "applicant"}
    assert set(PERSON) == set(ApplicantCorrection.model_fields)


@pytest.mark.parametrize("field", [*FIELDS, *(f"applicant.{name}" for name in PERSON)])
def test_a_correction_names_its_field_and_no_value(field):
    """Each alone: its name, no other one's, and nothing that stands in it (invariant 8)."""
    person = field.removeprefix("applicant.")
    value = PERSON[person] if person != field else FIELDS[field]
    sent = {"applicant": {person: value}} if person != field else {field: value}
    sent = {"information": "Rettelse", **sent}
    message = SupplyInformation.model_validate_json(json.dumps(sent))
    form, patch = PEOPLE["student"], patch_of(message)
    changed = fields_changed(form, corrected(form, patch))
    says = told_anew(in_words(fields_in(patch)), patch, changed)
    assert says == f"the applicant supplied information: {field}"


def test_a_deadline_answers_no_message():
    """What happens by itself has nobody's name on it but the rule's (A33)."""
    line = deadline_passed(received()).log[-1]
    assert (line.message, line.decided_by) == (None, "rule")
