"""The workflow `BankImport` and the commands on the real server."""

import asyncio
import uuid

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError

from activities.shared.files import keep_file
from activities.shared.signals import tell
from schemas.payments.contracts import BankFileReport
from tests.commands import commands_of
from tests.life import PATIENCE_SECONDS, application
from tests.payments.making import ACCOUNT, Money, camt, ocr


@pytest.fixture
def command(temporal, shared_database_url, tmp_path, workers):  # noqa: ARG001 - they must be at work
    """Run a command on the service of the session."""
    return commands_of(
        tmp_path,
        database_url=shared_database_url,
        temporal_address=temporal.address,
        namespace=temporal.namespace,
        http_url=temporal.http_url,
    )


@pytest.fixture
async def member(apply):
    """A life with a first invoice that is not paid."""
    life = await apply(application())
    await life.approve()
    return life


async def paid_state(life):
    """The first invoice's status, once nothing moves any more."""
    await life.settle()
    return (await life.state())["first_invoice"]["status"]


async def money_for(life, ore=None):
    """Money for a life's first invoice, on its own day, under a reference of its own."""
    invoice = (await life.state())["first_invoice"]
    today = await life.today()
    key = uuid.uuid4().hex[:20]
    return Money(invoice["kid"], ore or invoice["total_ore"], key=key, on=today)


async def test_a_file_from_the_command_line_pays_a_first_invoice(member, command, tmp_path):
    """Booked, allocated, and the membership knows: its invoice is paid, in words and in state."""
    paid = await money_for(member)
    twice = Money(paid.kid, paid.ore, key=f"{paid.key}-2", on=paid.on)
    file = tmp_path / "bank.xml"
    file.write_bytes(camt(paid, twice))
    ran = await command("payments", str(file), "--json")
    assert (ran.code, ran.err) == (0, "")
    report = BankFileReport.model_validate(ran.json)
    assert (report.payments, report.allocated, report.suspended) == (2, 1, 1)
    assert await paid_state(member) == "paid"
    assert (await command("payments", str(file), "--json")).json == ran.json

    said = await command("payments", str(file))
    assert "2 payments booked" in said.out
    listed = (await command("suspense", "--json")).json["suspense"]
    assert twice.key in {row["reference"] for row in listed}
    tasks = (await command("tasks", "--json")).json["tasks"]
    [task] = [one for one in tasks if twice.key in one["says"]]
    refused = await command(
        "allocate", twice.key, "--invoice", "00000000-1", "--by", "ola", "--json"
    )
    assert (refused.code, refused.err) == (
        2,
        "Nothing was changed: there is no invoice 00000000-1.\n",
    )
    back = await command("refund", twice.key, "--by", "ola", "--reason", "paid twice", "--json")
    assert back.json["refunded_ore"] == paid.ore
    closed = await command("tasks", "--close", str(task["task_id"]), "--by", "ola")
    assert closed.err.startswith("No task was closed")
    # A second report of the payment, by whoever, is refused.
    told = {
        "reference": paid.key,
        "amount_ore": paid.ore,
        "paid_on": str(paid.on),
        "kid": paid.kid,
    }
    await member.signal("record_payment", told)
    state = await member.state()
    assert "recorded before" in state["rejected_messages"][-1]["reason"]


async def test_a_wrong_file_is_refused_in_words(command, tmp_path):
    """Every fault on a line of its own, exit code 2, and the same as JSON."""
    file = tmp_path / "bank.txt"
    file.write_bytes(ocr(Money("1000000010000016", 100), account=ACCOUNT[::-1]))
    ran = await command("payments", str(file))
    assert ran.code == 2
    assert ran.err.startswith("Nothing was booked: the file is refused.\nit is for another")
    ran = await command("payments", str(file), "--json")
    assert (ran.code, ran.json["outcome"]) == (2, "refused")
    missing = await command("payments", str(tmp_path / "none"))
    assert (missing.code, missing.err.count("\n")) == (2, 1)


async def test_a_death_between_booking_and_telling(
    member,
    shared_pool,
    client,
    monkeypatch,
):
    """Booked, and the worker dies before anybody is told: tried again, each is told in the end."""
    died = []

    async def dying(*arguments):
        if not died:
            died.append(arguments)
            raise ConnectionError("died")
        return await tell(*arguments)

    monkeypatch.setattr("activities.payments.activities.tell", dying)
    paid = await money_for(member)
    async with shared_pool.acquire() as connection:
        file_id = await keep_file(
            connection, kind="payments", name="f", content=camt(paid), today=paid.on
        )
    handle = await client.start_workflow(
        "BankImport",
        {"file_id": file_id},
        id=f"bank-import-{file_id[:16]}",
        task_queue="membership",
    )
    report = await asyncio.wait_for(handle.result(), PATIENCE_SECONDS)
    assert (report["allocated"], len(died)) == (1, 1)
    assert await paid_state(member) == "paid"
    row = await shared_pool.fetchrow("SELECT * FROM payment_reports WHERE reference = $1", paid.key)
    assert row["told_on"] is not None
    assert row["decision"] is not None


WRONG = {
    "no argument": (),
    "null": (None,),
    "text": ("x",),
    "an empty object": ({},),
    "no hash": ({"file_id": "../../etc"},),
    "a file nobody kept": ({"file_id": "0" * 64},),
}


@pytest.mark.usefixtures("workers")
async def test_wrong_orders_fail_with_a_reason(client):
    """Each ends as failed, in words; none wedges."""
    for what, values in WRONG.items():
        handle = await client.start_workflow(
            "BankImport",
            args=list(values),
            id=f"bank-import-{uuid.uuid4().hex[:16]}",
            task_queue="membership",
        )
        with pytest.raises(WorkflowFailureError) as caught:
            await asyncio.wait_for(handle.result(), PATIENCE_SECONDS)
        cause = caught.value.cause
        cause = getattr(cause, "cause", None) or cause
        assert isinstance(cause, ApplicationError), what
        assert cause.non_retryable, what
