"""The year end on a database of each test's own."""

import asyncpg
import pytest

from activities.membership.activities import Persistence
from activities.statements.activities import Statements
from tests.own_database import database_url, pool

__all__ = ["database_url", "pool"]


@pytest.fixture
def persistence(pool: asyncpg.Pool) -> Persistence:
    """The activities that write decisions."""
    return Persistence(pool, allow_synthetic_ids=True)


@pytest.fixture
def statements(pool: asyncpg.Pool) -> Statements:
    """The activities of the year end."""
    return Statements(pool)
