"""What ends a membership."""

from typing import Annotated

from pydantic import Field

from schemas.shared.base import Day, Line, MemberNumber, Ore, Prose
from schemas.shared.messages import Card, ChangeWords, Message


class Resign(Message):
    """The member resigns, in writing (A29)."""

    card = Card(
        name="resign",
        purpose="The member resigns; it ends with the following month.",
        example='{"received_on":"2026-01-15","reason":"Slutter i bransjen"}',
        dated=True,
        change=ChangeWords(
            nb="utmelding",
            nn="utmelding",
            en="a resignation",
        ),
    )

    received_on: Day
    """The day the resignation came in, in writing; not in the future. The membership ends with the
    following month.
    """
    reason: Prose | None = None
    """Why, if the member says."""


class ReportArrears(Message):
    """The dues run tells what a member owes; too much strikes the member off (A30)."""

    card = Card(
        name="report_arrears",
        purpose="The dues run tells what is owed; too much strikes off.",
        example='{"as_of":"2026-01-15","owed_ore":198000,"owed_months":4}',
    )

    as_of: Day
    """The day it was counted; not in the future."""
    owed_ore: Annotated[Ore, Field(gt=0)]
    """What is owed, in øre."""
    owed_months: Annotated[int, Field(ge=0, le=1200)]
    """How many months are owed; more than the policy allows (3) strike off."""


class RecordDeath(Message):
    """A caseworker has learned of the member's death."""

    card = Card(
        name="record_death",
        purpose="The member has died: everything stops, at once with the member number.",
        example='{"died_on":"2026-01-15","caseworker":"ola"}',
        rules_of_wait=("L7", "M17"),
    )

    died_on: Day
    """The day of death; not in the future."""
    caseworker: Line
    """Who records it."""
    member_number: MemberNumber | None = None
    """Whose death it is, so that no wrong id stops a life. Without it the death waits to be
    confirmed: by the message with the number, or by another caseworker with the same day.
    """


class RequestErasure(Message):
    """The data-protection officer has a membership erased, as soon as nothing keeps it (R4)."""

    card = Card(
        name="request_erasure",
        purpose="Have the membership erased, as soon as nothing stands in the way.",
        example='{"requested_by":"personvernombudet","basis":"personvernforordningen artikkel 17"}',
    )

    requested_by: Line
    """Who asks for it: a role, or who works here; not the member's own name."""
    basis: Line | None = None
    """On which grounds; it stands in the log until the membership is erased."""


class Reopen(Message):
    """A caseworker undoes an end that was a mistake (L9)."""

    card = Card(
        name="reopen",
        purpose="Undo an end, a strike-off or a death recorded by mistake.",
        example='{"caseworker":"ola","reason":"Utmeldingen gjaldt en annen"}',
    )

    caseworker: Line
    """Who decides it."""
    reason: Prose
    """Why; it stands in the log."""
