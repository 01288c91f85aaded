"""An invoice in words: its lines, and why each of them is there, as a member reads them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from activities.letters import phrases, wording
from activities.letters.cases import InvoiceFacts
from schemas.shared.vocabulary import Cadence, Language, LineKind


@dataclass(frozen=True)
class Line:
    """One line of an invoice.

    Attributes:
        note: why it is there, when its description does not say so itself.
    """

    description: str
    amount_ore: int
    note: str | None = None


_WORDS: Final[Mapping[Language, Mapping[str, str]]] = {
    Language.NB: {
        "correction": "Korrigering: {kind}, {period}",
        "reassessed": "Du er belastet {was}. Riktig beløp er {is_}.",
        "over_deducted": "Det ble trukket {was} av lønnen din. Riktig beløp er {is_}.",
        "carried_over": "Du hadde mer til gode enn det som skulle trekkes. Dette er resten.",
        "nothing_before": "Du er ikke belastet for dette før. Riktig beløp er {is_}.",
        "merged": "Du er belastet {was} på to medlemskap for samme tid. Dette får du tilbake.",
        "nothing_right": "Du er belastet {was}, men skulle ikke ha betalt noe.",
        "dues": "kontingent",
        "redirected": "Kontingent, {period}",
        "recovered": "Betalt tilbake til deg",
        "taken": "Vi betalte tilbake innbetalingen din fra {paid}. Banken trakk den i tillegg "
        "tilbake fra oss {taken}. Derfor ber vi om beløpet.",
        "returned": "Tilbakebetalingen av innbetalingen din fra {paid} er kommet i retur til oss.",
        "why": "Arbeidsgiveren har ikke trukket beløpet av lønnen din: {reason}. "
        "Derfor får du fakturaen selv.",
        "why_unknown": "Arbeidsgiveren har ikke trukket beløpet av lønnen din. "
        "Derfor får du fakturaen selv.",
        "why_withheld": "Arbeidsgiveren er ikke bedt om å trekke beløpet. "
        "Derfor får du fakturaen selv.",
        "quarter": "{number}. kvartal {year}",
        "of_invoice": "Det gjelder faktura {number}.",
        "deducted_after_all": "Arbeidsgiveren har trukket beløpet av lønnen din likevel. "
        "Derfor får du det tilbake.",
    },
    Language.NN: {
        "correction": "Retting: {kind}, {period}",
        "reassessed": "Du er belasta {was}. Rett beløp er {is_}.",
        "over_deducted": "Det blei trekt {was} av løna di. Rett beløp er {is_}.",
        "carried_over": "Du hadde meir til gode enn det som skulle trekkjast. Dette er resten.",
        "nothing_before": "Du er ikkje belasta for dette før. Rett beløp er {is_}.",
        "merged": "Du er belasta {was} på to medlemskap for same tid. Dette får du tilbake.",
        "nothing_right": "Du er belasta {was}, men skulle ikkje ha betalt noko.",
        "dues": "kontingent",
        "redirected": "Kontingent, {period}",
        "recovered": "Betalt tilbake til deg",
        "taken": "Vi betalte tilbake innbetalinga di frå {paid}. Banken trekte ho i tillegg "
        "tilbake frå oss {taken}. Difor ber vi om beløpet.",
        "returned": "Tilbakebetalinga av innbetalinga di frå {paid} har kome i retur til oss.",
        "why": "Arbeidsgivaren har ikkje trekt beløpet av løna di: {reason}. "
        "Difor får du fakturaen sjølv.",
        "why_unknown": "Arbeidsgivaren har ikkje trekt beløpet av løna di. "
        "Difor får du fakturaen sjølv.",
        "why_withheld": "Arbeidsgivaren er ikkje beden om å trekkje beløpet. "
        "Difor får du fakturaen sjølv.",
        "quarter": "{number}. kvartal {year}",
        "of_invoice": "Det gjeld faktura {number}.",
        "deducted_after_all": "Arbeidsgivaren har trekt beløpet av løna di likevel. "
        "Difor får du det tilbake.",
    },
    Language.EN: {
        "correction": "Correction: {kind}, {period}",
        "reassessed": "You were charged {was}. The right amount is {is_}.",
        "over_deducted": "{was} was deducted from your pay. The right amount is {is_}.",
        "carried_over": "More was to be given back than to be deducted. This is the rest.",
        "nothing_before": "You were not charged for this before. The right amount is {is_}.",
        "merged": "You were charged {was} on two memberships for the same time. It is given back.",
        "nothing_right": "You were charged {was}, but had nothing to pay.",
        "dues": "dues",
        "redirected": "Dues, {period}",
        "recovered": "Paid back to you",
        "taken": "We paid back your payment of {paid}. The bank has taken it back from us as "
        "well on {taken}. That is why we ask for the amount.",
        "returned": "The refund of your payment of {paid} has come back to us.",
        "why": "Your employer did not deduct this from your pay: {reason}. "
        "That is why you get the invoice yourself.",
        "why_unknown": "Your employer did not deduct this from your pay. "
        "That is why you get the invoice yourself.",
        "why_withheld": "Your employer was not asked to deduct this. "
        "That is why you get the invoice yourself.",
        "quarter": "quarter {number} of {year}",
        "of_invoice": "This is about invoice {number}.",
        "deducted_after_all": "Your employer has deducted this from your pay after all. "
        "That is why you get it back.",
    },
}

_REASONS: Final[Mapping[Language, Mapping[str, str]]] = {
    Language.NB: {
        "left": "du er meldt som sluttet",
        "unpaid_leave": "du er meldt i permisjon uten lønn",
        "laid_off": "du er meldt som permittert",
        "nav": "du er meldt med utbetaling fra Nav",
        "pension": "du er meldt som pensjonist",
        "no_pay": "du fikk ikke lønn den måneden",
    },
    Language.NN: {
        "left": "du er meld som slutta",
        "unpaid_leave": "du er meld i permisjon utan løn",
        "laid_off": "du er meld som permittert",
        "nav": "du er meld med utbetaling frå Nav",
        "pension": "du er meld som pensjonist",
        "no_pay": "du fekk ikkje løn den månaden",
    },
    Language.EN: {
        "left": "you are reported as having left",
        "unpaid_leave": "you are reported as being on unpaid leave",
        "laid_off": "you are reported as laid off",
        "nav": "you are reported as being paid by Nav",
        "pension": "you are reported as retired",
        "no_pay": "you had no pay that month",
    },
}
"""What an employer gave as its reason; the others say nothing that helps a member."""


def lines_of(invoice: InvoiceFacts, language: Language) -> tuple[Line, ...]:
    """Return an invoice's lines in words; they add up to its total.

    A correction is shown month by month, with what it was and what it is; a month that the
    employer did not deduct says so, and so does what was paid back for nothing. Source: L1 (late
    notices), D7, A31, P8.
    """
    return (
        *_charged(invoice, language),
        *_redirected(invoice, language),
        *_recovered(invoice, language),
    )


def _charged(invoice: InvoiceFacts, language: Language) -> Iterator[Line]:
    for line in invoice.lines:
        if line["kind"] == LineKind.CORRECTION and _explained(invoice, line):
            yield from (_correction(each, language) for each in invoice.corrections)
        else:
            period = period_of(invoice, line.get("cadence"), language)
            name = phrases.KINDS[language][line["kind"]]
            yield Line(f"{name}, {period}", line["amount_ore"])


def _explained(invoice: InvoiceFacts, line: Mapping[str, Any]) -> bool:
    """Tell whether all of a correction is known by its months."""
    return bool(
        invoice.corrections
        and sum(each["amount_ore"] for each in invoice.corrections) == line["amount_ore"]
    )


def _correction(correction: Mapping[str, Any], language: Language) -> Line:
    words = _WORDS[language]
    was, is_ = correction["was_ore"], correction["is_ore"]
    amounts = {"was": wording.money(was, language), "is_": wording.money(is_, language)}
    reason = correction["reason"]
    # A merge that was undone is charged again: that is a correction as any other.
    if reason == "reassessed" or (reason == "merged" and is_ > was):
        right = "nothing_right" if is_ == 0 else "reassessed"
        reason = "nothing_before" if was == 0 else right
    # What was deducted, or was not to be, is known for the month as a whole.
    whole = reason in {"over_deducted", "carried_over"}
    kind = words["dues"] if whole else phrases.KINDS[language][correction["kind"]]
    return Line(
        words["correction"].format(
            kind=kind,
            period=wording.month(correction["period_from"], language),
        ),
        correction["amount_ore"],
        _about_invoice(words[reason].format(**amounts), correction.get("invoice"), language),
    )


def _about_invoice(note: str, number: str | None, language: Language) -> str:
    """Return a note that names the invoice it changes, where one charged it. Source: P10."""
    if number is None:
        return note
    return f"{note} {_WORDS[language]['of_invoice'].format(number=number)}"


def _redirected(invoice: InvoiceFacts, language: Language) -> Iterator[Line]:
    for month in invoice.redirected:
        yield Line(
            _WORDS[language]["redirected"].format(
                period=wording.month(month["period_from"], language)
            ),
            month["amount_ore"],
            _about_invoice(_why_redirected(month, language), month.get("invoice"), language),
        )


def _why_redirected(month: Mapping[str, Any], language: Language) -> str:
    words = _WORDS[language]
    if month["amount_ore"] < 0:
        return words["deducted_after_all"]
    if month["reason"] == "withheld":
        return words["why_withheld"]
    reason = _REASONS[language].get(str(month["reason"]).lower())
    return words["why"].format(reason=reason) if reason else words["why_unknown"]


def _recovered(invoice: InvoiceFacts, language: Language) -> Iterator[Line]:
    words = _WORDS[language]
    for payment in invoice.recovered:
        why = words["taken" if payment["amount_ore"] > 0 else "returned"]
        yield Line(
            words["recovered"],
            payment["amount_ore"],
            why.format(
                paid=wording.day(payment["paid_on"], language),
                taken=wording.day(payment["taken_back_on"], language),
            ),
        )


def period_of(invoice: InvoiceFacts, cadence: str | None, language: Language) -> str:
    """Return what a line is for: november 2026, the quarter, or 2026 for a yearly fee."""
    start: date = invoice.period_from
    if cadence == Cadence.QUARTERLY:
        number = (start.month + 2) // 3
        return _WORDS[language]["quarter"].format(number=number, year=start.year)
    yearly = invoice.yearly if cadence is None else cadence == Cadence.YEARLY
    return wording.period(start, yearly, language)
