"""`medlemsflyt consumer`: who is told, changed by whom."""

import pytest

from tests.commands import commands_of
from tests.events.making import IDS, add, decide
from tests.events.receiver import AT_CRM, AT_CRM_2

ADD = (
    "consumer",
    "add",
    "crm",
    "http://127.0.0.1:1/events",
    "--secret",
    AT_CRM,
    "--by",
    "Kari Moe",
)


@pytest.fixture
def command(database_url, tmp_path, temporal):
    """Commands over a database of the test's own; nobody is at work for its consumers."""
    return commands_of(tmp_path, database_url=database_url, temporal_address=temporal.address)


async def listed(command):
    """The one consumer there is."""
    [found] = (await command("consumer", "list", "--json")).json["consumers"]
    return found


async def test_a_consumer_is_added_changed_paused_and_put_back(command, pool):
    """From now on by itself; its secret stands nowhere, only where it is."""
    await add(pool, IDS[0])
    await decide(pool, IDS[0], 1)
    assert "from now on" in (await command(*ADD, "--with-hidden")).out
    found = await listed(command)
    assert (found["delivered_to"], found["waiting"], found["types"]) == (1, 0, None)
    assert (found["clearance_asked_by"], found["cleared_by"]) == ("Kari Moe", None)
    assert (await command(*ADD)).err.startswith("Nothing was changed: there is a consumer crm")
    ran = await command("consumer", "clear", "crm", "--by", "Kari Moe")
    assert "somebody else allows it" in ran.err
    assert (await command("consumer", "clear", "crm", "--by", "Per Li")).code == 0
    changes = ("--type", "invoice_paid", "--batch", "50", "--secret", AT_CRM_2)
    await command("consumer", "change", "crm", "--by", "Per Li", *changes)
    found = await listed(command)
    assert (found["types"], found["batch_size"]) == (["invoice_paid"], 50)
    assert (found["secret"], found["former_secret"]) == (AT_CRM_2, AT_CRM)
    assert found["cleared_by"] == "Per Li"
    await command("consumer", "change", "crm", "--by", "Per Li", "--retire", "--all-types")
    await command("consumer", "change", "crm", "--by", "Per Li", "--without-hidden")
    found = await listed(command)
    assert (found["types"], found["former_secret"], found["cleared_by"]) == (None, None, None)
    pause = ("consumer", "pause", "crm", "--by", "Per Li", "--reason", "vedlikehold")
    assert "is paused" in (await command(*pause)).out
    assert "was paused already" in (await command(*pause)).out
    assert "by Per Li: vedlikehold" in " ".join((await command("consumer", "list")).out.split())
    await command("consumer", "replay", "crm", "--since", f"{0:020}", "--by", "Per Li")
    assert "goes on" in (await command("consumer", "resume", "crm", "--by", "Per Li")).out
    found = await listed(command)
    assert (found["delivered_to"], found["waiting"], found["paused_at"]) == (0, 1, None)
    noted = await pool.fetch("SELECT DISTINCT change FROM consumer_changes")
    assert len(noted) == 8


WRONG = [
    (("clear", "nobody", "--by", "Per"), "there is no consumer nobody"),
    (("replay", "crm", "--since", "99", "--by", "Per"), "the last event has the number 0"),
    (("replay", "crm", "--since", "soon", "--by", "Per"), "--since is not the `sequence`"),
    (("change", "crm", "--by", "Per"), "say what should be"),
    (("change", "crm", "--by", "Per", "--type", "x"), "no events of the type x"),
    (("change", "crm", "--by", "Per", "--type", "invoice_paid", "--all-types"), "contradict"),
    (("change", "crm", "--by", "Per", "--secret", "whsec_abc"), "a file or a variable"),
    (("change", "crm", "--by", "Per", "--secret", "env:DATABASE_URL"), "a file or a variable"),
    (("change", "crm", "--by", "Per", "--url", "ftp://x"), "begins with https://"),
    (("pause", "Crm Kari", "--by", "Per", "--reason", "x"), "of lower case"),
    (("pause", "crm", "--by", " ", "--reason", "x"), "--by must be one line"),
]


async def test_what_can_not_be_is_refused(command, pool):
    """With a sentence, and nothing is changed."""
    await command(*ADD)
    before = await pool.fetch("SELECT * FROM consumers")
    for wrong, says in WRONG:
        ran = await command("consumer", *wrong)
        assert (ran.code, ran.out) == (2, "")
        assert says in ran.err
    assert await pool.fetch("SELECT * FROM consumers") == before


async def test_a_test_is_posted_and_its_answer_told(command, receiver):
    """An event of nobody's, signed as all others."""
    await command(*ADD[:3], receiver.url, *ADD[4:])
    assert "has taken it: 204" in (await command("consumer", "test", "crm")).out
    [event] = receiver.taken
    assert event["type"] == "no.lederne.medlemsflyt.delivery_tested"
    receiver.status = 403
    ran = await command("consumer", "test", "crm")
    assert (ran.code, "it answered 403" in ran.err) == (2, True)
