"""A deployment looked at from one end to the other."""

from collections.abc import AsyncIterator

from workers.doctor.finding import Finding, broken
from workers.doctor.postgres import look_at_postgres
from workers.doctor.surroundings import (
    look_at_keys,
    look_at_lists,
    look_at_mail,
    look_at_union,
)
from workers.doctor.temporal import look_at_temporal
from workers.settings import Settings


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """Yield what is found, part by part; one that does not answer keeps no other from its turn."""
    if settings.database_url is None:
        yield broken("PostgreSQL", "is not named", "set DATABASE_URL")
    else:
        for finding in await look_at_postgres(settings):
            yield finding
    async for finding in look_at_temporal(settings):
        yield finding
    yield await look_at_keys(settings)
    yield await look_at_mail(settings.smtp)
    yield await look_at_lists(settings)
    for finding in look_at_union(settings):
        yield finding
