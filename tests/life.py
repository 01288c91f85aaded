"""One membership on the real server, driven as another system would drive it."""

import asyncio
import email
import email.policy
import uuid
from collections.abc import Container, Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from functools import cache
from pathlib import Path
from typing import Any

import asyncpg
from temporalio.client import (
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowUpdateFailedError,
)
from temporalio.testing import TimeSkipper

from schemas.membership.published_examples import EXAMPLE_APPLICATION
from schemas.shared.calendar import OSLO, oslo_date
from tests.builders import national_id
from workers.demo.settled import is_settled

Json = dict[str, Any]

PATIENCE_SECONDS = 90.0
"""How long a test waits for what is bound to come: on a busy machine everything takes its time."""


def application(**changes: Any) -> Json:
    """Return the contract's example for a person nobody else is, with fields replaced.

    Args:
        changes: top-level fields; a dict for ``applicant`` is merged, None removes a field.
    """
    mark = uuid.uuid4().hex[:8]
    form: Json = deepcopy(EXAMPLE_APPLICATION)
    form["applicant"] |= {"name": f"Kari {mark}", "email": f"kari-{mark}@example.org"}
    changes = deepcopy(changes)
    form["applicant"] |= changes.pop("applicant", {})
    return form | changes


_next_individual: dict[date, int] = {}


def synthetic_id(birth_date: str = "1986-04-12") -> str:
    """Return a test person's national id (month + 80) that no other test was given."""
    born = date.fromisoformat(birth_date)
    number = national_id(born, _next_individual.get(born, 0))
    _next_individual[born] = int(number[6:9]) + 1
    return number


@dataclass(frozen=True)
class Mail:
    """One mail that arrived.

    Attributes:
        to: as its header has it.
        sent_on: the business date.
    """

    audience: str
    template: str
    to: str
    sent_on: date


@cache
def _letter_of(mail: Path) -> str:
    """Return the left part of a mail's Message-ID: the database's name for the letter.

    Each mail is read for it once, and not again for every life whose mails are asked for.
    """
    head = BytesHeaderParser().parsebytes(mail.read_bytes())
    return str(head["Message-ID"]).strip().lstrip("<").partition("@")[0]


