"""Every letter, in each form that its figures and its circumstances give it."""

from dataclasses import replace
from datetime import date
from typing import Any, Final

from activities.letters.cases import Contact, MergeFacts
from activities.letters.payroll_channel import Channel
from activities.letters.payroll_notice import CODES
from activities.letters.settings import Organisation
from schemas.shared.vocabulary import Audience, Template
from tests.letters.making import AUDIENCES, CHANGED, ENDED_COVERAGES, FIGURES, TERMS, WELCOME
from tests.letters.test_billing import CORRECTED, CREDIT, REDIRECTED
from tests.letters.test_invoice import INVOICE
from tests.letters.test_templates import GOES_ON, MEMBER

PREMIUM: Final = {
    "kind": "insurance_premium",
    "amount_ore": 20000,
    "cadence": "monthly",
    "valid_from": "2027-01-01",
}
YEARLY: Final = {**TERMS[0], "amount_ore": 60000, "cadence": "yearly"}
FREE: Final = {**TERMS[0], "amount_ore": 0}

KNOWN_UNION: Final = Organisation(
    phone="22 54 51 50",
    statutes_url="https://union.example/vedtekter",
    privacy_url="https://union.example/personvern",
    insurance_url="https://union.example/forsikring",
)
INSURED: Final = replace(KNOWN_UNION, insurer="Forsikringsselskapet AS")


def _without(template: Template, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in FIGURES[template].items() if name not in names}


