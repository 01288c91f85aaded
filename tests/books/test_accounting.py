"""The accounting's files, from books in which everything happened."""

import csv
import io
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import xmlschema
from defusedxml.ElementTree import fromstring

from activities.books.ledger import read_books, read_receivables
from activities.dues.activities import Dues
from schemas.books.balances import trial_balance, vouchers
from schemas.shared.amounts import in_kroner
from schemas.shared.vocabulary import LineKind
from tests.arrears.making import owe
from tests.audit.making import TODAY
from tests.dues.making import charge, joins, replanned, term
from tests.letters.making import make_membership
from workers.cli.books.files import SOURCES, journal_csv
from workers.cli.books.saft import NAMESPACE, audit_file
from workers.settings import UnionSettings

HERE = Path(__file__).parent

FIRST, LAST = date(2026, 11, 1), date(2026, 12, 31)


async def test_the_accounts_stand_as_the_ledger(books):
    """Each at what `balances` says; what employers were let off is a loss as members' is."""
    async with books.pool.acquire() as connection:
        found = await read_books(connection, FIRST, LAST)
        names = {at.account: at.number for at in found.chart}
        ledger = {
            names[row["account"]]: row["balance_ore"]
            for row in await connection.fetch("SELECT account, balance_ore FROM balances")
        }
        let_go = await connection.fetchval(
            "SELECT coalesce(sum(amount_ore), 0) FROM entries"
            " WHERE source = 'write_off' AND debit = 'correction'"
        )
    assert let_go > 0
    stands = {at.number: at.closing_ore for at in trial_balance(found) if at.closing_ore}
    ledger[names["correction"]] -= let_go
    ledger[names["losses"]] = ledger.get(names["losses"], 0) + let_go
    assert stands == {number: ore for number, ore in ledger.items() if ore}
    assert sum(stands.values()) == 0
    assert {voucher.source for voucher in vouchers(found)} <= set(SOURCES)


async def test_a_correction_stands_where_what_it_corrects_stood(pool, persistence):
    """A month that was full dues and is half, and local dues since: each on its own account."""
    member = await joins(persistence, employer=None)
    for period in ("2026-10", "2026-11"):
        await charge(Dues(pool), period)
    full, local = term(24750), term(5000).model_copy(update={"kind": LineKind.LOCAL_DUES})
    await persistence.record_decision(replanned(member, 3, full, local))
    await charge(Dues(pool), "2026-12")
    async with pool.acquire() as connection:
        lines = await connection.fetch("SELECT kind FROM corrections")
        found = await read_books(connection, FIRST, LAST)
    numbers = {at.account: at.number for at in found.chart}
    stands = {at.number: at.closing_ore for at in trial_balance(found)}
    assert {row["kind"] for row in lines} == {"central_dues", "local_dues"}
    assert stands[numbers["correction"]] == 0
    # October, November and December at 247.50 and 50.00.
    assert stands[numbers["central_dues"]] == -3 * 24750
    assert stands[numbers["local_dues"]] == -3 * 5000
    assert stands[numbers["members"]] == 3 * 29750


async def test_a_span_begins_where_the_one_before_ended(books):
    """November and December together are both of them."""
    async with books.pool.acquire() as connection:
        whole = await read_books(connection, FIRST, LAST)
        november = await read_books(connection, FIRST, date(2026, 11, 30))
        december = await read_books(connection, date(2026, 12, 1), LAST)
    assert {at.number: at.closing_ore for at in trial_balance(november)} == {
        at.number: at.opening_ore for at in trial_balance(december)
    }
    assert trial_balance(whole)[0].closing_ore == trial_balance(december)[0].closing_ore
    assert (*vouchers(november), *vouchers(december)) == vouchers(whole)


async def test_the_file_is_what_its_schema_asks(books):
    """SAF-T Financial 1.30, with the same totals as the balances, and nobody in it."""
    async with books.pool.acquire() as connection:
        found = await read_books(connection, FIRST, LAST)
        people = await connection.fetch("SELECT name, membership_id FROM people, memberships")
    content = audit_file(found, UnionSettings(), date(2027, 1, 4)).decode()
    schema = xmlschema.XMLSchema(HERE / "Norwegian_SAF-T_Financial_Schema_v_1.30.xsd")
    schema.validate(content)
    entries = fromstring(content).find(f"{{{NAMESPACE}}}GeneralLedgerEntries")
    assert entries is not None
    said = {field.tag.partition("}")[2]: field.text for field in entries[:3]}
    stands = trial_balance(found)
    assert said == {
        "NumberOfEntries": str(len(vouchers(found))),
        "TotalDebit": in_kroner(sum(at.debit_ore for at in stands)),
        "TotalCredit": in_kroner(sum(at.credit_ore for at in stands)),
    }
    assert not any(word in content for row in people for word in row)


