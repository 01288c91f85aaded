"""Every letter, in every language it is written in."""

import html
import re
from datetime import date
from itertools import product
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

from activities.letters import markup, phrases, wording
from activities.letters.cases import Contact, InvoiceFacts, MergeFacts
from activities.letters.payroll_channel import Channel
from activities.letters.payroll_notice import CODES
from activities.letters.render import TEMPLATES, read_source, render
from activities.letters.settings import Organisation
from schemas.membership.eligibility import Breach
from schemas.membership.messages.changes import Change
from schemas.shared.vocabulary import Audience, Category, Language, Template
from schemas.statements.tax import TaxCap
from tests import builders
from tests.letters.making import AUDIENCES, FIGURES, TERMS, WELCOME

MEMBER = {
    "name": "Kari Nordmann",
    "birth_date": date(1986, 4, 12),
    "email": "kari@example.org",
    "phone": "+4791234567",
    "address": ("Storgata 1", "0155 Oslo"),
    "number": "00012345",
    "since": date(2026, 11, 22),
    "transferred_from": None,
}
INVOICE = InvoiceFacts(
    number="2026-000123",
    kid="1000123450000017",
    period_from=date(2026, 11, 1),
    issued_on=date(2026, 11, 22),
    due_on=date(2026, 12, 7),
    total_ore=1269500,
    lines=({"kind": "central_dues", "amount_ore": 49500},),
)
MERGE = MergeFacts(
    goes_on="00000017",
    doubles=(
        {"kind": "central_dues", "period_from": "2026-10-01", "amount_ore": 49500},
        {"kind": "central_dues", "period_from": "2026-11-01", "amount_ore": 49500},
    ),
)
WRITTEN = [
    (template, language)
    for template, language in product(Template, Language)
    if language is Language.NB or AUDIENCES[template] is Audience.MEMBER
]
CHANGES = set(get_args(Change))
"""What can be noted, or taken back, before its day."""
NEVER_IN_A_SUBJECT = re.compile(
    r"lederne|medlem|member|fagforening|union|kontingent|dues|forsikring|insurance|reserv|trekk"
    r"|deduct|skjult|hidden|avslag|reject|pensjon|pension|stud|lærling|apprentice|permisjon|leave"
    r"|utmeld|resign|strøket|struck|død|death|arbeidsgiver|employer|\d|[{}]",
    re.IGNORECASE,
)


def values(template: Template, **changes: Any) -> dict[str, Any]:
    """What a letter is written from."""
    return {
        "figures": FIGURES[template],
        "member": MEMBER,
        "employer": Contact("974760673", "Eksempel AS", None),
        "branch": Contact("OSLO", "Oslo avdeling", None),
        "invoice": INVOICE,
        "union": Organisation(),
        "balance_ore": 0,
        "overdue": (INVOICE,),
        "forward": False,
        "own_words": False,
        "channel": Channel.HOUSE,
        "file": "lonnstrekk-1.csv",
        "workflow_url": "http://localhost:8233/namespaces/default/workflows/membership-1",
        "rules_url": "docs/rules.md",
        "reserve_by": date(2026, 12, 22),
        "reserve_over": False,
        "tax_cap": TaxCap(year=2024, cap_ore=800000, confirmed=True, source="S25"),
        "merge": MERGE,
    } | changes


def written(template: Template, language: Language = Language.NB, **changes: Any) -> str:
    """The words of a letter, as plain text on one line."""
    return " ".join(render(template, language, values(template, **changes)).plain.split())


def words_of(page: str) -> list[str]:
    """The words of a page's body, in order."""
    body = page.split("<body", 1)[1].split(">", 1)[1]
    inline = re.sub(r"</?(strong|a)\b[^>]*>", "", body)
    return html.unescape(re.sub(r"<[^>]*>", " ", inline)).split()


