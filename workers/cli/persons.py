"""`medlemsflyt person`, `merge`, `unmerge`: who somebody is, and that two people are one."""

import asyncio
from typing import Annotated

import typer
from temporalio.client import WorkflowUpdateFailedError

from activities.persons import merging
from activities.persons.merging import MergeOrder
from activities.persons.views import PersonView, view_person
from schemas.membership.decision import DuplicateCandidate
from schemas.membership.messages.leaving import Reopen
from schemas.membership.messages.merging import EndDuplicate
from schemas.names import PERSON_PREFIX
from schemas.persons.merging import MergePlan, MergeRefused
from schemas.shared.amounts import kroner
from schemas.shared.messages import Message
from workers.cli.membership.send_and_show import Ended, update_membership
from workers.cli.shared.clock import today
from workers.cli.shared.connections import membership_id, transaction
from workers.cli.shared.interrupted import innermost
from workers.cli.shared.options import AsJson, DataDir
from workers.cli.shared.printing import print_json, print_table, say
from workers.cli.shared.reading import one_line
from workers.errors import UserError
from workers.settings import Settings, resolve_settings

ANSWER_SECONDS = 30

WhoseId = Annotated[
    str,
    typer.Argument(metavar="ID", help="A person's id, or that of a membership of theirs."),
]