FORMS: Final[dict[Template, tuple[dict[str, Any], ...]]] = {
    Template.APPLICATION_REJECTED: ({"reason": None},),
    Template.WELCOME: (
        {"ended_kept_years": 0},
        {"benefits": [], "help": WELCOME["help"], "asks_employer": False},
        {"benefits": [{"name": "branch"}, {"name": "legal_help"}]},
        {"hidden": True, "insurance": "reserved"},
        {"category": "student", "insurance": "not_applicable", "terms": [YEARLY]},
        {"category": "apprentice", "insurance": "not_applicable", "terms": [FREE]},
        {"category": "apprentice", "insurance": "covered", "terms": [FREE, PREMIUM]},
        {"insurance": "not_applicable", "guardian_needed": True},
        {"premium_ore": 20000, "terms": [*TERMS, PREMIUM]},
        {"insurance": "covered", "paid_months_before": 36, **GOES_ON},
        {"insurance": "reserved", "paid_months_before": None},
        {"category": "early_pensioner", "asks_employer": False, "notice_months": 2},
        {"category": "pensioner", "insurance": "not_applicable", "terms": [YEARLY]},
        {"coverages": [{"name": "life"}], "asks_employer": False, "notice_months": 0},
    ),
    Template.INSURANCE_WINDOW: ({"coverages": [{"name": "life"}, {"name": "critical_illness"}]},),
    Template.RESERVATION_FORM: ({"deadline": None}, {"deadline": None, "window_open": False}),
    Template.COVER_BEGINS: ({"premium_from": None}, {"coverages": [{"name": "life"}]}),
    Template.COVERAGE_ENDED: ({"left": []},),
    Template.DEDUCTION_NOT_POSSIBLE: (
        {"answer": "stopped"},
        {"answer": "unanswered", "reason": None},
        *({"answer": answer, "nav": True} for answer in ("refused", "stopped", "unanswered")),
    ),
    Template.DEDUCTION_BEGINS: ({"nav": True},),
    Template.CHANGE_NOTED: tuple(
        {"change": change}
        for change in ("change_category", "report_pension", "set_hidden", "grant_leave", "resign")
    ),
    Template.CHANGE_WITHDRAWN: ({"change": "resign"}, {"terms": []}),
    Template.DUES_CHANGED: (
        {"terms": []},
        {"terms": [YEARLY]},
        *({"reason": reason} for reason in ("prices", "branch", "cover_ended", "details")),
        *({"later": later, "later_from": "2027-04-01"} for later in ([YEARLY], [])),
        {"before": []},
    ),
    Template.CATEGORY_CHANGED: (
        {"category": "pensioner", "was": "early_pensioner"},
        {"category": "apprentice", "was": "ordinary", "opts_in": True},
        {"benefits": []},
    ),
    Template.PENSION_REPORTED: (
        {"category": "ordinary"},
        {"category": "student"},
        {"covered": False},
        {"deducted": False},
        {"category": "pensioner", "covered": False},
    ),
    Template.RETIREMENT_AGE: (
        {"was": "pensioner"},
        {"category": "ordinary", "was": "ordinary"},
        {"category": "ordinary", "was": "ordinary", "half_past_67": True},
    ),
    Template.PENSION_QUESTION: ({"half_past_67": True},),
    Template.STUDY_QUESTION: ({"category": "apprentice"},),
    Template.STUDY_OVER: ({"category": "apprentice"},),
    Template.HIDDEN_ON: ({"terms": []},),
    Template.HIDDEN_OFF: ({"may_deduct": False},),
    Template.STUDENT_CHECK: ({"ends_on": None},),
    Template.EMPLOYMENT_QUESTION: ({"about": "pension"},),
    Template.WORK_QUESTION: ({"about": "employer_number"}, {"about": "no_work"}),
    Template.LEAVE_GRANTED: (
        {"terms": []},
        {"terms": [PREMIUM]},
        {"waiver": "unemployed", "terms": [PREMIUM]},
        {"waiver": "laid_off"},
        {"waiver": "benefits", "reduced": True, "terms": [*TERMS, PREMIUM], "nav": True},
        *(
            {"waiver": waiver, "reduced": True, "terms": [*TERMS, PREMIUM]}
            for waiver in ("unemployed", "laid_off", "unpaid_leave", "benefits")
        ),
    ),
    Template.LEAVE_ENDED: ({"waiver": "unemployed"}, {"asks": "nobody"}),
    Template.PAYMENT_CHOSEN: ({"kid": None}, {"by": "invoice", "deducted": True}),
    Template.DIRECT_DEBIT_RETURNED: ({"reason": "not_claimed"}, {"reason": "cancelled"}),
    Template.MEMBERSHIP_REOPENED: (
        {"outcome": "resigned", "asks": "nobody"},
        {"outcome": "duplicate"},
        {"asks": "nav"},
    ),
    Template.MEMBERSHIPS_MERGED: ({"quiet": True}, {"stops": False}),
    Template.TAX_STATEMENT: (
        {"version": 1, "cap_confirmed": True, "reported_ore": 0, "unreported": "no_national_id"},
        {"reported_ore": 0, "unreported": "objection"},
        # A student's 300.00 of a year, or 300.00 before the first three months of work.
        {
            "paid_ore": 30000,
            "direct_ore": 30000,
            "working_ore": 0,
            "deductible_ore": 0,
            "reported_ore": 0,
            "unreported": "no_deduction",
        },
        {
            "paid_ore": 178500,
            "direct_ore": 178500,
            "working_ore": 148500,
            "months": 3,
            "cap_ore": 206250,
            "deductible_ore": 148500,
            "reported_ore": 148500,
        },
        # All of it was deducted: the union reports nothing.
        {"direct_ore": 0, "reported_ore": 0},
        # Paid less than the highest deduction there is.
        {"cap_ore": 900000, "deductible_ore": 894000},
    ),
}
"""What else than ``FIGURES`` a letter is written from, where that changes its words."""

