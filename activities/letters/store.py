"""The notifications worker's reads and marks in PostgreSQL."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from activities.database.pool import load_queries
from activities.letters.cases import (
    Addressee,
    Contact,
    ContactHistory,
    InvoiceFacts,
    LetterContext,
    MergeFacts,
    OpenLetter,
)
from activities.letters.patience import wait_after
from activities.letters.payroll_channel import channel_task_key
from activities.secrecy.words import words_of
from activities.shared.tasks import close_task_of, open_task
from schemas.letters.addresses import domains_of, email_key
from schemas.membership.application import HOME
from schemas.membership.decision import DeliveryReport
from schemas.shared.vocabulary import Audience, Language, Outcome, Stage, Template
from schemas.statements.tax import TaxCap

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

_WRITTEN_IN_THIS_ORDER = {template: place for place, template in enumerate(Template)}
"""For letters of a version that kept no order of its own."""

REMINDERS = frozenset(
    {Template.REMINDER_FIRST, Template.REMINDER_SECOND, Template.DIRECT_DEBIT_RETURNED}
)
"""Letters that ask for one invoice, and that nobody gets who has paid it. Source: A30, P9."""

MERGED = frozenset({Template.MEMBERSHIPS_MERGED, Template.INSURANCE_MERGED})
"""Letters about a merge, which nobody gets once it has been undone. Source: N9."""

_AS_KEPT = (
    "key",
    "template",
    "audience",
    "figures",
    "status",
    "attempts",
    "message_id",
    "sent_on",
    "decided_at",
    "forwarded",
    "batch",
    "refusals",
    "unanswered",
    "reference",
    "refused_at",
    "note",
    "awaits_turn",
    "answer_days",
    "first_sent_on",
)
"""What an open letter is as the database has it."""

REPORTED = ("sent", "suppressed", "bounced", "held", "unanswered")
"""What has become of a letter that a membership hears of."""

AGAIN = "Send it again with `medlemsflyt resend {id}`."

TASKS = {
    "letter_bounced": "The letter {letter} came back: its address takes no mail ({why}). Find the "
    "right address. Corrected with supply_information, what still fits goes out by itself; else: "
    + AGAIN,
    "letter_given_up": "The letter {letter} was not taken for days ({why}). See that its reader "
    "has an address that takes mail. " + AGAIN,
    "letter_returned": "The letter {letter} came back for a reason of ours ({why}): see the mail "
    "server, its reputation and our settings. " + AGAIN,
    "letter_unanswered": "The letter {letter} may have arrived: the mail server was given it again "
    "and again, and never answered ({why}). It is not sent any more by itself. " + AGAIN,
    "letter_by_post": "The letter {letter} goes by post, since there is no e-mail address: print "
    "it with `medlemsflyt post FOLDER`, and post it.",
    "letter_not_taken": "The letter {letter} has not been taken for a day, for a reason of ours "
    "({why}): see the mail server, its limits and our settings. It goes out by itself then.",
}
"""What a caseworker is told of a letter that has not gone out."""


def task_key(message_id: str, kind: str, attempts: int) -> str:
    """Return what names the matter of a letter that is in trouble at some attempt."""
    return f"letter/{message_id}/{kind}/{attempts}"


LISTED = ("lines", "corrections", "redirected", "recovered")
"""What an invoice is the sum of."""


@dataclass(frozen=True)
class Store:
    """One membership's letters, over one connection.

    Attributes:
        order: the opaque id of the order to send them, the same for all its attempts. A closed
            letter's note begins with it, so that the attempt after one that was cut off can report
            what that one did, and a later order does not report it again.
        today: the business date.
    """

    connection: "PoolConnectionProxy[Any]"
    membership_id: str
    order: str
    today: date

    async def open_letters(self) -> list[str]:
        """Return the keys of the letters still to be sent, as the decisions listed them."""
        found = _SQL.list_open(self.connection, membership_id=self.membership_id)
        rows = [row async for row in found]
        last = len(_WRITTEN_IN_THIS_ORDER)
        rows.sort(
            key=lambda row: (
                row["decision"],
                row["place"],
                _WRITTEN_IN_THIS_ORDER.get(row["template"], last),
                row["key"],
            )
        )
        return [row["key"] for row in rows]

    async def lock_case(self) -> LetterContext:
        """Lock the membership until the transaction ends, and read what its letters need.

        Locked first and read afterwards: what is read has been settled when the lock is held.
        """
        return await self._case(
            await _SQL.lock_case(self.connection, membership_id=self.membership_id)
        )

    async def read(self, message_id: str) -> tuple[LetterContext, OpenLetter] | None:
        """Return a letter and its case as they stand, locked by nobody, or None."""
        found = await _SQL.read_written(
            self.connection, membership_id=self.membership_id, message_id=message_id
        )
        if found is None:
            return None
        return await self.read_case(), await self._letter(found)

    async def read_case(self) -> LetterContext:
        """Return what the membership's letters need, locked by nobody."""
        return await self._case(
            await _SQL.read_case(self.connection, membership_id=self.membership_id)
        )

    async def _case(self, row: Mapping[str, Any]) -> LetterContext:
        return LetterContext(
            membership_id=self.membership_id,
            stage=Stage(row["stage"]),
            outcome=Outcome(row["outcome"]) if row["outcome"] else None,
            dead=row["dead"],
            hidden=row["hidden"],
            hiding=row["hiding"],
            member_number=row["member_number"],
            member_since=row["member_since"],
            person=_person(row),
            employer_orgnr=row["deductor_orgnr"],
            branch=row["branch"],
            recruiter_email=await self._recruiter_email(row["recruited_by"]),
            may_tell_recruiter=row["tell_recruiter"],
            at_work=await self._at_work(row),
            transferred_from=row["transferred_from"],
            consented_on=row["consented_on"],
        )

    async def _at_work(self, row: Mapping[str, Any]) -> bool:
        """Tell whether an employer may read a hidden member's mail. Source: S30."""
        if row["email"] is None or not (row["hidden"] or row["hiding"]):
            return False
        return bool(
            await _SQL.is_read_at_work(
                self.connection, address=email_key(row["email"]), domains=domains_of(row["email"])
            )
        )

    async def ask_for_address(self) -> None:
        """Have a caseworker find an address that the member's mail may go to."""
        await open_task(
            self.connection,
            key=self._address_matter,
            kind="private_address",
            says="Letters to this member are held back: the e-mail address may be read by others. "
            "Find a private one, and send it with supply_information.",
            today=self.today,
            membership_id=self.membership_id,
        )

    async def ask_for_channel(self, orgnr: str) -> None:
        """Have a caseworker set how an employer is reached; once for all its members."""
        await open_task(
            self.connection,
            key=channel_task_key(orgnr),
            kind="payroll_channel",
            says="Payroll requests to an employer are held back: they never go by plain mail. Set "
            "its channel with contact employer, and MEDLEMSFLYT_LIST_FOLDER before it if that is "
            "a folder: what is held goes out then.",
            today=self.today,
            membership_id=self.membership_id,
        )

    async def has_address(self) -> None:
        """Close the matter of an address that others read: the member has another one."""
        await close_task_of(self.connection, self._address_matter, today=self.today, by="delivery")

    @property
    def _address_matter(self) -> str:
        return f"private-address/{self.membership_id}"

    async def _recruiter_email(self, recruited_by: str | None) -> str | None:
        if recruited_by is None:
            return None
        named = recruited_by.strip()
        found = _SQL.find_recruiters(
            self.connection,
            membership_id=self.membership_id,
            email_key=email_key(named),
            member_number=named.zfill(8),
        )
        rows = [row async for row in found]
        # Thanking the wrong one of two would tell a stranger who has joined.
        return rows[0]["email"] if len(rows) == 1 else None

    async def claim_for_answer(self, key: str, seconds: float) -> OpenLetter | None:
        """Lock a letter until the transaction ends; None when another worker has closed it.

        Whoever orders a letter to an employer need not name it: ``name_present_employer`` does.

        Args:
            key: which.
            seconds: how long a mail server may take to answer, while the transaction is idle.
        """
        found = await _SQL.claim_for_answer(
            self.connection,
            membership_id=self.membership_id,
            key=key,
            # A minute more: the server's silence is to be noted in the same transaction.
            timeout=f"{int(seconds) + 60}s",
        )
        return None if found is None else await self._letter(found)

    async def lock_case_and_claim(self, key: str) -> tuple[LetterContext, OpenLetter | None]:
        """Lock the membership, and then a letter of it unless it has been closed, in one trip."""
        row = await _SQL.lock_case_and_claim(
            self.connection, membership_id=self.membership_id, key=key
        )
        letter = None if row["key"] is None else await self._letter(row)
        return await self._case(row), letter

    async def _letter(self, row: Mapping[str, Any]) -> OpenLetter:
        names = ("orgnr", "name", "email", "folder", "password", "agreement", "agreed_on")
        not_before = row["not_before"]
        figures = await self._figures(row["figures"])
        return OpenLetter(
            **{name: row[name] for name in _AS_KEPT if name != "figures"},
            figures=figures,
            employer=_contact(*(row[f"employer_{name}"] for name in names)),
            branch=_contact(*(row[f"branch_{name}"] for name in ("code", "name", "email"))),
            dealings=await self._dealings(row["audience"], row["key"]),
            settled=await self._settled(row["template"], row["figures"], row["decision"]),
            too_early=not_before is not None and not_before > _moment(),
        )

    async def _figures(self, figures: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a letter's figures with the remark it quotes as it was written, if it still is."""
        if figures.get("quotes") is None or figures.get("reason") is None:
            return figures
        row = {"membership_id": self.membership_id, "number": figures["quotes"]}
        words = words_of(self.connection)
        reason = await words.opened(figures["reason"], "remarks.content", row)
        return {**figures, "reason": reason}

    async def _settled(
        self, template: str, figures: Mapping[str, Any], decision: int | None
    ) -> bool:
        """Tell whether what a letter asks for has been paid, or placed, since it was ordered."""
        if template in REMINDERS:
            return bool(
                await _SQL.is_paid(
                    self.connection,
                    membership_id=self.membership_id,
                    number=figures.get("invoice"),
                    today=self.today,
                )
            )
        if template == Template.STRUCK_OFF_WARNING:
            return (
                await _SQL.is_held(
                    self.connection, membership_id=self.membership_id, today=self.today
                )
                or not await self.overdue()
                or await self.balance_ore() <= 0
            )
        if template in MERGED:
            return await self.merge() is None
        if template == Template.OVERPAYMENT:
            return await self.balance_ore(template) >= 0
        if figures.get("task") == "payment_in_suspense":
            return bool(
                await _SQL.is_placed(
                    self.connection,
                    membership_id=self.membership_id,
                    decision=decision,
                    reference=figures.get("payment"),
                )
            )
        return False

    async def _dealings(self, audience: str, key: str) -> ContactHistory:
        """Return what an outsider has heard, or what came between; once the letter is locked."""
        read = {
            Audience.EMPLOYER: _SQL.read_dealings_with_employer,
            Audience.BRANCH: _SQL.read_dealings_with_branch,
            Audience.RECRUITER: _SQL.read_dealings_with_recruiter,
        }.get(Audience(audience))
        if read is None:
            return ContactHistory()
        return ContactHistory(
            **await read(self.connection, membership_id=self.membership_id, key=key)
        )

    async def balance_ore(self, template: str | None = None) -> int:
        """Return what the member owes, in øre; less than nothing when too much was paid.

        Args:
            template: of the letter that says it; of an overpayment, what is owed is no part.
        """
        of_all = template != Template.OVERPAYMENT
        read = _SQL.read_balance if of_all else _SQL.read_credit
        return int(await read(self.connection, membership_id=self.membership_id))

    async def merge(self) -> MergeFacts | None:
        """Return by which membership this one goes on; None: no merge holds that ended it."""
        row = await _SQL.read_merge(self.connection, membership_id=self.membership_id)
        return None if row is None else MergeFacts(row["goes_on"], tuple(row["doubles"]))

    async def tax_cap(self) -> TaxCap | None:
        """Return the latest cap that is certain, of this year or one before. Source: S25."""
        row = await _SQL.read_tax_cap(self.connection, year=self.today.year)
        return None if row is None else TaxCap(**row)

    async def invoice(self, number: str | None) -> InvoiceFacts | None:
        """Return an invoice of the membership, the first one when no number is given."""
        row = await _SQL.read_invoice(
            self.connection, membership_id=self.membership_id, number=number
        )
        if row is None:
            return None
        listed = {name: tuple(row[name]) for name in LISTED}
        return InvoiceFacts(**{**row, **listed})

    async def overdue(self) -> tuple[InvoiceFacts, ...]:
        """Return the invoices that are past their due date and not paid, without their lines."""
        found = _SQL.read_overdue(
            self.connection, membership_id=self.membership_id, today=self.today
        )
        return tuple([InvoiceFacts(**row) async for row in found])

    async def mark_sending(self, letter: OpenLetter, *, silently: bool) -> None:
        """Note that a letter may go out from now on; a second copy keeps the first one's date.

        Args:
            letter: which.
            silently: only the caseworkers get it, to pass it on in their words.
        """
        await _SQL.mark_sending(
            self.connection,
            membership_id=self.membership_id,
            key=letter.key,
            sent_on=letter.sent_on or self.today,
            forwarded=silently,
        )

    async def mark_held(self, key: str, note: str) -> None:
        """Keep a letter until what it waits for has come."""
        await _SQL.mark_held(self.connection, membership_id=self.membership_id, key=key, note=note)

    async def mark_refused(self, letter: OpenLetter, note: str, *, doubtful: bool) -> timedelta:
        """Keep a letter that was not taken for later; return for how long that has been so.

        Args:
            letter: which one.
            note: why; without personal data.
            doubtful: an earlier attempt may have gone out.
        """
        moment = _moment()
        since = letter.refused_at or moment
        await _SQL.mark_refused(
            self.connection,
            membership_id=self.membership_id,
            key=letter.key,
            status="sending" if doubtful else "pending",
            note=note,
            refused_at=since,
            not_before=moment + wait_after(letter.refusals + 1),
        )
        return moment - since

    async def mark_doubtful(self, letter: OpenLetter, note: str, wait: timedelta) -> None:
        """Keep a letter that was handed over without an answer for later."""
        await _SQL.mark_doubtful(
            self.connection,
            membership_id=self.membership_id,
            key=letter.key,
            note=note,
            not_before=_moment() + wait,
        )

    async def mark_sent(self, letter: OpenLetter, template_version: int, note: str) -> None:
        """Note that the mail server has taken a letter; what was asked about it is settled.

        From here on it can only bounce: the trigger ``keep_sent_letter`` sees to it.
        """
        await _SQL.mark_sent(
            self.connection,
            membership_id=self.membership_id,
            key=letter.key,
            sent_on=self.today,
            template_version=template_version,
            note=self._signed(note),
        )
        if letter.attempts > 1:
            await self.close_tasks(letter)

    async def close_tasks(self, letter: OpenLetter) -> None:
        """Close what a caseworker was asked about a letter."""
        await _SQL.close_tasks_of_letter(
            self.connection,
            membership_id=self.membership_id,
            message_id=letter.message_id,
            closed_on=self.today,
        )

    async def mark_closed(self, key: str, status: str, note: str) -> None:
        """Note that a letter will not be sent: ``suppressed``, ``bounced``, ``unanswered``."""
        await _SQL.mark_closed(
            self.connection,
            membership_id=self.membership_id,
            key=key,
            status=status,
            note=self._signed(note),
        )

    async def open_task(self, letter: OpenLetter, kind: str, why: str) -> None:
        """Open a task about a letter, once for each time it is tried anew.

        Args:
            letter: which one.
            kind: one of ``TASKS``.
            why: what the mail server said; without personal data.
        """
        await open_task(
            self.connection,
            key=task_key(letter.message_id, kind, letter.attempts),
            kind=kind,
            says=TASKS[kind].format(letter=letter.key, why=why, id=letter.message_id),
            today=self.today,
            membership_id=self.membership_id,
        )

    async def log_disclosure(self, letter: OpenLetter, basis: str) -> None:
        """Log that somebody outside was told. Idempotent by letter."""
        await _SQL.log_disclosure(
            self.connection,
            membership_id=self.membership_id,
            key=letter.key,
            audience=letter.audience,
            basis=basis,
            disclosed_on=self.today,
        )

    def _signed(self, note: str) -> str:
        return self.signature_of(self.order) + note

    @staticmethod
    def signature_of(order: str) -> str:
        """Return how the note of a letter begins that an order has closed."""
        return f"order {order}: "

    async def report(self) -> DeliveryReport:
        """Return what this order has closed, in this attempt and those before it."""
        found: dict[str, list[str]] = {status: [] for status in REPORTED}
        templates: dict[str, str] = {}
        async for row in _SQL.list_outcome(
            self.connection, membership_id=self.membership_id, signature=self._signed("")
        ):
            found[row["status"]].append(row["key"])
            templates[row["key"]] = row["template"]
        listed = {status: tuple(keys) for status, keys in found.items()}
        return DeliveryReport(**listed, templates=templates)


def _moment() -> datetime:
    """Return the clock's time, for waits between attempts: no business date is made of it."""
    return datetime.now(UTC)


def _person(row: Mapping[str, Any]) -> Addressee | None:
    if not row["has_person"]:
        return None
    return Addressee(
        name=row["name"],
        birth_date=row["birth_date"],
        national_id=row["national_id"],
        email=row["email"],
        phone=row["phone"],
        address=_address(row["address"] or {}),
        country=_abroad(row["address"] or {}),
        language=Language(row["language"]),
    )


def _address(address: Mapping[str, str | None]) -> tuple[str, ...]:
    place = f"{address.get('postcode') or ''} {address.get('city') or ''}".strip()
    care_of = f"c/o {address['care_of']}" if address.get("care_of") else None
    lines = (care_of, address.get("line1"), address.get("line2"), place)
    return tuple(line for line in lines if line)


def _abroad(address: Mapping[str, str | None]) -> str | None:
    country = address.get("country") or HOME
    return None if country == HOME else country


def _contact(code: str | None, *how: Any) -> Contact | None:
    return Contact(code, *how) if code else None
