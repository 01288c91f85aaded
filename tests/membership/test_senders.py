"""Who sent what a decision answers: what is recorded, what is refused, and by whom."""

import dataclasses
from datetime import date

import asyncpg
import pytest

from activities.membership import decisions
from activities.membership import intake as intakes
from activities.shared.rulebook import RulebookReader
from activities.shared.signatures import UNKNOWN, UNSIGNED, Signatures
from schemas.access.roles import AccessRole
from schemas.access.stamps import START, USED
from schemas.membership.decision import ConsentGiven
from schemas.shared.vocabulary import Event, Stage
from tests.access.making import FORGER, RING, as_stamp, stamp
from tests.membership.making import KARI, OLA, decision, intake, standing

BOOKS = RulebookReader(allow_synthetic_ids=True)
SIGNED_ONLY = Signatures(RING, required=True)
BELIEVING = Signatures(RING)

NAME = "decide_application"


def said(number=2, *, by="Ola Nordås", **other):
    """A decision that answers a message, and changes nothing else."""
    made = decision(number=number, event=Event.REVIEW_REMINDED, decided_by=by, message=NAME)
    return made.model_copy(update={"standing": standing(Stage.UNDER_REVIEW), **other})


async def kept(pool, **other):
    """Keep Kari's application and return what it was answered."""
    return await intakes.receive(pool, BOOKS, intake(**other), UNKNOWN)


@pytest.mark.parametrize(
    ("signatures", "stamped", "why"),
    [
        (UNKNOWN, None, None),
        (BELIEVING, None, None),
        (SIGNED_ONLY, None, UNSIGNED),
        (SIGNED_ONLY, stamp(KARI, NAME), None),
        (
            SIGNED_ONLY,
            stamp(KARI, NAME, key=FORGER),
            "its stamp is forged: the signature does not hold",
        ),
        # Where none is asked for, a forged one is refused all the same.
        (
            BELIEVING,
            stamp(KARI, NAME, key=FORGER),
            "its stamp is forged: the signature does not hold",
        ),
        (UNKNOWN, stamp(KARI, NAME), "its stamp is signed by a key that is not known here"),
        (SIGNED_ONLY, stamp(OLA, NAME), "its stamp was made for another message"),
        (SIGNED_ONLY, stamp(KARI, "resign"), "its stamp was made for another message"),
    ],
)
async def test_a_message_is_recorded_only_by_whom_it_is_from(pool, signatures, stamped, why):
    """Unsigned, forged, of an unknown key or of another message: refused, nothing recorded (R5)."""
    await kept(pool)
    made = said(stamp=as_stamp(stamped) if stamped is not None else None)
    receipt = await decisions.record(pool, BOOKS, made, signatures)
    assert receipt.refused == why
    count = await pool.fetchval("SELECT count(*) FROM decisions")
    assert count == (1 if why else 2)


async def test_a_deadline_needs_no_stamp(pool):
    """What nobody has sent nobody has signed."""
    await kept(pool)
    made = said().model_copy(update={"message": None})
    assert (await decisions.record(pool, BOOKS, made, SIGNED_ONLY)).recorded


async def test_who_sent_it_is_kept_with_its_proof(pool):
    """Subject, name, roles and time, whom the message named instead, and what was signed."""
    await kept(pool)
    proof = as_stamp(stamp(KARI, NAME))
    await decisions.record(pool, BOOKS, said(stamp=proof, named="kari"), SIGNED_ONLY)
    row = await pool.fetchrow("SELECT * FROM decision_actors")
    assert (row["subject"], row["name"], row["named"]) == ("idp|17", "Ola Nordås", "kari")
    assert row["roles"] == ["caseworker"]
    assert (row["claims"], row["signature"]) == (proof.claims, proof.signature)


async def test_a_stamp_counts_once_for_all_memberships(pool):
    """Sent again it is refused; an attempt that is repeated is answered as it was."""
    await kept(pool)
    proof = as_stamp(stamp(KARI, NAME))
    first = await decisions.record(pool, BOOKS, said(stamp=proof), SIGNED_ONLY)
    again = await decisions.record(pool, BOOKS, said(stamp=proof), SIGNED_ONLY)
    replayed = await decisions.record(pool, BOOKS, said(3, stamp=proof), SIGNED_ONLY)
    assert (first.refused, again.refused, replayed.refused) == (None, None, USED)


