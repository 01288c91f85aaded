"""Our readings where the union's text is silent: what each may be, and which rule it answers.

A section for each room they belong to; ``schemas.pricing.rulebook.Policies`` is all of them, each
one row of the table ``policies``, dated. The text behind a field says what it decides.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from schemas.shared.base import Contract

Days = Annotated[int, Field(ge=0, le=366)]
Months = Annotated[int, Field(ge=0, le=60)]
Age = Annotated[int, Field(ge=0, le=120)]
Percent = Annotated[int, Field(ge=0, le=100)]


@dataclass(frozen=True)
class Rule:
    """Stands with a policy, and names the rule in docs/rules.md that it answers."""

    id: str


class Section(Contract):
    """Some policies; the text behind a field is its description."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class DuesPolicies(Section):
    """What a member pays."""

    parts_of: Annotated[
        Literal["central", "central_and_local", "central_and_premium", "central_local_and_premium"],
        Rule("A1"),
    ] = "central"
    """What halves, quarters and yearly fees are parts of. Local dues count as the member's branch
    has them, the premium as the package costs, whoever is insured."""
    rounding_step_kroner: Annotated[int, Field(ge=1, le=1000), Rule("S12")] = 10
    """Yearly fees go up to the next multiple of so many kroner; S18 says the same."""
    round_half_and_quarter: Annotated[bool, Rule("A2")] = False
    """Whether half and quarter dues go up to that as well."""
    half_dues_halve_premium: Annotated[bool, Rule("A4")] = False
    """Whether half dues halve the insurance premium."""
    employments_count: Annotated[Literal["sum", "largest"], Rule("A5")] = "sum"
    """Which percentage decides of somebody with several employments."""
    half_dues_back_months: Annotated[Months, Rule("A6")] = 3
    """How many months back half dues are given, ``back_months`` at most."""
    half_past_67: Annotated[bool, Rule("A15")] = False
    """Whether 50 % or less gives half dues past the retirement age."""
    pension_beside_work: Annotated[Literal["work", "pension"], Rule("A16")] = "work"
    """Which decides under the retirement age: with ``pension`` whoever draws one pays a quarter,
    working or not. Past it, work costs full dues (S22)."""
    premium_in_quarter: Annotated[bool, Rule("A10")] = False
    """Whether the insurance premium is part of the quarter that early pensioners pay."""
    apprentice_local_dues: Annotated[Literal["none", "full"], Rule("A8")] = "none"
    """What a branch takes of an apprentice."""
    early_pensioner_local_dues: Annotated[Literal["none", "full"], Rule("A11")] = "none"
    """What a branch takes of an early pensioner."""


class WaiverPolicies(Section):
    """Somebody without work, for a time."""

    dues_without_work: Annotated[Literal["full", "as_before"], Rule("A5")] = "full"
    """What somebody pays whose work has ended, until a caseworker has decided: full dues, or what
    the work before came to."""
    unemployed_percent: Annotated[Percent, Rule("A36")] = 25
    """What part of full dues the unemployed pay where the caseworker names no share."""
    laid_off_percent: Annotated[Percent, Rule("A36")] = 25
    """The same of whoever is laid off for more than half."""
    unpaid_leave_percent: Annotated[Percent, Rule("A36")] = 0
    """The same on unpaid leave."""
    on_benefits_percent: Annotated[Percent, Rule("A36")] = 25
    """The same on benefits."""
    waiver_needs_documentation: Annotated[bool, Rule("A36")] = True
    """Whether dues are reduced for want of work only with a proof of it."""
    waiver_at_most_months: Annotated[Months, Rule("A36")] = 12
    """So long dues are reduced at most, one waiver after another."""
    waiver_question_days: Annotated[Days, Rule("A36")] = 30
    """Asked so long before it ends whether there is work again."""
    nav_orgnr: Annotated[int, Field(ge=0, le=999_999_999), Rule("A36")] = 889_640_782
    """NAV's organisation number, by which it is asked to deduct from benefits, as an employer is;
    0: it is not asked."""


