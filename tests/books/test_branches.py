"""What came in for branches, month by month: settled once, by two people, and told to the bank.

Oslo takes 50.00 of 545.00 (S3). Members join on 14 October 2026 with an invoice for October (P11).
"""

import asyncio
from datetime import date
from typing import Any

import asyncpg
import pytest
from stdnum.no import kontonr

from activities.audit import books as comparing
from activities.books.branches import approve, foretell, name_account, settle
from activities.books.ledger import read_books
from activities.database.roles import OPERATOR, as_role
from activities.dues.activities import Dues
from activities.payments.refund_files import make_refund_file
from activities.payments.refunds import note_rejected
from activities.payments.suspense import NotPossible, allocate
from schemas.audit.contracts import AuditOpening, AuditPlan
from schemas.books.balances import trial_balance
from schemas.books.branches import BranchDues, BranchLine, BranchSettlement
from tests.commands import run
from tests.dues.lives import ends, hides, life
from tests.dues.making import SINCE, charge, joins
from tests.payments.making import Money, bring, camt_of, ocr
from tests.payments.refunding import THEIRS, UNION, debit
from workers.cli.books.branch_files import letter, table
from workers.settings import Stack, UnionSettings

OCTOBER, NOVEMBER, DECEMBER = date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)
IN_NOVEMBER, IN_DECEMBER, LATER = date(2026, 11, 10), date(2026, 12, 3), date(2027, 1, 4)


@pytest.fixture
async def connection(pool):
    """A connection in a transaction, as commands have one."""
    async with pool.acquire() as connection, connection.transaction():
        yield connection


async def kids_of(pool, member):
    """The KIDs of a member's invoices, the oldest first."""
    rows = await pool.fetch(
        "SELECT kid FROM invoices WHERE membership_id = $1 ORDER BY serial", member
    )
    return [row[0] for row in rows]


async def pays(pool, kid, ore, on, number=1, **how):
    """Let a payment come with a file of a day."""
    money = Money(kid, ore, number=number, on=on, **how)
    await bring(pool, ocr(money, transmission=f"{on:%d%m%y}{number}"), today=on)


async def sums(pool, month, today=LATER):
    """What a settlement of a month would come to, by branch."""
    async with pool.acquire() as connection:
        found = await foretell(connection, month, today)
    return {one.branch: one.amount_ore for one in found.settlements}, found.unplaced_ore


async def drifted(pool):
    """What the audit says of the ledger."""
    opening = AuditOpening(run="r", today=LATER, dry_run=True)
    plan = AuditPlan(opening=opening, months=(OCTOBER,), charged=(), pages=(), page_size=1)
    async with pool.acquire() as connection:
        return [f for one in await comparing.compare_ledger(connection, plan) for f in one.named]


async def test_what_came_in_is_the_branchs(pool, persistence):
    """In full, in part by a person's hand, of no branch, later: the part that was paid."""
    oslo = await joins(persistence, life(since=SINCE, branch="OSLO"))
    half = await joins(persistence, life(since=SINCE, branch="OSLO"))
    late = await joins(persistence, life(since=SINCE, branch="BERGEN"))
    none = await joins(persistence, life(since=SINCE))
    await pays(pool, (await kids_of(pool, oslo))[0], 54500, IN_NOVEMBER, 1)
    # 200.00 of 545.00: 50.00 x 200 / 545 = 18.348..., and whole øre towards nothing.
    [kid] = await kids_of(pool, half)
    await pays(pool, kid, 20000, IN_NOVEMBER, 2)
    async with pool.acquire() as connection, connection.transaction():
        reference, number = await connection.fetchrow(
            "SELECT reference, number FROM payments JOIN invoices USING (kid) WHERE kid = $1", kid
        )
        await allocate(connection, reference, number, today=IN_NOVEMBER, by="eva")
    await pays(pool, (await kids_of(pool, none))[0], 49500, IN_NOVEMBER, 3)
    await pays(pool, (await kids_of(pool, late))[0], 54000, IN_DECEMBER, 4)
    assert await sums(pool, OCTOBER) == ({"BERGEN": 0, "OSLO": 0}, 0)
    assert await sums(pool, NOVEMBER) == ({"BERGEN": 0, "OSLO": 5000 + 1834}, 0)
    assert await sums(pool, DECEMBER) == ({"BERGEN": 4500, "OSLO": 6834}, 0)


