"""A service of its own for the runs: they charge everybody, so nobody else's members are there."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
from temporalio import activity
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from activities.database.pool import open_pool
from activities.dues.activities import Dues
from activities.membership.activities import Persistence
from schemas.dues.contracts import DuesOpening, DuesPage, DuesPageReport, DuesPeriod
from schemas.dues.terms import Term
from schemas.shared.calendar import first_day_of_period, month_after
from tests.dues.making import joins, term
from tests.roles import pools_of_workers
from workers import persistence, versions, workflows
from workers.settings import DEVELOPMENT_BUILD
from workers.stack import TemporalServer

SPARE = itertools.count(3000)
"""Years of ids under which runs stand that charge nobody."""


class Forgetful(Dues):
    """Charges a page and dies before it can say so, the first time, for some months."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        super().__init__(pool)
        self.months: set[date] = set()
        self.died: list[DuesPage] = []

    @activity.defn(name="open_dues_run")
    async def open_dues_run(self, opening: DuesOpening) -> DuesPeriod:
        """Open each month as if it were that month: each test has one of its own."""
        today = first_day_of_period(opening.period)
        return await super().open_dues_run(opening.model_copy(update={"today": today}))

    @activity.defn(name="charge_dues_page")
    async def charge_dues_page(self, page: DuesPage) -> DuesPageReport:
        """Charge, and lose the first answer for each page."""
        report = await super().charge_dues_page(page)
        if page.run.period_from in self.months and page not in self.died:
            self.died.append(page)
            raise ConnectionError("died before it answered")
        return report


@dataclass
class Hall:
    """Where the runs of these tests take place."""

    temporal: TemporalServer
    client: Client
    database_url: str
    pool: asyncpg.Pool
    dues: Forgetful
    persistence: Persistence
    _months: list[date] = field(default_factory=lambda: [date(2030, 2, 1)])

    async def members(self, *terms: Term) -> tuple[str, date, list[str]]:
        """Let members join who owe something in one month alone, which no other test has.

        Args:
            terms: of each member one, as they are in a month; its dates are set here.

        Returns:
            The month as the order names it, its first day, and the members' ids.
        """
        start = month_after(self._months[-1])
        self._months.append(start)
        dates = {"valid_from": start, "valid_to": month_after(start)}
        ids = [
            await joins(self.persistence, terms=(one.model_copy(update=dates),), employer=None)
            for one in terms or (term(), term(), term())
        ]
        return f"{start:%Y-%m}", start, ids

    async def start(self, *arguments: Any, id: str | None = None) -> Any:
        """Start a run as another system would, and return its handle."""
        return await self.client.start_workflow(
            "DuesRun",
            args=list(arguments),
            id=id or f"dues-run-{next(SPARE)}-01",
            task_queue="membership",
        )


@asynccontextmanager
async def open_hall(folder: Path, database_url: str) -> AsyncIterator[Hall]:
    """Open a Temporal server and the workers that a run needs."""
    async with (
        TemporalServer(folder / "temporal.log", time_skipping=True, ui=False) as server,
        await open_pool(database_url, size=8) as pool,
        pools_of_workers(database_url) as (keeping, _),
    ):
        deciding = await Client.connect(server.address, data_converter=workflows.CONVERTER)
        acting = await Client.connect(server.address, data_converter=pydantic_data_converter)
        dues = Forgetful(keeping)
        rooms = replace(persistence.rooms(keeping, acting, allow_synthetic_ids=True), dues=dues)
        await versions.promote(deciding, DEVELOPMENT_BUILD, unseen=True)
        async with workflows.worker(deciding), persistence.worker(acting, rooms):
            yield Hall(server, await server.connect(), database_url, pool, dues, rooms.persistence)
