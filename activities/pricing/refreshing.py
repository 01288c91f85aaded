"""Bringing the records of sleeping memberships up to date with prices they were told of already."""

import asyncio
from pathlib import Path

import asyncpg
from temporalio import activity
from temporalio.client import Client

from activities.database.pool import load_queries
from activities.shared.signals import tell
from schemas.membership.messages.pricing import Reprice
from schemas.pricing.contracts import RefreshPage, RepricingPageReport

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

PAGE_SIZE = 1_000

A_SECOND = 20
"""Signals: a fraction of what a small server takes, for nobody waits for it."""


async def refresh_page(
    pool: asyncpg.Pool, client: Client, page: RefreshPage
) -> RepricingPageReport:
    """Have a page's records read the prices; see ``PricingActivities.refresh_records``."""
    details = activity.info().heartbeat_details
    done = RepricingPageReport.model_validate(details[0]) if details else RepricingPageReport()
    async with pool.acquire() as connection:
        found = _SQL.read_sleepers(
            connection,
            effective_on=page.order.effective_on,
            version=page.order.rulebook,
            after=done.last or page.after,
            size=PAGE_SIZE - done.members,
        )
        rows = [row async for row in found]
    for row in rows:
        heard = await tell(
            client, row["membership_id"], Reprice.card.name, {"rulebook": page.order.rulebook}
        )
        done = RepricingPageReport(
            members=done.members + 1, told=done.told + heard, last=row["member_number"]
        )
        activity.heartbeat(done)
        await asyncio.sleep(1 / A_SECOND)  # the rate is the point
    return done
