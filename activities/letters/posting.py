"""Letters to those who have no e-mail address: printed by a caseworker, past the same gate.

They are held until somebody prints them, and written then: by what is known of the person that
day. Who has got an e-mail address meanwhile hears from the next delivery.
"""

import asyncio
from datetime import date
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries
from activities.letters.cases import circumstances
from activities.letters.compose import compose_on_paper
from activities.letters.conditions import GateOutcome
from activities.letters.gate import pass_gate
from activities.letters.list_channels import put_files
from activities.letters.recipients import ByPost, find_recipient
from activities.letters.sending import BY_POST, money_of
from activities.letters.settings import NotificationSettings
from activities.letters.store import Store
from schemas.shared.base import Contract

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")


class Printed(Contract):
    """A letter that is to be posted.

    Attributes:
        letter: its opaque id.
        files: the names of its pages, in the order they go into the envelope.
    """

    letter: str
    membership_id: str
    key: str
    files: tuple[str, ...]


async def print_letters(
    pool: asyncpg.Pool, settings: NotificationSettings, folder: Path, today: date
) -> tuple[Printed, ...]:
    """Write what waits to be posted into a folder, and note that it has gone out.

    A letter counts as sent once its pages are there: cut off between the two, it is printed again.

    Args:
        pool: from ``activities.database.pool.open_pool``.
        settings: who we are.
        folder: where the pages go; only whoever runs this can read them.
        today: the business date.

    Raises:
        NotWritten: a template is at fault; those before it are printed.
        OSError: the folder can't be written.
    """
    printed = []
    async with pool.acquire() as connection:
        waiting = [row async for row in _SQL.list_to_post(connection, note=BY_POST)]
        for row in waiting:
            async with connection.transaction():
                store = Store(connection, row["membership_id"], "post", today)
                one = await _print(store, row["key"], settings, folder)
            if one is not None:
                printed.append(one)
    return tuple(printed)


async def _print(
    store: Store, key: str, settings: NotificationSettings, folder: Path
) -> Printed | None:
    """Print a letter, unless the gate, or another address, keeps it: the next delivery sees to it.

    Source: M20, R2.
    """
    case, letter = await store.lock_case_and_claim(key)
    if letter is None:
        return None
    verdict = pass_gate(letter.audience, letter.template, circumstances(case, letter, store.today))
    by_post = isinstance(find_recipient(letter, case, settings), ByPost)
    if verdict.passage is not GateOutcome.SEND or not by_post:
        return None
    money = await money_of(letter, store)
    pages, version = await asyncio.to_thread(
        compose_on_paper, letter, case, money, settings, store.today
    )
    files = tuple(
        (f"{letter.message_id[:16]}-{number}-{page.filename}", page.content)
        for number, page in enumerate(pages, 1)
    )
    await asyncio.to_thread(put_files, folder, files)
    await store.mark_sending(letter, silently=False)
    await store.mark_sent(letter, version, "printed, to be posted")
    await store.close_tasks(letter)
    return Printed(
        letter=letter.message_id,
        membership_id=store.membership_id,
        key=key,
        files=tuple(name for name, _ in files),
    )