@pytest.mark.parametrize(("template", "language"), WRITTEN)
def test_every_letter_can_be_written(template: Template, language: Language) -> None:
    """Each template renders from what a workflow gives it, with nothing left undefined."""
    text = render(template, language, values(template))
    assert text.version >= 1
    assert len(text.plain) > 100
    assert not re.search(r"\{\{|\{%|None|Undefined|\\", text.plain)


@pytest.mark.parametrize("template", CODES)
@pytest.mark.parametrize(
    ("channel", "where"),
    [
        (Channel.HOUSE, "i filen dere får på en sikker måte, med én linje"),
        (Channel.FOLDER, "i filen lonnstrekk-1.csv i mappen dere henter trekklistene fra, med én"),
        (Channel.LOCKED, "i vedlegget, som åpnes med passordet til trekklistene, med én linje"),
    ],
)
def test_a_payroll_letter_says_where_its_line_is(
    template: Template, channel: Channel, where: str
) -> None:
    """D3: in the channel of the lists, and attached only within the house or locked."""
    assert where in written(template, channel=channel)


@pytest.mark.parametrize(
    ("agreement", "says"),
    [
        (None, "Trekket gjelder etter skriftlig samtykke fra den det gjelder, av 22. november"),
        ("collective", "gjelder etter tariffavtalen av 1. april 2024 og etter skriftlig samtykke"),
        ("deduction", "gjelder etter avtalen om trekk av 1. april 2024 og etter skriftlig"),
    ],
)
def test_a_request_says_by_what_right_and_by_when(agreement: str | None, says: str) -> None:
    """D4, A34: what the deduction rests on, since when, and the day to answer by."""
    agreed_on = date(2024, 4, 1) if agreement else None
    employer = Contact("974760673", "Eksempel AS", None, agreement=agreement, agreed_on=agreed_on)
    for template in (Template.PAYROLL_START, Template.PAYROLL_REMINDER):
        letter = written(
            template,
            employer=employer,
            consented_on=date(2026, 11, 22),
            answer_by=date(2026, 12, 6),
        )
        for wanted in (says, "Svar innen 6. desember 2026.", "kontonummer 1234 56 78903"):
            assert wanted in letter


@pytest.mark.parametrize(("template", "language"), WRITTEN)
@pytest.mark.parametrize("forward", [False, True, "own words"])
def test_text_and_html_say_the_same(
    template: Template, language: Language, forward: bool | str
) -> None:
    """Whichever of the two a mail reader shows, the reader learns the same."""
    own_words = forward == "own words"
    text = render(template, language, values(template, forward=bool(forward), own_words=own_words))
    read = [word for word in text.plain.split() if word not in {"-", "--"}]
    # A link's address is spelt out in plain text only.
    shown = [word for word in read if not word.startswith("(http")]
    assert shown == words_of(text.html)


def test_each_source_is_read_once() -> None:
    """However many letters there are: reading one costs several times what writing it does."""
    for template, language in WRITTEN:
        read_source(template, language)
    before = read_source.cache_info()
    for template, language in WRITTEN:
        read_source(template, language)
    assert read_source.cache_info().misses == before.misses


@pytest.mark.parametrize(("template", "language"), WRITTEN)
def test_subjects_are_neutral(template: Template, language: Language) -> None:
    """Invariant 8: a subject tells nobody who looks over a shoulder what it is about."""
    for subject in read_source(template, language).subjects.values():
        assert not NEVER_IN_A_SUBJECT.search(subject), subject
        assert len(subject) < 60


def test_no_template_is_left_over() -> None:
    """A file that no letter uses is a letter that somebody believes is sent."""
    found = {
        (path.stem, path.parent.name)
        for path in TEMPLATES.rglob("*.md")
        if not path.name.startswith("_")
    }
    assert found == set(WRITTEN)


def test_a_missing_figure_stops_the_letter() -> None:
    """A letter with a hole in it is never sent."""
    with pytest.raises((UndefinedError, TypeError)):
        render("cover_begins", Language.NB, values(Template.COVER_BEGINS, figures={}))


