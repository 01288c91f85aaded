"""What people write about a membership, beside the decision that it led to."""

from activities.database.pool import storable
from activities.secrecy.words import words_of
from activities.shared.tasks import Connection


async def remark_of(connection: Connection, text: str, membership_id: str, number: int) -> str:
    """Return a remark as its row has it."""
    row = {"membership_id": membership_id, "number": number}
    return await words_of(connection).seal(storable(text), membership_id, "remarks.content", row)
