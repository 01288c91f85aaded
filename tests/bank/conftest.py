"""The import on a database of each test's own."""

import asyncpg
import pytest

from activities.membership.activities import Persistence
from tests.own_database import database_url, pool

__all__ = ["database_url", "pool"]


@pytest.fixture
def persistence(pool: asyncpg.Pool) -> Persistence:
    """The activities that write decisions."""
    return Persistence(pool, allow_synthetic_ids=True)