async def test_the_month_is_settled_once_and_the_rest_comes_with_the_next(pool, persistence):
    """A late payment and one that was taken back stand in December; again: the same."""
    oslo = await joins(persistence, life(since=SINCE, branch="OSLO"))
    other = await joins(persistence, life(since=SINCE, branch="OSLO"))
    await charge(Dues(pool), "2026-11")
    october, november = await kids_of(pool, oslo)
    await pays(pool, october, 54500, IN_NOVEMBER, 1)
    async with pool.acquire() as connection, connection.transaction():
        first = await settle(connection, NOVEMBER, today=IN_DECEMBER, by="ola")
        # All there ever was is added up: that takes longer than an ordinary statement may.
        assert await connection.fetchval("SHOW statement_timeout") == "30min"
        [of_oslo] = [one for one in first.settlements if one.branch == "OSLO"]
        assert of_oslo.lines == (BranchLine(dues_of=OCTOBER, amount_ore=5000),)
        assert (of_oslo.amount_ore, of_oslo.made_by, of_oslo.owed_ore) == (5000, "ola", 5000)
    # Booked in November, told after it was settled.
    await pays(pool, (await kids_of(pool, other))[0], 54500, date(2026, 11, 28), 2)
    await pays(pool, november, 54500, IN_DECEMBER, 3)
    async with pool.acquire() as connection, connection.transaction():
        assert await settle(connection, NOVEMBER, today=LATER, by="eva") == first
        assert await foretell(connection, NOVEMBER, LATER) == first
        await settle(connection, DECEMBER, today=LATER, by="ola")
    rows = await pool.fetch(
        "SELECT period_from, received_ore, amount_ore FROM branch_settlements"
        " WHERE branch = 'OSLO' ORDER BY 1"
    )
    assert [tuple(row) for row in rows] == [(NOVEMBER, 5000, 5000), (DECEMBER, 15000, 10000)]
    async with pool.acquire() as connection:
        with pytest.raises(NotPossible, match="2026-12 is settled already"):
            await foretell(connection, OCTOBER, LATER)
    assert await drifted(pool) == []
    with pytest.raises(asyncpg.UniqueViolationError):
        await pool.execute("INSERT INTO branch_settlements SELECT * FROM branch_settlements")


async def test_what_the_bank_takes_back_is_taken_off(pool, persistence):
    """A reversal makes December less than nothing: nothing is paid out until it is made up for."""
    oslo = await joins(persistence, life(since=SINCE, branch="OSLO"))
    [kid] = await kids_of(pool, oslo)
    await pays(pool, kid, 54500, IN_NOVEMBER, 1, archive="123456789")
    async with pool.acquire() as connection, connection.transaction():
        await name_account(
            connection, "OSLO", THEIRS, from_on=NOVEMBER, today=IN_NOVEMBER, by="eva"
        )
        found = await settle(connection, NOVEMBER, today=IN_DECEMBER, by="ola")
        assert [one.payout_ore for one in found.settlements] == [None, 5000]
    await pays(pool, kid, 54500, date(2026, 12, 7), 2, archive="123456789", reversal=True)
    async with pool.acquire() as connection, connection.transaction():
        found = await settle(connection, DECEMBER, today=LATER, by="ola")
        [of_oslo] = [one for one in found.settlements if one.branch == "OSLO"]
    assert (of_oslo.amount_ore, of_oslo.payout_ore, of_oslo.owed_ore) == (-5000, None, -5000)
    assert "trekkes fra neste oppgjør" in letter(of_oslo, UnionSettings()).decode()
    assert await drifted(pool) == []


