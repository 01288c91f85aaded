"""What people write is sealed by their member's key wherever a row keeps it for good (ADR 83)."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from activities.access import log
from activities.arrears import agreements
from activities.database.pool import open_pool
from activities.deduction import settlement
from activities.letters.store import Store
from activities.membership.activities import Persistence
from activities.payments.refunds import ask_refund, list_refunds, refuse_refund
from activities.payments.write_offs import write_off
from activities.persons.merging import MergeOrder, merge, unmerge
from activities.privacy.erasing import HoldOrder, hold_erasure
from activities.privacy.holdings import held_on
from activities.secrecy.errors import KeysUnavailable
from activities.secrecy.keyring import KeyRing
from activities.secrecy.notes import close_with_note
from activities.secrecy.store import KeyStore
from activities.secrecy.words import PLACES, PLAIN, Words
from activities.shared.tasks import list_tasks, open_task
from schemas.deduction.contracts import DeductionDecision
from schemas.membership.decision import ConsentGiven
from schemas.payments.refunds import Refund
from schemas.pricing.rulebook import Policies
from schemas.secrecy.marks import GONE, NOT_KEPT
from schemas.shared.vocabulary import Template
from tests.arrears.making import owe
from tests.deduction.making import Office
from tests.membership.making import KARI, OLA, TODAY, decision, intake, letter, make_member
from tests.payments.making import Money, bring, camt
from tests.payments.refunding import THEIRS
from tests.secrecy.conftest import NO_PATIENCE
from workers.encryption import converter_for, words_over

POLICIES = Policies(valid_from=date(1970, 1, 1))
BY_TWO = Policies(valid_from=date(1970, 1, 1), four_eyes_write_off=True)
LATER = TODAY + timedelta(days=20)


class House(NamedTuple):
    """A database whose connections seal texts, and the keys that they do it by."""

    pool: asyncpg.Pool
    ring: KeyRing

    async def raw(self) -> str:
        """Return every row of every table, as it stands in the clear on a disk."""
        tables = await self.pool.fetch(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        )
        rows = [
            await self.pool.fetchval(f'SELECT string_agg(t::text, chr(10)) FROM "{name}" AS t')
            for (name,) in tables
        ]
        return "\n".join(row for row in rows if row)

    async def held(self) -> str:
        """Return what is handed out of what is held on Kari, and on whom she was merged with."""
        async with self.pool.acquire() as connection, connection.transaction():
            found = [await held_on(connection, whose, TODAY) for whose in (KARI, OLA)]
        told = [one.model_dump(mode="json") for one in found if one is not None]
        return json.dumps(told, ensure_ascii=False)


@pytest.fixture
async def house(database_url, key_file) -> AsyncIterator[House]:
    """A database of the test's own; its keys are under a master key in a file."""
    async with await open_pool(database_url, size=2) as keys:
        ring = KeyRing(KeyStore(keys.acquire), key_file, patience=NO_PATIENCE)
        async with await open_pool(database_url, size=4, words=Words(ring)) as pool:
            yield House(pool, ring)


async def everything_written(pool: asyncpg.Pool, folder: Path) -> dict[str, str]:
    """Let people write wherever they can about Kari; return by column what they wrote."""
    told = {
        column: f"Kanari{number:02d}qzk"
        for number, column in enumerate(
            f"{table}.{column}" for table, place in PLACES.items() for column in place.columns
        )
    }
    await make_member(Persistence(pool, allow_synthetic_ids=True))
    await decided(pool, told)
    await agreed(pool, told)
    await refunded(pool, told)
    await merged_and_parted(pool, told)
    await line_decided(pool, folder, told)
    entry = log.Entry(
        at=datetime(2026, 11, 27, tzinfo=UTC),
        subject="idp|1",
        name="Ola",
        roles=(),
        act="decode",
        what="decode",
        workflow_id=KARI,
        why=told["access_log.why"],
    )
    await log.keep(pool, entry)
    return told


async def decided(pool: asyncpg.Pool, told: dict[str, str]) -> None:
    """A decision with a reason, which a letter repeats, and with a consent."""
    rejected = letter("0003-x", Template.APPLICATION_REJECTED)
    consent = ConsentGiven(
        kind="lift_hidden",
        given_on=TODAY,
        how=told["decision_consents.how"],
        words=told["decision_consents.words"],
    )
    reasoned = decision(
        3,
        reason=told["remarks.content"],
        letters=(rejected.model_copy(update={"figures": {"quotes": 3}}),),
        consent=consent,
        kept=told["kept_records.content"],
    )
    await Persistence(pool, allow_synthetic_ids=True).record_decision(reasoned)