TRICKS = [
    "[klikk her](http://evil.example)",
    "<b>Kari</b> <script>alert(1)</script>",
    "*Kari* _N_ **x** `y` ~~z~~",
    "# Kari\n- a\n1. b\n> c\n\n    d\n===",
    "&lt;b&gt; &amp; &#42;",
    "![x](http://evil.example/x.png)",
    "<http://evil.example>",
    "{{ union }} {% raw %}",
    "back\\slash\\",
    "| a | b |\n|---|---|",
]


@pytest.mark.parametrize("trick", TRICKS)
def test_what_a_member_typed_stays_text(trick: str) -> None:
    """A name or a reason that looks like Markdown, HTML or Jinja is shown as it was typed."""
    member = {**MEMBER, "name": trick.splitlines()[0]}
    figures = {"reason": trick, "faults": []}
    text = render(
        "application_rejected",
        Language.NB,
        values(Template.APPLICATION_REJECTED, member=member, figures=figures),
    )
    typed = trick.split()
    assert " ".join(typed) in " ".join(text.plain.split())
    assert " ".join(typed) in " ".join(words_of(text.html))
    assert not re.search(r"<(b|script|img|em|strong|code|table|blockquote)\b", text.html)
    assert 'href="http://evil' not in text.html


@given(st.text(max_size=200))
def test_any_text_survives_escaping(typed: str) -> None:
    """Whatever the characters, both forms show the same words and add no markup."""
    tokens = markup.parse(f"Hei, {markup.escape(typed)}.")
    page = markup.to_html(tokens)
    shown = html.unescape(re.sub(r"<(/?p|br)\b[^>]*>", " ", page))
    expected = f"Hei, {typed}.".replace("\x00", "\ufffd").split()
    assert "".join(shown.split()) == "".join(expected)
    assert "".join(markup.to_text(tokens).split()) == "".join(expected)


def test_the_acknowledgement_is_no_approval() -> None:
    """S29: a caseworker will follow up; submission is not approval."""
    letter = render("application_received", Language.NB, values(Template.APPLICATION_RECEIVED))
    plain = " ".join(letter.plain.split())
    assert "saksbehandler" in plain
    assert "ikke godkjent" in plain


def test_the_welcome_holds_what_section_9_wants() -> None:
    """Number, terms, benefits, the right to reserve with its day, the cap of dues and its year."""
    plain = " ".join(render("welcome", Language.NB, values(Template.WELCOME)).plain.split())
    for said in (
        "00012345",
        "495,00 kr per måned",
        "send det som svar på denne e-posten innen 22. desember 2026",
        "i skattemeldingen, inntil 8 000,00 kr for et helt år (2024)",
    ):
        assert said in plain
    assert "skjult" not in plain


def test_a_hidden_member_reads_the_consequences() -> None:
    """S30-S35: nothing to the employer, no agreement, no AFP, no branch, help lifts it."""
    figures = {**WELCOME, "hidden": True}
    plain = render("welcome", Language.NB, values(Template.WELCOME, figures=figures)).plain
    for said in (
        "ingenting til arbeidsgiveren",
        "tariffavtale",
        "AFP",
        "lokal avdeling",
        "oppheves",
    ):
        assert said in " ".join(plain.split())


