"""From a letter's figures and its case to a mail that is the same at every attempt."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, TypeVar
from urllib.parse import quote

from jinja2 import TemplateError
from typst import TypstError

from activities.letters import statement
from activities.letters.cases import Addressee, InvoiceFacts, LetterContext, MergeFacts, OpenLetter
from activities.letters.errors import NotWritten
from activities.letters.invoice import filename_of, invoice_pdf
from activities.letters.list_channels import XLSX
from activities.letters.list_files import locked
from activities.letters.mail import Mail, dated, make_mail
from activities.letters.mail_bytes import Attachment
from activities.letters.on_paper import letter_pdf
from activities.letters.payroll_channel import Channel, channel_of, file_of
from activities.letters.payroll_notice import CODES, payroll_xlsx
from activities.letters.recipients import Recipient
from activities.letters.render import Text, render
from activities.letters.reservation_form import FILENAMES as FORM_NAMES
from activities.letters.reservation_form import reservation_form_pdf
from activities.letters.settings import NotificationSettings
from activities.letters.told import may_tell
from schemas.shared.calendar import oslo_date
from schemas.shared.vocabulary import Audience, InsuranceStatus, Language, Template
from schemas.statements.tax import TaxCap

INVOICES = frozenset({Template.FIRST_INVOICE, Template.DUES_INVOICE})
"""Letters that carry an invoice, or a credit note, as a PDF."""


PAGE_NAMES = {Language.NB: "brev.pdf", Language.NN: "brev.pdf", Language.EN: "letter.pdf"}
"""The same for everybody: a file name says nothing."""

Written = TypeVar("Written")


@dataclass(frozen=True)
class Money:
    """What a letter says of money beside its figures.

    Attributes:
        invoice: set for a letter that carries one.
        balance_ore: what is owed, set for a letter that says so.
        overdue: what is past its due date, set for a letter that lists it.
        merge: set for a letter about one.
        tax_cap: the latest that is certain, set for a letter that tells of it.
    """

    invoice: InvoiceFacts | None = None
    balance_ore: int | None = None
    overdue: tuple[InvoiceFacts, ...] = ()
    merge: MergeFacts | None = None
    tax_cap: TaxCap | None = None


def compose(
    letter: OpenLetter,
    case: LetterContext,
    recipient: Recipient,
    money: Money,
    settings: NotificationSettings,
) -> tuple[Mail, int]:
    """Write a letter.

    Args:
        letter: which one, with the figures it was decided with.
        case: the membership.
        recipient: where it goes.
        money: the invoice it carries, what is owed.
        settings: who we are.

    Returns:
        The mail, the same bytes for the same arguments, and its template's version.

    Raises:
        NotWritten: the template or the figures are at fault. The text names no value.
    """
    return _written(lambda: _compose(letter, case, recipient, money, settings))


def compose_on_paper(
    letter: OpenLetter,
    case: LetterContext,
    money: Money,
    settings: NotificationSettings,
    today: date,
) -> tuple[tuple[Attachment, ...], int]:
    """Write a letter to a member as pages to print.

    Args:
        letter: which one, with the figures it was decided with.
        case: the membership, of whose person a postal address is known.
        money: the invoice it carries, what is owed.
        settings: who we are.
        today: the letter's date.

    Returns:
        The letter and what goes with it, and its template's version.

    Raises:
        NotWritten: the template or the figures are at fault. The text names no value.
    """
    return _written(lambda: _compose_on_paper(letter, case, money, settings, today))


def words_of(
    letter: OpenLetter,
    case: LetterContext,
    recipient: Recipient,
    money: Money,
    settings: NotificationSettings,
) -> Text:
    """Return what a letter says, without what goes with it, for somebody to read here.

    Raises:
        NotWritten: the template or the figures are at fault. The text names no value.
    """
    language = _language_of(letter, case)
    values = _values(letter, case, recipient, money, settings)
    return _written(lambda: render(letter.template, language, values))


def files_of(
    letter: OpenLetter,
    case: LetterContext,
    recipient: Recipient,
    money: Money,
    settings: NotificationSettings,
) -> tuple[Attachment, ...]:
    """Return what goes with a letter.

    Raises:
        NotWritten: the template or the figures are at fault. The text names no value.
    """
    return _written(lambda: _attachments(letter, case, money.invoice, recipient, settings))


def _written(write: Callable[[], Written]) -> Written:
    try:
        return write()
    except (TemplateError, TypstError, LookupError, ValueError, TypeError, AttributeError) as error:
        where = error.__traceback__
        while where is not None and where.tb_next is not None:
            where = where.tb_next
        place = f"{where.tb_frame.f_code.co_name}:{where.tb_lineno}" if where else "nowhere"
        # Neither the text nor the cause goes on: either may repeat what a member wrote.
        fault = f"could not be written ({type(error).__name__} in {place})"
    raise NotWritten(fault)


def _compose_on_paper(
    letter: OpenLetter,
    case: LetterContext,
    money: Money,
    settings: NotificationSettings,
    today: date,
) -> tuple[tuple[Attachment, ...], int]:
    if case.person is None:
        raise LookupError("a letter to nobody")
    language = case.person.language
    # The caseworkers take it; it is the member's own letter all the same.
    taken_by = Recipient(settings.caseworkers)
    letter = replace(letter, sent_on=letter.sent_on or today)
    values = _values(letter, case, taken_by, money, settings) | {"posted": True}
    text = render(letter.template, language, values)
    pdf = letter_pdf(text, language, case.person, settings.organisation, today)
    page = Attachment(PAGE_NAMES[language], "application", "pdf", pdf)
    return (page, *_attachments(letter, case, money.invoice, taken_by, settings)), text.version


def _compose(
    letter: OpenLetter,
    case: LetterContext,
    recipient: Recipient,
    money: Money,
    settings: NotificationSettings,
) -> tuple[Mail, int]:
    language = _language_of(letter, case)
    text = render(letter.template, language, _values(letter, case, recipient, money, settings))
    mail = make_mail(
        text,
        sender=settings.sender,
        shown=settings.sender_name,
        reply_to=settings.organisation.email,
        recipient=recipient.address,
        reference=letter.message_id,
        at=dated(letter.sent_on, letter.decided_at),
        attachments=_attachments(letter, case, money.invoice, recipient, settings),
        repeats=letter.reference,
    )
    return mail, text.version


def _language_of(letter: OpenLetter, case: LetterContext) -> Language:
    """Return the language of a letter: the member's own, and Bokmål for everybody else."""
    if letter.audience != Audience.MEMBER or case.person is None:
        return Language.NB
    return case.person.language


