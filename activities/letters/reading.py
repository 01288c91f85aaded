"""Letters for somebody here to read: those that went out, and those that a decision would order.

They are written as any letter is, by the same templates and from the same figures. Of one that has
gone out, whatever is not a figure of its own (a name, an address, what is still open of an invoice)
is as it stands on the day it is read.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from activities.database.pool import load_queries
from activities.letters.cases import (
    Contact,
    ContactHistory,
    InvoiceFacts,
    LetterContext,
    OpenLetter,
    circumstances,
)
from activities.letters.compose import Money, files_of, words_of
from activities.letters.conditions import GateOutcome
from activities.letters.errors import NotWritten
from activities.letters.gate import pass_gate
from activities.letters.mail_bytes import Attachment
from activities.letters.recipients import ByPost, Nobody, Recipient, find_recipient
from activities.letters.sending import money_of
from activities.letters.settings import NotificationSettings
from activities.letters.store import Store
from activities.shared.tasks import Connection
from schemas.membership.decision import InvoiceOrder, Letter
from schemas.shared.base import Contract
from schemas.shared.vocabulary import Audience, Template

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")


class ReadLetter(Contract):
    """A letter as its reader sees it.

    Attributes:
        to: the address it goes to; None: by post, or to nobody.
        forwarded: the caseworkers get it, to pass it on.
        by_post: it is printed and posted.
        withheld: why it does not go out, without personal data; None: it does, or did.
        subject, text: None: it can't be written.
        files: the names of what goes with it.
    """

    template: str
    audience: str
    to: str | None
    forwarded: bool = False
    by_post: bool = False
    withheld: str | None = None
    subject: str | None = None
    text: str | None = None
    files: tuple[str, ...] = ()


async def read_letter(
    connection: Any,
    membership_id: str,
    message_id: str,
    settings: NotificationSettings,
    today: date,
) -> tuple[ReadLetter, tuple[Attachment, ...]] | None:
    """Return a letter of a membership with what goes with it, or None: there is no such letter.

    Args:
        connection: of any kind; nothing is written.
        membership_id: whose.
        message_id: which one.
        settings: who we are.
        today: the business date.
    """
    store = Store(connection, membership_id, "reading", today)
    found = await store.read(message_id)
    if found is None:
        return None
    case, letter = found
    money = await money_of(letter, store)
    shown = await asyncio.to_thread(_shown, letter, case, money, settings)
    try:
        files = await asyncio.to_thread(
            files_of, letter, case, _taken_by(letter, case, settings), money, settings
        )
    except NotWritten:
        files = ()
    return shown.model_copy(update={"files": tuple(one.filename for one in files)}), files


async def read_ahead(
    connection: Any,
    membership_id: str,
    letters: tuple[Letter, ...],
    settings: NotificationSettings,
    *,
    at: datetime,
    today: date,
    case: Mapping[str, Any],
    person: Mapping[str, Any],
    said: str | None,
    invoice: InvoiceOrder | None,
) -> tuple[ReadLetter, ...]:
    """Return letters that are not ordered yet, as they would read.

    Args:
        connection: of any kind; nothing is written.
        membership_id: whose.
        letters: as the decision would order them.
        settings: who we are.
        at: the moment of the decision.
        today: the business date.
        case: what the decision makes of the membership, as ``LetterContext`` names it.
        person: what it makes of the person, as ``Addressee`` names it.
        said: the reason that is given with it, which a letter may quote.
        invoice: what would be issued.
    """
    store = Store(connection, membership_id, "reading", today)
    there = replace(await store.read_case(), **case)
    if there.person is not None and person:
        there = replace(there, person=replace(there.person, **person))
    found = []
    for ordered in letters:
        letter = await _as_open(connection, ordered, there, at=at, today=today, said=said)
        money = await _money_ahead(letter, store, invoice)
        shown = await asyncio.to_thread(_shown, letter, there, money, settings)
        verdict = pass_gate(letter.audience, letter.template, circumstances(there, letter, today))
        if verdict.passage is not GateOutcome.SEND:
            shown = shown.model_copy(update={"withheld": verdict.note or "withheld"})
        found.append(shown)
    return tuple(found)


def _shown(
    letter: OpenLetter, case: LetterContext, money: Money, settings: NotificationSettings
) -> ReadLetter:
    place = find_recipient(letter, case, settings)
    shown = ReadLetter(
        template=letter.template,
        audience=letter.audience,
        to=place.address if isinstance(place, Recipient) else None,
        forwarded=isinstance(place, Recipient) and place.forward,
        by_post=isinstance(place, ByPost),
        withheld=place.why if isinstance(place, Nobody) else None,
    )
    try:
        text = words_of(letter, case, _taken_by(letter, case, settings), money, settings)
    except NotWritten:
        return shown
    return shown.model_copy(update={"subject": text.subject, "text": text.plain})


def _taken_by(letter: OpenLetter, case: LetterContext, settings: NotificationSettings) -> Recipient:
    place = find_recipient(letter, case, settings)
    # On paper it is the member's own letter all the same.
    return place if isinstance(place, Recipient) else Recipient(settings.caseworkers)


async def _as_open(
    connection: Connection,
    ordered: Letter,
    case: LetterContext,
    *,
    at: datetime,
    today: date,
    said: str | None,
) -> OpenLetter:
    """Return a letter as it would stand, ordered and not sent."""
    figures = dict(ordered.figures)
    if "quotes" in figures:
        figures["reason"] = said
    to_employer = ordered.audience is Audience.EMPLOYER
    orgnr = ordered.employer.orgnr if ordered.employer else case.employer_orgnr
    row = await _SQL.read_contacts(
        connection,
        employer_orgnr=orgnr if to_employer else None,
        branch=figures.get("branch") if ordered.audience is Audience.BRANCH else None,
        today=today,
    )
    name = row["employer_name"] or (ordered.employer.name if ordered.employer else None)
    return OpenLetter(
        key=ordered.key,
        template=ordered.template,
        audience=ordered.audience,
        figures=figures,
        status="pending",
        attempts=0,
        message_id="",
        sent_on=today,
        decided_at=at,
        forwarded=ordered.forwarded,
        employer=Contact(orgnr, name, row["employer_email"]) if to_employer and orgnr else None,
        branch=(
            Contact(row["branch_code"], row["branch_name"], row["branch_email"])
            if row["branch_code"]
            else None
        ),
        # Whoever is told of a change or an end has been told of the beginning.
        dealings=ContactHistory(told=ordered.template != Template.PAYROLL_START),
        answer_days=row["answer_days"],
    )


async def _money_ahead(letter: OpenLetter, store: Store, invoice: InvoiceOrder | None) -> Money:
    if letter.template != Template.FIRST_INVOICE or invoice is None:
        return await money_of(letter, store)
    return Money(
        invoice=InvoiceFacts(
            number="–",
            kid="–",
            period_from=invoice.period_from,
            issued_on=invoice.issued_on,
            due_on=invoice.due_on,
            total_ore=invoice.total_ore,
            lines=tuple(line.model_dump(mode="json") for line in invoice.lines),
        )
    )
