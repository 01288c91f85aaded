"""The town in which later lives and settlements are recorded."""

from collections.abc import AsyncIterator

import pytest

from tests.replay.town import Town, open_town
from workers.stack import PostgresServer


@pytest.fixture(scope="module")
async def town(
    tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer, migrated: str
) -> AsyncIterator[Town]:
    """A service of the stories' own."""
    url = await postgres.create_database("town", template=migrated)
    async with open_town(tmp_path_factory.mktemp("town"), url) as town:
        yield town