LIFTING = {
    Language.NB: "trenger du hjelp rettet mot din egen bedrift, må det skjulte medlemskapet "
    "oppheves. Det gjør vi aldri uten at du har sagt ja.",
    Language.NN: "treng du hjelp som er retta mot di eiga bedrift, må det skjulte medlemskapet "
    "opphevast. Det gjer vi aldri utan at du har sagt ja.",
    Language.EN: "if you need help directed at your own company, the hidden membership has to be "
    "lifted. We never do that without your consent.",
}
LIFTED = {
    Language.NB: "Slik du har sagt ja til, er medlemskapet ditt ikke lenger skjult.",
    Language.NN: "Slik du har sagt ja til, er medlemskapet ditt ikkje lenger skjult.",
    Language.EN: "As you have consented to, your membership is no longer hidden.",
}
NO_CHARGE = {
    Language.NB: "Vi tar ikke gebyr for denne påminnelsen.",
    Language.NN: "Vi tek ikkje gebyr for denne påminninga.",
    Language.EN: "There is no charge for this reminder.",
}
"""What a letter must say in these very words, since a right hangs on it."""

HIDDEN_MEANS = {
    Language.NB: "du ikke er omfattet av AFP eller sluttvederlagsordningen, med mindre en annen "
    "tariffavtale på bedriften gir deg det - du ikke er knyttet til en lokal avdeling, og derfor "
    "ikke betaler lokal kontingent - du får råd og bistand fra oss",
    Language.NN: "du ikkje er omfatta av AFP eller sluttvederlagsordninga, med mindre ein annan "
    "tariffavtale på bedrifta gir deg det - du ikkje er knytt til ei lokal avdeling, og difor "
    "ikkje betaler lokal kontingent - du får råd og hjelp frå oss",
    Language.EN: "you are not covered by AFP or severance pay, unless another agreement at your "
    "company gives you that - you are not attached to a local branch, and so pay no local dues - "
    "you get help and advice from us",
}
OPEN_MEANS = {
    Language.NB: "arbeidsgiveren din kan få vite at du er medlem, og at vi kan be om lønnstrekk - "
    "du kan knyttes til en lokal avdeling, som har en kontingent i tillegg - vi kan hjelpe deg "
    "overfor din egen bedrift.",
    Language.NN: "arbeidsgivaren din kan få vite at du er medlem, og at vi kan be om lønstrekk - "
    "du kan bli knytt til ei lokal avdeling, som har ein kontingent i tillegg - vi kan hjelpe deg "
    "overfor di eiga bedrift.",
    Language.EN: "your employer may learn that you are a member, and we may ask for payroll "
    "deduction (lønnstrekk) - you may be attached to a local branch, which has dues of its own in "
    "addition - we can help you in matters with your own company.",
}
"""What is so while hidden and afterwards (S32-S35)."""

PROMISES = [
    (Template.HIDDEN_ON, FIGURES[Template.HIDDEN_ON], HIDDEN_MEANS),
    (Template.HIDDEN_OFF, FIGURES[Template.HIDDEN_OFF], OPEN_MEANS),
    (Template.WELCOME, {**WELCOME, "hidden": True}, LIFTING),
    (Template.HIDDEN_ON, FIGURES[Template.HIDDEN_ON], LIFTING),
    (Template.HIDDEN_OFF, FIGURES[Template.HIDDEN_OFF], LIFTED),
    (Template.REMINDER_FIRST, FIGURES[Template.REMINDER_FIRST], NO_CHARGE),
    (Template.REMINDER_SECOND, FIGURES[Template.REMINDER_SECOND], NO_CHARGE),
]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(("template", "figures", "words"), PROMISES)
def test_what_a_letter_promises(template, figures, words, language) -> None:
    """Help against the own employer needs the member's yes (S35, A22); a reminder is free (P2)."""
    plain = render(template, language, values(template, figures=figures)).plain
    assert words[language] in " ".join(plain.split())


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("category", builders.BENEFITS)
def test_every_benefit_of_a_category_stands_in_the_letters(category, language) -> None:
    """Nothing of the list is left out for want of words (B1, S13, S15, S16, S19, S20)."""
    names = builders.BENEFITS[category]
    listed = [{"name": name} for name in names]
    assert len(set(wording.benefits(names, language))) == len(names)
    for template in (Template.WELCOME, Template.CATEGORY_CHANGED, Template.PENSION_REPORTED):
        figures = {**FIGURES[template], "benefits": listed, "category": category}
        plain = " ".join(
            render(template, language, values(template, figures=figures)).plain.split()
        )
        for words in wording.benefits(names, language):
            assert words in plain


