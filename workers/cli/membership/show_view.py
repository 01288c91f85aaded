"""Draws one membership for people: `medlemsflyt show`."""

from collections.abc import Iterable
from datetime import date

from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from activities.letters.lost_letters import LostLetter
from schemas.dues.terms import TermState
from schemas.membership.state import (
    Awaiting,
    Cause,
    Explanation,
    InsuranceState,
    InvoiceState,
    MembershipState,
    PayrollState,
    Upcoming,
)
from schemas.shared.amounts import in_kroner, kroner
from schemas.shared.calendar import oslo_date
from schemas.shared.vocabulary import Stage
from workers.cli.shared.printing import plain, words
from workers.cli.shared.rule_titles import legend
from workers.settings import DEFAULT_RULES_URL

ASLEEP = (
    "By the prices in force: the membership sleeps, and takes the new ones up itself when it wakes."
)

_COLOURS = {Stage.ACTIVE: "green", Stage.ENDED: "red"}


def render_state(
    state: MembershipState,
    url: str,
    lost: Iterable[LostLetter] = (),
    *,
    asleep: bool = False,
) -> RenderableType:
    """Return everything about a membership on one panel.

    Args:
        state: as the membership answered.
        url: its page in the Temporal UI.
        lost: the letters that did not arrive.
        asleep: it goes by older prices itself, until it wakes.
    """
    parts: list[RenderableType] = [_facts(state)]
    parts += _list("Waiting for", (_wait(wait) for wait in state.awaiting))
    parts += _list("Coming", _coming(state))
    parts += _list("The application breaks these rules", state.faults)
    if state.terms:
        parts += [Text("\nTerms", style="bold"), _terms(state.terms)]
    if asleep:
        parts.append(Text(ASLEEP, style="dim"))
    parts += _list(
        "Messages that were not applied",
        (
            f"{rejected.at:%Y-%m-%d %H:%M} UTC {rejected.name}: {rejected.reason}"
            for rejected in state.rejected_messages
        ),
    )
    parts += _list(
        "Letters that did not arrive",
        (f"{one.key}, {one.ordered_on}: {one.why} (resend {one.letter})" for one in lost),
    )
    parts.append(Text(f"\n{url}", style="dim", overflow="fold"))
    colour = _COLOURS.get(state.stage, "yellow")
    return Panel(Group(*parts), title=_title(state), title_align="left", border_style=colour)


def _title(state: MembershipState) -> Text:
    outcome = f": {words(state.outcome)}" if state.outcome else ""
    return Text(f"{plain(state.membership_id)} · {words(state.stage)}{outcome}", style="bold")


def _facts(state: MembershipState) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    facts = {
        "Category": words(state.category) if state.category else None,
        "Member": state.member_number,
        "Since": str(state.member_since) if state.member_since else None,
        "Branch": state.branch,
        "Hidden": "the employer must not learn of it" if state.hidden else None,
        "Insurance": _insurance(state.insurance),
        "First invoice": _invoice(state.first_invoice) if state.first_invoice else None,
        "Payroll": _payroll(state.payroll),
        "Can be reopened": f"until {state.open_until} (reopen)" if state.open_until else None,
    }
    for what, is_so in facts.items():
        if is_so is not None:
            table.add_row(what, Text(plain(is_so)))
    return table


def _wait(wait: Awaiting) -> str:
    until = f", until {wait.deadline}" if wait.deadline else ""
    return f"{words(wait.role)}: {wait.what}, since {oslo_date(wait.since)}{until}"


def _coming(state: MembershipState) -> list[str]:
    lines = [f"on leave until {state.on_leave_until}"] if state.on_leave_until else []
    lines += [_change(change) for change in state.upcoming]
    if state.leaves_on is not None and state.stage is not Stage.ENDED:
        lines.append(f"the last day is {state.leaves_on}")
    lines += [f"asked about {words(q.about)}, {oslo_date(q.at)}" for q in state.questions]
    return lines


def _change(change: Upcoming) -> str:
    until = f" until {change.until_on}" if change.until_on else ""
    return (
        f"{words(change.kind)} from {change.effective_on}{until}, recorded {change.recorded_on} "
        f"by {change.decided_by}"
    )


def _insurance(insurance: InsuranceState) -> str:
    return _joined(
        words(insurance.status),
        ("reservation until", insurance.reservation_deadline),
        ("covered from", insurance.covered_from),
        ("reserved from", insurance.reserved_from),
    )


def _invoice(invoice: InvoiceState) -> str:
    lines = ", ".join(f"{words(line.kind)} {in_kroner(line.amount_ore)}" for line in invoice.lines)
    return (
        f"{invoice.number}, {kroner(invoice.total_ore)} ({lines}), KID {invoice.kid}, "
        f"due {invoice.due_on}, {words(invoice.status)}"
        + (f", {kroner(invoice.paid_ore)} paid" if invoice.paid_ore else "")
    )


def _payroll(payroll: PayrollState) -> str:
    return _joined(
        words(payroll.status),
        ("asked", payroll.requested_on),
        ("from", payroll.first_period),
    )


def _terms(terms: Iterable[TermState]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("From", "To (excluded)", "What"):
        table.add_column(column, no_wrap=True)
    table.add_column("Kroner", justify="right", no_wrap=True)
    table.add_column("Every", no_wrap=True)
    table.add_column("Paid through", no_wrap=True)
    for term in terms:
        table.add_row(
            str(term.valid_from),
            str(term.valid_to or "open"),
            words(term.kind),
            in_kroner(term.amount_ore),
            term.cadence.removesuffix("ly"),
            words(term.payer),
        )
    return table


def explanation(
    found: Explanation, page: str = DEFAULT_RULES_URL, *, asleep: bool = False
) -> RenderableType:
    """Return why things are as they are, one fact a row, and below it what its rules are about.

    Args:
        found: the answer of the query.
        page: where the rules can be read.
        asleep: as in ``render_state``.
    """
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("When", "About", "What", "Because", "Rules", "By"):
        table.add_column(column, overflow="fold")
    for line in found.lines:
        table.add_row(
            f"{oslo_date(line.at)}",
            Text("\n".join(words(plain(what)) for what in (line.about, line.message) if what)),
            Text(plain(line.says)),
            Text("\n".join(_because(cause) for cause in line.because)),
            Text(", ".join(line.rules)),
            Text(plain(line.decided_by)),
        )
    rules = legend((rule for line in found.lines for rule in line.rules), page)
    return Group(table, rules, *([Text(ASLEEP, style="dim")] if asleep else []))


def _because(cause: Cause) -> str:
    told = f", recorded {cause.recorded_on}" if cause.recorded_on else ""
    return plain(f"{words(cause.fact)}, {cause.says}: {cause.effective_on}{told}")


def _list(title: str, lines: Iterable[str]) -> list[RenderableType]:
    shown: list[RenderableType] = [Text(f"• {plain(line)}", overflow="fold") for line in lines]
    return [Text(f"\n{title}", style="bold"), *shown] if shown else []


def _joined(status: str, *parts: tuple[str, date | str | None]) -> str:
    return ", ".join([status, *(f"{word} {value}" for word, value in parts if value)])
