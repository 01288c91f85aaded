"""Coming back on the real server: a resignation that is regretted, an end that is over."""

from datetime import date, timedelta

from tests.life import application, synthetic_id
from tests.membership.test_strangers import seen


async def test_a_resignation_is_regretted_by_applying_anew(apply):
    """The caseworker approves: the membership goes on, the application is its duplicate (A29).

    Before that whoever applies sees what anybody would.
    """
    form = application(applicant={"national_id": synthetic_id()}, employment=None)
    life = await apply(form)
    await life.approve()
    terms = (await life.state())["terms"]
    today = str(await life.today())
    await life.update("resign", {"received_on": today})
    assert (await life.state())["leaves_on"] is not None

    again = await apply(form)
    nobody = await apply(application(applicant={"national_id": synthetic_id()}, employment=None))
    assert await seen(again) == await seen(nobody)
    assert (await again.approve())["says"] == "the application was closed"
    result = await again.result()
    assert (result["outcome"], result["member_number"]) == ("duplicate", None)
    state = await life.state()
    assert (state["leaves_on"], state["terms"], state["rejected_messages"]) == (None, terms, [])
    assert ("member", "change_withdrawn", "sent") in await life.letters()
    assert [letter for letter in await again.letters() if letter[0] == "member"] == [
        ("member", "application_received", "sent")
    ]


async def test_who_has_left_comes_back_with_an_old_form(apply):
    """Under review and not invalid; no month twice; the seniority is the first membership's.

    A former student applies with the study that has ended: the caseworker says ordinary, 495.00.
    """
    number = synthetic_id("2004-02-03")
    who = {"national_id": number, "birth_date": "2004-02-03"}
    life = await apply(application(applicant=who, employment=None))
    await life.approve()
    joined = (await life.state())["member_since"]
    await life.update("resign", {"received_on": str(await life.today())})
    leaves_on = (await life.state())["leaves_on"]
    await life.reach(date.fromisoformat(leaves_on) + timedelta(days=1))
    assert (await life.state())["outcome"] == "resigned"

    ended = str(date.fromisoformat(joined) - timedelta(days=1))
    study = {"school": "NTNU", "ends_on": ended}
    form = application(applicant=who, category="student", study=study)
    back = await apply(form)
    assert (await back.state())["stage"] == "under_review"
    await back.approve(category="ordinary")
    state = await back.state()
    assert state["first_member_since"] == joined
    (term,) = [term for term in state["terms"] if term["kind"] == "central_dues"]
    assert term["amount_ore"] == 49500
    assert term["valid_from"] > leaves_on
