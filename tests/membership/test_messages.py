"""The messages: their examples, the way there and back, and what a wrong one is told."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from schemas.membership.messages import EXAMPLES, MESSAGES
from schemas.payments.kid import is_valid_kid
from schemas.shared.faults import faults_of
from schemas.shared.vocabulary import MessageName

GOLDEN: list[tuple[MessageName, dict[str, Any]]] = [
    (
        MessageName.DECIDE_APPLICATION,
        {
            "decision": "approve",
            "caseworker": "ola",
            "reason": "Alt i orden",
            "category": "ordinary",
            "branch": "OSLO",
        },
    ),
    (
        MessageName.DECIDE_APPLICATION,
        {"decision": "reject", "caseworker": "ola", "reason": "Linje 1\nLinje 2"},
    ),
    (
        MessageName.SUPPLY_INFORMATION,
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
    (MessageName.WITHDRAW_APPLICATION, {}),
    (MessageName.WITHDRAW_APPLICATION, {"reason": "Ombestemt meg"}),
    (MessageName.RECORD_INSURANCE_NOTICE, {"outcome": "bounced", "on": "2026-11-25"}),
    (MessageName.RESERVE_INSURANCE, {"received_on": "2026-12-01"}),
    (MessageName.ENROLL_INSURANCE, {"from_on": "2027-01-01"}),
    (
        MessageName.RECORD_PAYMENT,
        {"reference": "B-1", "amount_ore": 1, "paid_on": "2026-12-01", "kid": "12344"},
    ),
    (
        MessageName.ANSWER_PAYROLL_REQUEST,
        {"answer": "stopped", "first_period": "2027-01", "reason": "Sluttet"},
    ),
    (
        MessageName.CHANGE_EMPLOYMENT,
        {
            "effective_on": "2027-02-01",
            "employer_orgnr": "312345676",
            "employer_name": "Fjord Drift AS",
            "position_percent": "50.01",
            "branch": "BERGEN",
        },
    ),
    (MessageName.CHANGE_EMPLOYMENT, {"effective_on": "2027-02-01", "position_percent": "0"}),
    (
        MessageName.CHANGE_CATEGORY,
        {
            "category": "apprentice",
            "effective_on": "2027-08-15",
            "evidence": "Lærekontrakt",
            "ends_on": "2029-08-31",
        },
    ),
    (
        MessageName.REPORT_PENSION,
        {"kind": "old_age", "from_on": "2027-03-01", "working_percent": "40"},
    ),
    (
        MessageName.SET_HIDDEN,
        {"hidden": False, "effective_on": "2027-01-15", "consent": True, "branch": "OSLO"},
    ),
    (
        MessageName.GRANT_LEAVE,
        {
            "from_on": "2027-02-01",
            "until_on": "2027-02-01",
            "caseworker": "ola",
            "reason": "Permisjon",
        },
    ),
    (
        MessageName.WITHDRAW_CHANGE,
        {"change": "resign", "effective_on": "2027-01-10", "reason": "Blir likevel"},
    ),
    (MessageName.RESIGN, {"received_on": "2027-01-10", "reason": "Slutter"}),
    (
        MessageName.REPORT_ARREARS,
        {"as_of": "2027-05-01", "owed_ore": 198000, "owed_months": 4},
    ),
    (MessageName.RECORD_DEATH, {"died_on": "2027-01-10", "caseworker": "ola"}),
    (MessageName.REPRICE, {"rulebook": "0f" * 32}),
]


def faults(name: MessageName, text: str) -> list[str]:
    """Return what is wrong with a message; fail when nothing is."""
    with pytest.raises(ValidationError) as caught:
        MESSAGES[name].model_validate_json(text)
    return faults_of(caught.value)


def test_every_message_has_an_example():
    """Each name of the contract has a form and an example for the UI's dialogs."""
    assert set(MESSAGES) == set(EXAMPLES) == set(MessageName)


@pytest.mark.parametrize("name", MessageName)
def test_every_example_is_a_message(name):
    """What the dialogs show can be sent as it stands."""
    MESSAGES[name].model_validate_json(EXAMPLES[name])


