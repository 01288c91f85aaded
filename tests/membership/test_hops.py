"""How much each kind of applicant costs the server: hops are what costs (ADR 2)."""

from collections import Counter

import pytest

from tests.arrears.making import kid_of, owe
from tests.clock import this_year
from tests.life import application, synthetic_id
from tests.runs import names_of, runs_of

COMMANDS = (
    "ACTIVITY_TASK_SCHEDULED",
    "TIMER_STARTED",
    "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES",
)


SKIPPED = "WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED"
"""What only a server that skips time writes: in each run, where the tests' clock was moved."""


async def commands_of(life) -> tuple[dict[str, int], int]:
    """Return how often each costly command stands in all its runs, and the number of events."""
    runs = await runs_of(life.handle, life.skipper.client)
    names = [name for run in runs for name in names_of(run) if name != SKIPPED]
    counted = Counter(names)
    return {name: counted[name] for name in COMMANDS}, len(names)


@pytest.mark.parametrize(
    ("changes", "days", "activities", "at_most_events"),
    [
        # Of the events five hand over to a run without the application (ADR 75).
        # (keep, send) the application, the approval, the answer, the cover
        pytest.param({}, 31, 8, 88, id="ordinary through payroll"),
        # the same without an employer's answer
        pytest.param({"hidden": True}, 31, 6, 71, id="hidden"),
        pytest.param({"insurance_reservation": True}, 0, 6, 68, id="reserves at once"),
        # (keep, send) the application and the approval: nothing else is open
        pytest.param(
            {
                "category": "student",
                "employment": None,
                "study": {"school": "UiB", "ends_on": f"{this_year(8)}-06-15"},
            },
            0,
            4,
            49,
            id="student",
        ),
        pytest.param(
            {"category": "apprentice", "apprenticeship": {"ends_on": f"{this_year(8)}-06-15"}},
            0,
            4,
            49,
            id="apprentice",
        ),
        pytest.param(
            {
                "category": "early_pensioner",
                "employment": None,
                "applicant": {"birth_date": f"{this_year(-64)}-06-01"},
                "pension": {"kind": "afp", "from": f"{this_year(-1)}-07-01"},
            },
            31,
            6,
            71,
            id="early pensioner",
        ),
    ],
)
async def test_each_kind_of_applicant_takes_two_activities_a_decision(
    apply, changes, days, activities, at_most_events
):
    """One transaction and one delivery for each thing that happens, and no more."""
    given = dict(changes)
    born = given.get("applicant", {}).get("birth_date", "1986-04-12")
    given["applicant"] = {"birth_date": born, "national_id": synthetic_id(born)}
    life = await apply(application(**given))
    await life.signal("decide_application", {"decision": "approve", "caseworker": "ola"})
    state = await life.state()
    if state["payroll"]["status"] == "requested":
        await life.signal("answer_payroll_request", {"answer": "accepted"})
        await life.settle()
    if days:
        await life.days(days)
    assert (await life.state())["stage"] == "active"
    counted, events = await commands_of(life)
    assert counted["ACTIVITY_TASK_SCHEDULED"] == activities
    assert events <= at_most_events


# Whose KID comes in, and whose amount or how much; the first and the later one ask different sums.
PAYMENTS = {
    "first": ("first", "first", "on the first invoice"),
    "later": ("later", "later", "on invoice {later}"),
    "oldest": (None, "first", "on the first invoice"),
    "part": ("later", 100, "in suspense"),
    # 10,000.00 less 495.00 and 700.00.
    "over": ("first", 10**6, "on the first invoice and 1 more, 880500 øre in suspense"),
    "unknown": ("12344", "later", "in suspense"),
}


@pytest.mark.parametrize(("kid", "ore", "place"), PAYMENTS.values(), ids=PAYMENTS)
async def test_a_payment_takes_one_activity_wherever_it_goes(apply, kid, ore, place):
    """The database says where it went: nothing is decided twice, and the sender hears (ADR 37)."""
    life = await apply(application())
    await life.approve()
    first = (await life.state())["first_invoice"]
    today = await life.today()
    number = await owe(life.pool, life.id, today, 70000)
    kids = {"first": first["kid"], "later": await kid_of(life.pool, number)}
    kid, ore = kids.get(kid, kid), {"first": first["total_ore"], "later": 70000}.get(ore, ore)
    report = {"reference": life.id, "amount_ore": ore, "kid": kid, "paid_on": str(today)}
    before, _ = await commands_of(life)
    answer = await life.update("record_payment", report)
    after, _ = await commands_of(life)
    took = after["ACTIVITY_TASK_SCHEDULED"] - before["ACTIVITY_TASK_SCHEDULED"]
    # What is in suspense is a letter to the caseworkers beside it.
    assert took == (2 if place == "in suspense" else 1)
    says = f"{ore} øre received, {place.format(later=number)}: "
    assert answer["says"].startswith(says)
    line = (await life.explain())[-1]
    assert (line["about"], line["says"]) == ("payment_recorded", answer["says"])
    kept = await life.pool.fetchval(
        "SELECT applied -> 'answer' ->> 'says' FROM decisions WHERE membership_id = $1"
        " ORDER BY number DESC LIMIT 1",
        life.id,
    )
    assert kept == answer["says"]
