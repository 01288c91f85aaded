"""Who is erased is nobody in any table, and the accounts add up as before (R4)."""

import json
from datetime import date

import asyncpg
import pytest

from activities.audit.overdue_erasures import find_overdue
from activities.database.pool import open_pool
from activities.database.roles import OPERATOR, PERSISTENCE, as_role
from activities.events.reading import BEGINNING, events_in_order, number_all
from activities.privacy.erasing import (
    due_erasures,
    erase_rows,
    forget_accesses,
    open_erasure,
    order_partner_letters,
    plan_erasure,
)
from activities.privacy.holdings import count_of, held_on, places_of_people
from activities.privacy.sweeping import sweep
from schemas.audit.contracts import AuditOpening, AuditPlan, Check
from schemas.names import erasure_id
from schemas.pricing.rulebook import Policies
from schemas.privacy.erasure import (
    Basis,
    ErasureOpening,
    ErasureStep,
    Obstacle,
    RetentionStep,
)
from schemas.privacy.fates import STAYS, Fate, fate_of
from schemas.privacy.places import TITLES
from schemas.shared.vocabulary import Outcome, Stage
from tests.audit.making import TODAY, Books
from tests.membership.making import KARI, OLA, approval, decision, intake, standing

POLICIES = Policies(valid_from=date(1970, 1, 1))


async def test_every_table_has_a_fate(shared_pool):
    """Whoever adds a table or a column says what becomes of it when its person is erased."""
    async with shared_pool.acquire() as connection:
        there = {place.table for place in await places_of_people(connection)}
        steps = {
            row["name"]: row["fate"]
            for row in await connection.fetch("SELECT name, fate FROM erasure_steps")
        }
        columns = await connection.fetch(
            "SELECT relname::text AS name, array_agg(attname::text) AS columns,"
            " array_agg(attname::text) FILTER (WHERE strpos("
            "   ' ' || replace(blanks, ',', ''), ' ' || attname || ' = NULL') > 0) AS emptied"
            " FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid"
            " LEFT JOIN erasure_steps ON name = relname"
            " WHERE relname = ANY ($1) AND attnum > 0 AND NOT attisdropped"
            " AND relnamespace = 'public'::regnamespace GROUP BY relname",
            list(STAYS),
        )
    done = {table: fate_of(table) for table in TITLES if fate_of(table) is not Fate.KEPT}
    # Who paid is forgotten by forget_payers, as it is when the years are over.
    assert steps | {"bank_entries": "pseudonymised"} == done
    assert there == set(TITLES)
    payer = {"payer_name", "payer_account", "payer_text", "payer_kids"}
    for row in columns:
        emptied = payer if row["name"] == "bank_entries" else set(row["emptied"] or ())
        assert STAYS[row["name"]].columns == set(row["columns"]) - emptied, row["name"]


NOTHING_STANDS_IN_THE_WAY = """
CREATE OR REPLACE FUNCTION erasure_obstacles(members text[], today date)
    RETURNS TABLE (membership_id text, obstacle text, until_on date)
    LANGUAGE sql STABLE
    AS 'SELECT NULL::text, NULL::text, NULL::date WHERE false'
"""


async def ended(pool, membership_id):
    """Let a membership be over in the rows: what waits for it is tested elsewhere."""
    await pool.execute(
        "UPDATE memberships SET (stage, outcome, open_until) = ('ended', $2, NULL)"
        " WHERE membership_id = $1",
        membership_id,
        Outcome.RESIGNED,
    )
    await pool.execute(
        "UPDATE tasks SET (closed_on, closed_by) = ($2, 'kari')"
        " WHERE membership_id = $1 AND closed_on IS NULL",
        membership_id,
        TODAY,
    )
    await pool.execute(
        "UPDATE letters SET status = 'suppressed' WHERE membership_id = $1"
        " AND status IN ('pending', 'sending')",
        membership_id,
    )


async def opened(pool, whose, today=TODAY, basis=Basis.REQUEST):
    """Open an erasure as the workflow does; return its id, and how it stands."""
    opening = ErasureOpening(
        erasure_id=erasure_id(whose),
        whose=whose,
        requested_by="data_protection_officer",
        basis=basis,
        today=today,
    )
    async with pool.acquire() as connection, connection.transaction():
        return opening.erasure_id, await open_erasure(connection, opening)


