"""The words of letters in Nynorsk, by what they are in Bokmål; the others are the same in both."""

from collections.abc import Mapping
from typing import Final

NYNORSK: Final[Mapping[str, str]] = {
    # Kinds of lines, and how often they come
    "Korrigering": "Retting",
    "per måned": "per månad",
    # Why an application can't be approved
    "Fødselsdatoen ligger frem i tid.": "Fødselsdatoen ligg fram i tid.",
    "Fødselsdatoen er mer enn {} år tilbake i tid.": "Fødselsdatoen er meir enn {} år tilbake i "
    "tid.",
    "Fødselsnummeret er ikke gyldig.": "Fødselsnummeret er ikkje gyldig.",
    "Fødselsnummeret stemmer ikke med fødselsdatoen.": "Fødselsnummeret stemmer ikkje med "
    "fødselsdatoen.",
    "Medlemskapet i det andre forbundet begynner frem i tid.": "Medlemskapet i det andre "
    "forbundet byrjar fram i tid.",
    "Medlemsvilkårene er ikke godtatt.": "Medlemsvilkåra er ikkje godtekne.",
    # Why a line is on an invoice
    "Korrigering: {kind}, {period}": "Retting: {kind}, {period}",
    "Du er belastet {was}. Riktig beløp er {is_}.": "Du er belasta {was}. Rett beløp er {is_}.",
    "Det ble trukket {was} i lønnen din. Riktig beløp er {is_}.": "Det blei trekt {was} i løna "
    "di. Rett beløp er {is_}.",
    "Du er ikke belastet for dette før. Riktig beløp er {is_}.": "Du er ikkje belasta for dette "
    "før. Rett beløp er {is_}.",
    "Du er belastet {was}, men skulle ikke ha betalt noe.": "Du er belasta {was}, men skulle "
    "ikkje ha betalt noko.",
    "Arbeidsgiveren har ikke trukket beløpet i lønnen din: {reason}. "
    "Derfor får du fakturaen selv.": "Arbeidsgivaren har ikkje trekt beløpet i løna di: {reason}. "
    "Difor får du fakturaen sjølv.",
    "Arbeidsgiveren har ikke trukket beløpet i lønnen din. "
    "Derfor får du fakturaen selv.": "Arbeidsgivaren har ikkje trekt beløpet i løna di. "
    "Difor får du fakturaen sjølv.",
    "du er meldt som sluttet": "du er meld som slutta",
    "du er meldt i permisjon uten lønn": "du er meld i permisjon utan løn",
    "du er meldt som permittert": "du er meld som permittert",
    "du er meldt med utbetaling fra Nav": "du er meld med utbetaling frå Nav",
    "du er meldt som pensjonist": "du er meld som pensjonist",
    "du fikk ikke lønn den måneden": "du fekk ikkje løn den månaden",
}
"""Of the letters that are written in Nynorsk: for the others nobody asks."""
