"""`medlemsflyt contact`: where letters go, and what branches charge."""

import uuid

import pytest

from tests.life import application


async def test_an_employers_address_is_set_and_replaced(cli, shared_pool):
    """The whole contact is replaced, so that what is shown is what holds."""
    setting = ("contact", "employer", "988077917", "--name", "Bedrift AS")
    ran = await cli(*setting, "--email", "lonn@bedrift.example.org")
    assert ran.out == "Payroll requests to employer 988077917 go to lonn@bedrift.example.org.\n"
    ran = await cli(*setting, "--no-email", "--json")
    assert ran.json == {"orgnr": "988077917", "name": "Bedrift AS", "email": None}
    row = await shared_pool.fetchrow("SELECT name, email FROM employers WHERE orgnr = '988077917'")
    assert dict(row) == {"name": "Bedrift AS", "email": None}


async def test_a_branch_gets_its_dues_from_a_day_on(cli, shared_pool, apply):
    """The first ones at once, others only by approval; the next member is charged them. S4, A40."""
    code = f"B{uuid.uuid4().hex[:6]}"
    setting = ("contact", "branch", code, "--name", "Avdeling", "--no-email", "--halves")
    ran = await cli(*setting, "--local-ore", "5000", "--from", "2020-01-01", "--json")
    assert (ran.code, ran.json["local_ore"], ran.json["from_on"]) == (0, 5000, "2020-01-01")
    for ore, day in (("6000", "2099-01-01"), ("6000", "2020-01-01"), ("5000", "2019-01-01")):
        ran = await cli(*setting, "--local-ore", ore, "--from", day)
        assert ran.code == 2
        assert f"branch {code} has dues already. `medlemsflyt reprice --branch {code}=" in ran.err
    rows = await shared_pool.fetch(
        "SELECT local_ore, halves FROM branch_dues WHERE code = $1 ORDER BY valid_from", code
    )
    assert [tuple(row) for row in rows] == [(5000, True)]
    life = await apply(application())
    await life.approve(branch=code)
    terms = (await life.state())["terms"]
    assert next(t["amount_ore"] for t in terms if t["kind"] == "local_dues") == 5000


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("employer", "988077918", "--name", "x", "--no-email"), "orgnr: is not a valid"),
        (("employer", "988077917", "--name", " ", "--no-email"), "name: must not be empty"),
        (("employer", "988077917", "--name", "x", "--email", "x"), "email: "),
        (("employer", "988077917", "--name", "x"), "--email, or that nobody knows with --no-email"),
        (
            ("employer", "988077917", "--name", "x", "--email", "a@example.org", "--no-email"),
            "--email, or that nobody knows with --no-email",
        ),
        (
            (
                "branch",
                "B",
                "--name",
                "x",
                "--no-email",
                "--local-ore",
                "-1",
                "--from",
                "2026-01-01",
            ),
            "local_ore: must be greater than or equal to 0",
        ),
        (
            (
                "branch",
                "B",
                "--name",
                "x",
                "--no-email",
                "--local-ore",
                "1",
                "--from",
                "1026-01-01",
            ),
            "from_on: ",
        ),
    ],
)
async def test_what_can_not_be_is_refused(cli, arguments, sentence):
    """Exit code 2, a sentence, and nothing is written."""
    ran = await cli("contact", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert sentence in ran.err


async def test_what_is_missing_is_named(cli):
    """Typer's own words, on standard error; of first dues both parts."""
    ran = await cli("contact", "branch", "B")
    assert (ran.code, ran.out) == (2, "")
    assert "--name" in ran.err
    for half in (("--local-ore", "5000"), ("--from", "2026-01-01")):
        ran = await cli("contact", "branch", "B", "--name", "x", "--no-email", *half)
        assert (ran.code, ran.out) == (2, "")
        assert "first dues need both --local-ore and --from" in ran.err


async def test_a_contact_alone_leaves_the_dues_alone(cli, shared_pool):
    """A new branch charges nothing until an amount is approved (S4, A40)."""
    code = f"B{uuid.uuid4().hex[:6]}"
    ran = await cli("contact", "branch", code, "--name", "Avdeling", "--no-email", "--json")
    assert (ran.code, ran.json) == (0, {"code": code, "name": "Avdeling", "email": None})
    rows = await shared_pool.fetch("SELECT 1 FROM branch_dues WHERE code = $1", code)
    assert rows == []


@pytest.mark.parametrize("hidden", [True, False])
async def test_a_hidden_members_address_is_no_contact(cli, shared_pool, apply, hidden):
    """S30: letters about others would reach somebody hidden; the sentence is neutral."""
    life = await apply(application(hidden=hidden))
    address = await shared_pool.fetchval(
        "SELECT email FROM people JOIN memberships USING (person_id) WHERE membership_id = $1",
        life.id,
    )
    code = f"B{uuid.uuid4().hex[:6]}"
    ways = (
        ("employer", "988077917", "--name", "Bedrift AS"),
        ("branch", code, "--name", "x", "--local-ore", "0", "--from", "2026-01-01"),
    )
    for way in ways:
        ran = await cli("contact", *way, "--email", address.upper())
        assert (ran.code == 0) is not hidden
        assert ("that address can't be used here" in ran.err) is hidden
    # At example.org every other test's hidden members would have no private address.
    await cli("contact", "employer", "988077917", "--name", "Bedrift AS", "--no-email")
