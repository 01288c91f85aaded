"""Amounts for people: by the prices in force, where a membership that sleeps knows older ones."""

from typing import NamedTuple

from activities.shared.rulebook import RulebookReader
from schemas.pricing.rulebook import Rulebook
from workers.cli.shared.connections import database
from workers.cli.shared.queries import ask
from workers.errors import UserError
from workers.settings import Settings


class PricedAnswer(NamedTuple):
    """What a membership answers.

    Attributes:
        text: as JSON.
        page: its address in the Temporal UI.
        asleep: it goes by older prices itself, until it wakes.
    """

    text: str
    page: str
    asleep: bool


async def ask_by_prices(settings: Settings, target: str, query: str) -> PricedAnswer:
    """Return a query's answer by the prices in force; by its own where no database answers.

    Nobody but the membership says what new prices make of it: it is handed the rulebook.

    Args:
        settings: where Temporal and the database are.
        target: the membership's id.
        query: state, explain or forecast.

    Raises:
        UserError: there is no such membership, or nobody answers.
    """
    own, page = await ask(settings, target, query)
    rulebook = await _in_force(settings)
    if rulebook is None:
        return PricedAnswer(own, page, asleep=False)
    priced, _ = await ask(settings, target, query, rulebook)
    return PricedAnswer(priced, page, asleep=priced != own)


async def _in_force(settings: Settings) -> Rulebook | None:
    rulebooks = RulebookReader(allow_synthetic_ids=settings.allow_synthetic_ids)
    try:
        async with database(settings) as pool, pool.acquire() as connection:
            return await rulebooks.current(connection)
    except UserError:
        return None
