"""Whether somebody may get help, and why, as a caseworker reads it out: in each language."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from activities.letters import phrases, wording
from schemas.membership.benefits import Answer, Benefited, Month, Why
from schemas.membership.help import Help
from schemas.shared.vocabulary import Language, Outcome


@dataclass(frozen=True)
class Words:
    """What is said in one language; a sentence's figures stand in braces."""

    whys: Mapping[Why, str]
    months: Mapping[Month, str]
    outcomes: Mapping[Outcome, str]
    help: Mapping[Help, str]
    member: str
    until: str
    nobody: str
    left: str
    died: str
    hidden: str
    on_leave: str
    owes: str
    owes_nothing: str
    counted: str
    not_counted: str
    open: str
    closed: str
    missing: str
    once_paid: str
    from_month: str
    never: str
    heads: tuple[str, str]


NB = Words(
    whys={
        Why.OF_CATEGORY: "hører til medlemskapet som {category}",
        Why.PAID_MONTHS: "så mange betalte måneder trengs: {limit}",
        Why.NOT_OF_CATEGORY: "hører ikke til medlemskapet som {category}",
        Why.HIDDEN: "gjelder ikke for skjulte medlemmer",
        Why.AGE: "er opphørt på grunn av alder",
        Why.RESERVED: "er reservert bort",
        Why.GUARDIAN: "venter på samtykke fra foresatte",
        Why.NOT_YET_MEMBER: "er ikke medlem ennå",
        Why.LEFT: "er ikke medlem lenger",
        Why.DIED: "er registrert som død",
    },
    months={
        Month.PAID: "betalt",
        Month.BROUGHT_ALONG: "betalt til et annet forbund",
        Month.FREE: "uten kontingent, teller",
        Month.WAIVED: "fritatt, teller",
        Month.FREE_NOT_COUNTED: "uten kontingent, teller ikke",
        Month.WAIVED_NOT_COUNTED: "fritatt, teller ikke",
        Month.UNPAID: "ikke betalt",
    },
    outcomes={
        Outcome.RESIGNED: "utmelding",
        Outcome.STRUCK_OFF: "strykning",
        Outcome.DECEASED: "dødsfall",
    },
    help={
        Help.HELP: "hjelp i en sak",
        Help.CASEWORK: "saksbehandling",
        Help.LAWYER: "advokat",
        Help.COURT: "rettssak",
    },
    member="Medlem {on}: {category}.",
    until="Medlemskapet varer til og med {ends} ({outcome}).",
    nobody="Ikke medlem {on}.",
    left="Medlemskapet tok slutt {ends} ({outcome}). Betalte måneder teller om det blir et nytt "
    "medlemskap.",
    died="Registrert som død.",
    hidden="Skjult medlem: hjelp overfor egen arbeidsgiver forutsetter at medlemmet samtykker i at "
    "skjult medlemskap oppheves (S35, A22).",
    on_leave="Kontingenten er nedsatt eller fritatt for en tid; fordelene gjelder som ellers.",
    owes="Skylder {kroner} for {months} md. Det stenger ikke for hjelp, men kan føre til strykning "
    "(A30).",
    owes_nothing="Skylder ingenting.",
    counted="{paid} måneder er fullt betalt: {how}.",
    not_counted="{count} teller ikke: {how}.",
    open="ja",
    closed="nei",
    missing="{missing} av {limit} betalte måneder mangler",
    once_paid="åpnes når dette er betalt: {months}",
    from_month="tidligst i {month}, om alt betales fra nå av",
    never="det kommer ikke så mange måneder",
    heads=("Hjelp i en sak", "Medlemsfordeler"),
)

