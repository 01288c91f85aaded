"""What a member is charged, as the table that the page in the Temporal UI shows."""

from collections.abc import Iterable

from schemas.desk.wording import Wording
from schemas.dues.terms import Term
from schemas.shared.calendar import months_before

_HEADS = ("charged", "kroner", "each", "paid", "from", "until")


def dues_table(terms: Iterable[Term], say: Wording) -> str:
    """Return terms as a Markdown table, a row each, by whole months; nothing of none."""
    rows = [
        (
            say.word("line", term.kind),
            say.amount(term.amount_ore),
            say.word("cadence", term.cadence),
            say.word("payer", term.payer),
            say.month(term.valid_from),
            say.month(months_before(term.valid_to, 1)) if term.valid_to else "",
        )
        for term in terms
    ]
    if not rows:
        return ""
    heads = tuple(say(f"dues.{head}") for head in _HEADS)
    apart = [tuple(f"{cell}{_APART}" for cell in row) for row in (heads, *rows)]
    lines = [apart[0], ("---", "--:", *("---",) * 4), *apart[1:]]
    return "\n".join(f"|{'|'.join(line)}|" for line in lines)


_APART = "\N{NO-BREAK SPACE}" * 2
"""The UI sets the columns of a table side by side with nothing in between."""
