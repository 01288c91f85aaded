"""What `/metrics` says of a process and of the union's work, and what it never says."""

import uuid
from datetime import UTC, date, datetime

import pytest

from activities.audit import gauges
from activities.audit.gauges import overdue_before
from schemas.shared.schedules import ScheduleName
from tests.stack.measuring import MUCH_WAITS, NOW, measured_worker

QUIET = frozenset({"role", "what", "stage", "status", "owner", "schedule"})
"""All labels of ours: their values are closed lists, of nobody."""


async def test_a_worker_says_how_it_is_and_what_waits(temporal, pool):
    """The core's figures and ours on one page, of one real worker; no name, no id, nobody hidden.

    The numbers are those of the state that was made, one of each.
    """
    await pool.execute(MUCH_WAITS)
    page = await measured_worker(temporal.address, f"metrics-{uuid.uuid4()}", pool)
    ours = "medlemsflyt_"
    assert page.value(f"{ours}memberships", stage="under_review") == 1
    assert page.value(f"{ours}waiting", role="caseworker", what="application") == 1
    assert page.value(f"{ours}waiting", role="caseworker", what="task") == 1
    assert page.value(f"{ours}waiting", role="applicant", what="information") == 0
    since = page.value(f"{ours}waiting_since_timestamp_seconds", what="application")
    assert since == datetime(2026, 10, 1, tzinfo=UTC).timestamp()
    nobody = page.value(f"{ours}waiting_since_timestamp_seconds", role="applicant")
    assert nobody == NOW.timestamp()
    assert page.value(f"{ours}reviews_overdue") == 1
    assert page.value(f"{ours}letters_waiting", status="pending") == 1
    since = page.value(f"{ours}letters_waiting_since_timestamp_seconds", status="pending")
    assert since == datetime(2026, 8, 1, tzinfo=UTC).timestamp()
    assert page.value(f"{ours}suspense_ore", owner="nobody") == 4200
    assert page.value(f"{ours}suspense_ore", owner="member") == 0
    for name in ("quarantined", "held", "events_undelivered"):
        assert page.value(f"{ours}{name}") == 1, name
    assert page.value(f"{ours}wedged") >= 0
    assert page.value(f"{ours}figures_read_timestamp_seconds") == NOW.timestamp()
    for schedule in ScheduleName:
        page.value(f"{ours}schedule_last_success_timestamp_seconds", schedule=schedule)
    assert page.value("process_open_fds") > 0
    assert "temporal_workflow_task_execution_failed" in page.text
    used = {label for one in page.samples if one.name.startswith(ours) for label in one.labels}
    assert used == QUIET
    for word in ("kari", "hemmelig", "hidden", "skjult"):
        assert word not in page.text.lower()


@pytest.mark.parametrize(
    ("today", "working_days", "before"),
    [
        # Ten working days after a Friday it is Friday, and not over; after a weekend it is, too.
        (date(2026, 11, 27), 10, date(2026, 11, 13)),
        (date(2026, 11, 28), 10, date(2026, 11, 16)),
        (date(2026, 11, 30), 10, date(2026, 11, 16)),
    ],
)
def test_a_review_is_overdue_after_its_working_days(today, working_days, before):
    """What was received on the day before that day should have been raised before today."""
    assert overdue_before(today, working_days) == before


WHOLE = "Seq Scan on "


COUNTED = ("count_stages", "count_waiting", "count_letters", "sum_suspense")
"""The queries over tables that grow with the members."""


async def test_nothing_is_read_whole_for_them(books):
    """Each query finds what waits by an index: no table of money or people is read whole.

    The planner is told that reading whole tables is dear, as it is with 400,000 members.
    """
    found = {}
    async with books.pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL enable_seqscan = off")
        for name in COUNTED:
            plan = await connection.fetch(f"EXPLAIN {getattr(gauges._SQL, name).sql}")
            found[name] = [row[0].strip() for row in plan if WHOLE in row[0]]
    assert found == {name: [] for name in COUNTED}