async def test_a_key_that_is_gone_changes_nothing_that_was_decided(pool):
    """An attempt that a worker without the key repeats is answered from what was recorded."""
    await kept(pool)
    made = said(stamp=as_stamp(stamp(KARI, NAME)))
    await decisions.record(pool, BOOKS, made, SIGNED_ONLY)
    without = dataclasses.replace(SIGNED_ONLY, ring={})
    assert (await decisions.record(pool, BOOKS, made, without)).refused is None


@pytest.mark.parametrize(
    ("first", "second", "refused"),
    [
        (("idp|17", "Ola Nordås"), ("idp|18", "Kari Lie"), False),
        (("idp|17", "Ola Nordås"), ("idp|17", "Another Name"), True),
        # Two of the same name are two people, once it is known who they are.
        (("idp|17", "Ola Nordås"), ("idp|18", "ola nordås"), False),
        ((None, "Ola Nordås"), (None, "OLA-NORDÅS."), True),
        ((None, "Ola Nordås"), (None, "Kari Lie"), False),
        ((None, "Ola Nordås"), ("idp|17", "ola nordås"), True),
    ],
)
async def test_nobody_approves_what_they_asked_for(pool, first, second, refused):
    """The database tells people apart by who they are, else by their names (R6)."""
    await kept(pool)
    for number, (subject, name) in enumerate((first, second), start=2):
        made = said(number, by=name, approves=2 if number == 3 else None)
        if subject is not None:
            proof = stamp(KARI, NAME, subject=subject, name=name, nonce=str(number) * 22)
            made = made.model_copy(update={"stamp": as_stamp(proof)})
        receipt = await decisions.record(pool, BOOKS, made, BELIEVING)
    assert (receipt.refused is not None) is refused


async def test_the_one_who_approves_does_not_say_who_asked(pool):
    """Whatever is inserted, who asked is what the log says."""
    await kept(pool)
    await decisions.record(pool, BOOKS, said(2, by="Ola"), UNKNOWN)
    await decisions.record(pool, BOOKS, said(3, by="ola."), UNKNOWN)
    with pytest.raises(asyncpg.CheckViolationError, match="decision_approvals_by_another"):
        await pool.execute(
            "INSERT INTO decision_approvals (membership_id, number, asked_for, asked_by, "
            "approved_by) VALUES ($1, 3, 2, 'somebody else', 'ola.')",
            KARI,
        )


async def test_consent_is_kept_with_the_decision(pool):
    """When, how and in which words a member let employer and branch know (A22)."""
    await kept(pool)
    consent = ConsentGiven(
        kind="lift_hidden", given_on=date(2026, 11, 20), how="phone", words="Dere kan si det"
    )
    await decisions.record(pool, BOOKS, said(consent=consent), UNKNOWN)
    row = await pool.fetchrow("SELECT kind, given_on, how, words FROM decision_consents")
    assert tuple(row) == ("lift_hidden", date(2026, 11, 20), "phone", "Dere kan si det")


@pytest.mark.parametrize(
    ("stamped", "started_by", "fault"),
    [
        (stamp(KARI, START, name="Min side", role=AccessRole.SYSTEM), "Min side", None),
        (None, "applicant", f"the application {UNSIGNED}"),
        (
            stamp(KARI, START, key=FORGER),
            "applicant",
            "the application its stamp is forged: the signature does not hold",
        ),
    ],
)
async def test_who_started_it_stands_in_the_log(pool, stamped, started_by, fault):
    """A signed start names its system; another ends as invalid and is kept, where it must be."""
    made = intake().model_copy(update={"stamp": as_stamp(stamped) if stamped is not None else None})
    receipt = await intakes.receive(pool, BOOKS, made, SIGNED_ONLY)
    assert receipt.faults == ((fault,) if fault else ())
    assert await pool.fetchval("SELECT decided_by FROM decisions") == started_by
    assert await pool.fetchval("SELECT count(*) FROM rejected_intakes") == bool(fault)
