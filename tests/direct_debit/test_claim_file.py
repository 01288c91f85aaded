"""The file of claims (P9): as the bank's own layout reads it, and the same bytes each time."""

from datetime import date
from decimal import Decimal

import netsgiro
import pytest
from netsgiro import AssignmentType, TransactionType

from activities.direct_debit.claim_file import Claim, claim_file
from activities.direct_debit.claims import Creditor
from tests.payments.making import ACCOUNT

DAY = date(2026, 12, 1)
SENDER = "55555555"
KID = "1000000060000013"


def claim(number: str = "2026-000001", ore: int = 49500, **changed) -> Claim:
    """A claim of full dues."""
    return Claim(number=number, kid=KID, amount_ore=ore, due_on=date(2026, 12, 15), **changed)


FILES = {
    "one": ([claim()], []),
    "bank notifies": ([claim(bank_notifies=True), claim("2026-000002", 1)], []),
    "a cancellation": ([], [claim()]),
    # 0.29 kr in binary floating point is less than 29 øre.
    "both": ([claim(ore=29), claim("2026-000003", 10**11)], [claim("2026-000002", 24750)]),
    "many": ([claim(f"2026-{n:06d}", 100 + n) for n in range(200)], []),
}


@pytest.mark.parametrize(("claims", "void"), FILES.values(), ids=FILES)
def test_what_is_written_is_read_again(claims, void):
    """P9: each claim and cancellation, with the counts and sums that the file ends with."""
    content = claim_file(DAY, SENDER, ACCOUNT, claims, void)
    assert content == claim_file(DAY, SENDER, ACCOUNT, claims, void)
    text = content.decode("iso-8859-1")
    assert all(len(line) == 80 for line in text.split("\r\n")[:-1])
    sent = netsgiro.parse(text)
    assert (sent.data_transmitter, sent.number) == (SENDER, "0112001")
    read = {
        assignment.type: [
            (one.kid, one.amount_in_cents, one.date, one.reference)
            for one in assignment.transactions
        ]
        for assignment in sent.assignments
    }
    written = {
        AssignmentType.TRANSACTIONS: claims,
        AssignmentType.AVTALEGIRO_CANCELLATIONS: void,
    }
    assert read == {
        kind: [(one.kid, one.amount_ore, one.due_on, f"Faktura {one.number}") for one in those]
        for kind, those in written.items()
        if those
    }
    [end] = [line for line in text.splitlines() if line.startswith("NY000089")]
    both = [*claims, *void]
    assert int(end[8:16]) == len(both)
    assert int(end[24:41]) == sum(one.amount_ore for one in both)


def test_who_notifies():
    """P9: type 21 where the bank tells the member, 02 where our letter does."""
    content = claim_file(DAY, SENDER, ACCOUNT, [claim(), claim("2", bank_notifies=True)], [])
    [assignment] = netsgiro.parse(content.decode()).assignments
    assert [one.type for one in assignment.transactions] == [
        TransactionType.AVTALEGIRO_WITH_PAYEE_NOTIFICATION,
        TransactionType.AVTALEGIRO_WITH_BANK_NOTIFICATION,
    ]
    assert sum((one.amount for one in assignment.transactions), Decimal()) == Decimal("990.00")


def test_nobody_is_named():
    """S30, R2: a statement says what it must: an invoice's number, and no name or membership."""
    text = claim_file(DAY, SENDER, ACCOUNT, [claim(bank_notifies=True)], []).decode()
    words = {word for word in text.split() if word.isalpha()}
    assert words == {"Faktura"}


def test_a_number_of_another_system():
    """P9: what ISO-8859-1 does not have stops no file, and no line has another length for it."""
    text = claim_file(DAY, SENDER, ACCOUNT, [claim("Å–" + "7" * 40)], []).decode("iso-8859-1")
    [line] = [line for line in text.splitlines() if line[6:8] == "31"]
    assert line[50:75] == "Faktura Å?" + "7" * 15
    assert {len(line) for line in text.splitlines()} == {80}


@pytest.mark.parametrize("sender", ["", "1234567", "1234567x", "123456789"])
def test_a_sender_that_is_none(sender):
    """P9: a file without the number it is sent under would be refused by the bank."""
    with pytest.raises(ValueError, match="8 digits"):
        Creditor(sender=sender, account=ACCOUNT)
