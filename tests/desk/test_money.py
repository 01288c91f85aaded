"""Money that waits, at the desk: where it would go, that it goes once, and its second person."""

import re
from pathlib import Path

import pytest

import activities
from activities.payments.placing import Share, Target, place_shares
from activities.payments.suspense import NotPossible
from tests.dues.test_ledger import UNBOOKED
from tests.payments.making import TODAY, Money, bring, camt, payer, stands
from tests.payments.refunding import THEIRS
from tests.payments.test_allocation import make_list
from workers.gateway.desk.texts import texts
from workers.gateway.desk.writing import ore_of

ONE = 49500


@pytest.fixture
async def two(pool, persistence):
    """Two members who owe 495.00, and 700.00 that nobody knows what for."""
    found = [await payer(pool, persistence), await payer(pool, persistence)]
    await bring(pool, camt(Money(None, 70000)))
    return found


async def task_of(pool, key="suspense/K1"):
    """The number of a task."""
    return await pool.fetchval("SELECT task_id FROM tasks WHERE key = $1", key)


@pytest.mark.parametrize(
    ("text", "ore"),
    [("495", 49500), ("1 234,50", 123450), ("1\u00a0234,5", 123450), ("-1", -100),
     ("1,234", None), ("x", None), ("", None), ("1e400", None), ("NaN", None)],
)  # fmt: skip
def test_amounts_as_people_write_them(text, ore):
    """Kroner with a comma and blanks; half an øre is none."""
    assert ore_of(text) == ore


def test_every_kind_of_task_says_what_to_do():
    """In Norwegian, whichever file opens it."""
    by_python = re.compile(r"open_task\([^()]*?kind=\"(\w+)\"", re.DOTALL)
    by_sql = re.compile(r"INSERT INTO tasks \(key, kind[^;]*?,\s*'(\w+)',\s", re.DOTALL)
    root = Path(activities.__file__).parent
    found = set()
    for path in (*root.glob("*/*.py"), *root.glob("*/sql/*.sql")):
        found |= {kind for one in (by_python, by_sql) for kind in one.findall(path.read_text())}
    assert len(found) > 30
    assert found <= texts()["kind"].keys()
    assert texts()["kind"].keys() == texts()["todo"].keys()


async def test_a_payment_is_split(pool, two):
    """All shares or none: what one of them does not take, and what another has taken meanwhile."""
    kari, ola = two
    shares = [
        Share(Target.INVOICE, f"{kari.number}-1", 30000),
        Share(Target.MEMBER, ola.number),
    ]

    async def split(shares, seen_ore=70000):
        async with pool.acquire() as connection, connection.transaction():
            return await place_shares(
                connection, "K1", shares, seen_ore=seen_ore, today=TODAY, by="ola"
            )

    with pytest.raises(NotPossible, match=r"takes 49500 øre, and not 60000"):
        await split([Share(Target.MEMBER, ola.number, 60000), *shares])
    with pytest.raises(NotPossible, match="has changed"):
        await split(shares, seen_ore=1)
    with pytest.raises(NotPossible, match="there is no list"):
        await split([*shares[:1], Share(Target.LIST, "L-9")])
    assert set((await stands(pool))["open"].values()) == {ONE}
    placed, _ = await split(shares)
    invoice = Target.INVOICE
    assert placed == {(invoice, f"{kari.number}-1"): 30000, (invoice, f"{ola.number}-1"): 40000}
    with pytest.raises(NotPossible, match="nothing is in suspense"):
        await split(shares)
    found = await stands(pool)
    assert sorted(found["open"].values()) == [ONE - 40000, ONE - 30000]
    assert found["tasks"] == set()
    assert await pool.fetch(UNBOOKED) == []


async def test_a_list_may_be_called_as_an_invoice_is(pool, two, at_desk):
    """Both are a number and a serial: each gets its own, and the page names both."""
    number = f"{two[0].number}-1"
    await make_list(pool, two[0], number)
    desk = await at_desk()
    form = {"seen": "700,00", "target-0": "list", "number-0": number, "amount-0": "100",
            "target-1": "invoice", "number-1": number, "amount-1": "200"}  # fmt: skip
    ahead = await desk.post(f"/desk/payments/{await task_of(pool)}", step="look", **form)
    rows = re.findall(r'scope="row">(\w+) .*?class="number">([^<]+)<', ahead.text, re.DOTALL)
    assert rows == [("Trekkliste", "100,00"), ("Faktura", "200,00")]
    async with pool.acquire() as connection, connection.transaction():
        shares = [Share(Target.LIST, number, 10000), Share(Target.INVOICE, number, 20000)]
        found = await place_shares(connection, "K1", shares, seen_ore=70000, today=TODAY, by="ola")
    assert found == (
        {(Target.LIST, number): 10000, (Target.INVOICE, number): 20000},
        {number: "2026-12"},
    )
    # The rest stays, with its task.
    assert (await stands(pool))["tasks"] == {"suspense/K1"}
    assert await pool.fetch(UNBOOKED) == []


