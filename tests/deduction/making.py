"""Members, charges, lists, reports and payments, written as the other rooms write them."""

import csv
import io
import uuid
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, cast

import asyncpg
from temporalio.client import Client
from temporalio.testing import ActivityEnvironment

from activities.deduction import reports, settlement
from activities.deduction.activities import Deduction
from activities.deduction.delivery import ListDelivery
from activities.letters.settings import NotificationSettings
from activities.shared.files import keep_file
from activities.shared.rulebook import RulebookReader
from activities.shared.tasks import list_tasks
from schemas.deduction.contracts import (
    DeductionAnswer,
    DeductionDecision,
    DeductionListsOrder,
    DeductionListsReport,
    ListDelivered,
    ListRequest,
    ReportRequest,
    ReportVerdict,
    SettlementState,
)
from schemas.deduction.list_file import COLUMNS, cell, headings_of
from schemas.names import person_id
from schemas.shared.calendar import first_day_of_period
from tests.persons.making import add_person

A, B = "974760673", "312345676"
MADE_ON = date(2026, 12, 2)
DUE_ON = date(2027, 1, 15)
"""The report for December, a Friday."""

LATE = date(2027, 1, 18)

_IDS = (f"128486{number:05d}" for number in range(100_000))


@dataclass
class Office:
    """One database, and the rooms that work on it."""

    pool: asyncpg.Pool
    folder: Path
    numbers: dict[str, str] = field(default_factory=dict)
    """Member numbers by membership id."""

    def __post_init__(self) -> None:
        """Open the rooms."""
        self.settings = NotificationSettings(
            host="127.0.0.1",
            port=1,
            sender="post@example.org",
            caseworkers="sak@example.org",
            insurance_office="forsikring@example.org",
            ui_url="http://ui.example",
            list_folder=self.folder,
        )
        # Lists are made and settled without it.
        self.deduction = Deduction(self.pool, cast(Client, None))

    async def joins(
        self,
        *,
        name: str = "Kari Nordmann",
        hidden: bool = False,
        national_id: str | None = "",
        employer: str = A,
        **standing: Any,
    ) -> str:
        """Add a member; ``national_id`` is a new one unless given."""
        member = f"membership-{uuid.uuid4()}"
        number = await self.pool.fetchval("SELECT lpad(nextval('member_numbers')::text, 8, '0')")
        self.numbers[member] = number
        person = await add_person(
            self.pool,
            member,
            name=name,
            national_id=next(_IDS) if national_id == "" else national_id,
            email=f"{member}@example.org",
        )
        await self.pool.execute(
            "INSERT INTO memberships (membership_id, stage, outcome, category, hidden,"
            " member_number, member_since, received_at, received_on, last_decision, person_id,"
            " employer_orgnr)"
            " VALUES ($1, $2, $3, 'ordinary', $4, $5, $6::date, $6::date, $6::date, 1, $7, $8)",
            member,
            standing.get("stage", "active"),
            standing.get("outcome"),
            hidden,
            number,
            MADE_ON,
            person,
            employer,
        )
        return member

    async def charge(
        self,
        member: str,
        period: str = "2026-12",
        *,
        employer: str = A,
        correction: dict[str, int] | None = None,
        **kinds: int,
    ) -> None:
        """Charge a member through an employer, as a dues run does.

        Args:
            member: whom.
            period: ``YYYY-MM``.
            employer: who deducts.
            correction: what corrections of the month before change, by kind.
            kinds: central, local, premium; full central dues unless told otherwise.
        """
        names = {"central": "central_dues", "local": "local_dues", "premium": "insurance_premium"}
        month = first_day_of_period(period)
        lines = {names[name]: ore for name, ore in (kinds or {"central": 49500}).items()}
        for kind, ore in (correction or {}).items():
            await self.pool.execute(
                "INSERT INTO corrections (membership_id, charged_in, period_from, kind, reason,"
                " was_ore, is_ore) VALUES ($1, $2, ($2::date - interval '1 month')::date, $3,"
                " 'reassessed', 0, $4)",
                member,
                month,
                names[kind],
                ore,
            )
        if correction:
            lines["correction"] = sum(correction.values())
        for kind, ore in lines.items():
            await self.pool.execute(
                "INSERT INTO charges (membership_id, period_from, kind, amount_ore, content_hash,"
                " employer_orgnr, person_id)"
                " VALUES ($1, $2, $3, $4, charge_hash($1, $2, $3, $4), $5, $6)",
                member,
                month,
                kind,
                ore,
                employer,
                person_id(member),
            )
            sides = ("employers", kind) if ore > 0 else (kind, "employers")
            await self.pool.execute(
                "INSERT INTO entries (booked_on, source, membership_id, period_from, kind, debit,"
                " credit, amount_ore) VALUES ($1, 'charge', $2, $1, $3, $4, $5, $6)",
                month,
                member,
                kind,
                *sides,
                abs(ore),
            )

    async def make(self, period: str = "2026-12", today: date = MADE_ON) -> DeductionListsReport:
        """Make the lists of a month."""
        order = DeductionListsOrder(period_from=first_day_of_period(period), today=today)
        return await ActivityEnvironment().run(self.deduction.make_deduction_lists, order)

    async def number_of(self, employer: str = A, period: str = "2026-12") -> str:
        """Return the number of an employer's list."""
        number = await self.pool.fetchval(
            "SELECT number FROM deduction_lists WHERE employer_orgnr = $1 AND period_from = $2",
            employer,
            first_day_of_period(period),
        )
        return cast(str, number)

    async def lines_of(self, number: str) -> dict[str, tuple[int, int, int, int, str]]:
        """Return central, local, premium, total and code of each line, by membership id."""
        rows = await self.pool.fetch(
            "SELECT membership_id, central_ore, local_ore, premium_ore, total_ore, code"
            " FROM deduction_lines WHERE list_number = $1",
            number,
        )
        return {row[0]: tuple(row)[1:] for row in rows}

    async def deliver(
        self,
        number: str,
        *,
        today: date = MADE_ON,
        settings: NotificationSettings | None = None,
    ) -> ListDelivered:
        """Deliver a list."""
        room = ListDelivery(self.pool, settings or self.settings)
        request = ListRequest(list_number=number, today=today)
        return await ActivityEnvironment().run(room.deliver_deduction_list, request)

    async def file_of(self, number: str, ending: str = "csv") -> bytes:
        """Return a delivered file."""
        return (self.folder / number[:8] / f"{number}.{ending}").read_bytes()

    async def ready(self, *members: str, period: str = "2026-12") -> str:
        """Charge members, make the month's list and deliver it; return its number."""
        for member in members:
            await self.charge(member, period)
        await self.make(period)
        number = await self.number_of(period=period)
        await self.deliver(number)
        return number

    async def take(
        self,
        content: bytes,
        *,
        today: date = MADE_ON,
        name: str = "retur.csv",
        meant_by: str | None = None,
    ) -> ReportVerdict:
        """Take a report, without telling a settlement."""
        async with self.pool.acquire() as connection:
            rulebook = await RulebookReader(allow_synthetic_ids=False).current(connection)
            file_id = await keep_file(
                connection, kind="deduction_report", name=name, content=content, today=today
            )
            request = ReportRequest(file_id=file_id, today=today, meant_by=meant_by)
            return (await reports.take_report(connection, rulebook, request)).verdict

    async def settle(self, number: str, today: date = MADE_ON) -> SettlementState:
        """Have a settlement look."""
        async with self.pool.acquire() as connection:
            rulebook = await RulebookReader(allow_synthetic_ids=False).current(connection)
            request = ListRequest(list_number=number, today=today)
            return await settlement.settle(connection, rulebook, request)

    async def decide(
        self, number: str, member: str | None, decision: Any, today: date = MADE_ON
    ) -> DeductionAnswer:
        """Decide a line as a caseworker."""
        given = DeductionDecision(
            list_number=number,
            membership_id=member,
            decision=decision,
            caseworker="ola",
            reason="avtalt",
            key=uuid.uuid4().hex,
            today=today,
        )
        async with self.pool.acquire() as connection:
            return await settlement.decide(connection, given)

    async def pay(self, number: str, amount_ore: int, reference: str | None = None) -> None:
        """Let money arrive with the list's KID, as the bank's room books it."""
        reference = reference or f"B-{uuid.uuid4()}"
        known = await self.pool.fetchval(
            "SELECT reference FROM payments WHERE reference = $1", reference
        )
        if known is not None:
            return
        await self.pool.execute(
            "INSERT INTO payments (reference, amount_ore, paid_on) VALUES ($1, $2, $3)",
            reference,
            amount_ore,
            MADE_ON,
        )
        await self.pool.execute(
            "INSERT INTO allocations (reference, serial, list_number, amount_ore, allocated_on,"
            " allocated_by) VALUES ($1, 1, $2, $3, $4, 'kid')",
            reference,
            number,
            amount_ore,
            MADE_ON,
        )
        for source, key, debit, credit in (
            ("payment", reference, "bank", "suspense"),
            ("allocation", f"{reference}/1", "suspense", "employers"),
        ):
            await self.pool.execute(
                "INSERT INTO entries (booked_on, source, reference, debit, credit, amount_ore)"
                " VALUES ($1, $2, $3, $4, $5, $6)",
                MADE_ON,
                source,
                key,
                debit,
                credit,
                amount_ore,
            )

    async def tasks(self) -> dict[str, str | None]:
        """Return the open tasks: whom each is about, by kind."""
        async with self.pool.acquire() as connection:
            return {task.kind: task.membership_id for task in await list_tasks(connection)}

    async def balance(self, account: str) -> int:
        """Return what stands on an account."""
        found = await self.pool.fetchval(
            "SELECT coalesce(sum(balance_ore), 0) FROM balances WHERE account = $1", account
        )
        return int(found)


def filled(
    content: bytes,
    answers: dict[str, tuple[str, str]] | None = None,
    *,
    only: set[str] | None = None,
) -> bytes:
    """Return a delivered CSV as an employer sends it back.

    Args:
        content: the file.
        answers: deducted and reason by member number; the others are deducted in full.
        only: the member numbers to keep; None: all.
    """
    rows = rows_of(content)
    start = rows.index(headings_of(COLUMNS)) + 1
    names = [column.name for column in COLUMNS]
    back = rows[:start]
    for row in rows[start:]:
        if only is None or row[0] in only:
            deducted, reason = (answers or {}).get(row[0], (cell(row, "total"), ""))
            cells = dict(zip(names, row, strict=True))
            back.append(list((cells | {"deducted": deducted, "reason": reason}).values()))
    return written(back)


def rows_of(content: bytes) -> list[list[str]]:
    """Return the rows of a CSV."""
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def written(rows: list[list[str]], *, separator: str = ";", encoding: str = "utf-8-sig") -> bytes:
    """Return rows as a CSV."""
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode(encoding)
