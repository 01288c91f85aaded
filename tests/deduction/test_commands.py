"""`medlemsflyt deduction-return`, and the channel of an employer's lists."""

import asyncio

import pytest
from typer.testing import CliRunner

from schemas.deduction.contracts import ReportVerdict
from tests.commands import commands_of
from tests.deduction.making import filled
from tests.deduction.test_workflow import PERIOD, delivered, month
from workers.cli import app

__all__ = ["month"]


@pytest.fixture
def command(bureau, tmp_path):
    """Run a command on the bureau's service."""
    return commands_of(
        tmp_path,
        database_url=bureau.database_url,
        temporal_address=bureau.temporal.address,
        namespace=bureau.temporal.namespace,
        http_url=bureau.temporal.http_url,
    )


async def test_a_return_is_answered_line_by_line(bureau, month, command, tmp_path):
    """Exit code 1 and the lines that don't count; again the same; then 0 with all of them right."""
    number, (first, _), _ = month
    handle = await bureau.settle(number, PERIOD)
    content = await delivered(bureau, handle, number)
    own = bureau.office.numbers[first]
    file = tmp_path / "retur.csv"
    file.write_bytes(filled(content, {own: ("litt", "NAV")}))
    for _ in range(2):
        told = await command("deduction-return", str(file), "--json")
        verdict = ReportVerdict.model_validate(told.json)
        assert (told.code, verdict.counted, len(verdict.faults)) == (1, 1, 1)
    said = await command("deduction-return", str(file))
    assert told.json["faults"][0]["stood"] == "litt"
    cell = f"I{verdict.faults[0].line}"
    wanted = f'Line {cell[1:]} ({cell}, where "litt" stood): Trukket can\'t be read'
    assert wanted in said.out + said.err
    file.write_bytes(filled(content, {own: ("49500", "")}))
    assert (await command("deduction-return", str(file), "--json")).json["asked"] == 1
    file.write_bytes(filled(content, {own: ("0", "NAV")}, only={own}))
    assert (await command("deduction-return", str(file))).code == 0
    await bureau.state(handle, lambda state: state.figures.open_lines == 0)
    # A second return says otherwise: shown, and accepted by somebody (D10).
    file.write_bytes(filled(content, {own: ("495,00", "")}, only={own}))
    assert (await command("deduction-return", str(file))).code == 0
    [line] = (await command("deduction-difference", number, "--json")).json["lines"]
    assert [said["deducted_ore"] for said in line["said"]] == [0, 49500]
    assert own in (await command("deduction-difference", number)).out
    decide = ("deduction-difference", number, "--accept", str(line["said"][1]["report"]))
    assert (await command(*decide, "--by", "ola")).code == 2
    assert (await command(*decide, "--by", "ola", "--reason", "asked")).code == 0
    await bureau.state(handle, lambda state: state.figures.reported_ore == 99000)
    await handle.terminate()


async def test_a_refused_return_is_one_sentence(command, tmp_path):
    """Exit code 2, what is wrong on stderr, nothing on stdout; with --json the verdict."""
    file = tmp_path / "feil.csv"
    file.write_text("Navn;Beløp\n", encoding="utf-8")
    said = await command("deduction-return", str(file))
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(
        "Nothing of the file counts: cell A1: the row of headings is missing"
    )
    told = await command("deduction-return", str(file), "--json")
    assert (told.code, told.json["outcome"]) == (2, "refused")
    file.write_text("Medlemsnummer;Trukket;Årsak;trukket\n", encoding="utf-8")
    twice = await command("deduction-return", str(file))
    assert twice.err.startswith(
        "Nothing of the file counts: cell D1: the heading Trukket stands there twice: leave one "
        '(D1, where "trukket" stood).'
    )
    gone = await command("deduction-return", str(tmp_path / "borte.csv"))
    assert gone.code == 2
    assert "can't be read" in gone.err


PASSWORD = "en lang setning 17"


async def test_the_channel_of_an_employer(bureau, command, tmp_path):
    """By mail with a password from a file; it is never shown; what is not said stays."""
    orgnr = "801234569"
    secret = tmp_path / "secret"
    secret.write_text(f"{PASSWORD}\n", encoding="utf-8")
    setting = ("contact", "employer", orgnr, "--name", "Fjord AS")
    without = await command(*setting, "--email", "lonn@fjord.example", "--channel", "email")
    assert without.code == 2
    assert "need an address and a password" in without.err
    set_ = await command(
        *setting, "--email", "lonn@fjord.example", "--channel", "email",
        "--password-file", str(secret), "--json",
    )  # fmt: skip
    assert (set_.code, set_.json["list_channel"]) == (0, "email")
    again = await command(*setting, "--email", "trekk@fjord.example")
    assert again.code == 0
    assert PASSWORD not in without.err + set_.out + set_.err + again.out + again.err
    row = await bureau.office.pool.fetchrow(
        "SELECT email, list_channel, list_password FROM employers WHERE orgnr = $1", orgnr
    )
    assert tuple(row) == ("trekk@fjord.example", "email", PASSWORD)
    alone = await command(
        *setting, "--no-email", "--channel", "folder", "--agreement", "collective"
    )
    assert (alone.code, "go together" in alone.err) == (2, True)
    dated = ("--agreement", "collective", "--agreed-on", "2024-04-01", "--json")
    agreed = await command(*setting, "--email", "trekk@fjord.example", *dated)
    assert (agreed.json["agreement"], agreed.json["agreed_on"]) == ("collective", "2024-04-01")
    assert (
        await bureau.office.pool.fetchval(
            "SELECT agreement || agreed_on FROM employers WHERE orgnr = $1", orgnr
        )
        == "collective2024-04-01"
    )
    assert (await command(*setting, "--no-email")).code == 2
    assert (await command(*setting, "--no-email", "--channel", "folder")).code == 0
    secret.write_text("kort", encoding="utf-8")
    short = await command(*setting, "--no-email", "--password-file", str(secret))
    assert short.code == 2
    assert "12 to 200 characters" in short.err
    assert (await command(*setting, "--no-email", "--password-file", str(tmp_path))).code == 2


@pytest.mark.usefixtures("command")
async def test_the_password_can_be_typed_or_piped(bureau, tmp_path):
    """A prompt that shows nothing, or standard input."""
    orgnr = "988077917"
    words = ["contact", "employer", orgnr, "--name", "Ny AS", "--email", "lonn@ny.example"]
    words += ["--channel", "email", "--data", str(tmp_path)]
    typed = await asyncio.to_thread(
        CliRunner().invoke, app, [*words, "--ask-password"], f"{PASSWORD}\n{PASSWORD}\n"
    )
    assert typed.exit_code == 0, typed.output
    assert PASSWORD not in typed.output
    piped = await asyncio.to_thread(
        CliRunner().invoke, app, [*words, "--password-file", "-"], "en annen setning\n"
    )
    assert piped.exit_code == 0, piped.output
    found = await bureau.office.pool.fetchval(
        "SELECT list_password FROM employers WHERE orgnr = $1", orgnr
    )
    assert found == "en annen setning"