async def erased(pool, erasure, today=TODAY):
    """Erase what an erasure is of."""
    async with pool.acquire() as connection, connection.transaction():
        return await erase_rows(connection, ErasureStep(erasure_id=erasure, today=today))


@pytest.fixture(scope="module")
async def filled(tmp_path_factory, postgres, migrated):
    """Books that may be erased from, and their database."""
    url = await postgres.create_database("erased_books", template=migrated)
    async with await open_pool(url, size=4) as pool:
        books = Books(pool, tmp_path_factory.mktemp("lists"))
        await books.fill()
        yield books, url


async def test_everybody_erased_leaves_the_accounts(filled):
    """All of a union, one after the other: nobody is known any more, and the books add up."""
    books, url = filled
    pool = books.pool
    everybody = list(books.members.values())
    balances = "SELECT account, balance_ore FROM balances ORDER BY account"
    before = await pool.fetch(balances)
    await pool.execute("UPDATE memberships SET recruited_by = 'Kanariverver', position = 'K'")
    # What is owed stands in the way; here it is of no account who owes what.
    await pool.execute(NOTHING_STANDS_IN_THE_WAY)
    async with (
        await open_pool(as_role(url, PERSISTENCE), size=2) as worker,
        await open_pool(as_role(url, OPERATOR), size=2) as operator,
    ):
        for member in everybody:
            await ended(pool, member)
            person = await pool.fetchval(
                "SELECT person_id FROM memberships WHERE membership_id = $1", member
            )
            async with operator.acquire() as connection:
                plan = await plan_erasure(connection, person, POLICIES, TODAY)
            erasure, look = await opened(worker, person)
            assert look.obstacles == plan.obstacles == ()
            gone = await erased(worker, erasure)
            assert gone == await erased(worker, erasure)
            expected = plan.erased | plan.pseudonymised
            assert {name: gone[name] for name in expected if name != "bank_entries"} == {
                name: rows for name, rows in expected.items() if name != "bank_entries"
            }
    async with pool.acquire() as connection:
        for member in everybody:
            assert await held_on(connection, member, TODAY) is None
    assert await pool.fetchval("SELECT count(*) FROM people") == 0
    async with pool.acquire() as connection:
        for place in await places_of_people(connection):
            if fate_of(place.table) is Fate.ERASED:
                # Whoever was told of them is told of this, too.
                left = len(everybody) if place.table == "outbox" else 0
                assert await count_of(connection, place, everybody, ()) == left, place.table
    assert await pool.fetch("SELECT DISTINCT type FROM outbox") == [("membership_erased",)]
    assert await pool.fetchval("SELECT count(*) FROM charges") > 20
    rows = await pool.fetch("SELECT to_jsonb(memberships)::text FROM memberships")
    assert "Kanariverver" not in json.dumps([row[0] for row in rows])
    assert await pool.fetch(balances) == before
    # Their rows were ended by hand: no decision has ended their terms.
    assert set(await books.audit()) <= {Check.ENDED_TERMS}


async def over(persistence, member, outcome, on, **applied):
    """Let an application come to nothing, or a membership end, on a day."""
    number, since = 2, None
    await persistence.receive_application(intake(member, **applied))
    if outcome is Outcome.RESIGNED:
        await persistence.record_decision(approval(member, letters=()))
        number, since = 3, on
    row = standing(Stage.ENDED, outcome=outcome, member_since=since)
    await persistence.record_decision(decision(number, member, decided_on=on, standing=row))


