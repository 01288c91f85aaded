"""Settling a deduction list on PostgreSQL: the match is pure, its effects one statement."""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import asyncpg

from activities.database.pool import load_queries, patiently
from activities.secrecy.words import words_of
from activities.shared.tasks import close_task_of, open_task
from activities.shared.unknown import Unknown
from schemas.deduction.contracts import (
    DeductionAnswer,
    DeductionDecision,
    Discrepancy,
    ListFigures,
    ListRequest,
    OpenPoint,
    SettlementState,
)
from schemas.deduction.settlement import is_settled, match
from schemas.names import settlement_id
from schemas.pricing.rulebook import Rulebook
from schemas.shared.calendar import bank_day_from

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy

SAYS = {
    Discrepancy.REPORT_MISSING: "the employer's report is overdue; {ore} øre are unaccounted for. "
    "Ask the employer, or decide line by line with decide_deduction on the settlement.",
    Discrepancy.REPORT_INCOMPLETE: "{lines} lines of the overdue report are not answered, of {ore} "
    "øre. Ask the employer, or decide line by line with decide_deduction on the settlement.",
    Discrepancy.MONEY_WITHOUT_REPORT: "{ore} øre were paid, but there is no report. "
    "Ask the employer.",
    Discrepancy.REPORT_WITHOUT_MONEY: "{ore} øre were reported as deducted, but nothing was paid. "
    "Ask the employer.",
    Discrepancy.MONEY_SHORT: "{ore} øre less were paid than reported. Ask the employer, or let it "
    "stand with decide_deduction (write_off, without membership_id) on the settlement.",
    Discrepancy.MONEY_OVER: "{ore} øre more were paid than reported. Find out what they are for, "
    "or let them stand with decide_deduction (write_off, without membership_id) on the settlement.",
}
"""What the task of each list-wide matter says; a line's own task names its member."""


async def settle(
    connection: Connection, rulebook: Rulebook, request: ListRequest
) -> SettlementState:
    """Settle what can be settled of a list; see ``DeductionActivities.settle_list``.

    What is invoiced instead comes with its line in one statement: ``check_invoice_totals``.
    """
    async with patiently(connection):
        found = await _lock(connection, request.list_number)
        letters = await _SQL.settle(
            connection,
            list_number=request.list_number,
            period_from=found["period_from"],
            delivered=found["delivered_on"] is not None,
            batch=_batch(found),
            today=request.today,
            due_on=_due_on(request.today, rulebook),
        )
        if found["delivered_on"] is not None:
            letters += await _correct(connection, found, request, rulebook)
            for closed in (_SQL.close_line_tasks, _SQL.close_contradictions):
                await closed(connection, list_number=request.list_number, today=request.today)
        figures = await _figures(connection, found)
        matters = match(figures, request.today)
        await _keep_tasks(connection, figures, matters, request.today)
        waiting = _SQL.read_open_lines(connection, list_number=request.list_number)
        return SettlementState(
            figures=figures,
            matters=matters,
            for_caseworkers=tuple([row["membership_id"] async for row in waiting]),
            batch=_batch(found) if letters else None,
            settled=is_settled(figures),
        )


async def _correct(
    connection: Connection, found: Mapping[str, Any], request: ListRequest, rulebook: Rulebook
) -> int:
    """Bring settled lines to what an accepted report says; return how many letters that orders."""
    corrected = await _SQL.correct(
        connection,
        list_number=request.list_number,
        period_from=found["period_from"],
        batch=_batch(found),
        today=request.today,
        due_on=_due_on(request.today, rulebook),
    )
    if corrected["credited"]:
        await _SQL.use_credits(
            connection, membership_ids=corrected["credited"], today=request.today
        )
    return int(corrected["letters"])


