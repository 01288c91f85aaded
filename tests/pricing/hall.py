"""Members who live in workflows, and prices that change for all of them."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
from temporalio import activity
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from activities.database.pool import open_pool
from activities.letters.settings import NotificationSettings
from activities.pricing.activities import Pricing
from activities.pricing.preview import preview
from schemas.names import mailing_id, price_announcement_id, repricing_id
from schemas.pricing.contracts import PriceChange, PricePreview, RepricingPage, RepricingPageReport
from schemas.pricing.notice import earliest_rise
from schemas.shared.calendar import month_after
from tests.clock import Skipper, today
from tests.life import Json, Life, application, synthetic_id
from tests.roles import pools_of_workers
from workers import notifications, persistence, versions, workflows
from workers.cli.pricing.reprice import approve
from workers.settings import DEVELOPMENT_BUILD
from workers.stack import TemporalServer


class Dying(Pricing):
    """Tells a page and dies before it can say so, as often as it is told to."""

    deaths = 0

    @activity.defn(name="tell_repricing_page")
    async def tell_repricing_page(self, page: RepricingPage) -> RepricingPageReport:
        """Tell, and lose the answer."""
        report = await super().tell_repricing_page(page)
        if self.deaths:
            self.deaths -= 1
            raise ConnectionError("died before it answered")
        return report


@dataclass
class Hall:
    """Where prices change.

    Attributes:
        effective_on: the earliest month for which they may, whatever they become (A41).
        coming: the next month, which may be charged already.
    """

    address: str
    database_url: str
    client: Client
    pool: asyncpg.Pool
    pricing: Dying
    mail_dir: Path
    list_folder: Path
    effective_on: date
    coming: date

    def lists(self) -> list[bytes]:
        """Return the files that lie in the employers' folders."""
        return [
            file.read_bytes() for file in sorted(self.list_folder.glob("*/lonnstrekk-*-*-*.csv"))
        ]

    async def applies(self, **form: Any) -> Life:
        """Let somebody apply, as the example's applicant with fields replaced."""
        born = form.get("applicant", {}).get("birth_date", "1986-04-12")
        form["applicant"] = {"national_id": synthetic_id(born), **form.get("applicant", {})}
        handle = await self.client.start_workflow(
            "Membership",
            application(**form),
            id=f"membership-{uuid.uuid4()}",
            task_queue="membership",
        )
        life = Life(handle, Skipper(self.client), self.pool, self.mail_dir)
        await life.settle()
        return life

    async def joins(self, *, approved: dict[str, Any] | None = None, **form: Any) -> Life:
        """Let somebody join, as the example's member with fields replaced."""
        life = await self.applies(**form)
        await life.approve(**(approved or {}))
        await life.settle()
        return life

    def change(self, **values: Any) -> PriceChange:
        """Return a change for the earliest month possible."""
        return PriceChange.model_validate({"effective_on": self.effective_on, **values})

    async def preview(self, change: PriceChange) -> PricePreview:
        """Return what a change would come to."""
        return await preview(self.pool, change, today=today())

    async def approve(self, change: PriceChange, **how: Any) -> str:
        """Write a change into the rulebook, and return the version it makes."""
        return await approve(self.pool, change, by="kongressen", today=today(), **how)

    async def mailed(self, version: str) -> None:
        """Wait until the announcement of prices is in the post."""
        batch = repricing_id(self.effective_on, version)
        await self.client.get_workflow_handle(mailing_id(batch)).result()

    async def tell(self, version: str) -> Json:
        """Make the present prices known, wait until all is told, and return the report."""
        found: Json = await self.client.execute_workflow(
            "Repricing",
            {"effective_on": self.effective_on.isoformat(), "rulebook": version},
            id=f"repricing-{self.effective_on}-{uuid.uuid4().hex[:12]}",
            task_queue="membership",
        )
        following = price_announcement_id(self.effective_on, version)
        await self.client.get_workflow_handle(following).result()
        return found


@asynccontextmanager
async def open_hall(
    folder: Path,
    database_url: str,
    letters: NotificationSettings,
    mail_dir: Path,
    *,
    transaction_pooling: bool = False,
) -> AsyncIterator[Hall]:
    """Open a Temporal server and the three workers."""
    async with (
        TemporalServer(folder / "temporal.log", time_skipping=True, ui=False) as server,
        await open_pool(database_url, size=8, transaction_pooling=transaction_pooling) as pool,
        pools_of_workers(database_url, transaction_pooling=transaction_pooling) as (
            keeping,
            sending,
        ),
    ):
        deciding = await Client.connect(server.address, data_converter=workflows.CONVERTER)
        acting = await Client.connect(server.address, data_converter=pydantic_data_converter)
        pricing = Dying(keeping, acting)
        rooms = persistence.rooms(keeping, acting, allow_synthetic_ids=True)
        rooms = replace(rooms, pricing=pricing)
        letters = replace(letters, list_folder=folder / "lists")
        await versions.promote(deciding, DEVELOPMENT_BUILD, unseen=True)
        async with (
            workflows.worker(deciding),
            persistence.worker(acting, rooms),
            notifications.worker(acting, notifications.rooms(sending, letters)),
        ):
            client = await server.connect()
            yield Hall(
                server.address,
                database_url,
                client,
                pool,
                pricing,
                mail_dir,
                folder / "lists",
                earliest_rise(today(), 1),
                month_after(today()),
            )
