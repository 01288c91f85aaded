"""Who must hear of new prices: those whose terms are not what the rules make of their facts.

Nothing is noted of who was told. Whoever has planned anew needs no telling, whoever has not is
told again: the state itself says who is left, after any crash.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
from pydantic import TypeAdapter, ValidationError
from temporalio import activity
from temporalio.client import Client

from activities.database.pool import load_queries
from activities.shared.signals import tell
from activities.shared.tasks import open_task
from schemas.dues.plan import plan_rates
from schemas.dues.terms import RatedTerm, Term
from schemas.membership.messages.pricing import Reprice
from schemas.membership.situation import Facts
from schemas.pricing.contracts import RepricingPage, RepricingPageReport
from schemas.pricing.rulebook import NotInForce, Rulebook

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")
_TERMS = TypeAdapter(tuple[RatedTerm | Term, ...])

PAGE_SIZE = 1_000
"""Members looked at in one activity: a quarter of a minute when all of them are told."""

AT_ONCE = 8
A_SECOND = 80
"""Signals: what a small server takes beside its other work. Each wakes a workflow."""


class Outdated(Exception):
    """A member's terms can't be told to be right or wrong; its text says why."""


async def tell_page(
    pool: asyncpg.Pool, client: Client, rulebook: Rulebook, page: RepricingPage
) -> RepricingPageReport:
    """Tell whom it concerns; see ``PricingActivities.tell_repricing_page``."""
    done = _resumed()
    size = PAGE_SIZE - done.members
    async with pool.acquire() as connection:
        found = _SQL.read_terms(
            connection, after=done.last or page.after, size=size, rules=page.rules
        )
        rows = [row async for row in found]
    for start in range(0, len(rows), AT_ONCE):
        began = time.monotonic()
        some = rows[start : start + AT_ONCE]
        waiting, faults = await asyncio.to_thread(_sorted_out, some, rulebook)
        for membership_id, reason in faults:
            key = f"repricing/{membership_id}/{rulebook.version}"
            await _open_task(pool, key, membership_id, reason, page.today)
        await asyncio.gather(
            *(
                tell(client, one, Reprice.card.name, {"rulebook": rulebook.version, "anew": True})
                for one in waiting
            )
        )
        done = RepricingPageReport(
            members=done.members + len(some),
            told=done.told + len(waiting),
            troubled=done.troubled + len(faults),
            last=some[-1]["member_number"],
        )
        activity.heartbeat(done)
        # The rate is the point: what is sent faster only queues at the server.
        await asyncio.sleep(max(0.0, len(waiting) / A_SECOND - (time.monotonic() - began)))
    return done


def _resumed() -> RepricingPageReport:
    """Return how far an attempt before this one had come."""
    details = activity.info().heartbeat_details
    return RepricingPageReport.model_validate(details[0]) if details else RepricingPageReport()


def _sorted_out(
    rows: Sequence[Mapping[str, Any]], rulebook: Rulebook
) -> tuple[list[str], list[tuple[str, str]]]:
    """Return who must be told, and who can't be planned and why."""
    waiting: list[str] = []
    faults: list[tuple[str, str]] = []
    for row in rows:
        try:
            if is_outdated(row["facts"], row["terms"], rulebook):
                waiting.append(row["membership_id"])
        except Outdated as fault:
            faults.append((row["membership_id"], str(fault)))
    return waiting, faults


def is_outdated(facts: str | None, terms: str, rulebook: Rulebook) -> bool:
    """Tell whether a member's terms differ from what the rules make of the facts.

    Args:
        facts: ``Facts`` as JSON; None: an older version did not keep them, so nobody can tell.
        terms: the present terms as JSON.
        rulebook: as it stands.

    Raises:
        Outdated: nothing can be planned.
    """
    if facts is None:
        return True
    try:
        known = _TERMS.validate_json(terms)
    except ValidationError:
        raise Outdated("the terms can't be read") from None
    try:
        planned = plan_rates(Facts.model_validate_json(facts), rulebook)
    except (ValidationError, NotInForce) as error:
        raise Outdated(
            str(error) if isinstance(error, NotInForce) else "the facts can't be read"
        ) from None
    return set(planned) != set(known)


async def _open_task(
    pool: asyncpg.Pool, key: str, membership_id: str, reason: str, today: date
) -> None:
    async with pool.acquire() as connection:
        await open_task(
            connection,
            key=key,
            kind="repricing",
            says=f"new prices can't be worked out: {reason}; mend the rulebook or the facts",
            today=today,
            membership_id=membership_id,
        )