def _values(
    letter: OpenLetter,
    case: LetterContext,
    recipient: Recipient,
    money: Money,
    settings: NotificationSettings,
) -> dict[str, Any]:
    member = _member(case.person, case, _language_of(letter, case))
    return {
        "figures": letter.figures,
        "member": may_tell(letter.audience, letter.template, member),
        "employer": letter.employer,
        "branch": letter.branch,
        "consented_on": case.consented_on,
        "answer_by": answer_by(letter),
        "invoice": money.invoice,
        "balance_ore": money.balance_ore,
        "overdue": money.overdue,
        "merge": money.merge,
        "tax_cap": money.tax_cap,
        "reserve_by": reserve_by(letter),
        "reserve_over": _reserve_over(letter),
        "union": settings.organisation,
        "forward": recipient.forward,
        "channel": channel_of(letter, recipient, settings),
        "file": file_of(letter),
        "own_words": letter.forwarded,
        "workflow_url": workflow_url(case.membership_id, settings),
        "rules_url": settings.rules_url,
    }


def reserve_by(letter: OpenLetter) -> date | None:
    """Return the last day to opt out; a copy names that of the letter it repeats.

    The window runs from the proof that the notice went out: from this letter's going out, or from a
    later proof (ADR 7). So the service may take a form longer than the letter says, never shorter.

    Source: A18, A21.
    """
    days = letter.figures.get("reservation_window_days")
    noticed_on = letter.sent_on if letter.reference is None else letter.first_sent_on
    if days is None or noticed_on is None:
        return None
    return noticed_on + timedelta(days=days)


