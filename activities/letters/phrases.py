"""The words for our own codes, in every language that letters to members are written in."""

from collections.abc import Mapping
from typing import Final

from schemas.membership.eligibility import Breach
from schemas.membership.messages import MESSAGES
from schemas.shared.vocabulary import Cadence, Category, Language, LineKind

Words = Mapping[str, str]

KINDS: Final[Mapping[Language, Words]] = {
    Language.NB: {
        LineKind.CENTRAL_DUES: "Sentral kontingent",
        LineKind.LOCAL_DUES: "Lokal kontingent",
        LineKind.INSURANCE_PREMIUM: "Ledernepakken",
        LineKind.CORRECTION: "Korrigering",
    },
    Language.NN: {
        LineKind.CENTRAL_DUES: "Sentral kontingent",
        LineKind.LOCAL_DUES: "Lokal kontingent",
        LineKind.INSURANCE_PREMIUM: "Ledernepakken",
        LineKind.CORRECTION: "Retting",
    },
    Language.EN: {
        LineKind.CENTRAL_DUES: "Central dues",
        LineKind.LOCAL_DUES: "Local dues",
        LineKind.INSURANCE_PREMIUM: "Ledernepakken (insurance package)",
        LineKind.CORRECTION: "Correction",
    },
}

CADENCES: Final[Mapping[Language, Words]] = {
    Language.NB: {
        Cadence.MONTHLY: "per måned",
        Cadence.QUARTERLY: "per kvartal",
        Cadence.YEARLY: "per år",
    },
    Language.NN: {
        Cadence.MONTHLY: "per månad",
        Cadence.QUARTERLY: "per kvartal",
        Cadence.YEARLY: "per år",
    },
    Language.EN: {
        Cadence.MONTHLY: "a month",
        Cadence.QUARTERLY: "a quarter",
        Cadence.YEARLY: "a year",
    },
}

CATEGORIES: Final[Mapping[Language, Words]] = {
    Language.NB: {
        Category.ORDINARY: "yrkesaktiv",
        Category.STUDENT: "student",
        Category.APPRENTICE: "lærling",
        Category.EARLY_PENSIONER: "tidligpensjonist",
        Category.PENSIONER: "pensjonist",
    },
    Language.NN: {
        Category.ORDINARY: "yrkesaktiv",
        Category.STUDENT: "student",
        Category.APPRENTICE: "lærling",
        Category.EARLY_PENSIONER: "tidlegpensjonist",
        Category.PENSIONER: "pensjonist",
    },
    Language.EN: {
        Category.ORDINARY: "ordinary member",
        Category.STUDENT: "student",
        Category.APPRENTICE: "apprentice",
        Category.EARLY_PENSIONER: "early pensioner",
        Category.PENSIONER: "pensioner",
    },
}

