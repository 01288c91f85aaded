"""`medlemsflyt send`: a message and its answer, for people and for programs."""

import json
import uuid

import pytest
from typer.testing import CliRunner

from schemas.membership.messages import MESSAGES
from tests.commands import run
from tests.life import application
from workers.cli import app

APPROVE = '{"decision":"approve","caseworker":"ola"}'


async def test_an_update_is_applied_and_answered(cli, apply):
    """Exit code 0, and what happened; the id may come without its prefix."""
    life = await apply(application())
    bare = life.id.removeprefix("membership-")
    ran = await cli("send", bare, "decide_application", "-", stdin=APPROVE)
    assert (ran.code, ran.out) == (0, "Applied: approved as ordinary. Stage: onboarding.\n")
    assert (await life.state())["stage"] == "onboarding"


async def test_a_refused_update_gives_the_reason(cli, apply, tmp_path):
    """Exit code 1; with --json the reason is a field, and nothing has changed."""
    life = await apply(application())
    file = tmp_path / "decision.json"
    file.write_text('{"decision":"aprove"}')
    ran = await cli("send", life.id, "decide_application", str(file))
    assert ran.code == 1
    assert ran.out.startswith("Refused: decision: must be one of approve, reject")
    ran = await cli("send", life.id, "decide_application", str(file), "--json")
    assert (ran.code, ran.json["applied"]) == (1, False)
    assert "caseworker: is required" in ran.json["reason"]
    ran = await cli("send", life.id, "enroll_insurance", "-", stdin='{"from_on":"2027-01-01"}')
    assert (ran.code, ran.out) == (1, "Refused: the application has not been approved yet\n")
    assert (await life.state())["rejected_messages"] == []


@pytest.mark.parametrize("garbage", ['"text"', "[1]", "null", "42", "{}", '{"a":{"b":[]}}'])
async def test_any_json_is_sent_and_answered(cli, apply, garbage):
    """The membership judges what was sent, not the command."""
    life = await apply(application())
    ran = await cli("send", life.id, "record_payment", "-", "--json", stdin=garbage)
    assert (ran.code, ran.json["applied"]) == (1, False)


async def test_the_same_update_id_counts_once(cli, apply):
    """Sent again after a lost answer, it gets the first answer."""
    life = await apply(application())
    again = ("send", life.id, "decide_application", "-", "--update-id", "d-1", "--json")
    first = await cli(*again, stdin=APPROVE)
    assert first.json == (await cli(*again, stdin=APPROVE)).json
    assert (first.json["applied"], first.json["update_id"]) == (True, "d-1")
    other = await cli("send", life.id, "decide_application", "-", stdin=APPROVE)
    assert other.code == 1


async def test_a_signal_is_only_sent(cli, apply):
    """Exit code 0 either way; what became of a wrong one stands in `state`."""
    life = await apply(application())
    ran = await cli("send", life.id, "decide_application", "-", "--signal", stdin='{"a":1}')
    assert (ran.code, ran.err) == (0, "")
    assert f"medlemsflyt show {life.id}" in ran.out
    ran = await cli("send", life.id, "decide_application", "-", "--signal", "--json", stdin=APPROVE)
    assert ran.json == {"id": life.id, "name": "decide_application", "sent": True}
    state = await life.state()
    assert [r["name"] for r in state["rejected_messages"]] == ["decide_application"]
    assert state["stage"] == "onboarding"


@pytest.mark.parametrize("way", [(), ("--signal",)])
async def test_a_membership_that_has_ended_takes_no_messages(cli, apply, way):
    """A refusal, with the reason; a script can tell it from a wrong id."""
    life = await apply("hello")
    ran = await cli("send", life.id, "withdraw_application", "-", *way, stdin="{}")
    assert (ran.code, ran.out) == (
        1,
        f"Refused: {life.id} has ended, and takes no messages any more\n",
    )


@pytest.mark.parametrize("way", [(), ("--signal",)])
async def test_an_unknown_id_is_said(cli, way):
    """Exit code 2 and a sentence."""
    ran = await cli("send", f"{uuid.uuid4()}", "withdraw_application", "-", *way, stdin="{}")
    assert (ran.code, ran.out) == (2, "")
    assert "There is no membership membership-" in ran.err


def test_an_unknown_name_is_said_before_anything_is_sent():
    """With the name that was perhaps meant, else with all."""
    ran = run("send", "x", "decide_aplication", "-", stdin="{}")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "There is no message decide_aplication: did you mean decide_application?\n"
    assert all(name in run("send", "x", "zzz", "-", stdin="{}").err for name in MESSAGES)


def test_an_update_id_does_not_go_with_a_signal():
    """A signal has no id that would make it count once."""
    ran = run("send", "x", "reserve_insurance", "-", "--signal", "--update-id", "u", stdin="{}")
    assert (ran.code, ran.out) == (2, "")
    assert "--update-id goes with updates" in ran.err


def test_an_empty_id_is_refused():
    """An unset shell variable must not reach a membership."""
    for empty in ("", " ", "membership-"):
        ran = run("send", empty, "withdraw_application", "-", stdin="{}")
        assert ran.code == 2
        assert "empty" in ran.err


def test_names_complete_in_the_shell_and_help_lists_them():
    """The shell offers the names that begin as typed; --help gives an example of each."""
    environ = {
        "_MEDLEMSFLYT_COMPLETE": "complete_bash",
        "COMP_WORDS": "medlemsflyt send x re",
        "COMP_CWORD": "3",
    }
    offered = CliRunner().invoke(app, [], env=environ, prog_name="medlemsflyt").stdout.split()
    assert offered == [name for name in MESSAGES if name.startswith("re")]
    examples = [(name, message.card.example) for name, message in MESSAGES.items()]
    shown = "".join(run("send", "--help").out.split())
    assert all(name + "".join(example.split()) in shown for name, example in examples)


async def test_no_answer_in_time_says_how_to_ask_again(cli, client):
    """Nobody knows then whether it was applied: the update's id makes asking again harmless."""
    handle = await client.start_workflow(
        "Membership", application(), id=f"membership-{uuid.uuid4()}", task_queue="nobody-works-here"
    )
    ran = await cli(
        *("send", handle.id, "decide_application", "-", "--timeout", "0.5", "--update-id", "u-9"),
        stdin=APPROVE,
    )
    assert (ran.code, ran.out) == (2, "")
    assert "ask again with --update-id u-9: it counts once" in ran.err
    await handle.terminate()


async def test_json_on_standard_output_is_all_there_is(cli, apply):
    """One object on one line."""
    life = await apply(application())
    ran = await cli("send", life.id, "decide_application", "-", "--json", stdin=APPROVE)
    assert json.loads(ran.out)["applied"] is True
    assert ran.out.count("\n") == 1
