"""Deduction lists on PostgreSQL: made from the month's charges, set by set."""

from datetime import date
from pathlib import Path

import asyncpg
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from activities.database import load_queries
from schemas.deduction import (
    LOOK,
    WORKFLOW,
    DeductionListsOrder,
    DeductionListsReport,
    SettlementOrder,
    settlement_id,
)
from schemas.rulebook import Rulebook
from schemas.rules.calendar import bank_day_from, month_after, months_before

_SQL = load_queries(Path(__file__).with_name("sql") / "lists.sql")

EMPLOYERS_AT_A_TIME = 100
"""A transaction of a few seconds, so that a restart repeats little."""

WORKFLOWS_QUEUE = "membership"
"""Where settlements run; activities don't know ``workflows.options``."""

Connection = asyncpg.pool.PoolConnectionProxy


def report_due_on(period_from: date, rulebook: Rulebook) -> date:
    """Return the day an employer's report of a month is due, a bank day. Source: section 5."""
    following = month_after(period_from)
    day = rulebook.policies_on(following).report_due_day
    return bank_day_from(following.replace(day=day))


async def prepare(connection: Connection, order: DeductionListsOrder) -> list[str]:
    """Return the employers that have no list for a month and need one, in a fixed order."""
    async with connection.transaction():
        await _SQL.add_employers(connection, period_from=order.period_from)
        await _SQL.ask_about_unlisted(
            connection, period_from=order.period_from, opened_on=order.today
        )
    found = _SQL.employers_without_list(connection, period_from=order.period_from)
    return [row["orgnr"] async for row in found]


async def make_lists(
    connection: Connection, rulebook: Rulebook, order: DeductionListsOrder, orgnrs: list[str]
) -> DeductionListsReport:
    """Make the lists of some employers, in one transaction.

    Idempotent: the employers are locked first, and who has a list by then is left alone.
    """
    back = rulebook.policies_on(order.today).back_months
    async with connection.transaction():
        await _SQL.lock_employers(connection, orgnrs=orgnrs)
        made = await _SQL.make_lists(
            connection,
            orgnrs=orgnrs,
            period_from=order.period_from,
            since=months_before(order.period_from, back),
            made_on=order.today,
            report_due_on=report_due_on(order.period_from, rulebook),
        )
    return DeductionListsReport(**made)


async def lists_of(connection: Connection, period_from: date, after: str) -> list[str]:
    """Return the numbers of a month's lists, in order, after one of them."""
    found = _SQL.lists_of_a_month(connection, period_from=period_from, after=after)
    return [row["number"] async for row in found]


async def start_settlement(client: Client, list_number: str, period: str) -> bool:
    """Start a list's settlement; False when it has been started before."""
    try:
        await client.start_workflow(
            WORKFLOW,
            SettlementOrder(list_number=list_number),
            id=settlement_id(list_number.partition("-")[0], period),
            task_queue=WORKFLOWS_QUEUE,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        )
    except WorkflowAlreadyStartedError:
        return False
    return True


async def have_it_looked_at(client: Client, list_number: str, period: str) -> None:
    """Tell a list's settlement that a report or a payment has come.

    One that has not begun yet is started, and so is one that has ended: what comes late must
    still be seen by somebody.

    Args:
        client: of the worker.
        list_number: ``<payer number>-<serial>``.
        period: the list's month, ``YYYY-MM``.
    """
    await client.start_workflow(
        WORKFLOW,
        SettlementOrder(list_number=list_number),
        id=settlement_id(list_number.partition("-")[0], period),
        task_queue=WORKFLOWS_QUEUE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        start_signal=LOOK,
    )
