"""A month of money for members full of canaries: charged, listed, returned, paid, collected, told.

Every step is a command, as a caseworker or a script gives it.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import asyncpg

from tests.clock import today
from tests.commands import Cli, Ran
from tests.deduction.making import filled
from tests.direct_debit.making import mandates, told
from tests.payments.making import Money, ocr

DATED = (
    *(("memberships", "member_since"), ("payments", "paid_on"), ("allocations", "allocated_on")),
    *(("charges", "period_from"), ("entries", "booked_on")),
)
"""What a statement of a year goes by."""


@dataclass
class Month:
    """The month after this one, and all that commands said of it.

    Attributes:
        cli: runs a command.
        folder: what comes from outside lies there.
        lists: where employers find theirs.
        said: what commands printed, by their words.
        files: what was written for banks and the insurance office.
        tax: what was written for the tax authority.
        before: the lists that employers had before somebody wished to be hidden.
        outward: what whoever may not know of the hidden was handed from then on, by where.
    """

    cli: Cli
    pool: asyncpg.Pool
    folder: Path
    lists: Path
    said: dict[str, str] = field(default_factory=dict)
    files: list[Path] = field(default_factory=list)
    tax: Path = Path()
    before: set[Path] = field(default_factory=set)
    outward: dict[str, bytes] = field(default_factory=dict)

    async def order(self, *arguments: str, codes: tuple[int, ...] = (0,)) -> Ran:
        """Give a command, and keep what it said."""
        ended: Ran = await self.cli(*arguments, "--json")
        assert ended.code in codes, (arguments, ended)
        self.said[" ".join(arguments[:1])] = ended.out + ended.err
        json.loads(ended.out)
        return ended

    async def take(self, command: str, name: str, content: bytes) -> None:
        """Give a file from outside to its command."""
        path = self.folder / name
        path.write_bytes(content)
        await self.order(command, str(path), codes=(0, 1))

    async def pass_by(self, wish: Callable[[], Awaitable[None]]) -> None:
        """Charge, list, return, pay, collect, and tell the authorities and all others.

        Args:
            wish: asked once the lists have gone out; from its answer on nothing is said of who did.
        """
        first = (today().replace(day=1) + timedelta(days=32)).replace(day=1)
        await self.order("dues-run", f"{first:%Y-%m}")
        await self._returns()
        self.before = set(self.lists.glob("*/*"))
        await wish()
        await self._banks()
        await self._offices()
        await self._others()
        for path in set(self.lists.glob("*/*")) - self.before:
            content = path.read_bytes()
            # That of the wish itself: the employer has to end the deduction it knows of (L5).
            if b'"STOP"' not in content:
                self.outward[path.name] = content

    async def _moved(self, by: str) -> None:
        """Date what was paid, and since when, a year off: no year is over in which they paid."""
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute("SET LOCAL session_replication_role = replica")
            for table, column in DATED:
                await connection.execute(f"UPDATE {table} SET {column} = {column} {by}")
            await connection.execute(
                f"UPDATE terms SET valid = daterange((lower(valid) {by})::date,"
                f" (upper(valid) {by})::date)"
            )

    async def _returns(self) -> None:
        """Employers answer the lists in full."""
        for (number,) in await self.pool.fetch("SELECT number FROM deduction_lists"):
            [csv] = self.lists.glob(f"*/{number}.csv")
            await self.take("deduction-return", f"retur-{number}.csv", filled(csv.read_bytes()))

    async def _banks(self) -> None:
        """Some have signed for AvtaleGiro and are claimed; all others pay; employers pay lists."""
        open_ = await self.pool.fetch(
            "SELECT kid, total_ore FROM invoices WHERE total_ore > 0 ORDER BY number"
        )
        lists = await self.pool.fetch("SELECT kid, total_ore FROM deduction_lists")
        signed = [told(row["kid"], number=nth) for nth, row in enumerate(open_[::2], 1)]
        await self.take("payments", "avtaler.txt", mandates(*signed, on=today()))
        # What was issued before is not claimed: as if they had signed the day before.
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute("SET LOCAL session_replication_role = replica")
            await connection.execute("UPDATE mandates SET since = since - 1")
        out = self.folder / "bank"
        await self.order("claims", "--out", str(out))
        self.files += [path for path in out.iterdir() if path.is_file()]
        money = [
            Money(row["kid"], row["total_ore"], nth, on=today())
            for nth, row in enumerate([*open_, *lists], 1)
        ]
        await self.take("payments", "ocr.txt", ocr(*money, transmission="0000012"))

    async def _offices(self) -> None:
        """The year's end, the tax authority's file, the insurance office's."""
        year = str(today().year - 1)
        xml, csv = self.folder / "skatt.xml", self.folder / "forsikring.csv"
        await self._moved("- interval '1 year'")
        await self.order("year-end", year)
        await self.order("tax-report", year, "--xml", str(xml), "--by", "kari")
        await self._moved("+ interval '1 year'")
        await self.order("insurance-file", f"{today():%Y-%m}", "--csv", str(csv))
        await self.order("audit")
        self.files.append(csv)
        self.tax = xml

    async def _others(self) -> None:
        """Hand branches, the accountant, whoever plans, and other systems what is theirs."""
        out, csv = self.folder / "others", "journal.csv"
        out.mkdir()
        plan, saft = out / "budsjett.csv", out / "saft.xml"
        branches = self.folder / "branches"
        period = f"{today().replace(day=1) - timedelta(days=1):%Y-%m}"
        await self.order("books", "--csv", str(out / csv), "--saft", str(saft))
        await self.order("budget", "--csv", str(plan))
        await self.order("branch-dues", period, "--by", "kari", "--files", str(branches))
        heard = await self.cli("events")
        assert heard.code == 0, heard
        files = [path for folder in (out, branches) for path in folder.glob("*")]
        self.outward |= {path.name: path.read_bytes() for path in files}
        self.outward["events"] = heard.out.encode()
        self.files += files
