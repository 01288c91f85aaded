"""`hold-reminders`, `payment-plan` and `write-off` as a caseworker runs them."""

import json
from datetime import timedelta

from tests import clock
from tests.arrears.making import owe
from tests.arrears.test_command import medlemsflyt
from tests.letters.making import make_membership

BY = ("--by", "ola", "--reason", "ill")


async def test_a_caseworker_decides_about_a_debt(pool, database_url):
    """Who, why and until when stand in the tables; what can't be done says why, in a sentence."""
    member = await make_membership(pool, stage="active")
    today = clock.today()
    numbers = [await owe(pool, member, today - timedelta(days=20)) for _ in range(2)]
    until = str(today + timedelta(days=30))
    code, said = await medlemsflyt(
        database_url, "hold-reminders", member, "--until", until, *BY, "--json"
    )
    assert (code, json.loads(said)) == (0, {"membership_id": member, "until": until})
    hold = await pool.fetchrow("SELECT until_on, decided_by, reason FROM reminder_holds")
    assert (str(hold["until_on"]), hold["decided_by"], hold["reason"]) == (until, "ola", "ill")
    code, said = await medlemsflyt(
        database_url, "payment-plan", member, "--months", "2", "--first", until, *BY, "--json"
    )
    assert code == 0, said
    assert [one["amount_ore"] for one in json.loads(said)["instalments"]] == [49500, 49500]
    code, said = await medlemsflyt(database_url, "write-off", numbers[0], *BY, "--json")
    assert (code, json.loads(said)["written_off_ore"]) == (0, 49500)
    code, said = await medlemsflyt(database_url, "write-off", numbers[0], *BY)
    assert (code, "Nothing was changed: nothing is open of invoice" in said) == (2, True)


async def test_an_id_is_taken_as_other_commands_take_it(pool, database_url):
    """With or without its prefix; what is kept and answered is the whole one."""
    member = await make_membership(pool, stage="active")
    await owe(pool, member, clock.today() - timedelta(days=20))
    bare, until = member.removeprefix("membership-"), str(clock.today() + timedelta(days=30))
    plan = ("payment-plan", bare, "--months", "2", "--first", until)
    for command in (("hold-reminders", bare, "--until", until), plan):
        code, said = await medlemsflyt(database_url, *command, *BY, "--json")
        assert (code, json.loads(said)["membership_id"]) == (0, member), said


async def test_what_is_typed_wrong_is_said(pool, database_url):
    """A day that is none, a plan without its months: nothing is changed."""
    member = await make_membership(pool, stage="active")
    code, said = await medlemsflyt(database_url, "hold-reminders", member, "--until", "soon", *BY)
    assert (code, "--until must be a day" in said) == (2, True)
    code, said = await medlemsflyt(database_url, "payment-plan", member, *BY)
    assert (code, "say how many --months" in said) == (2, True)
    assert await pool.fetchval("SELECT count(*) FROM payment_plans") == 0