async def test_two_people_and_the_banks_word(pool, persistence):
    """Asked by one, approved by another, told to the bank, and over with its debit."""
    oslo = await joins(persistence, life(since=SINCE, branch="OSLO"))
    await pays(pool, (await kids_of(pool, oslo))[0], 54500, IN_NOVEMBER)
    async with pool.acquire() as connection, connection.transaction():
        await settle(connection, NOVEMBER, today=IN_DECEMBER, by="ola")
        with pytest.raises(NotPossible, match="no payout of 2026-11 waits for an approval"):
            await approve(connection, NOVEMBER, today=IN_DECEMBER, by="eva")
        told: dict[str, Any] = {
            "from_on": IN_DECEMBER,
            "today": IN_DECEMBER,
            "by": "per",
            "subject": "idp|1",
        }
        await name_account(connection, "OSLO", THEIRS, **told)
        asks: dict[str, Any] = {"today": IN_DECEMBER, "by": "ola", "subject": "idp|2"}
        found = await settle(connection, NOVEMBER, **asks)
        [refund_id] = [one.refund_id for one in found.settlements if one.refund_id]
        # By their keys where they have them, whatever they are called (ADR 85); else by name.
        for same in (("Ola", None), ("per", None), ("eva", "idp|1"), ("eva", "idp|2")):
            said: dict[str, Any] = {"by": same[0], "subject": same[1]}
            with pytest.raises(NotPossible, match="somebody else approves it"):
                await approve(connection, NOVEMBER, today=IN_DECEMBER, **said)
        await approve(connection, NOVEMBER, today=IN_DECEMBER, by="eva", subject="idp|3")
        made = await make_refund_file(connection, UNION, today=IN_DECEMBER, by="eva")
    assert made is not None
    assert b"<Ustrd>Lokal kontingent 2026-11</Ustrd>" in made.content
    assert f"<Id>{THEIRS}</Id>".encode() in made.content
    assert await drifted(pool) == []
    await bring(pool, camt_of(debit(5000, to=THEIRS, id_of=refund_id, on=LATER)), today=LATER)
    async with pool.acquire() as connection:
        found = await foretell(connection, NOVEMBER, LATER)
        books = await read_books(connection, OCTOBER, LATER)
    assert [one.paid_on for one in found.settlements] == [None, LATER]
    stands = {at.number: at.closing_ore for at in trial_balance(books)}
    # 545.00 came, 50.00 left; the branch is owed nothing, and no local dues wait for a settlement.
    assert (stands["1920"], stands["2996"], stands["2992"]) == (49500, 0, 0)
    assert await drifted(pool) == []


async def test_what_the_bank_rejects_is_owed_again(pool, persistence):
    """It comes with the next settlement; more than is owed is refused by the database."""
    oslo = await joins(persistence, life(since=SINCE, branch="OSLO"))
    await pays(pool, (await kids_of(pool, oslo))[0], 54500, IN_NOVEMBER)
    async with pool.acquire() as connection, connection.transaction():
        await name_account(
            connection, "OSLO", THEIRS, from_on=NOVEMBER, today=IN_NOVEMBER, by="per"
        )
        found = await settle(connection, NOVEMBER, today=IN_DECEMBER, by="ola")
        [refund_id] = [one.refund_id for one in found.settlements if one.refund_id]
        await approve(connection, NOVEMBER, today=IN_DECEMBER, by="eva")
        await make_refund_file(connection, UNION, today=IN_DECEMBER, by="eva")
        await note_rejected(
            connection, refund_id, today=IN_DECEMBER, by="eva", why="no such account"
        )
        found = await settle(connection, DECEMBER, today=LATER, by="ola")
        assert [(one.amount_ore, one.payout_ore) for one in found.settlements] == [
            (0, None), (0, 5000),
        ]  # fmt: skip
    assert await drifted(pool) == []
    with pytest.raises(asyncpg.CheckViolationError, match="is of more than there is"):
        await pool.execute(
            "WITH asked AS (INSERT INTO refunds (refund_id, amount_ore, reason, requested_on,"
            " requested_by) VALUES ('R0000000000000001', 1, 'x', '2027-01-04', 'ola'))"
            " INSERT INTO refund_parts (refund_id, serial, branch, amount_ore)"
            " VALUES ('R0000000000000001', 1, 'OSLO', 1)"
        )


