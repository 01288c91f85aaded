"""What stands in the database, compared with what else stands there."""

from datetime import date
from typing import NamedTuple

import pytest

from activities.audit import books as comparing
from activities.dues import charging
from activities.shared.rulebook import RulebookReader
from schemas.audit.contracts import MEANS, AuditAction, AuditMonth, AuditOpening, Check
from schemas.dues.contracts import DuesOpening, DuesPage
from tests.audit.making import DECEMBER, NOVEMBER, TODAY, drift, held, tasks


async def test_clean_books_have_no_finding(books):
    """Lives of all kinds, two months, lists, money that came and went: nothing has drifted."""
    async with books.tried() as connection:
        assert await books.audit(connection) == {}
        assert await held(connection) == set()
        assert await tasks(connection) == {}


class Harm(NamedTuple):
    """What is done by hand to a member ($1), and what the audit says of it."""

    member: str
    sql: str
    found: dict[Check, str]


ENTRY, CHARGE = "source = 'charge' AND membership_id = $1", "membership_id = $1"
OF_NOVEMBER = "period_from = '2026-11-01'"
OF_DECEMBER = "period_from = '2026-12-01'"
LIST = "00000001-1"

HARMS = {
    "an entry is gone": Harm(
        "direct",
        f"DELETE FROM entries WHERE {ENTRY} AND {OF_NOVEMBER}",
        {
            Check.ENTRY_OF_CHARGE: "central_dues of 2026-11 has no entry",
            # 495.00 are missing on both sides.
            Check.BALANCES: "account central_dues stands at",
        },
    ),
    "an entry between other accounts": Harm(
        "direct",
        f"UPDATE entries SET debit = 'employers' WHERE {ENTRY} AND {OF_DECEMBER}",
        {
            Check.ENTRY_OF_CHARGE: "the entry of central_dues of 2026-12 is 49500 øre from "
            "central_dues to employers, and the charge 49500 øre owed by members",
            Check.BALANCES: "account employers stands at",
        },
    ),
    "a charge is gone": Harm(
        "apprentice",
        "INSERT INTO entries (booked_on, source, membership_id, period_from, kind, debit, credit,"
        " amount_ore) VALUES ('2026-12-02', 'charge', $1, '2026-12-01', 'central_dues',"
        " 'members', 'central_dues', 100)",
        {
            Check.ENTRY_OF_CHARGE: "an entry of central_dues of 2026-12 is of no charge",
            Check.BALANCES: "account central_dues stands at",
        },
    ),
    "another amount, entry and invoice as well": Harm(
        "direct",
        "WITH a AS (UPDATE charges SET amount_ore = 49600"
        f" WHERE {CHARGE} AND {OF_DECEMBER} RETURNING invoice_number),"
        f" b AS (UPDATE entries SET amount_ore = 49600 WHERE {ENTRY} AND {OF_DECEMBER})"
        " UPDATE invoices SET total_ore = 49600 FROM a WHERE number = a.invoice_number",
        {
            Check.CHARGE_HASH: "central_dues of 2026-12 is not what its content hash says",
            Check.CHARGED_OTHERWISE: "central_dues of 2026-12 was charged as 49600 øre and by the "
            "terms is 49500",
        },
    ),
    "an invoice asks more": Harm(
        "half",
        f"UPDATE invoices SET total_ore = 24751 WHERE {CHARGE} AND {OF_DECEMBER}",
        {Check.INVOICE_TOTAL: "asks 24751 øre, and its lines add up to 24750"},
    ),
    "a correction that nothing explains": Harm(
        "half",
        "INSERT INTO corrections (membership_id, charged_in, period_from, kind, reason, was_ore,"
        " is_ore) VALUES ($1, '2026-12-01', '2026-10-01', 'central_dues', 'reassessed', 0, 500)",
        {
            Check.CORRECTION_EXPLAINED: "the correction in 2026-12 is 0 øre, and what explains it "
            "adds up to 500"
        },
    ),
    "a month that was never charged": Harm(
        "insured",
        f"WITH a AS (DELETE FROM charges WHERE {CHARGE} AND {OF_DECEMBER}),"
        f" b AS (DELETE FROM entries WHERE {ENTRY} AND {OF_DECEMBER})"
        f" DELETE FROM invoices WHERE {CHARGE} AND {OF_DECEMBER}",
        {
            Check.NOT_CHARGED: "central_dues of 2026-12 was charged as 0 øre and by the terms is "
            "49500; insurance_premium of 2026-12 was charged as 0 øre and by the terms is 20000",
            Check.INVOICE_SERIES: "of the invoices of 2026 are on none, and no run gave them up",
        },
    ),
    "terms that changed behind everybody's back": Harm(
        "direct",
        "UPDATE terms SET rate = NULL, amount_ore = 100 WHERE membership_id = $1",
        {
            Check.CHARGED_OTHERWISE: "central_dues of 2026-11 was charged as 49500 øre and by the "
            "terms is 100"
        },
    ),
    "terms run on": Harm(
        "direct",
        "UPDATE memberships SET stage = 'ended', outcome = 'resigned' WHERE membership_id = $1",
        {Check.ENDED_TERMS: "the membership has ended, and terms run on"},
    ),
    "no central dues": Harm(
        "apprentice",
        "UPDATE terms SET superseded_by = 9 WHERE membership_id = $1",
        {Check.NO_DUES: "a member without central dues"},
    ),
    "a hidden member's terms go through an employer": Harm(
        "payroll",
        "UPDATE memberships SET hidden = true WHERE membership_id = $1",
        {
            Check.TERMS_NOT_ALLOWED: "a term is none that this membership may have",
            Check.LIST_NOT_ALLOWED: "a line stands on list 00000001-2, and may not",
            Check.DISCLOSURE_NOT_ALLOWED: f"deduction-list-{LIST} went where it may not go: "
            "see to it at once",
        },
    ),
    "a withheld line may have been shown": Harm(
        "payroll",
        "INSERT INTO withheld_lines (list_number, membership_id, reason, withheld_on)"
        f" VALUES ('{LIST}', $1, 'stopped', '2026-11-02')",
        {
            Check.DISCLOSURE_NOT_ALLOWED: f"deduction-list-{LIST} may have shown a line that was "
            "withheld: see to it at once"
        },
    ),
    "a line asks for more": Harm(
        "payroll",
        "UPDATE deduction_lines SET central_ore = central_ore + 1, total_ore = total_ore + 1"
        f" WHERE list_number = '{LIST}' AND membership_id = $1",
        {
            Check.LIST_LINES: f"a line of list {LIST} asks 49501 øre, and what was charged for it "
            "is 49500",
            Check.LIST_TOTAL: f"list {LIST} asks 49500 øre in 1 lines, and its lines are 1 with "
            "49501 øre",
        },
    ),
    "a charge on no list": Harm(
        "payroll",
        "WITH a AS (DELETE FROM deduction_lines"
        f" WHERE list_number = '{LIST}' AND membership_id = $1) SELECT $1::text",
        {
            Check.CHARGE_WITHOUT_LIST: "no deduction list asks for what was charged for 2026-11",
            Check.LIST_TOTAL: f"list {LIST} asks 49500 øre in 1 lines, and its lines are 0 with 0 "
            "øre",
        },
    ),
    "a payment without its entry": Harm(
        "direct",
        "DELETE FROM entries WHERE source = 'payment' AND membership_id = $1",
        {Check.ENTRY_OF_MONEY: "has no entry", Check.BALANCES: "account bank stands at"},
    ),
    "an allocation booked elsewhere": Harm(
        "direct",
        "UPDATE entries SET credit = 'employers'"
        " WHERE source = 'allocation' AND membership_id = $1",
        {
            Check.ENTRY_OF_MONEY: "is 49500 øre from employers to suspense, and ought to be 49500 "
            "from members to suspense",
            Check.BALANCES: "account employers stands at",
        },
    ),
    "a redirection without its entry": Harm(
        "direct",
        "DELETE FROM entries WHERE source = 'redirection' AND $1 <> ''",
        {Check.ENTRY_OF_MONEY: "has no entry", Check.BALANCES: "account employers stands at"},
    ),
    "a refund without its entry": Harm(
        "direct",
        "DELETE FROM entries WHERE source = 'refund' AND $1 <> ''",
        {Check.ENTRY_OF_MONEY: "has no entry", Check.BALANCES: "account refunds stands at"},
    ),
    "a reversal of nothing": Harm(
        "direct",
        "DELETE FROM awaited_reversals WHERE $1 <> ''",
        {Check.ENTRY_OF_MONEY: "is of nothing there is", Check.BALANCES: "account bank stands at"},
    ),
}


