"""One letter's way: the gate, the mark, the gate again under the lock, the mail server."""

import asyncio
from dataclasses import dataclass, replace
from datetime import date

import asyncpg
import structlog

from activities.letters.cases import LetterContext, OpenLetter, circumstances
from activities.letters.compose import INVOICES, Money
from activities.letters.conditions import GateOutcome, Verdict
from activities.letters.errors import (
    AddressRefused,
    Later,
    LetterError,
    OutOfTurn,
    Uncertain,
    Unreachable,
)
from activities.letters.gate import NEEDS_ADDRESS, basis_of, pass_gate
from activities.letters.list_channels import put_files
from activities.letters.mail import Mail
from activities.letters.patience import ASK_AFTER, GIVE_UP_AFTER, wait_unanswered
from activities.letters.payroll_channel import (
    NO_CHANNEL,
    Channel,
    channel_of,
    file_of,
    goes_to_folder,
)
from activities.letters.payroll_notice import CODES, payroll_csv
from activities.letters.postbox import Postbox
from activities.letters.recipients import ByPost, Nobody, Recipient, find_recipient, in_silence
from activities.letters.settings import NotificationSettings
from activities.letters.store import MERGED, REMINDERS, Store
from activities.letters.writing import Write, write_in_thread
from schemas.deduction.basis import rests_on
from schemas.shared.vocabulary import Audience, Template

_log = structlog.get_logger(__name__)

TAKEN_OVER = "another worker is sending it"
OUT_OF_TURN = "an earlier letter has to go out first"
NOT_DISCLOSED = "the membership is not disclosed any more"

BY_POST = "waits to be printed and posted"
"""Why a letter to somebody without an e-mail address is held; a caseworker is asked."""

TELLS_BALANCE = frozenset(
    {
        Template.RESIGNATION,
        Template.STRUCK_OFF,
        Template.MEMBERSHIP_REOPENED,
        Template.MEMBERSHIPS_MERGED,
        Template.STRUCK_OFF_WARNING,
        Template.PAYMENT_PLAN_BROKEN,
        Template.OVERPAYMENT,
    }
)
"""Letters that say what is owed on the day they go out. Source: M16, A29."""


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
class HandedOver:
    """A letter the mail server has been given whole: to whom, by which version of its template."""

    recipient: Recipient
    version: int
    consented_on: date | None = None


def _basis(letter: OpenLetter, consented_on: date | None = None) -> str | None:
    """Return by what right somebody outside is told; of a deduction what it rests on (D4)."""
    basis = basis_of(letter.audience, letter.template)
    if basis is None or letter.template not in CODES or letter.employer is None:
        return basis
    return rests_on(basis, letter.employer.agreement, letter.employer.agreed_on, consented_on)


async def money_of(letter: OpenLetter, store: Store) -> Money:
    """Return what a letter says of money, as it stands while it goes out."""
    asks = letter.template in INVOICES | REMINDERS
    warns = letter.template == Template.STRUCK_OFF_WARNING
    return Money(
        invoice=await store.invoice(letter.figures.get("invoice")) if asks else None,
        balance_ore=(
            await store.balance_ore(letter.template) if letter.template in TELLS_BALANCE else None
        ),
        overdue=await store.overdue() if warns else (),
        merge=await store.merge() if letter.template in MERGED else None,
        tax_cap=await store.tax_cap() if letter.template == Template.WELCOME else None,
    )


