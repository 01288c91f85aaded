"""When a story may begin: today or later, at noon, and never so late that the day runs out."""

import socket
from datetime import UTC, date, datetime, timedelta

import pytest

from schemas.shared.calendar import OSLO
from tests.commands import run
from workers.demo.beginning import LATEST_BEGINNING, beginning
from workers.errors import UserError
from workers.stack.ports import HOST, Ports


def at(text: str) -> datetime:
    """Return a moment by the clocks of Oslo."""
    return datetime.fromisoformat(text).replace(tzinfo=OSLO)


@pytest.mark.parametrize(
    ("on", "now", "begins"),
    [
        pytest.param(None, "2029-02-28T09:00", "2029-02-28T12:00", id="a-morning"),
        pytest.param(None, "2029-02-28T15:00", "2029-02-28T15:00", id="an-afternoon"),
        pytest.param(None, "2029-02-28T23:29", "2029-02-28T23:29", id="with-half-an-hour-left"),
        pytest.param(None, "2029-02-28T23:30", "2029-03-01T12:00", id="the-day-nearly-over"),
        pytest.param("2029-02-28", "2029-02-28T00:00", "2029-02-28T12:00", id="today"),
        pytest.param("2029-02-28", "2029-02-28T23:00", "2029-02-28T23:00", id="today-late"),
        pytest.param("2032-02-29", "2029-02-28T23:59", "2032-02-29T12:00", id="a-leap-day"),
        pytest.param("2027-03-28", "2026-11-26T18:00", "2027-03-28T12:00", id="clocks-forward"),
        pytest.param("2027-10-31", "2026-11-26T18:00", "2027-10-31T12:00", id="clocks-back"),
    ],
)
def test_a_story_begins_at_noon_or_now(on: str | None, now: str, begins: str) -> None:
    """At noon in Oslo; today in the afternoon: at once; today at its very end: tomorrow."""
    day = date.fromisoformat(on) if on else None
    assert beginning(day, at(now)) == at(begins)


def test_the_day_is_oslos() -> None:
    """At 23:30 UTC on 1 July it is 01:30 on the 2nd in Oslo: the 1st is past."""
    now = datetime(2029, 7, 1, 23, 30, tzinfo=UTC)
    assert beginning(None, now) == at("2029-07-02T12:00")
    with pytest.raises(UserError, match="--on 2029-07-01 is past"):
        beginning(date(2029, 7, 1), now)


@pytest.mark.parametrize(
    ("on", "says"),
    [
        ("2029-02-27", "--on 2029-02-27 is past: the clock of a Temporal server is only ever"),
        ("2100-01-01", "--on 2100-01-01 is too far ahead: one of the lives takes 60 years"),
        ("9999-12-31", "Choose a day until 2099-12-31."),
        ("2029-02-28", "Begin tomorrow, with --on 2029-03-01."),
    ],
)
def test_other_days_are_refused_with_the_reason(on: str, says: str) -> None:
    """Past, absurd, or over before the first scenes are: a sentence, and what to do instead."""
    with pytest.raises(UserError, match=says):
        beginning(date.fromisoformat(on), at("2029-02-28T23:45"))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--on", "2020-02-29"], "--on 2020-02-29 is past"),
        (["--on", str(LATEST_BEGINNING + timedelta(days=1))], "is too far ahead"),
        (["--on", "2029-02-30"], "2029-02-30"),
        (["--port-offset", "65000"], "--port-offset 65000 moves a port out of 1 to 65535"),
    ],
)
def test_the_command_refuses_before_it_empties_a_folder(
    arguments: list[str], says: str, tmp_path
) -> None:
    """`demo` says why in a sentence, exits with 2 and touches nothing."""
    kept = tmp_path / "life.png"
    kept.write_bytes(b"of an earlier demo")
    ran = run("demo", "--data", str(tmp_path), *arguments)
    assert ran.code == 2
    assert says in ran.err
    assert list(tmp_path.iterdir()) == [kept]


def test_a_port_that_is_taken_is_named(tmp_path) -> None:
    """With `--port-offset` no other ports are looked for, and nothing is emptied."""
    kept = tmp_path / "life.png"
    kept.write_bytes(b"of an earlier demo")
    with socket.create_server((HOST, 0)) as other:
        port = other.getsockname()[1]
        offset = port - Ports().temporal
        ran = run("demo", "--data", str(tmp_path), "--port-offset", str(offset))
    assert ran.code == 2
    assert f"Port {port}, wanted by Temporal, is taken" in ran.err
    assert kept.exists()
