"""`medlemsflyt dev`: the whole stack on this machine."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from workers.doors import without_password
from workers.settings import DEFAULT_DATA_DIR, Stack, load_settings
from workers.stack.dev import DevStack, serve
from workers.stack.ports import Ports


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(dev)


def dev(
    data: Annotated[
        Path, typer.Option("--data", metavar="DIR", help="Where everything is kept.")
    ] = DEFAULT_DATA_DIR,
    port_offset: Annotated[
        int, typer.Option(metavar="N", help="Move every port by N, for a second stack.")
    ] = 0,
    time_skipping: Annotated[
        bool, typer.Option("--time-skipping", help="Allow workflows to be fast-forwarded.")
    ] = False,
    workers: Annotated[
        int, typer.Option(metavar="N", min=1, help="How many processes share each kind of work.")
    ] = 1,
    encrypted: Annotated[
        bool,
        typer.Option(
            "--encrypted/--plain", help="Whether what stands in Temporal's histories is encrypted."
        ),
    ] = True,
    require_signed: Annotated[
        bool,
        typer.Option(
            "--require-signed", help="Refuse what did not come through the gateway, as production."
        ),
    ] = False,
) -> None:
    """Run Temporal, PostgreSQL, a mail sink and the three workers here, until Ctrl-C.

    All data stays in the folder: the next start goes on where this one stopped. PostgreSQL is one
    of our own, or the one that DATABASE_URL names.
    """
    console = Console()

    def report(line: str) -> None:
        console.print(line, style="yellow", markup=False, highlight=False, soft_wrap=True)

    stack = DevStack(
        data,
        Ports.shifted(port_offset),
        report,
        time_skipping=time_skipping,
        database_url=load_settings().database_url,
        workers=workers,
        encrypted=encrypted,
        require_signed=require_signed,
    )
    console.print(f"Starting Medlemsflyt in {data} …", markup=False, soft_wrap=True)
    asyncio.run(serve(data, stack, lambda parts: _announce(console, parts, stack)))
    console.print("Stopped; the data stays.")


def _announce(console: Console, parts: Stack, stack: DevStack) -> None:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for what, where in {
        "Temporal UI, behind the gateway": parts.ui_url,
        "Temporal": f"{parts.temporal_address} (namespace {parts.namespace})",
        "HTTP API": parts.http_url,
        "Codec server": parts.codec_url or "",
        "Mail": parts.mail_url,
        "Database": without_password(parts.database_url),
        "Logs": str(stack.logs_dir),
        "Log in as": _users(stack),
    }.items():
        table.add_row(what, where)
    console.print(Panel(table, title="Medlemsflyt is running", subtitle="Ctrl-C stops it"))


def _users(stack: DevStack) -> str:
    """Return who can log in: with passwords once, and where they stand after that."""
    if stack.new_identity is None:
        return f"a user of {stack.identity_file}"
    users = (f"{user.username}  {user.password}" for user in stack.new_identity.users)
    return "\n".join((*users, f"(kept in {stack.identity_file})"))