@pytest.mark.parametrize(
    ("month", "today", "says"),
    [
        (DECEMBER, IN_DECEMBER, "2026-12 is not over: it is settled from 2027-01-01 on"),
        (DECEMBER, date(2026, 12, 31), "is not over"),
        (date(2027, 3, 1), LATER, "is not over"),
    ],
)
async def test_a_month_is_settled_when_it_is_over(connection, month, today, says):
    """Not before its last day has passed."""
    with pytest.raises(NotPossible, match=says):
        await settle(connection, month, today=today, by="ola")


async def test_an_account_is_checked_and_dated(connection):
    """Eleven digits with a check digit; one a day, and another from a later day (P7)."""
    for wrong in ("86011117948", "8601111794", "x", ""):
        with pytest.raises(NotPossible, match="account"):
            await name_account(connection, "OSLO", wrong, from_on=NOVEMBER, today=LATER, by="eva")
    with pytest.raises(NotPossible, match="there is no branch TROMS"):
        await name_account(connection, "TROMS", THEIRS, from_on=NOVEMBER, today=LATER, by="eva")
    for _ in range(2):
        said: dict[str, Any] = {"from_on": NOVEMBER, "today": LATER, "by": "eva"}
        assert await name_account(connection, "OSLO", "8601.11.17947", **said) == THEIRS
    other = "12345678903"
    assert kontonr.is_valid(other)
    with pytest.raises(NotPossible, match="has another account from 2026-11-01"):
        await name_account(connection, "OSLO", other, **said)
    await name_account(connection, "OSLO", other, **(said | {"from_on": DECEMBER}))


async def test_employers_money_counts_as_far_as_it_was_taken_and_sent(books):
    """A member of Oslo by payroll, reported and paid in full: November's dues and December's."""
    member = books.members["branch"]
    async with books.tried() as connection:
        rows = await connection.fetch(
            "SELECT branch, dues_of, ore FROM local_dues_received('2026-12-31') ORDER BY 2"
        )
        expected = await connection.fetchval(
            "SELECT coalesce(sum(local_ore), 0) FROM deduction_lines JOIN deductions"
            " USING (list_number, membership_id) WHERE outcome = 'deducted' AND membership_id = $1",
            member,
        )
        assert {row["branch"] for row in rows} <= {"OSLO"}
        assert sum(row["ore"] for row in rows) <= expected + 15000


def test_what_a_branch_is_told():
    """Sums by month, and nobody's name; what begins like a formula is none."""
    one = BranchSettlement(
        branch="OSLO",
        name="=Oslo",
        period_from=NOVEMBER,
        amount_ore=4000,
        lines=(
            BranchLine(dues_of=OCTOBER, amount_ore=-1000),
            BranchLine(dues_of=NOVEMBER, amount_ore=5000),
        ),
        payout_ore=4500,
    )
    assert table(one).decode("utf-8-sig").splitlines() == [
        '"Avdeling";"Navn";"Oppgjør for";"Kontingent for";"Beløp"',
        '"OSLO";"\'=Oslo";"2026-11";"2026-10";"-10,00"',
        '"OSLO";"\'=Oslo";"2026-11";"2026-11";"50,00"',
    ]
    said = " ".join(letter(one, UnionSettings()).decode().split())
    for words in (
        "Oppgjør av lokal kontingent for november 2026",
        "Kontingent for oktober 2026 −10,00 kr",
        "Kontingent for november 2026 50,00 kr",
        "Vi betaler 45,00 kr til kontoen deres. Av dette er 5,00 kr fra tidligere oppgjør.",
        "organisasjonsnummer 999 999 999",
    ):
        assert words in said
    less = one.model_copy(update={"payout_ore": 3000})
    said = " ".join(letter(less, UnionSettings()).decode().split())
    assert "Vi betaler 30,00 kr til kontoen deres. 10,00 kr som manglet i tidligere oppgjør" in said
    assert BranchDues(period_from=NOVEMBER, settlements=(one,)).unplaced_ore == 0


