"""The words of the published schemas: what each field means, and examples of whole documents."""

from typing import Any

from schemas.membership.state import Explanation, Forecast, MembershipState

_EMPLOYMENT = "Where the applicant works; leave it out for somebody who does not."
_FROM = "The first day it is true, in the past or up to five years ahead."
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
    "ChangeEmployment": {
        "effective_on": _FROM,
        "employer_orgnr": "Organisation number of the new employer, with a valid check digit "
        "(MOD11). The former one is told to stop deducting before this one is asked to begin.",
        "employer_name": "Name of the new employer.",
        "position_percent": "The new sum over all employments, 0 to 100, at most three decimals; "
        "best as text. 50 or less gives the right to half dues, 0 is no work at all.",
        "branch": "Code of the new local branch.",
    },
    "ChangeCategory": {
        "category": "The new category. Under 67 nobody is a pensioner, from 67 on nobody an "
        "early_pensioner.",
        "effective_on": _FROM,
        "evidence": "What it rests on, such as a trade certificate.",
        "ends_on": "The last day of the study or the apprenticeship; for these two only.",
    },
    "ReportPension": {
        "kind": "The pension that is drawn.",
        "from_on": "The first day of the pension. AFP from 62 at the earliest.",
        "working_percent": "What is still worked beside it, 0 to 100, at most three decimals; "
        "left out or 0: all work ends. Who works pays as somebody who works.",
    },
    "SetHidden": {
        "hidden": "True: the employer must never learn of the membership; false lifts that.",
        "effective_on": _FROM + " The flag is set once those who know have been told to stop.",
        "consent": "The member has said that employer and branch may know. Required as true to "
        "lift it.",
        "branch": "Code of the local branch, for when it is not hidden.",
    },
    "GrantLeave": {
        "from_on": "The first day of the leave.",
        "until_on": "Its last day; not before the first. Sent again with the same first day, it "
        "replaces the last day.",
        "caseworker": "Who grants it.",
        "reason": "Why, for the log.",
    },
    "WithdrawChange": {
        "change": "The message that reported what is taken back.",
        "effective_on": "The date that message named: `effective_on`, `from_on` or, of a "
        "resignation, `received_on`. What has taken effect can't be taken back.",
        "reason": "Why, if the member says.",
    },
    "Resign": {
        "received_on": "The day the resignation came in, in writing; not in the future. The "
        "membership ends with the following month.",
        "reason": "Why, if the member says.",
    },
    "ReportArrears": {
        "as_of": "The day it was counted; not in the future.",
        "owed_ore": "What is owed, in øre.",
        "owed_months": "How many months are owed; more than the policy allows (3) strike off.",
    },
    "RecordDeath": {
        "died_on": "The day of death; not in the future.",
        "caseworker": "Who records it.",
    },
    "Reprice": {
        "rulebook": "The version of the rulebook with the new prices; one that is known already "
        "changes nothing.",
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
        "awaiting": "Whom it waits for.",
        "terms": "Who pays what: past, present and future.",
        "insurance": "The insurance track.",
        "first_invoice": "Null until it is issued, and for those who pay nothing.",
        "payroll": "The payroll deduction track.",
        "upcoming": "Changes that are recorded but not in effect yet, in the order they become "
        "true.",
        "leaves_on": "The last day of the membership, once its end is known.",
        "on_leave_until": "The last day of the leave the member is on.",
        "questions": "What the member has been asked, of each kind the latest.",
        "rejected_messages": "The latest 50 messages that were not applied.",
    },
    "Upcoming": {
        "kind": "The message that reported it.",
        "effective_on": "The first day it is true.",
        "until_on": "The last day of a leave.",
        "recorded_on": "The day it was reported.",
        "decided_by": "Who reported or granted it.",
    },
    "Question": {
        "about": "What it was about: pension (going on past 67), study (its end comes near), "
        "study_over (it has ended), student (the yearly check).",
        "at": "When the question was asked.",
    },
    "Awaiting": {
        "role": "Who is waited for.",
        "what": "The name of the message that would answer.",
        "since": "Since when.",
        "deadline": "The last day; afterwards it goes on without. Null: no limit.",
    },
    "TermState": {
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
        "confidential": "It has to do with hiding: show it to nobody who need not know.",
    },
    "Explanation": {"lines": "Amounts first, then waits, then decisions in order of time."},
    "ExplanationLine": {
        "about": "A term's kind, `waiting`, or the event of a decision.",
        "says": "What is so, in a sentence.",
        "rules": "The rules it rests on.",
        "decided_by": "A caseworker, the sender of a message, or `rule`.",
        "at": "Of a decision when it was made, of a wait since when, of an amount the first "
        "moment of the day on which the fact behind it was recorded.",
        "until": "Of a wait the last day for an answer.",
        "because": "Of an amount the facts without which it would be another.",
        "confidential": "It has to do with hiding: show it to nobody who need not know.",
    },
    "Cause": {
        "fact": "approval, birthday, price, policy, insurance, or the message that reported it.",
        "says": "The fact, in a few words.",
        "effective_on": "The first day it is true.",
        "recorded_on": "The day it was recorded; null where nobody had to tell.",
        "decided_by": "Who reported or decided it; `rule` and `rulebook` are nobody.",
    },
    "Forecast": {
        "membership_id": "The workflow id.",
        "as_of": "The day from which it looks ahead: the last on which the membership woke.",
        "until": "The first day it no longer covers: the 80th birthday, at least five years "
        "ahead. Null where there is nothing to foresee.",
        "stage": "How far it has come now.",
        "category": "The kind of member now.",
        "assumes": "What it takes for granted.",
        "steps": "What happens by itself, in order of time.",
        "dues": "What is charged, by kind and in order of time.",
        "cover": "The coverages of the insurance package.",
        "awaiting": "Who is waited for still when all that has happened.",
        "note": "Why there is nothing more to foresee, in a sentence.",
    },
    "ForecastStep": {
        "on": "The day.",
        "age": "The member's age on that day.",
        "event": "What a decision in the log will call it.",
        "says": "What happens, in a sentence.",
        "rules": "The rules it rests on.",
        "stage": "The stage after it.",
        "outcome": "How it ended; null while it goes on.",
        "category": "The kind of member after it.",
        "insurance": "Where the insurance package stands after it.",
        "payroll": "Where the payroll deduction stands after it.",
        "letters": "The letters it orders.",
    },
    "ForecastLetter": {
        "audience": "Who it is for.",
        "template": "Which letter.",
        "forwarded": "By way of the caseworkers, who decide its words.",
    },
    "ForecastDues": {
        "kind": "What is charged for.",
        "amount_ore": "In øre, per cadence; 0 states that nothing is charged.",
        "cadence": "How often.",
        "a_year_ore": "The same for twelve months, in øre.",
        "payer": "Through whom.",
        "valid_from": "The first day it holds, not before the forecast begins.",
        "valid_to": "The first day it no longer holds, or that the forecast no longer covers.",
        "rules": "The rules that set the amount.",
    },
    "ForecastCover": {
        "coverage": "Its name.",
        "valid_from": "The first day of cover, perhaps in the past.",
        "valid_to": "The first day without it.",
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
