"""The room on a database of each test's own."""

from tests.own_database import database_url, pool

__all__ = ["database_url", "pool"]
