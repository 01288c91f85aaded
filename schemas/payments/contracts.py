"""Files of the bank: what an import is told, and what it answers. No personal data."""

from typing import Annotated, Literal

from pydantic import StringConstraints

from schemas.direct_debit.mandates import MandatesTaken
from schemas.payments.entries import SetAside
from schemas.shared.base import Contract, Day

FileId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""The SHA-256 of a file's content."""

MAX_FAULTS = 200
"""Of a file's faults so many are listed: whoever mends these finds the rest the next time."""


class BankImportOrder(Contract):
    """The argument of the ``BankImport`` workflow."""

    file_id: FileId


class BankFile(Contract):
    """A kept file to book, or to tell about. ``today`` is the business date."""

    file_id: FileId
    today: Day


class FileFault(Contract):
    """What is wrong with a file.

    Attributes:
        where: the line, or the entry and transaction; empty: the file as a whole.
        says: what is wrong there and what to do, without what stands there.
    """

    where: str
    says: str


class EntryAside(Contract):
    """An entry that is set aside.

    Attributes:
        where: the line, or the entry and transaction.
        reason: why; ``schemas.payments.entries`` says it in words.
        says: what else is to be said of it, without what stands there.
        amount_ore: of it, if that can be told; debits too are more than nothing.
    """

    where: str
    reason: SetAside
    says: str | None = None
    amount_ore: int | None = None


class BankFileReport(Contract):
    """What became of a file: booked, but for what is set aside; or refused whole.

    Attributes:
        payments: new ones, with what they sum to in ``amount_ore``.
        known: payments and reversals that had been booked before.
        allocated, suspended: of the new payments.
        reversals: new ones, with what they sum to in ``reversed_ore``.
        set_aside: entries that a caseworker has a task for.
        passed_over: entries that are no money of ours, or not yet.
        charges: fees and interest of the bank; ``refunds``: ours, leaving or sent back.
        unbooked: entries that the database refused, with a task each.
        mandates: what it has changed of AvtaleGiro mandates.
        aside: the first of all that was set aside or passed over, in the bank's order.
        faults: the first of them; ``more_faults`` tells whether there are others.
        parts: the files that it was booked as, where it holds several kinds of messages.
    """

    file_id: FileId
    outcome: Literal["applied", "refused"]
    payments: int = 0
    amount_ore: int = 0
    known: int = 0
    allocated: int = 0
    suspended: int = 0
    reversals: int = 0
    reversed_ore: int = 0
    set_aside: int = 0
    passed_over: int = 0
    charges: int = 0
    refunds: int = 0
    unbooked: int = 0
    mandates: MandatesTaken = MandatesTaken()
    aside: tuple[EntryAside, ...] = ()
    faults: tuple[FileFault, ...] = ()
    more_faults: bool = False
    parts: tuple[FileId, ...] = ()


class Told(Contract):
    """Who was told of what a file has paid: memberships of first invoices, lists' settlements."""

    memberships: int = 0
    settlements: int = 0
