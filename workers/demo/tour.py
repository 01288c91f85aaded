"""One tour from an empty folder to the verdict: the stack up, the lives, the checks, down again."""

import asyncio
import shutil
from pathlib import Path

from rich.console import Console
from rich.live import Live
from temporalio.client import Client

from workers.demo import stage
from workers.demo.cast import PEOPLE
from workers.demo.play import Life, Play, new_life
from workers.demo.promises import Mail, check, mails_of
from workers.errors import UserError
from workers.settings import STACK_FILE, Stack
from workers.stack.dev import DevStack, sole_use
from workers.stack.ports import Ports

OFFSETS = range(0, 2000, 100)
"""Tried in turn until all ports are free: a running `medlemsflyt dev` is left alone."""


def tour(console: Console, data: Path, *, stay: bool) -> bool:
    """Play the demo and tell whether everybody ended where the rules say.

    Args:
        console: where it is shown.
        data: emptied first, and filled anew.
        stay: keep the stack running afterwards, until Ctrl-C.

    Raises:
        UserError: the folder holds something else, or no ports are free.
    """
    with sole_use(data):
        _empty(data)
        return asyncio.run(_run(console, data, stay=stay))


def _empty(data: Path) -> None:
    """Remove what an earlier demo left, and nothing else.

    Raises:
        UserError: the folder holds something that no demo put there.
    """
    ours = {"lock", "logs", "mail", "postgres", "postgres-socket", "temporal", STACK_FILE}
    left = {path.name for path in data.iterdir() if not path.name.endswith(".pdf")}
    if left - ours:
        raise UserError(f"{data} holds more than a demo: choose another folder with --data.")
    for path in data.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != "lock":
            path.unlink()


async def _run(console: Console, data: Path, *, stay: bool) -> bool:
    ports = await _free_ports()
    stack = DevStack(data, ports, lambda line: stage.say(console, line), time_skipping=True)
    stage.say(console, "Starting Temporal, PostgreSQL, a mail sink and three workers …")
    try:
        parts = await stack.start()
        stage.say(console, f"Temporal UI: {parts.ui_url}   mails: {parts.mail_url}")
        ok = await _show(console, parts, data)
        if stay:
            stage.say(console, "The stack stays up: look around, then press Ctrl-C.")
            await asyncio.Event().wait()
    except asyncio.CancelledError:
        return True
    finally:
        await stack.stop()
    return ok


async def _free_ports() -> Ports:
    for offset in OFFSETS:
        ports = Ports.shifted(offset)
        try:
            await ports.claim()
        except UserError:
            continue
        return ports
    raise UserError("No free ports were found for the demo: stop another stack first.")


async def _show(console: Console, parts: Stack, data: Path) -> bool:
    client = await Client.connect(parts.temporal_address, namespace=parts.namespace)
    lives = [new_life(person) for person in PEOPLE]
    with Live(stage.timeline(lives), console=console, refresh_per_second=8) as live:

        def redraw(_life: Life) -> None:
            live.update(stage.timeline(lives))

        play = Play(client, redraw)
        async with asyncio.TaskGroup() as everybody:
            for life in lives:
                everybody.create_task(play.live(life))
    mails = await mails_of(parts.database_url, Path(parts.mail_dir), lives)
    check(lives, mails)
    console.print(stage.story(lives))
    console.print(stage.mails_table(lives, mails))
    _show_invoice(console, mails, data)
    console.print(stage.verdict(lives))
    stage.say(console, f"The mails lie in {parts.mail_dir}")
    return not any(life.faults for life in lives)


def _show_invoice(console: Console, mails: list[Mail], data: Path) -> None:
    for mail in mails:
        for part in mail.message.iter_attachments():
            if mail.template == "first_invoice" and part.get_content_type() == "application/pdf":
                path = data / (part.get_filename() or "invoice.pdf")
                path.write_bytes(part.get_content())
                console.print(stage.invoice_panel(mail, str(path)))
                return
