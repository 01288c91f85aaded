"""A refund from the request to the bank's own word, and what the books say at each step (P8)."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from activities.audit import books as comparing
from activities.database.pool import load_queries
from activities.payments.outgoing import confirm_by_hand, list_outgoing
from activities.payments.refund_files import make_refund_file, read_refund_file
from activities.payments.refunds import (
    approve_refund,
    ask_refund,
    list_refunds,
    name_receiver,
    note_rejected,
    refuse_refund,
)
from activities.payments.suspense import NotPossible, take_in
from schemas.payments.refunds import RefundState
from tests.letters.making import make_membership
from tests.payments.making import (
    CASES,
    TODAY,
    Money,
    bring,
    camt,
    camt_of,
    kroner,
    payer,
    stands,
)
from tests.payments.refunding import ASKED, THEIRS, UNION, debit, told_to_the_bank
from tests.payments.test_by_hand import credit_note

ONE = 49500
AUDIT = load_queries(Path(comparing.__file__).with_name("sql") / "queries.sql")


async def in_books(pool):
    """What is in suspense, on its way, and in the bank, by the ledger."""
    balances = (await stands(pool))["balances"]
    return tuple(balances.get(account, 0) for account in ("suspense", "refunds", "bank"))


async def state_of(pool, refund_id):
    """How far a refund has come."""
    async with pool.acquire() as connection:
        [found] = await list_refunds(connection, refund_id=refund_id)
    return found.state


async def do(pool, work, *arguments, **named):
    """Work in a transaction of its own."""
    async with pool.acquire() as connection, connection.transaction():
        return await work(connection, *arguments, **named)


async def audited(pool):
    """What the audit finds of the ledger, but for charges that a test has written bare."""
    async with pool.acquire() as connection:
        found = [row["says"] async for row in AUDIT.find_balances(connection)]
        money = AUDIT.find_money(connection, since=date(2026, 1, 1), most=9)
        return found + [row["says"] async for row in money]


async def test_a_refund_leaves_step_by_step(pool):
    """Owed, on its way, gone: in suspense until the bank is told, in the bank until it says so.

    The same file twice, and the case of the bank, close it once.
    """
    told = date(2026, 11, 24)  # The case's debit is of the day after.
    await bring(pool, camt(Money(None, ONE)))
    refund = await do(pool, ask_refund, reference="K1", today=told, **ASKED)
    assert (refund.state, await in_books(pool)) == (RefundState.ASKED, (-ONE, 0, ONE))
    with pytest.raises(NotPossible, match="nothing is in suspense of payment K1"):
        await do(pool, ask_refund, reference="K1", today=told, **ASKED)
    with pytest.raises(NotPossible, match="somebody else approves it"):
        await do(pool, approve_refund, refund.refund_id, today=told, by=" OLA.")
    await do(pool, approve_refund, refund.refund_id, today=told, by="eva")
    made = await do(pool, make_refund_file, UNION, today=told, by="eva")
    assert await in_books(pool) == (0, -ONE, ONE)
    assert await do(pool, make_refund_file, UNION, today=told, by="eva") is None
    again = await do(pool, read_refund_file, made.message_id)
    assert again == made
    assert await state_of(pool, refund.refund_id) is RefundState.INSTRUCTED

    report = await bring(pool, (CASES / "refund-out.xml").read_bytes())
    assert (report.refunds, report.set_aside, [one.reason for one in report.aside]) == (
        1,
        0,
        ["refund"],
    )
    assert await state_of(pool, refund.refund_id) is RefundState.PAID
    assert await in_books(pool) == (0, 0, 0)
    assert (await stands(pool))["tasks"] == set()
    await bring(pool, (CASES / "refund-out.xml").read_bytes() + b"\n")
    assert (await in_books(pool), (await stands(pool))["tasks"]) == ((0, 0, 0), set())
    assert await audited(pool) == []


async def test_a_debit_in_our_own_words_closes_what_was_paid_by_hand(pool):
    """P8: approved, never in a file of ours: "Tilbakebetaling" of just that amount is it."""
    await bring(pool, camt(Money(None, ONE)))
    refund = await do(pool, ask_refund, reference="K1", today=TODAY, **ASKED)
    await do(pool, approve_refund, refund.refund_id, today=TODAY, by="eva")
    await bring(pool, (CASES / "refund-out.xml").read_bytes())
    assert await state_of(pool, refund.refund_id) is RefundState.PAID
    assert (await in_books(pool), (await stands(pool))["tasks"]) == ((0, 0, 0), set())


async def test_what_comes_back_is_owed_again(pool):
    """Sent back: in suspense again with a task; told before its debit it is the same."""
    await bring(pool, camt(Money(None, ONE), Money(None, ONE, key="K2")))
    first = await do(pool, told_to_the_bank, reference="K1")
    second = await do(pool, told_to_the_bank, reference="K2")
    back: dict[str, Any] = {"kind": "CRDT", "more": "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>"}
    out = debit(ONE, id_of=first.refund_id)
    returned = debit(ONE, key="D2", id_of=first.refund_id, **back)
    early = debit(ONE, key="D3", id_of=second.refund_id, **back)
    report = await bring(pool, camt_of(early, out, returned))
    assert (report.payments, report.refunds) == (0, 3)
    # The second's debit has not come: 2 × 495.00 came, 2 × 495.00 have come back, 495.00 have left.
    assert await in_books(pool) == (-2 * ONE, -ONE, 3 * ONE)
    await bring(pool, camt_of(debit(ONE, key="D4", id_of=second.refund_id)))
    assert await in_books(pool) == (-2 * ONE, 0, 2 * ONE)
    assert await state_of(pool, second.refund_id) is RefundState.RETURNED
    found = await stands(pool)
    assert found["suspense"] == {"K1": ONE, "K2": ONE}
    assert f"refund/{first.refund_id}/returned" in found["tasks"]
    assert {"suspense/K1", "suspense/K2"} <= found["tasks"]
    assert await audited(pool) == []


async def test_by_hand(command, pool, tmp_path):
    """From the request to the file and the bank's debit, and every refusal says what to do."""
    await bring(pool, camt(Money(None, ONE), Money(None, ONE, key="K2")))
    asked = ("--by", "ola", "--reason", "paid twice")
    for says, arguments in {
        "name a payment, or a member": ("refund", *asked),
        "that is our own account": ("refund", "K1", *asked, "--account", "1234.56.78903"),
        "--amount: x is no amount": ("refund", "K1", *asked, "--amount", "x"),
        "say why with --reason": ("approve-refund", "R1", "--by", "eva", "--refuse"),
        "there is no refund R1": ("approve-refund", "R1", "--by", "eva"),
        "name yourself with --by": ("refund-file", str(tmp_path / "x")),
        "a BIC has 8 or 11": ("refund-file", str(tmp_path / "x"), "--by", "eva", "--bic", "x"),
        "there is no file M": ("refund-file", str(tmp_path / "x"), "--again", "M"),
        "there is no folder": ("refund-file", str(tmp_path / "no" / "x"), "--by", "eva"),
    }.items():
        ran = await command(*arguments)
        assert (ran.code, says in ran.err) == (2, True), ran
    found = (await command("refund", "K1", *asked, "--amount", "100,00", "--json")).json
    assert (found["reference"], found["refunded_ore"], found["state"]) == ("K1", 10000, "asked")
    one = found["refund_id"]
    assert "refund-account" in (await command("refund", "K2", *asked)).out
    named = ("--account", THEIRS, "--to", "Kari", "--by", "ola")
    await command("refund-account", one, *named)
    await command("approve-refund", one, "--by", "eva")
    file, again = tmp_path / "pay.xml", tmp_path / "again.xml"
    made = (await command("refund-file", str(file), "--by", "eva", "--json")).json
    assert (made["refunds"], made["amount_ore"], file.stat().st_mode & 0o777) == (
        [one],
        10000,
        0o600,
    )
    assert "is there already" in (await command("refund-file", str(file), "--by", "eva")).err
    assert "No refund is approved" in (await command("refund-file", str(again), "--by", "eva")).out
    await command("refund-file", str(again), "--again", made["message_id"])
    assert again.read_bytes() == file.read_bytes()
    listed = (await command("refunds", "--json")).json["refunds"]
    assert {row["state"] for row in listed} == {"instructed", "asked"}
    await bring(pool, camt_of(debit(10000, to=THEIRS), debit(ONE, key="D2", to=THEIRS)))
    [left] = (await command("refunds", "--debits", "--json")).json["debits"]
    assert (left["entry"], left["account"]) == ("D2", THEIRS)
    [waits] = (await command("refunds", "--json")).json["refunds"]
    ran = await command("refund-paid", waits["refund_id"], "--entry", "D2", "--by", "eva")
    assert "is asked" in ran.err
    ran = await command("refund-rejected", one, "--by", "eva", "--reason", "AC01")
    assert "is paid already" in ran.err
    assert "paid" in (await command("refunds", "--all")).out