async def test_from_the_dry_run_to_the_files(database_url, pool, persistence, tmp_path):
    """By the commands: said, settled with files that stay as they are, else a sentence."""
    oslo = await joins(persistence, life(since=date(2020, 10, 14), branch="OSLO"))
    await pays(pool, (await kids_of(pool, oslo))[0], 54500, date(2020, 11, 10))
    Stack("x", "default", "x", "x", as_role(database_url, OPERATOR), "x", "x").write(tmp_path)
    folder = tmp_path / "files"

    async def go(*told):
        return await asyncio.to_thread(run, *told, "--data", str(tmp_path))

    dry = await go("branch-dues", "2020-11", "--dry-run", "--json")
    assert {one["branch"]: one["amount_ore"] for one in dry.json["settlements"]} == {
        "BERGEN": 0, "OSLO": 5000,
    }  # fmt: skip
    for _ in range(2):
        ran = await go("branch-dues", "2020-11", "--by", "ola", "--files", str(folder))
        assert (ran.code, "no account yet" in ran.out) == (0, True), ran.err
    files = sorted(folder.iterdir())
    assert [file.name for file in files] == [
        f"oppgjor-2020-11-{code}.{end}" for code in ("BERGEN", "OSLO") for end in ("csv", "txt")
    ]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    files[0].write_text("another", encoding="utf-8")
    ran = await go("branch-dues", "2020-11", "--by", "ola", "--files", str(folder))
    assert (ran.code, "is there already, and is another" in ran.err) == (2, True)
    for told, says in (
        (("branch-dues", "2020-11"), "say who does it with --by, or --dry-run"),
        (("branch-dues", "2020-11", "--approve", "--by", "eva"), "no payout of 2020-11 waits"),
        (("branch-account", "OSLO", "12345678903", "--by", "eva"), "that is our own account"),
        (("branch-account", "OSLO", "1", "--by", "eva"), "11 digits"),
    ):
        ran = await go(*told)
        assert (ran.code, says in ran.err) == (2, True), ran.err


async def test_a_settlement_tells_a_branch_nothing_of_who_is_hidden(pool, persistence):
    """S33: who is hidden pays no local dues; what came before is as of anybody who has left.

    So what is left of a sum once a branch's own members are taken off says of nobody that they
    are still a member.
    """
    await joins(persistence, life(since=SINCE, branch="OSLO", hidden=True))
    hid = await joins(persistence, life(hides(NOVEMBER), since=SINCE, branch="OSLO"))
    left = await joins(persistence, life(ends(NOVEMBER), since=SINCE, branch="BERGEN"))
    await charge(Dues(pool), "2026-11")
    every = await pool.fetch("SELECT membership_id, kid, total_ore FROM invoices ORDER BY number")
    for number, (_, kid, ore) in enumerate(every, 1):
        await pays(pool, kid, ore, IN_NOVEMBER, number)
    # The hidden ones have paid November as well, which no branch hears of.
    assert len(every) == 5
    async with pool.acquire() as connection:
        found = await foretell(connection, NOVEMBER, LATER)
    lines = {one.branch: one.lines for one in found.settlements}
    assert lines == {
        branch: (BranchLine(dues_of=OCTOBER, amount_ore=ore),)
        for branch, ore in (("OSLO", 5000), ("BERGEN", 4500))
    }
    assert found.unplaced_ore == 0
    for settlement in found.settlements:
        for document in (table(settlement), letter(settlement, UnionSettings())):
            assert not any(one.encode() in document for one in (hid, left))