class YearPolicies(Section):
    """When what is paid becomes another."""

    first_month: Annotated[Literal["approval", "next"], Rule("A19")] = "approval"
    """The first month that is charged, whole: that of the approval, or the next one."""
    quarter_ends: Annotated[Literal["month_after", "birthday_month"], Rule("A12")] = "month_after"
    """The first month of the pensioner's fee: the first whole one after the birthday, or its
    own."""
    pensioner_first_year: Annotated[Literal["months_left", "whole"], Rule("A13")] = "months_left"
    """What of the fee a pensioner pays in the year it begins."""
    student_first_year: Annotated[Literal["months_left", "whole"], Rule("A13")] = "whole"
    """What of the fee a student pays in the year it begins."""
    fee_charged_early: Annotated[Literal["stands", "corrected"], Rule("A26")] = "stands"
    """What becomes of a yearly fee that was charged before its year began, when a price of that
    year is approved afterwards."""
    leap_birthday: Annotated[Literal["march_1", "february_28"], Rule("A32")] = "march_1"
    """The birthday of somebody born on 29 February, in other years."""
    retirement_age: Annotated[Age, Rule("S18")] = 67
    """Pensioners are of this age or older (S21, S22)."""
    afp_age: Annotated[Age, Rule("L3")] = 62
    """AFP is possible from this age."""
    old_age_from_age: Annotated[Age, Rule("L3")] = 62
    """And an old-age pension from this one."""
    disability_from_age: Annotated[Age, Rule("L3")] = 18
    """And a disability pension from this one."""


class InsurancePolicies(Section):
    """The insurance package."""

    apprentice_insurance: Annotated[Literal["opt_in", "opt_out", "excluded"], Rule("A7")] = "opt_in"
    """How an apprentice comes to the package."""
    premium_at_once: Annotated[bool, Rule("A18")] = False
    """Whether the premium is charged from the first invoice on."""
    window_days: Annotated[Days, Rule("A21")] = 30
    """Days to make a reservation, from the proof of notice."""
    enroll_ahead_months: Annotated[Months, Rule("A21")] = 2
    """The insurance office takes a member in so many months ahead at most, from a first on."""
    guardian_until_age: Annotated[Age, Rule("A38")] = 18
    """Younger members are insured only once a guardian's consent is recorded; 0: as all are."""
    new_window_after_break: Annotated[bool, Rule("A39")] = True
    """Whether whoever was covered, could not be for a time and may be again is asked anew; else the
    old cover goes on."""
    transfer_keeps_insurance: Annotated[bool, Rule("L10")] = True
    """Whether the group insurance of another union goes on here; else there is a window, as for
    everybody."""
    transfer_gap_days: Annotated[Days, Rule("L10")] = 30
    """It goes on if it ended at most so many days before the approval."""


class ReviewPolicies(Section):
    """From an application to its decision."""

    lowest_age: Annotated[Age, Rule("N6")] = 15
    """Below it an application is refused."""
    category_asked_from_age: Annotated[Age, Rule("A25")] = 67
    """From this age on the caseworker names the category of an applicant."""
    working_student_asked: Annotated[bool, Rule("A25")] = True
    """Whether the caseworker names the category of a student who works."""
    recruiter_thanks: Annotated[Literal["by_consent", "never"], Rule("A27")] = "by_consent"
    """Whether a recruiter hears of an approval. Of a hidden member none does."""
    without_employer: Annotated[Literal["direct_invoice", "ask_first"], Rule("A28")] = (
        "direct_invoice"
    )
    """What an ordinary applicant without an employer comes to who is not hidden: a member who is
    invoiced, or somebody who is asked for the employer before the approval."""
    reminder_working_days: Annotated[Days, Rule("A33")] = 3
    """Until the caseworkers are reminded of a review."""
    escalation_working_days: Annotated[Days, Rule("A33")] = 10
    """Until a review is raised."""
    lapse_days: Annotated[Days, Rule("A33")] = 30
    """An unanswered question ends the application after so many."""
    transfer_needs_proof: Annotated[bool, Rule("L10")] = True
    """Whether anything is brought along from another union only with a proof of it."""
    transfer_counts_seniority: Annotated[bool, Rule("L10")] = True
    """Whether seniority counts from the first day in the other union."""


class HiddenPolicies(Section):
    """Members whose employer must not know."""

    lifting_needs_consent: Annotated[bool, Rule("A22")] = True
    """Whether hidden status is lifted by the member's express consent only, or by the message that
    asks for it."""
    hidden_pays_by: Annotated[Literal["direct_invoice"], Rule("A23")] = "direct_invoice"
    """How a hidden member pays. The source leaves nothing else: the employer never learns of the
    membership (S30)."""