async def test_a_debit_that_says_otherwise_closes_none(pool):
    """Of another day, firm or id: a task names the refund, if it may be one. Words make no fee.

    A refund is what its id says, whatever the bank's words.
    """
    await bring(pool, camt(Money(None, ONE)))
    refund = await do(pool, told_to_the_bank, reference="K1")
    words = ("</Ntry>", "<AddtlNtryInf>Uten gebyr</AddtlNtryInf></Ntry>")
    firm = "<RltdPties><Cdtr><Nm>Kontorrekvisita AS</Nm></Cdtr></RltdPties>"
    early = debit(ONE, key="E1", on=TODAY - timedelta(40)).replace("Tilbakebetaling", "Husleie")
    bill = debit(ONE, key="E2").replace("<RmtInf>", f"{firm}<RmtInf>")
    other = debit(ONE, key="E3", id_of="FAKTURA-3321")
    # 500.01 kr are more than the policy calls a fee.
    much = debit(50001, key="E4").replace(*words)
    report = await bring(pool, camt_of(early, bill, other, much))
    assert (report.refunds, [one.reason for one in report.aside]) == (0, ["outgoing"] * 4)
    assert await state_of(pool, refund.refund_id) is RefundState.INSTRUCTED
    asked = [row["says"] for row in await pool.fetch("SELECT says FROM tasks")]
    [named] = [says for says in asked if f"may be refund {refund.refund_id}: " in says]
    assert named.startswith("entry 3 of")
    ours = debit(ONE, key="E5", id_of=refund.refund_id).replace(*words)
    assert (await bring(pool, camt_of(ours))).refunds == 1
    assert await audited(pool) == []


