"""What new prices come to, as tables for people."""

from rich.table import Table

from schemas.pricing.contracts import PricePreview, PriceTotal, RepricingReport
from schemas.shared.amounts import in_kroner
from workers.cli.shared.printing import console, counted, say, words

MAX_ROWS = 10
"""Lines of a list that are printed."""


def show_preview(found: PricePreview, *, dry_run: bool) -> None:
    """Print what a change would come to, and what would be sent to how many."""
    change = found.change
    for row in found.new:
        say(f"New in the rulebook from {change.effective_on}: {row}.")
    if not found.new:
        say(f"All of it stands in the rulebook already, from {change.effective_on}.")
    table = Table(title=f"Prices from {change.effective_on}, in kroner")
    table.add_column("Category")
    for name in ("Members", "Changing", "Month before", "Month after", "Year before", "Year after"):
        table.add_column(name, justify="right")
    table.add_column("Year ±", justify="right")
    for total in (*found.categories, found.total):
        table.add_row(*_cells(total))
    console().print(table)
    if found.largest:
        _show_largest(found)
    _show_letters(found, "would be" if dry_run else "will be")
    for month in found.charged_already:
        say(f"{month:%Y-%m} has been charged at the old prices: the next run corrects it.")
    if found.announce_by:
        dearer = f"Dearer from {found.dearer_from}: to" if found.dearer_from else "To"
        say(f"{dearer} be announced by {found.announce_by} (A41).")
    if found.unknown:
        say(f"Of an older version, and only known once told: {counted(found.unknown, 'member')}.")
    for one in found.unpriced[:MAX_ROWS]:
        say(f"Can't be priced: {one.membership_id}: {one.reason}.")
    say(f"{counted(found.members_per_second, 'member')} a second.")


def _cells(total: PriceTotal) -> list[str]:
    before, after = total.before, total.after
    return [
        words(total.category) if total.category else "all",
        f"{total.members:,}",
        f"{total.changing:,}",
        in_kroner(before.month_ore),
        in_kroner(after.month_ore),
        in_kroner(before.year_ore),
        in_kroner(after.year_ore),
        in_kroner(after.year_ore - before.year_ore),
    ]


def _show_largest(found: PricePreview) -> None:
    table = Table("Membership", "Category", title="The largest changes of a year, in kroner")
    for name in ("Before", "After", "±"):
        table.add_column(name, justify="right")
    for one in found.largest:
        table.add_row(
            one.membership_id,
            words(one.category),
            in_kroner(one.before_ore),
            in_kroner(one.after_ore),
            in_kroner(one.after_ore - one.before_ore),
        )
    console().print(table)


def _show_letters(found: PricePreview, how: str) -> None:
    total = found.total
    say(
        f"{counted(total.changing, 'member')} {how} written to. A CHANGE goes to the employers "
        f"that deduct for {total.through_payroll:,} of them, and to those who have been asked and "
        "not answered."
    )


def show_report(report: RepricingReport) -> None:
    """Print what became of a repricing."""
    say(
        f"{counted(report.letters, 'letter')} to members ordered; "
        f"{counted(report.employers, 'employer')} told of the prices from {report.effective_on}."
    )
    if report.members:
        say(
            f"{counted(report.members, 'member')} looked at, {report.told:,} had to plan anew, in "
            f"{counted(report.rounds, 'round')}."
        )
    if report.troubled:
        say(f"Can't be priced: {report.troubled:,}; each is a task.")
    if report.unconfirmed:
        say(
            f"Not planned anew: {counted(report.unconfirmed, 'member')}; a caseworker has the task."
        )
    elif report.told:
        say("All of them have planned anew.")