NN = Words(
    whys={
        Why.OF_CATEGORY: "høyrer til medlemskapen som {category}",
        Why.PAID_MONTHS: "så mange betalte månader trengst: {limit}",
        Why.NOT_OF_CATEGORY: "høyrer ikkje til medlemskapen som {category}",
        Why.HIDDEN: "gjeld ikkje for skjulte medlemmer",
        Why.AGE: "har teke slutt på grunn av alder",
        Why.RESERVED: "er reservert bort",
        Why.GUARDIAN: "ventar på samtykke frå føresette",
        Why.NOT_YET_MEMBER: "er ikkje medlem enno",
        Why.LEFT: "er ikkje medlem lenger",
        Why.DIED: "er registrert som død",
    },
    months={
        Month.PAID: "betalt",
        Month.BROUGHT_ALONG: "betalt til eit anna forbund",
        Month.FREE: "utan kontingent, tel",
        Month.WAIVED: "friteken, tel",
        Month.FREE_NOT_COUNTED: "utan kontingent, tel ikkje",
        Month.WAIVED_NOT_COUNTED: "friteken, tel ikkje",
        Month.UNPAID: "ikkje betalt",
    },
    outcomes={
        Outcome.RESIGNED: "utmelding",
        Outcome.STRUCK_OFF: "stryking",
        Outcome.DECEASED: "dødsfall",
    },
    help={
        Help.HELP: "hjelp i ei sak",
        Help.CASEWORK: "saksbehandling",
        Help.LAWYER: "advokat",
        Help.COURT: "rettssak",
    },
    member="Medlem {on}: {category}.",
    until="Medlemskapen varer til og med {ends} ({outcome}).",
    nobody="Ikkje medlem {on}.",
    left="Medlemskapen tok slutt {ends} ({outcome}). Betalte månader tel om det blir ein ny "
    "medlemskap.",
    died="Registrert som død.",
    hidden="Skjult medlem: hjelp overfor eigen arbeidsgivar krev at medlemmet samtykkjer i at "
    "skjult medlemskap blir oppheva (S35, A22).",
    on_leave="Kontingenten er nedsett eller friteken for ei tid; fordelane gjeld som elles.",
    owes="Skuldar {kroner} for {months} md. Det stengjer ikkje for hjelp, men kan føre til "
    "stryking (A30).",
    owes_nothing="Skuldar ingenting.",
    counted="{paid} månader er fullt betalte: {how}.",
    not_counted="{count} tel ikkje: {how}.",
    open="ja",
    closed="nei",
    missing="{missing} av {limit} betalte månader manglar",
    once_paid="blir opna når dette er betalt: {months}",
    from_month="tidlegast i {month}, om alt blir betalt frå no av",
    never="det kjem ikkje så mange månader",
    heads=("Hjelp i ei sak", "Medlemsfordelar"),
)

EN = Words(
    whys={
        Why.OF_CATEGORY: "belongs to the membership, category {category}",
        Why.PAID_MONTHS: "paid months needed: {limit}",
        Why.NOT_OF_CATEGORY: "does not belong to the category {category}",
        Why.HIDDEN: "not for hidden members",
        Why.AGE: "has ended by age",
        Why.RESERVED: "reserved against",
        Why.GUARDIAN: "waits for a guardian's consent",
        Why.NOT_YET_MEMBER: "not a member yet",
        Why.LEFT: "no longer a member",
        Why.DIED: "recorded as dead",
    },
    months={
        Month.PAID: "paid",
        Month.BROUGHT_ALONG: "paid to another union",
        Month.FREE: "free of dues, counts",
        Month.WAIVED: "waived, counts",
        Month.FREE_NOT_COUNTED: "free of dues, does not count",
        Month.WAIVED_NOT_COUNTED: "waived, does not count",
        Month.UNPAID: "not paid",
    },
    outcomes={
        Outcome.RESIGNED: "resigned",
        Outcome.STRUCK_OFF: "struck off",
        Outcome.DECEASED: "deceased",
    },
    help={
        Help.HELP: "help in a case",
        Help.CASEWORK: "casework",
        Help.LAWYER: "a lawyer",
        Help.COURT: "a court case",
    },
    member="A member on {on}: {category}.",
    until="The membership lasts until {ends} ({outcome}).",
    nobody="Not a member on {on}.",
    left="The membership ended on {ends} ({outcome}). Paid months count if there is another one.",
    died="Recorded as dead.",
    hidden="A hidden member: help against the own employer needs the member's consent to lift it "
    "(S35, A22).",
    on_leave="The dues are waived or reduced for a time; the benefits are those of any member.",
    owes="Owes {kroner} for {months} mo. That closes nothing, but may end in striking off (A30).",
    owes_nothing="Owes nothing.",
    counted="Fully paid months: {paid} ({how}).",
    not_counted="{count} do not count: {how}.",
    open="yes",
    closed="no",
    missing="{missing} of {limit} paid months are missing",
    once_paid="opens once these are paid: {months}",
    from_month="in {month} at the earliest, if all is paid from now on",
    never="there will not be as many months",
    heads=("Help in a case", "Benefits"),
)

