"""Taking in what the insurance office answers: every difference a task, until it is over."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries
from activities.insurance.filing import insured_in, was_made
from activities.insurance.reading import WrongCells, read_answer
from activities.shared.files import decide_file, keep_file, read_file
from activities.shared.tasks import close_task_of, open_task
from activities.shared.wrong_file import WrongFile
from schemas.insurance.answer import (
    AnswerLine,
    AnswerReport,
    ByNumber,
    Difference,
    Expected,
    Matter,
    differences,
    key_of,
    meant,
)
from schemas.insurance.cover import coverages_in, in_month
from schemas.pricing.rulebook import Rulebook, in_force
from schemas.shared.calendar import day_before, first_day_of_period, month_after

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy | asyncpg.Connection

KIND = "insurance_answer"

SAYS = {
    Matter.UNKNOWN: "The insurance office has somebody covered whom our books have not",
    Matter.MISSING: "The insurance office does not have a member covered whom our books have",
    Matter.COVER: "The insurance office has other coverages for a member than our books",
    Matter.PREMIUM: "The insurance office has another premium for a member than our books",
    Matter.BIRTH_DATE: "The insurance office has another birth date for a member than our books",
    Matter.NUMBER: "The insurance office has given a member a number that is another's",
    Matter.WHICH: "The insurance office has somebody by a number that several members have",
}
"""What a task says; of whom is its membership, and the line of the answer. No personal data."""


async def take_answer(
    connection: Connection, *, name: str, content: bytes, rulebook: Rulebook, today: date
) -> AnswerReport:
    """Take in an answer; the caller commits it.

    Idempotent: the same file is taken once. A difference has a key of member and matter: it is one
    task however often it is answered, and closed once an answer agrees.

    Args:
        connection: in a transaction.
        name: of the file.
        content: as it came: CSV or a workbook.
        rulebook: with the coverages.
        today: the business date.

    Source: S9, invariants 5 and 6.
    """
    await _SQL.lock_answers(connection)
    file_id = await keep_file(connection, kind=KIND, name=name, content=content, today=today)
    known = await read_file(connection, file_id)
    if known.report is not None:
        return AnswerReport.model_validate(known.report | {"taken_before": True})
    try:
        period, lines = read_answer(content, coverages_in(rulebook))
        await _check_period(connection, period)
    except WrongCells as error:
        return AnswerReport(outcome="refused", faults=error.faults)
    except WrongFile as error:
        return AnswerReport(outcome="refused", reasons=(str(error),))
    return await _apply(connection, file_id, period, lines, rulebook, today)


async def _check_period(connection: Connection, period: str) -> None:
    """Refuse an answer on a month without a file, or that a later one has overtaken.

    Raises:
        WrongFile: with the reason.
    """
    if not await was_made(connection, first_day_of_period(period)):
        raise WrongFile(f"no file was made for {period}: it answers nothing of ours")
    latest = await _SQL.latest_answer(connection)
    if latest is not None and latest > first_day_of_period(period):
        raise WrongFile(f"the answer on {latest:%Y-%m} has been taken: {period} is before it")


async def _apply(
    connection: Connection,
    file_id: str,
    period: str,
    lines: Sequence[AnswerLine],
    rulebook: Rulebook,
    today: date,
) -> AnswerReport:
    expected = await _expected(connection, period, rulebook)
    await _add_others(connection, expected, lines)
    numbers, taken = await _numbers(connection, expected, lines)
    found = (*differences(expected, lines), *taken)
    for difference in found:
        await _open(connection, difference, period, today)
    agreed = await _close_agreed(connection, {_key(one) for one in found}, today)
    report = AnswerReport(
        outcome="applied",
        period=period,
        lines=len(lines),
        differences=dict(Counter(one.matter for one in found)),
        agreed=agreed,
        numbers=await _keep_numbers(connection, file_id, numbers, today),
    )
    plain = report.model_dump(mode="json")
    await decide_file(connection, file_id, applied=True, report=plain, today=today)
    await _SQL.write_answer(
        connection, file_id=file_id, period_from=first_day_of_period(period), taken_on=today
    )
    return report


async def _expected(
    connection: Connection, period: str, rulebook: Rulebook
) -> dict[str, list[Expected]]:
    """Return what the office has been told for a month.

    By the number it was told last, and by another one of the member's where that is nobody's.
    """
    first = first_day_of_period(period)
    last = day_before(month_after(first))
    price = in_force(rulebook.premiums, first).premium_ore
    told: dict[str, list[Expected]] = defaultdict(list)
    others: dict[str, list[Expected]] = defaultdict(list)
    async for insured, own_number in insured_in(connection, first, last):
        if insured.told is None:
            continue
        ours = Expected(
            membership_id=insured.membership_id,
            birth_date=insured.birth_date,
            coverages=in_month(insured.told.stretches, first, last),
            premium_ore=insured.premium_ore or price,
        )
        told[key_of(insured.told.number)].append(ours)
        for number in {key_of(own_number), key_of(insured.number)}:
            others[number].append(ours)
    return others | told


async def _add_others(
    connection: Connection, expected: dict[str, list[Expected]], lines: Sequence[AnswerLine]
) -> None:
    """Add members of whom the office was told nothing, and who stand in its answer all the same."""
    strange = [line.number for line in lines if line.number not in expected]
    async for row in _SQL.find_members(connection, numbers=strange):
        stranger = Expected(
            membership_id=row["membership_id"],
            birth_date=row["birth_date"],
            coverages=(),
            premium_ore=0,
        )
        expected[row["number"]] = [stranger]


def _key(difference: Difference) -> str:
    """Return the business key of a difference; a stranger's number is in it only as a hash."""
    who = difference.membership_id
    if who is None:
        who = hashlib.sha256((difference.number or "").encode()).hexdigest()[:24]
    return f"insurance-answer/{difference.matter}/{who}"


