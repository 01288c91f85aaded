"""What memberships say of themselves, by the prices in force."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import asyncpg
from pydantic import BaseModel

from activities.shared.rulebook import RulebookReader
from schemas.access.roles import may_query
from schemas.membership.forecast import Forecast
from schemas.membership.preview import Asked, Preview
from schemas.membership.state import Explanation, MembershipState
from schemas.names import WorkflowType
from workers.gateway.callers import Caller
from workers.gateway.memberships import Gone, Memberships, NotApplied, Silent
from workers.gateway.messages import Json

ASKED = ("state", "explain", "forecast")

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Said:
    """What a membership says of itself.

    Attributes:
        why: it says nothing: ``silent`` or ``gone``; empty: it does.
    """

    state: MembershipState | None = None
    explanation: Explanation | None = None
    forecast: Forecast | None = None
    why: str = ""


class Living:
    """Asks memberships.

    Args:
        pool: of the database, where the prices stand.
        memberships: who is asked.
        rulebooks: reads the prices.
    """

    def __init__(
        self, pool: asyncpg.Pool, memberships: Memberships, rulebooks: RulebookReader
    ) -> None:
        self._pool = pool
        self._memberships = memberships
        self._rulebooks = rulebooks

    async def all_of(self, caller: Caller, membership_id: str) -> Said:
        """Return all that a membership says and somebody may ask."""
        asked = [name for name in ASKED if may_query(caller.roles, WorkflowType.MEMBERSHIP, name)]
        rulebook = await self._rulebook()
        try:
            found = await asyncio.gather(
                *(self._memberships.ask(caller, membership_id, name, rulebook) for name in asked)
            )
        except Silent:
            return Said(why="silent")
        except (Gone, NotApplied):
            return Said(why="gone")
        said = dict(zip(asked, found, strict=True))
        return Said(
            state=_read(MembershipState, said.get("state")),
            explanation=_read(Explanation, said.get("explain")),
            forecast=_read(Forecast, said.get("forecast")),
        )

    async def one_of(self, caller: Caller, membership_id: str, query: str) -> Json:
        """Return what a membership answers to one query.

        Raises:
            Refused: whoever asks may not.
            Gone: there is no such workflow any more.
            Silent: nobody answers.
            NotApplied: it can't be asked.
        """
        return await self._memberships.ask(caller, membership_id, query, await self._rulebook())

    async def ahead(
        self, caller: Caller, membership_id: str, message: str, data: Json, at: datetime
    ) -> tuple[MembershipState, Preview] | None:
        """Return how a membership stands, and how it would with a message; None: it is silent."""
        rulebook = await self._rulebook()
        asked = Asked(name=message, data=data, at=at).model_dump(mode="json")
        try:
            state, preview = await asyncio.gather(
                self._memberships.ask(caller, membership_id, "state", rulebook),
                self._memberships.ask(caller, membership_id, "preview", asked, rulebook),
            )
        except (Silent, Gone, NotApplied):
            return None
        return MembershipState.model_validate(state), Preview.model_validate(preview)

    async def _rulebook(self) -> Json:
        """Return the prices in force; a membership that sleeps may know older ones."""
        async with self._pool.acquire() as connection:
            found = await self._rulebooks.current(connection)
        return found.model_dump(mode="json")


def _read(kind: type[Model], said: Json | None) -> Model | None:
    return None if said is None else kind.model_validate(said)