WORDS: Mapping[Language, Words] = {Language.NB: NB, Language.NN: NN, Language.EN: EN}

SHOWN_MONTHS = 6
"""More months than these are told by the last of them alone."""


def told(found: Benefited, language: Language) -> Iterator[str]:
    """Yield what somebody may have and why, a line each."""
    words = WORDS[language]
    yield from _who(found, words, language)
    yield from _paid(found, words)
    for head, answers in zip(words.heads, (found.help, found.benefits), strict=True):
        if answers:
            yield f"{head}:"
        for answer in answers:
            yield f"- {_answer(answer, found, words, language)}"


def _who(found: Benefited, words: Words, language: Language) -> Iterator[str]:
    on = wording.day(found.on, language)
    said = {
        "on": on,
        "category": _category(found, language),
        "ends": wording.day(found.ends, language) if found.ends else "",
        "outcome": words.outcomes.get(found.outcome, "") if found.outcome else "",
    }
    yield (words.member if found.category else words.nobody).format(**said)
    if found.outcome is Outcome.DECEASED and not found.category:
        yield words.died
    elif found.ends:
        yield (words.until if found.category else words.left).format(**said)
    if found.hidden:
        yield words.hidden
    if found.on_leave:
        yield words.on_leave
    owed = {"kroner": wording.money(found.owed_ore, language), "months": found.owed_months}
    yield (words.owes if found.owed_ore else words.owes_nothing).format(**owed)


def _paid(found: Benefited, words: Words) -> Iterator[str]:
    yield words.counted.format(paid=found.paid, how=_states(found.counted, words) or "0")
    count = sum(found.not_counted.values())
    if count:
        yield words.not_counted.format(count=count, how=_states(found.not_counted, words))


def _states(counts: Mapping[Month, int], words: Words) -> str:
    return ", ".join(f"{count} {words.months[state]}" for state, count in counts.items())


def _category(found: Benefited, language: Language) -> str:
    return phrases.CATEGORIES[language][found.category] if found.category else ""


def _answer(answer: Answer, found: Benefited, words: Words, language: Language) -> str:
    name = _name(answer, words, language)
    yes = words.open if answer.open else words.closed
    return f"{name}: {yes}, {'; '.join(_why(answer, found, words, language))}."


def _name(answer: Answer, words: Words, language: Language) -> str:
    if answer.from_months is not None:
        return words.help[Help(answer.name)]
    return phrases.BENEFITS[language].get(answer.name, answer.name)


def _why(answer: Answer, found: Benefited, words: Words, language: Language) -> Iterator[str]:
    if answer.why is not Why.MONTHS_MISSING:
        category = _category(found, language)
        yield words.whys[answer.why].format(category=category, limit=answer.from_months)
        return
    yield words.missing.format(missing=answer.missing, limit=answer.from_months)
    yield _opens(answer.opens_with, found.on, words, language)


def _opens(months: tuple[date, ...], on: date, words: Words, language: Language) -> str:
    """Say what is to be paid; of months to come only when the last of them is."""
    if not months:
        return words.never
    if months[-1] > on or len(months) > SHOWN_MONTHS:
        return words.from_month.format(month=wording.month(months[-1], language))
    listed = ", ".join(wording.month(month, language) for month in months)
    return words.once_paid.format(months=listed)
