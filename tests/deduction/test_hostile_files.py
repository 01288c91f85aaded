"""Small files made to cost much: each is refused, or read, in a moment."""

import io
import time
import zipfile

import openpyxl
import pytest

from activities.deduction.reading import read_report
from activities.deduction.sheets import Sheet, formulas_without_value
from activities.shared.wrong_file import WrongFile
from schemas.deduction.list_file import COLUMNS, amount_ore, harmless, headings_of
from schemas.persons.folding import name_key
from tests.deduction.making import filled, rows_of, written

MOST_SECONDS = 30
"""Far above what any of them takes on a busy machine, far below what one would without bounds."""

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
STYLES = "xl/styles.xml"
OF_STRINGS = (
    '<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.spreadsheetml.sharedStrings+xml"/></Types>'
)


def workbook(**parts):
    """Return a workbook with parts put in the place of its own."""
    made = io.BytesIO()
    book = openpyxl.Workbook()
    book.active.append(headings_of(COLUMNS))
    book.save(made)
    out = io.BytesIO()
    with (
        zipfile.ZipFile(made) as own,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        contents = {name: own.read(name) for name in own.namelist()}
        types = contents["[Content_Types].xml"].decode()
        if STRINGS not in types:
            contents["[Content_Types].xml"] = types.replace("</Types>", OF_STRINGS).encode()
        contents[STRINGS] = part("sst", b"")
        for name, content in (contents | parts).items():
            archive.writestr(name, content)
    return out.getvalue()


def part(root, body):
    """Return a part of a workbook."""
    return f'<{root} xmlns="{MAIN}">'.encode() + body + f"</{root}>".encode()


def sheet(body):
    """Return a workbook whose sheet has this between its beginning and its end."""
    return workbook(**{SHEET: part("worksheet", b"<sheetData>" + body + b"</sheetData>")})


def far(rows):
    """Return rows with one cell each, in the last column there is."""
    return b"".join(
        f'<row r="{row}"><c r="XFD{row}"/></row>'.encode() for row in range(1, rows + 1)
    )


def line(cell):
    """Return a report of one line with this as what was deducted."""
    return written([headings_of(COLUMNS), ["1"] * 8 + [cell, ""]])


WORKBOOKS = {
    "two million texts": (
        lambda: workbook(**{STRINGS: part("sst", b"<si/>" * 2_000_000)}),
        "holds more than any list",
    ),
    "texts under another prefix": (
        lambda: workbook(
            **{STRINGS: f'<x:sst xmlns:x="{MAIN}">'.encode() + b"<x:si/>" * 1_000_000 + b"</x:sst>"}
        ),
        "holds more than any list",
    ),
    "texts in UTF-16": (
        lambda: workbook(**{STRINGS: f"<sst>{'<si/>' * 1_000_000}</sst>".encode("utf-16")}),
        "holds more than any list",
    ),
    "a cell in the last column of each row": (
        lambda: sheet(far(100_000)),
        "holds more than any list",
    ),
    "a hundred million blanks in a cell": (
        lambda: sheet(b'<row><c t="inlineStr"><is><t>' + b" " * 10**8 + b"</t></is></c></row>"),
        "holds more than any list",
    ),
    "a cell of two megabytes": (
        lambda: sheet(b'<row><c t="inlineStr"><is><t>x' + b" " * 10**6 + b"x</t></is></c></row>"),
        "line 1: a cell holds more than 300 characters",
    ),
    "a million styles": (
        lambda: workbook(**{STYLES: part("styleSheet", b"<xf/>" * 1_000_000)}),
        "holds more than any list",
    ),
    "a million elements within each other": (
        lambda: sheet(b"<t>" * 1_000_000),
        "holds more than any list",
    ),
    "four million cells": (
        lambda: sheet(b"<row>" + b"<c/>" * 4_000_000 + b"</row>"),
        "holds more than any list",
    ),
    "a row at the end of the sheet": (
        lambda: sheet(b'<row r="1048576"><c r="A1048576"><v>1</v></c></row>'),
        "has more than 200050 rows",
    ),
    "a document type": (
        lambda: workbook(**{STYLES: b'<!DOCTYPE x [<!ENTITY e "x">]><x>&e;</x>'}),
        "workbook can't be read",
    ),
}

TEXTS = {
    "a cell of 120 kB of blanks": (
        lambda: line("1" + " " * 120_000 + "x"),
        "line 2: a cell holds more than 300 characters",
    ),
    "a cell of 1 MB": (lambda: line("1" * 10**6), "a cell holds more than 300 characters"),
    "a cell of line breaks": (
        lambda: line("1" + "\n" * 100_000 + "x"),
        "a cell holds more than 300 characters",
    ),
    "a row of ten million cells": (
        lambda: written([headings_of(COLUMNS)]) + b"1" + b";" * 10**7 + b"x\r\n",
        "line 2 has more than 40 columns",
    ),
    "a number of a thousand digits above the lines": (
        lambda: written([["Antall linjer", "9" * 5000], headings_of(COLUMNS)]),
        "line 1: a cell holds more than 300 characters",
    ),
}


@pytest.mark.parametrize("case", [*WORKBOOKS, *TEXTS])
def test_a_hostile_file_is_refused_in_a_moment(case):
    """Counted before it is kept in memory, cut before a pattern sees it; with a clear sentence."""
    make, says = (WORKBOOKS | TEXTS)[case]
    content = make()
    begun = time.process_time()
    with pytest.raises(WrongFile, match=says):
        read_report(content).lines()
    assert time.process_time() - begun < MOST_SECONDS


def damaged(method, offset=40):
    """Return a workbook whose sheet was packed by a method, with a byte of it changed."""
    made, out = io.BytesIO(), io.BytesIO()
    book = openpyxl.Workbook()
    for row in range(60):
        book.active.append([row * 7919, str(row) * 9])
    book.save(made)
    with zipfile.ZipFile(made) as own, zipfile.ZipFile(out, "w", method) as archive:
        for name in own.namelist():
            archive.writestr(name, own.read(name))
    content = bytearray(out.getvalue())
    with zipfile.ZipFile(out) as archive:
        # Behind the header of a part, 30 bytes, stand its name and then what it holds.
        at = archive.getinfo(SHEET).header_offset + 30 + len(SHEET) + offset
    content[at] ^= 0x55
    return bytes(content)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
@pytest.mark.parametrize("offset", [4, 40, 90, 140])
def test_a_workbook_damaged_on_its_way_is_refused(method, offset):
    """Whichever way its parts are packed, and wherever the damage is: in words, as any other."""
    with pytest.raises(WrongFile, match="can't be read"):
        read_report(damaged(method, offset)).lines()


def test_formulas_that_nobody_can_read_are_refused():
    """One that others share, and that is none: the library looks at it when its row is read."""
    shared = (
        b'<sheetData><row r="1"><c r="A1"><f t="shared" ref="A1:A2" si="0">"unclosed</f></c></row>'
        b'<row r="2"><c r="A2"><f t="shared" si="0"/></c></row></sheetData>'
    )
    content = workbook(**{SHEET: part("worksheet", shared)})
    sheet = Sheet("xlsx", [["", ""], ["", ""]], 0, 1)
    with pytest.raises(WrongFile, match="can't be read"):
        formulas_without_value(content, sheet)


PATTERNS = {
    "an amount before many blanks": (amount_ore, lambda size: "1" + " " * size + "x"),
    "an amount in many groups": (amount_ore, lambda size: "1" + " 000" * size),
    "a sign before many blanks": (amount_ore, lambda size: "kr" + " " * size + "-"),
    "currencies": (amount_ore, lambda size: "kr " * size),
    "what a spreadsheet passes over": (harmless, lambda size: "\u200b" * size + "="),
    "line breaks": (harmless, lambda size: "x" + "\r\n" * size),
    "marks on one letter": (name_key, lambda size: "a" + "\u0327\u0301" * size),
}


@pytest.mark.parametrize("case", PATTERNS)
def test_a_long_text_costs_no_more_than_its_length(case):
    """Half a million characters: at the square of their number it would be a quarter of an hour."""
    rule, make = PATTERNS[case]
    text = make(500_000)
    begun = time.process_time()
    rule(text)
    assert time.process_time() - begun < MOST_SECONDS


async def test_a_hostile_cell_reaches_nobody(office):
    """Through the activity, as it comes: refused with its line, and nothing of it counts."""
    member = await office.joins()
    number = await office.ready(member)
    content = filled(await office.file_of(number))
    spoiled = written([*rows_of(content)[:-1], ["1"] * 8 + ["1" + " " * 120_000 + "x", ""]])
    begun = time.process_time()
    verdict = await office.take(spoiled)
    assert time.process_time() - begun < MOST_SECONDS
    assert (verdict.outcome, len(verdict.reasons)) == ("refused", 1)
    assert "a cell holds more than 300 characters" in verdict.reasons[0]
    assert await office.pool.fetchval("SELECT count(*) FROM report_lines") == 0