async def test_two_equal_ones_are_two(pool):
    """Two debits close two; one alone closes none until somebody says which."""
    await bring(pool, camt(*(Money(None, ONE, key=key) for key in ("K1", "K2", "K3", "K4"))))
    ids = [(await do(pool, told_to_the_bank, reference=f"K{at}")).refund_id for at in (1, 2)]
    both = camt_of(debit(ONE), debit(ONE, key="D2"))
    assert (await bring(pool, both)).refunds == 2
    assert {await state_of(pool, one) for one in ids} == {RefundState.PAID}

    more = [(await do(pool, told_to_the_bank, reference=f"K{at}")).refund_id for at in (3, 4)]
    report = await bring(pool, camt_of(debit(ONE, key="D3", on=TODAY - timedelta(3))))
    assert (report.refunds, report.set_aside) == (0, 1)
    [left] = await do(pool, list_outgoing)
    assert left.text == "Tilbakebetaling"
    with pytest.raises(NotPossible, match="no debit D1 is unexplained"):
        await do(pool, confirm_by_hand, more[1], "D1", today=TODAY, by="eva")
    await do(pool, confirm_by_hand, more[1], left.entry, today=TODAY, by="eva")
    states = [await state_of(pool, one) for one in more]
    assert states == [RefundState.INSTRUCTED, RefundState.PAID]
    assert await do(pool, list_outgoing) == []
    assert f"entry/{left.entry}" not in (await stands(pool))["tasks"]
    assert await audited(pool) == []


