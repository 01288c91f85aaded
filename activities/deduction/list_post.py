"""The mail of one list on its way: handed over under the lock, answered without it, bounded."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
from asyncpg.transaction import Transaction

from activities.database.pool import load_queries
from activities.letters.errors import (
    AddressRefused,
    DeliveryFailed,
    LetterError,
    Uncertain,
    Unreachable,
)
from activities.letters.mail import Mail
from activities.letters.patience import ASK_AFTER, wait_after, wait_unanswered
from activities.letters.postbox import Postbox

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

REFUSED = "the mail server refuses the employer's address: set another with contact employer"
UNANSWERED = (
    "it may have arrived: the mail server was given it again and again, and never answered. It is "
    "not sent any more by itself: ask the employer, and send it again with medlemsflyt resend"
)


class Stopped(Exception):
    """The mail does not go out; the text says what is to be done."""


@dataclass
class ListPost:
    """Sends the mail of a list, or of its reminder, in a transaction of the caller's.

    Attributes:
        about: ``list`` or ``reminder``.
        again: why it is to be tried again, once it has not been taken.
    """

    connection: asyncpg.pool.PoolConnectionProxy
    postbox: Postbox
    answer_seconds: float
    list_number: str
    about: str
    again: str | None = None
    _before: dict[str, Any] = field(default_factory=dict)

    async def check(self) -> None:
        """See that the mail may be tried now.

        Raises:
            DeliveryFailed: its time has not come; retried.
            Stopped: it is not sent any more by itself.
        """
        row = await _SQL.read_hand_over(
            self.connection, list_number=self.list_number, about=self.about
        )
        nothing: dict[str, Any] = dict.fromkeys(("refusals", "unanswered"), 0)
        nothing |= {"refused_at": None, "not_before": None}
        self._before = dict(row) if row is not None else nothing
        if self._before["unanswered"] and wait_unanswered(self._before["unanswered"]) is None:
            raise Stopped(UNANSWERED)
        # By the clock, here and below, for waits between attempts: no business date is made of it.
        if self._before["not_before"] and self._before["not_before"] > datetime.now(UTC):
            raise DeliveryFailed("a list waits for its time")

    async def send(self, mail: Mail, lock: Transaction) -> bool:
        """Hand a mail over, let go of the members it is about, and wait for the answer.

        Args:
            mail: which.
            lock: the savepoint after which the members were locked; it is undone.

        Returns:
            Whether it was taken; else ``again`` says why not.

        Raises:
            Stopped: it is not taken for this address, or it is not sent any more by itself.
        """
        await _SQL.wait_for_answer_to_list(
            self.connection, timeout=f"{int(self.answer_seconds) + 60}s"
        )
        try:
            try:
                await self.postbox.open()
                await self.postbox.hand_over(mail)
            finally:
                await lock.rollback()
            await self.postbox.answer()
        except (LetterError, Unreachable) as error:
            await self._note(error)
            return False
        return True

    async def _note(self, error: LetterError | Unreachable) -> None:
        moment = datetime.now(UTC)
        match error:
            case AddressRefused():
                raise Stopped(REFUSED)
            case Uncertain():
                wait = wait_unanswered(self._before["unanswered"] + 1)
                await self._keep(unanswered=self._before["unanswered"] + 1, wait=wait)
                if wait is None:
                    raise Stopped(UNANSWERED)
            case Unreachable():
                pass
            case _:
                since = self._before["refused_at"] or moment
                refusals = self._before["refusals"] + 1
                await self._keep(refusals=refusals, refused_at=since, wait=wait_after(refusals))
                if moment - since >= ASK_AFTER:
                    raise Stopped(f"the mail server does not take it: {error}")
        self.again = str(error)

    async def _keep(self, *, wait: timedelta | None, **changes: Any) -> None:
        kept = {**self._before, **changes}
        kept["not_before"] = datetime.now(UTC) + wait if wait is not None else None
        await _SQL.note_hand_over(
            self.connection, list_number=self.list_number, about=self.about, **kept
        )
