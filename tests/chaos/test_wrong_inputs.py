"""Thousands of wrong inputs over every door: each answered in words, none lost, nobody wedged.

``MEDLEMSFLYT_INPUTS`` says how many, ``MEDLEMSFLYT_SEED`` which: the same two are the same inputs.
What goes wrong is printed with both, and with the input itself.
"""

import asyncio
import os
import random
import sys
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import WorkflowExecutionStatus, WorkflowUpdateFailedError
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from activities.insurance.answers import take_answer
from activities.letters.bounces import take_report
from activities.letters.errors import DeliveryFailed
from activities.payments.suspense import NotPossible
from activities.register.checking import look_through
from activities.register.reading import open_register
from activities.shared.wrong_file import WrongFile
from schemas.membership.messages import MESSAGES
from schemas.payments.entries import TOO_EARLY
from schemas.shared.vocabulary import Template
from tests.access.asking import Gateway, bearer, opened, settings
from tests.access.conftest import ADDRESSES, its_pool
from tests.access.making import GATEWAY
from tests.builders import BOOK
from tests.chaos.mutating import wrong_file, wrong_json
from tests.chaos.odd_mail_server import odd_mail_server
from tests.deduction.conftest import office, sent
from tests.deduction.making import Office
from tests.deduction.saving import as_book
from tests.dues.test_ledger import UNBOOKED
from tests.insurance.making import COLUMNS as ANSWER_COLUMNS
from tests.insurance.making import HEADS, NOVEMBER, filed
from tests.letters import dsn
from tests.letters.conftest import settings_for
from tests.letters.making import TODAY as LETTERS_DAY
from tests.letters.making import deliver, letter_row, make_letter, make_membership
from tests.letters.test_patience import let_pass
from tests.life import PATIENCE_SECONDS, Life, application
from tests.membership.decisions.garbage import RIGHT
from tests.payments.making import bring
from tests.payments.strange import FORMS
from tests.payments.test_refund_status import ONE, OTHER, payment, report, told
from tests.register.making import BILL, JOB, MONTH, ORDINARY, csv_text, folder
from tests.union.explaining import WITHOUT_TASK
from workers.gateway.coding import Stamps
from workflows.shared.inbox import Unreadable, parsed
from workflows.shared.search_attributes import REJECTED_MESSAGES

__all__ = ["its_pool", "office", "sent"]

INPUTS = int(os.environ.get("MEDLEMSFLYT_INPUTS", "1000"))
SEED = os.environ.get("MEDLEMSFLYT_SEED", "1")

CASES = Path(__file__).parents[1] / "payments" / "cases"

SHARES = {
    "signals": 30, "updates": 20, "starts": 5, "requests": 25,
    "bank files": 8, "returns": 4, "registers": 2, "answers": 1, "status reports": 1, "bounces": 2,
    "mail servers": 2,
}  # fmt: skip
"""Percent of all inputs, by door."""