async def test_a_members_credit_is_paid_out_whole(pool, persistence):
    """300.00 of a credit note and 495.00 in suspense are one refund of 795.00, or two."""
    kari = await payer(pool, persistence, "2026-10")
    await bring(pool, camt(Money(kari.kids[0], ONE), Money(kari.kids[0], ONE, key="K2")))
    await credit_note(pool, kari, 30000, date(2026, 11, 1))
    asked = {"member_number": kari.number, "today": TODAY, **ASKED}
    with pytest.raises(NotPossible, match=r"there are 795\.00 kr to pay out, and not 795\.01 kr"):
        await do(pool, ask_refund, amount_ore=79501, **asked)
    part = await do(pool, ask_refund, amount_ore=10000, **asked)
    whole = await do(pool, ask_refund, **asked)
    assert (part.amount_ore, whole.amount_ore) == (10000, 69500)
    with pytest.raises(NotPossible, match="nothing to pay out"):
        await do(pool, ask_refund, **asked)
    await do(pool, approve_refund, whole.refund_id, today=TODAY, by="eva")
    await do(pool, make_refund_file, UNION, today=TODAY, by="eva")
    assert (await stands(pool))["balances"]["refunds"] == -69500
    await do(pool, note_rejected, whole.refund_id, today=TODAY, by="eva", why="AC01")
    await do(pool, refuse_refund, part.refund_id, today=TODAY, by="eva", why="all at once")
    assert (await stands(pool))["balances"]["refunds"] == 0
    again = await do(pool, ask_refund, **asked)
    assert again.amount_ore == 79500
    # The credit note was written without its entry: 300.00 on both sides.
    assert {one.split()[1] for one in await audited(pool)} == {"correction", "members"}


async def test_who_owes_is_not_paid_out(pool, persistence):
    """495.00 owed beside money with another KID: a member's credit pays that first."""
    kari = await payer(pool, persistence, "2026-10")
    with pytest.raises(NotPossible, match=r"the member owes 495\.00 kr"):
        await do(pool, ask_refund, member_number=kari.number, today=TODAY, **ASKED)


REFUSED: dict[str, dict[str, Any]] = {
    "check digit is wrong": {"account": "86011117948"},
    "a Norwegian account": {"account": "SE4550000000058398257466"},
    "nothing is asked for": {"amount_ore": 0},
    "kr to pay out, and not 495.01": {"amount_ore": ONE + 1},
    "kr to pay out": {"amount_ore": 10**30},
    "there is no payment K9": {"reference": "K9"},
    "there is no member x": {"reference": None, "member_number": "x"},
    "name who receives it with --to": {"receiver": None},
}


async def test_what_can_not_be_paid_back_says_why(pool):
    """A sentence, and nothing is set apart."""
    await bring(pool, camt(Money(None, ONE)))
    for says, changed in REFUSED.items():
        with pytest.raises(NotPossible, match=says):
            await do(pool, ask_refund, **({"reference": "K1", "today": TODAY} | ASKED | changed))
    assert (await stands(pool))["suspense"] == {"K1": ONE}


async def test_the_account_is_who_paid_or_is_asked_for(pool):
    """By the bank's word if it can be right; else somebody names it, and somebody else approves."""
    paid = debit(ONE, key="K1", to=THEIRS, kind="CRDT").replace(
        "</RltdPties>", "<Dbtr><Nm>Kari Nordmann</Nm></Dbtr></RltdPties>"
    )
    await bring(pool, camt_of(paid, debit(ONE, key="K2", to="15030123456", kind="CRDT")))
    asked = {"today": TODAY, "by": "ola", "reason": "for mye"}
    known = await do(pool, ask_refund, reference="K1", **asked)
    assert (known.account, known.receiver) == (THEIRS, "Kari Nordmann")
    other = await do(pool, ask_refund, reference="K2", **asked)
    assert (other.account, other.receiver) == (None, None)
    with pytest.raises(NotPossible, match="has no account yet"):
        await do(pool, approve_refund, other.refund_id, today=TODAY, by="eva")
    named = {"account": "8601.11.17947", "receiver": "Ola"}
    await do(pool, name_receiver, other.refund_id, by="Eva N", **named)
    with pytest.raises(NotPossible, match="somebody else approves it"):
        await do(pool, approve_refund, other.refund_id, today=TODAY, by="eva n.")
    await do(pool, approve_refund, other.refund_id, today=TODAY, by="kim")
    with pytest.raises(NotPossible, match="is approved already"):
        await do(pool, name_receiver, other.refund_id, by="eva", **named)


async def test_the_estate_is_named(pool):
    """Of somebody who has died neither account nor name is taken for granted."""
    member = await make_membership(pool, stage="ended", outcome="deceased")
    await pool.execute(
        "INSERT INTO payments (reference, membership_id, amount_ore, paid_on)"
        " VALUES ('B-1', $1, 100, $2)",
        member,
        TODAY,
    )
    asked = {"reference": "B-1", "today": TODAY, "by": "ola", "reason": "dødsfall"}
    with pytest.raises(NotPossible, match="the estate's, with --to"):
        await do(pool, ask_refund, account=THEIRS, **asked)
    refund = await do(pool, ask_refund, account=THEIRS, receiver="Boet", **asked)
    assert refund.receiver == "Boet"


