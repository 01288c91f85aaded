"""Who is told of new prices, from which month on, by one statement for a page of members.

520 in place of 495 from January 2027: half of 520 is 260 (S5), ceil10(312) = 320 (S12).
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from temporalio.testing import ActivityEnvironment

from activities.deduction.delivery import NO_ADDRESS, NO_FOLDER
from activities.deduction.price_notices import PriceNotices
from activities.letters.settings import NotificationSettings
from activities.membership.activities import Persistence
from activities.pricing.letters import announce
from activities.pricing.rulebook_change import note_approval, write_change
from activities.shared.hashes import letter_message_id
from activities.shared.rulebook import RulebookReader
from schemas.dues.terms import Span
from schemas.membership.situation import Facts
from schemas.pricing.contracts import (
    Announced,
    Announcement,
    NoticesLeft,
    PriceChange,
    RepricingOrder,
)
from schemas.shared.vocabulary import Category
from tests.deduction.making import rows_of
from tests.dues.lives import A, B, ends, hides, life, works, yes
from tests.dues.making import joins
from tests.refusing import REFUSED, refuse

TODAY, JANUARY, FEBRUARY = date(2026, 11, 23), date(2027, 1, 1), date(2027, 2, 1)
SINCE, NOVEMBER = date(2026, 10, 14), date(2026, 11, 1)
CHANGE = PriceChange(effective_on=JANUARY, full_central_ore=52000)
YEARLY: dict[str, Any] = {"percent": None, "employer": None}

Approve = Callable[..., Awaitable[Announcement]]


@pytest.fixture
def approve(pool: asyncpg.Pool) -> Approve:
    """Approve a change, and return the order to announce it."""

    async def go(change: PriceChange = CHANGE, today: date = TODAY) -> Announcement:
        async with pool.acquire() as connection, connection.transaction():
            written = await write_change(connection, change, today=today)
            await note_approval(connection, change, written, by="kongressen", today=today)
        order = RepricingOrder(effective_on=change.effective_on, rulebook=written.after.version)
        return Announcement(order=order, today=today)

    return go


@pytest.fixture
def postal(letters: NotificationSettings) -> NotificationSettings:
    """What the notifications worker is told, by a name of its own."""
    return letters


async def announced(pool: asyncpg.Pool, announcement: Announcement) -> Announced:
    """Order what a change is announced with."""
    async with pool.acquire() as connection:
        rulebook = await RulebookReader(allow_synthetic_ids=False).current(connection)
        return await announce(connection, announcement, rulebook)


async def letters_of(pool: asyncpg.Pool) -> dict[str, Any]:
    """The figures of the letters, by membership."""
    rows = await pool.fetch("SELECT membership_id, figures FROM letters WHERE batch IS NOT NULL")
    return {row["membership_id"]: row["figures"] for row in rows}


async def noticed(pool: asyncpg.Pool) -> dict[str, tuple[str, date, int]]:
    """Which employer is told of whom: from which month, and how much in all."""
    rows = await pool.fetch("SELECT * FROM price_notice_lines")
    return {
        row["membership_id"]: (
            row["employer_orgnr"],
            row["valid_from"],
            row["central_ore"] + row["local_ore"] + row["premium_ore"],
        )
        for row in rows
    }


WAS = {52000: 49500, 26000: 24750, 32000: 30000}


def central(
    month: date, ore: int, cadence: str = "monthly", since: date = date(2026, 10, 1)
) -> Any:
    """The figures of a letter about central dues alone."""
    term = {"kind": "central_dues", "amount_ore": ore, "cadence": cadence}
    return {
        "valid_from": month.isoformat(),
        "terms": [{**term, "valid_from": since.isoformat()}],
        # Of 495, 247.50 and 300 before (S2, S5, S12).
        "before": [{**term, "amount_ore": WAS[ore], "valid_from": since.isoformat()}],
        "reason": "prices",
    }


TOLD: dict[str, tuple[Facts, Any]] = {
    "monthly": (life(since=SINCE), central(JANUARY, 52000)),
    "half": (life(percent="50", since=SINCE), central(JANUARY, 26000)),
    # Half from February: 260, in place of 247.50, is told of when it begins.
    "half later": (
        life(works(FEBRUARY, percent="40", recorded=NOVEMBER), since=SINCE),
        central(JANUARY, 52000),
    ),
    "hidden": (life(hidden=True, since=SINCE), central(JANUARY, 52000)),
    # A year has one price (A26): January's.
    "student": (
        life(category=Category.STUDENT, since=SINCE, **YEARLY),
        central(JANUARY, 32000, "yearly"),
    ),
    "apprentice": (life(category=Category.APPRENTICE, since=SINCE), None),
    "leaves before": (life(ends(JANUARY, recorded=NOVEMBER), since=SINCE), None),
    "leaves later": (
        life(ends(date(2027, 4, 1), recorded=NOVEMBER), since=SINCE),
        central(JANUARY, 52000),
    ),
}


async def test_each_is_told_from_which_month_what_is_charged(pool, persistence, approve):
    """As the rules would tell it; whoever pays nothing else hears nothing, and nobody twice."""
    who = {name: await joins(persistence, facts) for name, (facts, _) in TOLD.items()}
    order = await approve()
    found = await announced(pool, order)
    wanted = {who[name]: figures for name, (_, figures) in TOLD.items() if figures is not None}
    assert await letters_of(pool) == wanted
    version = order.order.rulebook[:12]
    assert found == Announced(
        batch=f"repricing-2027-01-01-{version}", letters=len(wanted), employers=0, rules=False
    )
    row = await pool.fetchrow(
        "SELECT * FROM letters WHERE membership_id = $1 AND batch IS NOT NULL", who["half"]
    )
    assert row["key"] == f"price-2027-01-01-{version}"
    assert row["message_id"] == letter_message_id(who["half"], row["key"])
    assert (row["template"], row["audience"], row["status"], row["ordered_on"]) == (
        "dues_changed", "member", "pending", TODAY,
    )  # fmt: skip
    assert (await announced(pool, order)).letters == 0
    assert await pool.fetchval("SELECT count(*) FROM tasks") == 0


async def test_a_fee_of_a_mid_years_price_is_told_of_with_its_january(pool, persistence, approve):
    """From March on 520: the year 2027 is charged 300 in January, 2028 ceil10(312) = 320 (A26)."""
    student = await joins(persistence, life(category=Category.STUDENT, since=SINCE, **YEARLY))
    await announced(
        pool, await approve(PriceChange(effective_on=date(2027, 3, 1), full_central_ore=52000))
    )
    assert await letters_of(pool) == {student: central(date(2028, 1, 1), 32000, "yearly")}


async def test_who_pays_by_another_rate_hears_of_it_from_the_membership(pool, persistence, approve):
    """60 percent give half dues from then on (S5): the letters of the others alone are ordered."""
    await joins(persistence, life(percent="60", since=SINCE))
    other = await joins(persistence, life(since=SINCE))
    change = PriceChange(
        effective_on=JANUARY, full_central_ore=52000, half_at_most_percent=Decimal(60)
    )
    found = await announced(pool, await approve(change))
    assert (found.letters, found.rules) == (1, True)
    assert set(await letters_of(pool)) == {other}


async def test_one_that_is_refused_keeps_no_other_back(pool, persistence, approve):
    """The others' letters are ordered; of the one a caseworker is told, once (invariant 9)."""
    members = [await joins(persistence, life(since=SINCE)) for _ in range(4)]
    await refuse(pool, "letters", f"NEW.membership_id = '{members[2]}'")
    order = await approve()
    assert [(await announced(pool, order)).letters for _ in range(2)] == [3, 0]
    [task] = await pool.fetch("SELECT membership_id, says FROM tasks")
    assert task["membership_id"] == members[2]
    assert f"can't be announced: {REFUSED}" in task["says"]