async def agreed(pool: asyncpg.Pool, told: dict[str, str]) -> None:
    """A hold, a plan that is withdrawn, a loss, a task that is closed."""
    number = await owe(pool, KARI, TODAY)
    by: dict[str, Any] = {"today": TODAY, "by": "ola"}
    async with pool.acquire() as at, at.transaction():
        why = told["reminder_holds.reason"]
        await agreements.hold_reminders(at, KARI, POLICIES, until_on=LATER, reason=why, **by)
        why = told["payment_plans.reason"]
        await agreements.make_plan(at, KARI, POLICIES, first_on=TODAY, months=2, reason=why, **by)
        await agreements.withdraw_plan(at, KARI, reason=told["payment_plan_ends.reason"], **by)
        why = told["write_off_requests.reason"]
        await write_off(at, number, BY_TWO, reason=why, **by)
        other = by | {"by": "eva"}
        await write_off(at, number, BY_TWO, reason=told["write_offs.reason"], **other)
        why = told["erasure_holds.reason"]
        await hold_erasure(at, HoldOrder(KARI, LATER, why, "ola", TODAY))
        task = {"key": "canary", "kind": "canary", "says": "look"}
        await open_task(at, **task, today=TODAY, membership_id=KARI)
        [found] = [one for one in await list_tasks(at) if one.key == "canary"]
        assert await close_with_note(at, found.task_id, note=told["tasks.note"], **by)


async def refunded(pool: asyncpg.Pool, told: dict[str, str]) -> None:
    """A refund that is asked for, and given up."""
    kid = await pool.fetchval("SELECT kid FROM invoices WHERE membership_id = $1", KARI)
    await bring(pool, camt(Money(kid, 1_000_000)))
    async with pool.acquire() as at, at.transaction():
        refund = await ask_refund(
            at,
            today=TODAY,
            by="ola",
            reason=told["refunds.reason"],
            reference="K1",
            amount_ore=100,
            account=THEIRS,
            receiver="Kari Nordmann",
        )
        why = told["refunds.released_why"]
        given_up = await refuse_refund(at, refund.refund_id, today=TODAY, by="eva", why=why)
    assert (refund.reason, given_up.released_why) == (told["refunds.reason"], why)


async def merged_and_parted(pool: asyncpg.Pool, told: dict[str, str]) -> None:
    """Two people who are one, and are not after all."""
    await Persistence(pool, allow_synthetic_ids=True).receive_application(intake(OLA))
    order = MergeOrder(OLA, KARI, None, TODAY)
    async with pool.acquire() as at, at.transaction():
        await merge(at, order, caseworker="ola", reason=told["merges.reason"])
        why = told["merge_undoings.reason"]
        await unmerge(at, KARI, today=TODAY, caseworker="ola", reason=why)


async def line_decided(pool: asyncpg.Pool, folder: Path, told: dict[str, str]) -> None:
    """A line of an employer's list, of which somebody decides."""
    office = Office(pool, folder)
    number = await office.ready(KARI)
    given = DeductionDecision(
        list_number=number,
        membership_id=KARI,
        decision="wait",
        caseworker="ola",
        reason=told["line_decisions.reason"],
        key="one",
        today=TODAY,
    )
    async with pool.acquire() as at:
        assert (await settlement.decide(at, given)).applied


async def test_what_people_write_is_sealed_and_goes_with_the_key(house, tmp_path):
    """No row has it in the clear; the product's own reads have it, until the key is destroyed.

    Whatever was written is then shown as gone, and what is written still is not kept: nothing
    fails, and the money goes on.
    """
    told = await everything_written(house.pool, tmp_path)
    canaries = set(told.values())
    raw = await house.raw()
    assert [text for text in canaries if text in raw] == []
    assert await quoted(house.pool) == told["remarks.content"]
    assert await why_looked(house.pool) == told["access_log.why"]
    held = await house.held()
    ours = {text for column, text in told.items() if column != "access_log.why"}
    assert [text for text in ours if text not in held] == []

    assert [await house.ring.destroy(whose) for whose in (KARI, OLA)] >= [1, 0]
    held = await house.held()
    assert [text for text in canaries if text in held] == []
    assert held.count(GONE) >= len(ours)
    assert await quoted(house.pool) is None
    assert await why_looked(house.pool) == GONE
    [refund] = await refunds_of(house.pool)
    assert (refund.reason, refund.released_why) == (GONE, GONE)
    async with house.pool.acquire() as at, at.transaction():
        await agreements.hold_reminders(
            at, KARI, POLICIES, until_on=TODAY, today=TODAY, by="ola", reason="again"
        )
    assert await house.pool.fetchval("SELECT reason FROM reminder_holds LIMIT 1 OFFSET 1") == (
        NOT_KEPT
    )


