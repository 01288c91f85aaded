"""What a member is charged, as the table that the page in the Temporal UI shows."""

from collections.abc import Iterable

from schemas.dues.terms import Term
from schemas.shared.amounts import in_kroner
from schemas.shared.calendar import months_before

HEADS = ("charged", "kr", "each", "paid", "from", "to the end of")


def dues_table(terms: Iterable[Term]) -> str:
    """Return terms as a Markdown table, a row each, by whole months; nothing of none."""
    rows = [
        (
            str(term.kind).replace("_", " "),
            in_kroner(term.amount_ore),
            _EACH[term.cadence],
            str(term.payer),
            f"{term.valid_from:%Y-%m}",
            f"{months_before(term.valid_to, 1):%Y-%m}" if term.valid_to else "",
        )
        for term in terms
    ]
    if not rows:
        return ""
    apart = [tuple(f"{cell}{_APART}" for cell in row) for row in (HEADS, *rows)]
    lines = [apart[0], ("---", "--:", *("---",) * 4), *apart[1:]]
    return "\n".join(f"|{'|'.join(line)}|" for line in lines)


_APART = "\N{NO-BREAK SPACE}" * 2
"""The UI sets the columns of a table side by side with nothing in between."""

_EACH = {"monthly": "month", "quarterly": "quarter", "yearly": "year"}