DEDUCTED: dict[str, tuple[Facts, Any]] = {
    # 520 and the premium of 200.
    "insured": (
        life(since=SINCE, payers=(yes(NOVEMBER),), premiums=(Span(valid_from=NOVEMBER),)),
        (A, JANUARY, 72000),
    ),
    "accepted, and not begun": (life(since=SINCE, payers=(yes(FEBRUARY),)), (A, FEBRUARY, 52000)),
    "pays directly": (life(since=SINCE), None),
    "hides": (
        life(hides(date(2026, 12, 1), recorded=NOVEMBER), since=SINCE, payers=(yes(NOVEMBER),)),
        None,
    ),
    # B has been asked by nobody yet.
    "moves to another": (
        life(
            works(date(2026, 12, 20), employer=B, recorded=NOVEMBER),
            since=SINCE,
            payers=(yes(NOVEMBER),),
        ),
        None,
    ),
}


async def deducting(pool: asyncpg.Pool, persistence: Persistence) -> dict[str, str]:
    """Let them join, with numbers that employers know them by."""
    found = {}
    for place, (name, (facts, _)) in enumerate(DEDUCTED.items()):
        found[name] = await joins(persistence, facts)
        await pool.execute(
            "UPDATE people SET national_id = $2 FROM memberships "
            "WHERE memberships.person_id = people.person_id AND membership_id = $1",
            found[name],
            f"1284869981{place}",
        )
    await pool.execute(
        "UPDATE memberships SET hiding = true WHERE membership_id = $1", found["hides"]
    )
    return found


