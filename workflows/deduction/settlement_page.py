"""The page of a settlement in the Temporal UI: what is open, and what to do. It names nobody."""

import json

from schemas.deduction.contracts import (
    Discrepancy,
    ListFigures,
    OpenPoint,
    SettlementState,
)
from schemas.desk.wording import Wording
from schemas.membership.state import Rejected
from schemas.shared.vocabulary import Role

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
    list_number: str,
    state: SettlementState | None,
    why: str | None,
    rejected: tuple[Rejected, ...],
    say: Wording,
) -> str:
    """Return a settlement as Markdown: what is asked of whom first, then the figures.

    Args:
        list_number: the list's.
        state: where it stands; None before anybody has looked.
        why: what keeps the list from going out.
        rejected: the latest messages that were not applied.
        say: in which language.
    """
    parts = [f"## {say('settlement.heading', number=list_number)}"]
    if why is not None:
        parts.append(say("settlement.not_delivered", why=say.sentence(why)))
    if state is not None:
        parts += [_matters(state, say), _decide(state, say), _figures(state.figures, say)]
    if rejected:
        lines = [
            f"`{_code(r.name)}` {say.moment(r.at)}: {_plain(say.sentence(r.reason))}"
            for r in rejected
        ]
        parts.append(_list(say("settlement.rejected"), lines))
    return "\n\n".join(part for part in parts if part)


def _matters(state: SettlementState, say: Wording) -> str:
    if state.settled:
        return say("settlement.settled")
    if not state.matters:
        return say("settlement.waiting", day=say.day(state.figures.report_due_on))
    return _list(say("settlement.open"), [_matter(matter, say) for matter in state.matters])


def _matter(matter: OpenPoint, say: Wording) -> str:
    sizes = [
        say("settlement.lines", count=matter.lines) if matter.lines is not None else "",
        say.kroner(matter.amount_ore) if matter.amount_ore is not None else "",
    ]
    size = ", ".join(size for size in sizes if size)
    return say(f"discrepancy.{matter.finding}") + (f" ({size})" if size else "")


def _decide(state: SettlementState, say: Wording) -> str:
    """Say how to decide, as long as something may have to be."""
    if state.settled or not (state.for_caseworkers or state.matters):
        return ""
    lines = [
        f"### {say('settlement.decide')}",
        say("settlement.decide_how"),
        f"```\n{_example(state, say)}\n```",
        say("settlement.choices"),
    ]
    if state.for_caseworkers:
        members = [f"`{member}`" for member in state.for_caseworkers]
        lines.append(_list(say("settlement.these"), members))
    return "\n\n".join(lines)


def _example(state: SettlementState, say: Wording) -> str:
    """Return what may be sent as it stands: about the first line, or what is left of all."""
    first = {"membership_id": state.for_caseworkers[0]} if state.for_caseworkers else {}
    data = {
        **first,
        "decision": "invoice" if first else "write_off",
        "caseworker": say("page.your_name"),
        "reason": say("settlement.reason"),
    }
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False)


def _figures(figures: ListFigures, say: Wording) -> str:
    return _list(
        say("settlement.figures", period=say.month(figures.period)),
        [
            say("settlement.figures_lines", lines=figures.lines, withheld=figures.withheld),
            say("settlement.figures_asked", kroner=say.kroner(figures.expected_ore)),
            say(
                "settlement.figures_reported",
                kroner=say.kroner(figures.reported_ore),
                unanswered=figures.unanswered,
            ),
            say("settlement.figures_paid", kroner=say.kroner(figures.paid_ore)),
            say("settlement.figures_due", day=say.day(figures.report_due_on)),
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
