"""A receiver, and what posts to it."""

import pytest

from activities.events.posting import Poster
from tests.events.receiver import SECRETS, receiving


@pytest.fixture
async def receiver(monkeypatch):
    """Somebody who listens, and whose secrets can be read."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    async with receiving() as it:
        yield it


@pytest.fixture
async def poster():
    """What posts, on a developer's machine."""
    async with Poster(anywhere=True) as it:
        yield it