async def test_retention_knows_who_is_due(pool, persistence):
    """R4: rejected on 10 March, due on 10 September; left in 2026, due when five years are over.

    Whom an erasure is of already is not due again; one that was never begun, the audit names.
    """
    march = date(2026, 3, 10)
    await over(persistence, KARI, Outcome.REJECTED, march)
    await over(persistence, OLA, Outcome.RESIGNED, march, name="Ola", email="ola@example.org")

    async def due(today, **policies):
        chosen = Policies(valid_from=date(1970, 1, 1), **policies)
        async with pool.acquire() as connection:
            found = await due_erasures(connection, RetentionStep(today=today), chosen)
        return set(found.memberships)

    assert await due(date(2026, 9, 9)) == set()
    assert await due(date(2026, 9, 10)) == {KARI}
    assert await due(date(2026, 4, 10), rejected_kept_months=1) == {KARI}
    assert await due(date(2031, 12, 31)) == {KARI}
    assert await due(date(2032, 1, 1)) == {KARI, OLA}
    assert await due(date(2027, 1, 1), ended_kept_years=0) == {KARI, OLA}

    async def overdue(today):
        opening = AuditOpening(run=f"run-{today}", today=today, dry_run=True)
        plan = AuditPlan(opening=opening, page_size=1)
        async with pool.acquire() as connection:
            [report] = await find_overdue(connection, POLICIES, plan)
        assert report.check is Check.ERASURE_OVERDUE
        return {one.subject for one in report.named}

    assert await overdue(date(2026, 9, 16)) == set()
    assert await overdue(date(2026, 9, 17)) == {KARI}
    erasure, look = await opened(pool, KARI, date(2026, 9, 10), Basis.RETENTION)
    assert look.memberships == (KARI,)
    assert await due(date(2026, 9, 10)) == await overdue(date(2026, 9, 17)) == set()
    await ended(pool, KARI)
    await erased(pool, erasure, date(2026, 9, 10))
    assert await overdue(date(2026, 9, 17)) == set()
    assert await overdue(date(2026, 9, 18)) == {erasure}


async def test_what_stands_in_the_way(pool, persistence):
    """R4: debts, tasks, holds and all that is under way; the database itself refuses meanwhile."""
    await over(persistence, OLA, Outcome.RESIGNED, TODAY)
    await pool.execute("UPDATE memberships SET open_until = $1", date(2027, 1, 31))
    await pool.execute(
        "INSERT INTO erasure_holds (membership_id, until_on, reason, decided_by, decided_on)"
        " VALUES ($1, '2027-03-01', 'Tvist', 'kari', $2)",
        OLA,
        TODAY,
    )
    erasure, look = await opened(pool, OLA)
    ways = {one.obstacle: one.until_on for one in look.obstacles}
    assert ways == {
        Obstacle.DEBT: None,
        Obstacle.CHARGES_TO_COMPARE: None,
        Obstacle.MAY_BE_REOPENED: date(2027, 2, 1),
        Obstacle.HOLD: date(2027, 3, 1),
        Obstacle.LETTER_UNDER_WAY: None,
    }
    assert look.again_on == date(2027, 2, 1)
    with pytest.raises(asyncpg.RestrictViolationError, match="something keeps"):
        await erased(pool, erasure)
    for change in (
        "DELETE FROM decisions",
        "DELETE FROM earlier_names",
        "UPDATE invoices SET total_ore = 0",
    ):
        async with pool.acquire() as connection, connection.transaction():
            # The setting alone lets nobody do what the function does.
            await connection.execute("SET LOCAL ROLE medlemsflyt_persistence")
            await connection.execute("SET LOCAL medlemsflyt.erasing = 'on'")
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with connection.transaction():
                    await connection.execute(change)
    with pytest.raises(asyncpg.RestrictViolationError):
        await pool.execute("DELETE FROM erasure_holds")


async def test_the_books_are_kept_for_their_years(pool, persistence):
    """R4: what was booked last decides; who never paid leaves nothing that is kept."""
    await over(persistence, OLA, Outcome.RESIGNED, TODAY)
    await over(persistence, KARI, Outcome.WITHDRAWN, TODAY, name="Kari", email="k@example.org")
    for member, years, last in (
        (OLA, 5, date(2031, 12, 31)),
        (OLA, 1, date(2027, 12, 31)),
        (KARI, 5, None),
    ):
        policies = POLICIES.model_copy(update={"books_kept_years": years})
        async with pool.acquire() as connection:
            plan = await plan_erasure(connection, member, policies, TODAY)
        assert plan.kept_until == last


