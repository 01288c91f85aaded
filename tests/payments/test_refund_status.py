"""The bank's answer to a file of refunds (pain.002): accepted, waiting, rejected (P8)."""

from datetime import date, timedelta

import pytest

from activities.payments.refund_files import make_refund_file
from activities.payments.refund_status import take_status_report
from activities.payments.refunds import approve_refund, ask_refund, list_refunds, note_rejected
from activities.payments.status_reports import read_status_report
from activities.payments.suspense import NotPossible
from schemas.payments.refund_status import (
    BankSays,
    Known,
    ReportedPayment,
    Status,
    StatusReport,
    StatusVerdict,
    judge,
    understand,
)
from schemas.payments.refunds import RefundState
from tests.payments.making import TODAY, Money, bring, camt, camt_of, kroner, stands
from tests.payments.refunding import ASKED, UNION, debit
from tests.payments.test_refunds import audited, do

ONE, OTHER = "R0000000000000001", "R0000000000000002"
FILE = "REFUNDS-20261215-1"


def why(*codes, text=None):
    """Reasons as a bank gives them."""
    words = f"<AddtlInf>{text}</AddtlInf>" if text else ""
    return "".join(f"<StsRsnInf><Rsn><Cd>{code}</Cd></Rsn>{words}</StsRsnInf>" for code in codes)


def payment(refund_id, status=None, *, ore=None, more=""):
    """A payment of a report."""
    told = kroner(ore or 0)
    amount = f'<OrgnlTxRef><Amt><InstdAmt Ccy="NOK">{told}</InstdAmt></Amt></OrgnlTxRef>'
    code = f"<TxSts>{status}</TxSts>" if status else ""
    return (
        f"<TxInfAndSts><OrgnlInstrId>{refund_id}</OrgnlInstrId>"
        f"<OrgnlEndToEndId>{refund_id}</OrgnlEndToEndId>{code}{more}{amount if ore else ''}"
        "</TxInfAndSts>"
    )


def report(
    *payments,
    group=None,
    block=None,
    more="",
    block_more="",
    of=FILE,
    kind="pain.001.001.03",
    version="03",
    report_id="bank-1",
    at="2026-12-15T10:00:00",
):
    """A status report as banks write it, of one block, or of the first versions without any."""
    said = f"<GrpSts>{group}</GrpSts>" if group else ""
    inside = "".join(payments)
    if version != "02":
        status = f"<PmtInfSts>{block}</PmtInfSts>" if block else ""
        inside = (
            f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{of}-1</OrgnlPmtInfId>{status}{block_more}{inside}"
            "</OrgnlPmtInfAndSts>"
            if payments or block
            else ""
        )
    return (
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.{version}">'
        f"<CstmrPmtStsRpt><GrpHdr><MsgId>{report_id}</MsgId><CreDtTm>{at}</CreDtTm></GrpHdr>"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{of}</OrgnlMsgId><OrgnlMsgNmId>{kind}</OrgnlMsgNmId>"
        f"{said}{more}</OrgnlGrpInfAndSts>{inside}</CstmrPmtStsRpt></Document>"
    ).encode()


OURS = (Known(ONE, 49500, True), Known(OTHER, 20000, True))


def told(content):
    """What a report says of the two refunds of the file it answers."""
    understood = understand(read_status_report(content), OURS)
    return {one: str(status.says) for one, status in understood.told.items()}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (report(group="ACTC"), {ONE: "accepted", OTHER: "accepted"}),
        (report(group="RJCT", more=why("FF01")), {ONE: "rejected", OTHER: "rejected"}),
        (report(block="RJCT", more=why("AC05")), {ONE: "rejected", OTHER: "rejected"}),
        (report(group="PDNG"), {ONE: "pending", OTHER: "pending"}),
        # What is partly accepted says nothing of who is not named.
        (report(payment(ONE, "RJCT"), group="PART", block="PART"), {ONE: "rejected"}),
        # The whole is accepted, but for one.
        (report(payment(ONE, "RJCT"), group="ACCP"), {ONE: "rejected", OTHER: "accepted"}),
        # Named without a status of its own: that of its block, or of the file.
        (report(payment(ONE), block="RJCT"), {ONE: "rejected", OTHER: "rejected"}),
        (report(payment(ONE), group="RJCT", version="02"), {ONE: "rejected", OTHER: "rejected"}),
        (report(payment(ONE, "RJCT"), payment(OTHER, "ACSC"), version="10"),
         {ONE: "rejected", OTHER: "accepted"}),
        (report(payment(ONE, "RJCT", ore=49500)), {ONE: "rejected"}),
        (report(payment(ONE, "CANC"), payment(OTHER, "XXXX")),
         {ONE: "rejected", OTHER: "unclear"}),
        # Another amount, or two statuses that differ, are no word about it; the same twice is.
        (report(payment(ONE, "RJCT", ore=49501), payment(OTHER, "ACSP")), {OTHER: "accepted"}),
        (report(payment(ONE, "RJCT"), payment(ONE, "ACSP"), group="ACSP"), {OTHER: "accepted"}),
        (report(payment(ONE, "RJCT"), payment(ONE, "RJCT")), {ONE: "rejected"}),
        (report(payment("E2E-9", "RJCT"), payment(ONE, "ACSP")), {ONE: "accepted"}),
        (b"\xef\xbb\xbf" + report(group="ACTC"), {ONE: "accepted", OTHER: "accepted"}),
        (b'<?xml version="1.0" encoding="ISO-8859-1"?>'
         + report(payment(ONE, "RJCT", more=why("AC01", text="\xf8"))).decode().encode("latin-1"),
         {ONE: "rejected"}),
        # As transfers leave it: blanks and ends of files around it, Latin letters called UTF-8.
        (b"\xef\xbb\xbf\r\n" + report(group="ACTC") + b"\r\n\x1a\0",
         {ONE: "accepted", OTHER: "accepted"}),
        (report(payment(ONE, "RJCT", more=why("AC01", text="\xf8"))).decode().encode("latin-1"),
         {ONE: "rejected"}),
        (b"<Envelope><AppHdr/>" + report(group="ACTC") + b"</Envelope>",
         {ONE: "accepted", OTHER: "accepted"}),
    ],
)  # fmt: skip
def test_what_a_report_says(content, says):
    """Of each refund what is said of itself, else of its block, else of the file (P8)."""
    assert told(content) == says


