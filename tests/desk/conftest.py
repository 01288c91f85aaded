"""A desk in this process, over a database of the test's own."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import asyncpg
import pytest

from activities.database.pool import open_pool
from activities.database.roles import GATEWAY, as_role
from activities.letters.settings import NotificationSettings
from activities.membership.activities import Persistence
from tests.access.asking import PAGE, URL, Browser, Gateway, opened, settings
from workers.stack.ports import HOST

NOWHERE = f"http://{HOST}:9"


@dataclass(frozen=True)
class AtTheDesk:
    """Somebody who has logged in, in front of the pages."""

    browser: Browser
    pool: asyncpg.Pool

    async def get(self, path):
        """Open a page."""
        return await self.browser.client.get(path, headers=PAGE)

    async def post(self, path, **form):
        """Send a form, as the page that holds it does."""
        token = self.browser.client.cookies["_csrf"]
        return await self.browser.client.post(
            path, data={"csrf": token, **form}, headers={**PAGE, "origin": URL}
        )


@pytest.fixture
async def gateway(database_url: str, letters: NotificationSettings) -> AsyncIterator[Gateway]:
    """A gateway whose desk reads the test's own database, with no Temporal behind it."""
    async with await open_pool(as_role(database_url, GATEWAY), size=4) as pool:
        yield opened(pool, settings(ui_url=NOWHERE, http_api_url=NOWHERE), letters=letters)


@pytest.fixture
def persistence(pool: asyncpg.Pool) -> Persistence:
    """The activities that write decisions; test numbers count as national ids."""
    return Persistence(pool, allow_synthetic_ids=True)


@pytest.fixture
async def at_desk(gateway, pool):
    """Log somebody in by the name of their role."""

    async def log_in(role="caseworker"):
        found = AtTheDesk(gateway.browser(), pool)
        await found.browser.log_in(role)
        return found

    return log_in
