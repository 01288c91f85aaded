"""The closed lists of words the service uses. Every value is part of the contract."""

from enum import StrEnum


class Category(StrEnum):
    """What kind of member somebody is."""

    ORDINARY = "ordinary"
    STUDENT = "student"
    APPRENTICE = "apprentice"
    EARLY_PENSIONER = "early_pensioner"
    PENSIONER = "pensioner"


class PensionKind(StrEnum):
    """Which pension somebody draws (S20)."""

    AFP = "afp"
    DISABILITY = "disability"
    OLD_AGE = "old_age"


class WaiverKind(StrEnum):
    """Why somebody's dues are waived for a time (L4, A36)."""

    LEAVE = "leave"
    UNEMPLOYED = "unemployed"
    LAID_OFF = "laid_off"
    UNPAID_LEAVE = "unpaid_leave"
    BENEFITS = "benefits"


class WaiverShare(StrEnum):
    """What is charged for as long as dues are waived (A36)."""

    FREE = "free"
    QUARTER = "quarter"


class Language(StrEnum):
    """The language of letters to the member: Bokmål, Nynorsk or English."""

    NB = "nb"
    NN = "nn"
    EN = "en"


class Stage(StrEnum):
    """How far a membership has come."""

    RECEIVED = "received"
    UNDER_REVIEW = "under_review"
    AWAITING_INFORMATION = "awaiting_information"
    ONBOARDING = "onboarding"
    ACTIVE = "active"
    ON_LEAVE = "on_leave"
    ENDED = "ended"


class Outcome(StrEnum):
    """How a membership, or the application for one, ended."""

    RESIGNED = "resigned"
    STRUCK_OFF = "struck_off"
    DECEASED = "deceased"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    INVALID = "invalid"
    DUPLICATE = "duplicate"


class LineKind(StrEnum):
    """What a term or an invoice line charges for."""

    CENTRAL_DUES = "central_dues"
    LOCAL_DUES = "local_dues"
    INSURANCE_PREMIUM = "insurance_premium"
    CORRECTION = "correction"


class Cadence(StrEnum):
    """How often a term is charged."""

    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"


class Payer(StrEnum):
    """Through whom a term is paid."""

    PAYROLL = "payroll"
    DIRECT = "direct"


class InsuranceStatus(StrEnum):
    """Where the insurance package stands for one member (S6-S11)."""

    NOT_APPLICABLE = "not_applicable"
    WINDOW_OPEN = "window_open"
    COVERED = "covered"
    RESERVED = "reserved"
    ENDED = "ended"


class PayrollStatus(StrEnum):
    """Where the employer's payroll deduction stands for one member."""

    NOT_APPLICABLE = "not_applicable"
    REQUESTED = "requested"
    ACTIVE = "active"
    REFUSED = "refused"
    STOPPED = "stopped"


class InvoiceStatus(StrEnum):
    """What has been paid of an invoice."""

    ISSUED = "issued"
    PAID = "paid"


class Role(StrEnum):
    """Whom a membership can be waiting for (search attribute AwaitingRoles)."""

    CASEWORKER = "caseworker"
    APPLICANT = "applicant"
    INSURANCE_OFFICE = "insurance_office"
    PAYER = "payer"
    EMPLOYER = "employer"


class Event(StrEnum):
    """What a decision in the log decided."""

    APPLICATION_RECEIVED = "application_received"
    APPLICATION_INVALID = "application_invalid"
    REVIEW_REMINDED = "review_reminded"
    REVIEW_ESCALATED = "review_escalated"
    INFORMATION_REQUESTED = "information_requested"
    INFORMATION_SUPPLIED = "information_supplied"
    APPLICATION_APPROVED = "application_approved"
    APPLICATION_REJECTED = "application_rejected"
    APPLICATION_WITHDRAWN = "application_withdrawn"
    APPLICATION_LAPSED = "application_lapsed"
    APPLICATION_DUPLICATE = "application_duplicate"
    RESERVATION_FORM_REQUESTED = "reservation_form_requested"
    INSURANCE_NOTICE_RECORDED = "insurance_notice_recorded"
    INSURANCE_RESERVED = "insurance_reserved"
    INSURANCE_COVERED = "insurance_covered"
    INSURANCE_ENROLLED = "insurance_enrolled"
    INSURANCE_ENDED = "insurance_ended"
    PAYMENT_RECORDED = "payment_recorded"
    PAYMENT_CHOSEN = "payment_chosen"
    PAYROLL_REQUESTED = "payroll_requested"
    PAYROLL_REMINDED = "payroll_reminded"
    PAYROLL_ACCEPTED = "payroll_accepted"
    PAYROLL_REFUSED = "payroll_refused"
    PAYROLL_STOPPED = "payroll_stopped"
    PAYROLL_UNANSWERED = "payroll_unanswered"
    LETTER_BOUNCED = "letter_bounced"
    EMPLOYMENT_CHANGED = "employment_changed"
    CATEGORY_CHANGED = "category_changed"
    PENSION_REPORTED = "pension_reported"
    HIDING_PREPARED = "hiding_prepared"
    HIDDEN_CHANGED = "hidden_changed"
    LEAVE_GRANTED = "leave_granted"
    CHANGE_RECORDED = "change_recorded"
    CHANGE_WITHDRAWN = "change_withdrawn"
    CHANGE_TOOK_EFFECT = "change_took_effect"
    RETIREMENT_AGE_REACHED = "retirement_age_reached"
    COVERAGE_ENDED = "coverage_ended"
    PENSION_QUESTION_ASKED = "pension_question_asked"
    STUDY_END_ASKED = "study_end_asked"
    STUDY_OVER = "study_over"
    STUDENT_CHECKED = "student_checked"
    WAIVER_END_ASKED = "waiver_end_asked"
    RESIGNATION_RECEIVED = "resignation_received"
    DEATH_REPORTED = "death_reported"
    ERASURE_REQUESTED = "erasure_requested"
    MEMBERSHIP_ENDED = "membership_ended"
    MEMBERSHIP_REOPENED = "membership_reopened"
    MEMBERSHIP_IMPORTED = "membership_imported"
    REPRICED = "repriced"
    DECISION_POSTPONED = "decision_postponed"