@dataclass(frozen=True)
class LetterSender:
    """Carries the letters of one membership, one after the other."""

    store: Store
    postbox: Postbox
    settings: NotificationSettings
    write: Write = write_in_thread

    async def send_letter(self, key: str, marked: Attempt | None = None) -> str | None:
        """Carry a letter as far as it goes today.

        Args:
            key: which one.
            marked: it has been marked already that it may go out.

        Returns:
            Why it must be tried again, or None when it is sent, held or closed.
        """
        unreachable = await self._reach()
        try:
            attempt = marked or await self._prepare(key, reachable=unreachable is None)
            if attempt is None:
                return None
            why = unreachable or await self._send(key, attempt)
        except asyncpg.LockNotAvailableError:
            why = TAKEN_OVER
        except asyncpg.CheckViolationError:
            # Hidden while the answer was waited for: the next attempt closes it at the gate.
            why = NOT_DISCLOSED
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
            case, letter = await self.store.lock_case_and_claim(key)
            if letter is None:
                return None
            if letter.too_early:
                raise OutOfTurn(f"waits for its time ({letter.note})")
            if letter.awaits_turn:
                # Before the gate is asked: what it answers depends on what has been told.
                raise OutOfTurn(OUT_OF_TURN)
            attempt = Attempt(letter.attempts + 1, doubtful=letter.status == "sending")
            if await self._recipient(letter, case, attempt) is None:
                return None
            if reachable:
                await self.store.mark_sending(letter, silently=in_silence(letter, case))
            return attempt

    async def _send(self, key: str, attempt: Attempt) -> str | None:
        """Send a letter, which is locked until it is known what became of it."""
        async with self.store.connection.transaction():
            letter = await self.store.claim_for_answer(key, self.settings.answer_seconds)
            if letter is None:
                return None
            if letter.attempts != attempt.number:
                return TAKEN_OVER
            try:
                handed_over = await self._hand_over(letter, attempt)
                if handed_over is None:
                    return None
                await self.postbox.answer()
            except LetterError as error:
                # A file may be there to be fetched, whatever becomes of the mail that tells of it.
                shown = attempt.doubtful or goes_to_folder(letter)
                return await self._note(error, letter, replace(attempt, doubtful=shown))
            await self._mark_sent(letter, handed_over)
            return None

    async def _hand_over(self, letter: OpenLetter, attempt: Attempt) -> HandedOver | None:
        """Hand a letter over while the membership is locked, so that nobody hides it meanwhile.

        What has been handed over can't be called back: the membership need not stay locked until
        the mail server has answered. Undoing a savepoint unlocks it and nothing else.

        Raises:
            LetterError: it could not be handed over.
        """
        savepoint = self.store.connection.transaction()
        await savepoint.start()
        case = await self.store.lock_case()
        recipient = await self._recipient(letter, case, attempt)
        if recipient is None:
            await savepoint.commit()
            return None
        try:
            mail, version = await self._compose(letter, case, recipient)
            await self.postbox.hand_over(mail)
        finally:
            await savepoint.rollback()
        return HandedOver(recipient, version, case.consented_on)

    async def _recipient(
        self, letter: OpenLetter, case: LetterContext, attempt: Attempt
    ) -> Recipient | None:
        """Return where a letter goes; when it goes nowhere, mark it so and return None."""
        known = circumstances(case, letter, self.store.today)
        verdict = pass_gate(letter.audience, letter.template, known)
        if verdict.passage is GateOutcome.SEND:
            if case.closed and letter.audience == Audience.MEMBER:
                await self.store.has_address()
            there = self._where(letter, case)
            if isinstance(there, Recipient):
                await self._settle_post(letter)
                return there
            verdict = there
        note = verdict.note or "stopped"
        if note != BY_POST:
            await self._settle_post(letter)
        if attempt.doubtful:
            await self._log_doubtful(letter)
        if verdict.passage is GateOutcome.HOLD:
            if (letter.status, letter.note) != ("held", note):
                await self.store.mark_held(letter.key, note)
            await self._ask_for_help(letter, note)
            self._say("letter.held", letter.key, why=note)
        else:
            await self.store.mark_closed(letter.key, "suppressed", note)
            self._say("letter.suppressed", letter.key, why=note)
        return None

    def _where(self, letter: OpenLetter, case: LetterContext) -> Recipient | Verdict:
        """Return where a letter goes that the gate lets pass, or what keeps it."""
        found = find_recipient(letter, case, self.settings)
        match found:
            case Recipient() if channel_of(letter, found, self.settings) is None:
                return Verdict(GateOutcome.HOLD, NO_CHANNEL)
            case Recipient():
                return found
            case ByPost():
                return Verdict(GateOutcome.HOLD, BY_POST)
            case Nobody():
                return Verdict(GateOutcome.SUPPRESS, found.why)

    async def _settle_post(self, letter: OpenLetter) -> None:
        """Close what a caseworker was asked about a letter that waited to be printed."""
        if letter.note == BY_POST:
            await self.store.close_tasks(letter)

    async def _ask_for_help(self, letter: OpenLetter, note: str) -> None:
        if note == NEEDS_ADDRESS:
            await self.store.ask_for_address()
        if note == BY_POST:
            await self.store.open_task(letter, "letter_by_post", note)
        if note == NO_CHANNEL and letter.employer is not None:
            await self.store.ask_for_channel(letter.employer.code)

    async def _note(self, error: LetterError, letter: OpenLetter, attempt: Attempt) -> str | None:
        """Note why a letter has not gone out; return it if the letter is tried again."""
        why = str(error)
        match error:
            case AddressRefused():
                await self._give_up(letter, attempt, "letter_bounced", why)
            case Uncertain():
                wait = wait_unanswered(letter.unanswered + 1)
                doubtful = Attempt(attempt.number, doubtful=True)
                if wait is not None:
                    await self.store.mark_doubtful(letter, why, wait)
                    return why
                await self._give_up(letter, doubtful, "letter_unanswered", why)
            case _:
                since = await self.store.mark_refused(letter, why, doubtful=attempt.doubtful)
                if not (isinstance(error, Later) and since >= GIVE_UP_AFTER):
                    if since >= ASK_AFTER:
                        await self.store.open_task(letter, "letter_not_taken", why)
                    return why
                await self._give_up(letter, attempt, "letter_given_up", why)
        return None

    async def _give_up(self, letter: OpenLetter, attempt: Attempt, task: str, why: str) -> None:
        """Close a letter that people must see to."""
        if attempt.doubtful:
            await self._log_doubtful(letter)
        status = "unanswered" if task == "letter_unanswered" else "bounced"
        await self.store.mark_closed(letter.key, status, why)
        await self.store.open_task(letter, task, why)
        self._say(f"letter.{status}", letter.key, why=why)

    async def _compose(
        self, letter: OpenLetter, case: LetterContext, recipient: Recipient
    ) -> tuple[Mail, int]:
        money = await money_of(letter, self.store)
        # A page of PDF takes long enough to stop the heartbeats of all other letters.
        written = await self.write(letter, case, recipient, money, self.settings)
        if channel_of(letter, recipient, self.settings) is Channel.FOLDER:
            await asyncio.to_thread(self._put_line, letter, case)
        return written

    def _put_line(self, letter: OpenLetter, case: LetterContext) -> None:
        """Put the line into the folder that its employer fetches lists from."""
        assert letter.employer is not None, "a line for no employer"
        assert letter.employer.folder is not None, "asked for a moment ago"
        assert self.settings.list_folder is not None, "asked for a moment ago"
        content = payroll_csv(letter.template, case, letter.figures["terms"])
        try:
            folder = self.settings.list_folder / letter.employer.folder
            put_files(folder, ((file_of(letter), content),))
        except OSError as error:
            raise LetterError(f"the folder can't be written ({type(error).__name__})") from None

    async def _mark_sent(self, letter: OpenLetter, handed_over: HandedOver) -> None:
        by_way = "by way of the caseworkers" if handed_over.recipient.forward else "directly"
        await self.store.mark_sent(letter, handed_over.version, by_way)
        basis = _basis(letter, handed_over.consented_on)
        if basis is not None:
            await self.store.log_disclosure(letter, f"{basis}; {by_way}")
        self._say("letter.sent", letter.key)

    async def _log_doubtful(self, letter: OpenLetter) -> None:
        """Log a disclosure that may have happened: better one too many than one too few."""
        basis = _basis(letter)
        if basis is not None:
            await self.store.log_disclosure(letter, f"{basis}; an earlier copy may have arrived")

    def _say(self, event: str, key: str, **facts: str) -> None:
        _log.info(event, membership_id=self.store.membership_id, letter=key, **facts)
