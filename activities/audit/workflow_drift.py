"""Comparing the memberships that run with their rows, all at once, then those that differ."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
from pydantic import TypeAdapter, ValidationError
from temporalio.client import (
    Client,
    WorkflowExecution,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
)
from temporalio.common import SearchAttributeKey
from temporalio.service import RPCError, RPCStatusCode

from activities.audit.findings import Finding, Findings
from activities.audit.unattended import describe
from activities.database.pool import load_queries, patiently
from activities.shared.failing import failing_activities
from schemas import names
from schemas.audit.contracts import AuditPart, AuditPlan, Check, CheckReport, Suspects
from schemas.dues.terms import TermState
from schemas.membership.state import MembershipState
from schemas.names import WorkflowType
from schemas.shared.base import Contract, Day
from schemas.shared.vocabulary import Cadence, LineKind, Payer, Stage

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

STAGE = SearchAttributeKey.for_keyword(names.STAGE.name)
CATEGORY = SearchAttributeKey.for_keyword(names.CATEGORY.name)

REBUILD = "run medlemsflyt rebuild with its id"
"""What puts a membership right that PostgreSQL knows and its workflow does not (ADR 101)."""

PAGE_SIZE = 1_000
"""As many as the server hands over at a time."""

SUSPECTS = 2_000
"""So many are looked at again; more differ only when something is wrong with all of them."""

QUERIED_AT_ONCE = 50
"""Memberships asked each night although nothing is to be seen from outside."""

AT_ONCE = 10
FINAL_TRIES = 3
PAUSE_SECONDS = 1.0
"""Between two looks at one that differs: a decision is written in a moment."""


async def compare_workflows(
    pool: asyncpg.Pool, client: Client, plan: AuditPlan, beat: Callable[[], None]
) -> AuditPart:
    """Compare all running memberships with their rows, and name those that differ.

    Args:
        pool: one connection is kept for as long as it takes: it holds what runs.
        client: to read what runs.
        plan: of the audit.
        beat: called after each page.
    """
    query = f'WorkflowType="{WorkflowType.MEMBERSHIP}" AND ExecutionStatus="Running"'
    async with pool.acquire() as connection, patiently(connection):
        await _SQL.open_running(connection)
        page: list[tuple[Any, ...]] = []
        async for found in client.list_workflows(query, page_size=PAGE_SIZE):
            page.append(_shown(found))
            if len(page) == PAGE_SIZE:
                await connection.copy_records_to_table("running", records=page)
                page.clear()
                beat()
        await connection.copy_records_to_table("running", records=page)
        return await _compared(connection, plan)


def _shown(found: WorkflowExecution) -> tuple[Any, ...]:
    attributes = found.typed_search_attributes
    return found.id, attributes.get(STAGE), attributes.get(CATEGORY)


async def _compared(connection: asyncpg.pool.PoolConnectionProxy, plan: AuditPlan) -> AuditPart:
    await _SQL.index_running(connection)
    count = await _SQL.count_running(connection)
    today = plan.opening.today
    compared = _SQL.compare_running(connection, most=SUSPECTS, today=today)
    rows = [row async for row in compared]
    asked = _SQL.choose_running(connection, salt=today.isoformat(), size=QUERIED_AT_ONCE)
    suspects = {row["workflow_id"] for row in rows} | {row["workflow_id"] async for row in asked}
    differing = rows[0]["differing"] if rows else 0
    whole = CheckReport(
        check=Check.WORKFLOW_STANDING,
        looked_at=count,
        # Who is not looked at again counts as it is.
        drifted=max(0, differing - SUSPECTS),
        cut=differing > SUSPECTS,
    )
    return AuditPart(checks=(whole,), suspects=tuple(sorted(suspects)))


async def look_again(pool: asyncpg.Pool, client: Client, suspects: Suspects) -> AuditPart:
    """Ask memberships themselves, and compare stage, category and terms with their rows.

    Returns:
        Who differs: as suspects, or for good when this is the final look.
    """
    ids, final = suspects.workflow_ids, suspects.final
    looked_at = 0 if final else len(ids)
    findings = Findings(
        {
            Check.WORKFLOW_MISSING: looked_at,
            Check.WORKFLOW_WITHOUT_ROW: looked_at,
            Check.REOPENING_LOST: looked_at,
            Check.WORKFLOW_LOG: looked_at,
            # All have been counted when they were compared.
            Check.WORKFLOW_STANDING: 0,
            Check.WORKFLOW_TERMS: looked_at,
            Check.ACTIVITY_FAILING: looked_at,
        }
    )
    differing = []
    tries = FINAL_TRIES if final else 1
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        today = suspects.plan.opening.today
        judged = await asyncio.gather(*(_judge(pool, client, one, tries, today) for one in some))
        for finding in judged:
            if finding is None:
                continue
            differing.append(finding.subject)
            if final:
                findings.add(finding)
    async with pool.acquire() as connection:
        checks = await findings.keep(connection, suspects.plan)
    return AuditPart(checks=checks, suspects=() if final else tuple(differing))


async def _judge(
    pool: asyncpg.Pool, client: Client, workflow_id: str, tries: int, today: date
) -> Finding | None:
    """Return what is the matter with one, if it stays so for a moment."""
    finding = await _difference(pool, client, workflow_id, today)
    for _ in range(tries - 1):
        if finding is None:
            break
        await asyncio.sleep(PAUSE_SECONDS)  # a decision under way sets no event of ours
        finding = await _difference(pool, client, workflow_id, today)
    return finding


async def _difference(
    pool: asyncpg.Pool, client: Client, workflow_id: str, today: date
) -> Finding | None:
    found = await describe(client, workflow_id)
    running = found is not None and found.status is WorkflowExecutionStatus.RUNNING
    for failing in await failing_activities(found) if found is not None and running else ():
        return Finding(Check.ACTIVITY_FAILING, workflow_id, failing.says)
    state = await _ask(client, workflow_id) if running else None
    async with pool.acquire() as connection:
        row = await _SQL.read_row(connection, membership_id=workflow_id)
    if row is None:
        says = "a workflow runs for a membership that the database does not know"
        return Finding(Check.WORKFLOW_WITHOUT_ROW, workflow_id, says) if running else None
    if row["stage"] == Stage.ENDED:
        return _difference_after_the_end(workflow_id, found, state, row["open_until"], today)
    if not running:
        says = f"the membership is {row['stage']}, and no workflow runs for it: {REBUILD}"
        return _of(Check.WORKFLOW_MISSING, workflow_id, says)
    if state is None:
        says = f"the workflow does not answer: see that the workers run, then {REBUILD}"
        return _of(Check.WORKFLOW_STANDING, workflow_id, says)
    if state.decisions not in {0, row["last_decision"]}:
        says = (
            f"the workflow knows {state.decisions} decisions, the database {row['last_decision']}: "
            f"{REBUILD}"
        )
        return _of(Check.WORKFLOW_LOG, workflow_id, says)
    if (state.stage, state.category) != (row["stage"], row["category"]):
        says = (
            f"the workflow says {state.stage}, {state.category}; the database {row['stage']}, "
            f"{row['category']}: {REBUILD}"
        )
        return _of(Check.WORKFLOW_STANDING, workflow_id, says)
    wrong = _difference_of_terms(state, row["terms"])
    return _of(Check.WORKFLOW_TERMS, workflow_id, wrong) if wrong else None


def _difference_after_the_end(
    workflow_id: str,
    found: WorkflowExecutionDescription | None,
    state: MembershipState | None,
    open_until: date | None,
    today: date,
) -> Finding | None:
    """Return what is the matter with one that has ended. Source: L9.

    Until the last day it can be reopened it must hear of it. One that has run to its end let go of
    it by right: older versions kept none open.
    """
    if found is not None and found.status is WorkflowExecutionStatus.RUNNING:
        says = "the membership has ended, and its workflow still runs"
        rightly = _may_still_run(state, open_until, today)
        return None if rightly else _of(Check.WORKFLOW_WITHOUT_ROW, workflow_id, says)
    completed = found is not None and found.status is WorkflowExecutionStatus.COMPLETED
    if open_until is None or open_until < today or completed:
        return None
    says = (
        f"the membership can be reopened until {open_until}, and no workflow runs that would hear "
        f"of it: {REBUILD}"
    )
    return _of(Check.REOPENING_LOST, workflow_id, says)


def _may_still_run(state: MembershipState | None, open_until: date | None, today: date) -> bool:
    """Tell whether a membership that has ended has its workflow by right. Source: L9.

    One that can't be reopened has it until its last letters have gone out, and one of which a death
    is reported until somebody has decided whose it is (M17).
    """
    if state is None or state.stage is not Stage.ENDED:
        return False
    return open_until is None or today <= open_until or bool(state.awaiting)


class _Kept(Contract):
    """A term as the database has it.

    Attributes:
        amounts: what it has ever come to, in øre, by one price or another.
    """

    kind: LineKind
    cadence: Cadence
    payer: Payer
    valid_from: Day
    valid_to: Day | None
    amounts: tuple[int, ...]


_TERMS = TypeAdapter(tuple[_Kept, ...])


def _difference_of_terms(state: MembershipState, terms: str) -> str | None:
    """Return what is the matter with terms; one that can't be read stops no audit."""
    try:
        kept = _TERMS.validate_json(terms)
    except ValidationError:
        return "the terms in the database can't be read"
    same = _spans(state.terms) == _spans(kept)
    if same and all(_is_kept(term, kept) for term in state.terms):
        return None
    return "workflow and database have different terms"