FAULTS: Final[Mapping[Language, Words]] = {
    Language.NB: {
        Breach.BORN_IN_FUTURE: "Fødselsdatoen ligger frem i tid.",
        Breach.TOO_OLD: "Fødselsdatoen er mer enn {} år tilbake i tid.",
        Breach.TOO_YOUNG: "Du må ha fylt {} år for å bli medlem.",
        Breach.NATIONAL_ID_INVALID: "Fødselsnummeret er ikke gyldig.",
        Breach.NATIONAL_ID_OF_ANOTHER_DATE: "Fødselsnummeret stemmer ikke med fødselsdatoen.",
        Breach.TERMS_NOT_ACCEPTED: "Medlemsvilkårene er ikke godtatt.",
        Breach.CONSENT_IN_FUTURE: "Samtykket fra foresatte er datert frem i tid.",
        Breach.TRANSFER_IN_FUTURE: "Medlemskapet i det andre forbundet begynner frem i tid.",
        Breach.NO_EMPLOYMENT: "En stilling på 0 prosent er ikke et arbeidsforhold.",
        Breach.OTHERS_WITHOUT_FIRST: "Det første av arbeidsforholdene dine mangler.",
        Breach.MISSING_FOR_CATEGORY: "Det mangler opplysninger som trengs for å søke som {}.",
        Breach.NOT_FOR_CATEGORY: "Søknaden har noe som ikke hører til når du søker som {}.",
        Breach.HAS_PASSED: "Sluttdatoen du har oppgitt, er passert.",
        Breach.PENSIONER_TOO_YOUNG: "Pensjonistmedlemskapet er fra fylte {} år.",
        Breach.PENSION_IN_FUTURE: "Pensjonen begynner frem i tid.",
        Breach.AFP_TOO_EARLY: "AFP er mulig fra fylte {} år.",
        Breach.OLD_AGE_TOO_EARLY: "Alderspensjon er mulig fra fylte {} år.",
        Breach.DISABILITY_TOO_EARLY: "Uføretrygd er mulig fra fylte {} år.",
    },
    Language.NN: {
        Breach.BORN_IN_FUTURE: "Fødselsdatoen ligg fram i tid.",
        Breach.TOO_OLD: "Fødselsdatoen er meir enn {} år tilbake i tid.",
        Breach.TOO_YOUNG: "Du må ha fylt {} år for å bli medlem.",
        Breach.NATIONAL_ID_INVALID: "Fødselsnummeret er ikkje gyldig.",
        Breach.NATIONAL_ID_OF_ANOTHER_DATE: "Fødselsnummeret stemmer ikkje med fødselsdatoen.",
        Breach.TERMS_NOT_ACCEPTED: "Medlemsvilkåra er ikkje godtekne.",
        Breach.CONSENT_IN_FUTURE: "Samtykket frå føresette er datert fram i tid.",
        Breach.TRANSFER_IN_FUTURE: "Medlemskapet i det andre forbundet byrjar fram i tid.",
        Breach.NO_EMPLOYMENT: "Ei stilling på 0 prosent er ikkje eit arbeidsforhold.",
        Breach.OTHERS_WITHOUT_FIRST: "Det første av arbeidsforholda dine manglar.",
        Breach.MISSING_FOR_CATEGORY: "Det manglar opplysningar som trengst for å søkje som {}.",
        Breach.NOT_FOR_CATEGORY: "Søknaden har noko som ikkje høyrer til når du søkjer som {}.",
        Breach.HAS_PASSED: "Sluttdatoen du har oppgitt, er passert.",
        Breach.PENSIONER_TOO_YOUNG: "Pensjonistmedlemskapet er frå fylte {} år.",
        Breach.PENSION_IN_FUTURE: "Pensjonen byrjar fram i tid.",
        Breach.AFP_TOO_EARLY: "AFP er mogleg frå fylte {} år.",
        Breach.OLD_AGE_TOO_EARLY: "Alderspensjon er mogleg frå fylte {} år.",
        Breach.DISABILITY_TOO_EARLY: "Uføretrygd er mogleg frå fylte {} år.",
    },
    Language.EN: {
        Breach.BORN_IN_FUTURE: "The date of birth lies in the future.",
        Breach.TOO_OLD: "The date of birth is more than {} years ago.",
        Breach.TOO_YOUNG: "You must be {} or older to become a member.",
        Breach.NATIONAL_ID_INVALID: "The national identity number is not valid.",
        Breach.NATIONAL_ID_OF_ANOTHER_DATE: "The national identity number has another birth date.",
        Breach.TERMS_NOT_ACCEPTED: "The terms of membership have not been accepted.",
        Breach.CONSENT_IN_FUTURE: "The guardian's consent is dated in the future.",
        Breach.TRANSFER_IN_FUTURE: "The membership in the other union begins in the future.",
        Breach.NO_EMPLOYMENT: "A position of 0 per cent is no employment.",
        Breach.OTHERS_WITHOUT_FIRST: "The first of your employments is missing.",
        Breach.MISSING_FOR_CATEGORY: "Something that is needed to apply as {} is missing.",
        Breach.NOT_FOR_CATEGORY: "Something in the application does not belong to applying as {}.",
        Breach.HAS_PASSED: "The end date you gave has passed.",
        Breach.PENSIONER_TOO_YOUNG: "Pensioner membership is from the age of {}.",
        Breach.PENSION_IN_FUTURE: "The pension begins in the future.",
        Breach.AFP_TOO_EARLY: "AFP is possible from the age of {}.",
        Breach.OLD_AGE_TOO_EARLY: "An old-age pension is possible from the age of {}.",
        Breach.DISABILITY_TOO_EARLY: "A disability pension is possible from the age of {}.",
    },
}

_CHANGES = {name: message.card.change for name, message in MESSAGES.items() if message.card.change}

CHANGES: Final[Mapping[Language, Words]] = {
    Language.NB: {name: words.nb for name, words in _CHANGES.items()},
    Language.NN: {name: words.nn for name, words in _CHANGES.items()},
    Language.EN: {name: words.en for name, words in _CHANGES.items()},
}
"""What a member calls a change that lies ahead."""

REASONS: Final[Mapping[Language, Words]] = {
    Language.NB: {
        "prices": "fordi satsene våre endres",
        "position": "fordi det er meldt om en annen stillingsprosent",
        "branch": "fordi den lokale avdelingen din er en annen",
        "cover_ended": "fordi forsikringene i Ledernepakken er avsluttet for deg",
        "details": "fordi opplysningene vi regner etter, er endret",
    },
    Language.NN: {
        "prices": "fordi satsane våre blir endra",
        "position": "fordi det er meldt om ein annan stillingsprosent",
        "branch": "fordi den lokale avdelinga di er ei anna",
        "cover_ended": "fordi forsikringane i Ledernepakken er avslutta for deg",
        "details": "fordi opplysningane vi reknar etter, er endra",
    },
    Language.EN: {
        "prices": "because our rates are changing",
        "position": "because another working percentage has been reported",
        "branch": "because your local branch is another one",
        "cover_ended": "because the insurances in Ledernepakken have ended for you",
        "details": "because the details that we go by have changed",
    },
}
"""Why somebody pays otherwise than before."""

