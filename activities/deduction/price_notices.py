"""New prices on their way to employers: one CHANGE for all the members each deducts for."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

import asyncpg
import structlog
from temporalio import activity

from activities.database.pool import load_queries, patiently
from activities.declarations.deduction import PriceNoticeActivities
from activities.deduction.delivery import (
    channel_missing,
    circumstances_of,
    deduction_basis,
    line_of,
)
from activities.letters.conditions import GateOutcome
from activities.letters.errors import AddressRefused, LetterError, Unreachable
from activities.letters.gate import pass_gate
from activities.letters.list_channels import list_mail, put_files
from activities.letters.list_files import locked
from activities.letters.payroll_notice import row_of, rows_csv, rows_xlsx
from activities.letters.postbox import Postbox
from activities.letters.settings import NotificationSettings
from activities.shared.heartbeats import heartbeats
from activities.shared.tasks import open_task
from schemas.deduction.list_file import ShownLine
from schemas.pricing.contracts import Announcement, NoticesLeft
from schemas.shared.base import Day
from schemas.shared.vocabulary import Audience, Template

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")
_log = structlog.get_logger(__name__)

Connection = asyncpg.pool.PoolConnectionProxy
Shown = tuple[tuple[Day, tuple[ShownLine, ...]], ...]
"""What an employer may be shown: the lines of each month from which they hold."""
Files = tuple[tuple[str, bytes], ...]

AT_ONCE = 4
"""Employers told at once: each holds a connection to the database, and to the mail server."""

TOLD, WAITING, STUCK = "told", "waiting", "stuck"


class PriceNotices(PriceNoticeActivities):
    """Tells employers of new prices.

    Args:
        pool: of connections to PostgreSQL; each employer that is told uses one.
        settings: the mail server, our numbers, the folder for lists.
    """

    def __init__(self, pool: asyncpg.Pool, settings: NotificationSettings) -> None:
        self._pool = pool
        self._settings = settings

    @activity.defn(name="tell_employers_of_prices")
    async def tell_employers_of_prices(self, announcement: Announcement) -> NoticesLeft:
        """Each in a transaction of its own: who can't be told keeps no other one waiting."""
        async with heartbeats():
            async with self._pool.acquire() as connection:
                found = _SQL.open_price_notices(connection, **_key(announcement))
                coming = iter([row["payer_number"] async for row in found])
            told = await asyncio.gather(
                *(self._tell_some(announcement, coming) for _ in range(AT_ONCE))
            )
        return NoticesLeft(**sum(told, Counter()))

    async def _tell_some(self, announcement: Announcement, coming: Iterator[str]) -> Counter[str]:
        """Tell one employer after the other for as long as there is one."""
        outcomes: Counter[str] = Counter()
        async with self._pool.acquire() as connection, Postbox(self._settings) as postbox:
            for payer_number in coming:
                notice = _Notice(connection, postbox, self._settings, announcement, payer_number)
                outcomes[await notice.deliver()] += 1
        return outcomes