OLDER: Final[dict[Template, tuple[tuple[str, ...], ...]]] = {
    Template.WELCOME: (
        ("half_ore", "full_ore", "half_percent"),
        ("half_back_months",),
        ("help", "notice_months", "asks_employer", "coverages"),
    ),
    Template.DUES_CHANGED: (("reason", "before"),),
    Template.CATEGORY_CHANGED: (("from_on", "before"),),
    Template.PENSION_REPORTED: (("from_on", "before", "deducted", "covered"),),
    Template.PENSION_QUESTION: (("pensioner_ore",),),
    Template.STUDY_QUESTION: (("full_ore", "half_ore", "half_percent"), ("half_ore",)),
    Template.STUDY_OVER: (("full_ore", "half_ore", "half_percent"), ("half_ore",)),
    Template.HIDDEN_OFF: (("may_deduct",),),
    Template.LEAVE_GRANTED: (("from_on", "waiver", "reduced", "resumes", "resumes_from"),),
    Template.LEAVE_ENDED: (("last_on", "waiver", "asks", "before"),),
    Template.MEMBERSHIP_REOPENED: (("asks",),),
}
"""Figures that letters ordered before a release do not have, and may still be sent without."""

_REST: Final = _without(Template.LEAVE_ENDED, ("last_on", "waiver"))
_EASED: Final = _without(Template.LEAVE_GRANTED, ("from_on", "waiver"))
_REPORTED: Final = _without(Template.PENSION_REPORTED, ("from_on", "category"))

MONEY: Final[dict[Template, tuple[dict[str, Any], ...]]] = {
    **{
        template: ({"balance_ore": 123450}, {"balance_ore": -98700})
        for template in (
            Template.RESIGNATION,
            Template.STRUCK_OFF,
            Template.MEMBERSHIP_REOPENED,
        )
    },
    Template.PAYMENT_PLAN_BROKEN: (
        {"balance_ore": 123450},
        {"balance_ore": -98700},
        {"balance_ore": 123450, "figures": {}},
    ),
    Template.LEAVE_ENDED: ({"figures": {"waiver": "unemployed", **_REST}},),
    Template.LEAVE_GRANTED: ({"figures": {"waiver": "unemployed", **_EASED}},),
    Template.PENSION_REPORTED: ({"figures": {"category": "student", **_REPORTED}},),
    Template.RETIREMENT_AGE: (
        {"figures": {"category": "ordinary", "was": "ordinary", **CHANGED}},
        {
            "figures": {
                "category": "ordinary",
                "was": "ordinary",
                "pensioner_ore": 60000,
                **CHANGED,
            }
        },
    ),
    Template.FIRST_INVOICE: tuple(
        {"invoice": each}
        for each in (
            INVOICE,
            replace(INVOICE, debited_on=INVOICE.due_on),
            replace(INVOICE, offers_mandate=True),
        )
    ),
    Template.MEMBERSHIPS_MERGED: (
        {"balance_ore": 123450},
        {"balance_ore": -98700, "merge": MergeFacts("00000017")},
        {"balance_ore": 123450, "merge": MergeFacts("00000017")},
    ),
    Template.STRUCK_OFF_WARNING: ({"balance_ore": 247500, "overdue": (INVOICE, INVOICE)},),
    Template.OVERPAYMENT: (
        {"balance_ore": -98700},
        {"balance_ore": -98700, "figures": {"settlement": 1, "answer_by": "2027-01-21"}},
        {"balance_ore": -98700, "figures": {"settlement": 1}},
    ),
    Template.WELCOME: (
        {"reserve_by": None},
        {"reserve_over": True},
        {"tax_cap": None},
        {"union": KNOWN_UNION},
        {"union": INSURED},
        {"union": Organisation(insurer="Forsikringsselskapet AS")},
        {
            "figures": {**WELCOME, "insurance": "covered", "paid_months_before": 36, **GOES_ON},
            "member": {**MEMBER, "transferred_from": "Forbundet for andre"},
        },
    ),
    Template.INSURANCE_WINDOW: (
        {"reserve_by": None},
        {"reserve_over": True},
        {"union": KNOWN_UNION},
        {"union": INSURED},
        {"union": Organisation(insurer="Forsikringsselskapet AS")},
    ),
    Template.DUES_INVOICE: tuple(
        {"invoice": each}
        for each in (
            INVOICE,
            CORRECTED,
            CREDIT,
            replace(CREDIT, paid_out=True),
            REDIRECTED,
            replace(INVOICE, open_ore=0),
            replace(INVOICE, open_ore=64000),
            replace(INVOICE, debited_on=INVOICE.due_on),
            replace(INVOICE, offers_mandate=True),
        )
    ),
}
"""What else is known of money, and of deadlines."""

