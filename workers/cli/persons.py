"""`medlemsflyt person`: who a membership is about, all memberships, and who may be the same."""

import asyncio
from typing import Annotated

import typer

from activities.persons.views import PersonView, view_person
from schemas.membership.decision import DuplicateCandidate
from schemas.names import PERSON_PREFIX
from workers.cli.shared.connections import membership_id, transaction
from workers.cli.shared.options import AsJson, DataDir
from workers.cli.shared.printing import print_json, print_table, say
from workers.errors import UserError
from workers.settings import Settings, resolve_settings

WhoseId = Annotated[
    str,
    typer.Argument(metavar="ID", help="A person's id, or that of a membership of theirs."),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(person)


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
        found = await view_person(connection, wanted)
    if found is None:
        raise UserError(f"Nobody is known under {wanted}: see the id that `apply` printed.")
    return found
