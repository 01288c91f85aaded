"""Who sent the messages that decisions answer, and what else a decision rests on."""

from pathlib import Path

import asyncpg

from activities.database.pool import load_queries, storable
from activities.secrecy.words import words_of
from activities.shared.signatures import Signatures, note_refusal
from schemas.access.stamps import START, USED, BadStamp, Claims, Stamp
from schemas.membership.decision import Decision, Intake

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy


async def sender_of(
    connection: Connection, signatures: Signatures, decision: Decision
) -> Claims | None:
    """Return who sent the message that a decision answers; None of a deadline, or if unsigned.

    Raises:
        BadStamp: the message is refused, and nothing is recorded.
    """
    if decision.message is None:
        return None
    claims = signatures.sender(decision.stamp, decision.membership_id, decision.message)
    await _check_unused(connection, claims)
    return claims


async def _check_unused(connection: Connection, claims: Claims | None) -> None:
    """Check that a stamp has been used for nothing else, of anybody."""
    if claims is not None and await _SQL.is_used(connection, nonce=claims.nonce):
        raise BadStamp(USED)


async def starter_of(
    connection: Connection, signatures: Signatures, intake: Intake
) -> tuple[Claims | None, tuple[str, ...]]:
    """Return who started a membership, where that is said; and why it is not to be believed."""
    try:
        claims = signatures.sender(intake.stamp, intake.membership_id, START)
        await _check_unused(connection, claims)
    except BadStamp as why:
        note_refusal(intake.membership_id, START, why)
        return None, (f"the application {why}",)
    return claims, ()


async def keep_sender(
    connection: Connection,
    place: tuple[str, int],
    claims: Claims,
    stamp: Stamp,
    named: str | None,
) -> None:
    """Keep who sent what a decision answers, with what proves it."""
    membership_id, number = place
    await _SQL.keep_actor(
        connection,
        membership_id=membership_id,
        number=number,
        subject=storable(claims.subject),
        name=storable(claims.name),
        roles=sorted(claims.roles),
        branch=storable(claims.branch) if claims.branch is not None else None,
        named=storable(named) if named is not None else None,
        issued_at=claims.issued_at,
        nonce=claims.nonce,
        key_id=claims.key_id,
        claims=stamp.claims,
        signature=stamp.signature,
    )


async def _sealed(connection: Connection, text: str, column: str, place: tuple[str, int]) -> str:
    """Return what a member agreed to as its row has it."""
    membership_id, number = place
    return await words_of(connection).seal(
        storable(text),
        membership_id,
        f"decision_consents.{column}",
        {"membership_id": membership_id, "number": number},
    )


async def keep_what_it_rests_on(
    connection: Connection, decision: Decision, claims: Claims | None
) -> None:
    """Keep who decided, what of it another person had asked for, and what the member agreed to.

    Who had asked the database looks up itself (``fill_in_approval``).
    """
    place = (decision.membership_id, decision.number)
    if claims is not None and decision.stamp is not None:
        await keep_sender(connection, place, claims, decision.stamp, decision.named)
    if decision.approves is not None:
        await _SQL.approve(
            connection,
            membership_id=decision.membership_id,
            number=decision.number,
            asked_for=decision.approves,
            approved_by=storable(decision.decided_by),
            approved_by_subject=storable(claims.subject) if claims is not None else None,
        )
    if decision.consent is not None:
        consent = decision.consent
        await _SQL.keep_consent(
            connection,
            membership_id=decision.membership_id,
            number=decision.number,
            kind=consent.kind,
            given_on=consent.given_on,
            how=await _sealed(connection, consent.how, "how", place),
            words=(
                await _sealed(connection, consent.words, "words", place)
                if consent.words is not None
                else None
            ),
        )
