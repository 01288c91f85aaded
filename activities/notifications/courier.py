"""One letter's way: the gate, the mark, the gate again under the lock, the mail server."""

import asyncio
from dataclasses import dataclass

import asyncpg
import structlog

from activities.notifications.cases import Case, OpenLetter, circumstances
from activities.notifications.compose import INVOICES, Money, compose
from activities.notifications.conditions import Passage, Verdict
from activities.notifications.errors import LetterError, OutOfTurn, Refused, Uncertain, Unreachable
from activities.notifications.gate import basis_of, pass_gate
from activities.notifications.postbox import Postbox
from activities.notifications.recipients import Recipient, find_recipient, in_silence
from activities.notifications.settings import NotificationSettings
from activities.notifications.store import REMINDERS, Store
from schemas.vocabulary import Template

_log = structlog.get_logger(__name__)

TAKEN_OVER = "another worker is sending it"
OUT_OF_TURN = "an earlier letter has to go out first"

TELLS_BALANCE = frozenset({Template.RESIGNATION, Template.STRUCK_OFF, Template.STRUCK_OFF_WARNING})
"""Letters that say what is owed on the day they go out. Source: section 9, A29."""


@dataclass(frozen=True)
class Attempt:
    """One attempt to send a letter.

    Attributes:
        number: counts the attempts at a letter; another worker's attempt has another number.
        doubtful: an earlier one was cut off, and the letter may have gone out then.
    """

    number: int
    doubtful: bool


@dataclass(frozen=True)
class Courier:
    """Carries the letters of one membership, one after the other."""

    store: Store
    postbox: Postbox
    settings: NotificationSettings

    async def carry(self, key: str) -> str | None:
        """Carry a letter as far as it goes today.

        Returns:
            Why it must be tried again, or None when it is sent, held or closed.
        """
        unreachable = await self._reach()
        try:
            attempt = await self._prepare(key, reachable=unreachable is None)
            if attempt is None:
                return None
            why = unreachable or await self._send(key, attempt)
        except asyncpg.LockNotAvailableError:
            why = TAKEN_OVER
        except OutOfTurn as error:
            why = str(error)
        if why is not None:
            self._say("letter.waits", key, why=why)
        return why

    async def _reach(self) -> str | None:
        """Connect before a row is locked: a server that is down takes its time to be so."""
        try:
            await self.postbox.open()
        except Unreachable as error:
            return str(error)
        return None

    async def _prepare(self, key: str, *, reachable: bool) -> Attempt | None:
        """Stop a letter at the gate, or commit the mark that it may go out from now on."""
        async with self.store.connection.transaction():
            case = await self.store.lock_case()
            letter = await self.store.claim(key)
            if letter is None:
                return None
            if await self.store.awaits_turn(letter):
                # Before the gate is asked: what it answers depends on what has been told.
                raise OutOfTurn(OUT_OF_TURN)
            attempt = Attempt(letter.attempts + 1, doubtful=letter.status == "sending")
            if await self._recipient(letter, case, attempt) is None:
                return None
            if reachable:
                await self.store.mark_sending(letter, silently=in_silence(letter, case))
            return attempt

    async def _send(self, key: str, attempt: Attempt) -> str | None:
        """Send a letter while the membership is locked, so that nobody can hide it meanwhile."""
        async with self.store.connection.transaction():
            case = await self.store.lock_case()
            letter = await self.store.claim(key)
            if letter is None:
                return None
            if letter.attempts != attempt.number:
                return TAKEN_OVER
            recipient = await self._recipient(letter, case, attempt)
            if recipient is None:
                return None
            return await self._post(letter, case, recipient, attempt)

    async def _recipient(
        self, letter: OpenLetter, case: Case, attempt: Attempt
    ) -> Recipient | None:
        """Return where a letter goes; when it goes nowhere, mark it so and return None."""
        known = circumstances(case, letter, self.store.today)
        verdict = pass_gate(letter.audience, letter.template, known)
        if verdict.passage is Passage.SEND:
            found = find_recipient(letter, case, self.settings)
            if isinstance(found, Recipient):
                return found
            verdict = Verdict(Passage.SUPPRESS, found.why)
        note = verdict.note or "stopped"
        if attempt.doubtful:
            await self._log_doubtful(letter)
        if verdict.passage is Passage.HOLD:
            await self.store.mark_open(letter.key, "held", note)
            self._say("letter.held", letter.key, why=note)
        else:
            await self.store.mark_closed(letter.key, "suppressed", note)
            self._say("letter.suppressed", letter.key, why=note)
        return None

    async def _post(
        self, letter: OpenLetter, case: Case, recipient: Recipient, attempt: Attempt
    ) -> str | None:
        try:
            version = await self._hand_over(letter, case, recipient)
        except Refused as error:
            if attempt.doubtful:
                await self._log_doubtful(letter)
            await self.store.mark_closed(letter.key, "bounced", str(error))
            if letter.batch is not None:
                await self.store.open_task_of_bounced(letter)
            self._say("letter.bounced", letter.key, why=str(error))
            return None
        except LetterError as error:
            doubtful = attempt.doubtful or isinstance(error, Uncertain)
            await self.store.mark_open(letter.key, "sending" if doubtful else "pending", str(error))
            return str(error)
        await self._mark_sent(letter, recipient, version)
        return None

    async def _hand_over(self, letter: OpenLetter, case: Case, recipient: Recipient) -> int:
        money = await self._money(letter)
        # A page of PDF takes long enough to stop the heartbeats of all other letters.
        mail, version = await asyncio.to_thread(
            compose, letter, case, recipient, money, self.settings
        )
        await self.postbox.post(mail)
        return version

    async def _money(self, letter: OpenLetter) -> Money:
        """Return what a letter says of money, as it stands while it goes out."""
        named = letter.figures.get("invoice")
        asks = letter.template in INVOICES | REMINDERS
        return Money(
            invoice=await self.store.invoice(named) if asks else None,
            balance_ore=(
                await self.store.balance_ore() if letter.template in TELLS_BALANCE else None
            ),
            overdue=(
                await self.store.overdue() if letter.template == Template.STRUCK_OFF_WARNING else ()
            ),
        )

    async def _mark_sent(self, letter: OpenLetter, recipient: Recipient, version: int) -> None:
        by_way = "by way of the caseworkers" if recipient.forward else "directly"
        await self.store.mark_sent(letter.key, version, by_way)
        basis = basis_of(letter.audience, letter.template)
        if basis is not None:
            await self.store.log_disclosure(letter, f"{basis}; {by_way}")
        self._say("letter.sent", letter.key)

    async def _log_doubtful(self, letter: OpenLetter) -> None:
        """Log a disclosure that may have happened: better one too many than one too few."""
        basis = basis_of(letter.audience, letter.template)
        if basis is not None:
            await self.store.log_disclosure(letter, f"{basis}; an earlier copy may have arrived")

    def _say(self, event: str, key: str, **facts: str) -> None:
        _log.info(event, membership_id=self.store.membership_id, letter=key, **facts)
