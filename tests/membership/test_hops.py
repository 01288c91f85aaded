"""How much each kind of applicant costs the server: hops are what costs (ADR 2)."""

from collections import Counter

import pytest

from tests.clock import this_year
from tests.life import application, synthetic_id
from tests.runs import names_of, runs_of

COMMANDS = (
    "ACTIVITY_TASK_SCHEDULED",
    "TIMER_STARTED",
    "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES",
)


async def commands_of(life) -> tuple[dict[str, int], int]:
    """Return how often each costly command stands in all its runs, and the number of events."""
    runs = await runs_of(life.handle, life.skipper.client)
    names = [name for run in runs for name in names_of(run)]
    counted = Counter(names)
    return {name: counted[name] for name in COMMANDS}, len(names)


@pytest.mark.parametrize(
    ("changes", "days", "activities", "at_most_events"),
    [
        # (keep, send) the application, the approval, the answer, the cover
        pytest.param({}, 31, 8, 87, id="ordinary through payroll"),
        # the same without an employer's answer
        pytest.param({"hidden": True}, 31, 6, 70, id="hidden"),
        pytest.param({"insurance_reservation": True}, 0, 6, 65, id="reserves at once"),
        # (keep, send) the application and the approval: nothing else is open
        pytest.param(
            {
                "category": "student",
                "employment": None,
                "study": {"school": "UiB", "ends_on": f"{this_year(8)}-06-15"},
            },
            0,
            4,
            46,
            id="student",
        ),
        pytest.param(
            {"category": "apprentice", "apprenticeship": {"ends_on": f"{this_year(8)}-06-15"}},
            0,
            4,
            46,
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
            70,
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
