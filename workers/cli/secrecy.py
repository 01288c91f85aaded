"""`medlemsflyt keys`: what encrypts Temporal's histories, and a new master key for it."""

import asyncio
from dataclasses import asdict
from typing import Annotated

import typer

from activities.secrecy.rotation import Rotation, rotate_master
from workers.cli.shared.options import AsJson, DataDir
from workers.cli.shared.printing import counted, print_json, print_table, say
from workers.encryption import masters_of, store_of
from workers.errors import UserError
from workers.settings import KeySettings, Settings, resolve_settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(keys)


def keys(
    rotate_master_key: Annotated[
        bool,
        typer.Option(
            "--rotate-master",
            help="Make a new master key and put all keys under it; no history is touched.",
        ),
    ] = False,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show how many keys each master key wraps; with --rotate-master, put all under a new one.

    A rotation that was interrupted is finished by the next call, and makes no further master key.
    """
    settings = resolve_settings(data)
    if settings.keys is None:
        raise UserError(
            "Nothing is encrypted here: set MEDLEMSFLYT_MASTER_KEY, or start with "
            "`medlemsflyt dev`."
        )
    if not rotate_master_key:
        _show(asyncio.run(store_of(settings).count_by_master()), as_json=as_json)
        return
    done = asyncio.run(_rotate(settings, settings.keys, quiet=as_json))
    if as_json:
        print_json(asdict(done))
        return
    what = "A new master key" if done.made else "The rotation that was interrupted: master key"
    say(f"{what} {done.master} wraps {counted(done.rewrapped, 'key')} more.")
    if done.unreadable:
        say(f"No master key opens {counted(done.unreadable, 'key')}: they are left as they are.")


def _show(found: dict[str, int], *, as_json: bool) -> None:
    if as_json:
        print_json({"masters": found})
        return
    rows = [(master, f"{number:,}") for master, number in found.items()]
    print_table("Master keys", ("Master key", "Keys it wraps"), rows)


async def _rotate(settings: Settings, keys: KeySettings, *, quiet: bool) -> Rotation:
    def tell(done: int, in_all: int) -> None:
        if not quiet:
            say(f"{done:,} of {counted(in_all, 'key')}")

    return await rotate_master(store_of(settings), masters_of(keys), tell)
