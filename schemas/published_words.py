"""The words of the published schemas: what each field means, and examples of whole documents."""

from typing import Any

from schemas.state import Explanation, MembershipState

_EMPLOYMENT = "Where the applicant works; leave it out for somebody who does not."
_ENDED = "The first day that no longer counts, or null while it is open."

ABOUT: dict[str, dict[str, str]] = {
    "Application": {
        "applicant": "The person who applies.",
        "category": "The kind of member applied for. A student gives `study`, an apprentice "
        "`apprenticeship`, a pensioner of either kind `pension`; nobody else does.",
        "employment": _EMPLOYMENT,
        "study": "For category student only.",
        "apprenticeship": "For category apprentice only.",
        "pension": "For categories early_pensioner (under 67) and pensioner (from 67) only.",
        "hidden": "The employer must never learn of the membership.",
        "insurance_reservation": "The applicant reserves against the insurance package at once.",
        "recruited_by": "Who recruited the applicant.",
        "additional_information": "For the caseworker.",
        "newsletter": "Whether the newsletter is wanted.",
        "consents": "What the applicant has agreed to.",
    },
    "Applicant": {
        "name": "Full name.",
        "birth_date": "A member is at least 15.",
        "national_id": "Fødselsnummer or D-number with valid check digits that agrees with the "
        "birth date; may follow later.",
        "email": "Where letters go.",
        "phone": "In E.164. A number without a country code is read as Norwegian.",
        "address": "Postal address.",
        "language": "Language of letters to the member.",
    },
    "ApplicantCorrection": {
        "name": "Full name.",
        "birth_date": "A member is at least 15.",
        "national_id": "Fødselsnummer or D-number with valid check digits that agrees with the "
        "birth date.",
        "email": "Where letters go.",
        "phone": "In E.164. A number without a country code is read as Norwegian.",
        "address": "Postal address.",
        "language": "Language of letters to the member.",
    },
    "Address": {
        "line1": "Street and number, or box.",
        "line2": "A second line.",
        "postcode": "Norwegian, four digits.",
        "city": "Post town.",
    },
    "Employment": {
        "employer_orgnr": "Organisation number with a valid check digit (MOD11). Without it dues "
        "are invoiced to the member.",
        "employer_name": "Name of the employer.",
        "position": "Job title.",
        "position_percent": "The sum over all employments, above 0, at most three decimals; best "
        "as text. 50 or less gives the right to half dues.",
    },
    "Study": {
        "school": "Name of the school.",
        "ends_on": "The day the studies end; not in the past.",
    },
    "Apprenticeship": {"ends_on": "The day the apprenticeship ends; not in the past."},
    "Pension": {
        "kind": "The pension that is drawn.",
        "from": "Since when; not in the future. AFP from 62 at the earliest.",
    },
    "Consents": {
        "terms": "The terms of membership; without them the application is invalid.",
        "tell_recruiter": "Whether the recruiter may learn of the approval.",
    },
    "DecideApplication": {
        "decision": "The decision.",
        "caseworker": "Who decides.",
        "reason": "Required unless approved; the applicant is told.",
        "category": "The category to approve. Required for applicants of 67 or more, students who "
        "work and pensioners who work.",
        "branch": "Code of the local branch; not for hidden members.",
    },
    "SupplyInformation": {
        "information": "The answer, for the caseworker.",
        "applicant": "Corrected fields; what is left out stays.",
        "category": "Replaces what was applied for.",
        "employment": "Replaces the employment.",
        "study": "Replaces the studies.",
        "apprenticeship": "Replaces the apprenticeship.",
        "pension": "Replaces the pension.",
        "additional_information": "Replaces what was added for the caseworker.",
    },
    "WithdrawApplication": {"reason": "Why, if the applicant says."},
    "RecordInsuranceNotice": {
        "outcome": "What became of the notice to the new member.",
        "on": "The day it was delivered or came back; not in the future.",
    },
    "ReserveInsurance": {"received_on": "The day the signed form came in; not in the future."},
    "EnrollInsurance": {"from_on": "The first day of cover."},
    "RecordPayment": {
        "reference": "The bank's own reference: sent twice, the money counts once.",
        "amount_ore": "In øre.",
        "paid_on": "The day it was paid; not in the future.",
        "kid": "The KID that came with it; without one the payment waits for a caseworker.",
    },
    "AnswerPayrollRequest": {
        "answer": "The employer's answer.",
        "first_period": "The first month that is deducted, YYYY-MM.",
        "reason": "Why not, if the employer says.",
    },
    "Answer": {
        "applied": "Always true: a message that is not applied is answered with an error.",
        "stage": "The stage after it.",
        "says": "What happened, in a sentence.",
    },
    "MembershipState": {
        "membership_id": "The workflow id.",
        "stage": "How far it has come.",
        "outcome": "How it ended; null while it goes on.",
        "category": "The kind of member; null when the application could not be read.",
        "hidden": "The employer must never learn of the membership.",
        "branch": "Code of the local branch.",
        "member_number": "Eight digits, from the approval on.",
        "member_since": "The day of approval.",
        "faults": "Every rule the application breaks, as `field: what is wrong`.",
        "possible_duplicates": "Others that may be the same person's.",
        "awaiting": "Whom it waits for.",
        "terms": "Who pays what: past, present and future.",
        "insurance": "The insurance track.",
        "first_invoice": "Null until it is issued, and for those who pay nothing.",
        "payroll": "The payroll deduction track.",
        "rejected_messages": "The latest 50 messages that were not applied.",
    },
    "PossibleDuplicate": {
        "membership_id": "The other workflow's id.",
        "certain": "Whether it is the same person beyond doubt.",
        "stage": "How far the other has come.",
        "member_number": "The other's, if it is a member.",
    },
    "Awaiting": {
        "role": "Who is waited for.",
        "what": "The name of the message that would answer.",
        "since": "Since when.",
        "deadline": "The last day; afterwards it goes on without. Null: no limit.",
    },
    "Term": {
        "kind": "What is charged for.",
        "amount_ore": "In øre, per cadence; 0 states that nothing is charged.",
        "cadence": "How often.",
        "payer": "Through whom.",
        "valid_from": "The first day it holds.",
        "valid_to": _ENDED,
    },
    "InsuranceState": {
        "status": "Where the insurance package stands.",
        "reservation_deadline": "The last day to reserve without paying; null until the notice is "
        "proved.",
        "covered_from": "The first day of cover.",
        "reserved_from": "The first day without cover.",
    },
    "InvoiceState": {
        "number": "Invoice number.",
        "kid": "What the payment must carry.",
        "total_ore": "In øre.",
        "paid_ore": "What has been paid of it, in øre.",
        "issued_on": "The day it was issued.",
        "due_on": "The last day to pay: a bank day.",
        "status": "What has been paid.",
        "lines": "What it charges for.",
    },
    "InvoiceLine": {"kind": "What is charged for.", "amount_ore": "In øre."},
    "PayrollState": {
        "status": "Where the payroll deduction stands.",
        "first_period": "The first month that is deducted, YYYY-MM.",
        "requested_on": "The day the employer was asked.",
    },
    "Rejected": {
        "name": "The name it was sent under.",
        "at": "When it came.",
        "reason": "Why it was not applied.",
    },
    "Explanation": {"lines": "Amounts first, then waits, then decisions in order of time."},
    "ExplanationLine": {
        "about": "A term's kind, `waiting`, or the event of a decision.",
        "says": "The fact, in a sentence.",
        "rules": "The rules it rests on.",
        "decided_by": "A caseworker, the sender of a message, or `rule`.",
        "at": "When.",
    },
}
"""What each field means, by model and field as it is called in JSON."""

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
                "rules": ["S1", "S2"],
                "decided_by": "ola",
                "at": "2026-11-22T10:00:00Z",
            }
        ]
    }
).model_dump(mode="json")