@pytest.mark.parametrize(
    ("template", "said"),
    [
        (Template.REMINDER_FIRST, ("november 2026", "7. desember 2026", "Å betale: 12 695,00 kr")),
        (Template.REMINDER_SECOND, ("november 2026", "7. desember 2026", "Å betale: 12 695,00 kr")),
    ],
)
def test_a_reminder_tells_what_is_owed(template, said) -> None:
    """Which month, since when, how much, and by which KID (A30)."""
    plain = " ".join(render(template, Language.NB, values(template)).plain.split())
    plain = plain.replace("\xa0", " ")
    for words in (*said, INVOICE.kid):
        assert words in plain


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (Language.NB, "før en foresatt har samtykket"),
        (Language.NN, "før ein føresett har samtykt"),
        (Language.EN, "a guardian has consented"),
    ],
)
def test_a_minor_reads_that_a_guardian_must_consent(language, said) -> None:
    """A38: no window that closes by silence, so nothing of a right to reserve."""
    figures = {**WELCOME, "insurance": "not_applicable", "guardian_needed": True}
    plain = written(Template.WELCOME, language, figures=figures)
    assert said in plain
    assert "reservasjon" not in plain
    office = written(
        Template.INSURANCE_NEW_MEMBER,
        figures={**FIGURES[Template.INSURANCE_NEW_MEMBER], "guardian_needed": True},
    )
    assert "først når en foresatt har samtykket" in office


GOES_ON = {"covered_from": "2026-12-01", "premium_from": "2026-12-01", "premium_ore": 20000}


@pytest.mark.parametrize(
    ("language", "counts", "goes_on"),
    [
        (
            Language.NB,
            "36 måneder som du har betalt",
            "dekket av Ledernepakken fra 1. desember 2026",
        ),
        (
            Language.NN,
            "36 månader som du har betalt",
            "dekt av Ledernepakken frå 1. desember 2026",
        ),
        (Language.EN, "36 months that you have paid", "covered by Ledernepakken from 1 December"),
    ],
)
def test_who_comes_from_another_union_reads_what_is_kept(language, counts, goes_on) -> None:
    """L10: what counts, and cover without a gap or a window; the office hears from where."""
    figures = {**WELCOME, "insurance": "covered", "paid_months_before": 36, **GOES_ON}
    member = {**MEMBER, "transferred_from": "Forbundet for andre"}
    plain = written(Template.WELCOME, language, figures=figures, member=member)
    for words in (counts, goes_on, "Forbundet for andre"):
        assert words in plain
    assert "days" not in plain
    assert "dager" not in plain
    assert "dagar" not in plain
    office = written(
        Template.INSURANCE_NEW_MEMBER,
        figures={**FIGURES[Template.INSURANCE_NEW_MEMBER], **GOES_ON},
        member=member,
    )
    assert "Medlemmet kommer fra et annet forbund" in office
    assert "Forbundet for andre" not in office
    assert "uten ny reservasjonsfrist" in office
    assert "kommet frem" not in office


def test_an_apprentice_reads_that_it_is_free() -> None:
    """S14: nothing to pay, hence nothing to deduct from tax either."""
    free = [{**TERMS[0], "amount_ore": 0}]
    figures = {**WELCOME, "terms": free, "category": "apprentice", "insurance": "not_applicable"}
    plain = render("welcome", Language.NB, values(Template.WELCOME, figures=figures)).plain
    assert "gratis" in plain
    assert "skattemeldingen" not in plain
    assert "Skatteetaten" not in plain
    assert "reservere" not in plain


