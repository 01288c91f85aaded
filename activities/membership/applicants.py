"""Who a decision is about: known before, corrected, or a member already."""

from datetime import timedelta
from pathlib import Path

from activities.database.pool import load_queries
from activities.persons.known import become_known, charged_already, find_known
from activities.persons.rows import consents_of, person_row, work_row
from activities.shared.tasks import Connection
from schemas.membership.application import Application
from schemas.membership.decision import Decision
from schemas.shared.vocabulary import LineKind

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

STILL_OF_USE = timedelta(days=92)
"""Letters that came back are sent to a corrected address if they are no older: three months."""


async def write_person(
    connection: Connection, decision: Decision, *, joins: bool
) -> tuple[LineKind, ...]:
    """Write what a decision says of the person.

    Args:
        connection: in the decision's transaction.
        decision: not yet written.
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
    if decision.corrected is not None:
        await _correct(connection, decision, decision.corrected)
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
        [line.kind for line in order.lines],
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
    """Return the member who is the same person as a decision's, as corrected by it, or None."""
    form = decision.corrected
    other: str | None = await _SQL.find_duplicate(
        connection,
        membership_id=decision.membership_id,
        person=person_row(form) if form is not None else None,
    )
    return other