async def test_an_employer_is_told_once_of_all_it_deducts_for(
    pool, persistence, approve, tmp_path, postal
):
    """Who deducts now or has said yes; a file for each month; each line disclosed, and none twice.

    Source: M8, D3, R2, S30.
    """
    who = await deducting(pool, persistence)
    order = await approve()
    assert (await announced(pool, order)).employers == 1
    wanted = {who[name]: line for name, (_, line) in DEDUCTED.items() if line is not None}
    assert await noticed(pool) == wanted
    folder = tmp_path / "lists"
    telling = PriceNotices(pool, replace(postal, list_folder=folder))
    run = ActivityEnvironment().run
    # Hidden since it was ordered: the gate is asked as it goes out.
    left = await run(telling.tell_employers_of_prices, order)
    assert left == NoticesLeft(told=1)
    files = {file.name[-11:-4]: rows_of(file.read_bytes()) for file in folder.glob("*/*.csv")}
    assert {month: [row[3:] for row in rows[1:]] for month, rows in files.items()} == {
        "2027-01": [["520,00", "0,00", "200,00", "720,00", "CHANGE"]],
        "2027-02": [["520,00", "0,00", "0,00", "520,00", "CHANGE"]],
    }
    disclosed = await pool.fetch("SELECT membership_id, key, audience FROM disclosures")
    key = f"price-2027-01-01-{order.order.rulebook[:12]}"
    assert {tuple(row) for row in disclosed} == {(one, key, "employer") for one in wanted}
    assert await run(telling.tell_employers_of_prices, order) == NoticesLeft()
    assert (await announced(pool, order)).employers == 1, "it has been told, and stays so"


async def test_who_hides_meanwhile_is_not_told_of(pool, persistence, approve, tmp_path, postal):
    """The gate is asked once more as the notice goes out (invariant 4)."""
    who = await deducting(pool, persistence)
    order = await approve()
    await announced(pool, order)
    await pool.execute(
        "UPDATE memberships SET hidden = true WHERE membership_id = $1", who["insured"]
    )
    telling = PriceNotices(pool, replace(postal, list_folder=tmp_path / "lists"))
    await ActivityEnvironment().run(telling.tell_employers_of_prices, order)
    [file] = (tmp_path / "lists").glob("*/*.csv")
    assert "-2027-02" in file.name
    assert await pool.fetchval("SELECT shown_count FROM price_notice_deliveries") == 1


@pytest.mark.parametrize(("channel", "why"), [("folder", NO_FOLDER), ("email", NO_ADDRESS)])
async def test_without_a_channel_somebody_is_asked(
    pool, persistence, approve, postal, channel, why
):
    """Once; its next list says the amounts, and the order again tells it before."""
    await deducting(pool, persistence)
    order = await approve()
    await announced(pool, order)
    if channel == "email":
        await pool.execute("ALTER TABLE employers DROP CONSTRAINT employers_mail_is_locked")
        await pool.execute("UPDATE employers SET list_channel = 'email', email = NULL")
    telling = PriceNotices(pool, replace(postal, list_folder=None))
    for _ in range(2):
        left = await ActivityEnvironment().run(telling.tell_employers_of_prices, order)
        assert left == NoticesLeft(stuck=1)
    [says] = [row["says"] for row in await pool.fetch("SELECT says FROM tasks")]
    assert why in says
    assert A not in says


async def test_by_mail_it_is_locked_and_names_nobody(pool, persistence, approve, mail_sink, postal):
    """A workbook under the password of its lists; a server that is away is tried again."""
    await deducting(pool, persistence)
    order = await approve()
    await announced(pool, order)
    await pool.execute(
        "UPDATE employers SET list_channel = 'email', email = 'lonn@firma.example', "
        "list_password = 'en lang setning 17'"
    )
    away = PriceNotices(pool, replace(postal, port=1))
    run = ActivityEnvironment().run
    assert await run(away.tell_employers_of_prices, order) == NoticesLeft(waiting=1)
    last = order.model_copy(update={"last": True})
    assert await run(away.tell_employers_of_prices, last) == NoticesLeft(stuck=1)
    before = {file.name for file in Path(mail_sink.mail_dir).iterdir()}
    telling = PriceNotices(pool, postal)
    assert await run(telling.tell_employers_of_prices, order) == NoticesLeft(told=1)
    [mail] = [
        file.read_bytes()
        for file in Path(mail_sink.mail_dir).iterdir()
        if file.name not in before and b"lonn@firma.example" in file.read_bytes()
    ]
    assert b"Nye trekkbel" in mail
    assert b"2027-01.xlsx" in mail
    assert b"Kari" not in mail
