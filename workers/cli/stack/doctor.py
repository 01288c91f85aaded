"""`medlemsflyt doctor`: what a deployment lacks, and what to do about it."""

import asyncio
from dataclasses import asdict

import typer

from workers.cli.shared.options import AsJson, DataDir
from workers.cli.shared.printing import counted, print_json, print_table, say
from workers.doctor.examination import examine
from workers.doctor.finding import Finding, Verdict
from workers.settings import Settings, resolve_settings

SHOWN = {Verdict.WELL: "well", Verdict.LOOK: "look", Verdict.BROKEN: "BROKEN"}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(doctor)


def doctor(data: DataDir = None, as_json: AsJson = False) -> None:
    """Look at all that a deployment needs, and say what is to be mended.

    It changes nothing, sends no letter and names no member.

    Exit code 0: all of it works, 1: something is broken.
    """
    found = asyncio.run(_found(resolve_settings(data)))
    broken = [one for one in found if one.verdict is Verdict.BROKEN]
    if as_json:
        print_json({"findings": [asdict(one) for one in found]})
    else:
        _show(found, len(broken))
    if broken:
        raise typer.Exit(1)


async def _found(settings: Settings) -> list[Finding]:
    return [finding async for finding in examine(settings)]


def _show(found: list[Finding], broken: int) -> None:
    print_table(
        "The deployment",
        ("Part", "", "What is the case", "What to do"),
        [(one.part, SHOWN[one.verdict], one.says, one.mend or "") for one in found],
    )
    looks = sum(one.verdict is Verdict.LOOK for one in found)
    if broken:
        say(f"{counted(broken, 'thing')} broken: mend what is, from the top.")
    elif looks:
        say(f"All of it works. Before real members come, look at {counted(looks, 'thing')}.")
    else:
        say("All is well.")
