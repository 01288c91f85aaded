"""What letters about arrears say, word for word: an amount, a day and a way out (A30, M9)."""

from datetime import date

import pytest

from activities.letters.cases import InvoiceFacts
from activities.letters.render import render
from schemas.shared.vocabulary import Language, Template
from tests.letters.test_templates import values

INVOICE = InvoiceFacts(
    number="00012345-7",
    kid="1000123450000076",
    period_from=date(2027, 1, 1),
    issued_on=date(2026, 12, 15),
    due_on=date(2026, 12, 29),
    total_ore=49500,
    open_ore=49400,
)
BODIES = {
    Template.REMINDER_FIRST: (
        "Har du glemt en faktura? Hei, Kari Nordmann. Faktura 00012345-7 for januar 2027 forfalt "
        "29. desember 2026, og vi kan ikke se at den er betalt i sin helhet. Har du betalt de "
        "siste dagene, kan du se bort fra denne påminnelsen. Å betale: 494,00 kr, innen 4. januar "
        "2027"
    ),
    Template.REMINDER_SECOND: (
        "En faktura er fortsatt ikke betalt Hei, Kari Nordmann. Vi har minnet deg på faktura "
        "00012345-7 for januar 2027 før. Den forfalt 29. desember 2026, og vi kan ikke se at den "
        "er betalt i sin helhet. Har du betalt de siste dagene, kan du se bort fra dette brevet. Å "
        "betale: 494,00 kr, innen 18. januar 2027"
    ),
    Template.STRUCK_OFF_WARNING: (
        "Medlemskapet ditt kan bli avsluttet Hei, Kari Nordmann. Du skylder kontingent for flere "
        "måneder. Blir det mer enn 3 måneder, strykes du som medlem, tidligst 6. desember 2026. Da "
        "gjelder medlemsfordelene, også forsikringer du har gjennom medlemskapet, ikke lenger. "
        "Dette er forfalt og ikke betalt:"
    ),
    Template.STRUCK_OFF: "Medlemskapet ditt er avsluttet Hei, Kari Nordmann.",
    Template.OVERPAYMENT: (
        "Du har betalt mer enn du skulle Hei, Kari Nordmann. Du har betalt mer enn fakturaene dine "
        "lyder på, og har 1 000,00 kr til gode hos oss. Beløpet brukes på de neste fakturaene "
        "dine, så du trenger ikke å gjøre noe. Vil du heller ha pengene tilbake? Svar på denne "
        "e-posten og oppgi kontonummeret ditt, så betaler vi dem ut."
    ),
    Template.PAYMENT_PLAN: (
        "Avtale om betaling Hei, Kari Nordmann. Vi har avtalt at du betaler det du skylder, i "
        "avdrag:"
    ),
    Template.PAYMENT_PLAN_BROKEN: (
        "Et avdrag er ikke betalt Hei, Kari Nordmann. Avdraget på 495,00 kr som forfalt 15. januar "
        "2027, er ikke betalt i sin helhet, og derfor gjelder avtalen om betaling ikke lenger. Du "
        "får påminnelser om det som er forfalt, som ellers."
    ),
}
"""How each begins."""

SAYS = [
    (Template.REMINDER_FIRST, "Vi tar ikke gebyr for denne påminnelsen."),
    (Template.REMINDER_FIRST, "Er det vanskelig å betale nå? Ta kontakt, så finner vi en løsning."),
    (Template.REMINDER_FIRST, "KID: 1000123450000076"),
    (Template.REMINDER_SECOND, "Betaler du ikke, tar en saksbehandler kontakt med deg."),
    (
        Template.REMINDER_SECOND,
        "Skylder du kontingent for mer enn 3 måneder, kan du bli strøket som medlem.",
    ),
    (Template.STRUCK_OFF_WARNING, "Faktura 00012345-7 for januar 2027: 494,00 kr, KID 10001234500"),
    (Template.STRUCK_OFF_WARNING, "I dag skylder du oss 1 980,00 kr."),
    (Template.STRUCK_OFF, "Du skylder fortsatt 1 980,00 kr."),
    (Template.STRUCK_OFF, "Det faller ikke bort selv om medlemskapet er avsluttet."),
    (Template.PAYMENT_PLAN, "15. januar 2027: 495,00 kr"),
    (Template.PAYMENT_PLAN, "Så lenge du betaler som avtalt, får du ingen påminnelser om dem."),
    (
        Template.PAYMENT_PLAN_BROKEN,
        "igjen av det avtalen gjaldt. Betal det innen 4. februar 2027, med KID-nummeret fra en av",
    ),
]

SUBJECTS = [
    (Language.NB, {"payment": "K1"}, "Du har betalt for mye"),
    (Language.NB, {"settlement": 1}, "Vi trenger kontonummeret ditt"),
    (Language.NN, {"settlement": 1}, "Vi treng kontonummeret ditt"),
    (Language.EN, {"settlement": 1}, "We need your account number"),
]

ENGLISH = [
    (Template.REMINDER_FIRST, "Invoice 00012345-7 for January 2027 was due on 29 December 2026"),
    (Template.REMINDER_FIRST, "To pay: NOK 494.00, by 4 January 2027"),
    (Template.REMINDER_SECOND, "If you owe dues for more than 3 months, you can be struck off"),
    (Template.STRUCK_OFF, "You still owe NOK 1,980.00."),
    (Template.OVERPAYMENT, "have NOK 1,000.00 with us. It is used for your next invoices"),
    (Template.PAYMENT_PLAN, "15 January 2027: NOK 495.00"),
    (Template.PAYMENT_PLAN_BROKEN, "Today you owe us NOK 1,980.00."),
]


def written(template: Template, language: Language = Language.NB) -> str:
    """Return a letter as one line: 1,980.00 are owed, or 1,000.00 paid too much."""
    owed = -100000 if template is Template.OVERPAYMENT else 198000
    found = values(template, invoice=INVOICE, overdue=(INVOICE,), balance_ore=owed)
    return " ".join(render(template, language, found).plain.split())


@pytest.mark.parametrize(("template", "begins"), BODIES.items())
def test_how_a_letter_about_money_begins(template, begins):
    """A30: what it is about, for which month, how much and until when."""
    assert begins in written(template)


@pytest.mark.parametrize(("template", "says"), SAYS)
def test_what_a_letter_about_money_says(template, says):
    """A30, P2: no fee, a way out, what stays owed, and more than three months for a strike-off."""
    assert says in written(template)


@pytest.mark.parametrize(("template", "says"), ENGLISH)
def test_what_it_says_in_english(template, says):
    """The same for who reads English."""
    assert says in written(template, Language.EN)


@pytest.mark.parametrize(("language", "figures", "subject"), SUBJECTS)
def test_who_is_asked_for_an_account_has_not_paid_too_much(language, figures, subject):
    """A37: what is left over may be a credit, so its letter has a subject of its own."""
    found = values(Template.OVERPAYMENT, figures=figures, balance_ore=-98700)
    assert render(Template.OVERPAYMENT, language, found).subject == subject
