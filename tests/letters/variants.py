"""Every letter to a member, in each form that its figures give it."""

from dataclasses import replace
from typing import Any, Final

from activities.letters.cases import MergeFacts
from activities.letters.settings import Organisation
from schemas.shared.vocabulary import Audience, Template
from tests.letters.making import AUDIENCES, FIGURES, TERMS
from tests.letters.test_billing import CORRECTED, CREDIT, REDIRECTED
from tests.letters.test_invoice import INVOICE
from tests.letters.test_templates import GOES_ON

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

FORMS: Final[dict[Template, tuple[dict[str, Any], ...]]] = {
    Template.APPLICATION_REJECTED: ({"reason": None},),
    Template.WELCOME: (
        {"hidden": True, "insurance": "reserved"},
        {"category": "student", "insurance": "not_applicable", "terms": [YEARLY]},
        {"category": "apprentice", "insurance": "not_applicable", "terms": [FREE]},
        {"insurance": "not_applicable", "guardian_needed": True},
        {"premium_ore": 20000, "terms": [*TERMS, PREMIUM]},
        {"insurance": "covered", "paid_months_before": 36, **GOES_ON},
        {"insurance": "reserved", "paid_months_before": None},
        {"category": "early_pensioner", "asks_employer": False, "notice_months": 2},
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
        {"before": []},
    ),
    Template.CATEGORY_CHANGED: ({"category": "pensioner", "was": "early_pensioner"},),
    Template.PENSION_REPORTED: (
        {"category": "ordinary"},
        {"category": "student"},
        {"covered": False},
    ),
    Template.RETIREMENT_AGE: (
        {"was": "pensioner"},
        {"category": "ordinary", "was": "ordinary"},
    ),
    Template.STUDY_QUESTION: ({"category": "apprentice"},),
    Template.STUDY_OVER: ({"category": "apprentice"},),
    Template.HIDDEN_OFF: ({"may_deduct": False},),
    Template.STUDENT_CHECK: ({"ends_on": None},),
    Template.EMPLOYMENT_QUESTION: ({"about": "pension"},),
    Template.WORK_QUESTION: ({"about": "employer_number"}, {"about": "no_work"}),
    Template.LEAVE_GRANTED: (
        {"terms": []},
        {"terms": [PREMIUM]},
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
    ),
}
"""What else than ``FIGURES`` a letter is written from, where that changes its words."""

MONEY: Final[dict[Template, tuple[dict[str, Any], ...]]] = {
    **{
        template: ({"balance_ore": 123450}, {"balance_ore": -98700})
        for template in (
            Template.RESIGNATION,
            Template.STRUCK_OFF,
            Template.MEMBERSHIP_REOPENED,
            Template.PAYMENT_PLAN_BROKEN,
        )
    },
    Template.MEMBERSHIPS_MERGED: (
        {"balance_ore": 123450},
        {"balance_ore": -98700, "merge": MergeFacts("00000017")},
    ),
    Template.STRUCK_OFF_WARNING: ({"balance_ore": 247500, "overdue": (INVOICE, INVOICE)},),
    Template.OVERPAYMENT: (
        {"balance_ore": -98700},
        {"balance_ore": -98700, "figures": {"settlement": 1, "answer_by": "2027-01-21"}},
    ),
    Template.WELCOME: (
        {"reserve_by": None},
        {"reserve_over": True},
        {"tax_cap": None},
        {"union": KNOWN_UNION},
    ),
    Template.INSURANCE_WINDOW: (
        {"reserve_by": None},
        {"reserve_over": True},
        {"union": KNOWN_UNION},
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
        *MONEY.get(template, ()),
    )
)
"""A letter, and what it is written from that differs from the usual."""
