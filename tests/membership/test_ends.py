"""Every way an application can end, on the real server with time skipped."""

import uuid
from datetime import timedelta

import pytest

from tests.clock import this_year
from tests.life import Life, application


async def test_rejected_with_a_reason(apply):
    """A rejection needs a reason, which the applicant is told."""
    life = await apply(application())
    with pytest.raises(Exception, match="reason is required"):
        await life.update("decide_application", {"decision": "reject", "caseworker": "ola"})
    await life.update(
        "decide_application",
        {"decision": "reject", "caseworker": "ola", "reason": "Utenfor vårt område"},
    )
    result = await life.result()
    assert (result["stage"], result["outcome"]) == ("ended", "rejected")
    mail = (await life.mails())["member/application_rejected"]
    assert "Utenfor vårt område" in mail.get_body(("plain",)).get_content()
    assert await life.decisions() == ["application_received", "application_rejected"]


async def test_withdrawn_by_the_applicant(apply):
    """Before the decision an applicant may withdraw."""
    life = await apply(application())
    await life.update("withdraw_application", {"reason": "Ombestemt meg"})
    assert (await life.result())["outcome"] == "withdrawn"


async def test_lapsed_when_a_question_stays_unanswered(apply):
    """A33: 30 days to answer, then the application lapses and both sides are told."""
    life = await apply(application())
    await life.update(
        "decide_application",
        {"decision": "request_information", "caseworker": "ola", "reason": "Hvilken avdeling?"},
    )
    state = await life.state()
    assert state["stage"] == "awaiting_information"
    assert state["awaiting"][0]["deadline"] == str(await life.today() + timedelta(days=30))
    await life.days(31)
    assert (await life.result())["outcome"] == "lapsed"
    assert ("member", "application_lapsed", "sent") in await life.letters()


async def test_an_answer_brings_the_application_back_to_review(apply):
    """The request-for-information loop can go round more than once, with corrected fields."""
    life = await apply(application())
    for percent in ("80", "50"):
        await life.update(
            "decide_application",
            {"decision": "request_information", "caseworker": "ola", "reason": "Stilling?"},
        )
        await life.update(
            "supply_information",
            {"information": "Slik er det", "employment": {"position_percent": percent}},
        )
        assert (await life.state())["stage"] == "under_review"
    await life.approve()
    # S5: the last correction counts, 50 % is half: 247.50.
    assert (await life.state())["terms"][0]["amount_ore"] == 24750


async def test_an_answer_that_breaks_a_rule_is_refused_and_asked_again(apply):
    """A correction is held against the same rules as the application."""
    life = await apply(application())
    with pytest.raises(Exception, match="national_id: is not a valid"):
        await life.update(
            "supply_information",
            {"information": "x", "applicant": {"national_id": "12345678901"}},
        )
    assert (await life.state())["stage"] == "under_review"


async def test_caseworkers_are_reminded_and_the_review_escalates(apply):
    """A33: a reminder after 3 working days, escalation after 10; then it stays with them."""
    life = await apply(application())
    await life.days(8)
    assert await life.decisions() == ["application_received", "review_reminded"]
    await life.days(14)
    assert (await life.decisions())[-1] == "review_escalated"
    await life.days(200)
    assert (await life.state())["awaiting"][0]["role"] == "caseworker"


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        pytest.param((), "takes exactly one JSON object", id="no argument"),
        pytest.param((None,), "takes exactly one JSON object", id="null"),
        pytest.param(("hello",), "must be a JSON object", id="text"),
        pytest.param(([1, 2],), "must be a JSON object", id="list"),
        pytest.param((application(), application()), "2 arguments were given", id="two"),
        pytest.param((application(category="boss"),), "category: must be one of", id="enum"),
        pytest.param((application(surprise=1),), "has a field that is not known", id="unknown"),
        pytest.param(
            (application(applicant={"birth_date": f"{this_year(-12)}-01-01"}),),
            "must be 15",
            id="too young",
        ),
        pytest.param(
            (application(consents={"terms": False}),), "terms of membership", id="no consent"
        ),
        pytest.param(("x" * 1_000_000,), "must be a JSON object", id="1 MB of text"),
    ],
)
async def test_invalid_with_every_fault_named_and_kept(apply, values, fault):
    """What breaks a rule ends as invalid, is kept for the caseworkers, and disturbs nothing."""
    life = await apply(*values)
    result = await life.result()
    assert (result["stage"], result["outcome"]) == ("ended", "invalid")
    assert fault in "; ".join(result["faults"])
    kept = await life.pool.fetchval(
        "SELECT faults FROM rejected_intakes WHERE membership_id = $1", life.id
    )
    assert list(kept) == result["faults"]
    assert ("caseworkers", "caseworker_task", "sent") in await life.letters()


