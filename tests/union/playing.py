"""A stack of its own, the commands that are given to it, and what it has come to."""

import asyncio
import json
import subprocess
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg

from tests.commands import Ran, run
from tests.devstack import Dev, free_offset
from tests.roles import as_administrator
from tests.union.employers import Listed, read_list
from tests.union.mail import Month, Sent
from tests.union.money import Invoice
from tests.union.register import EMPLOYERS, orgnr

_ASKED_ABOUT = """
SELECT reference, amount_ore, booked_on, kid, (
    SELECT count(*) FROM payments
    WHERE payments.kid IS NOT DISTINCT FROM entry.kid AND payments.paid_on = entry.booked_on
      AND payments.amount_ore = entry.amount_ore AND reverses IS NULL) AS booked
FROM bank_entries AS entry JOIN tasks ON key = 'entry/' || reference
WHERE aside = 'unclear' AND NOT debit AND closed_on IS NULL
ORDER BY reference"""

AWAY = 2
"""The exit code of a command that could not do its work."""

AWAY_WORDS = ("does not answer", "has stopped answering")

AWAY_SECONDS = 180
"""No part that was killed may be away for longer."""

QUIET_LOOKS = 4
"""So many times in a row nothing may have changed before it is taken for the end."""


class Union:
    """One union's stack: `medlemsflyt dev` over a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._dev: Dev | None = None
        self._database_url = ""

    async def start(self) -> None:
        """Bring it up."""
        self._dev = Dev(self.folder, await free_offset())
        self._database_url = as_administrator((await self._dev.start())["database_url"])

    async def stop(self) -> None:
        """Take it down, with all data kept."""
        if self._dev is not None:
            await self._dev.stop()

    def end(self) -> None:
        """Take it down whatever its state."""
        if self._dev is not None:
            self._dev.end()

    def copy_to(self, folder: Path) -> "Union":
        """Return the same union once more, while this one is down."""
        # With owners: as root, the database belongs to a user of its own.
        subprocess.run(("cp", "-a", self.folder, folder), check=True)
        (folder / "stack.json").unlink(missing_ok=True)
        return Union(folder)

    def kill(self, mark: str) -> bool:
        """Kill -9 the part whose command line holds a mark; tell whether it was there."""
        return self._dev is not None and self._dev.kill(mark)

    async def whole(self) -> None:
        """Wait until every part is there again."""
        async with asyncio.timeout(AWAY_SECONDS):
            while (await self.command("audit", "--dry-run")).code == AWAY:
                await asyncio.sleep(1)  # a part that comes back tells nobody

    async def command(self, *arguments: str) -> Ran:
        """Give a command, as a caseworker or a script does: again, while a part is away."""
        async with asyncio.timeout(AWAY_SECONDS):
            while True:
                ended = await asyncio.to_thread(run, *arguments, "--data", str(self.folder))
                if ended.code != AWAY or not any(words in ended.err for words in AWAY_WORDS):
                    return ended
                await asyncio.sleep(1)  # whoever reads that something is away waits a moment

    async def ordered(self, *arguments: str) -> Any:
        """Give a command that must end well; return what it printed."""
        ended = await self.command(*arguments, "--json")
        assert ended.code == 0, (arguments, ended)
        return json.loads(ended.out)

    async def employers_take_lists(self) -> None:
        """Set the channel of every employer: a folder."""
        for nth in range(EMPLOYERS):
            await self.ordered(
                "contact", "employer", orgnr(nth), "--name", f"Bedrift {nth} AS",
                "--email", f"lonn{nth}@example.org", "--channel", "folder",
            )  # fmt: skip

    async def take(self, file: Sent, folder: Path) -> str | None:
        """Give a file to its command; return what is wrong with how that ended."""
        path = folder / file.name
        path.write_bytes(file.content)
        ended = await self.command(file.command, str(path))
        if ended.code in file.codes:
            return None
        return f"{file.name}: exit code {ended.code}: {ended.out[-400:]}{ended.err[-400:]}"

    async def audited(self) -> str | None:
        """Have everything compared with everything; return what has drifted."""
        ended = await self.command("audit", "--dry-run")
        return f"audit: {ended.out[-800:]}" if ended.code else None

    async def take_in(self, month: Month) -> None:
        """Answer, as a person who looks into the bank, whether equal money is a second payment."""
        while seconds := [
            row["reference"]
            for row in await self.rows(_ASKED_ABOUT)
            if row["booked"] < month.told[(row["kid"], row["amount_ore"], row["booked_on"])]
        ]:
            await self.ordered("take-in", seconds[0], "--by", "Kari Kasserer")

    async def rows(self, statement: str, *values: Any) -> list[asyncpg.Record]:
        """Read from its database."""
        async with asyncio.timeout(AWAY_SECONDS):
            while True:
                with suppress(
                    OSError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError
                ):
                    return await self._rows(statement, values)
                await asyncio.sleep(0.5)  # a database that starts tells nobody

    async def _rows(self, statement: str, values: Sequence[Any]) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self._database_url)
        try:
            return list(await connection.fetch(statement, *values))
        finally:
            await connection.close()

    async def invoices(self) -> list[Invoice]:
        """Return what members have been asked for."""
        rows = await self.rows(
            "SELECT number, member_number, people.name, kid, total_ore"
            " FROM invoices JOIN memberships USING (membership_id)"
            " JOIN people USING (person_id) WHERE total_ore > 0 ORDER BY number"
        )
        return [Invoice(*row) for row in rows]

    async def lists(self) -> list[Listed]:
        """Return the lists that employers have in their folders, once all are there."""
        made = await self.rows("SELECT number FROM deduction_lists ORDER BY number")
        files = [self.folder / "lists" / row[0][:8] / f"{row[0]}.csv" for row in made]
        async with asyncio.timeout(120):
            while not all(file.exists() for file in files):
                await asyncio.sleep(0.5)  # a folder tells nobody what comes into it
        return [read_list(file.read_bytes()) for file in files]

    async def settled(self) -> "Outcome":
        """Wait until nothing changes any more; return what there is."""
        looks = 0
        found = await self._outcome()
        while looks < QUIET_LOOKS:
            await asyncio.sleep(1)  # settlements end by themselves, and nobody is told
            again = await self._outcome()
            looks = looks + 1 if again == found else 0
            found = again
        return found

    async def _outcome(self) -> "Outcome":
        return Outcome(
            {
                name: sorted(str(tuple(row)) for row in await self.rows(statement))
                for name, statement in OUTCOME.items()
            }
        )


@dataclass(frozen=True)
class Outcome:
    """All rows that money leaves, without what only says in which order it came."""

    tables: dict[str, list[str]]

    def differs_from(self, other: "Outcome") -> list[str]:
        """Return the rows that stand in one of two only."""
        found = []
        for name, rows in self.tables.items():
            once, twice = Counter(rows), Counter(other.tables[name])
            found += [f"{name}: sent once {row}" for row in once - twice]
            found += [f"{name}: sent twice {row}" for row in twice - once]
        return found


OUTCOME = {
    "invoices": "SELECT number, kid, total_ore, open_ore FROM invoice_balances",
    "payments": "SELECT membership_id, kid, paid_on, amount_ore, reversed FROM payment_balances",
    # Which of two equal payments paid an invoice is said by which came first.
    "suspense": "SELECT membership_id, sum(suspense_ore) FROM payment_balances"
    " GROUP BY membership_id",
    "balances": "SELECT account, balance_ore FROM balances",
    "entries": "SELECT source, membership_id, period_from, kind, debit, credit, sum(amount_ore)"
    " FROM entries WHERE source <> 'allocation'"
    " GROUP BY source, membership_id, period_from, kind, debit, credit",
    "deductions": "SELECT list_number, membership_id, outcome, deducted_ore, reason"
    " FROM deductions",
    "redirections": "SELECT membership_id, amount_ore, reason, invoice_number FROM redirections",
    "over": "SELECT membership_id, deducted_ore FROM over_deductions",
    "aside": "SELECT DISTINCT amount_ore, booked_on, debit, kid, payer_name, aside"
    # What was asked about depends on which came first; a person has answered it.
    " FROM bank_entries WHERE aside IS NOT NULL AND aside <> 'unclear'",
    "tasks": "SELECT kind, membership_id, count(*) FROM tasks WHERE closed_on IS NULL"
    " GROUP BY kind, membership_id",
}


def next_month(today: date) -> date:
    """Return the first day of the month after a day."""
    return date(today.year + today.month // 12, today.month % 12 + 1, 1)
