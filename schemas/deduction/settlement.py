"""The three-way match: what was asked for, what was reported, what was paid. Pure."""

from datetime import date

from schemas.deduction.contracts import Discrepancy, ListFigures, OpenPoint


def match(figures: ListFigures, today: date) -> tuple[OpenPoint, ...]:
    """Return what stands between a list and its settlement.

    What has not come is not missing before the report's due day has passed: until then reports
    and money may come in any order, and nobody is troubled by which came first.

    Args:
        figures: the list as it stands.
        today: the business date.

    Returns:
        Nothing when the list is settled, or when all that is open is not yet due.

    Source: D6.
    """
    if figures.delivered_on is None:
        return (OpenPoint(finding=Discrepancy.NOT_DELIVERED),)
    found = []
    if figures.contradicted:
        found.append(OpenPoint(finding=Discrepancy.CONTRADICTED, lines=figures.contradicted))
    if figures.undecided:
        found.append(OpenPoint(finding=Discrepancy.UNDECIDED, lines=figures.undecided))
    if today > figures.report_due_on:
        found += _overdue(figures)
    return tuple(found)


def _overdue(figures: ListFigures) -> list[OpenPoint]:
    missing = figures.expected_ore - figures.reported_ore
    if figures.unanswered and not figures.answers:
        found = [OpenPoint(finding=Discrepancy.REPORT_MISSING, amount_ore=missing)]
        if figures.paid_ore:
            found.append(
                OpenPoint(finding=Discrepancy.MONEY_WITHOUT_REPORT, amount_ore=figures.paid_ore)
            )
        return found
    if figures.unanswered:
        lines = figures.unanswered
        return [OpenPoint(finding=Discrepancy.REPORT_INCOMPLETE, amount_ore=missing, lines=lines)]
    return _money(figures)


def _money(figures: ListFigures) -> list[OpenPoint]:
    difference = figures.reported_ore - figures.paid_ore - figures.accepted_ore
    if difference == 0:
        return []
    if difference < 0:
        return [OpenPoint(finding=Discrepancy.MONEY_OVER, amount_ore=-difference)]
    if figures.paid_ore == 0:
        return [OpenPoint(finding=Discrepancy.REPORT_WITHOUT_MONEY, amount_ore=difference)]
    return [OpenPoint(finding=Discrepancy.MONEY_SHORT, amount_ore=difference)]


def is_settled(figures: ListFigures) -> bool:
    """Tell whether nothing is open: every line settled, and the money what was reported."""
    return (
        figures.delivered_on is not None
        and not figures.open_lines
        and not figures.contradicted
        and not _money(figures)
    )
