"""The newsletter is for anyone, and tells of no membership (S36)."""

from datetime import date

import pytest

from activities.persons.newsletter import readers, subscribe, unsubscribe
from schemas.shared.vocabulary import Language, Outcome
from tests.membership.making import OLA, approval, intake

DAY, LATER = date(2026, 11, 22), date(2027, 3, 10)


async def addresses(connection) -> list[str]:
    """Return where the newsletter goes."""
    return [reader["email"] for reader in await readers(connection)]


async def test_anyone_may_subscribe(pool):
    """No membership, no name; asked for twice it comes once, in the language asked for last."""
    async with pool.acquire() as connection:
        await subscribe(connection, "Per@Example.org", None, Language.NB, DAY)
        await subscribe(connection, "per@example.org", "Per Ås", Language.EN, LATER)
        assert await readers(connection) == [
            {"email": "per@example.org", "name": "Per Ås", "language": "en"}
        ]
        row = await connection.fetchrow("SELECT * FROM newsletter_subscriptions")
        assert (row["consented_on"], row["withdrawn_on"]) == (DAY, None)
        assert await connection.fetchval("SELECT count(*) FROM people") == 0


async def test_whoever_unsubscribes_may_come_back(pool):
    """Both days are kept; a new consent is dated anew, an unknown address is no fault."""
    async with pool.acquire() as connection:
        await unsubscribe(connection, "nobody@example.org", DAY)
        await subscribe(connection, "per@example.org", None, Language.NB, DAY)
        await unsubscribe(connection, "PER@example.org", LATER)
        assert await addresses(connection) == []
        row = await connection.fetchrow("SELECT * FROM newsletter_subscriptions")
        assert (row["consented_on"], row["withdrawn_on"]) == (DAY, LATER)
        await subscribe(connection, "per@example.org", None, Language.NB, LATER)
        assert await addresses(connection) == ["per@example.org"]


@pytest.mark.parametrize(
    ("outcome", "gets_it"),
    [(Outcome.RESIGNED, True), (Outcome.STRUCK_OFF, True), (Outcome.DECEASED, False)],
)
async def test_who_leaves_keeps_it_until_unsubscribed(pool, persistence, outcome, gets_it):
    """The wish is the person's and not the membership's; after a death nothing is sent (L7)."""
    await persistence.receive_application(intake(OLA, email="ola@example.org", newsletter=True))
    await persistence.record_decision(approval(OLA, terms=(), invoice=None, letters=()))
    async with pool.acquire() as connection:
        assert await addresses(connection) == ["ola@example.org"]
        await connection.execute(
            "UPDATE memberships SET stage = 'ended', outcome = $1", str(outcome)
        )
        assert await addresses(connection) == (["ola@example.org"] if gets_it else [])


async def test_a_member_who_unsubscribes_stays_a_member(pool, persistence):
    """The consent is taken back, and the address is on no list, however it got there."""
    await persistence.receive_application(intake(OLA, email="ola@example.org", newsletter=True))
    await persistence.record_decision(approval(OLA, terms=(), invoice=None, letters=()))
    async with pool.acquire() as connection:
        await subscribe(connection, "ola@example.org", None, Language.NB, DAY)
        assert await addresses(connection) == ["ola@example.org"]
        await unsubscribe(connection, "Ola@example.org", LATER)
        assert await addresses(connection) == []
        said = await connection.fetchrow("SELECT * FROM present_consents WHERE kind = 'newsletter'")
        assert (said["given"], said["stated_on"], said["how"]) == (False, LATER, "unsubscribed")
        assert await connection.fetchval("SELECT stage FROM memberships") == "onboarding"


async def test_the_list_tells_of_no_membership(pool, persistence):
    """A member and a stranger stand there alike: address, name, language."""
    await persistence.receive_application(intake(OLA, email="ola@example.org", newsletter=True))
    async with pool.acquire() as connection:
        await subscribe(connection, "per@example.org", "Per Ås", Language.NB, DAY)
        found = await readers(connection)
    assert [set(reader) for reader in found] == [{"email", "name", "language"}] * 2
