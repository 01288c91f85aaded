"""A register carried over by the command line: its members are members like any other."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from activities.audit.books import plan_audit
from activities.audit.workflow_drift import look_again
from activities.register.reading import open_register
from activities.shared.rulebook import RulebookReader
from schemas.audit.contracts import AuditOpening, Suspects
from schemas.payments.kid import with_mod10
from schemas.register.checking import checked
from schemas.shared.calendar import month_after, months_before
from tests.clock import today
from tests.life import Life
from tests.register.carried import carry
from tests.register.making import JOB, ORDINARY, csv_text, folder
from tests.replay.corpus import replayer
from tests.runs import names_of


def row(mark: str, number: int, **cells: str) -> dict[str, str]:
    """Return the row of somebody whom no other test knows."""
    return (
        ORDINARY
        | {
            "number": f"{mark}-{number}",
            "name": f"Kari {mark} {number}",
            "email": f"{mark}-{number}@example.org",
            "national_id": "",
            "ends_on": "",
            "pension": "",
            "reservation_deadline": "",
        }
        | cells
    )


@pytest.fixture
def register(tmp_path):
    """A register of four good members and a faulty one, written as another system would."""
    mark, month = uuid.uuid4().hex[:6], month_after(today())
    before = months_before(month, 1)
    members = [
        row(mark, 1),
        row(mark, 2, payer="direct", branch=""),
        row(mark, 3, hidden="ja", payer="direct"),
        row(mark, 4, insurance="window_open", insurance_from="",
            reservation_deadline=str(month + timedelta(days=3))),
        row(mark, 5, joined_on="31.02.2020"),
    ]  # fmt: skip
    members = [{"hidden": "nei"} | member for member in members]
    kid = with_mod10(f"55{int(mark, 16):011d}")
    bill = {
        "member": f"{mark}-2", "invoice": f"G-{mark}", "kid": kid, "period": f"{before:%Y-%m}",
        "issued_on": str(before), "due_on": str(before + timedelta(days=14)), "central": "495,00",
    }  # fmt: skip
    path = folder(
        tmp_path / "register",
        members=csv_text(*members),
        employments=csv_text(*(JOB | {"member": one["number"]} for one in members)),
        invoices=csv_text(bill),
    )
    return mark, kid, path


async def lives_of(pool, skipper, mail_sink, mark):
    """Return the lives that were carried over, by the number they had."""
    rows = await pool.fetch(
        "SELECT number, membership_id FROM imported_members WHERE number LIKE $1 ORDER BY number",
        f"{mark}-%",
    )
    return [
        Life(
            skipper.client.get_workflow_handle(row["membership_id"]),
            skipper,
            pool,
            mail_sink.mail_dir,
        )
        for row in rows
    ]


async def test_a_register_is_carried_over_and_lives_on(
    cli, register, shared_pool, skipper, mail_sink
):
    """Nobody hears of it, nothing is asked of the workers, and messages do what they always do."""
    mark, kid, path = register
    refused = await cli("import", str(path))
    assert refused.code == 2
    assert "of 5 members 1 can't be, with faults" in refused.err
    assert await lives_of(shared_pool, skipper, mail_sink, mark) == []
    ran = await cli("import", str(path), "--skip-faulty", "--json")
    counts = {name: ran.json[name] for name in ("imported", "known", "faulty", "invoices")}
    assert (ran.code, counts) == (
        1, {"imported": 4, "known": 0, "faulty": 1, "invoices": 1}
    )  # fmt: skip
    lives = await lives_of(shared_pool, skipper, mail_sink, mark)
    payroll, direct, hidden, window = lives
    for life in lives:
        await life.settle()
        history = await life.handle.fetch_history()
        assert names_of(history) == [
            "WORKFLOW_EXECUTION_STARTED",
            "WORKFLOW_TASK_SCHEDULED",
            "WORKFLOW_TASK_STARTED",
            "WORKFLOW_TASK_COMPLETED",
            "TIMER_STARTED",
        ]
        await replayer().replay_workflow(history)
        assert await life.letters() == []
    found = await window.handle.describe()
    shown = {pair.key.name: pair.value for pair in found.typed_search_attributes}
    assert (shown["MembershipStage"], shown["MemberCategory"]) == ("onboarding", "ordinary")
    assert [(await life.state())["stage"] for life in lives] == [
        "active", "active", "active", "onboarding"
    ]  # fmt: skip
    assert (await hidden.state())["hidden"]

    month = month_after(today())
    changed = await direct.update(
        "change_employment", {"effective_on": str(month), "position_percent": "50"}
    )
    assert changed["applied"]
    half = [term for term in (await direct.state())["terms"] if term["kind"] == "central_dues"]
    # From 67 on whoever works pays in full (A15).
    assert [term["amount_ore"] for term in half] == [24750, 49500]
    paid = await direct.update(
        "record_payment",
        {"reference": f"p-{mark}", "amount_ore": 49500, "paid_on": str(today()), "kid": kid},
    )
    assert paid["applied"]
    open_ore = await shared_pool.fetchval(
        "SELECT open_ore FROM invoice_balances WHERE kid = $1", kid
    )
    assert open_ore == 0
    await payroll.update("resign", {"received_on": str(today())})
    assert (await payroll.state())["leaves_on"] is not None
    # The employer deducts: it is told to stop, though it was another system that told it to begin.
    assert ("employer", "payroll_stop", "sent") in await payroll.letters()
    corrected = await hidden.update(
        "supply_information",
        {"information": "new phone", "applicant": {"phone": "+4791234599"}},
    )
    assert corrected["applied"]

    async with shared_pool.acquire() as connection:
        book = await RulebookReader(allow_synthetic_ids=True).current(connection)
        opening = AuditOpening(run=f"audit-{mark}", today=today(), dry_run=True)
        plan = await plan_audit(connection, book, opening, busy=False)
    ids = tuple(life.id for life in lives)
    suspects = Suspects(plan=plan, workflow_ids=ids, final=False)
    assert (await look_again(shared_pool, skipper.client, suspects)).suspects == ()

    text = (path / "members.csv").read_text(encoding="utf-8")
    (path / "members.csv").write_text(text.replace(f"Kari {mark} 3", f"Ola {mark} 3"))
    again = await cli("import", str(path), "--skip-faulty")
    assert again.code == 1
    assert f"{mark}-3: was carried over as {hidden.id}, by another line" in again.out
    assert "0 carried over, 0 begun that an import before had left, 3 known before" in again.out


async def test_an_import_that_was_stopped_goes_on(cli, register, shared_pool, skipper, mail_sink):
    """Whoever was written and not begun is begun; whoever was begun and not noted is left alone."""
    mark, _, path = register
    month = month_after(today())
    async with shared_pool.acquire() as connection:
        book = await RulebookReader(allow_synthetic_ids=True).current(connection)
    with open_register(path) as opened:
        found = [checked(raw, book, month).member for raw in opened.members()]
    members = [member for member in found if member is not None]
    # As if it had been killed between the rows and the workflows.
    await carry(shared_pool, members, datetime.now(UTC), month)
    lives = await lives_of(shared_pool, skipper, mail_sink, mark)
    again = await cli("import", str(path), "--skip-faulty", "--json")
    assert (again.json["imported"], again.json["resumed"], again.json["known"]) == (0, 4, 0)
    assert [(await life.state())["stage"] for life in lives][:1] == ["active"]
    # And between a workflow and the note of it.
    before = names_of(await lives[1].handle.fetch_history())
    await shared_pool.execute(
        "UPDATE imported_members SET begun = false WHERE membership_id = $1", lives[1].id
    )
    third = await cli("import", str(path), "--skip-faulty", "--json")
    assert (third.json["imported"], third.json["resumed"], third.json["known"]) == (0, 1, 3)
    assert names_of(await lives[1].handle.fetch_history()) == before