@dataclass
class Life:
    """A running membership and everything that can be seen of it from outside."""

    handle: WorkflowHandle[Any, Any]
    skipper: TimeSkipper
    pool: asyncpg.Pool
    mail_dir: Path

    @property
    def id(self) -> str:
        """The workflow id, which is the membership id."""
        return self.handle.id

    async def state(self) -> Json:
        """Return the ``state`` query's JSON once nothing is under way any more."""
        await self.settle()
        found: Json = await self.handle.query("state")
        return found

    async def explain(self) -> list[Json]:
        """Return the lines of the ``explain`` query once nothing is under way any more."""
        await self.settle()
        found: Json = await self.handle.query("explain")
        lines: list[Json] = found["lines"]
        return lines

    async def settle(self) -> None:
        """Wait until nothing of the workflow is under way."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await is_settled(self.handle, self.skipper.client):
                await asyncio.sleep(0.05)

    async def signal(self, name: str, *values: Any) -> None:
        """Send a signal, exactly as given."""
        await self.handle.signal(name, args=list(values))

    async def update(self, name: str, *values: Any) -> Json:
        """Send an update and return its answer, once what it led to is over: letters too.

        Raises:
            Refusal: with the sentence the sender sees.
        """
        try:
            found: Json = await self.handle.execute_update(name, args=list(values))
        except WorkflowUpdateFailedError as error:
            raise Refusal(str(error.cause)) from error
        await self.settle()
        return found

    async def approve(self, **changes: Any) -> Json:
        """Approve as caseworker ola, and return the answer."""
        return await self.update(
            "decide_application", {"decision": "approve", "caseworker": "ola", **changes}
        )

    async def days(self, count: int) -> None:
        """Let days pass for this membership."""
        await self.settle()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self.skipper.fast_forward(self.handle, timedelta(days=count))

    async def reach(self, day: date) -> None:
        """Let time pass until noon of a day, by the clocks of Oslo; nothing if that is past."""
        await self.settle()
        now = await self.skipper.get_current_time(self.handle)
        ahead = datetime.combine(day, time(12), OSLO) - now
        if ahead > timedelta():
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self.skipper.fast_forward(self.handle, ahead)

    async def today(self) -> date:
        """Return the date by the membership's own clock."""
        return oslo_date(await self.skipper.get_current_time(self.handle))

    async def result(self) -> Json:
        """Return what the workflow ended with, or is left with while it can be reopened."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await self._runs():
                state = await self.state()
                if state["open_until"] is not None:
                    assert state["stage"] == "ended", "can be reopened, and has not ended"
                    return state
                await asyncio.sleep(0.05)
            found: Json = await self.handle.result()
        return found

    async def closed(self) -> Json:
        """Let the time pass in which it can be reopened; return what the workflow ended with."""
        state = await self.result()
        if state["open_until"] is not None:
            assert await self._runs(), "can be reopened, and does not run"
            await self.reach(date.fromisoformat(state["open_until"]) + timedelta(days=1))
        async with asyncio.timeout(PATIENCE_SECONDS):
            found: Json = await self.handle.result()
        return found

    async def _runs(self) -> bool:
        """Tell whether the workflow is not closed."""
        return (await self.handle.describe()).status is WorkflowExecutionStatus.RUNNING

    async def letters(self) -> list[tuple[str, str, str]]:
        """Return (audience, template, status) of every letter, in the order they were written."""
        await self.settle()
        rows = await self.pool.fetch(
            "SELECT audience, template, status FROM letters WHERE membership_id = $1 ORDER BY key",
            self.id,
        )
        return [(row["audience"], row["template"], row["status"]) for row in rows]

    async def mails(self) -> dict[str, EmailMessage]:
        """Return every mail that arrived, by ``audience/template``."""
        await self.settle()
        rows = await self.pool.fetch(
            "SELECT audience, template, message_id FROM letters WHERE membership_id = $1", self.id
        )
        wanted = {row["message_id"]: f"{row['audience']}/{row['template']}" for row in rows}
        found: dict[str, EmailMessage] = {}
        for letter, mail in self._arrived(wanted):
            found[wanted[letter]] = mail
        return found

    async def mailbox(self) -> list[Mail]:
        """Return every mail that arrived, in the order the letters were written."""
        await self.settle()
        rows = await self.pool.fetch(
            "SELECT audience, template, message_id, sent_on FROM letters "
            "WHERE membership_id = $1 ORDER BY decision, place, key",
            self.id,
        )
        arrived = dict(self._arrived({row["message_id"] for row in rows}))
        return [
            Mail(row["audience"], row["template"], arrived[row["message_id"]]["To"], row["sent_on"])
            for row in rows
            if row["message_id"] in arrived
        ]

    def _arrived(self, wanted: Container[str]) -> Iterator[tuple[str, EmailMessage]]:
        for path in self.mail_dir.glob("*.eml"):
            letter = _letter_of(path)
            if letter in wanted:
                mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
                yield letter, mail

    async def decisions(self) -> list[str]:
        """Return the events of the decision log, in order."""
        await self.settle()
        rows = await self.pool.fetch(
            "SELECT event FROM decisions WHERE membership_id = $1 ORDER BY number", self.id
        )
        return [row["event"] for row in rows]

    async def diary(self) -> list[tuple[date, str, list[str]]]:
        """Return each decision's date and event, with its letters in the order they are listed.

        A letter reads ``audience/template``, with what became of it unless it was sent at once.
        """
        await self.settle()
        rows = await self.pool.fetch(
            "SELECT decided_on, event, coalesce(array_agg(audience || '/' || template || CASE "
            " WHEN status <> 'sent' THEN ' ' || status "
            " WHEN sent_on > decided_on THEN ' on ' || sent_on ELSE '' END "
            " ORDER BY place, key) FILTER (WHERE key IS NOT NULL), '{}') AS letters "
            "FROM decisions LEFT JOIN letters ON letters.membership_id = decisions.membership_id "
            " AND letters.decision = decisions.number "
            "WHERE decisions.membership_id = $1 GROUP BY decisions.number, decided_on, event "
            "ORDER BY decisions.number",
            self.id,
        )
        return [(row["decided_on"], row["event"], list(row["letters"])) for row in rows]

    async def terms_kept(self) -> list[Json]:
        """Return the terms PostgreSQL holds, as ``state`` writes them."""
        await self.settle()
        rows = await self.pool.fetch(
            "SELECT kind, cadence, payer, lower(valid) AS valid_from, upper(valid) AS valid_to, "
            " coalesce((SELECT array_agg((valid_from, amount_ore) ORDER BY valid_from)"
            "  FROM rate_amounts WHERE code = rate), ARRAY[(lower(valid), amount_ore)]) AS priced "
            "FROM terms WHERE membership_id = $1 AND superseded_by IS NULL ORDER BY kind, valid",
            self.id,
        )
        return [term for row in rows for term in _at_prices(**row)]


def _at_prices(
    kind: str,
    cadence: str,
    payer: str,
    valid_from: date,
    valid_to: date | None,
    priced: list[tuple[date, int]],
) -> Iterator[Json]:
    """A term by its rate, as terms by amounts: a fee has one price a year (A26)."""
    begun: dict[date, int] = {}
    for month, ore in priced:
        mid_year = cadence == "yearly" and month.month > 1 and month > valid_from
        start = date(month.year + 1, 1, 1) if mid_year else month
        if valid_to is None or start < valid_to:
            begun[max(start, valid_from)] = ore
    starts = [day for i, day in enumerate(begun) if not i or begun[day] != [*begun.values()][i - 1]]
    for start, until in zip(starts, [*starts[1:], valid_to], strict=True):
        yield {
            "kind": kind,
            "amount_ore": begun[start],
            "cadence": cadence,
            "payer": payer,
            "valid_from": start.isoformat(),
            "valid_to": until and until.isoformat(),
        }


class Refusal(Exception):
    """An update was not applied; its text is what the sender saw."""
