"""Which events there are: every decision by its own name, and the facts beside them."""

from enum import StrEnum

from schemas.shared.vocabulary import Event


class Fact(StrEnum):
    """What becomes true of a member, whichever decision, run or payment led to it.

    Where a decision has the same name the two are one event.
    """

    CATEGORY_CHANGED = "category_changed"
    INSURANCE_COVERED = "insurance_covered"
    INSURANCE_ENDED = "insurance_ended"
    MEMBERSHIP_ENDED = "membership_ended"
    MEMBERSHIP_ERASED = "membership_erased"
    INVOICE_ISSUED = "invoice_issued"
    CREDIT_NOTE_ISSUED = "credit_note_issued"
    INVOICE_PAID = "invoice_paid"
    INVOICE_WRITTEN_OFF = "invoice_written_off"
    INVOICE_REOPENED = "invoice_reopened"
    DUES_DEDUCTED = "dues_deducted"
    DEDUCTION_SHORT = "deduction_short"
    DEDUCTION_WRITTEN_OFF = "deduction_written_off"


MEANS: dict[str, str] = {
    Fact.CATEGORY_CHANGED: "another category holds",
    Fact.INSURANCE_COVERED: "the insurance package holds, or will from a day on",
    Fact.INSURANCE_ENDED: "the insurance package holds no longer",
    Fact.MEMBERSHIP_ENDED: "somebody is a member no more",
    Fact.MEMBERSHIP_ERASED: "nobody is known under the id any more: erase what you have under it",
    Fact.INVOICE_ISSUED: "an invoice was issued",
    Fact.CREDIT_NOTE_ISSUED: "an invoice of less than nothing was issued",
    Fact.INVOICE_PAID: "nothing is left to be paid of an invoice",
    Fact.INVOICE_WRITTEN_OFF: "what was left of an invoice was let go of",
    Fact.INVOICE_REOPENED: "what had paid an invoice was taken back, and it is owed again",
    Fact.DUES_DEDUCTED: "an employer has deducted what its list asked for",
    Fact.DEDUCTION_SHORT: "an employer has deducted less, and the rest is invoiced",
    Fact.DEDUCTION_WRITTEN_OFF: "an employer has deducted less, and the rest was let go of",
}
"""The facts in words; what a decision is the log of the membership says."""

TYPES = frozenset({*Event, *Fact})
"""All of them."""

OF_INVOICES = frozenset(
    {
        Fact.INVOICE_ISSUED,
        Fact.CREDIT_NOTE_ISSUED,
        Fact.INVOICE_PAID,
        Fact.INVOICE_WRITTEN_OFF,
        Fact.INVOICE_REOPENED,
    }
)

OF_LISTS = frozenset({Fact.DUES_DEDUCTED, Fact.DEDUCTION_SHORT, Fact.DEDUCTION_WRITTEN_OFF})

ABOUT_HIDING = frozenset({Event.HIDING_PREPARED, Event.HIDDEN_CHANGED})
"""For who is cleared for hidden members alone, however a member stands later."""
