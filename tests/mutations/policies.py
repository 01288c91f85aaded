"""Each reading of ours ignored, one after the other: whatever its row says, its default holds.

A policy that no test varies would survive, and so would one that decides nothing.
"""

from collections.abc import Iterator

from schemas.pricing.described import described
from schemas.pricing.policies import (
    DuesPolicies,
    HelpPolicies,
    InsurancePolicies,
    PaymentPolicies,
    ReviewPolicies,
    TimePolicies,
    WaiverPolicies,
    YearPolicies,
)
from tests.mutations.mutation import Mutation

DECISIONS = "tests/membership/decisions"
PLANNED = (
    "tests/pricing/test_policies.py",
    f"{DECISIONS}/test_policies.py",
    f"{DECISIONS}/test_employments.py",
    f"{DECISIONS}/test_waivers.py",
)

OF_SECTION = {
    DuesPolicies: PLANNED,
    WaiverPolicies: (f"{DECISIONS}/test_waivers.py", "tests/dues/test_plan.py"),
    YearPolicies: (
        *PLANNED,
        f"{DECISIONS}/test_pension.py",
        "tests/membership/test_eligibility.py",
        "tests/pricing/test_charged_years.py",
    ),
    InsurancePolicies: (
        f"{DECISIONS}/test_minors.py",
        f"{DECISIONS}/test_policies.py",
        f"{DECISIONS}/test_insurance.py",
        f"{DECISIONS}/test_studies.py",
        f"{DECISIONS}/test_categories.py",
        "tests/membership/test_insurance.py",
    ),
    ReviewPolicies: (
        f"{DECISIONS}/test_policies.py",
        "tests/membership/test_eligibility.py",
        f"{DECISIONS}/test_deadlines.py",
    ),
    PaymentPolicies: (
        f"{DECISIONS}/test_approval.py",
        f"{DECISIONS}/test_deadlines.py",
        f"{DECISIONS}/test_payroll.py",
        f"{DECISIONS}/test_leaving.py",
    ),
    HelpPolicies: ("tests/payments/test_paid_months.py",),
    TimePolicies: (
        *PLANNED,
        f"{DECISIONS}/test_deadlines.py",
        f"{DECISIONS}/test_leaving.py",
        f"{DECISIONS}/test_changes.py",
        f"{DECISIONS}/test_lingering.py",
        f"{DECISIONS}/test_questions.py",
        f"{DECISIONS}/test_studies.py",
    ),
}
"""Where the policies of a section are varied."""

OF_POLICY = {
    "half_past_67": ("tests/dues/test_amounts.py",),
    "report_due_day": ("tests/pricing/test_policies.py",),
    "implausible_factor": ("tests/deduction/test_asked_returns.py",),
    "branch_back_months": ("tests/pricing/test_rulebook_change.py",),
    "price_notice_months": ("tests/pricing/test_notice.py",),
    "branch_price_notice": ("tests/pricing/test_rulebook_change.py",),
    "merge_undo_days": ("tests/persons/test_merging.py",),
    "transfer_counts_paid_months": ("tests/payments/test_paid_months.py",),
    "payer_kept_years": ("tests/payments/test_cases.py",),
    "refused_file_kept_days": ("tests/payments/test_forgetting.py",),
    **dict.fromkeys(
        (
            "transfer_keeps_insurance",
            "transfer_gap_days",
            "transfer_needs_proof",
            "transfer_counts_seniority",
        ),
        (f"{DECISIONS}/test_transfers.py",),
    ),
    **dict.fromkeys(
        (
            "first_reminder_days",
            "second_reminder_days",
            "arrears_task_months",
            "struck_off_months",
            "warning_days",
        ),
        ("tests/arrears/test_pursuing.py",),
    ),
    "plan_grace_days": ("tests/arrears/test_agreements.py",),
}
"""Those that are varied elsewhere."""

ELSEWHERE = {
    "local_dues_deductible",
    "deductible_of",
    "part_year_cap",
    "reinstate_on_payment",
    "hold_at_most_days",
    "plan_at_most_months",
    "employment_question_months",
    "write_off_at_most_ore",
    "bare_fee_at_most_ore",
    "payout_least_ore",
    "payout_answer_days",
    "claim_ahead_days",
    "claim_cancel_days",
    "claim_wait_days",
    "claim_notice_day",
    "claim_days",
    "claim_notice",
    "rejected_kept_months",
    "ended_kept_years",
    "books_kept_years",
    "access_log_kept_years",
}
"""Made wrong where they are read: in the database, and by what is handed the policies of a day."""


def _ignored() -> Iterator[Mutation]:
    for section, tests in OF_SECTION.items():
        for name, about in described(section).items():
            if name in ELSEWHERE:
                continue
            default = f'Policies.model_fields["{name}"].default'
            yield Mutation(
                about.rule,
                "schemas/pricing/rulebook.py",
                "return in_force(self.policies, on)\n",
                f"return in_force(self.policies, on).model_copy(update={{{name!r}: {default}}})\n",
                OF_POLICY.get(name, tests),
            )


MUTATIONS = tuple(_ignored())