def test_an_apprentice_with_a_premium_reads_that_it_is_deductible() -> None:
    """S24: apprentices work; of free dues there is nothing to deduct."""
    free = [{**TERMS[0], "amount_ore": 0}]
    for insurance in ("window_open", "covered"):
        plain = written(
            Template.WELCOME,
            Language.NB,
            figures={**WELCOME, "terms": free, "category": "apprentice", "insurance": insurance},
        )
        assert "kan du trekke fra premien for Ledernepakken i skattemeldingen" in plain
        assert "Skatteetaten får vite" in plain


def test_without_a_cap_no_limit_is_spoken_of() -> None:
    """S25: a limit that is not named is none that could be lower."""
    plain = written(Template.WELCOME, Language.NB, tax_cap=None)
    assert "inkludert premien for Ledernepakken, i skattemeldingen. " in plain
    assert "grensen" not in plain


@pytest.mark.parametrize("terms", [[], [{**TERMS[0], "amount_ore": 0}]])
def test_no_new_amounts_come_where_there_is_nothing_to_pay(terms) -> None:
    """M8: who is to pay nothing reads of no amounts that come by themselves."""
    figures = {**FIGURES[Template.DUES_CHANGED], "terms": terms}
    assert "kommer av seg selv" in written(Template.DUES_CHANGED, Language.NB)
    assert "kommer av seg selv" not in written(Template.DUES_CHANGED, Language.NB, figures=figures)


def test_a_branch_welcomes_nobody_it_has_known() -> None:
    """M16, L9: who stays after all, or is taken up again, is no new member there."""
    figures = {**FIGURES[Template.BRANCH_NEW_MEMBER], "about": "back"}
    said = written(Template.BRANCH_NEW_MEMBER, figures=figures)
    assert "Det gjelder ikke lenger: Før medlemmet opp igjen." in said
    assert "velkommen" not in said
    assert "Ønsk det nye medlemmet velkommen" in written(Template.BRANCH_NEW_MEMBER)


def test_deduction_begins_warns_of_paying_twice() -> None:
    """M5: do not pay twice."""
    letter = render("deduction_begins", Language.EN, values(Template.DEDUCTION_BEGINS))
    assert "do not pay twice" in letter.plain


def test_a_duplicate_is_not_told_of_a_membership() -> None:
    """Whoever applied with somebody else's particulars must not learn that they are a member."""
    for language in Language:
        letter = render("application_duplicate", language, values(Template.APPLICATION_DUPLICATE))
        assert not re.search("allerede|already|registrert|registered|medlem|member", letter.plain)


@pytest.mark.parametrize(
    "task",
    [
        "review",
        "review_reminder",
        "review_escalation",
        "information_requested",
        "information_supplied",
        "letter_bounced",
        "payment_in_suspense",
        "insurance_notice_bounced",
        "application_invalid",
        "application_ended",
        "decision_postponed",
        "application_duplicate",
        "correction_set_aside",
        "told_late",
    ],
)
def test_caseworkers_get_a_link_and_no_name(task: str) -> None:
    """A task names the workflow only: whoever may see the case opens it there."""
    figures = {"task": task, "detail": "0002-welcome"}
    plain = render(
        "caseworker_task", Language.NB, values(Template.CASEWORKER_TASK, figures=figures)
    ).plain
    assert "http://localhost:8233/namespaces/default/workflows/membership-1" in plain
    assert "Nordmann" not in plain


def test_a_task_names_the_rules_it_rests_on() -> None:
    """By id, with the page to look them up on: its path, or links once it has an address."""
    assert "Reglene bak: S29, A33 (docs/rules.md)" in written(Template.CASEWORKER_TASK)
    page = "https://git.example/rules.md"
    letter = render(
        "caseworker_task", Language.NB, values(Template.CASEWORKER_TASK, rules_url=page)
    )
    assert f'href="{page}#a33"' in letter.html
    assert f"A33 ({page}#a33)" in " ".join(letter.plain.split())


