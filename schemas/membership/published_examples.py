"""Examples of whole documents in the published schemas; those of messages stand on their cards."""

from typing import Any

from schemas.membership.forecast import Forecast
from schemas.membership.state import Explanation, MembershipState

EXAMPLE_APPLICATION: dict[str, Any] = {
    "applicant": {
        "name": "Kari Nordmann",
        "birth_date": "1986-04-12",
        "national_id": None,
        "email": "kari@example.org",
        "phone": "+4791234567",
        "address": {"line1": "Storgata 1", "postcode": "0155", "city": "Oslo"},
        "language": "nb",
    },
    "category": "ordinary",
    "employment": {
        "employer_orgnr": "974760673",
        "employer_name": "Eksempel AS",
        "position": "Formann",
        "position_percent": "100",
    },
    "hidden": False,
    "insurance_reservation": False,
    "recruited_by": None,
    "additional_information": None,
    "newsletter": False,
    "consents": {"terms": True, "tell_recruiter": False},
}

EXAMPLE_STATE: dict[str, Any] = MembershipState.model_validate(
    {
        "membership_id": "membership-0d9c2f6e-6f0a-4c11-9f0b-4e9a54b3a0c1",
        "stage": "onboarding",
        "category": "ordinary",
        "member_number": "00012345",
        "member_since": "2026-11-22",
        "awaiting": [
            {
                "role": "employer",
                "what": "answer_payroll_request",
                "since": "2026-11-22T10:00:00Z",
                "deadline": "2026-12-22",
            }
        ],
        "terms": [
            {
                "kind": "central_dues",
                "amount_ore": 49500,
                "cadence": "monthly",
                "payer": "direct",
                "valid_from": "2026-11-01",
            }
        ],
        "insurance": {"status": "window_open", "reservation_deadline": "2026-12-22"},
        "first_invoice": {
            "number": "00012345-1",
            "kid": "1000123450000011",
            "total_ore": 49500,
            "issued_on": "2026-11-22",
            "due_on": "2026-12-07",
            "status": "issued",
            "lines": [{"kind": "central_dues", "amount_ore": 49500}],
        },
        "payroll": {"status": "requested", "requested_on": "2026-11-22"},
        "rejected_messages": [
            {
                "name": "decide_application",
                "at": "2026-11-22T09:58:00Z",
                "reason": "decision: must be one of approve, reject, request_information",
            }
        ],
    }
).model_dump(mode="json")

EXAMPLE_EXPLANATION: dict[str, Any] = Explanation.model_validate(
    {
        "lines": [
            {
                "about": "central_dues",
                "says": "495.00 kr a month from 2026-11-01, paid directly",
                "rules": ["S1", "S2", "S5", "S22", "S26", "A19"],
                "decided_by": "ola",
                "at": "2026-11-21T23:00:00Z",
                "because": [
                    {
                        "fact": "approval",
                        "says": "approved as ordinary",
                        "effective_on": "2026-11-22",
                        "recorded_on": "2026-11-22",
                        "decided_by": "ola",
                    }
                ],
            },
            {
                "about": "waiting",
                "says": "for the employer to send answer_payroll_request, until 2026-12-22",
                "rules": ["A20", "A34"],
                "decided_by": "rule",
                "at": "2026-11-22T10:00:00Z",
                "until": "2026-12-22",
            },
        ]
    }
).model_dump(mode="json")

EXAMPLE_FORECAST: dict[str, Any] = Forecast.model_validate(
    {
        "membership_id": "membership-0d9c2f6e-6f0a-4c11-9f0b-4e9a54b3a0c1",
        "as_of": "2027-01-10",
        "until": "2066-04-12",
        "stage": "active",
        "category": "ordinary",
        "assumes": "Nobody else does anything.",
        "steps": [
            {
                "on": "2053-01-12",
                "age": 66,
                "event": "pension_question_asked",
                "says": "asked about work and pension before turning 67",
                "rules": ["A14", "S22", "S23"],
                "stage": "active",
                "category": "ordinary",
                "insurance": "covered",
                "payroll": "active",
                "letters": [{"audience": "member", "template": "pension_question"}],
            }
        ],
        "dues": [
            {
                "kind": "central_dues",
                "amount_ore": 49500,
                "cadence": "monthly",
                "a_year_ore": 594000,
                "payer": "payroll",
                "valid_from": "2027-01-10",
                "valid_to": "2066-04-12",
                "rules": ["S1", "S2", "S5", "S22"],
            }
        ],
        "cover": [{"coverage": "disability", "valid_from": "2026-12-23", "valid_to": "2046-04-12"}],
    }
).model_dump(mode="json")