async def _open(connection: Connection, difference: Difference, period: str, today: date) -> None:
    where = f", line {difference.line}" if difference.line else ""
    await open_task(
        connection,
        key=_key(difference),
        kind=KIND,
        says=f"{SAYS[difference.matter]} (answer on {period}{where}). Find out who is right.",
        membership_id=difference.membership_id,
        today=today,
    )


async def _close_agreed(connection: Connection, keys: set[str], today: date) -> int:
    """Close what this answer no longer differs in, and return how many were open."""
    open_keys = [row["key"] async for row in _SQL.open_differences(connection)]
    over = [key for key in open_keys if key not in keys]
    for key in over:
        await close_task_of(connection, key, today=today, by="rule", note="the answer agrees")
    return len(over)


async def _numbers(
    connection: Connection, expected: ByNumber, lines: Sequence[AnswerLine]
) -> tuple[dict[str, str], list[Difference]]:
    """Return the number that the office gives each member, and where it is somebody else's."""
    given: dict[str, tuple[AnswerLine, str]] = {}
    for line in lines:
        ours = meant(line, expected)
        if line.theirs is not None and ours is not None and key_of(line.theirs) != line.number:
            given.setdefault(ours.membership_id, (line, line.theirs))
    keys = list({key_of(number) for _, number in given.values()})
    held: dict[str, set[str]] = defaultdict(set)
    async for row in _SQL.holders_of(connection, numbers=keys):
        held[row["number"]].add(row["membership_id"])
    free: dict[str, str] = {}
    taken: list[Difference] = []
    for member, (line, number) in given.items():
        if held[key_of(number)] - {member}:
            matter = Matter.NUMBER
            taken.append(Difference(matter=matter, line=line.line, membership_id=member))
        else:
            free[member] = number
    return free, taken


async def _keep_numbers(
    connection: Connection, file_id: str, numbers: Mapping[str, str], today: date
) -> int:
    """Keep the numbers that the office has given members; the next file carries them."""
    news = _SQL.write_numbers(
        connection,
        file_id=file_id,
        memberships=list(numbers),
        numbers=list(numbers.values()),
        valid_from=today,
    )
    return len([row async for row in news])
