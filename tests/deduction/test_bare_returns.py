"""Returns with nothing above their lines: told by the lines themselves, else by the file's name."""

import pytest

from schemas.deduction.plain_lines import is_plain_line
from tests.deduction.making import filled, rows_of, written
from tests.deduction.saving import FIRST, as_book, cells, headings, line_of, said, unsplit, without


def table(content):
    """Leave out what stands above the headings."""
    return written(rows_of(content)[FIRST - 2 :])


def lines(content):
    """Leave out the headings as well."""
    return written(rows_of(content)[FIRST - 1 :])


def no_headings(content):
    """Leave out the headings alone."""
    rows = rows_of(content)
    return written([*rows[: FIRST - 2], *rows[FIRST - 1 :]])


TAKEN = {
    "a table": table,
    "a table in a workbook": lambda c: as_book(table(c)),
    "a table that came apart": lambda c: unsplit(table(c)),
    "a title above it": lambda c: written([["Retur for desember"], [], *rows_of(table(c))]),
    "a table without names and codes": lambda c: table(without("name", "code")(c)),
    "a table of national ids": lambda c: table(without("number")(c)),
    "lines": lines,
    "lines in a workbook": lambda c: as_book(lines(c)),
    "lines with commas": lambda c: written(rows_of(lines(c)), separator=","),
    "lines with tabs": lambda c: written(rows_of(lines(c)), separator="\t"),
    "lines below a title": lambda c: written([["Retur for desember"], *rows_of(lines(c))]),
    "lines below what stands above": no_headings,
    "those in a workbook": lambda c: as_book(no_headings(c)),
    "lines and a sum": lambda c: lines(c) + b"Sum;;;;;;1980,00;;1485,00;\r\n",
    "lines in another order": lambda c: written(rows_of(lines(c))[::-1]),
}


async def test_what_can_be_one_list_only_is_taken(office, sent):
    """D9: each line is the list's, all of them are there, and no other list has them."""
    _, members, content = sent
    for how, change in TAKEN.items():
        back = change(content)
        verdict = await office.take(back)
        assert (verdict.outcome, verdict.reasons, verdict.faults) == ("applied", (), ()), how
        assert (verdict.counted, verdict.missing) == (4, 0), how
        assert await said(office, back) == {
            *((members[place], 49500, None) for place in (0, 1, 3)),
            (members[2], 0, "UNPAID_LEAVE"),
        }, how
    assert await office.pool.fetchval("SELECT count(*) FROM tasks") == 0


REFUSED = {
    "half a table": (lambda c: written(rows_of(table(c))[:3]), "A1", "not those of one list"),
    "a stranger among them": (
        lambda c: written([*rows_of(table(c)), line_of(c, 0, number="00099999")]),
        "A1", "write Listenummer and the list's number",
    ),
    "another sum": (lambda c: table(cells("total", lambda _: "595,00")(c)), "A1", "one list"),
    "headings of nobody's": (
        lambda c: table(headings(lambda text: f"Felt {text}")(cells("code", lambda _: "?")(c))),
        "A1", "begins with Medlemsnummer; write it above",
    ),
    "numbers and amounts alone": (
        lambda c: written([[row[0], row[8]] for row in rows_of(lines(c))]),
        "A1", "it begins with Medlemsnummer",
    ),
    "amounts that do not come to their sum": (
        lambda c: lines(cells("central", lambda _: "100,00")(c)), "A1", "headings is missing"
    ),
    "a first line that can't be told": (
        lambda c: written([["00000001", "", "Ola", "1"], *rows_of(lines(c))[1:]]),
        "A1", "headings is missing",
    ),
}  # fmt: skip


async def test_what_may_be_another_list_is_refused_with_its_cell(office, sent):
    """D9: with what to write, and nothing of it is kept as an answer; then it is taken."""
    number, _, content = sent
    for how, (change, cell, says) in REFUSED.items():
        for back in (change(content), as_book(change(content))):
            verdict = await office.take(back)
            assert (verdict.outcome, verdict.cell) == ("refused", cell), (how, verdict.reasons)
            assert says in verdict.reasons[0], (how, verdict.reasons)
    assert await office.pool.fetchval("SELECT count(*) FROM report_lines") == 0
    half = written([["Listenummer", number], *rows_of(REFUSED["half a table"][0](content))])
    verdict = await office.take(half)
    assert (verdict.outcome, verdict.counted, verdict.missing) == ("applied", 2, 2)


async def test_months_alike_are_told_by_the_name_of_the_file(office, sent):
    """D9: lines that stand on two lists are nobody's, unless the file is named after one."""
    number, members, first = sent
    second = await office.ready(*members, period="2027-01")
    third = await office.ready(*members, period="2027-02")
    # December's lines begin deductions; those of January and February are the same.
    assert (await office.take(table(first))).list_number == number
    back = table(filled(await office.file_of(second)))
    refused = await office.take(back)
    assert (refused.outcome, refused.cell) == ("refused", "A1")
    assert "fit several lists" in refused.reasons[0]
    named = await office.take(back + b"\r\n", name=f"Retur {third} (1).csv")
    assert (named.outcome, named.list_number, named.counted) == ("applied", third, 4)
    part = written(rows_of(back)[:3])
    assert (await office.take(part, name=f"{second}.csv")).list_number == second
    # A name that no line fits says nothing.
    assert (await office.take(part + b" ", name="00000009-1.csv")).outcome == "refused"


LINE = ["7", "12848600061", "Ola", "495,00", "0,00", "0,00", "495,00", "START", "495,00", ""]
PLAIN = [
    (LINE, True),
    (LINE[:9], True),
    ([*LINE, "", ""], True),
    ([*LINE, "x"], False),
    (LINE[:8], True),
    (LINE[:7], False),
    (["Sum", *LINE[1:]], False),
    ([*LINE[:7], "start", *LINE[8:]], True),
    ([*LINE[:7], "NY", *LINE[8:]], False),
    ([*LINE[:6], "400,00", *LINE[7:]], False),
    ([LINE[0], "1234", *LINE[2:]], True),
    ([LINE[0], "123456789012", *LINE[2:]], False),
    (["", *LINE[1:]], False),
    ([LINE[1], LINE[0], *LINE[2:]], False),
    ([], False),
]


@pytest.mark.parametrize(("row", "plain"), PLAIN)
def test_a_line_without_its_heading(row, plain):
    """D9: 495.00 + 0 + 0 = 495.00, a number of ours in front and a code of ours behind."""
    assert is_plain_line(row) is plain
