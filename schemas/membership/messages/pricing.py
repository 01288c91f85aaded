"""What the service tells its memberships of new prices."""

from typing import Annotated

from pydantic import StringConstraints

from schemas.shared.base import Flag
from schemas.shared.messages import Card, Message


class Reprice(Message):
    """New prices have been decided: the membership reads them and plans its terms anew."""

    card = Card(
        name="reprice",
        purpose="New prices: read the rulebook and plan the terms anew.",
        example='{"rulebook":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}',
    )

    rulebook: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    """The version of the rulebook with the new prices; one that is known already changes nothing.
    """
    anew: Flag = False
    """The terms that are kept are not what the rules make of the facts: they are written anew, even
    where the amounts are the same."""
