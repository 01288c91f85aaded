"""`medlemsflyt show`: where a membership stands, for people and for programs."""

import asyncio
import json
import uuid

from jsonschema import Draft202012Validator, FormatChecker
from temporalio.common import RawValue

from schemas.membership.published import schemas
from tests.commands import run_process
from tests.life import application


async def exactly(life, query):
    """Return a query's answer as the text it was written as."""
    answer = await life.handle.query(query, result_type=RawValue)
    return answer.payload.data.decode() + "\n"


async def test_json_is_exactly_the_query(cli, apply):
    """Neither a byte more nor less, running or ended, for `state` and for `explain`."""
    life = await apply(application())
    for stage in ("under_review", "onboarding", "active"):
        state = await life.state()
        assert state["stage"] == stage
        for flags, query in (((), "state"), (("--explain",), "explain")):
            ran = await cli("show", life.id, "--json", *flags)
            assert (ran.code, ran.err) == (0, "")
            assert ran.out == await exactly(life, query)
            schema = schemas()[query]
            Draft202012Validator(schema, format_checker=FormatChecker()).validate(ran.json)
        if stage == "under_review":
            await life.approve()
        elif stage == "onboarding":
            await life.update(
                "answer_payroll_request", {"answer": "refused", "reason": "No agreement"}
            )
            await life.days(40)


async def test_an_ended_membership_can_be_shown(cli, apply):
    """Its end, and the faults that led to it."""
    life = await apply(application(category="boss"))
    ran = await cli("show", life.id)
    assert f"{life.id} · ended: invalid" in ran.out
    assert "category: must be one of ordinary, student" in ran.out
    assert (await cli("show", life.id, "--json")).json == await life.result()


async def test_people_see_everything_that_matters(cli, apply):
    """Stage, waits with their deadlines, half-open terms, invoice, tracks, what was not applied."""
    life = await apply(application())
    await life.approve()
    await life.signal("resing", {})
    state = await life.state()
    ran = await cli("show", life.id.removeprefix("membership-"))
    invoice, terms = state["first_invoice"], state["terms"][0]
    for part in (
        f"{life.id} · onboarding",
        state["member_number"],
        f"employer: answer_payroll_request, since {state['payroll']['requested_on']}, until ",
        f"window open, reservation until {state['insurance']['reservation_deadline']}",
        f"{invoice['number']}, 495.00 kr (central dues 495.00), KID {invoice['kid']}, due ",
        "requested, asked ",
        "To (excluded)",
        "495.00   month   direct",
        f"{terms['valid_from']}   open",
        "resing: is not a message of this service",
        f"http://ui.example:8233/namespaces/default/workflows/{life.id}",
    ):
        assert part in ran.out
    assert "Kari" not in ran.out


async def test_why_is_explained(cli, apply):
    """Each fact with its rules and who decided it."""
    life = await apply(application())
    await life.approve()
    ran = await cli("show", life.id, "--explain")
    assert ran.code == 0
    for part in ("495.00 kr a month", "S2", "ola", "application approved", "waiting"):
        assert part in ran.out


async def test_text_from_outside_can_not_steer_the_terminal(cli, apply):
    """A name with escape codes is shown, harmless, a field's not at all; a bracket is no markup."""
    life = await apply(application())
    await life.signal("\x1b[2J[red]x", {})
    await life.signal("record_payment", {"\x1b[2J[red]": 1})
    ran = await cli("show", life.id)
    assert "\x1b" not in ran.out
    assert "[2J[red]x: is not a message of this service" in ran.out
    assert ran.out.count("[2J[red]") == 1


async def test_an_unknown_id_is_said(cli):
    """Exit code 2 and a sentence, with --json as well."""
    for flags in ((), ("--json",), ("--explain",)):
        ran = await cli("show", str(uuid.uuid4()), *flags)
        assert (ran.code, ran.out) == (2, "")
        assert "There is no membership membership-" in ran.err


async def test_the_environment_names_the_stack_as_well(environ, apply, tmp_path):
    """Without --data and without a stack in `.medlemsflyt`, TEMPORAL_* counts: a real process."""
    life = await apply(application())
    ran = await asyncio.to_thread(
        run_process, "medlemsflyt", "show", life.id, "--json", environ=environ, cwd=tmp_path
    )
    assert (ran.code, ran.err) == (0, "")
    assert json.loads(ran.out) == await life.state()