COVERAGES: Final[Mapping[Language, Words]] = {
    Language.NB: {
        "life": "livsforsikring",
        "disability": "uføreforsikring",
        "critical_illness": "kritisk sykdomsforsikring",
    },
    Language.NN: {
        "life": "livsforsikring",
        "disability": "uføreforsikring",
        "critical_illness": "kritisk sjukdomsforsikring",
    },
    Language.EN: {
        "life": "life insurance",
        "disability": "disability insurance",
        "critical_illness": "critical illness insurance",
    },
}
"""The parts of the insurance package (S6)."""

UNTIL: Final = {Language.NB: "til og med", Language.NN: "til og med", Language.EN: "until"}
"""Before the last day of a coverage."""

UNITS: Final[Mapping[Language, Mapping[str, tuple[str, str]]]] = {
    Language.NB: {
        "day": ("dag", "dager"),
        "month": ("måned", "måneder"),
        "year": ("år", "år"),
    },
    Language.NN: {
        "day": ("dag", "dagar"),
        "month": ("månad", "månader"),
        "year": ("år", "år"),
    },
    Language.EN: {
        "day": ("day", "days"),
        "month": ("month", "months"),
        "year": ("year", "years"),
    },
}
"""One, and more than one."""

BENEFITS: Final[Mapping[Language, Words]] = {
    Language.NB: {
        "annual_conference": "årskonferansen",
        "bank_agreement": "bankavtalen",
        "branch": "en lokal avdeling eller bedriftsgruppe",
        "collective_agreement": "tariffavtale med AFP og sluttvederlag",
        "discounts": "rabatt på flybilletter, hotell og billeie",
        "education_support": "støtte til etter- og videreutdanning",
        "funeral_contribution": "begravelsesbidrag",
        "holiday_flats": "leie av ferieleiligheter i Spania",
        "insurance_package": "Ledernepakken (personforsikringer, hver med sin aldersgrense)",
        "legal_help": "juridisk bistand i arbeidslivet",
        "life_and_accident_insurance": "livs- og familieulykkesforsikring, uten tillegg i prisen",
        "other_benefits": "de andre medlemsfordelene",
        "private_insurances": "private forsikringer",
        "private_legal_help": "privatjuridisk bistand",
        "student_accident_insurance": "ulykkesforsikring",
        "support_schemes": "stønadsordningene våre",
        "travel_discounts": "rabatt på flybilletter, hotell og billeie",
        "voluntary_insurances": "alle de frivillige medlemsforsikringene",
        "youth_courses": "kurs for studenter og yngre medlemmer",
    },
    Language.NN: {
        "annual_conference": "årskonferansen",
        "bank_agreement": "bankavtalen",
        "branch": "ei lokal avdeling eller bedriftsgruppe",
        "collective_agreement": "tariffavtale med AFP og sluttvederlag",
        "discounts": "rabatt på flybillettar, hotell og billeige",
        "education_support": "støtte til etter- og vidareutdanning",
        "funeral_contribution": "gravferdsbidrag",
        "holiday_flats": "leige av ferieleilegheiter i Spania",
        "insurance_package": "Ledernepakken (personforsikringar, kvar med si aldersgrense)",
        "legal_help": "juridisk hjelp i arbeidslivet",
        "life_and_accident_insurance": "livs- og familieulykkesforsikring, utan tillegg i prisen",
        "other_benefits": "dei andre medlemsfordelane",
        "private_insurances": "private forsikringar",
        "private_legal_help": "juridisk hjelp i private saker",
        "student_accident_insurance": "ulykkesforsikring",
        "support_schemes": "stønadsordningane våre",
        "travel_discounts": "rabatt på flybillettar, hotell og billeige",
        "voluntary_insurances": "alle dei frivillige medlemsforsikringane",
        "youth_courses": "kurs for studentar og yngre medlemmer",
    },
    Language.EN: {
        "annual_conference": "the annual conference",
        "bank_agreement": "the bank agreement",
        "branch": "a local branch or company group",
        "collective_agreement": "the collective agreement, with AFP and severance pay",
        "discounts": "discounts on flights, hotels and car hire",
        "education_support": "support for further education",
        "funeral_contribution": "a contribution to funeral expenses",
        "holiday_flats": "holiday flats in Spain",
        "insurance_package": "Ledernepakken (personal insurances, each with its age limit)",
        "legal_help": "legal help in working life",
        "life_and_accident_insurance": "life and family accident insurance, at no extra charge",
        "other_benefits": "the other benefits of membership",
        "private_insurances": "private insurances",
        "private_legal_help": "legal help in private matters",
        "student_accident_insurance": "accident insurance",
        "support_schemes": "our support schemes",
        "travel_discounts": "discounts on flights, hotels and car hire",
        "voluntary_insurances": "all the voluntary insurances for members",
        "youth_courses": "courses for students and younger members",
    },
}
"""Benefits are data and may be added there first: one without words is left out of the letter."""

FREE: Final = {Language.NB: "gratis", Language.NN: "gratis", Language.EN: "free of charge"}