@pytest.mark.parametrize("harm", HARMS.values(), ids=HARMS)
async def test_harm_is_found_and_held_and_over_once_it_is_gone(books, harm):
    """What is done by hand is said in words; who may not be charged is held; a task is open."""
    member = books.members[harm.member]
    async with books.tried() as connection:
        safe = connection.transaction()
        await safe.start()
        await drift(connection, harm.sql, member)
        rehearsed = await books.audit(connection, dry_run=True)
        assert (await held(connection), await tasks(connection)) == (set(), {})
        found = await books.audit(connection)
        assert set(found) == set(harm.found) == set(rehearsed)
        for check, says in harm.found.items():
            assert any(says in one.says for one in found[check].named), found[check]
            assert found[check].drifted == rehearsed[check].drifted
        cures = {check: MEANS[check].cure for check in found}
        holding = {check for check, cure in cures.items() if cure is AuditAction.HOLD}
        assert {check for _, check in await held(connection)} == holding
        assert {who for who, _ in await held(connection)} <= {member}
        asked = {key.split("/")[1] for key in await tasks(connection)}
        assert asked == {check for check, cure in cures.items() if cure is not AuditAction.MEND}
        # The task stays what it is when the audit finds it again.
        again, before = await books.audit(connection), await tasks(connection)
        assert set(again) == {check for check in found if cures[check] is not AuditAction.MEND}
        assert await tasks(connection) == before
        await safe.rollback()
    async with books.tried() as connection:
        assert await books.audit(connection) == {}


