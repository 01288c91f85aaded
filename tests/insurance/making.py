"""Members whom the insurance package concerns, and the files that tell the office of them."""

from datetime import date

from activities.insurance.filing import make_file
from schemas.dues.terms import Span
from tests.builders import BOOK
from tests.dues.lives import life

OCTOBER, NOVEMBER, DECEMBER = date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)
TODAY = date(2026, 12, 10)
SINCE = date(2026, 10, 1)

HEADS = "Periode;2026-11\r\n\r\n"
COLUMNS = "Medlemsnummer;Status;Liv;Uføre;Kritisk sykdom;Premie per måned"
TURNED = "Status;Medlemsnummer;Liv;Uføre;Kritisk sykdom;Premie per måned"


def covered(*notices, start=NOVEMBER, stop=None, **more):
    """Return the facts of somebody whose package is charged for from November 2026 on."""
    return life(*notices, since=SINCE, premiums=(Span(valid_from=start, valid_to=stop),), **more)


async def numbers(pool, members):
    """Return each member's number."""
    rows = await pool.fetch("SELECT membership_id, member_number FROM memberships")
    by_id = {row["membership_id"]: row["member_number"] for row in rows}
    return {name: by_id[membership] for name, membership in members.items()}


async def filed(pool, first, today=TODAY, book=BOOK):
    """Make a month's file, and return what each member is told of in it."""
    async with pool.acquire() as connection, connection.transaction():
        file, report = await make_file(connection, first, book, today)
    told: dict[str, list[str]] = {}
    for line in file.lines:
        until = line.until_on or ""
        told.setdefault(line.membership_id, []).append(f"{line.change} {line.from_on}..{until}")
    return file, report, told
