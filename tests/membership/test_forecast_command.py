"""`medlemsflyt forecast` and `explain`: the years ahead, and the reasons, for all."""

import uuid

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from rich.console import Console
from temporalio.common import RawValue

from schemas.membership.forecast import Forecast
from schemas.membership.published import schemas
from tests.builders import (
    OSLO,
    PEOPLE,
    answered,
    deadline_passed,
    ended,
    member,
    moment,
    payroll,
    received,
)
from tests.life import application
from workers.cli.membership.forecast_view import render_forecast
from workers.cli.membership.show_view import explanation
from workers.cli.shared.rule_titles import legend
from workflows.membership.explanation import explain
from workflows.membership.forecast import forecast


def drawn(picture, width=160):
    """Return what a person sees, one line a line, blanks at the ends left out."""
    console = Console(width=width, highlight=False, no_color=True)
    with console.capture() as captured:
        console.print(picture)
    return [line.strip() for line in captured.get().splitlines()]


def foreseen(record):
    """Return the forecast of a record on the day of the builders."""
    return forecast(record, moment().at)


@pytest.mark.parametrize("query", ["forecast", "explain"])
async def test_json_is_exactly_the_query(cli, apply, query):
    """Of an applicant and of a member: neither a byte more nor less, and by its schema."""
    life = await apply(application())
    for stage in ("under_review", "onboarding"):
        assert (await life.state())["stage"] == stage
        ran = await cli(query, life.id, "--json")
        assert (ran.code, ran.err) == (0, "")
        answer = await life.handle.query(query, result_type=RawValue)
        assert ran.out == answer.payload.data.decode() + "\n"
        Draft202012Validator(schemas()[query], format_checker=FormatChecker()).validate(ran.json)
        if stage == "under_review":
            await life.approve()


async def test_people_see_the_years_ahead(cli, apply):
    """Through the real parts: dates, ages, letters, kroner, and what it takes for granted."""
    life = await apply(application())
    await life.approve()
    await life.settle()
    ran = await cli("forecast", life.id.removeprefix("membership-"))
    assert ran.code == 0
    for part in (
        f"{life.id} · ordinary · from {await life.today()} until 2066-04-12",
        "2053   01-12    66   asked about work and pension",
        "member: pension question",
        "495.00   month   5940.00   direct",
        "2046-04-12      disability",
        "Nobody else does anything",
    ):
        assert part in ran.out
    assert "Kari" not in ran.out


async def test_people_see_why(cli, apply):
    """`explain` is what `show --explain` shows: rule, fact, who, when."""
    life = await apply(application())
    await life.approve()
    ran = await cli("explain", life.id)
    assert ran.code == 0
    for part in ("495.00 kr a month", "S2", "ola", "approved as ordinary", "waiting"):
        assert part in ran.out
    assert ran.out == (await cli("show", life.id, "--explain")).out


def test_a_life_is_drawn_with_years_and_ages():
    """Each year once; coverages, spans half-open, a sum a year."""
    lines = drawn(render_forecast(foreseen(answered(member(branch=OSLO.code), payroll()))))
    text = "\n".join(lines)
    assert any(line.startswith("2053   01-12    66   asked about work") for line in lines)
    # The birthday of the same year stands below it, without the year.
    assert any(line.startswith("04-12    67   turned 67") for line in lines)
    for part in (
        "2026-11-22   2026-12-01      central dues        495.00   month   5940.00   direct",
        "2027-01-01   2054-01-01      insurance premium   200.00   month   2400.00   payroll",
        "2026-12-23   2053-04-12      critical illness",
    ):
        assert part in text


def test_those_who_have_no_future_are_told_why():
    """An applicant waits, somebody who was rejected is done; neither has an empty table."""
    text = "\n".join(drawn(render_forecast(foreseen(received()))))
    assert "Waits for the decision on the application" in text
    assert "caseworker: decide_application, since 2026-11-22" in text
    assert "Dues" not in text
    assert "The membership has ended: rejected." in drawn(render_forecast(foreseen(ended())))


def test_a_student_is_waited_for():
    """What stays open at the end of the study is named."""
    lines = drawn(render_forecast(foreseen(member(PEOPLE["student"]))))
    assert "• caseworker: change_category, since 2028-06-16" in lines


@pytest.mark.parametrize("width", [40, 80, 120])
def test_it_fits_a_narrow_terminal(width):
    """No line is wider than the window."""
    found = foreseen(deadline_passed(answered(member(), payroll())))
    assert max(map(len, drawn(render_forecast(found), width))) <= width


def test_reasons_are_drawn_with_fact_and_day():
    """What made the amount so, from when, and when it was recorded."""
    text = " ".join(drawn(explanation(explain(answered(member(), payroll()))), width=300))
    assert "answer payroll request, the employer deducts: 2026-12-01, recorded 2026-11-22" in text


@pytest.mark.parametrize(
    ("picture", "rule"),
    [
        (explanation(explain(answered(member(), payroll()))), "A20 When deduction begins"),
        (render_forecast(foreseen(member())), "A14 Nobody at work is retired by age"),
    ],
    ids=["explain", "forecast"],
)
def test_rules_are_told_by_their_titles(picture, rule):
    """Each once, below what rests on them, and where all of them stand."""
    lines = [" ".join(line.split()) for line in drawn(picture)]
    assert lines.count(rule) == 1
    assert "All of them: docs/rules.md" in lines


def test_rules_are_links_once_their_page_has_an_address():
    """In a terminal that knows links; what no page knows is told as it is."""
    console = Console(width=160, force_terminal=True, legacy_windows=False)
    with console.capture() as captured:
        console.print(legend(["S21", "an older one"], "https://git.example/rules.md"))
    assert "https://git.example/rules.md#s21" in captured.get()
    assert "an older one" in captured.get()
    assert "#an-older-one" not in captured.get()


def test_text_from_outside_can_not_steer_the_terminal():
    """An id or a sentence with escape codes is shown, harmless."""
    found = foreseen(answered(member(), payroll()))
    step = found.steps[0].model_copy(update={"says": "\x1b[2Jx"})
    evil = found.model_copy(update={"membership_id": "\x1b[31m", "steps": (step,)})
    assert "\x1b" not in "\n".join(
        drawn(render_forecast(Forecast.model_validate(evil.model_dump())))
    )


@pytest.mark.parametrize("command", ["forecast", "explain"])
async def test_an_unknown_id_is_said(cli, command):
    """Exit code 2 and a sentence, with --json as well."""
    for flags in ((), ("--json",)):
        ran = await cli(command, str(uuid.uuid4()), *flags)
        assert (ran.code, ran.out) == (2, "")
        assert "There is no membership membership-" in ran.err
