"""New prices on the real server: who is told what, and that it happens once whatever dies.

520 in place of 495, OSLO 55 in place of 50: half of 520 is 260 (S5), ceil10(312) = 320 (S12),
ceil10(624) = 630 (S18).
"""

from datetime import date

from activities.letters.wording import month
from schemas.shared.vocabulary import Language
from tests.deduction.making import rows_of
from tests.life import Json


async def everybody(hall):
    """One member of each kind that new prices meet otherwise."""
    payroll = await hall.joins(approved={"branch": "OSLO"})
    await payroll.update("answer_payroll_request", {"answer": "accepted"})
    employment = {"employer_orgnr": "974760673", "position": "Formann"}
    return {
        "payroll": payroll,
        "half": await hall.joins(employment={**employment, "position_percent": "50"}),
        "student": await hall.joins(
            category="student",
            employment=None,
            study={"school": "NTNU", "ends_on": f"{hall.effective_on.year + 2}-06-15"},
        ),
        "pensioner": await hall.joins(
            category="pensioner",
            employment=None,
            applicant={"birth_date": "1955-03-08"},
            pension={"kind": "old_age", "from": "2025-01-01"},
        ),
        "hidden": await hall.joins(hidden=True),
        "apprentice": await hall.joins(
            category="apprentice",
            apprenticeship={"ends_on": f"{hall.effective_on.year + 2}-08-15"},
        ),
    }


def charged(terms: list[Json], day: date) -> dict[str, int]:
    """What is charged from a day on, øre by kind."""
    return {t["kind"]: t["amount_ore"] for t in terms if t["valid_from"] == day.isoformat()}


async def repricings(pool) -> dict[str, int]:
    """How often each membership was priced anew."""
    rows = await pool.fetch(
        "SELECT membership_id, count(*) FROM decisions WHERE event = 'repriced' GROUP BY 1"
    )
    return dict(rows)


async def test_new_prices_reach_everybody_concerned(hall):
    """What the preview foretold happens, once; each is told what concerns them (M8, A26)."""
    lives = await everybody(hall)
    change = hall.change(full_central_ore=52000, branches=[{"code": "OSLO", "local_ore": 5500}])
    foretold = await hall.preview(change)
    assert await repricings(hall.pool) == {}, "a preview changes nothing"
    version = await hall.approve(change)
    assert version == foretold.rulebook
    report = await hall.tell(version)
    assert report["letters"] == foretold.total.changing == 5
    assert report["employers"] == 1
    assert (report["told"], report["unconfirmed"], report["troubled"]) == (0, 0, 0)
    for life in lives.values():
        await life.settle()

    start = hall.effective_on
    # A year's fee changes with the next January's invoice (A26).
    january = start if start.month == 1 else date(start.year + 1, 1, 1)
    states = {name: (await life.state())["terms"] for name, life in lives.items()}
    assert charged(states["payroll"], start) == {"central_dues": 52000, "local_dues": 5500}
    assert charged(states["half"], start) == {"central_dues": 26000}
    assert charged(states["student"], january) == {"central_dues": 32000}
    assert charged(states["pensioner"], january) == {"central_dues": 63000}
    assert charged(states["hidden"], start) == {"central_dues": 52000}
    for name, life in lives.items():
        assert await life.terms_kept() == states[name], "the database says the same"
    assert await repricings(hall.pool) == {}, "nobody decides anything: the price is one row"
    told = await hall.pool.fetch(
        "SELECT membership_id, figures->>'valid_from' AS month FROM letters WHERE batch = $1",
        f"repricing-{start}-{version[:12]}",
    )
    months = {row["membership_id"]: date.fromisoformat(row["month"]) for row in told}
    assert months == {
        lives[name].id: january if name in ("student", "pensioner") else start
        for name in ("payroll", "half", "student", "pensioner", "hidden")
    }
    # Half, too, has a request out: a late yes must deduct the new amounts (M8).
    assert foretold.total.through_payroll == 1
    [file] = hall.lists()
    assert sorted(row[3:] for row in rows_of(file)[1:]) == [
        ["260,00", "0,00", "0,00", "260,00", "CHANGE"],
        ["520,00", "55,00", "0,00", "575,00", "CHANGE"],
    ]
    await hall.mailed(version)
    mails = await lives["payroll"].mails()
    body = mails["member/dues_changed"].get_body(("plain",)).get_content()
    # 495 + 50 before, 520 + 55 from then on (M8).
    says = f"fra 545,00 kr til 575,00 kr per måned fra og med {month(start, Language.NB)}, fordi"
    assert says in " ".join(body.split())
    assert "520,00" in body
    assert "55,00" in body

    again = await hall.tell(version)
    assert (again["told"], again["letters"]) == (0, 0), "nobody is told twice"
    assert hall.lists() == [file]


async def test_a_worker_that_dies_in_a_page_costs_nothing(hall):
    """Signals that are sent again change nothing: each is priced anew once (invariant 6)."""
    lives = [await hall.joins() for _ in range(3)]
    version = await hall.approve(hall.change(half_at_most_percent=100))
    hall.pricing.deaths = 2
    report = await hall.tell(version)
    assert (report["members"], report["told"], report["unconfirmed"]) == (3, 3, 0)
    assert report["letters"] == 0, "who pays by another rate hears of it from the membership"
    assert report["rounds"] == 2, "it was looked again whether they followed"
    assert await repricings(hall.pool) == {life.id: 1 for life in lives}
    for life in lives:
        assert (await life.state())["rejected_messages"] == []


async def test_who_does_not_follow_is_a_caseworkers_task(hall):
    """Told again until it is of no use; then somebody looks, and nothing hangs (invariant 5)."""
    life = await hall.joins()
    before = await life.decisions()
    answer = await life.update("reprice", {"rulebook": "0f" * 32})
    assert answer == {"applied": True, "stage": "onboarding", "says": "the prices change nothing"}
    await life.signal("reprice", {"rulebook": "0f" * 32})
    version = await hall.approve(hall.change(branches=[{"code": "BERGEN", "local_ore": 4600}]))
    # Nobody knows what the rules make of it, and its workflow is gone: telling it is of no use.
    await hall.pool.execute("UPDATE memberships SET facts = NULL")
    await life.settle()
    await life.handle.terminate()
    found = await hall.preview(hall.change(full_central_ore=52000))
    assert (found.unknown, found.total.changing) == (0, 1), "it is known what it pays by"
    report = await hall.tell(version)
    assert report["unconfirmed"] == 1
    says = await hall.pool.fetchval("SELECT says FROM tasks WHERE kind = 'repricing'")
    assert "1 memberships have not taken up the prices" in says
    assert life.id not in says
    assert await life.decisions() == before
