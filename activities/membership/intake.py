"""Keeping an application as it arrived, and saying what is known of the person."""

from pathlib import Path
from typing import Any

import asyncpg

from activities.database.pool import load_queries, storable
from activities.membership.former import find_former
from activities.membership.ordered_letters import letter_rows
from activities.membership.remarks import remark_of
from activities.membership.senders import keep_sender, starter_of
from activities.persons.candidates import find_candidates, particulars_of_applicant
from activities.persons.rows import consents_of, person_row, work_row
from activities.secrecy.noting import note_runs, run_row
from activities.shared.errors import without_values
from activities.shared.hashes import content_hash
from activities.shared.rulebook import RulebookReader
from activities.shared.signatures import UNKNOWN, Signatures
from schemas.membership.application import Application
from schemas.membership.decision import DuplicateCandidate, Intake, IntakeReceipt, Letter
from schemas.membership.eligibility import faults_in, faults_in_person
from schemas.membership.returning import Former
from schemas.names import person_id
from schemas.pricing.rulebook import Rulebook
from schemas.shared.texts import faults_in_texts
from schemas.shared.vocabulary import Outcome, Stage, Template

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

APPLICANT = "applicant"
"""Whose word an application is that does not say who sent it."""

MAX_NAMED = 5
"""Who may be the same person and is named in the task; `medlemsflyt person` lists them all."""


async def receive(
    pool: asyncpg.Pool,
    rulebooks: RulebookReader,
    intake: Intake,
    signatures: Signatures = UNKNOWN,
) -> IntakeReceipt:
    """Keep an application; see ``PersistenceActivities.receive_application``."""
    async with without_values():
        try:
            return await _receive(pool, rulebooks, intake, signatures)
        except asyncpg.UniqueViolationError:
            # Another attempt at the same application got there first: answer what it kept.
            return await _receive(pool, rulebooks, intake, signatures)


async def _receive(
    pool: asyncpg.Pool, rulebooks: RulebookReader, intake: Intake, signatures: Signatures
) -> IntakeReceipt:
    # Without its runs: an older workflow's attempt is recognised.
    digest = content_hash(intake.model_copy(update={"runs": None}))
    async with pool.acquire() as connection, connection.transaction():
        kept = await _SQL.find_kept(connection, membership_id=intake.membership_id)
        book = await rulebooks.current(connection, kept["revision"])
        if kept["content_hash"] is not None:
            if kept["content_hash"] != digest:
                await note_runs(connection, intake.runs, intake.received_on)
                return IntakeReceipt(
                    rulebook=book,
                    taken=True,
                    hands_over=intake.runs is not None,
                    overtaken=await _is_the_same(connection, intake),
                )
            return IntakeReceipt.model_validate({**kept["receipt"], "rulebook": book})
        kin = await _duplicate_candidates(connection, intake)
        former = await _former(connection, intake, book)
        starter, unsigned = await starter_of(connection, signatures, intake)
        receipt = IntakeReceipt(
            rulebook=book,
            kin=kin,
            faults=(*unsigned, *_faults(intake, book, comes_back=former is not None)),
            kept_as=intake.membership_id,
            former=former,
            started_by=starter.name if starter is not None else None,
            hands_over=intake.runs is not None,
        )
        await _keep(connection, intake, receipt, digest)
        if starter is not None and intake.stamp is not None:
            await keep_sender(connection, (intake.membership_id, 1), starter, intake.stamp, None)
        return receipt


async def _is_the_same(connection: asyncpg.pool.PoolConnectionProxy, intake: Intake) -> bool:
    """Tell whether an application has been kept before, and its membership goes on.

    A start that is repeated, or a workflow that was reset to its first task, sends it again.
    """
    kept = await _SQL.read_kept_application(connection, membership_id=intake.membership_id)
    if kept is None or intake.application is None:
        return False
    return Application.model_validate_json(kept) == intake.application


def _applicant(intake: Intake) -> dict[str, Any]:
    """Return what is kept of whoever applies: nothing when that could not be read."""
    form = intake.application
    if form is None:
        return {"person": None, "work": {}, "application": None, "consents": {}}
    return {
        "person": {"person_id": person_id(intake.membership_id), **person_row(form)},
        "work": work_row(form),
        "application": form.model_dump(mode="json"),
        "consents": consents_of(form),
    }


def _faults(intake: Intake, book: Rulebook, *, comes_back: bool) -> tuple[str, ...]:
    """Return the rules that are broken; an old form of somebody who comes back breaks none."""
    if intake.application is None:
        return ()
    find = faults_in_person if comes_back else faults_in
    broken = find(intake.application, book, intake.received_on)
    # Here and not in the contract: what came in before must be read back, and replay as it was.
    return (*faults_in_texts(intake.application), *map(str, broken))


async def _former(
    connection: asyncpg.pool.PoolConnectionProxy, intake: Intake, book: Rulebook
) -> Former | None:
    if intake.application is None:
        return None
    person, today = intake.application.applicant, intake.received_on
    return await find_former(connection, intake.membership_id, person, book, today)


async def _duplicate_candidates(
    connection: asyncpg.pool.PoolConnectionProxy, intake: Intake
) -> tuple[DuplicateCandidate, ...]:
    if intake.application is None:
        return ()
    applicant = particulars_of_applicant(intake.application.applicant)
    return await find_candidates(connection, applicant, whose=person_id(intake.membership_id))


async def _keep(
    connection: asyncpg.pool.PoolConnectionProxy,
    intake: Intake,
    receipt: IntakeReceipt,
    digest: str,
) -> None:
    form = intake.application
    faults = (*intake.faults, *receipt.faults)
    await _SQL.keep_application(
        connection,
        membership_id=intake.membership_id,
        stage=Stage.ENDED if faults else Stage.UNDER_REVIEW,
        outcome=Outcome.INVALID if faults else None,
        category=form.category if form else None,
        # What could not be read may have asked for it: deny by default (invariant 4).
        hidden=form.hidden if form else True,
        received_at=intake.received_at,
        received_on=intake.received_on,
        started_by=storable(receipt.started_by or APPLICANT),
        **_applicant(intake),
        content=(
            await remark_of(connection, intake.text, intake.membership_id, 1) if intake.text else ""
        ),
        faults=[storable(fault) for fault in faults],
        content_hash=digest,
        receipt=receipt.model_dump(mode="json", exclude={"rulebook"}),
        letters=[] if faults else letter_rows(intake.membership_id, _letters(intake, receipt)),
        **run_row(intake.runs),
    )


def _letters(intake: Intake, receipt: IntakeReceipt) -> tuple[Letter, ...]:
    """Return what is sent: the caseworkers' task also says who it may be.

    Whoever applies is told no more than anybody else.
    """
    known = receipt.former.in_words(intake.received_on) if receipt.former is not None else []
    lines = [*known, *(candidate.in_words for candidate in receipt.kin[:MAX_NAMED])]
    if not lines:
        return intake.letters
    detail = "\n".join(f"- {line}" for line in lines)
    return tuple(
        letter.model_copy(update={"figures": {**letter.figures, "detail": detail}})
        if letter.template is Template.CASEWORKER_TASK
        else letter
        for letter in intake.letters
    )