async def test_the_vouchers_come_to_the_balances(books):
    """Line by line in the CSV, as a spreadsheet adds them up."""
    async with books.pool.acquire() as connection:
        found = await read_books(connection, FIRST, LAST)
    rows = csv.DictReader(io.StringIO(journal_csv(found).decode("utf-8-sig")), delimiter=";")
    debit, credit = Counter[str](), Counter[str]()
    for row in rows:
        debit[row["Konto"]] += int(row["Debet"].replace(",", ""))
        credit[row["Konto"]] += int(row["Kredit"].replace(",", ""))
    for at in trial_balance(found):
        assert (debit[at.number], credit[at.number]) == (at.debit_ore, at.credit_ore)


async def test_what_is_owed_is_what_the_accounts_say(books):
    """Claim by claim the same as the two accounts, on any day; older from day to day."""
    async with books.pool.acquire() as connection:
        for day in (FIRST, date(2026, 12, 2), TODAY, date(2027, 6, 1)):
            owed = await read_receivables(connection, day)
            found = await read_books(connection, day, day)
            stands = {at.number: at.closing_ore for at in trial_balance(found)}
            sums = Counter[str]()
            for claim in owed:
                sums[claim.debtor] += claim.ore
            assert (sums["members"], sums["employers"]) == (stands["1500"], stands["1510"]), day
        assert {claim.overdue_days for claim in owed} == {91}


async def test_days_overdue_are_counted_from_the_day_after(books):
    """On its due day an invoice is not overdue; 30 days later it is in the first age, then not."""
    async with books.pool.acquire() as connection:
        due = await connection.fetchval("SELECT max(due_on) FROM invoices")
        ages = {}
        for days in (0, 1, 30, 31):
            owed = await read_receivables(connection, due + timedelta(days=days))
            ages[days] = min(
                (claim.overdue_days or 0) for claim in owed if claim.debtor == "members"
            )
    assert ages == {0: 0, 1: 1, 30: 1, 31: 31}


async def test_by_hand(command, pool, tmp_path):
    """Balances, both files, the chart under another number, and every refusal says what to do."""
    member = await make_membership(pool, stage="active")
    await owe(pool, member, date(2026, 12, 15))
    await pool.execute(
        "INSERT INTO entries (booked_on, source, membership_id, period_from, kind, debit, credit,"
        " amount_ore) VALUES ('2026-12-01', 'charge', $1, '2001-01-01', 'central_dues', 'members',"
        " 'central_dues', 49500)",
        member,
    )
    days = ("--from", "2026-12-01", "--to", "2026-12-31")
    files = ("--csv", str(tmp_path / "bilag.csv"), "--saft", str(tmp_path / "saft.xml"))
    shown = await command("books", *days, *files)
    assert "Medlemsfordringer" in shown.out
    assert "1 voucher: 495.00 kr debit, 495.00 kr credit." in shown.out
    assert (tmp_path / "bilag.csv").read_text("utf-8-sig").splitlines()[1] == (
        '"20261201-charge";"2026-12-01";"Kontingent og premie beregnet";"1500";'
        '"Medlemsfordringer";"495,00";"0,00"'
    )
    for written in ("bilag.csv", "saft.xml"):
        assert (tmp_path / written).stat().st_mode & 0o777 == 0o600

    owed = await command("receivables", "--on", "2027-02-20", "--csv", str(tmp_path / "alder.csv"))
    # 15 December to 20 February is 67 days.
    assert "61-90 days" in owed.out
    assert '"Medlemmer";"61-90 dager";"1";"495,00"' in (tmp_path / "alder.csv").read_text("utf-8")

    changed = await command("chart", "members", "--number", "1530", "--title", "Medlemmer")
    assert "1530" in changed.out
    assert (await command("books", *days, "--json")).json["balances"][0]["number"] == "1510"
    for arguments, says in (
        (("chart", "members", "--number", "15"), "15 is no number of the chart: four digits"),
        (("chart", "nobody", "--number", "1530"), "the ledger has no nobody. It has bank,"),
        (("chart", "--number", "1530"), "name the account"),
        (("books", "--from", "2027-01-01", "--to", "2026-01-01"), "2027-01-01 is after 2026-01-01"),
        (("books", *days, "--csv", str(tmp_path / "none" / "x.csv")), "can't be written"),
    ):
        refused = await command(*arguments)
        assert refused.code == 2
        assert says in refused.err