def _reserve_over(letter: OpenLetter) -> bool:
    """Tell whether that day has passed when a copy goes out."""
    day = reserve_by(letter)
    return day is not None and letter.sent_on is not None and letter.sent_on > day


def answer_by(letter: OpenLetter) -> date | None:
    """Return the day by which an employer is to answer a request. A34."""
    if letter.sent_on is None or letter.answer_days is None:
        return None
    return letter.sent_on + timedelta(days=letter.answer_days)


def _member(person: Addressee | None, case: LetterContext, language: Language) -> Mapping[str, Any]:
    """Return what letters know of the member; never the employer or the hidden flag."""
    if person is None:
        return {}
    return {
        "name": person.name,
        "birth_date": person.birth_date,
        "email": person.email,
        "phone": person.phone,
        "address": person.address_in(language),
        "number": case.member_number,
        "since": case.member_since,
        "transferred_from": case.transferred_from,
    }


def _attachments(
    letter: OpenLetter,
    case: LetterContext,
    invoice: InvoiceFacts | None,
    recipient: Recipient,
    settings: NotificationSettings,
) -> tuple[Attachment, ...]:
    if letter.template in INVOICES:
        if invoice is None or case.person is None:
            raise LookupError("an invoice letter without its invoice")
        pdf = invoice_pdf(invoice, case.person, settings.organisation, case.member_number)
        name = filename_of(invoice, case.person.language)
        return (Attachment(name, "application", "pdf", pdf),)
    if letter.template == Template.TAX_STATEMENT:
        if case.person is None:
            raise LookupError("a statement for nobody")
        pdf = statement.statement_pdf(letter.figures, case, settings.organisation)
        name = statement.FILENAMES[case.person.language]
        return (Attachment(name, "application", "pdf", pdf),)
    if _carries_form(letter):
        return (_form(letter, case, settings),)
    if letter.template in CODES:
        return _line(letter, case, channel_of(letter, recipient, settings))
    return ()


def _carries_form(letter: OpenLetter) -> bool:
    """Tell whether the form to opt out goes with a letter. Source: S6, S10."""
    if letter.template == Template.WELCOME:
        goes_on = "covered_from" in letter.figures
        return not goes_on and letter.figures["insurance"] == InsuranceStatus.WINDOW_OPEN
    return letter.template in {Template.INSURANCE_WINDOW, Template.RESERVATION_FORM}


def _form(letter: OpenLetter, case: LetterContext, settings: NotificationSettings) -> Attachment:
    """Return the reservation form, to be signed. Source: S10."""
    if case.person is None:
        raise LookupError("a form for nobody")
    asked_on = letter.figures.get("asked_on")
    made_on = date.fromisoformat(asked_on) if asked_on else oslo_date(letter.decided_at)
    pdf = reservation_form_pdf(made_on, case, settings.organisation)
    return Attachment(FORM_NAMES[case.person.language], "application", "pdf", pdf)


def _line(
    letter: OpenLetter, case: LetterContext, channel: Channel | None
) -> tuple[Attachment, ...]:
    """Return the line as its channel has it: locked, or not attached at all. D3."""
    terms = letter.figures["terms"]
    if channel is Channel.LOCKED and letter.employer is not None and letter.employer.password:
        book = locked(payroll_xlsx(letter.template, case, terms), letter.employer.password)
        return (Attachment("lonnstrekk.xlsx", "application", XLSX, book),)
    return ()


def workflow_url(membership_id: str, settings: NotificationSettings) -> str:
    """Return the page of a membership in the Temporal UI, by its workflow id only."""
    namespace, workflow = quote(settings.namespace, safe=""), quote(membership_id, safe="")
    return f"{settings.ui_url}/namespaces/{namespace}/workflows/{workflow}"