async def test_what_was_taken_back_is_not_paid_out(pool):
    """The bank takes the payment back meanwhile: neither approved nor written, but refused."""
    await bring(pool, camt(Money(None, ONE), Money(None, ONE, key="K2")))
    asked = [await do(pool, ask_refund, reference=f"K{at}", today=TODAY, **ASKED) for at in (1, 2)]
    await do(pool, approve_refund, asked[1].refund_id, today=TODAY, by="eva")
    gone = [Money(None, ONE, key=key, reversal=True) for key in ("K1", "K2")]
    await bring(pool, camt(*gone))
    with pytest.raises(NotPossible, match="has taken back what refund"):
        await do(pool, approve_refund, asked[0].refund_id, today=TODAY, by="eva")
    assert await do(pool, make_refund_file, UNION, today=TODAY, by="eva") is None
    for refund in asked:
        await do(pool, refuse_refund, refund.refund_id, today=TODAY, by="eva", why="reversed")
    assert await in_books(pool) == (0, 0, 0)
    assert await audited(pool) == []


async def paid_back_and_taken_back(pool, persistence, until):
    """A member who paid thrice, and whose K2 is refunded so far and then taken back by the bank."""
    kari = await payer(pool, persistence, "2026-10")
    await bring(pool, camt(*(Money(kari.kids[0], ONE, key=key) for key in ("K1", "K2", "K3"))))
    if until is RefundState.APPROVED:
        refund = await do(pool, ask_refund, reference="K2", today=TODAY, **ASKED)
        await do(pool, approve_refund, refund.refund_id, today=TODAY, by="eva")
    else:
        refund = await do(pool, told_to_the_bank, reference="K2")
    if until is RefundState.PAID:
        await bring(pool, camt_of(debit(ONE, id_of=refund.refund_id)))
    third = await do(pool, ask_refund, reference="K3", today=TODAY, **ASKED)
    await do(pool, approve_refund, third.refund_id, today=TODAY, by="eva")
    await bring(pool, camt(Money(kari.kids[0], ONE, key="K2", reversal=True)))
    [says] = [row[0] for row in await pool.fetch("SELECT says FROM tasks WHERE kind = 'reversal'")]
    return kari, refund, third, says


async def test_what_is_not_there_is_not_paid_out(pool, persistence, command, tmp_path):
    """-495.00 of K2 and 495.00 of K3 are nothing; 700.00 more are 700.00 (P8, A37)."""
    kari, second, third, says = await paid_back_and_taken_back(pool, persistence, RefundState.PAID)
    assert f"Refund {second.refund_id} of it had been paid out already: the member owes" in says
    # Approved before the bank took K2 back: in no file, with the reason and a task, and given up.
    ran = await command("refund-file", str(tmp_path / "x"), "--by", "eva")
    assert f"Not {third.refund_id}: the bank has taken back" in ran.out
    assert f"refund/{third.refund_id}/held" in (await stands(pool))["tasks"]
    await do(pool, refuse_refund, third.refund_id, today=TODAY, by="eva", why="taken back")
    assert f"refund/{third.refund_id}/held" not in (await stands(pool))["tasks"]
    asked = {"member_number": kari.number, "today": TODAY, **ASKED}
    for which in ({"reference": "K3"}, {"member_number": kari.number}):
        with pytest.raises(NotPossible, match=r"the member owes 495\.00 kr of a payment"):
            await do(pool, ask_refund, today=TODAY, **which, **ASKED)
    owes = "SELECT owes_something($1), credit_of($1)"
    assert tuple(await pool.fetchrow(owes, kari.membership_id)) == (True, 0)
    listed = (await command("suspense", "--proposals", "--json")).json["suspense"]
    assert {row["reference"]: row["suspense_ore"] for row in listed} == {"K2": -ONE, "K3": ONE}
    assert "taken back by the bank: it is owed" in (await command("suspense")).out
    owed = (await command("receivables", "--on", "2026-12-31", "--json")).json["receivables"]
    assert [row["ore"] for row in owed if row["debtor"] == "suspense"] == [ONE]

    await bring(pool, camt(Money(kari.kids[0], 70000, key="K4")))
    with pytest.raises(NotPossible, match=r"there are 700\.00 kr to pay out, and not 700\.01 kr"):
        await do(pool, ask_refund, amount_ore=70001, **asked)
    assert tuple(await pool.fetchrow(owes, kari.membership_id)) == (False, 70000)
    whole = await do(pool, ask_refund, **asked)
    assert whole.amount_ore == 70000
    part = (
        "INSERT INTO refund_parts (refund_id, serial, reference, amount_ore) VALUES ($1, 9, $2, 1)"
    )
    with pytest.raises(asyncpg.CheckViolationError):
        await pool.execute(part, whole.refund_id, "K4")
    assert await audited(pool) == []


