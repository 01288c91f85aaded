"""What stands in the database, compared with what else stands there."""

import pytest

from schemas.audit import Check
from tests.audit.making import DECEMBER, TODAY


async def test_clean_books_have_no_finding(books):
    """Lives of all kinds, two months, lists, money that came and went: nothing has drifted."""
    assert await books.audit() == {}
    assert await books.held() == {}
    assert await books.tasks() == {}
