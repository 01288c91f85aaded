"""The messages: their examples, the way there and back, and what a wrong one is told."""

import json
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from schemas.desk.languages import WORDINGS, Language
from schemas.membership import messages
from schemas.membership.messages import MESSAGES
from schemas.membership.messages.changes import EMPLOYMENT_FIELDS, Change
from schemas.shared.faults import faults_of
from schemas.shared.messages import Message
from tests.kids import is_valid_kid
from workflows.shared.inbox import description_of

GOLDEN: list[tuple[str, dict[str, Any]]] = [
    (
        "decide_application",
        {
            "decision": "approve",
            "caseworker": "ola",
            "reason": "Alt i orden",
            "category": "ordinary",
            "branch": "OSLO",
        },
    ),
    (
        "decide_application",
        {"decision": "reject", "caseworker": "ola", "reason": "Linje 1\nLinje 2"},
    ),
    (
        "supply_information",
        {
            "information": "Se vedlagt",
            "applicant": {"name": "Kari", "national_id": "12848600006", "phone": "+4791234567"},
            "category": "early_pensioner",
            "employment": {"employer_orgnr": "974760673", "position_percent": "50.01"},
            "study": {"school": "Fagskolen", "ends_on": "2028-06-15"},
            "apprenticeship": {"ends_on": "2028-08-31"},
            "pension": {"kind": "disability", "from": "2026-01-01"},
            "additional_information": "Mer",
        },
    ),
    ("withdraw_application", {}),
    ("withdraw_application", {"reason": "Ombestemt meg"}),
    ("record_insurance_notice", {"outcome": "bounced", "on": "2026-11-25"}),
    ("request_reservation_form", {}),
    ("reserve_insurance", {"received_on": "2026-12-01"}),
    ("enroll_insurance", {"from_on": "2027-01-01"}),
    (
        "record_payment",
        {"reference": "B-1", "amount_ore": 1, "paid_on": "2026-12-01", "kid": "12344"},
    ),
    ("choose_payment", {"by": "invoice"}),
    (
        "answer_payroll_request",
        {"answer": "stopped", "first_period": "2027-01", "reason": "Sluttet"},
    ),
    (
        "change_employment",
        {
            "effective_on": "2027-02-01",
            "employer_orgnr": "312345676",
            "employer_name": "Fjord Drift AS",
            "position_percent": "50.01",
            "branch": "BERGEN",
        },
    ),
    ("change_employment", {"effective_on": "2027-02-01", "position_percent": "0"}),
    (
        "change_category",
        {
            "category": "apprentice",
            "effective_on": "2027-08-15",
            "evidence": "Lærekontrakt",
            "ends_on": "2029-08-31",
        },
    ),
    (
        "report_pension",
        {"kind": "old_age", "from_on": "2027-03-01", "working_percent": "40"},
    ),
    (
        "set_hidden",
        {"hidden": False, "effective_on": "2027-01-15", "consent": True, "branch": "OSLO"},
    ),
    (
        "grant_leave",
        {
            "from_on": "2027-02-01",
            "until_on": "2027-02-01",
            "caseworker": "ola",
            "reason": "Permisjon",
        },
    ),
    (
        "withdraw_change",
        {"change": "resign", "effective_on": "2027-01-10", "reason": "Blir likevel"},
    ),
    ("resign", {"received_on": "2027-01-10", "reason": "Slutter"}),
    (
        "report_arrears",
        {"as_of": "2027-05-01", "owed_ore": 198000, "owed_months": 4},
    ),
    (
        "record_death",
        {"died_on": "2027-01-10", "caseworker": "ola", "member_number": "00012345"},
    ),
    ("request_erasure", {"requested_by": "dpo", "basis": "artikkel 17"}),
    ("reopen", {"caseworker": "ola", "reason": "Feil person"}),
    (
        "end_duplicate",
        {
            "goes_on": "membership-3f2b8c1e-5d64-4a7f-9e0b-6c1d2a3b4c5d",
            "caseworker": "ola",
            "quiet": True,
        },
    ),
    ("reprice", {"rulebook": "0f" * 32}),
]


def faults(name: str, text: str) -> list[str]:
    """Return what is wrong with a message; fail when nothing is."""
    with pytest.raises(ValidationError) as caught:
        MESSAGES[name].model_validate_json(text)
    return faults_of(caught.value)


def test_the_names_are_the_contracts():
    """A message is added on purpose, and none is renamed or lost."""
    assert list(MESSAGES) == list(dict(GOLDEN))


@pytest.mark.parametrize(("name", "message"), MESSAGES.items())
def test_a_message_is_one_card(name, message):
    """Its class is called as it is, and says in a sentence what it is for."""
    assert message.__name__ == "".join(part.capitalize() for part in name.split("_"))
    assert message.card.purpose.endswith(".")
    described = description_of(message, WORDINGS[Language.EN])
    assert described == f"{message.card.purpose} {message.card.advice}"


def test_no_message_is_forgotten():
    """Whatever is defined beside the others is listed with them."""
    here = {one for one in Message.__subclasses__() if one.__module__.startswith(messages.__name__)}
    assert set(MESSAGES.values()) == here


def test_what_letters_name_can_be_withdrawn():
    """A change ahead is told in a letter, and taken back by the name it was reported with."""
    named = [name for name, message in MESSAGES.items() if message.card.change]
    assert named == list(get_args(Change))


def test_the_page_names_no_hiding():
    """What it may call a change: never that somebody hides (R1)."""
    named = {name for name, message in MESSAGES.items() if message.card.on_page}
    assert named == {"change_employment", "change_category", "report_pension", "grant_leave"}


