"""The page of a settlement in the Temporal UI: what is open, and what to do. It names nobody."""

from schemas.deduction.contracts import (
    DecideDeduction,
    Discrepancy,
    ListFigures,
    OpenPoint,
    SettlementState,
)
from schemas.membership.state import Rejected
from schemas.shared.amounts import kroner
from schemas.shared.vocabulary import Role

WHAT_TO_DO = {
    Discrepancy.NOT_DELIVERED: "it has not reached the employer; it is tried again every day",
    Discrepancy.REPORT_MISSING: "the report is overdue: ask the employer",
    Discrepancy.REPORT_INCOMPLETE: "lines of the overdue report are not answered: ask the employer",
    Discrepancy.CONTRADICTED: "lines were reported in two ways: ask the employer, then decide",
    Discrepancy.UNDECIDED: "lines were not deducted, and no rule says what follows: decide",
    Discrepancy.MONEY_WITHOUT_REPORT: "money has come without a report: ask the employer",
    Discrepancy.REPORT_WITHOUT_MONEY: "no money has come: ask the employer",
    Discrepancy.MONEY_SHORT: "less was paid than reported: ask the employer, or let it stand",
    Discrepancy.MONEY_OVER: "more was paid than reported: find out what it is for",
}

EXAMPLE = '{"membership_id":"…","decision":"invoice","caseworker":"your name","reason":"…"}'
CHOICES = (
    "The decision is `invoice`, `write_off` or `wait`. With `write_off` and without "
    "`membership_id`, what was paid less or more than reported is let stand."
)

OF_CASEWORKERS = frozenset(
    {
        Discrepancy.NOT_DELIVERED,
        Discrepancy.CONTRADICTED,
        Discrepancy.UNDECIDED,
        Discrepancy.MONEY_OVER,
    }
)


def roles_of(state: SettlementState) -> list[Role]:
    """Return whom a settlement waits for: the employer until it has reported and paid."""
    if state.settled:
        return []
    found = {matter.finding for matter in state.matters}
    roles = {Role.CASEWORKER} if found & OF_CASEWORKERS else set()
    figures = state.figures
    owes = figures.reported_ore - figures.accepted_ore > figures.paid_ore
    if figures.delivered_on is not None and (figures.unanswered or owes or not roles):
        roles.add(Role.EMPLOYER)
    return sorted(roles)


def settlement_page(
    list_number: str, state: SettlementState | None, why: str | None, rejected: tuple[Rejected, ...]
) -> str:
    """Return a settlement as Markdown: what is asked of whom first, then the figures.

    Args:
        list_number: the list's.
        state: where it stands; None before anybody has looked.
        why: what keeps the list from going out.
        rejected: the latest messages that were not applied.
    """
    parts = [f"## Deduction list {list_number}"]
    if why is not None:
        parts.append(f"Not delivered: {why}.")
    if state is not None:
        parts += [_matters(state), _decide(state), _figures(state.figures)]
    if rejected:
        lines = [f"`{_code(r.name)}` {r.at:%Y-%m-%d %H:%M}: {_plain(r.reason)}" for r in rejected]
        parts.append(_list("Messages that were not applied", lines))
    return "\n\n".join(part for part in parts if part)


def _matters(state: SettlementState) -> str:
    if state.settled:
        return "Settled."
    if not state.matters:
        due = state.figures.report_due_on
        return f"Waiting for the employer's report and payment, due {due}."
    return _list("Open", [_matter(matter) for matter in state.matters])


def _matter(matter: OpenPoint) -> str:
    sizes = [
        f"{matter.lines} lines" if matter.lines is not None else "",
        kroner(matter.amount_ore) if matter.amount_ore is not None else "",
    ]
    size = ", ".join(size for size in sizes if size)
    return WHAT_TO_DO[matter.finding] + (f" ({size})" if size else "")


def _decide(state: SettlementState) -> str:
    """Say how to decide, as long as something may have to be."""
    if state.settled or not (state.for_caseworkers or state.matters):
        return ""
    lines = [
        "### To decide",
        f"*More Actions* → *Send an Update* → `{DecideDeduction.card.name}`, with the data",
        f"```\n{EXAMPLE}\n```",
        CHOICES,
    ]
    if state.for_caseworkers:
        lines.append(_list("These lines", [f"`{member}`" for member in state.for_caseworkers]))
    return "\n\n".join(lines)


def _figures(figures: ListFigures) -> str:
    return _list(
        f"Figures for {figures.period}",
        [
            f"lines {figures.lines}, of them withheld {figures.withheld}",
            f"asked for {kroner(figures.expected_ore)}",
            f"reported {kroner(figures.reported_ore)}, lines not answered {figures.unanswered}",
            f"paid {kroner(figures.paid_ore)}",
            f"report due {figures.report_due_on}",
        ],
    )


def _list(title: str, lines: list[str]) -> str:
    return "\n".join([f"### {title}", *(f"- {line}" for line in lines)])


def _plain(text: str) -> str:
    """Return text from outside with Markdown's characters escaped, on one line."""
    line = " ".join(text.split())
    return "".join(f"\\{char}" if char in "\\`*_[]<>#|~!&" else char for char in line)


def _code(text: str) -> str:
    return " ".join(text.replace("`", "?").split())
