"""One member of a register as another system has it: its row, and the rows that belong to it.

A register is three tables: members, employments and invoices. The fields of a model are the columns
of its table (``schemas.register.columns``), and the text behind a field is what the reference says
of its column.
"""

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from stdnum import luhn

from schemas.dues.terms import InvoiceLine
from schemas.membership.application import (
    Address,
    BranchCode,
    Country,
    Email,
    Months,
    NationalId,
    Orgnr,
    Percent,
    Phone,
    Postcode,
)
from schemas.shared.base import Day, Line, Ore, ShortLine
from schemas.shared.vocabulary import (
    Cadence,
    Category,
    InsuranceStatus,
    Language,
    LineKind,
    Payer,
    PensionKind,
    WaiverKind,
    WaiverShare,
)


def has_check_digit(kid: str) -> bool:
    """Tell whether a KID's last digit is right, by MOD10 or by MOD11. Source: P1."""
    return luhn.is_valid(kid) or kid[-1] == _mod11(kid[:-1])


def _mod11(digits: str) -> str:
    """Return the MOD11 check digit with weights 2 to 7 from the right; 10 is written as -."""
    total = sum(
        int(digit) * weight
        for digit, weight in zip(reversed(digits), (2, 3, 4, 5, 6, 7) * 5, strict=False)
    )
    check = -total % 11
    return "-" if check == 10 else str(check)


def _kid(text: str) -> str:
    if not has_check_digit(text):
        raise ValueError("has a wrong check digit (neither MOD10 nor MOD11)")
    return text


Kid = Annotated[str, StringConstraints(pattern=r"^[0-9]{2,25}$"), AfterValidator(_kid)]
"""2 to 25 digits, the last a check digit (P1)."""


class RegisterRow(BaseModel):
    """A row of one of the tables; a column that is not known is a fault."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True
    )


class RegisterEmployment(RegisterRow):
    """One of somebody's employments; the first row of a member is the first employment."""

    member: ShortLine
    """The member's number, as in the table of members."""
    employer_orgnr: Orgnr | None = None
    """Nine digits, the last a check digit (N4). Without it nobody can be asked to deduct."""
    employer_name: Line | None = None
    """Name of the employer."""
    position: Line | None = None
    """Job title."""
    position_percent: Percent | None = None
    """Of this position, 1 to 100, where 50 is half a position and 0,5 is refused; empty: not known.
    The sum over all of a member's decides between full and half dues (S5, A5)."""
    from_on: Day | None = None
    """Only for one that is still to begin: the first day. Of those that stand it may be given, and
    is not kept."""


class RegisterInvoice(RegisterRow):
    """An invoice that is not paid whole."""

    member: ShortLine
    """The member's number, as in the table of members."""
    invoice: ShortLine
    """The invoice's number; it is kept."""
    kid: Kid
    """With which it is paid, also after the move: 2 to 25 digits, the last a check digit (P1)."""
    period: Day
    """The first month it is for."""
    cadence: Cadence = Cadence.MONTHLY
    """For how long: monthly, quarterly, yearly."""
    issued_on: Day
    """The day it was issued."""
    due_on: Day
    """The day by which it was to be paid."""
    central_ore: Ore = 0
    """Its central dues."""
    local_ore: Ore = 0
    """Its local dues."""
    premium_ore: Ore = 0
    """Its premium of the insurance package."""
    correction_ore: Ore = 0
    """What else it asks for, or gives back with a minus."""
    paid_ore: Ore = 0
    """What has been paid of it; less than all."""
    first_reminder_on: Day | None = None
    """The day the member was reminded of it (A30); empty: not yet."""
    second_reminder_on: Day | None = None
    """The day of the second reminder."""
    warned_on: Day | None = None
    """The day the member was warned of being struck off: the final notice."""

    @property
    def total_ore(self) -> int:
        """What it asks for."""
        return sum(line.amount_ore for line in self.lines)

    @property
    def open_ore(self) -> int:
        """What is still to be paid."""
        return self.total_ore - self.paid_ore

    @property
    def lines(self) -> tuple[InvoiceLine, ...]:
        """What it is for."""
        amounts = {
            LineKind.CENTRAL_DUES: self.central_ore,
            LineKind.LOCAL_DUES: self.local_ore,
            LineKind.INSURANCE_PREMIUM: self.premium_ore,
            LineKind.CORRECTION: self.correction_ore,
        }
        return tuple(InvoiceLine(kind=kind, amount_ore=ore) for kind, ore in amounts.items() if ore)