async def test_a_member_number_is_the_whole_of_it(pool, two):
    """A digit too many is nobody's number: PostgreSQL would cut it off where it is cast."""
    async with pool.acquire() as connection, connection.transaction():
        share = Share(Target.MEMBER, f"{two[0].number}0")
        with pytest.raises(NotPossible, match="owes nothing"):
            await place_shares(connection, "K1", [share], seen_ore=70000, today=TODAY, by="ola")


async def test_where_a_payment_goes_is_seen_before_it_goes(pool, two, at_desk):
    """Nothing is placed by looking; sent twice it counts once, and it has to be confirmed."""
    kari, ola = two
    task = await task_of(pool)
    desk = await at_desk()
    assert f"/desk/payments/{task}" in (await desk.get("/desk/money")).text
    assert f"/desk/payments/{task}" in (await desk.get(f"/desk/cases/task-{task}")).text
    form = {"seen": "700,00", "target-0": "invoice", "number-0": f"{kari.number}-1",
            "target-1": "member", "number-1": ola.number, "amount-1": "200"}  # fmt: skip
    path = f"/desk/payments/{task}"
    for step in ("look", "send"):
        ahead = await desk.post(path, step=step, **form)
        assert ahead.status_code == 200
        assert "5,00 kr blir stående ufordelt" in ahead.text
        assert set((await stands(pool))["open"].values()) == {ONE}
    assert "Kryss av" in ahead.text
    placed = await desk.post(path, step="send", confirmed="yes", **form)
    assert "Innbetalingen er ført" in placed.text
    again = await desk.post(path, step="send", confirmed="yes", **form)
    assert again.status_code == 409
    assert "i mellomtiden" in again.text
    assert sorted((await stands(pool))["open"].values()) == [0, ONE - 20000]


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({}, "Velg hvem pengene er for"),
        ({"number-0": "9-9"}, "9-9 finnes ikke"),
        ({"amount-0": "1"}, "Skriv et beløp"),
        ({"number-0": "9-9", "amount-0": "mye"}, "Skriv et beløp"),
        ({"proposal": "9"}, "Forslaget gjelder ikke"),
        ({"step": "refund"}, "Skriv hvorfor"),
        ({"step": "refund", "why": "feil", "account": "1"}, "11 siffer"),
        ({"step": "refund", "why": "feil", "account": "12345678903"}, "vår egen konto"),
    ],
)
@pytest.mark.usefixtures("two")
async def test_what_is_wrong_is_said_in_norwegian(pool, at_desk, form, says):
    """Beside what was filled in, and nothing is changed."""
    desk = await at_desk()
    task = await task_of(pool)
    found = await desk.post(f"/desk/payments/{task}", **({"seen": "700,00", "step": "look"} | form))
    assert (found.status_code, says in found.text) == (409, True), found.text
    assert set((await stands(pool))["suspense"].values()) == {70000}


@pytest.mark.usefixtures("two")
async def test_a_second_person_approves_what_is_paid_back(pool, at_desk):
    """Who has asked is refused, an auditor looks, and another sees it in the inbox."""
    desk = await at_desk()
    task = await task_of(pool)
    asked = await desk.post(f"/desk/payments/{task}", step="refund", why="ukjent", account=THEIRS,
                            receiver="Kari Nordmann")  # fmt: skip
    path = asked.url.path
    assert path.startswith("/desk/refunds/R")
    assert "Venter på godkjenning" in asked.text
    own = await desk.post(path, step="approve")
    assert own.status_code == 409
    assert "en annen må godkjenne" in own.text
    assert "venter på at du godkjenner" not in (await desk.get("/desk/inbox")).text
    auditor = await at_desk("auditor")
    assert "Godkjenn" not in (await auditor.get(path)).text
    assert (await auditor.post(path, step="approve")).status_code == 403
    other = await at_desk("team_lead")
    assert "En utbetaling venter på at du godkjenner" in (await other.get("/desk/inbox")).text
    assert "Godkjenn 700,00 kr til Kari Nordmann" in (await other.get(path)).text
    assert "Godkjent, går i neste fil" in (await other.post(path, step="approve")).text
    assert "Skriv hvorfor" in (await other.post(path, step="refuse")).text
    assert "Gitt opp" in (await other.post(path, step="refuse", why="feil navn")).text
    assert (await stands(pool))["suspense"] == {"K1": 70000}


async def test_what_a_member_has_with_us_is_paid_out(pool, two, at_desk):
    """Once their account is known: without it nobody can approve."""
    kari, _ = two
    await bring(pool, camt(Money(kari.kids[0], ONE, key="K2"), Money(kari.kids[0], ONE, key="K3")))
    desk, path = await at_desk(), f"/desk/members/{kari.membership_id}/refund"
    assert "495,00 kr er til gode" in (await desk.get(path)).text
    assert "Skriv hvorfor" in (await desk.post(path)).text
    asked = await desk.post(path, why="utmeldt")
    assert "Mangler kontonummer" in asked.text
    wrong = await desk.post(asked.url.path, step="account", account="86011117948")
    assert "kontrollsiffer" in wrong.text
    named = await desk.post(asked.url.path, step="account", account=THEIRS)
    assert "Venter på godkjenning" in named.text
    assert "ingenting til gode" in (await desk.get(path)).text