class Audience(StrEnum):
    """Who a letter is for."""

    MEMBER = "member"
    EMPLOYER = "employer"
    INSURANCE_OFFICE = "insurance_office"
    CASEWORKERS = "caseworkers"
    BRANCH = "branch"
    RECRUITER = "recruiter"


class Template(StrEnum):
    """The letters the service writes. Each has one template file a language."""

    # to the member
    APPLICATION_RECEIVED = "application_received"
    INFORMATION_REQUESTED = "information_requested"
    APPLICATION_REJECTED = "application_rejected"
    APPLICATION_WITHDRAWN = "application_withdrawn"
    APPLICATION_LAPSED = "application_lapsed"
    APPLICATION_DUPLICATE = "application_duplicate"
    WELCOME = "welcome"
    FIRST_INVOICE = "first_invoice"
    RESERVATION_FORM = "reservation_form"
    RESERVATION_CONFIRMED = "reservation_confirmed"
    COVER_BEGINS = "cover_begins"
    DEDUCTION_BEGINS = "deduction_begins"
    DEDUCTION_NOT_POSSIBLE = "deduction_not_possible"
    CHANGE_NOTED = "change_noted"
    CHANGE_WITHDRAWN = "change_withdrawn"
    DUES_CHANGED = "dues_changed"
    CATEGORY_CHANGED = "category_changed"
    INSURANCE_WINDOW = "insurance_window"
    COVERAGE_ENDED = "coverage_ended"
    PENSION_REPORTED = "pension_reported"
    PENSION_QUESTION = "pension_question"
    RETIREMENT_AGE = "retirement_age"
    STUDY_QUESTION = "study_question"
    STUDY_OVER = "study_over"
    STUDENT_CHECK = "student_check"
    EMPLOYMENT_QUESTION = "employment_question"
    WORK_QUESTION = "work_question"
    HIDDEN_ON = "hidden_on"
    HIDDEN_OFF = "hidden_off"
    LEAVE_GRANTED = "leave_granted"
    LEAVE_ENDED = "leave_ended"
    RESIGNATION = "resignation"
    STRUCK_OFF = "struck_off"
    MEMBERSHIP_REOPENED = "membership_reopened"
    MEMBERSHIPS_MERGED = "memberships_merged"
    TAX_STATEMENT = "tax_statement"
    DUES_INVOICE = "dues_invoice"
    REMINDER_FIRST = "reminder_first"
    REMINDER_SECOND = "reminder_second"
    STRUCK_OFF_WARNING = "struck_off_warning"
    OVERPAYMENT = "overpayment"
    PAYMENT_PLAN = "payment_plan"
    PAYMENT_PLAN_BROKEN = "payment_plan_broken"
    DIRECT_DEBIT_RETURNED = "direct_debit_returned"
    PAYMENT_CHOSEN = "payment_chosen"
    # to the employer
    PAYROLL_START = "payroll_start"
    PAYROLL_REMINDER = "payroll_reminder"
    PAYROLL_CHANGE = "payroll_change"
    PAYROLL_STOP = "payroll_stop"
    DEDUCTION_LIST = "deduction_list"
    # to the insurance office
    INSURANCE_NEW_MEMBER = "insurance_new_member"
    INSURANCE_STATUS = "insurance_status"
    INSURANCE_MERGED = "insurance_merged"
    INSURANCE_ERASED = "insurance_erased"
    # to the caseworkers, a branch, a recruiter
    CASEWORKER_TASK = "caseworker_task"
    BRANCH_NEW_MEMBER = "branch_new_member"
    BRANCH_MEMBER_CHANGED = "branch_member_changed"
    BRANCH_MEMBER_LEFT = "branch_member_left"
    BRANCH_ERASED = "branch_erased"
    RECRUITER_THANKS = "recruiter_thanks"
