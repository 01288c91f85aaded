"""What `/metrics` says, and never says; every alert can fire; what dashboards show is measured.

Proved: each expression is PromQL (Prometheus' grammar, by its Rust parser), reads metrics that a
real worker and a real Temporal server print, is true of a state that has its trouble, and false of
one that has not. Not proved, since it needs their images: that Prometheus and Grafana start with
these files, and that an alert waits as long as its `for:`.
"""

import json
import re
import time
import uuid
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from activities.audit import gauges
from activities.audit.gauges import overdue_before
from schemas.names import events_delivery_id
from schemas.shared.schedules import ScheduleName
from tests.stack.measuring import NOW, Pages, stumbled
from tests.stack.promql import Scraped, names_in
from workers.schedules import TURNS
from workers.stack import TemporalServer, temporal
from workers.stack.ports import free_port

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "containers" / "observability"
RULES = {
    rule["alert"]: rule
    for group in yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]
    for rule in group["rules"]
}
DASHBOARD = json.loads((FOLDER / "dashboards" / "medlemsflyt.json").read_text())
SHOWN = {
    panel["title"]: target["expr"]
    for panel in DASHBOARD["panels"]
    for target in panel.get("targets", ())
}
OF_PROMETHEUS = {"up"}
"""Made by Prometheus itself of whether a process answered."""

NEVER_DONE = {"DailyWorkIsOverdue", "MonthlyWorkIsOverdue"}
"""True of the quiet state as well: this server has no schedules."""


ONE_PART = {
    "matching.numTaskqueueReadPartitions": "1",
    "matching.numTaskqueueWritePartitions": "1",
}
"""Of each queue. A task that waits in one of four may be passed to another, and counts as matched
at once there: how many are would be chance."""


@pytest.fixture(scope="module")
async def pages(postgres, migrated, tmp_path_factory) -> Pages:
    """A worker that was idle, and has stumbled twice since."""
    url = await postgres.create_database(f"alerts_{uuid.uuid4().hex}", template=migrated)
    log = tmp_path_factory.mktemp("measured") / "temporal.log"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(temporal, "_SPEED", {**temporal._SPEED, **ONE_PART})
        async with TemporalServer(log, ui=False, metrics_port=free_port()) as server:
            return await stumbled(server, url)


QUIET = frozenset({"role", "what", "stage", "status", "owner", "schedule", "delivery"})
"""All labels of ours: their values are closed lists, of nobody, or made of a consumer's name."""


def test_a_worker_says_how_it_is_and_what_waits(pages):
    """The core's figures and ours on one page, of one real worker; no name, no id, nobody hidden.

    The numbers are those of the state that was made, one of each.
    """
    page = pages.second
    ours = "medlemsflyt_"
    assert page.value(f"{ours}memberships", stage="under_review") == 2
    assert page.value(f"{ours}waiting", role="caseworker", what="application") == 2
    assert page.value(f"{ours}waiting", role="caseworker", what="task") == 1
    assert page.value(f"{ours}waiting", role="applicant", what="information") == 0
    since = page.value(f"{ours}waiting_since_timestamp_seconds", what="application")
    assert since == datetime(2026, 10, 1, tzinfo=UTC).timestamp()
    nobody = page.value(f"{ours}waiting_since_timestamp_seconds", role="applicant")
    assert nobody == NOW.timestamp()
    assert page.value(f"{ours}reviews_overdue") == 1
    assert page.value(f"{ours}letters_waiting", status="pending") == 1
    for consumer, events, caught_up in (
        ("kari-hemmelig", 1, NOW - timedelta(days=2)),
        ("paused", 1, NOW),
        ("quick", 0, NOW),
    ):
        whose = {"delivery": events_delivery_id(consumer)}
        assert page.value(f"{ours}consumer_events_waiting", **whose) == events
        since = page.value(f"{ours}consumer_caught_up_timestamp_seconds", **whose)
        assert since == caught_up.timestamp()
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
    assert page.value("process_open_fds", job="medlemsflyt") > 0
    assert "temporal_workflow_task_execution_failed" in page.text
    used = {label for one in page.samples if one.name.startswith(ours) for label in one.labels}
    assert used - {"job"} == QUIET
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


