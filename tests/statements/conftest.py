"""The year end on a database of each test's own."""

import asyncpg
import pytest

from activities.statements.activities import Statements


@pytest.fixture
def statements(pool: asyncpg.Pool) -> Statements:
    """The activities of the year end."""
    return Statements(pool)
