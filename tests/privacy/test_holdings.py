"""What is held on a person: all of it, nobody else's, and no table is forgotten."""

import json

import pytest

from activities.database.pool import open_pool
from activities.database.roles import GATEWAY, OPERATOR, as_role
from activities.membership.activities import Persistence
from activities.privacy.holdings import held_on, places_of_people
from schemas.privacy.fates import FORGOTTEN, OF_NOBODY
from schemas.privacy.places import BY_WHAT, NOBODYS, TITLES
from tests.dues.making import joins
from tests.membership.making import TODAY

PRICES_AND_SUMS = {
    "alembic_version", "arrears_ladder", "benefits", "book_accounts", "branches", "branch_accounts",
    "branch_dues", "branch_settlements", "branch_settlement_lines", "charged_years", "consumers",
    "consumer_changes", "coverages",
    "dues_building", "dues_by_month", "dues_rates", "dues_runs", "erasures",
    "fingerprint_key", "identity_key", "members_by_month",
    "insurance_accounts", "insurance_payments", "insurance_settlements",
    "insurance_settlement_lines", "invoice_series", "overdue_watch", "payers", "policies",
    "premium_rates", "public_mail_domains", "rate_amounts", "rates", "repricings",
    "repricings_announced", "repricings_withdrawn", "reserved_numbers", "rulebook_revision",
    "restores", "number_holds",
    "tax_caps", "tax_deliveries", "begun_runs", "built_members",
}  # fmt: skip
"""Of the union as a whole."""

EMPLOYERS_AND_FILES = {
    "awaited_reversals", "bank_charges", "claim_files", "confirmed_reports", "deduction_lists",
    "deduction_reports", "employers", "file_outcomes", "inbound_files", "insurance_answers",
    "insurance_files", "list_deliveries", "list_hand_overs", "list_reminders", "list_write_offs",
    "mandate_lists", "price_notices", "price_notice_deliveries", "refund_files", "report_decisions",
}  # fmt: skip
"""About an employer, or a file of many people: what it says of one stands in tables of theirs."""


async def test_no_table_is_forgotten(shared_pool):
    """Whoever adds a table says what a member reads of it, or why there is nothing to read."""
    async with shared_pool.acquire() as connection:
        there = {place.table for place in await places_of_people(connection)}
        every = await connection.fetch(
            "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind IN ('r', 'p') AND NOT relispartition"
        )
    assert there == set(TITLES)
    parts = {"charges_unbuilt", "entries_of_money", "entries_unbuilt"}
    names = {row["relname"] for row in every} - parts
    assert names == there | set(NOBODYS) | PRICES_AND_SUMS | EMPLOYERS_AND_FILES
    assert set(BY_WHAT) <= there


async def test_what_can_hold_anybody_is_emptied_or_holds_nobody(shared_pool):
    """Files, JSON and lists in tables of no person: erasing somebody does not reach them."""
    found = await shared_pool.fetch(
        "SELECT relname || '.' || attname AS place FROM pg_class"
        " JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped"
        " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
        " AND NOT relispartition AND relname <> ALL ($1)"
        " AND format_type(atttypid, NULL) ~ '^(bytea|jsonb?|xml|tsvector)$|\\[\\]$'",
        [*TITLES],
    )
    assert {row["place"] for row in found} == {*FORGOTTEN, *OF_NOBODY}


@pytest.fixture
async def two(shared_pool):
    """The ids of two members."""
    persistence = Persistence(shared_pool, allow_synthetic_ids=True)
    return [await joins(persistence) for _ in range(2)]


async def test_all_of_a_person_and_nothing_of_another(shared_pool, two):
    """Whoever asks by a membership gets the person: who, what was decided, charged and written."""
    own, other = two
    async with shared_pool.acquire() as connection, connection.transaction():
        held = await held_on(connection, own, TODAY)
        assert held is not None
        again = await held_on(connection, held.person_id, TODAY)
    assert held == again
    assert held.memberships == (own,)
    assert {"people", "memberships", "applications", "decisions", "terms", "invoices", "charges",
            "letters"} <= set(held.tables)  # fmt: skip
    said = json.dumps(held.model_dump(mode="json"))
    assert own in said
    assert other not in said
    assert "name_key" not in said
    assert held.rows == sum(len(rows) for rows in held.tables.values())


@pytest.mark.parametrize("role", [GATEWAY, OPERATOR])
async def test_whoever_hands_it_out_may_read_it(shared_pool, shared_database_url, two, role):
    """The gateway its export, a command the plan of an erasure: each by a role of its own."""
    async with shared_pool.acquire() as connection:
        whole = await held_on(connection, two[0], TODAY)
    async with (
        await open_pool(as_role(shared_database_url, role), size=1) as pool,
        pool.acquire() as connection,
    ):
        assert await held_on(connection, two[0], TODAY) == whole


async def test_nobody_holds_nothing(shared_pool):
    """An id that is nobody's is told from somebody of whom little is known."""
    async with shared_pool.acquire() as connection:
        assert await held_on(connection, "membership-nobody", TODAY) is None