async def test_several_faults_are_named_at_once(apply):
    """The sender can mend everything in one go."""
    life = await apply(
        application(
            category="student",
            applicant={"national_id": "12345678901"},
            consents={"terms": False},
        )
    )
    assert len((await life.result())["faults"]) == 3


async def page(life: Life) -> str:
    """Return what the caseworkers see of a membership in the Temporal UI."""
    await life.settle()
    metadata = await life.handle.query("__temporal_workflow_metadata")
    return str(metadata.current_details)


async def test_the_same_person_never_becomes_a_member_twice(apply):
    """The caseworkers' page of the second names the first, and its approval ends as a duplicate."""
    form = application()
    first, second = await apply(form), await apply(form)
    assert f"**sikkert**: `{first.id}`" in await page(second)
    await first.approve()
    await second.approve()
    result = await second.result()
    assert (result["outcome"], result["member_number"]) == ("duplicate", None)
    members = await first.pool.fetchval(
        "SELECT count(*) FROM members WHERE membership_id = ANY($1)", [first.id, second.id]
    )
    assert members == 1
    assert (await first.state())["stage"] == "onboarding"


async def test_a_namesake_is_shown_but_may_become_a_member(apply):
    """Same name and birth date alone is a hint, which the caseworker judges."""
    # Born on a day of their own: a page shows five, and many applicants here are much alike.
    form = application(applicant={"birth_date": "1969-02-03"})
    other = {**form, "applicant": {**form["applicant"], "email": f"{uuid.uuid4()}@example.org"}}
    first, second = await apply(form), await apply(other)
    assert f"**sannsynligvis**: `{first.id}`" in await page(second)  # phone and address as well
    await first.approve()
    await second.approve()
    assert (await second.state())["stage"] == "onboarding"


async def test_an_applicant_of_67_needs_the_caseworkers_category(apply):
    """A25: the refusal says what is missing; S22: whoever works past 67 pays full dues."""
    life = await apply(application(applicant={"birth_date": "1955-01-01"}))
    with pytest.raises(Exception, match="category: is required"):
        await life.approve()
    await life.approve(category="ordinary")
    assert (await life.state())["terms"][0]["amount_ore"] == 49500


async def test_messages_after_the_end_are_answered(apply):
    """A closed membership can't take messages: its sender learns that at once."""
    life = await apply(application())
    await life.update("withdraw_application", {})
    await life.result()
    with pytest.raises(Exception, match=r"completed|not found"):
        await life.approve()


async def test_an_id_that_was_used_before_is_refused_without_disturbing_its_owner(apply):
    """A second start under the id of an ended membership ends as invalid and records nothing."""
    life = await apply(application())
    await life.update("withdraw_application", {})
    await life.result()
    again = await apply(application(), membership_id=life.id)
    result = await again.result()
    assert (result["outcome"], result["member_number"]) == ("invalid", None)
    assert "used for another application" in result["faults"][0]
    assert await life.decisions() == ["application_received", "application_withdrawn"]