def test_the_example_of_a_payment_has_a_possible_kid():
    """Somebody may copy it: its check digit is right (P1)."""
    assert is_valid_kid(json.loads(EXAMPLES[MessageName.RECORD_PAYMENT])["kid"])


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
            MessageName.DECIDE_APPLICATION,
            '{"decision":"godkjent","caseworker":"ola"}',
            ["decision: must be one of approve, reject, request_information"],
        ),
        (
            MessageName.DECIDE_APPLICATION,
            '{"decision":"approve"}',
            ["caseworker: is required"],
        ),
        (
            MessageName.DECIDE_APPLICATION,
            '{"decision":"reject","caseworker":"ola"}',
            ["reason is required when the decision is reject"],
        ),
        (
            MessageName.DECIDE_APPLICATION,
            '{"decision":"request_information","caseworker":"ola"}',
            ["reason is required when the decision is request_information"],
        ),
        (
            MessageName.DECIDE_APPLICATION,
            '{"decision":"approve","caseworker":"ola","category":"boss","note":1}',
            [
                (
                    "category: must be one of ordinary, student, apprentice, early_pensioner, "
                    "pensioner"
                ),
                "the message has a field that is not known",
            ],
        ),
        (MessageName.DECIDE_APPLICATION, "null", ["the message must be a JSON object"]),
        (MessageName.DECIDE_APPLICATION, '"approve"', ["the message must be a JSON object"]),
        (MessageName.DECIDE_APPLICATION, "{", ["the message is not valid JSON"]),
        (
            MessageName.SUPPLY_INFORMATION,
            '{"information":"x","applicant":{"email":"kari"}}',
            ["applicant.email: is not a valid e-mail address"],
        ),
        (
            MessageName.SUPPLY_INFORMATION,
            '{"information":"x","hidden":true}',
            ["hidden: is not a known field; send set_hidden"],
        ),
        (
            MessageName.RECORD_INSURANCE_NOTICE,
            '{"outcome":"lost","on":"i dag"}',
            ["outcome: must be one of delivered, bounced", "on: must be a date, YYYY-MM-DD"],
        ),
        (
            MessageName.RECORD_PAYMENT,
            '{"reference":"B-1","amount_ore":0,"paid_on":"2026-12-01"}',
            ["amount_ore: must be greater than 0"],
        ),
        (
            MessageName.RECORD_PAYMENT,
            '{"reference":"B-1","amount_ore":495.0,"paid_on":"2026-12-01","kid":"1"}',
            ["amount_ore: must be a whole number", "kid: must match ^[0-9]{2,25}$"],
        ),
        (
            MessageName.RECORD_PAYMENT,
            '{"reference":"B-1","amount_ore":100000000001,"paid_on":"2026-12-01"}',
            ["amount_ore: must be less than or equal to 100000000000"],
        ),
        (
            MessageName.ANSWER_PAYROLL_REQUEST,
            '{"answer":"accepted","first_period":"2027-13"}',
            ["first_period: must match ^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])$"],
        ),
        (
            MessageName.ANSWER_PAYROLL_REQUEST,
            '{"answer":"accepted","first_period":"20٢٧-01"}',
            ["first_period: must match ^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])$"],
        ),
        (
            MessageName.CHANGE_EMPLOYMENT,
            '{"effective_on":"2027-02-01"}',
            ["name what changes: employer_orgnr, employer_name, position_percent, branch"],
        ),
        (
            MessageName.CHANGE_EMPLOYMENT,
            '{"effective_on":"2027-02-01","position_percent":null}',
            ["name what changes: employer_orgnr, employer_name, position_percent, branch"],
        ),
        (
            MessageName.CHANGE_EMPLOYMENT,
            '{"effective_on":"2027-02-01","position_percent":"101","employer_orgnr":"974760674"}',
            [
                "employer_orgnr: is not a valid organisation number (9 digits, MOD11)",
                "position_percent: must be less than or equal to 100",
            ],
        ),
        (
            MessageName.CHANGE_CATEGORY,
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
            MessageName.REPORT_PENSION,
            '{"kind":"alder","from_on":"2027-03-01"}',
            ["kind: must be one of afp, disability, old_age"],
        ),
        (
            MessageName.SET_HIDDEN,
            '{"hidden":"ja"}',
            ["hidden: must be true or false", "effective_on: is required"],
        ),
        (
            MessageName.GRANT_LEAVE,
            '{"from_on":"2027-02-01","until_on":"2027-01-31","caseworker":"ola"}',
            ["until_on lies before from_on"],
        ),
        (
            MessageName.WITHDRAW_CHANGE,
            '{"change":"record_death","effective_on":"2027-01-10"}',
            [
                (
                    "change: must be one of change_employment, change_category, report_pension, "
                    "set_hidden, grant_leave, resign"
                )
            ],
        ),
        (MessageName.RESIGN, "{}", ["received_on: is required"]),
        (
            MessageName.REPORT_ARREARS,
            '{"as_of":"2027-05-01","owed_ore":0,"owed_months":-1}',
            [
                "owed_ore: must be greater than 0",
                "owed_months: must be greater than or equal to 0",
            ],
        ),
        (
            MessageName.RECORD_DEATH,
            '{"died_on":"2027-01-10"}',
            ["caseworker: is required"],
        ),
        (MessageName.REPRICE, "{}", ["rulebook: is required"]),
    ],
)
def test_what_a_wrong_message_is_told(name, sent, expected):
    """The field, and what would be right: a caseworker can act on it (invariant 5)."""
    assert faults(name, sent) == expected
