"""Somebody comes back, on the real server: the same person, and no month billed twice."""

from tests.life import application


async def test_the_month_that_was_billed_is_not_billed_to_the_new_membership(apply):
    """Invariant 10: the first membership's first invoice is for this month; it has ended since."""
    form = application()
    first = await apply(form)
    await first.approve()
    await first.update("resign", {"received_on": str(await first.today())})
    await first.days(100)
    assert (await first.result())["outcome"] == "resigned"
    second = await apply(form)
    await second.approve()
    state = await second.state()
    assert (state["stage"], state["first_invoice"]) == ("onboarding", None)
    assert "member/first_invoice" not in {
        f"{audience}/{template}" for audience, template, _ in await second.letters()
    }
    people = await first.pool.fetchval(
        "SELECT count(DISTINCT person_id) FROM memberships WHERE membership_id = ANY($1)",
        [first.id, second.id],
    )
    assert people == 1