@pytest.mark.parametrize("answer", ["refused", "stopped", "unanswered"])
@pytest.mark.parametrize("reason", [None, "Ingen avtale."])
def test_each_answer_of_an_employer_has_its_words(answer: str, reason: str | None) -> None:
    """A34: whatever the employer answered, the member reads that the membership goes on."""
    figures = {"answer": answer, "reason": reason}
    plain = render(
        "deduction_not_possible",
        Language.NB,
        values(Template.DEDUCTION_NOT_POSSIBLE, figures=figures),
    ).plain
    assert "Medlemskapet ditt er som før." in " ".join(plain.split())
    assert ("Ingen avtale." in plain) is (reason is not None)


def test_every_code_has_words() -> None:
    """A category, a change, a coverage or a benefit never shows as a code."""
    for language in Language:
        assert set(phrases.CATEGORIES[language]) == set(Category)
        assert set(phrases.CHANGES[language]) == CHANGES
        assert set(phrases.COVERAGES[language]) == {
            coverage.name for coverage in builders.BOOK.coverages
        }
        assert set(phrases.BENEFITS[language]) == set(phrases.BENEFITS[Language.NB])


def test_amounts_and_dates_are_written_as_readers_write_them() -> None:
    """495,00 kr in Norwegian; the unit never parts from the amount at a line's end."""
    assert wording.money(49500, Language.NB) == "495,00\u00a0kr"
    assert wording.money(1269550, Language.NB) == "12\u00a0695,50\u00a0kr"
    assert wording.money(1269550, Language.NN) == "12\u00a0695,50\u00a0kr"
    assert wording.money(49500, Language.EN) == "NOK\u00a0495.00"
    assert wording.money(-49500, Language.NB) == "\u2212495,00\u00a0kr"
    assert wording.money(-49500, Language.EN) == "\u2212NOK\u00a0495.00"
    assert wording.day("2026-11-05", Language.NB) == "5.\u00a0november\u00a02026"
    assert wording.day("2026-11-05", Language.NN) == "5.\u00a0november\u00a02026"
    assert wording.day("2026-11-05", Language.EN) == "5\u00a0November\u00a02026"
    assert wording.month("2027-01", Language.NB) == "januar 2027"


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("breach", Breach)
def test_every_rule_an_application_can_break_has_words(breach: Breach, language: Language) -> None:
    """Who is turned away by a rule reads which one, in their language, not a field's name."""
    figures = {"reason": None, "faults": [{"breach": breach, "figure": "student"}]}
    said = render(
        "application_rejected", language, values(Template.APPLICATION_REJECTED, figures=figures)
    ).plain
    words = phrases.FAULTS[language][breach].split("{}")[0].strip()
    assert words in " ".join(said.split())
    assert breach.value not in said


FACTS = [
    # S26, D7: who gets no pay in a month is invoiced for it.
    (
        Template.DEDUCTION_BEGINS,
        "blir det ikke trukket av andre grunner, sender vi deg faktura for den",
    ),
    # X3: the union reports what was paid to it; the employer what it deducted.
    (Template.TAX_STATEMENT, "Beløp som arbeidsgiveren eller Nav har trukket, har de selv meldt"),
    # A15: past 67 half dues are over.
    (Template.PENSION_QUESTION, "full kontingent, også om du jobber 50 prosent eller mindre"),
    # S6: who has reserved is not covered.
    (Template.PENSION_REPORTED, "Forsikringene i Ledernepakken gjelder fortsatt"),
    # S24: only those who work deduct it.
    (Template.WELCOME, "Er du i arbeid, kan du trekke fra kontingenten"),
]


@pytest.mark.parametrize(("template", "says"), FACTS)
def test_a_letter_says_what_is_so(template: Template, says: str) -> None:
    """A reader acts on it: what is not true of everybody who gets a letter is said with its if."""
    assert says in written(template)
