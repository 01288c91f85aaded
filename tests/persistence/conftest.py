"""The persistence activities on a database of each test's own."""

import asyncpg
import pytest

from activities.membership.activities import Persistence
from tests.own_database import database_url, pool

__all__ = ["database_url", "pool"]


@pytest.fixture
def persistence(pool: asyncpg.Pool) -> Persistence:
    """The activities on the test's database; test numbers count as national ids."""
    return Persistence(pool, allow_synthetic_ids=True)