async def test_what_is_put_right_is_released_and_its_task_closed(books):
    """An audit that finds it no more releases the member, whom the next dues run compares."""
    member = books.members["direct"]
    change = "UPDATE charges SET content_hash = $2 WHERE membership_id = $1 AND period_from = $3"
    async with books.tried() as connection:
        right = await connection.fetchval(
            "SELECT content_hash FROM charges WHERE membership_id = $1 AND period_from = $2",
            member,
            DECEMBER,
        )
        await drift(connection, change, member, "0" * 64, DECEMBER)
        await books.audit(connection)
        assert await held(connection) == {(member, "charge_hash")}
        await drift(connection, change, member, right, DECEMBER)
        assert await books.audit(connection) == {}
        assert (await held(connection), await tasks(connection)) == (set(), {})
        assert await connection.fetchval("SELECT array_agg(membership_id) FROM reassessments") == [
            member
        ]
        # It comes again: the same matter, open again.
        await drift(connection, change, member, "0" * 64, DECEMBER)
        await books.audit(connection)
        assert list(await tasks(connection)) == [f"audit/charge_hash/{member}/2026-12/central_dues"]


async def test_a_hold_stands_for_as_long_as_its_month_is_wrong(books):
    """Months later the audit still looks at the month somebody is held for."""
    member = books.members["direct"]
    async with books.tried() as connection:
        await drift(
            connection,
            "UPDATE charges SET content_hash = $2 WHERE membership_id = $1 AND period_from = $3",
            member,
            "0" * 64,
            NOVEMBER,
        )
        await books.audit(connection)
        found = await books.audit(connection, today=date(2027, 6, 20))
        assert found[Check.CHARGE_HASH].drifted == 1
        assert (member, "charge_hash") in await held(connection)


async def test_who_was_not_charged_is_charged_by_the_next_run(books):
    """It is safe to mend: the member is marked, nothing is held, and the next audit is silent."""
    member = books.members["insured"]
    async with books.tried() as connection:
        await drift(connection, HARMS["a month that was never charged"].sql, member)
        found = await books.audit(connection)
        assert (found[Check.NOT_CHARGED].mended, found[Check.NOT_CHARGED].held) == (1, 0)
        due = await connection.fetch(
            "SELECT kind, amount_ore, trouble FROM lines_due('2027-01-01', '2026-09-01',"
            " '00000000', '99999999') WHERE membership_id = $1 ORDER BY kind",
            member,
        )
        # January as the terms have it, and December's 495.00 + 200.00.
        assert [tuple(row) for row in due] == [
            ("central_dues", 49500, None),
            ("correction", 69500, None),
            ("insurance_premium", 20000, None),
        ]
        # An invoice that is gone leaves its number missing.
        assert set(await books.audit(connection)) == {Check.INVOICE_SERIES}


