"""`medlemsflyt events`: a line an event, for programs."""

import json

import pytest

from tests.events.making import IDS, add, decide
from tests.membership.making import TODAY


async def test_a_line_an_event(command, pool):
    """CloudEvents 1.0 by their required names; asked for again by the last line's sequence."""
    await add(pool, IDS[0])
    await add(pool, IDS[1], hidden=True)
    for number in (1, 2):
        for one in IDS[:2]:
            await decide(pool, one, number)
    ran = await command("events")
    first, second = [json.loads(line) for line in ran.out.splitlines()]
    assert first | {"id": "", "sequence": ""} == {
        "specversion": "1.0",
        "id": "",
        "source": "/medlemsflyt",
        "type": "no.lederne.medlemsflyt.leave_granted",
        "subject": IDS[0],
        "sequence": "",
        "datacontenttype": "application/json",
        "data": {"happened_on": str(TODAY), "decision": 1},
    }
    ran = await command("events", "--since", first["sequence"])
    assert [json.loads(line) for line in ran.out.splitlines()] == [second]
    assert len((await command("events", "--with-hidden", "--limit", "3")).out.splitlines()) == 3
    assert (await command("events", "--since", "2199-01-01")).out == ""
    assert (await command("events", "--type", "invoice_paid")).out == ""


@pytest.mark.parametrize(
    "wrong", [("--since", "i går"), ("--since", "2026-13-01"), ("--type", "x")]
)
async def test_what_is_no_question_is_refused(command, wrong):
    """With a sentence, and nothing on standard output."""
    ran = await command("events", *wrong)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(("--since is neither", "There are no events of the type x"))
