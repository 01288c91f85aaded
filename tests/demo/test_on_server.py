"""The demo's people on the real server, from days of somebody's choice.

From two of them, and from all five with MEDLEMSFLYT_DEMO_DAYS=all (`make days`): what a day does to
the rules is looked at in ``test_days``, by the thousand.
"""

import asyncio
import os
from datetime import date
from pathlib import Path

import pytest
from temporalio.client import Client

from workers.demo.beginning import noon
from workers.demo.cast import cast
from workers.demo.play import Play, new_life
from workers.demo.promises import check, mails_of
from workers.stack import MailSink

# Far ahead, for no test may depend on today; each in a year of its own, for the same cast in the
# same year would be taken for the same people.
DAYS = [
    pytest.param(date(2091, 12, 31), id="New-Years-Eve"),
    pytest.param(date(2092, 3, 29), id="the-day-before-the-clocks-change"),
    pytest.param(date(2093, 2, 28), id="the-end-of-February"),
    pytest.param(date(2094, 1, 31), id="the-31st"),
    pytest.param(date(2096, 2, 29), id="a-leap-day"),
]


ALL = os.environ.get("MEDLEMSFLYT_DEMO_DAYS") == "all"


@pytest.mark.parametrize("day", DAYS if ALL else DAYS[1::3])
async def test_the_cast_ends_by_the_rules(
    day: date,
    client: Client,
    workers: None,  # noqa: ARG001 - they must be at work
    shared_database_url: str,
    mail_sink: MailSink,
) -> None:
    """Everybody begins at noon of the day, by the membership's own clock, and ends as promised."""
    lives = [new_life(person) for person in cast(day)]
    play = Play(client, noon(day), lambda _life: None)
    async with asyncio.TaskGroup() as everybody:
        for life in lives:
            everybody.create_task(play.live(life))
    mails = await mails_of(shared_database_url, Path(mail_sink.mail_dir), lives)
    check(lives, mails)
    assert [(life.person.name, fault) for life in lives for fault in life.faults] == []
    assert {life.log[0]["at"][:10] for life in lives} == {str(day)}
    assert min(mail.on for mail in mails) == day
