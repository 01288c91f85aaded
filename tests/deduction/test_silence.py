"""Invariants 4 and 12 over sequences: what employers are given and what outsiders may look up."""

import io
import os
import zipfile
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from pathlib import Path

import asyncpg
import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as run
from hypothesis import strategies as st
from temporalio.testing import ActivityEnvironment

from activities.access import log as access_log
from activities.deduction.channels import AddressUnusable, check_address
from activities.deduction.delivery import ListDelivery
from activities.desk.searching import find_members
from activities.letters.errors import DeliveryFailed
from activities.membership.changed import BEGINNING, list_changed
from schemas.deduction.contracts import ListRequest
from schemas.desk.searching import Wanted, understood
from schemas.shared.calendar import month_after
from tests.deduction.making import MADE_ON, Office

EXAMPLES = int(os.environ.get("OUTAGES", "8"))
"""`OUTAGES=2000 pytest tests/deduction/test_silence.py` looks longer."""

NAME = "Kanarifugl Nordmann"
EVENTS = st.lists(
    st.sampled_from(
        ["month", "late", "list", "out", "nowhere", "remind", "hide", "wish", "reveal"]
    ),
    min_size=4,
    max_size=12,
)


@run(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(events=EVENTS, alone=st.booleans())
@example(events=["month", "list", "nowhere", "wish", "out", "hide", "out"], alone=True)
@example(events=["month", "list", "out", "wish", "month", "list", "out", "remind"], alone=False)
@example(events=["month", "hide", "list", "reveal", "out", "month", "list", "out"], alone=True)
@example(events=["month", "list", "out", "hide", "late", "list", "out", "remind"], alone=True)
async def test_no_sequence_shows_a_hidden_member(
    pool: asyncpg.Pool, tmp_path: Path, events: list[str], alone: bool
) -> None:
    """Lists made, held up and handed over, reminders, and what a branch and a system look up.

    From the wish on no file names the member, and nobody who asks finds one; whoever is the only
    one an employer deducts for leaves not even a file without lines.
    """
    await pool.execute(
        "INSERT INTO branches (code, name) VALUES ('OSLO', 'Oslo') ON CONFLICT DO NOTHING"
    )
    await pool.execute("UPDATE memberships SET stage = 'ended', outcome = 'resigned'")
    # The number of a member is none of an employer's, which stands on every list.
    await pool.execute(
        "SELECT setval('member_numbers', 70000000 + last_value) FROM member_numbers"
        " WHERE last_value < 70000000"
    )
    office = Office(pool, tmp_path / f"lists-{len(list(tmp_path.iterdir()))}")
    month = await begun(office, alone=alone)
    said = canaries(office, month.member, await national_id_of(pool, month.member))
    seen = files_of(office)
    for event in [*events, "out"]:
        await month.happens(event)
        written = files_of(office)
        if month.standing != "reveal":
            new = {path: text for path, text in written.items() if seen.get(path) != text}
            assert not [path for path, text in new.items() if any(one in text for one in said)]
            assert not (alone and new)
            await nobody_finds(pool, month.member, office.numbers[month.member])
        seen = written


async def begun(office: Office, *, alone: bool) -> "Months":
    """Return an employer with the member, and somebody else unless that is the only one."""
    employer = await next_employer(office.pool)
    member = await office.joins(name=NAME, employer=employer)
    others = [] if alone else [await office.joins(name="Ola Hansen", employer=employer)]
    await stand(office.pool, member, "reveal")
    return Months(office, employer, member, others)


@dataclass
class Months:
    """What happens at one employer, month by month."""

    office: Office
    employer: str
    member: str
    others: list[str]
    month: date = date(2026, 12, 1)
    standing: str = "reveal"

    async def happens(self, event: str) -> None:
        """Let one thing happen."""
        match event:
            case "month":
                self.month = month_after(self.month)
                for one in self.others:
                    await self.charge(one)
                if self.standing != "hide":
                    await self.charge(self.member)
            case "late":
                await self.charge(self.member)
            case "list":
                await self.office.make(f"{self.month:%Y-%m}")
            case "out":
                await self.hand_over(self.office.folder)
            case "nowhere":
                await self.hand_over(None)
            case "remind":
                await remind(self.office, self.employer)
            case _:
                self.standing = event
                await stand(self.office.pool, self.member, event)

    async def charge(self, one: str) -> None:
        """Charge somebody for the month, unless that has been done."""
        if not await charged(self.office.pool, one, self.month):
            await self.office.charge(one, f"{self.month:%Y-%m}", employer=self.employer)

    async def hand_over(self, folder: Path | None) -> None:
        """Deliver all that waits."""
        there = replace(self.office.settings, list_folder=folder)
        for number in await waiting(self.office.pool, self.employer):
            await self.office.deliver(number, settings=there)


async def nobody_finds(pool: asyncpg.Pool, member: str, number: str) -> None:
    """See that neither a branch nor a system is led to a member."""
    wanted = understood(number)
    assert isinstance(wanted, Wanted)
    async with pool.acquire() as connection:
        found = await find_members(connection, wanted, own_branch="OSLO", most=9)
        page = await list_changed(connection, BEGINNING, hidden=False, most=1000)
    assert found.total == 0
    assert member not in {item.id for item in page.items}
    assert (await access_log.seen_as(pool, member))[1] is True


async def remind(office: Office, employer: str) -> None:
    """Try to remind an employer of all it has: with no mail server, whoever tries fails."""
    room = ListDelivery(office.pool, office.settings)
    for number in await office.pool.fetch(
        "SELECT number FROM list_deliveries JOIN deduction_lists ON number = list_number"
        " WHERE employer_orgnr = $1",
        employer,
    ):
        request = ListRequest(list_number=number[0], today=MADE_ON)
        shown = await office.pool.fetchval(
            "SELECT count(*) FROM deduction_lines AS lines JOIN memberships USING (membership_id)"
            " WHERE list_number = $1 AND NOT hidden AND NOT hiding AND NOT EXISTS ("
            "   SELECT FROM withheld_lines AS kept WHERE kept.list_number = lines.list_number"
            "   AND kept.membership_id = lines.membership_id)",
            number[0],
        )
        try:
            await ActivityEnvironment().run(room.remind_employer, request)
        except DeliveryFailed:
            assert shown > 0


_serials = count(1)


async def next_employer(pool: asyncpg.Pool) -> str:
    """Return an employer that this example has for itself."""
    while True:
        digits = f"{900_000_00 + next(_serials)}"
        rest = sum(int(d) * w for d, w in zip(digits, (3, 2, 7, 6, 5, 4, 3, 2), strict=True)) % 11
        if rest != 1:
            orgnr = f"{digits}{(11 - rest) % 11}"
            await pool.execute(
                "INSERT INTO employers (orgnr, email) VALUES ($1, 'lonn@employer.example')", orgnr
            )
            return orgnr


async def stand(pool: asyncpg.Pool, member: str, standing: str) -> None:
    """Let a member be hidden, about to be, or neither."""
    await pool.execute(
        "UPDATE memberships SET hidden = $2, branch = $3, hiding = $4 WHERE membership_id = $1",
        member,
        standing == "hide",
        None if standing == "hide" else "OSLO",
        standing == "wish",
    )


async def waiting(pool: asyncpg.Pool, employer: str) -> list[str]:
    """Return the lists of an employer that have not gone out."""
    rows = await pool.fetch(
        "SELECT number FROM deduction_lists WHERE employer_orgnr = $1 AND number NOT IN"
        " (SELECT list_number FROM list_deliveries) ORDER BY number",
        employer,
    )
    return [row[0] for row in rows]


async def charged(pool: asyncpg.Pool, member: str, month: date) -> bool:
    """Tell whether a month has been charged."""
    found: bool = await pool.fetchval(
        "SELECT EXISTS (SELECT FROM charges WHERE membership_id = $1 AND period_from = $2)",
        member,
        month,
    )
    return found


async def national_id_of(pool: asyncpg.Pool, member: str) -> str:
    """Return what an employer would know somebody by."""
    found: str = await pool.fetchval(
        "SELECT national_id FROM people JOIN memberships USING (person_id)"
        " WHERE membership_id = $1",
        member,
    )
    return found


def canaries(office: Office, member: str, national_id: str) -> list[bytes]:
    """Return what would name a member."""
    return [one.encode() for one in (NAME, "Kanarifugl", office.numbers[member], national_id)]


def files_of(office: Office) -> dict[str, bytes]:
    """Return what lies in the folders of employers, unpacked."""
    return {str(path): unpacked(path) for path in office.folder.rglob("*") if path.is_file()}


def unpacked(path: Path) -> bytes:
    """Return a file's content; of a workbook, of all that is in it."""
    content = path.read_bytes()
    if path.suffix != ".xlsx":
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return b"\n".join(book.read(name) for name in book.namelist())


async def test_an_address_is_no_contact_from_the_wish_on(office: Office) -> None:
    """S30: what is sent to an employer's address would be read by whoever it must not know."""
    member = await office.joins()
    for hidden, hiding in ((True, False), (False, True), (False, False)):
        await office.pool.execute("UPDATE memberships SET hidden = $1, hiding = $2", hidden, hiding)
        async with office.pool.acquire() as connection:
            refused = pytest.raises(AddressUnusable) if hidden or hiding else nullcontext()
            with refused:
                await check_address(connection, f"{member}@EXAMPLE.org")