@pytest.mark.parametrize("name", MESSAGES)
def test_every_example_is_a_message(name):
    """What the dialogs show can be sent as it stands."""
    MESSAGES[name].model_validate_json(MESSAGES[name].card.example)


def test_the_example_of_a_payment_has_a_possible_kid():
    """Somebody may copy it: its check digit is right (P1)."""
    assert is_valid_kid(json.loads(MESSAGES["record_payment"].card.example)["kid"])


@pytest.mark.parametrize(("name", "sent"), GOLDEN)
def test_messages_survive_the_journey(name, sent):
    """Dumped by alias they are the JSON that was sent, and parse equal."""
    message = MESSAGES[name].model_validate_json(json.dumps(sent))
    assert json.loads(message.model_dump_json(by_alias=True, exclude_unset=True)) == sent
    assert MESSAGES[name].model_validate_json(message.model_dump_json()) == message


@pytest.mark.parametrize(
    ("name", "sent", "expected"),
    [
        (
            "decide_application",
            '{"decision":"godkjent","caseworker":"ola"}',
            ["decision: must be one of approve, reject, request_information"],
        ),
        (
            "decide_application",
            '{"decision":"approve"}',
            ["caseworker: is required"],
        ),
        (
            "decide_application",
            '{"decision":"reject","caseworker":"ola"}',
            ["reason is required when the decision is reject"],
        ),
        (
            "decide_application",
            '{"decision":"request_information","caseworker":"ola"}',
            ["reason is required when the decision is request_information"],
        ),
        (
            "decide_application",
            '{"decision":"approve","caseworker":"ola","category":"boss","note":1}',
            [
                (
                    "category: must be one of ordinary, student, apprentice, early_pensioner, "
                    "pensioner"
                ),
                "the message has a field that is not known",
            ],
        ),
        ("decide_application", "null", ["the message must be a JSON object"]),
        ("decide_application", '"approve"', ["the message must be a JSON object"]),
        ("decide_application", "{", ["the message is not valid JSON"]),
        (
            "supply_information",
            '{"information":"x","applicant":{"email":"kari"}}',
            ["applicant.email: is not a valid e-mail address"],
        ),
        (
            "supply_information",
            '{"information":"x","hidden":true}',
            ["hidden: is not a known field; send set_hidden"],
        ),
        (
            "record_insurance_notice",
            '{"outcome":"lost","on":"i dag"}',
            ["outcome: must be one of delivered, bounced", "on: must be a date, YYYY-MM-DD"],
        ),
        (
            "record_payment",
            '{"reference":"B-1","amount_ore":0,"paid_on":"2026-12-01"}',
            ["amount_ore: must be greater than 0"],
        ),
        (
            "record_payment",
            '{"reference":"B-1","amount_ore":495.0,"paid_on":"2026-12-01","kid":"1"}',
            ["amount_ore: must be a whole number", "kid: must match ^[0-9]{2,25}$"],
        ),
        (
            "record_payment",
            '{"reference":"B-1","amount_ore":100000000001,"paid_on":"2026-12-01"}',
            ["amount_ore: must be less than or equal to 100000000000"],
        ),
        (
            "answer_payroll_request",
            '{"answer":"accepted","first_period":"2027-13"}',
            ["first_period: must match ^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])$"],
        ),
        (
            "answer_payroll_request",
            '{"answer":"accepted","first_period":"20٢٧-01"}',
            ["first_period: must match ^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])$"],
        ),
        (
            "change_employment",
            '{"effective_on":"2027-02-01"}',
            [
                f"name what changes: {', '.join(EMPLOYMENT_FIELDS)}",
            ],
        ),
        (
            "change_employment",
            '{"effective_on":"2027-02-01","position_percent":null}',
            [
                f"name what changes: {', '.join(EMPLOYMENT_FIELDS)}",
            ],
        ),
        (
            "change_employment",
            '{"effective_on":"2027-02-01","position_percent":"101","employer_orgnr":"974760674"}',
            [
                "employer_orgnr: is not a valid organisation number (9 digits, MOD11)",
                "position_percent: must be less than or equal to 100",
            ],
        ),
        (
            "change_category",
            '{"category":"member","effective_on":"snart"}',
            [
                (
                    "category: must be one of ordinary, student, apprentice, early_pensioner, "
                    "pensioner"
                ),
                "effective_on: must be a date, YYYY-MM-DD",
            ],
        ),
        (
            "report_pension",
            '{"kind":"alder","from_on":"2027-03-01"}',
            ["kind: must be one of afp, disability, old_age"],
        ),
        (
            "set_hidden",
            '{"hidden":"ja"}',
            ["hidden: must be true or false", "effective_on: is required"],
        ),
        (
            "grant_leave",
            '{"from_on":"2027-02-01","until_on":"2027-01-31","caseworker":"ola"}',
            ["until_on lies before from_on"],
        ),
        (
            "withdraw_change",
            '{"change":"record_death","effective_on":"2027-01-10"}',
            [
                (
                    "change: must be one of change_employment, change_category, report_pension, "
                    "set_hidden, grant_leave, resign"
                )
            ],
        ),
        ("resign", "{}", ["received_on: is required"]),
        (
            "report_arrears",
            '{"as_of":"2027-05-01","owed_ore":0,"owed_months":-1}',
            [
                "owed_ore: must be greater than 0",
                "owed_months: must be greater than or equal to 0",
            ],
        ),
        (
            "record_death",
            '{"died_on":"2027-01-10"}',
            ["caseworker: is required"],
        ),
        ("reopen", "{}", ["caseworker: is required", "reason: is required"]),
        ("reprice", "{}", ["rulebook: is required"]),
    ],
)
def test_what_a_wrong_message_is_told(name, sent, expected):
    """The field, and what would be right: a caseworker can act on it (invariant 5)."""
    assert faults(name, sent) == expected