def _is_kept(term: TermState, kept: Iterable[_Kept]) -> bool:
    """Tell whether the database has what holds on a term's first day, at whatever price."""
    return any(
        one.kind is term.kind
        and one.valid_from <= term.valid_from
        and (one.valid_to is None or term.valid_from < one.valid_to)
        and term.amount_ore in one.amounts
        for one in kept
    )


_Paid = tuple[LineKind, Cadence, Payer]


def _spans(terms: Iterable[TermState | _Kept]) -> dict[_Paid, list[tuple[date, date | None]]]:
    """Return from when until when what is paid how, whatever it comes to."""
    found: dict[_Paid, list[tuple[date, date | None]]] = {}
    for term in sorted(terms, key=lambda term: term.valid_from):
        spans = found.setdefault((term.kind, term.cadence, term.payer), [])
        if spans and spans[-1][1] == term.valid_from:
            spans[-1] = (spans[-1][0], term.valid_to)
        else:
            spans.append((term.valid_from, term.valid_to))
    return found


def _of(check: Check, membership_id: str, says: str) -> Finding:
    return Finding(check, membership_id, says, membership_id)


async def _ask(client: Client, workflow_id: str) -> MembershipState | None:
    """Return what a membership says of itself; None: it does not answer.

    Raises:
        RPCError: Temporal does not answer; retried.
    """
    try:
        answer = await client.get_workflow_handle(workflow_id).query("state")
        return MembershipState.model_validate(answer)
    except ValidationError:
        return None
    except RPCError as error:
        if error.status is RPCStatusCode.UNAVAILABLE:
            raise
        return None