@pytest.fixture
def troubled(pages) -> Scraped:
    """The moment after it stumbled the second time, ten minutes after its gauges were read."""
    now = NOW.timestamp() + 601
    return Scraped(pages.first.all, pages.second.all, pages.seconds, now)


@pytest.mark.parametrize("name", sorted(RULES.keys() - {"MembersAreWedged", "ProcessIsAway"}))
def test_an_alert_fires_where_there_is_trouble_and_nowhere_else(name, pages, troubled):
    """True of the worker that stumbled and of the members who wait; false of the idle one."""
    expression = RULES[name]["expr"]
    assert troubled.of(expression), expression
    quiet = Scraped(pages.idle.all, pages.idle.all, pages.seconds, NOW.timestamp())
    assert bool(quiet.of(expression)) == (name in NEVER_DONE), expression


def test_two_alerts_of_what_is_not_made_here(troubled):
    """Five failed tasks of a membership take the server minutes; `up` is Prometheus' own.

    The conditions are true of such values, on pages that are otherwise as they were.
    """
    of = RULES["MembersAreWedged"]["expr"]
    (wedged,) = [one for one in troubled.after if one.name == "medlemsflyt_wedged"]
    assert not troubled.of(of)
    assert Scraped([], [wedged._replace(value=1.0)], 1, 0).of(of)
    away = RULES["ProcessIsAway"]["expr"]
    assert Scraped([], [wedged._replace(name="up", value=0.0)], 1, 0).of(away)
    assert not Scraped([], [wedged._replace(name="up", value=1.0)], 1, 0).of(away)


def test_every_metric_that_is_read_is_measured(pages):
    """By rules and by panels; a name that nobody prints would keep silent for ever."""
    printed = {sample.name for sample in pages.second.all} | OF_PROMETHEUS
    for title, expression in {**{n: r["expr"] for n, r in RULES.items()}, **SHOWN}.items():
        names = names_in(expression)
        assert names, title
        assert names <= printed, title
        # Parsed and reckoned: a panel that shows nothing would be no panel.
        Scraped(pages.first.all, pages.second.all, pages.seconds, time.monotonic()).of(expression)


def test_every_alert_has_its_paragraph():
    """Whoever is woken finds what to do under the alert's own name."""
    heads = re.findall(r"^### (\w+)$", (ROOT / "docs" / "runbook.md").read_text(), re.MULTILINE)
    assert sorted(heads) == sorted(RULES)
    for name, rule in RULES.items():
        assert rule["annotations"]["runbook"] == f"docs/runbook.md#{name.lower()}"
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert re.fullmatch(r"\d+[mhd]", rule["for"])


def test_work_is_overdue_by_its_own_calendar():
    """What runs once a month is named in the monthly rule, everything else in the daily one."""
    monthly = {str(name) for name, turn in TURNS.items() if turn.monthly}
    named = re.compile(r'schedule[=!]~"([^"]*)"')
    for name in NEVER_DONE:
        assert set(named.findall(RULES[name]["expr"])[0].split("|")) == monthly


def test_the_profile_is_started_by_name_only():
    """Pinned images, our files read-only, published by nothing but the page's own file."""
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    services = compose["services"]
    for name in ("prometheus", "grafana"):
        service = services[name]
        assert service["profiles"] == ["observability"]
        assert re.search(r":-v?\d+\.\d+\.\d+\}$", service["image"])
        assert "ports" not in service
        for given in service["configs"]:
            assert (ROOT / compose["configs"][given["source"]]["file"]).is_file()
    text = (FOLDER / "prometheus.yml").read_text()
    assert {"gateway", "worker-workflows", "worker-persistence", "worker-notifications"} <= set(
        yaml.safe_load(text)["scrape_configs"][0]["dns_sd_configs"][0]["names"]
    )
    assert services["temporal"]["environment"]["PROMETHEUS_ENDPOINT"] == "0.0.0.0:9090"