async def quoted(pool: asyncpg.Pool) -> str | None:
    """Return the reason that a letter repeats."""
    async with pool.acquire() as at, at.transaction():
        _, found = await Store(at, KARI, "order", TODAY).lock_case_and_claim("0003-x")
    assert found is not None
    reason: str | None = found.figures["reason"]
    return reason


async def why_looked(pool: asyncpg.Pool) -> str | None:
    """Return why somebody has looked at Kari."""
    [entry] = await log.read(pool, workflow_id=KARI)
    return entry.why


async def refunds_of(pool: asyncpg.Pool) -> list[Refund]:
    """Return all refunds."""
    async with pool.acquire() as at:
        return await list_refunds(at)


async def test_a_text_opens_where_it_was_written_and_nowhere_else(house):
    """Copied to another row or column, changed, or without its key: gone, and no failure."""
    words, row = Words(house.ring), {"membership_id": KARI, "number": 3}
    sealed = await words.seal("Flytter", KARI, "remarks.content", row)
    assert await words.opened(sealed, "remarks.content", row) == "Flytter"
    assert await words.opened(sealed, "remarks.content", {**row, "number": 4}) is None
    assert await words.opened(sealed, "decision_consents.words", row) is None
    assert await words.opened(sealed[:-8] + "AAAAAAA=", "remarks.content", row) is None
    assert await Words(None).opened(sealed, "remarks.content", row) is None
    long = "x" + "Flytter til Bodø. " * 300
    sealed = await words.seal(long, KARI, "remarks.content", row)
    assert (await words.opened(sealed, "remarks.content", row), len(sealed) < 300) == (long, True)
    assert await words.opened("sealed: nothing of ours", "remarks.content", row) == (
        "sealed: nothing of ours"
    )


async def test_without_encryption_texts_stay_as_they_are(pool, tmp_path):
    """The same code, and nothing is hidden from whoever looks at the rows."""
    told = await everything_written(pool, tmp_path)
    for column, text in told.items():
        table, _, name = column.partition(".")
        rows = await pool.fetch(f'SELECT "{name}" FROM "{table}" WHERE "{name}" IS NOT NULL')
        assert text in {row[0] for row in rows}, column


async def test_a_worker_seals_by_the_keys_of_its_client(house, client, process):
    """Whoever encrypts what goes to Temporal seals what goes into rows, by the same keys."""
    assert words_over(client) == PLAIN
    converter = converter_for(pydantic_data_converter, process())
    sealing = Client(**{**client.config(), "data_converter": converter})
    row = {"membership_id": KARI, "number": 1}
    sealed = await words_over(sealing).seal("Flytter", KARI, "remarks.content", row)
    assert "Flytter" not in sealed
    assert await words_over(sealing).opened(sealed, "remarks.content", row) == "Flytter"
    assert await Words(house.ring).opened(sealed, "remarks.content", row) is None, "other rows"


async def test_nothing_is_written_in_the_clear_while_the_keys_are_away(house):
    """Whoever writes is told, and tries again."""
    words, row = Words(house.ring), {"membership_id": OLA, "number": 1}
    await house.pool.execute("ALTER TABLE keys.data_keys RENAME TO moved")
    with pytest.raises(KeysUnavailable):
        await words.seal("Flytter", OLA, "remarks.content", row)
    await house.pool.execute("ALTER TABLE keys.moved RENAME TO data_keys")


CHOICES = {
    "claim_cancellations.reason", "claim_returns.reason", "corrections.reason",
    "built_corrections.reason", "dues_quarantine.reason", "redirections.reason",
    "withheld_lines.reason", "holds.reason", "letters.note", "consents.how",
}  # fmt: skip
"""Named like somebody's words, and one of a list of ours, or a sentence of ours."""

FILES = {"deductions.reason", "report_lines.reason"}
"""What an employer answered, kept as it came for as long as the books are (ADR 75)."""

LISTS = {"list_write_offs.reason", "report_decisions.reason"}
"""About what an employer sent or paid for all of a list, and nobody in particular."""


async def test_no_column_for_somebodys_words_is_forgotten(shared_pool):
    """A new one named so is sealed, or somebody says why it holds nobody's words."""
    rows = await shared_pool.fetch(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND data_type = 'text' AND is_updatable = 'YES'"
        " AND column_name IN ('reason', 'note', 'words', 'why', 'how', 'comment', 'remark',"
        " 'content', 'released_why')"
    )
    tables = await shared_pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    named = {row["tablename"] for row in tables}
    found = {".".join(row) for row in rows if row["table_name"] in named}
    sealed = {f"{table}.{name}" for table, place in PLACES.items() for name in place.columns}
    assert found == sealed | CHOICES | FILES | LISTS
