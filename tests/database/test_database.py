"""The connection, the command line's queries, and the activities' contract."""

import pytest

from activities.membership.open_work import inbox_items
from activities.shared.hashes import content_hash, letter_message_id
from schemas.membership.decision import DecisionReceipt
from tests.membership.making import KARI, OLA, TODAY, approval, intake


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"name": "Åse", "ore": 49500}, {"name": "Åse", "ore": 49500}),
        ("a\0b", "a\ufffdb"),
        ("\\u0000", "\\u0000"),
        ("\\\0", "\\\ufffd"),
    ],
)
async def test_json_is_kept_as_sent_but_for_nul(pool, sent, kept):
    """JSON values go in and out as Python values; NUL, which PostgreSQL refuses, is replaced."""
    assert await pool.fetchval("SELECT $1::jsonb", sent) == kept


async def test_statement_that_hangs_is_ended(pool):
    """No activity waits for ever for the database."""
    assert await pool.fetchval("SHOW statement_timeout") == "25s"
    assert await pool.fetchval("SHOW lock_timeout") == "20s"


async def test_inbox_lists_rejected_applications(persistence, pool):
    """A caseworker sees each faulty application by its opaque id, with every fault."""
    await persistence.receive_application(intake(KARI, consents={"terms": False}))
    await persistence.receive_application(intake(OLA))
    matters = await inbox_items(pool)
    assert matters.suspended_payments == ()
    [rejected] = matters.rejected_intakes
    assert (rejected.membership_id, rejected.received_on) == (KARI, TODAY)
    assert rejected.faults == ("consents.terms: the terms of membership must be accepted",)


def test_hash_of_a_decision_ignores_fields_that_did_not_exist_yet():
    """A newer worker with more defaulted fields recognises an older worker's decision."""

    class Newer(DecisionReceipt):
        """A receipt as a later version may have it."""

        added_later: str | None = None

    assert content_hash(Newer(member_number="00000001")) == content_hash(
        DecisionReceipt(member_number="00000001")
    )
    assert content_hash(approval()) != content_hash(approval(reason="x"))


def test_message_id_tells_nothing():
    """The same letter has the same Message-ID, and neither member nor key can be read in it."""
    made = letter_message_id(KARI, "0002-welcome")
    assert made == letter_message_id(KARI, "0002-welcome")
    assert made != letter_message_id(OLA, "0002-welcome")
    assert len(made) == 40
    assert int(made, 16)