class AccessPolicies(Section):
    """Who may decide what, and together with whom."""

    stamp_valid_hours: Annotated[int, Field(ge=1, le=720), Rule("R5")] = 24
    """So long after it was stamped a signed message is taken: a night without a worker costs
    nothing, and what somebody held back does no harm later."""
    four_eyes_death: Annotated[bool, Rule("R6")] = False
    """Whether a death waits for a second person also where the member number is named."""
    four_eyes_unhide: Annotated[bool, Rule("R6")] = False
    """Whether a second person confirms that hidden status is lifted."""
    four_eyes_write_off: Annotated[bool, Rule("R6")] = False
    """Whether a second person confirms that an invoice is let go."""
    four_eyes_days: Annotated[int, Field(ge=1, le=366), Rule("R6")] = 30
    """What one person has asked for so many days ago is asked for anew."""


class PaymentPolicies(Section):
    """Invoices, arrears and payroll deduction."""

    payroll_needs_first_payment: Annotated[bool, Rule("A20")] = False
    """Whether the employer is asked only once the first invoice has been paid."""
    payroll_reminder_days: Annotated[Days, Rule("A34")] = 14
    """Until an employer is reminded of a request."""
    payroll_timeout_days: Annotated[Days, Rule("A34")] = 30
    """Until the member goes on with invoices."""
    report_due_day: Annotated[int, Field(ge=1, le=28), Rule("D5")] = 15
    """Of the month after, for an employer's return."""
    employment_question_months: Annotated[Months, Rule("D8")] = 3
    """A member is asked once in so many months what an employer's hint means; 0: each time."""
    implausible_factor: Annotated[int, Field(ge=2, le=1000), Rule("D9")] = 10
    """So many times what a list asks for, or so small a part of it, can't be meant in a return: it
    is asked about."""
    reinstate_on_payment: Annotated[bool, Rule("A30")] = False
    """Whether who was struck off and has paid is a member again as if it had not been, for as long
    as it can be undone, or applies anew and a caseworker decides."""
    payment_days: Annotated[Days, Rule("A35")] = 14
    """From issue to due date, then on to a bank day."""
    first_reminder_days: Annotated[Days, Rule("A30")] = 14
    """Past the due date."""
    second_reminder_days: Annotated[Days, Rule("A30")] = 28
    """Past the due date."""
    arrears_task_months: Annotated[Months, Rule("A30")] = 2
    """Owing so many months is a caseworker's matter."""
    struck_off_months: Annotated[Months, Rule("A30")] = 3
    """Struck off when owing more months than this."""
    warning_days: Annotated[Days, Rule("A30")] = 14
    """From the warning to the striking off."""
    hold_at_most_days: Annotated[Days, Rule("A30")] = 90
    """Nobody is left unpursued for longer by one decision."""
    plan_at_most_months: Annotated[Months, Rule("A30")] = 12
    """A payment plan has at most so many instalments, one a month."""
    plan_grace_days: Annotated[Days, Rule("A30")] = 5
    """An instalment may be so late before its plan is broken."""
    double_payment_days: Annotated[Days, Rule("P3")] = 14
    """The same sum with the same KID within fewer days has paid an invoice twice, and waits for
    what is charged next; later it is a standing order. 0: none waits."""
    payout_least_ore: Annotated[int, Field(ge=0, le=100_000), Rule("A37")] = 5_000
    """Below so much, in øre, nobody is asked for an account; it is paid out to whoever asks."""
    payout_answer_days: Annotated[Days, Rule("A37")] = 30
    """Whoever has named no account after so many days is a caseworker's."""
    payer_kept_years: Annotated[int, Field(ge=1, le=50), Rule("P6")] = 5
    """Who paid is forgotten so many years after the end of the year, once the money is placed."""
    refused_file_kept_days: Annotated[Days, Rule("P6")] = 180
    """What stood in a file that was refused is forgotten so many days after."""
    rejected_kept_months: Annotated[int, Field(ge=1, le=120), Rule("R4")] = 6
    """An application that came to nothing is erased so many months after the day it did."""
    ended_kept_years: Annotated[int, Field(ge=0, le=50), Rule("R4")] = 5
    """A membership that has ended is erased so many years after the end of that year."""
    books_kept_years: Annotated[int, Field(ge=1, le=50), Rule("R4")] = 5
    """What was booked about somebody who is erased stays, as nobody's, so many years after the end
    of the year it was booked in."""
    access_log_kept_years: Annotated[int, Field(ge=1, le=50), Rule("R4")] = 5
    """Who looked at what through the gateway is forgotten so many years after that year's end."""
    bare_fee_at_most_ore: Annotated[int, Field(ge=0, le=100_000_000), Rule("P8")] = 50_000
    """A debit of which the bank says nothing is a fee of the bank up to so much, in øre; above it
    somebody looks."""
    claim_notice: Annotated[Literal["own", "bank"], Rule("P9")] = "own"
    """Who tells members of a claim by AvtaleGiro: our letter alone, or the bank as well where its
    deadline for that is met."""
    claim_days: Annotated[Days, Rule("P9")] = 4
    """Calendar days, without public holidays, that the bank has a claim before it is due."""
    claim_ahead_days: Annotated[Days, Rule("P9")] = 365
    """The bank takes no claim that is due later."""
    claim_cancel_days: Annotated[Days, Rule("P9")] = 1
    """Days before it is due that the bank still cancels a claim."""
    claim_notice_day: Annotated[int, Field(ge=1, le=28), Rule("P9")] = 15
    """What the bank has by the end of a month's last bank day it can tell members of from this day
    of the next month on."""
    claim_wait_days: Annotated[Days, Rule("P9")] = 5
    """A claim that has brought nothing so many days after it was due was refused; public holidays
    don't count."""
    write_off_at_most_ore: Annotated[int, Field(ge=0, le=100_000_000), Rule("A30")] = 594_000
    """No more of one invoice is let go: a year's full dues."""
    local_dues_deductible: Annotated[bool, Rule("A24")] = True
    """Whether local dues count in the tax statement, by the policy at the end of the income
    year."""
    deductible_of: Annotated[Literal["work", "everybody"], Rule("S24")] = "work"
    """Whose dues are told as deductible, by the same day's policy: what was paid for months of
    work, or also as a student or a pensioner."""
    part_year_cap: Annotated[Literal["months", "whole"], Rule("X2")] = "months"
    """What part of the cap a member of some months has, by the same day's policy."""


