"""Notes with each month how the union stood, of nobody: figures for the board."""

from decimal import Decimal
from pathlib import Path

from activities.database.pool import load_queries
from activities.dues.charging import Connection
from schemas.dues.contracts import DuesPeriod, DuesReport
from schemas.shared.vocabulary import LineKind

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")


async def note_month(connection: Connection, run: DuesPeriod, report: DuesReport) -> None:
    """Note how many members a month began with, and what it is charged with.

    The members are those of its first run; of the charges the last run's report counts.
    """
    kinds = [kind for kind in LineKind if any(one.kind is kind for one in report.totals)]
    async with connection.transaction():
        await _SQL.note_members(connection, period_from=run.period_from)
        await _SQL.note_dues(
            connection,
            period_from=run.period_from,
            kinds=list(kinds),
            members=[_at_least(report, kind) for kind in kinds],
            amounts=[
                Decimal(sum(one.amount_ore for one in report.totals if one.kind is kind))
                for kind in kinds
            ],
        )


def _at_least(report: DuesReport, kind: LineKind) -> int:
    """Return how many are charged for a kind: who has two payers in a month counts once."""
    groups: dict[tuple[str | None, str | None], int] = {}
    for one in report.totals:
        if one.kind is kind:
            of = one.category, one.branch
            groups[of] = max(groups.get(of, 0), one.members)
    return sum(groups.values())
