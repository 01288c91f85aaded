"""A page of a mailing: a few senders, each with its own connections, share its letters."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import structlog
from temporalio import activity

from activities.database.pool import load_queries
from activities.letters.errors import DeliveryFailed, Unreachable
from activities.letters.postbox import Postbox
from activities.letters.sending import LetterSender
from activities.letters.settings import NotificationSettings
from activities.letters.store import Store
from activities.shared.tasks import close_task_of, open_task
from schemas.letters.contracts import (
    LetterCursor,
    MailingCounts,
    MailingPage,
    MailingPlan,
    MailingSweep,
)

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")
_log = structlog.get_logger(__name__)

SENDERS = 8
"""Letters on their way at once in a process, whatever the number of mailings: each holds a
connection to the mail server, which limits them, and one to PostgreSQL."""

PAGE_SIZE = 1000
"""Letters a page: some ten seconds' work, so that a restart repeats little."""

PAGES_AT_MOST = 200
"""Pages planned at a time, since the plan stands in the workflow's history."""


async def plan(pool: asyncpg.Pool, sweep: MailingSweep) -> MailingPlan:
    """Split what is still open of a batch into pages."""
    async with pool.acquire() as connection:
        letters = await _SQL.count_open(connection, batch=sweep.batch)
        ends = [
            LetterCursor(**row)
            async for row in _SQL.list_pages(
                connection, batch=sweep.batch, page_size=PAGE_SIZE, most=PAGES_AT_MOST
            )
        ]
    begins = [LetterCursor(), *ends]
    return MailingPlan(
        letters=letters,
        pages=tuple(
            MailingPage(batch=sweep.batch, today=sweep.today, after=after, upto=upto)
            for after, upto in zip(begins, ends, strict=False)
        ),
    )


async def report_unsent(pool: asyncpg.Pool, sweep: MailingSweep) -> int:
    """Open a task for what nobody could send of a batch."""
    async with pool.acquire() as connection, connection.transaction():
        letters: int = await _SQL.count_open(connection, batch=sweep.batch)
        key = f"mailing/{sweep.batch}"
        if not letters:
            await close_task_of(connection, key, today=sweep.today, by="delivery")
        else:
            await open_task(
                connection,
                key=key,
                kind="mailing_incomplete",
                says=f"{letters} letters of {sweep.batch} could not be sent; the notes of the "
                "letters say why. Start the mailing again when that is mended.",
                today=sweep.today,
            )
    return letters


@dataclass
class PageRound:
    """One attempt at a page.

    Attributes:
        order: the same for all attempts at the page; see ``Store``.
        letters: still to be sent, in order.
        resume: where another attempt may go on: all letters up to there have been tried.
    """

    pool: asyncpg.Pool
    settings: NotificationSettings
    senders: asyncio.Semaphore
    page: MailingPage
    order: str
    resume: LetterCursor
    letters: list[LetterCursor] = field(default_factory=list)
    _under_way: dict[int, LetterCursor] = field(default_factory=dict)

    async def send(self) -> MailingCounts:
        """Try each letter of the page once.

        Raises:
            DeliveryFailed: the mail server is away, or this worker is told to stop.
        """
        self.letters = await self._open_letters()
        coming = iter(enumerate(self.letters))
        # Not a task group: it would cut off letters on their way when one sender fails.
        ended = await asyncio.gather(
            *(self._carry(coming) for _ in range(SENDERS)), return_exceptions=True
        )
        for error in ended:
            if error is not None:
                raise error
        return await self._closed()

    def position(self) -> dict[str, str]:
        """Return where another attempt may go on, as plain JSON values."""
        return {"membership_id": self.resume.membership_id, "key": self.resume.key}

    async def _carry(self, coming: Iterator[tuple[int, LetterCursor]]) -> None:
        """Carry one letter after the other for as long as there is one."""
        async with (
            self.senders,
            self.pool.acquire() as connection,
            Postbox(self.settings) as postbox,
        ):
            for number, letter in coming:
                self._under_way[number] = self._before(number)
                await self._ready(postbox)
                store = Store(connection, letter.membership_id, self.order, self.page.today)
                await self._try(LetterSender(store, postbox, self.settings), letter)
                self._under_way.pop(number)
                self.resume = min(
                    self._under_way.values(), key=_place, default=self.letters[number]
                )

    async def _ready(self, postbox: Postbox) -> None:
        """Connect before a letter is taken up: a server that is away fails the attempt at once.

        Raises:
            DeliveryFailed: it is away, or this worker is told to stop.
        """
        if activity.is_worker_shutdown():
            raise DeliveryFailed("this worker stops")
        try:
            await postbox.open()
        except Unreachable as error:
            raise DeliveryFailed(str(error)) from None

    async def _try(self, sender: LetterSender, letter: LetterCursor) -> None:
        """Carry a letter; a fault that is its own never stops the others (invariant 9)."""
        try:
            await sender.send_letter(letter.key)
        except (asyncpg.PostgresError, LookupError, ValueError) as error:
            if sender.store.connection.is_closed():
                raise
            # Its type alone: the text may hold what a member wrote.
            _log.warning(
                "letter.failed",
                membership_id=letter.membership_id,
                letter=letter.key,
                error=type(error).__name__,
            )

    def _before(self, number: int) -> LetterCursor:
        return self.letters[number - 1] if number else self.resume

    async def _open_letters(self) -> list[LetterCursor]:
        bounds = {**_bounds(self.page), "after_id": self.resume.membership_id}
        bounds["after_key"] = self.resume.key
        async with self.pool.acquire() as connection:
            return [LetterCursor(**row) async for row in _SQL.list_page(connection, **bounds)]

    async def _closed(self) -> MailingCounts:
        bounds = _bounds(self.page)
        signature = Store.signature_of(self.order)
        async with self.pool.acquire() as connection:
            rows = _SQL.count_closed(connection, signature=signature, **bounds)
            return MailingCounts(**{row["status"]: row["letters"] async for row in rows})


def _place(place: LetterCursor) -> tuple[str, str]:
    return place.membership_id, place.key


def _bounds(page: MailingPage) -> dict[str, str]:
    return {
        "batch": page.batch,
        "after_id": page.after.membership_id,
        "after_key": page.after.key,
        "upto_id": page.upto.membership_id,
        "upto_key": page.upto.key,
    }