VARIANTS: Final[tuple[tuple[Template, dict[str, Any]], ...]] = tuple(
    (template, changes)
    for template in Template
    if AUDIENCES[template] is Audience.MEMBER
    for changes in (
        {},
        *({"figures": {**FIGURES[template], **form}} for form in FORMS.get(template, ())),
        *({"figures": _without(template, names)} for names in OLDER.get(template, ())),
        *MONEY.get(template, ()),
    )
)
"""A letter, and what it is written from that differs from the usual."""

EMPLOYER: Final = Contact("974760673", "Eksempel AS", None)
AGREED: Final = replace(EMPLOYER, agreed_on=date(2024, 4, 1), folder="974760673")
NAMELESS: Final = Contact("974760673", None, "lonn@employer.example")
UNREACHED: Final = {**MEMBER, "email": None, "phone": None, "address": ()}

_WAYS: Final[tuple[dict[str, Any], ...]] = (
    *({"channel": channel} for channel in Channel),
    {"forward": True},
    {"forward": True, "employer": replace(NAMELESS, email=None)},
    {"forward": True, "employer": AGREED},
    {"employer": replace(AGREED, agreement="collective")},
    {
        "employer": replace(AGREED, agreement="deduction"),
        "answer_by": date(2026, 12, 6),
        "consented_on": date(2026, 11, 22),
    },
    {"own_words": True, "forward": True},
    {"own_words": True, "forward": True, "employer": NAMELESS},
)
_REACHED: Final[tuple[dict[str, Any], ...]] = ({}, {"forward": True}, {"member": UNREACHED})
_TASKS: Final = """
review review_reminder review_escalation information_requested information_supplied letter_bounced
payment_in_suspense insurance_notice_bounced application_invalid application_ended employer_changed
no_work employer_number waiver_ends study_over apprenticeship_over struck_off estate death_reported
second_person application_duplicate merged correction_set_aside decision_postponed
told_late
"""
_OF_OTHERS: Final[dict[Template, tuple[dict[str, Any], ...]]] = {
    Template.DEDUCTION_LIST: (
        {"folder": True},
        {"about": "reminder"},
        {"about": "change"},
    ),
    Template.INSURANCE_NEW_MEMBER: ({"guardian_needed": True}, {**GOES_ON}),
    Template.INSURANCE_STATUS: (
        *({"status": status} for status in ("reserved", "ended", "pension", "window_open")),
        {"status": "pension", "reserved": True},
        {"status": "coverage_ended", **ENDED_COVERAGES},
        {"status": "coverage_ended", **ENDED_COVERAGES, "left": []},
    ),
    Template.CASEWORKER_TASK: (
        *({"task": task} for task in _TASKS.split()),
        *({"task": "estate", "funeral": funeral} for funeral in (True, False)),
    ),
    Template.BRANCH_NEW_MEMBER: ({"about": "back"},),
    Template.BRANCH_MEMBER_CHANGED: ({"change": "employer"},),
    Template.BRANCH_MEMBER_LEFT: ({"last_on": "2026-12-31"},),
}

TO_OTHERS: Final[tuple[tuple[Template, dict[str, Any]], ...]] = (
    *(
        (template, {"figures": {**FIGURES[template], **nav}, **changes})
        for template in CODES
        for nav in ({}, {"nav": True})
        for changes in _WAYS
    ),
    *(
        (template, changes)
        for template in Template
        if AUDIENCES[template] is not Audience.MEMBER and template not in CODES
        for changes in (
            *_REACHED,
            *({"figures": {**FIGURES[template], **form}} for form in _OF_OTHERS.get(template, ())),
        )
    ),
    (
        Template.CASEWORKER_TASK,
        {"figures": {"task": "application_duplicate", "detail": "Medlemsnummer 00000017"}},
    ),
)
"""Letters to employers, the insurance office, branches, recruiters and caseworkers, likewise."""
