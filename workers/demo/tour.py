"""One tour from an empty folder to the verdict: the stack up, the lives, the checks, down again."""

import asyncio
import shutil
import time
from datetime import UTC, date, datetime
from pathlib import Path

from rich.console import Console
from rich.live import Live
from temporalio.client import Client
from temporalio.converter import DataConverter

from schemas.shared.calendar import oslo_date
from workers.connecting import connect
from workers.demo import lanes, picture, stage
from workers.demo.beginning import beginning
from workers.demo.cast import cast
from workers.demo.chronicle import chronicle
from workers.demo.lifetime import ingrid
from workers.demo.play import Life, Play, new_life
from workers.demo.promises import Mail, check, mails_of
from workers.encryption import converter_for, for_a_command
from workers.errors import UserError
from workers.gateway.identity.kept import FILE as IDENTITY_FILE
from workers.settings import STACK_FILE, Stack, resolve_settings
from workers.stack.dev import FOLDERS, DevStack, sole_use
from workers.stack.ports import Ports

OFFSETS = range(0, 2000, 100)
"""Tried in turn until all ports are free: a running `medlemsflyt dev` is left alone."""


def tour(
    console: Console, data: Path, *, on: date | None, port_offset: int | None, stay: bool
) -> bool:
    """Play the demo and tell whether everybody ended where the rules say.

    Args:
        console: where it is shown.
        data: emptied first, and filled anew.
        on: the day the story begins; None: today.
        port_offset: added to every port; None: the first offset at which all are free.
        stay: keep the stack running afterwards, until Ctrl-C.

    Raises:
        UserError: no story can begin on that day, the folder holds something else, or no ports
            are free.
    """
    begins = beginning(on, datetime.now(UTC))
    given = None if port_offset is None else Ports.shifted(port_offset)
    with sole_use(data):
        return asyncio.run(_run(console, data, begins, given, stay=stay))


def _empty(data: Path) -> None:
    """Remove what an earlier demo left, and nothing else.

    Raises:
        UserError: the folder holds something that no demo put there.
    """
    ours = {*FOLDERS, "lock", "postgres", "postgres-socket", STACK_FILE, IDENTITY_FILE}
    pictures = (".pdf", ".svg", ".png")
    left = {path.name for path in data.iterdir() if not path.name.endswith(pictures)}
    if left - ours:
        raise UserError(f"{data} holds more than a demo: choose another folder with --data.")
    for path in data.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != "lock":
            path.unlink()


async def _run(
    console: Console, data: Path, begins: datetime, given: Ports | None, *, stay: bool
) -> bool:
    ports = await _free_ports(given)
    _empty(data)
    stack = DevStack(data, ports, lambda line: stage.say(console, line), time_skipping=True)
    stage.say(console, "Starting Temporal, PostgreSQL, a mail sink and three workers …")
    try:
        parts = await stack.start()
        stage.say(console, f"Temporal UI: {parts.ui_url}   mails: {parts.mail_url}")
        stage.say(console, f"Who can log in there stands in {stack.identity_file}.")
        stage.say(console, f"The story begins on {oslo_date(begins)}.")
        ok = await _show(console, parts, data, begins)
        if stay:
            stage.say(console, "The stack stays up: look around, then press Ctrl-C.")
            await asyncio.Event().wait()
    except asyncio.CancelledError:
        return True
    finally:
        await stack.stop()
    return ok


async def _free_ports(given: Ports | None) -> Ports:
    """Return the given ports if they are free, else the first that are."""
    if given is not None:
        await given.claim()
        return given
    for offset in OFFSETS:
        ports = Ports.shifted(offset)
        try:
            await ports.claim()
        except UserError:
            continue
        return ports
    raise UserError("No free ports were found for the demo: stop another stack first.")


async def _show(console: Console, parts: Stack, data: Path, begins: datetime) -> bool:
    client = await _connected(data)
    lives = [new_life(person) for person in cast(oslo_date(begins))]
    with Live(stage.timeline(lives), console=console, refresh_per_second=8) as live:

        def redraw(_life: Life) -> None:
            live.update(stage.timeline(lives))

        play = Play(client, begins, redraw)
        async with asyncio.TaskGroup() as everybody:
            for life in lives:
                everybody.create_task(play.live(life))
    whole, seconds = await _live_whole(console, client, begins)
    mails = await mails_of(parts.database_url, Path(parts.mail_dir), [*lives, whole])
    check([*lives, whole], mails)
    theirs = [mail for mail in mails if mail.membership_id != whole.membership_id]
    console.print(stage.story(lives))
    console.print(stage.mails_table(lives, theirs))
    _show_invoice(console, mails, data)
    _show_whole(console, whole, len(mails) - len(theirs), seconds, data)
    console.print(stage.verdict([*lives, whole]))
    stage.say(console, f"The mails lie in {parts.mail_dir}")
    return not any(life.faults for life in [*lives, whole])


async def _connected(data: Path) -> Client:
    """Return a client as another system has it, which knows the keys of this stack."""
    settings = resolve_settings(data)
    return await connect(settings, converter_for(DataConverter.default, for_a_command(settings)))


async def _live_whole(console: Console, client: Client, begins: datetime) -> tuple[Life, float]:
    """Let one person live from 20 to 80, and return the life and the seconds it took."""
    life = new_life(ingrid(oslo_date(begins)))
    began = time.monotonic()
    with Live(lanes.living(life), console=console, refresh_per_second=8) as live:
        await Play(client, begins, lambda moved: live.update(lanes.living(moved))).live(life)
    return life, time.monotonic() - began


def _show_whole(console: Console, life: Life, mails: int, seconds: float, data: Path) -> None:
    lived = chronicle(life)
    console.print(lanes.drawing(lived, console))
    facts = (
        f"{len(life.log)} decisions and {mails} letters, "
        f"lived in {seconds:.0f} seconds on a real Temporal server"
    )
    svg, png = picture.draw(lived, facts, data)
    stage.say(console, f"\n{facts}\nDrawn as {svg} and {png}\n")


def _show_invoice(console: Console, mails: list[Mail], data: Path) -> None:
    for mail in mails:
        for part in mail.message.iter_attachments():
            if mail.template == "first_invoice" and part.get_content_type() == "application/pdf":
                path = data / (part.get_filename() or "invoice.pdf")
                path.write_bytes(part.get_content())
                console.print(stage.invoice_panel(mail, str(path)))
                return