class HelpPolicies(Section):
    """What paid months open."""

    help_months: Annotated[Months, Rule("B2")] = 1
    """So many fully paid months open help in a case at all."""
    casework_months: Annotated[Months, Rule("B2")] = 3
    """So many open casework."""
    lawyer_months: Annotated[Months, Rule("B2")] = 6
    """So many open a lawyer."""
    court_months: Annotated[Months, Rule("B2")] = 12
    """So many open a court case."""
    free_month_counts: Annotated[bool, Rule("B2")] = True
    """Whether a month counts that is free of dues: an apprentice's."""
    waived_month_counts: Annotated[bool, Rule("B2")] = False
    """Whether a month counts whose dues are waived: a leave's."""
    transfer_counts_paid_months: Annotated[bool, Rule("L10")] = True
    """Whether months count that were paid to another union."""


class TimePolicies(Section):
    """How far back and how far ahead."""

    back_months: Annotated[Months, Rule("A31")] = 3
    """Charges are corrected at most so many months back."""
    branch_back_months: Annotated[Months, Rule("A40")] = 3
    """A branch's amount begins at most so many months back, ``back_months`` at most."""
    price_notice_months: Annotated[Months, Rule("A41")] = 1
    """So many months before it begins a rise is told, and decided."""
    branch_price_notice: Annotated[Literal["as_prices", "none"], Rule("A41")] = "as_prices"
    """Whether a branch's rise is told as long before as any other; with ``none`` it may reach as
    far back as its other amounts (A40)."""
    change_ahead_years: Annotated[int, Field(ge=1, le=60), Rule("L8")] = 5
    """A change further ahead is taken for a typing error."""
    pension_question_months: Annotated[Months, Rule("A14")] = 3
    """Asked so long before the retirement age."""
    study_question_days: Annotated[Days, Rule("S17")] = 90
    """Asked so long before a study or an apprenticeship ends (A9)."""
    notice_months: Annotated[Months, Rule("A29")] = 1
    """Whole months from a resignation's own to the end."""
    reopen_days: Annotated[Days, Rule("L9")] = 90
    """From the end of a membership, in which it can be undone; 0: not at all."""
    merge_undo_days: Annotated[Days, Rule("N9")] = 30
    """From a merge of two people, in which it can be undone."""