async def test_old_looks_are_forgotten(pool):
    """R4: who looked at what in 2026 is known until 2031 is over."""
    await pool.execute(
        "INSERT INTO access_log (at, subject, name, roles, act, what)"
        " VALUES ('2026-12-31 12:00+01', 's', 'n', '{}', 'read', 'w')"
    )
    async with pool.acquire() as connection:
        for today, forgotten in ((date(2031, 12, 31), 0), (date(2032, 1, 1), 1)):
            assert await forget_accesses(connection, POLICIES, today) == forgotten
        two = POLICIES.model_copy(update={"access_log_kept_years": 2})
        assert await forget_accesses(connection, two, date(2032, 1, 1)) == 0
    with pytest.raises(asyncpg.RestrictViolationError):
        await pool.execute(
            "INSERT INTO access_log (at, subject, name, roles, act, what)"
            " VALUES (now(), 's', 'n', '{}', 'read', 'w'); DELETE FROM access_log"
        )


@pytest.mark.parametrize("flag", ["hidden", "hiding"])
async def test_whoever_was_told_is_told(pool, persistence, flag):
    """R4: the insurance office and each branch that heard of it; of a hidden one no branch."""
    await over(persistence, OLA, Outcome.RESIGNED, TODAY, name="Ola", email="ola@example.org")
    await over(persistence, KARI, Outcome.RESIGNED, TODAY)
    for member in (OLA, KARI):
        await pool.execute(
            "INSERT INTO disclosures VALUES ($1, 'status', 'insurance_office', 'art. 9', $2)",
            member,
            TODAY,
        )
        await pool.execute(
            "INSERT INTO letters (membership_id, key, template, audience, figures, status, sent_on,"
            " batch, ordered_on) VALUES ($1, 'new', 'branch_new_member', 'branch',"
            """ '{"branch": "OSLO"}', 'sent', $2, 'dues-run-2026-11', $2)""",
            member,
            TODAY,
        )
    await pool.execute(f"UPDATE memberships SET {flag} = true WHERE membership_id = $1", KARI)
    for member, told in (
        (OLA, {"insurance_erased", "branch_erased"}),
        (KARI, {"insurance_erased"}),
    ):
        erasure, _ = await opened(pool, member)
        step = ErasureStep(erasure_id=erasure, today=TODAY)
        async with pool.acquire() as connection, connection.transaction():
            assert await order_partner_letters(connection, step) == len(told)
            assert await order_partner_letters(connection, step) == 0
        rows = await pool.fetch(
            "SELECT template, audience, status FROM letters WHERE batch = $1", erasure
        )
        assert {row["template"] for row in rows} == told
        assert {row["status"] for row in rows} == {"pending"}


def test_files_that_name_somebody_are_swept(tmp_path):
    """Lists in every form, and a payroll notice; another list, and another folder's, stay."""
    for path in ("00000001/7-1.csv", "00000001/7-1.xlsx", "00000001/7-2.csv", "00000002/other.txt",
                 "00000002/lonnstrekk-0123456789abcdef.csv"):  # fmt: skip
        file = tmp_path / path
        file.parent.mkdir(exist_ok=True)
        file.write_text("Kanari")
    stems = {"7-1", "lonnstrekk-0123456789abcdef"}
    assert sweep(tmp_path, stems) == 3
    assert sweep(tmp_path, stems) == 0
    left = sorted(path.name for path in tmp_path.glob("*/*"))
    assert left == ["7-2.csv", "other.txt"]


async def test_who_was_told_of_somebody_is_told_of_the_erasure(persistence, pool):
    """Their events go, also those that wait; one says that they are to be erased (Art. 19)."""
    await persistence.receive_application(intake(KARI))
    await persistence.receive_application(intake(OLA, name="Ola", email="ola@example.org"))
    async with pool.acquire() as connection:
        await number_all(connection)
    await persistence.record_decision(
        decision(2, standing=standing(Stage.ENDED, outcome=Outcome.WITHDRAWN, member_since=None))
    )
    await ended(pool, KARI)
    erasure, _ = await opened(pool, KARI)
    await erased(pool, erasure)
    found = [event async for event in events_in_order(pool, BEGINNING, cleared=False)]
    assert [(event.subject, event.type.rsplit(".", 1)[1]) for event in found] == [
        (OLA, "application_received"),
        (KARI, "membership_erased"),
    ]