def test_reasons_are_of_the_nearest_that_gives_any():
    """A payment that is rejected with its block has the block's reason; its own comes first."""
    content = report(
        payment(ONE, "RJCT", more=why("AC01", "MS03")),
        payment(OTHER, "RJCT"),
        block="RJCT",
        block_more=why("AC05", text=" our  account "),
    )
    found = understand(read_status_report(content), OURS).told
    assert found[ONE].why == "AC01 the account number is wrong, MS03 the bank gives no reason"
    assert (found[OTHER].reasons, found[OTHER].text) == (("AC05",), "our account")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "it is empty"),
        (b"NY00", "not well-formed XML"),
        (report(group="ACTC")[:-20], "cut off"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]>' + report(), "document type"),
        (camt_of(debit(49500)), "camt.054: give it in with payments"),
        (b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"/>', "told to pay by"),
        (b"<a/>", "it is not pain.002"),
        (report(kind="pain.008.001.02", group="RJCT"), "another kind of message"),
        (b"<E>" + 2 * report(group="ACTC") + b"</E>", "several reports"),
        (report(payment(ONE, "RJCT"), payment(OTHER, "RJCT"), group="PART",
                more="<NbOfTxsPerSts><DtldNbOfTxs>1</DtldNbOfTxs><DtldSts>RJCT</DtldSts>"
                     "</NbOfTxsPerSts>"), "names 2 payments as RJCT, and says that there are 1"),
    ],
)  # fmt: skip
def test_what_is_no_report_says_what_it_is(content, says):
    """Another message, or one whose own counts do not hold, is refused with a reason."""
    with pytest.raises(NotPossible, match=says):
        read_status_report(content)


REJECTED, DOUBLE = Status("RJCT", ("AC04",)), Status("RJCT", ("DU01",))
ACCEPTED, ODD = Status("ACSC"), Status("BLCK")


@pytest.mark.parametrize(
    ("status", "state", "newer", "verdict"),
    [
        (REJECTED, RefundState.INSTRUCTED, True, StatusVerdict.RELEASED),
        (REJECTED, RefundState.RETURNED, True, StatusVerdict.KNOWN),
        (REJECTED, RefundState.PAID, True, StatusVerdict.ASKED_ABOUT),
        # The same file handed in twice: the first is paid, and must not be owed again.
        (DOUBLE, RefundState.INSTRUCTED, True, StatusVerdict.ASKED_ABOUT),
        (ACCEPTED, RefundState.INSTRUCTED, True, StatusVerdict.NOTED),
        (ACCEPTED, RefundState.PAID, True, StatusVerdict.NOTED),
        # Told in another order: what was accepted before it was rejected is nothing new.
        (ACCEPTED, RefundState.RETURNED, False, StatusVerdict.KNOWN),
        (ACCEPTED, RefundState.RETURNED, True, StatusVerdict.ASKED_ABOUT),
        (Status("PDNG"), RefundState.INSTRUCTED, True, StatusVerdict.NOTED),
        (ODD, RefundState.INSTRUCTED, True, StatusVerdict.ASKED_ABOUT),
    ],
)
def test_what_follows_of_a_status(status, state, newer, verdict):
    """Owed again is only what is on its way and surely rejected (P8)."""
    assert judge(status, state, newer=newer) is verdict