async def run(connection, period):
    """Charge a month, and return its first day."""
    rulebook = await RulebookReader(allow_synthetic_ids=False).current(connection)
    opening = DuesOpening(period=period, today=date.fromisoformat(f"{period}-02"))
    month = await charging.open_run(connection, rulebook, opening)
    for first in month.pages:
        await charging.charge_page(connection, DuesPage(run=month, first=first))
    return month.period_from


async def charged(connection, member, month):
    """Return what a member was charged for a month, by kind."""
    rows = await connection.fetch(
        "SELECT kind, amount_ore FROM charges WHERE membership_id = $1 AND period_from = $2",
        member,
        month,
    )
    return dict(map(tuple, rows))


async def test_a_dues_run_leaves_out_who_is_held_and_makes_up_for_it_later(books):
    """Held, nothing of a member is charged, and the audit keeps it so; released, all of it is."""
    member, other = books.members["direct"], books.members["half"]
    change = "UPDATE charges SET content_hash = $2 WHERE membership_id = $1 AND period_from = $3"
    async with books.tried() as connection:
        right = await connection.fetchval(
            "SELECT content_hash FROM charges WHERE membership_id = $1 AND period_from = $2",
            member,
            DECEMBER,
        )
        await drift(connection, change, member, "0" * 64, DECEMBER)
        await books.audit(connection)
        january = await run(connection, "2027-01")
        assert await charged(connection, member, january) == {}
        assert await charged(connection, other, january) == {"central_dues": 24750}
        reason = await connection.fetchval(
            "SELECT reason FROM dues_quarantine WHERE membership_id = $1", member
        )
        assert reason == (
            "held by the audit: central_dues of 2026-12 is not what its content hash says"
        )
        assert (await books.audit(connection))[Check.CHARGE_HASH].drifted == 1
        await drift(connection, change, member, right, DECEMBER)
        assert Check.CHARGE_HASH not in await books.audit(connection)
        february = await run(connection, "2027-02")
        # 495.00 of February, and January's.
        assert await charged(connection, member, february) == {
            "central_dues": 49500,
            "correction": 49500,
        }
        assert {"not_charged", "charged_otherwise"}.isdisjoint(await books.audit(connection))


async def test_a_part_that_is_done_twice_leaves_what_one_does(books):
    """An attempt after one whose answer was lost finds the same, and keeps it once."""
    counted = (
        "SELECT (SELECT count(*) FROM audit_findings), (SELECT count(*) FROM holds),"
        " (SELECT count(*) FROM tasks)"
    )
    async with books.tried() as connection:
        await drift(connection, "UPDATE charges SET content_hash = repeat('0', 64)")
        rulebook = await RulebookReader(allow_synthetic_ids=False).current(connection)
        opening = AuditOpening(run="once", today=TODAY)
        plan = await comparing.plan_audit(connection, rulebook, opening, busy=False)
        month = AuditMonth(plan=plan, month=DECEMBER)
        first = await comparing.compare_month(connection, month)
        once = await connection.fetchrow(counted)
        assert await comparing.compare_month(connection, month) == first
        assert await connection.fetchrow(counted) == once


async def test_more_than_an_audit_takes_up_is_counted_and_said_so(books, monkeypatch):
    """A fault of everybody's is one of ours: the first are taken up, and nobody is released."""
    async with books.tried() as connection:
        await drift(connection, "UPDATE charges SET content_hash = repeat('0', 64)")
        found = (await books.audit(connection))[Check.CHARGE_HASH]
        assert found.drifted == found.held > 20
        assert (len(found.named), found.cut) == (20, False)
        everybody = await held(connection)
        monkeypatch.setattr(comparing, "MAX_FINDINGS", 5)
        cut = (await books.audit(connection))[Check.CHARGE_HASH]
        # Five of each of the months with charges: October, November and December.
        assert (cut.drifted, cut.held, cut.cut) == (found.drifted, 15, True)
        assert await held(connection) == everybody
