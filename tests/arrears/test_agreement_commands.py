"""`hold-reminders`, `payment-plan` and `write-off` as a caseworker runs them."""

from datetime import timedelta

from tests import clock
from tests.arrears.making import owe
from tests.letters.making import make_membership

BY = ("--by", "ola", "--reason", "ill")


async def test_a_caseworker_decides_about_a_debt(pool, command):
    """Who, why and until when stand in the tables; what can't be done says why, in a sentence."""
    member = await make_membership(pool, stage="active")
    today = clock.today()
    numbers = [await owe(pool, member, today - timedelta(days=20)) for _ in range(2)]
    until = str(today + timedelta(days=30))
    ran = await command("hold-reminders", member, "--until", until, *BY, "--json")
    assert (ran.code, ran.json) == (0, {"membership_id": member, "until": until})
    hold = await pool.fetchrow("SELECT until_on, decided_by, reason FROM reminder_holds")
    assert (str(hold["until_on"]), hold["decided_by"], hold["reason"]) == (until, "ola", "ill")
    ran = await command("payment-plan", member, "--months", "2", "--first", until, *BY, "--json")
    assert ran.code == 0, ran.err
    assert [one["amount_ore"] for one in ran.json["instalments"]] == [49500, 49500]
    ran = await command("write-off", numbers[0], *BY, "--json")
    assert (ran.code, ran.json["written_off_ore"]) == (0, 49500)
    ran = await command("write-off", numbers[0], *BY)
    assert (ran.code, "Nothing was changed: nothing is open of invoice" in ran.err) == (2, True)


async def test_an_id_is_taken_as_other_commands_take_it(pool, command):
    """With or without its prefix; what is kept and answered is the whole one."""
    member = await make_membership(pool, stage="active")
    await owe(pool, member, clock.today() - timedelta(days=20))
    bare, until = member.removeprefix("membership-"), str(clock.today() + timedelta(days=30))
    plan = ("payment-plan", bare, "--months", "2", "--first", until)
    for words in (("hold-reminders", bare, "--until", until), plan):
        ran = await command(*words, *BY, "--json")
        assert (ran.code, ran.json["membership_id"]) == (0, member), ran.err


async def test_what_is_typed_wrong_is_said(pool, command):
    """A day that is none, a plan without its months: nothing is changed."""
    member = await make_membership(pool, stage="active")
    ran = await command("hold-reminders", member, "--until", "soon", *BY)
    assert (ran.code, "--until must be a day" in ran.err) == (2, True)
    ran = await command("payment-plan", member, *BY)
    assert (ran.code, "say how many --months" in ran.err) == (2, True)
    assert await pool.fetchval("SELECT count(*) FROM payment_plans") == 0