class RegisterMemberRow(RegisterRow):
    """What stands of a member in one row."""

    number: ShortLine
    """The member's number in that system, once in the table. Up to eight digits are kept as the
    member number, with zeros in front; in place of any other a new one is given."""
    name: Line
    """Full name."""
    birth_date: Day
    """Birth date."""
    national_id: NationalId | None = None
    """Fødselsnummer or D-number: eleven digits that agree with the birth date (N1). Without it
    nobody can be asked to begin deducting, and nothing goes to the tax authority."""
    email: Email | None = None
    """Where letters go. Without it they go by post, and the address is required."""
    phone: Phone | None = None
    """A number without a country code is read as Norwegian."""
    care_of: Line | None = None
    """At whose home or office post is taken."""
    line1: Line | None = None
    """Street and number, or box; with it go `postcode` and `city`."""
    line2: Line | None = None
    """A second line of the address."""
    postcode: Postcode | None = None
    """Four digits in Norway; abroad as it is written there."""
    city: Line | None = None
    """Post town."""
    country: Country | None = None
    """Two letters (ISO 3166-1), of an address abroad; empty: Norway."""
    language: Language = Language.NB
    """Language of letters; empty: nb."""
    category: Category
    """The kind of member, as of the first month that is charged here."""
    ends_on: Day | None = None
    """Of a student or an apprentice: the last day of the studies or the apprenticeship."""
    pension: PensionKind | None = None
    """The pension that is drawn, also beside work; of a pensioner empty: old_age."""
    joined_on: Day
    """The first day as a member."""
    leaves_on: Day | None = None
    """The last day as a member, of who has resigned and is one until then. Whoever has left already
    is not to stand in the table."""
    branch: BranchCode | None = None
    """Code of the local branch, as in the rulebook; of a hidden member the one to come back to."""
    hidden: bool = False
    """Whether the employer must never learn of the membership (S30)."""
    insurance: InsuranceStatus
    """Where the insurance package stands."""
    insurance_from: Day | None = None
    """With covered: the day from which it is paid for."""
    reserved_on: Day | None = None
    """With reserved: the day the reservation was received."""
    reservation_deadline: Day | None = None
    """With window_open: the last day on which to reserve (A21)."""
    leave: WaiverKind | None = None
    """Why dues are waived or reduced for a time (L4, A36); with `leave_from` and `leave_until`."""
    leave_share: WaiverShare | None = None
    """What is charged meanwhile; empty: as the policies say."""
    leave_from: Day | None = None
    """The first day of it."""
    leave_until: Day | None = None
    """The last day of it."""
    payer: Payer
    """Through whom the first month here is paid."""
    deducted_by: Orgnr | None = None
    """With payroll: the employer that deducts; empty: the first employment's that has a number."""
    fee_through: Day | None = None
    """Of a student or a pensioner: the last month for which that system has charged a year's fee;
    empty: the fee is charged here with the first month."""
    paid_months: Months | None = None
    """How many months of full dues are paid: after so many some help opens."""
    balance_ore: Ore | None = None
    """All that the member owes, open invoices included; in credit with a minus. Empty: the open
    invoices."""
    charged_central_ore: Ore | None = None
    """What that system charges in central dues for the month that is compared; empty: not compared.
    A year's fee stands in the month that charges it, else 0."""
    charged_local_ore: Ore | None = None
    """The same in local dues."""
    charged_premium_ore: Ore | None = None
    """The same in premium of the insurance package."""


class RegisterMember(RegisterMemberRow):
    """A member with all that belongs to it."""

    employments: tuple[RegisterEmployment, ...] = ()
    invoices: tuple[RegisterInvoice, ...] = Field(default=())

    @property
    def member_number(self) -> str | None:
        """The number it keeps, or None: a new one is given."""
        digits = self.number.isascii() and self.number.isdecimal() and len(self.number) <= 8
        return self.number.zfill(8) if digits and int(self.number) else None

    @property
    def address(self) -> Address | None:
        """The postal address.

        Raises:
            ValidationError: a part is missing or wrong.
        """
        parts = {
            "care_of": self.care_of,
            "line1": self.line1,
            "line2": self.line2,
            "postcode": self.postcode,
            "city": self.city,
            "country": self.country,
        }
        told = {name: part for name, part in parts.items() if part is not None}
        return Address.model_validate(told) if told else None

    @property
    def insurance_on(self) -> date | None:
        """The day that goes with where the package stands."""
        return self.insurance_from or self.reserved_on or self.reservation_deadline

    @property
    def deductor(self) -> str | None:
        """The organisation number of the employer that deducts."""
        if self.payer is not Payer.PAYROLL:
            return None
        return self.deducted_by or next(self._employers(), None)

    def _employers(self) -> Iterator[str]:
        return (job.employer_orgnr for job in self.employments if job.employer_orgnr is not None)

    @property
    def besides_ore(self) -> int:
        """What is owed beside the open invoices; less than nothing: what is in credit."""
        if self.balance_ore is None:
            return 0
        return self.balance_ore - sum(invoice.open_ore for invoice in self.invoices)

    @property
    def charged_ore(self) -> dict[LineKind, int]:
        """What the other system charges, of the kinds that are to be compared."""
        told = {
            LineKind.CENTRAL_DUES: self.charged_central_ore,
            LineKind.LOCAL_DUES: self.charged_local_ore,
            LineKind.INSURANCE_PREMIUM: self.charged_premium_ore,
        }
        return {kind: ore for kind, ore in told.items() if ore is not None}