@pytest.mark.parametrize(
    ("until", "told"),
    [
        (
            RefundState.INSTRUCTED,
            "is on its way: stop it in the bank and note that with refund-rej",
        ),
        (RefundState.APPROVED, "goes into no file: give it up with approve-refund"),
    ],
)
async def test_the_task_of_a_reversal_says_what_to_do(pool, persistence, until, told):
    """Not yet paid: stopped in the bank, or given up; then nobody owes and K3 is paid out."""
    _, second, third, says = await paid_back_and_taken_back(pool, persistence, until)
    assert f"Refund {second.refund_id} of it {told}" in says
    over = note_rejected if until is RefundState.INSTRUCTED else refuse_refund
    await do(pool, over, second.refund_id, today=TODAY, by="eva", why="stopped")
    await do(pool, make_refund_file, UNION, today=TODAY, by="eva")
    assert await state_of(pool, third.refund_id) is RefundState.INSTRUCTED
    assert (await stands(pool))["suspense"] == {"K1": 0, "K2": 0, "K3": 0}
    assert await audited(pool) == []


def of_the_bank(ore, kind, code=None, back=""):
    """An entry of which the bank says what it is by a code, or nothing."""
    said = (
        f"<BkTxCd><Domn><Cd>ACMT</Cd><Fmly><Cd>MDOP</Cd><SubFmlyCd>{code}</SubFmlyCd></Fmly>"
        "</Domn></BkTxCd>"
    )
    return (
        f'<Ntry><Amt Ccy="NOK">{kroner(ore)}</Amt><CdtDbtInd>{kind}</CdtDbtInd>{back}'
        f"<Sts>BOOK</Sts><BookgDt><Dt>{TODAY}</Dt></BookgDt>{said if code else ''}</Ntry>"
    )


async def test_what_is_the_banks_own_is_booked(pool):
    """An entry of its own and no task; a debit that says nothing, of much, is asked about (P8)."""
    content = camt_of(
        of_the_bank(300000, "DBIT", "CHRG"),
        of_the_bank(4500, "CRDT", "CHRG"),
        of_the_bank(70, "DBIT", "INTR"),
        of_the_bank(1234, "CRDT", "INTR"),
        of_the_bank(34, "DBIT", "INTR", "<RvslInd>true</RvslInd>"),
        of_the_bank(50000, "DBIT"),
        of_the_bank(50001, "DBIT"),
    )
    report = await bring(pool, content)
    await bring(pool, content + b"\n")
    assert (report.payments, report.reversals, report.charges, report.set_aside) == (0, 0, 6, 1)
    # 3,000.00 - 45.00 + 0.70 + 500.00 cost, and 12.34 - 0.34 earned; 500.01 are a task.
    assert (await stands(pool))["balances"] == {
        "bank_charges": 345570,
        "bank_interest": -1200,
        "bank": -344370,
    }
    assert await audited(pool) == []


async def test_a_fee_that_may_be_the_same_is_taken_in_by_hand(pool):
    """Two messages of one day tell of 45.00: one fee, and a second once somebody says so."""
    fee = camt_of(of_the_bank(4500, "DBIT", "CHRG"))
    await bring(pool, fee)
    assert (await bring(pool, fee.replace(b"<MsgId>1<", b"<MsgId>2<"))).set_aside == 1
    key = await pool.fetchval("SELECT key FROM tasks WHERE closed_on IS NULL")
    named = {"reference": key.removeprefix("entry/"), "today": TODAY, "by": "ola"}
    assert await do(pool, take_in, **named) == 4500
    assert (await stands(pool))["balances"] == {"bank_charges": 9000, "bank": -9000}
    with pytest.raises(NotPossible, match="waits to be taken in"):
        await do(pool, take_in, **named)
    assert await audited(pool) == []
