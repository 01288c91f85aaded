"""Who a decision is about: known before, corrected, or a member already."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from pydantic import ValidationError

from activities.database.pool import load_queries
from activities.persons.known import become_known, charged_already, find_known
from activities.persons.rows import consents_of, person_row, work_row
from activities.shared.errors import DatabaseRefused
from activities.shared.tasks import Connection
from schemas.membership.application import UNREACHABLE, Applicant, Application
from schemas.membership.corrections import brought_up_to, corrected, fields_changed, told_anew
from schemas.membership.decision import Decision
from schemas.shared.vocabulary import Cadence, LineKind

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

STILL_OF_USE = timedelta(days=92)
"""Letters that came back are sent to a corrected address if they are no older: three months."""


@dataclass(frozen=True)
class Correction:
    """An application as a decision corrects it.

    Attributes:
        changed: the names of the fields that are others than before; None: nothing was supplied.
        refused: why it can't be corrected so.
    """

    form: Application
    changed: tuple[str, ...] | None = None
    refused: str | None = None


async def read_correction(connection: Connection, decision: Decision) -> Correction | None:
    """Return the application as a decision corrects it; None: it does not.

    Who somebody is stands in ``people``, by now perhaps as another membership was told it.

    Raises:
        DatabaseRefused: no application is kept.
    """
    if decision.corrected is not None:
        return Correction(decision.corrected)
    if decision.form is None:
        return None
    row = await _SQL.read_application(connection, membership_id=decision.membership_id)
    if row is None:
        raise DatabaseRefused(f"{decision.membership_id}: no application is kept")
    kept = Application.model_validate_json(row["content"])
    person = Applicant.model_validate_json(row["applicant"])
    before = kept.model_copy(update={"applicant": person})
    if decision.supplied is None:
        return Correction(brought_up_to(before, decision.form))
    try:
        supplied = corrected(before, decision.supplied)
    except ValidationError:
        # By now there is no other way to reach the person than the one that is to be removed.
        return Correction(before, refused=f"applicant: {UNREACHABLE}")
    form = brought_up_to(supplied, decision.form)
    return Correction(form, changed=fields_changed(before, supplied))


def in_words_of(decision: Decision, correction: Correction | None) -> Decision:
    """Return a decision that says, and tells its sender, which fields are others than before."""
    applies, supplied = decision.applies, decision.supplied
    changed = correction.changed if correction is not None else None
    if supplied is None or changed is None:
        return decision
    if decision.says is not None:
        logged = told_anew(decision.says, supplied, changed)
        decision = decision.model_copy(update={"says": logged})
    if applies is None:
        return decision
    says = told_anew(applies.answer.says, supplied, changed)
    answer = applies.answer.model_copy(update={"says": says})
    return decision.model_copy(update={"applies": applies.model_copy(update={"answer": answer})})


async def write_person(
    connection: Connection, decision: Decision, correction: Correction | None, *, joins: bool
) -> tuple[LineKind, ...]:
    """Write what a decision says of the person.

    Args:
        connection: in the decision's transaction.
        decision: not yet written.
        correction: of the application, where the decision corrects it.
        joins: it makes a member.

    Returns:
        Which lines of the first invoice the person was charged for under another membership; then
        nothing is written, and the decision is to be made without them.
    """
    if joins:
        known = await find_known(connection, decision.membership_id)
        charged = await _charged(connection, decision, known)
        if charged:
            return charged
        if known is not None:
            await become_known(connection, decision.membership_id, known, decision.decided_on)
    if correction is not None:
        await _correct(connection, decision, correction.form)
    return ()


async def _charged(
    connection: Connection, decision: Decision, known: str | None
) -> tuple[LineKind, ...]:
    """Ask it only for a workflow that knows such an answer; others are refused by the database."""
    order = decision.invoice
    if order is None or decision.omits is None:
        return ()
    return await charged_already(
        connection,
        decision.membership_id,
        known,
        order.period_from,
        kinds=[line.kind for line in order.lines],
        yearly=[
            term.kind
            for term in decision.terms or ()
            if term.cadence is Cadence.YEARLY
            and term.amount_ore
            and term.valid_from <= order.period_from
        ],
    )


async def _correct(connection: Connection, decision: Decision, form: Application) -> None:
    await _SQL.correct_person(
        connection,
        membership_id=decision.membership_id,
        person=person_row(form),
        work=work_row(form),
        application=form.model_dump(mode="json"),
        consents=consents_of(form),
        today=decision.decided_on,
        since=decision.decided_on - STILL_OF_USE,
    )


async def find_duplicate(connection: Connection, decision: Decision) -> str | None:
    """Return the member who is the same person as a decision's, as corrected by it, or None.

    Whoever would be somebody known from before is also the member of that person's national id.
    """
    correction = await read_correction(connection, decision)
    other: str | None = await _SQL.find_duplicate(
        connection,
        membership_id=decision.membership_id,
        person=person_row(correction.form) if correction is not None else None,
    )
    if other is None:
        known = await find_known(connection, decision.membership_id)
        other = await _SQL.find_numbered(connection, person_id=known)
    return other