def chances(door: str) -> Iterator[random.Random]:
    """Yield a source of chance for each input of a door."""
    for nth in range(max(1, INPUTS * SHARES[door] // 100)):
        yield random.Random(f"{SEED}/{door}/{nth}")


async def throw(
    door: str, one: Callable[[random.Random], Awaitable[str]], at_once: int = 20
) -> Counter[str]:
    """Send every input of a door, and count what they came to.

    Args:
        door: which.
        one: sends an input, and returns in a word what it came to.
        at_once: so many are on their way together.
    """
    ended: Counter[str] = Counter()
    hands = asyncio.Semaphore(at_once)

    async def held(chance: random.Random) -> None:
        async with hands:
            ended[await one(chance)] += 1

    async with asyncio.TaskGroup() as group:
        for chance in chances(door):
            group.create_task(held(chance))
    came_to = ", ".join(f"{count} {what}" for what, count in sorted(ended.items()))
    sys.stderr.write(f"{door}: {came_to}\n")
    return ended


def test_each_door_has_its_share() -> None:
    """A hundred percent are given out."""
    assert sum(SHARES.values()) == 100


def wrong_payload(name: str, chance: random.Random) -> Payload:
    """Return what no membership can take for a message of this name."""
    while True:
        data = wrong_json(RIGHT[name], chance)
        encoding = chance.choice((b"json/plain",) * 6 + (b"binary/plain", b"binary/null", b"x/y"))
        made = Payload(data=data, metadata={"encoding": encoding})
        try:
            parsed(MESSAGES[name], RawValue(made))
        except Unreadable:
            return made


@pytest.fixture
async def lives(apply: Callable[..., Awaitable[Life]]) -> list[Life]:
    """Some who are under review, and some who have come further."""
    found = [await apply(application()) for _ in range(6)]
    for life in found[:3]:
        await life.approve()
    return found


async def runs_well(life: Life) -> None:
    """Check that a membership answers, and that no task of its workflow has failed."""
    assert (await life.state())["stage"]
    described = await life.handle.describe()
    assert described.status is WorkflowExecutionStatus.RUNNING
    async for event in life.handle.fetch_history_events():
        assert not event.HasField("workflow_task_failed_event_attributes")


async def still_well(life: Life, before: str) -> None:
    """Check that a membership stands where it stood, and goes on."""
    await runs_well(life)
    assert (await life.state())["stage"] == before
    if before == "under_review":
        await life.approve()


async def test_signals(lives: list[Life]) -> None:
    """Each is counted as rejected, with a reason; then the membership goes on."""
    stages = {life.id: (await life.state())["stage"] for life in lives}
    thrown: Counter[str] = Counter()

    async def one(chance: random.Random) -> str:
        life, name = chance.choice(lives), chance.choice(sorted(RIGHT))
        payload = wrong_payload(name, chance)
        values = [RawValue(payload)] * chance.choice((1, 1, 1, 1, 2))
        await life.handle.signal(name, args=values)
        thrown[life.id] += 1
        return "sent"

    await throw("signals", one)
    for life in lives:
        state = await life.state()
        assert all(told["reason"] for told in state["rejected_messages"])
        attributes = (await life.handle.describe()).typed_search_attributes
        assert attributes.get(REJECTED_MESSAGES) == thrown[life.id], life.id
        await still_well(life, stages[life.id])


async def test_updates(lives: list[Life]) -> None:
    """Whoever sends one is told at once what is wrong with it."""
    stages = {life.id: (await life.state())["stage"] for life in lives}

    async def one(chance: random.Random) -> str:
        life, name = chance.choice(lives), chance.choice(sorted(RIGHT))
        payload = wrong_payload(name, chance)
        with pytest.raises(WorkflowUpdateFailedError) as refused:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await life.handle.execute_update(name, RawValue(payload))
        cause = refused.value.cause
        assert isinstance(cause, ApplicationError), (name, payload)
        assert cause.message, (name, payload)
        return "refused"

    await throw("updates", one)
    for life in lives:
        await still_well(life, stages[life.id])


async def test_starts(apply: Callable[..., Awaitable[Life]]) -> None:
    """Each ends as invalid, with its faults, or is an application like another."""

    async def one(chance: random.Random) -> str:
        made = Payload(data=wrong_json(application(), chance), metadata={"encoding": b"json/plain"})
        life = await apply(RawValue(made))
        state = await life.state()
        if state["outcome"] == "invalid":
            assert state["faults"], made
            return "invalid"
        assert state["stage"] in ("under_review", "ended"), made
        return str(state["outcome"] or state["stage"])

    ended = await throw("starts", one)
    assert ended["invalid"] > sum(ended.values()) / 3


@pytest.fixture
def in_front(its_pool: asyncpg.Pool, temporal: Any, letters: Any, workers: Any) -> Gateway:  # noqa: ARG001 - at work
    """A gateway with an API, in front of a Temporal whose workers are at work."""
    made = settings(ui_url=temporal.http_url, http_api_url=temporal.http_url)
    return opened(its_pool, made, stamper=Stamps(GATEWAY), letters=letters)


def wrong_request(life: Life, chance: random.Random) -> tuple[str, str, dict[str, Any]]:
    """Return method, path and the rest of a request that somebody has made wrong."""
    name = chance.choice(sorted(RIGHT))
    other = chance.choice(
        (str(uuid.UUID(int=chance.getrandbits(128))), "1", "%00", "é", "x" * 3000)
    )
    whose = chance.choice((life.id, life.id, f"membership-{other}", other))
    path = chance.choice(
        (
            f"/api/v1/memberships/{whose}/messages/{name}",
            f"/api/v1/memberships/{whose}/messages/{name}",
            f"/api/v1/memberships/{whose}/messages/{other}",
            "/api/v1/memberships",
            f"/api/v1/memberships/{whose}",
            f"/api/v1/memberships/{whose}/forecast",
            f"/api/v1/memberships?after={other}&limit={other}",
            f"/api/v1/events?after={other}&limit={chance.randint(-5, 10**12)}&type={other}",
            f"/api/v1/namespaces/default/workflows/{whose}/signal/{name}",
            f"/api/v1/namespaces/default/workflows/{whose}/update/{name}",
            f"/desk/memberships/{whose}",
            f"/desk/search?q={other}",
        )
    )
    body = wrong_json(RIGHT[name], chance)
    types = ("application/json",) * 20 + ("text/plain", "application/json; charset=utf-7", "")
    headers = {
        **bearer(chance.choice(("system", "caseworker", "team_lead", "branch", "auditor"))),
        "content-type": chance.choice(types),
        "idempotency-key": chance.choice(
            (uuid.UUID(int=chance.getrandbits(128)).hex, "", "k" * 999)
        ),
    }
    method = chance.choice(("POST",) * 6 + ("GET",) * 3 + ("PUT", "DELETE", "PATCH"))
    return method, path, {"content": body, "headers": headers}


async def test_requests(in_front: Gateway, lives: list[Life]) -> None:
    """None is answered by an error of ours; the API's refusals are problems in words."""

    async def one(chance: random.Random) -> str:
        method, path, rest = wrong_request(chance.choice(lives), chance)
        # Whoever asks much is slowed down; here each comes from elsewhere.
        somebody = replace(in_front, address=f"192.0.2.{next(ADDRESSES) % 250 + 1}")
        async with somebody.client(timeout=PATIENCE_SECONDS) as client:
            try:
                answer = await client.request(method, path, **rest)
            except httpx2.InvalidURL:
                return "no address"
        assert answer.status_code < 500, (method, path, rest, answer.text)
        if answer.status_code >= 400 and path.startswith(("/api/v1/memberships", "/api/v1/events")):
            assert answer.json()["detail"], (method, path, rest)
        return str(answer.status_code)

    ended = await throw("requests", one)
    assert sum(count for status, count in ended.items() if status >= "4") > sum(ended.values()) / 2
    for life in lives:
        await runs_well(life)


async def test_bank_files(pool: asyncpg.Pool) -> None:
    """Refused in words, or booked: the books balance, and all money has a place or a task."""
    rights = [content for form in FORMS.values() for content in form.files]
    rights += [path.read_bytes() for path in sorted(CASES.iterdir())]

    async def one(chance: random.Random) -> str:
        content = wrong_file(chance.choice(rights), chance)
        ended = await bring(pool, content)
        assert ended.outcome == "applied" or ended.faults, content
        assert not ended.unbooked, content
        return str(ended.outcome)

    # The worker takes in one file after the other.
    await throw("bank files", one, at_once=1)
    assert await pool.fetch(UNBOOKED) == []
    assert await pool.fetchval("SELECT coalesce(sum(balance_ore), 0) FROM balances") == 0
    assert await pool.fetch(WITHOUT_TASK, list(TOO_EARLY)) == []


async def test_returns(office: Office, sent: tuple[str, list[str], bytes]) -> None:
    """Each ends as taken, asked about or refused with a reason; the right one is taken still."""
    _, _, right = sent
    book = as_book(right)

    async def one(chance: random.Random) -> str:
        content = wrong_file(chance.choice((right, right, book)), chance)
        verdict = await office.take(content)
        assert verdict.outcome != "refused" or verdict.reasons, content
        return str(verdict.outcome)

    await throw("returns", one)
    assert (await office.take(right)).outcome == "applied"


async def test_registers(tmp_path: Path) -> None:
    """A register is read and looked through, or refused as a whole in words."""
    right = [csv_text(*rows).encode() for rows in ((ORDINARY, ORDINARY), (JOB,), (BILL,))]

    async def one(chance: random.Random) -> str:
        made = [wrong_file(table, chance) if chance.random() < 0.6 else table for table in right]
        path = folder(tmp_path / uuid.uuid4().hex, members="", employments="", invoices="")
        for name, content in zip(("members", "employments", "invoices"), made, strict=True):
            (path / f"{name}.csv").write_bytes(content)
        with suppress(WrongFile):
            with open_register(path) as register:
                found = list(look_through(register, BOOK, MONTH))
            return "with faults" if any(checked.faults for checked in found) else "read"
        return "refused"

    await throw("registers", one)


async def test_answers_of_the_insurance_office(pool: asyncpg.Pool) -> None:
    """An answer is reconciled, or refused with what is wrong."""
    lines = ["00000001;DEKKET;JA;NEI;ja;200,00", "00000002;inn;JA;JA;JA;200,00", "Sum;;;;;400"]
    right = (HEADS + "\r\n".join([ANSWER_COLUMNS, *lines])).encode("utf-8-sig")
    await filed(pool, NOVEMBER)

    async def one(chance: random.Random) -> str:
        content = wrong_file(right, chance)
        async with pool.acquire() as connection, connection.transaction():
            ended = await take_answer(
                connection, name="svar.csv", content=content, rulebook=BOOK, today=NOVEMBER
            )
        assert ended.outcome != "refused" or ended.reasons or ended.faults, content
        return str(ended.outcome)

    await throw("answers", one)


async def test_status_reports() -> None:
    """A bank's report on our refunds tells of each, or is refused in words."""
    rights = [report(payment(ONE, "RJCT"), payment(OTHER, "ACSC")), report(group="ACCP")]

    async def one(chance: random.Random) -> str:
        content = wrong_file(chance.choice(rights), chance)
        with suppress(NotPossible):
            assert set(told(content)) <= {ONE, OTHER}, content
            return "taken"
        return "refused"

    await throw("status reports", one)


async def test_bounces(pool: asyncpg.Pool) -> None:
    """A mail that came back tells of a letter, is passed over, or is a task."""
    member = await make_membership(pool)
    key = await make_letter(pool, member, Template.WELCOME)
    reference = (await letter_row(pool, member, key))["message_id"]
    rights = (
        dsn.postfix(reference), dsn.exim(reference), dsn.exchange(reference),
        dsn.truncated(reference), dsn.OUT_OF_OFFICE, dsn.QUESTION,
    )  # fmt: skip

    async def one(chance: random.Random) -> str:
        content = wrong_file(chance.choice(rights), chance)
        ended = await take_report(pool, content, LETTERS_DAY)
        known = await take_report(pool, content, LETTERS_DAY)
        assert known.outcome in ("known", "ignored"), content
        return str(ended.outcome)

    await throw("bounces", one)


async def test_mail_servers(pool: asyncpg.Pool) -> None:
    """Whatever they answer, a letter they have clearly taken is sent, and goes to them once."""

    async def one(chance: random.Random) -> str:
        member = await make_membership(pool)
        key = await make_letter(pool, member, Template.WELCOME)
        async with odd_mail_server(chance) as server:
            here = replace(settings_for(server.port), smtp_seconds=3, answer_seconds=3)
            for order in ("1", "1", "2"):
                with suppress(DeliveryFailed):
                    await deliver(pool, here, member, order=order)
                await let_pass(pool, member)
            row = await letter_row(pool, member, key)
            taken, unsure = server.taken[row["message_id"]], server.unsure[row["message_id"]]
            assert taken <= 1, (taken, unsure)
            assert not taken or row["status"] == "sent", (row["status"], row["note"])
            assert row["status"] != "sent" or taken or unsure, row["note"]
            server.chance = None
            with suppress(DeliveryFailed):
                await deliver(pool, here, member, order="3")
            row = await letter_row(pool, member, key)
            assert row["status"] in ("sent", "bounced", "unanswered"), (row["status"], row["note"])
            # Not known to be taken: once more, under the same id, so that its reader sees one.
            assert server.taken[row["message_id"]] <= 1
        return str(row["status"])

    await throw("mail servers", one, at_once=10)
