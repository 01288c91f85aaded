"""Which list a return is on: by what stands above its lines, else by the lines themselves."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import asyncpg

from activities.database.pool import load_queries
from activities.deduction.headings import WrongCell
from activities.deduction.locks import list_in
from activities.deduction.reading import Head, Table
from activities.shared.csv_text import Row
from activities.shared.wrong_file import WrongFile
from schemas.deduction.answers import RowKind, kind_of
from schemas.deduction.heads import (
    count_in,
    list_number_in,
    may_be_kid,
    month_in,
    orgnr_in,
    total_in,
    whole_kid_in,
)
from schemas.deduction.list_file import (
    COUNT,
    EMPLOYER,
    KID,
    NUMBER,
    PERIOD,
    TOTAL,
    cell,
    kroner,
    said,
)

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy
Lines = list[Row]


class ListNotFound(WrongFile):
    """The report is on a list that we don't have (yet): it is judged anew when it comes again."""

    def __init__(self, says: str, head: Head) -> None:
        super().__init__(f"cell {head.place}: {says}")
        self.place = head.place


WRITE_IT = f"write {NUMBER} and the list's number, as our file has it, in a row above the lines"


async def find_list(connection: Connection, table: Table, name: str) -> Mapping[str, Any]:
    """Return the list a report is on.

    Args:
        connection: of any kind; nothing is written.
        table: the report.
        name: of its file.

    Raises:
        WrongFile: what stands above its lines fits no list, or not this one.

    Source: D9.
    """
    nowhere = Head("", table.place(1, "number"))
    by_number, by_kid = (table.heads.get(label, nowhere) for label in (NUMBER, KID))
    number, kid = list_number_in(by_number.text), whole_kid_in(by_kid.text)
    found: Mapping[str, Any] | None = None
    if number is not None or kid is not None:
        found = await _SQL.find_list(connection, number=number, kid=kid)
    if found is None and number is not None:
        raise ListNotFound(f"there is no list of this {NUMBER}: send our own file", by_number)
    if found is None:
        found = await _by_what_is_left(connection, table, by_kid, kid)
    told = number is not None and kid is not None
    if found is None:
        found, told = await _by_lines(connection, table, name, by_number), True
    elif not told and not {EMPLOYER, TOTAL, COUNT} <= table.heads.keys():
        told = found["number"] in await _fitting(connection, await _lines_of(table))
    if may_be_kid(by_kid.text, found["kid"]) is False:
        raise WrongCell(by_kid.place, f"{KID} is not that of list {NUMBER}: send our own file")
    _check_heads(table, found, told=told)
    return found


async def told_list(connection: Connection, heads: Mapping[str, Head], name: str) -> str | None:
    """Return the number of the list that a refused report seems to be on; it is not booked by.

    Its number, its KID, the name of its file, else the employer's only list of its month tell it.
    """
    texts = {label: head.text for label, head in heads.items()}
    number, kid = list_number_in(texts.get(NUMBER, "")), whole_kid_in(texts.get(KID, ""))
    for one in ({"number": number, "kid": None}, {"number": None, "kid": kid},
                {"number": list_in(name), "kid": None}):  # fmt: skip
        found = any(one.values()) and await _SQL.find_list(connection, **one)
        if found:
            return str(found["number"])
    employer, month = orgnr_in(texts.get(EMPLOYER, "")), month_in(texts.get(PERIOD, ""))
    lists = [
        str(row["number"])
        async for row in _SQL.lists_of_employer(connection, orgnr=employer)
        if f"{row['period_from']:%Y-%m}" == month
    ]
    return lists[0] if len(lists) == 1 else None


async def _by_what_is_left(
    connection: Connection, table: Table, by_kid: Head, kid: str | None
) -> Mapping[str, Any] | None:
    """Return the list that employer, month, sum and count tell, and what is left of its KID.

    Returns:
        None where nothing is left of it, or of several.

    Raises:
        ListNotFound: its KID is whole, and no list's.
    """
    employer = orgnr_in(table.heads[EMPLOYER].text) if EMPLOYER in table.heads else None
    lists: list[Mapping[str, Any]] = [
        row async for row in _SQL.lists_of_employer(connection, orgnr=employer)
    ]
    left = [one for one in lists if may_be_kid(by_kid.text, one["kid"]) and _fits(table, one)]
    if len(left) == 1:
        return left[0]
    if kid is not None:
        raise ListNotFound(f"there is no list of this {KID}: send our own file", by_kid)
    return None


async def _by_lines(
    connection: Connection, table: Table, name: str, by_number: Head
) -> Mapping[str, Any]:
    """Return the only list that has all these lines and no others.

    If the file is named after a list that has any of them, it is that one.

    Raises:
        ListNotFound: there is none, or nobody can tell which.
    """
    lines = await _lines_of(table)
    fitting = await _fitting(connection, lines)
    whole = [
        number
        for number, row in fitting.items()
        if row["fitting"] == len(lines) and row["members"] == row["shown_count"]
    ]
    named = list_in(name)
    if named in fitting:
        whole = [named]
    if len(whole) != 1:
        fit = "fit several lists" if whole else "are not those of one list"
        raise ListNotFound(f"no {NUMBER} can be read, and the lines {fit}: {WRITE_IT}", by_number)
    found: Mapping[str, Any] = await _SQL.find_list(connection, number=whole[0], kid=None)
    return found


async def _fitting(connection: Connection, lines: Lines) -> dict[str, Mapping[str, Any]]:
    """Return the lists that have any of these lines, by their numbers."""
    found = _SQL.find_lists_of_lines(
        connection,
        numbers=[said(row, "number") for row in lines],
        national_ids=[said(row, "national_id") for row in lines],
        totals=[said(row, "total") for row in lines],
        codes=[cell(row, "code").upper() or None for row in lines],
    )
    return {row["list_number"]: row async for row in found}


async def _lines_of(table: Table) -> Lines:
    """Return the lines of a report: they may be many, and are read off the event loop."""
    return await asyncio.to_thread(
        lambda: [row for _, row in table.lines() if kind_of(row) is RowKind.LINE]
    )


def _fits(table: Table, found: Mapping[str, Any]) -> bool:
    try:
        _check_heads(table, found)
    except WrongFile:
        return False
    return True


def _check_heads(table: Table, found: Mapping[str, Any], *, told: bool = False) -> None:
    """Compare what stands above the lines with the list.

    Args:
        table: the return.
        found: the list.
        told: its number and its KID say which it is, or its lines do: of the others none has to
            stand there.

    Raises:
        WrongFile: something is missing or differs: it is another list, or another file.
    """
    period = f"{found['period_from']:%Y-%m}"
    wanted = (
        (EMPLOYER, orgnr_in, found["employer_orgnr"].strip(), "is not that of this list",
         "send the file of your own list"),
        (PERIOD, month_in, period, "is not that of this list", f"write {period}"),
        (TOTAL, total_in, found["shown_ore"], "above the lines is not that of this list",
         f"write {kroner(found['shown_ore'])}"),
        (COUNT, count_in, found["shown_count"], "is not that of this list",
         f"write {found['shown_count']}"),
    )  # fmt: skip
    for label, read, value, says, write in wanted:
        head = table.heads.get(label)
        stood = read(head.text) if head is not None else None
        if stood == value or (label == PERIOD and stood is None):
            continue
        if head is None and told:
            continue
        if head is None:
            raise WrongFile(f"{label} {says}: it is missing; {write}")
        raise WrongCell(head.place, f"{label} {says}: {write}")
