"""A page of a mailing: a few senders, each with its own connections, share its letters."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import structlog
from temporalio import activity

from activities.database.pool import load_queries
from activities.letters.errors import DeliveryFailed, Unreachable
from activities.letters.marking import mark, unmark
from activities.letters.postbox import Postbox
from activities.letters.sending import Attempt, LetterSender
from activities.letters.settings import NotificationSettings
from activities.letters.store import Store
from activities.letters.writing import Write
from activities.shared.tasks import close_task_of, open_task
from schemas.letters.contracts import (
    LetterCursor,
    MailingCounts,
    MailingPage,
    MailingPlan,
    MailingSweep,
)

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")
_log = structlog.get_logger(__name__)

SENDERS = 8
"""Letters on their way at once in a process, whatever the number of mailings: each holds a
connection to the mail server, which limits them, and one to PostgreSQL."""

PAGE_SIZE = 500
"""Letters a page: some seconds' work, so that a restart repeats little, and whichever worker has
room takes the next one."""

SMALLEST_PAGE = 50
"""A small batch is shared as well: its pages are smaller, but not so small that opening connections
is most of the work."""

PAGES_AT_MOST = 200
"""Pages planned at a time, since the plan stands in the workflow's history."""

PAGES_AT_ONCE = 32
"""Pages that are handed out at a time: work for sixteen workers."""

BUNDLE = 10
"""Letters that a sender marks in one transaction, before it hands them over one by one."""


async def plan(pool: asyncpg.Pool, sweep: MailingSweep) -> MailingPlan:
    """Split what is still open of a batch into pages."""
    async with pool.acquire() as connection:
        letters = await _SQL.count_open(connection, batch=sweep.batch)
        ends = [
            LetterCursor(**row)
            async for row in _SQL.list_pages(
                connection, batch=sweep.batch, page_size=page_size(letters), most=PAGES_AT_MOST
            )
        ]
    if not ends:
        return MailingPlan()
    begins = [LetterCursor(), *ends]
    return MailingPlan(
        letters=letters,
        at_once=PAGES_AT_ONCE,
        pages=tuple(
            MailingPage(batch=sweep.batch, today=sweep.today, after=after, upto=upto)
            for after, upto in zip(begins, ends, strict=False)
        ),
    )


def page_size(letters: int) -> int:
    """Return how many letters of a batch stand on a page: work for as many workers as can be."""
    return min(PAGE_SIZE, max(SMALLEST_PAGE, -(-letters // PAGES_AT_ONCE)))


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
    write: Write
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
        # Few letters are shared among all senders, and those of a page that ends late as well.
        size = min(BUNDLE, -(-len(self.letters) // (4 * SENDERS))) or 1
        coming = iter(range(0, len(self.letters), size))
        # Not a task group: it would cut off letters on their way when one sender fails.
        ended = await asyncio.gather(
            *(self._carry(coming, size) for _ in range(SENDERS)), return_exceptions=True
        )
        for error in ended:
            if error is not None:
                raise error
        return await self._closed()

    def position(self) -> dict[str, str]:
        """Return where another attempt may go on, as plain JSON values."""
        return {"membership_id": self.resume.membership_id, "key": self.resume.key}

    async def _carry(self, coming: Iterator[int], size: int) -> None:
        """Carry one bundle of letters after the other for as long as there is one."""
        async with (
            self.senders,
            self.pool.acquire() as connection,
            Postbox(self.settings) as postbox,
        ):
            for number in coming:
                self._under_way[number] = self._before(number)
                bundle = self.letters[number : number + size]
                await self._ready(postbox)
                await self._carry_bundle(bundle, connection, postbox)
                self._under_way.pop(number)
                self.resume = min(self._under_way.values(), key=_place, default=bundle[-1])

    async def _carry_bundle(
        self,
        bundle: list[LetterCursor],
        connection: "PoolConnectionProxy[Any]",
        postbox: Postbox,
    ) -> None:
        """Mark letters together, and carry each."""
        marked = await mark(connection, bundle, self.page.today)
        try:
            for letter in bundle:
                await self._ready(postbox)
                store = Store(connection, letter.membership_id, self.order, self.page.today)
                sender = LetterSender(store, postbox, self.settings, self.write)
                await self._try(sender, letter, marked.pop(letter, None))
        finally:
            await unmark(connection, marked)

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

    async def _try(
        self, sender: LetterSender, letter: LetterCursor, marked: Attempt | None
    ) -> None:
        """Carry a letter; a fault that is its own never stops the others (invariant 9)."""
        try:
            await sender.send_letter(letter.key, marked)
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