Caseworker = Annotated[str, typer.Option("--caseworker", metavar="NAME", help="Who decides.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; for the log.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (person, merge, unmerge):
        app.command()(command)


def person(id_: WhoseId, data: DataDir = None, as_json: AsJson = False) -> None:
    """Show a person with all memberships, and the memberships of who may be the same person.

    It names people: for caseworkers, and for nobody who applies or asks. What matched is said with
    how sure that makes it; whether they are one is for a caseworker to decide.
    """
    found = asyncio.run(_found(resolve_settings(data), whole_id(id_)))
    if as_json:
        print_json(found.model_dump(mode="json"))
        return
    say(f"{found.person_id}: {found.names[0]}, born {found.birth_date}")
    for what, known in (
        ("National id", [found.national_id] if found.national_id else []),
        ("Earlier names", found.names[1:]),
        ("E-mail", found.emails),
        ("Phone", found.phones),
    ):
        if known:
            say(f"{what}: {', '.join(known)}")
    print_table(
        "Memberships",
        ("Id", "Number", "Stands", "Category", "Since"),
        [
            (
                own.membership_id,
                own.member_number or "–",
                own.outcome or own.stage,
                own.category or "–",
                str(own.member_since or "–"),
            )
            for own in found.memberships
        ],
    )
    if found.owed_ore:
        say(f"Owes {kroner(found.owed_ore)} for {found.owed_months} months, net of what was paid")
    print_table(
        "Perhaps the same person",
        ("Id", "Number", "Stands", "How sure", "Alike in"),
        [_row(candidate) for candidate in found.candidates],
    )


def whole_id(given: str) -> str:
    """Return a person's id as it is, else a membership's whole id."""
    return given if given.startswith(PERSON_PREFIX) else membership_id(given)


def _row(candidate: DuplicateCandidate) -> tuple[str, ...]:
    likeness = candidate.likeness
    return (
        candidate.membership_id,
        candidate.member_number or "–",
        candidate.outcome or candidate.stage,
        likeness.certainty if likeness else "–",
        likeness.in_words if likeness else "–",
    )


async def _found(settings: Settings, wanted: str) -> PersonView:
    async with transaction(settings) as connection:
        found = await view_person(connection, wanted, today())
    if found is None:
        raise UserError(f"Nobody is known under {wanted}: see the id that `apply` printed.")
    return found


def merge(
    id_: WhoseId,
    other: Annotated[
        str, typer.Argument(metavar="OTHER", help="The other one's; it becomes the first's.")
    ],
    caseworker: Caseworker,
    reason: Reason,
    keep: Annotated[
        str | None,
        typer.Option(metavar="MEMBERSHIP", help="Of two memberships, the one that goes on."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would follow, and change nothing.")
    ] = False,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Decide that two people are one: all memberships become the first one's.

    Terms and ledger stay as they are; what was charged twice is given back by the next dues run.
    Where both have a living membership, the one that is not kept ends. `unmerge` undoes it, for a
    time.
    """
    settings = resolve_settings(data)
    by, why = one_line("caseworker", caseworker), one_line("reason", reason)
    kept = membership_id(keep) if keep is not None else None
    order = MergeOrder(whole_id(id_), whole_id(other), kept, today())
    try:
        plan = asyncio.run(_merged(settings, order, by, why, dry_run=dry_run))
        if not dry_run and plan.ends is not None:
            asyncio.run(_end_duplicate(settings, plan, by))
    except MergeRefused as refusal:
        raise UserError(f"Nobody was merged: {refusal}.") from None
    if as_json:
        print_json(plan.model_dump(mode="json"))
        return
    _show_plan(plan)


async def _merged(
    settings: Settings, order: MergeOrder, by: str, why: str, *, dry_run: bool
) -> MergePlan:
    async with transaction(settings) as connection:
        if dry_run:
            return await merging.plan_merge(connection, order)
        return await merging.merge(connection, order, caseworker=by, reason=why)


async def _end_duplicate(settings: Settings, plan: MergePlan, by: str) -> None:
    """Tell the membership that ends; told again, it counts once.

    Raises:
        UserError: it is not known whether it has ended; the same merge asks again.
    """
    assert plan.goes_on is not None, "ended without another that goes on"
    message = EndDuplicate(goes_on=plan.goes_on, caseworker=by, quiet=plan.quiet)
    refusal = await _told(settings, plan, message, f"merge-{plan.merge_id}")
    if refusal is not None:
        raise UserError(f"The two are merged, but {plan.ends} does not end: {refusal}.")


async def _told(
    settings: Settings, plan: MergePlan, message: Message, update_id: str
) -> str | None:
    """Tell the membership that a merge ends; return why it was not applied, or None."""
    assert plan.ends is not None, "nothing to end"
    name, text = message.card.name, message.model_dump_json().encode()
    try:
        await update_membership(settings, plan.ends, name, text, update_id, ANSWER_SECONDS)
    except Ended:
        return None
    except WorkflowUpdateFailedError as error:
        return innermost(error)
    return None


def _show_plan(plan: MergePlan) -> None:
    verb = "Would merge" if plan.merge_id is None else f"Merge {plan.merge_id}:"
    say(f"{verb} {plan.merged_id} into {plan.person_id}; it can be undone until {plan.undo_until}.")
    if plan.two_national_ids:
        say("They have two different national ids: look twice, they may be two.")
    if plan.ends is not None:
        say(f"{plan.goes_on} goes on, and {plan.ends} ends as its duplicate.")
    print_table("Memberships that move", ("Id",), [(moved,) for moved in plan.moved])
    print_table(
        "Charged twice, given back by the next dues run",
        ("Member", "Month", "Kind", "Amount"),
        [
            (
                double.member_number,
                f"{double.period_from:%Y-%m}",
                double.kind,
                kroner(double.amount_ore),
            )
            for double in plan.double_charges
        ],
    )


def unmerge(
    id_: WhoseId,
    caseworker: Caseworker,
    reason: Reason,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Undo the latest merge of a person: the two are two again, and what was given back is owed.

    A membership that was ended by it is reopened. Possible until the day that `merge` says.
    """
    settings = resolve_settings(data)
    by, why = one_line("caseworker", caseworker), one_line("reason", reason)
    try:
        undone = asyncio.run(_unmerged(settings, whole_id(id_), by, why))
        refusal = asyncio.run(_reopened(settings, undone, by, why))
    except MergeRefused as refusal:
        raise UserError(f"No merge was undone: {refusal}.") from None
    if as_json:
        print_json(undone.model_dump(mode="json"))
    else:
        say(f"Merge {undone.merge_id} is undone: {undone.merged_id} is somebody else again.")
    if refusal is not None:
        raise UserError(f"The merge is undone, but {undone.ends} is not reopened: {refusal}.")


async def _reopened(settings: Settings, undone: MergePlan, by: str, why: str) -> str | None:
    """Reopen what a merge has ended; return why it was not, or None."""
    if undone.ends is None:
        return None
    message = Reopen(caseworker=by, reason=why)
    return await _told(settings, undone, message, f"unmerge-{undone.merge_id}")


async def _unmerged(settings: Settings, wanted: str, by: str, why: str) -> MergePlan:
    async with transaction(settings) as connection:
        return await merging.unmerge(connection, wanted, today=today(), caseworker=by, reason=why)
