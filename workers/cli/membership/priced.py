"""Amounts for people: as the books have them, where a membership that sleeps knows older ones."""

from rich.text import Text

from activities.pricing.priced_terms import read_priced_terms
from schemas.dues.terms import TermState
from schemas.membership.state import MembershipState
from workers.cli.membership.show_view import OLDER_PRICES, is_behind
from workers.cli.shared.connections import database
from workers.cli.shared.printing import console
from workers.cli.shared.queries import ask
from workers.errors import UserError
from workers.settings import Settings


async def priced_terms(settings: Settings, target: str) -> tuple[TermState, ...] | None:
    """Return a membership's terms by the prices in force; None where no database answers."""
    try:
        async with database(settings) as pool, pool.acquire() as connection:
            return await read_priced_terms(connection, target)
    except UserError:
        return None


async def tell_of_older_prices(settings: Settings, target: str) -> None:
    """Say that an answer of a membership is by prices of before, if it is."""
    priced = await priced_terms(settings, target)
    if priced is None:
        return
    answer, _ = await ask(settings, target, "state")
    if is_behind(MembershipState.model_validate_json(answer), priced):
        console().print(Text(OLDER_PRICES, style="dim"))