class _Notice:
    """What one employer is told.

    Args:
        connection: of the order's own.
        postbox: for all that the order sends by mail.
        settings: the folder for lists.
        announcement: of which prices.
        payer_number: stands for the employer.
    """

    def __init__(
        self,
        connection: Connection,
        postbox: Postbox,
        settings: NotificationSettings,
        announcement: Announcement,
        payer_number: str,
    ) -> None:
        self._connection = connection
        self._postbox = postbox
        self._settings = settings
        self._announcement = announcement
        self._payer_number = payer_number

    async def deliver(self) -> str:
        """Hand it over as lists are, and return whether the employer has it.

        Written outside any transaction, and handed over under a lock on its members.
        """
        try:
            prepared = await self._prepare()
            while prepared is not None:
                found, shown = prepared
                files = await asyncio.to_thread(self._pack, found, shown)
                prepared = await self._hand_over(shown, files)
        except AddressRefused:
            return await self._ask("its address takes no mail")
        except (LetterError, Unreachable) as error:
            return await self._ask(str(error)) if self._announcement.last else WAITING
        except _Missing as error:
            return await self._ask(str(error))
        _log.info("prices.told", payer_number=self._payer_number)
        return TOLD

    async def _prepare(self) -> tuple[Mapping[str, Any], Shown] | None:
        """Return what it says now, or None once the employer has been told.

        A disclosure is logged first: better one too many than one too few.
        """
        async with patiently(self._connection):
            found = await self._lock()
            if found is None:
                return None
            shown, members = await self._pass_gate(found)
            await _SQL.log_list_disclosures(
                self._connection,
                key=f"price-{self._known_as}",
                memberships=members,
                basis=deduction_basis(Template.PAYROLL_CHANGE, found),
                disclosed_on=self._announcement.today,
            )
        return found, shown

    async def _hand_over(
        self, shown: Shown, files: Files
    ) -> tuple[Mapping[str, Any], Shown] | None:
        """Hand it over under the lock, unless it has to say something else by now.

        Raises:
            LetterError, Unreachable: the mail server did not take it.
        """
        async with patiently(self._connection):
            found = await self._lock()
            if found is None:
                return None
            savepoint = self._connection.transaction()
            await savepoint.start()
            try:
                present, _ = await self._pass_gate(found)
                if present == shown:
                    await self._go_out(found, files)
            finally:
                # What was logged of the members stands: undoing it unlocks them, nothing else.
                await savepoint.rollback()
            if present == shown:
                await self._note(found, shown)
                if files and found["list_channel"] == "email":
                    await self._postbox.answer()
                return None
        return await self._prepare()

    async def _go_out(self, found: Mapping[str, Any], files: Files) -> None:
        if not files:
            return  # the gate let no line pass
        if found["list_channel"] == "folder":
            assert self._settings.list_folder is not None, "asked for a moment ago"
            folder = self._settings.list_folder / found["payer_number"]
            await asyncio.to_thread(put_files, folder, files)
            return
        mail = list_mail(
            self._settings,
            {"about": "change", "list_number": f"{found['payer_number']}-{self._known_as}"},
            found["email"],
            self._announcement.today,
            files,
        )
        seconds = int(self._settings.answer_seconds) + 60
        await _SQL.wait_for_answer_to_list(self._connection, timeout=f"{seconds}s")
        await self._postbox.open()
        await self._postbox.hand_over(mail)

    def _pack(self, found: Mapping[str, Any], shown: Shown) -> Files:
        """Write the files, one for each month from which amounts hold."""
        written = []
        for month, lines in shown:
            rows = [row_of(line) for line in lines]
            name = f"lonnstrekk-{self._known_as[-12:]}-{month:%Y-%m}"
            if found["list_channel"] == "folder":
                written.append((f"{name}.csv", rows_csv(rows)))
            else:
                content = locked(rows_xlsx(rows), found["list_password"])
                written.append((f"{name}.xlsx", content))
        return tuple(written)

    async def _pass_gate(self, found: Mapping[str, Any]) -> tuple[Shown, list[str]]:
        """Return the lines that the employer may be shown, and whose they are."""
        key = {**_key(self._announcement), "orgnr": found["orgnr"]}
        today = self._announcement.today
        await _SQL.lock_noticed(self._connection, **key)
        passed = []
        async for row in _SQL.read_noticed(self._connection, **key, today=today):
            known = circumstances_of(row, today, attached=row["attached"])
            verdict = pass_gate(Audience.EMPLOYER, Template.PAYROLL_CHANGE, known)
            if verdict.passage is GateOutcome.SEND:
                passed.append(row)
        shown = tuple(
            (month, tuple(line_of(row) for row in rows))
            for month, rows in groupby(passed, key=lambda row: row["valid_from"])
        )
        return shown, [row["membership_id"] for row in passed]

    async def _lock(self) -> Mapping[str, Any] | None:
        """Lock it, so that it goes out by one at a time; None once it has.

        Raises:
            _Missing: it has no channel.
        """
        found: Mapping[str, Any] | None = await _SQL.lock_price_notice(
            self._connection, **_key(self._announcement), payer_number=self._payer_number
        )
        missing = channel_missing(found, self._settings) if found is not None else None
        if missing is not None:
            raise _Missing(missing)
        return found

    async def _note(self, found: Mapping[str, Any], shown: Shown) -> None:
        await _SQL.mark_noticed(
            self._connection,
            **_key(self._announcement),
            orgnr=found["orgnr"],
            channel=found["list_channel"],
            delivered_on=self._announcement.today,
            shown_count=sum(len(lines) for _, lines in shown),
        )

    async def _ask(self, why: str) -> str:
        """Ask a caseworker for what is missing."""
        await open_task(
            self._connection,
            key=f"deduction/not_told/{self._payer_number}-{self._known_as}",
            kind="deduction_not_told",
            says=f"Employer {self._payer_number} has not been told of the prices from "
            f"{self._announcement.order.effective_on}: {why}. Its next list says them; the same "
            "reprice command again tells it before.",
            today=self._announcement.today,
        )
        return STUCK

    @property
    def _known_as(self) -> str:
        order = self._announcement.order
        return f"{order.effective_on}-{order.rulebook[:12]}"


class _Missing(Exception):
    """There is no channel; the text says what would be one."""


def _key(announcement: Announcement) -> dict[str, Any]:
    order = announcement.order
    return {"effective_on": order.effective_on, "version": order.rulebook}