async def decide(connection: Connection, decision: DeductionDecision) -> DeductionAnswer:
    """Keep a caseworker's decision; see ``DeductionActivities.decide_deduction``."""
    async with connection.transaction():
        found = await _lock(connection, decision.list_number)
        if decision.membership_id is None:
            return await _accept_difference(connection, found, decision)
        if await _SQL.find_decision(connection, key=decision.key):
            return DeductionAnswer(applied=True, says=decision.decision)
        line = await _SQL.find_line(
            connection, list_number=decision.list_number, membership_id=decision.membership_id
        )
        refusal = _refusal(found, line)
        if refusal is not None:
            return DeductionAnswer(applied=False, refusal=refusal)
        given = decision.model_dump(
            include={"list_number", "membership_id", "decision", "caseworker", "reason", "key"}
        )
        given["reason"] = await words_of(connection).seal(
            decision.reason, decision.membership_id, "line_decisions.reason", given
        )
        await _SQL.keep_decision(connection, **given, today=decision.today)
    return DeductionAnswer(applied=True, says=decision.decision)


def _refusal(found: Mapping[str, Any], line: Mapping[str, Any] | None) -> str | None:
    if found["delivered_on"] is None:
        return "the list has not reached the employer yet"
    if line is None:
        return "membership_id: is not on this list"
    if line["outcome"] is not None:
        return f"the line is settled already: {line['outcome']}"
    return None


async def _accept_difference(
    connection: Connection, found: Mapping[str, Any], decision: DeductionDecision
) -> DeductionAnswer:
    """Let stand what the employer paid less, or more, than it reported."""
    if await _SQL.find_write_off(connection, list_number=decision.list_number):
        return DeductionAnswer(applied=True, says=decision.decision)
    figures = await _figures(connection, found)
    difference = figures.reported_ore - figures.paid_ore
    if figures.unanswered or figures.contradicted:
        refusal = "membership_id: is required while lines are not answered"
        return DeductionAnswer(applied=False, refusal=refusal)
    if difference == 0:
        refusal = "membership_id: is required, since the employer paid what it reported"
        return DeductionAnswer(applied=False, refusal=refusal)
    await _SQL.write_off_list(
        connection,
        list_number=decision.list_number,
        amount_ore=difference,
        caseworker=decision.caseworker,
        reason=decision.reason,
        today=decision.today,
    )
    return DeductionAnswer(applied=True, says=decision.decision)


async def _lock(connection: Connection, list_number: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] | None = await _SQL.lock_list(connection, list_number=list_number)
    if found is None:
        raise Unknown("there is no such list")
    return found


async def _figures(connection: Connection, found: Mapping[str, Any]) -> ListFigures:
    sums = await _SQL.read_figures(connection, list_number=found["list_number"])
    return ListFigures(
        list_number=found["list_number"],
        payer_number=found["payer_number"],
        period=_period(found),
        report_due_on=found["report_due_on"],
        delivered_on=found["delivered_on"],
        **sums,
    )


async def _keep_tasks(
    connection: Connection, figures: ListFigures, matters: tuple[OpenPoint, ...], today: date
) -> None:
    """Open a task for each list-wide matter, and close those that have settled themselves."""
    open_now = {matter.finding: matter for matter in matters}
    for finding, says in SAYS.items():
        key = f"deduction/{finding}/{figures.list_number}"
        matter = open_now.get(finding)
        if matter is None:
            await close_task_of(connection, key, today=today, by="settlement")
            continue
        text = says.format(ore=matter.amount_ore, lines=matter.lines)
        await open_task(
            connection,
            key=key,
            kind=f"deduction_{finding}",
            says=f"List {figures.list_number}: {text}",
            today=today,
        )


def _period(found: Mapping[str, Any]) -> str:
    return f"{found['period_from']:%Y-%m}"


def _batch(found: Mapping[str, Any]) -> str:
    """Return the name of the letters a settlement orders: its own."""
    return settlement_id(found["payer_number"], _period(found))


def _due_on(today: date, rulebook: Rulebook) -> date:
    """Return the due date of an invoice of today: a bank day. Source: P2, A35."""
    return bank_day_from(today + timedelta(days=rulebook.policies_on(today).payment_days))