def test_a_contradiction_says_nothing_even_with_the_files_status():
    """Who is named twice differently does not get what is said of the rest."""
    said = (
        ReportedPayment("payment 1", (ONE,), Status("RJCT")),
        ReportedPayment("payment 2", (ONE,), Status("ACSP")),
    )
    whole = StatusReport("bank-1", None, FILE, Status("RJCT"), Status("RJCT"), said)
    understood = understand(whole, OURS)
    assert (set(understood.told), understood.contradicted) == ({OTHER}, (ONE,))
    assert understood.told[OTHER].says is BankSays.REJECTED


async def two_on_their_way(pool):
    """Two refunds of 495.00 in one file."""
    await bring(pool, camt(Money(None, 49500), Money(None, 49500, key="K2")))
    ids = []
    for key in ("K1", "K2"):
        refund = await do(pool, ask_refund, reference=key, today=TODAY, **ASKED)
        await do(pool, approve_refund, refund.refund_id, today=TODAY, by="eva")
        ids.append(refund.refund_id)
    made = await do(pool, make_refund_file, UNION, today=TODAY, by="eva")
    return *ids, made.message_id


async def states(pool, *refund_ids):
    """How far refunds have come."""
    async with pool.acquire() as connection:
        found = {one.refund_id: one for one in await list_refunds(connection)}
    return [found[refund_id].state for refund_id in refund_ids]


async def test_what_is_rejected_is_owed_again(pool, command, tmp_path):
    """One of two is rejected by a file handed in twice: owed again once, with reason and task."""
    one, other, file = await two_on_their_way(pool)
    path = tmp_path / "status.xml"
    path.write_bytes(
        report(
            payment(one, "RJCT", ore=49500, more=why("AC04", text="Konto avsluttet")),
            payment(other, "ACSP"),
            payment("E2E-UKJENT", "ACSP"),
            group="PART",
            of=file,
        )
    )
    first = (await command("refund-status", str(path), "--json")).json
    assert (first["rejected"], first["accepted"], first["unknown"]) == ([one], [other], 1)
    assert await states(pool, one, other) == [RefundState.RETURNED, RefundState.INSTRUCTED]
    why_not = await pool.fetchval("SELECT released_why FROM refunds WHERE refund_id = $1", one)
    assert why_not == (
        "rejected by the bank: AC04 the receiver's account is closed (Konto avsluttet)"
    )
    before = await stands(pool)
    assert before["suspense"] == {"K1": 49500, "K2": 0}
    assert {f"refund/{one}/rejected", "suspense/K1"} <= before["tasks"]
    again = (await command("refund-status", str(path), "--json")).json
    assert (again["rejected"], again["known"]) == ([], [one])
    assert await stands(pool) == before
    # The bank's debit of the other still closes it.
    await bring(pool, camt_of(debit(49500, id_of=other)))
    assert await states(pool, other) == [RefundState.PAID]
    assert await audited(pool) == []


async def test_what_does_not_fit_changes_nothing(pool):
    """Of another's file: refused. A second copy, paid already, given up by hand: a task each."""
    one, other, file = await two_on_their_way(pool)
    for strange in (
        report(group="RJCT", of="REFUNDS-20250101-1"),
        report(group="RJCT", of=file, more="<OrgnlNbOfTxs>3</OrgnlNbOfTxs>"),
        report(group="RJCT", of=file, more="<OrgnlCtrlSum>990.01</OrgnlCtrlSum>"),
    ):
        with pytest.raises(NotPossible, match="the file is refused"):
            await do(pool, take_status_report, strange, today=TODAY)
    copy = report(group="RJCT", more=why("DU01"), of=file)
    found = await do(pool, take_status_report, copy, today=TODAY)
    assert set(found.asked_about) == {one, other}
    await bring(pool, camt_of(debit(49500, id_of=other)))
    await do(pool, note_rejected, one, today=TODAY, by="eva", why="told by telephone")
    later = report(group="ACSP", of=file, report_id="bank-2")
    found = await do(pool, take_status_report, later, today=TODAY + timedelta(days=1))
    assert (found.asked_about, found.accepted) == ((one,), (other,))
    gone = report(payment(other, "RJCT"), of=file, report_id="bank-3")
    found = await do(pool, take_status_report, gone, today=date(2026, 12, 17))
    assert found.asked_about == (other,)
    assert await states(pool, one, other) == [RefundState.RETURNED, RefundState.PAID]
    assert await audited(pool) == []


async def test_payments_says_what_to_do_with_it(pool):
    """Handed to the command for money it is refused with the command that reads it."""
    taken = await bring(pool, report(group="ACTC"))
    assert (taken.outcome, "give it in with refund-status" in taken.faults[0].says) == (
        "refused",
        True,
    )
