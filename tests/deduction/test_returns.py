"""Returns as spreadsheets make them: the list of four members, saved in every way (D9)."""

import csv
import hashlib
import io
import unicodedata
import zipfile
from datetime import date

import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference

from activities.deduction import locks
from activities.deduction.locks import payer_in, unlocked
from activities.deduction.standing import what_stood
from activities.letters.list_files import locked
from schemas.deduction.list_file import COLUMNS, headings_of
from tests.deduction.making import filled, rows_of, written

HEADINGS = headings_of(COLUMNS)
PLACES = {column.name: place for place, column in enumerate(COLUMNS)}
NAMES = ("Åse Ødegård", "Bjørn Æsøy", "Ánte Čáhppe Ŋálli", 'Ola "Kalle" Nordmann')
FIRST = 10
"""The row of the first line, as a spreadsheet counts."""


@pytest.fixture
async def sent(office):
    """A list of four members, delivered: its number, the members, and its file."""
    members = [await office.joins(name=name) for name in NAMES]
    number = await office.ready(*members)
    content = await office.file_of(number)
    return number, members, filled(content, {office.numbers[members[2]]: ("0", "UNPAID_LEAVE")})


async def said(office, content):
    """Return what a file was taken to say: amount and reason by member, of each answer."""
    rows = await office.pool.fetch(
        "SELECT membership_id, deducted_ore, reason FROM report_lines"
        " JOIN deduction_reports USING (report_id) WHERE file_id = $1",
        hashlib.sha256(content).hexdigest(),
    )
    return {tuple(row) for row in rows}


def as_book(content, *, edit=None, number=True, title="Ark1"):
    """Return a CSV as a workbook, its ids and amounts numbers, as a spreadsheet saves it."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows_of(content):
        sheet.append([_as_number(cell) if number else cell for cell in row])
    if edit is not None:
        edit(sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _as_number(cell):
    plain = cell.replace(",", ".")
    if plain.isdecimal():
        # Fifteen digits are kept of a number, and zeros stand for the others.
        return int(plain[:15] + "0" * len(plain[15:]))
    try:
        return float(plain) if plain.count(".") == 1 else cell
    except ValueError:
        return cell


def heads(**values):
    """Change what stands above the lines, by the beginning of its label."""

    def change(content):
        rows = rows_of(content)
        for row in rows[:7]:
            for label, value in values.items():
                if row[0].startswith(label):
                    row[1] = value
        return written(rows)

    return change


def cells(column, change):
    """Change the cells of a column in every line."""

    def changed(content):
        rows = rows_of(content)
        for row in rows[FIRST - 1 :]:
            row[PLACES[column]] = change(row[PLACES[column]])
        return written(rows)

    return changed


def decomposed(content):
    """Return a text with its letters and their marks apart."""
    return unicodedata.normalize("NFD", content.decode("utf-8-sig")).encode("utf-8-sig")


def line_of(content, place, **values):
    """Return a line of a file with other values."""
    row = list(rows_of(content)[FIRST - 1 + place])
    for name, value in values.items():
        row[PLACES[name]] = value
    return row


def with_lines(*lines):
    """Add rows below the lines."""
    return lambda content: written([*rows_of(content), *(list(line) for line in lines)])


def reordered(content):
    """Turn the columns round, and add one."""
    rows = rows_of(content)
    return written([*rows[: FIRST - 2], *([*reversed(row), "Merk"] for row in rows[FIRST - 2 :])])


def without(*names):
    """Leave columns out."""

    def change(content):
        rows = rows_of(content)
        left = [place for name, place in PLACES.items() if name not in names]
        return written(
            [*rows[: FIRST - 2], *([row[place] for place in left] for row in rows[FIRST - 2 :])]
        )

    return change


def headings(change):
    """Write the headings, and the labels above, in another way."""

    def changed(content):
        rows = rows_of(content)
        for row in rows[:7]:
            row[0] = change(row[0])
        rows[FIRST - 2] = [change(heading) for heading in rows[FIRST - 2]]
        return written(rows)

    return changed


def unsplit(content):
    """Return a workbook that has a whole CSV in its first column."""
    book = openpyxl.Workbook()
    for line in content.decode("utf-8-sig").splitlines():
        book.active.append([line])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def wrapped(content):
    """Return a CSV that a spreadsheet opened unsplit and saved: every line is one cell."""
    out = io.StringIO()
    lines = content.decode("utf-8-sig").splitlines()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows([line] for line in lines)
    return out.getvalue().encode("utf-8-sig")


def second_sheet(sheet):
    """Put an instruction with a long text before the list."""
    sheet.parent.create_sheet("Veiledning", 0).append(["Slik fyller du ut listen. " * 40])


def copied_sheet(sheet):
    """Put an empty copy of the list before the one that is filled in."""
    copy = sheet.parent.copy_worksheet(sheet)
    for row in copy.iter_rows(min_row=FIRST):
        for cell in row[8:]:
            cell.value = None
    sheet.parent.move_sheet(copy, -1)


def merged(sheet):
    """Give the list a title over all columns, and merge what stands above the lines."""
    sheet.insert_rows(1)
    sheet["A1"] = "Trekkliste fra Lederne"
    sheet.merge_cells("A1:J1")
    for row in range(2, 9):
        sheet.merge_cells(f"B{row}:D{row}")


def hidden(sheet):
    """Hide columns and a row."""
    for column in "DEF":
        sheet.column_dimensions[column].hidden = True
    sheet.row_dimensions[FIRST].hidden = True


def diagram(sheet):
    """A sheet that holds a diagram and no rows."""
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=9, min_row=FIRST, max_row=FIRST + 3))
    sheet.parent.create_chartsheet("Diagram", 0).add_chart(chart)


def as_period(sheet):
    """Let the month be a date."""
    sheet.cell(3, 2, date(2026, 12, 1))


BLANK = ["", "", "", "", "", "", "", "", "", ""]

TAKEN = {
    "as it was sent": lambda c: c,
    "ids and amounts as numbers": as_book,
    "a workbook of texts": lambda c: as_book(c, number=False),
    "a KID of fifteen digits": heads(KID="2000000010000010"),
    "a KID shown short": heads(KID="2E+15"),
    "a KID shown a little longer": heads(KID="2,00000001E+15"),
    "a KID in groups": heads(KID="2 000 000 010 000 012"),
    "no KID": heads(KID=""),
    "a number of the list without zeros": heads(Listenummer="1-1"),
    "a number of the list with blanks": heads(Listenummer=" 00000001 – 1 "),
    "a number of the list that became a date": heads(Listenummer="01.jan"),
    "that, and a KID of fifteen digits": lambda c: heads(KID="2000000010000010")(
        heads(Listenummer="2026-01-01")(c)
    ),
    "that, and a KID shown short": lambda c: heads(KID="2E+15")(heads(Listenummer="jan.01")(c)),
    "a month that became a word": heads(Periode="des.26"),
    "a month that became a serial": heads(Periode="46357"),
    "a month that became a date": lambda c: as_book(c, edit=as_period),
    "an employer with MVA": heads(Arbeidsgivers="NO 974 760 673 MVA"),
    "a total as people write it": heads(Sum="kr\N{NO-BREAK SPACE}1\N{NO-BREAK SPACE}980,00"),
    "a total with noise": heads(Sum="1979.9999999999998"),
    "a count as a decimal": heads(Antall="4,0"),
    "decomposed": decomposed,
    "decomposed in utf-16": lambda c: decomposed(c).decode("utf-8-sig").encode("utf-16"),
    "without a mark": lambda c: c.removeprefix(b"\xef\xbb\xbf"),
    "windows-1252": lambda c: c.decode("utf-8-sig").replace("Č", "C").replace("Ŋ", "N")
    .encode("cp1252"),
    "utf-16": lambda c: c.decode("utf-8-sig").encode("utf-16"),
    "utf-8 read as windows-1252": lambda c: c.decode("utf-8-sig").encode().decode(
        "cp1252", "replace").encode("utf-8-sig"),
    "a separator named": lambda c: b"\xef\xbb\xbfsep=;\r\n" + c.removeprefix(b"\xef\xbb\xbf"),
    "commas named": lambda c: b"sep=,\r\n" + written(rows_of(c), separator=",", encoding="utf-8"),
    "tabs": lambda c: written(rows_of(c), separator="\t"),
    "no quotation marks": lambda c: written([[cell.replace('"', "'") for cell in row]
                                             for row in rows_of(c)]),
    "every line one cell": wrapped,
    "a workbook that was not split": unsplit,
    "line feeds": lambda c: c.replace(b"\r\n", b"\n"),
    "empty rows": lambda c: written([row for each in rows_of(c) for row in (each, [], BLANK)]),
    "headings in capitals": headings(str.upper),
    "headings with blanks": headings(lambda text: f"  {text.lower()} :"),
    "headings without Norwegian letters": headings(
        lambda text: text.replace("Å", "Aa").replace("ø", "o")
    ),
    "headings broken into lines": headings(lambda text: text.replace("n", "-\r\nn", 1)),
    "headings with a line break in front": headings(lambda text: f"\n{text}\n"),
    "headings with hard blanks": headings(
        lambda text: f"\N{NO-BREAK SPACE}{text}\N{NARROW NO-BREAK SPACE}"
    ),
    "headings with a mark": headings(lambda text: f"\N{ZERO WIDTH NO-BREAK SPACE}{text}"),
    "headings broken in a workbook": lambda c: as_book(
        headings(lambda text: text.replace("n", "\nn", 1))(c)
    ),
    "headings with escaped breaks": lambda c: as_book(
        headings(lambda text: f"{text}_x000D_")(c)
    ),
    "columns turned round, one added": reordered,
    "columns left out": without("name", "central", "local", "premium", "code"),
    "only numbers and answers": without(
        "national_id", "name", "central", "local", "premium", "total", "code"
    ),
    "no member numbers": without("number"),
    "numbers kept as texts": cells("number", lambda text: f'="{text}"'),
    "numbers with apostrophes": cells("number", lambda text: f"'{text}"),
    "numbers as decimals": cells("number", lambda text: f"{int(text)},00"),
    "national ids without zeros": cells("national_id", lambda text: text.lstrip("0")),
    "national ids with a blank": cells("national_id", lambda text: f"{text[:6]} {text[6:]}"),
    "national ids shown short": cells("national_id", lambda _: "1,28486E+10"),
    "amounts with noise": cells("deducted", lambda text: {"0": "0"}.get(
        text, "494,99999999999994")),
    "amounts with kr": cells("deducted", lambda text: f"kr {text}"),
    "amounts with a narrow blank": cells("deducted", lambda text: f"{text}\N{NARROW NO-BREAK SPACE}"
                                         "kr"),
    "amounts with points": cells("deducted", lambda text: text.replace(",", ".")),
    "amounts without decimals": cells("deducted", lambda text: text.replace(",00", ",-")),
    "nothing as accounts show it": cells("deducted", lambda text: " kr - " if text == "0" else
                                         text),
    "a reason as a word": cells("reason", lambda text: text and "Ulønnet permisjon"),
    "a reason in capitals": cells("reason", lambda text: text and "ULØNNET  PERMISJON"),
    "a reason in Nynorsk": cells("reason", lambda text: text and "permisjon utan løn"),
    "a reason in English": cells("reason", lambda text: text and "Unpaid leave"),
    "a reason and its word": cells("reason", lambda text: text and "UNPAID_LEAVE (ulønnet)"
                                   .replace("ulønnet", "Ulønna permisjon")),
    "a typed sum": with_lines(["Sum", "", "", "", "", "", "1980,00", "", "1485,00", ""]),
    "a typed sum after an empty row": with_lines(BLANK, ["", "", "Totalt:", "1980,00", "", "",
                                                         "1980,00", "", "1 485,00", ""]),
    "a typed sum without a word": with_lines(["", "", "", "", "", "", "", "", "1485,00", ""]),
    "i alt": with_lines(["I alt", "", "", "", "", "", "", "", "1485", ""]),
    "a count below the sum": with_lines(["", "", "Sum trukket", "", "", "", "", "", "1485,00", ""],
                                        ["", "", "Antall", "", "", "", "", "", "4", ""]),
    "a heading with its unit": headings(lambda text: "Trukket (kr)" if text == "Trukket" else text),
    "a diagram before it": lambda c: as_book(c, edit=diagram),
    "a reason with its day": cells("reason", lambda text: text and "Ulønnet permisjon fra 1.12."),
    "a correction of its own": lambda c: written(
        [*rows_of(c)[: FIRST - 1], line_of(c, 0, deducted="545,00"), *rows_of(c)[FIRST:],
         line_of(c, 0, deducted="-50,00")]),
    "a remark": with_lines(BLANK, ["Ring Per i lønn hvis dere lurer på noe, 22 33 44 55"]),
    "a remark beside the table": lambda c: as_book(
        c, edit=lambda sheet: sheet.cell(FIRST, 12, "se epost")),
    "a sheet before it": lambda c: as_book(c, edit=second_sheet),
    "an empty copy before it": lambda c: as_book(c, edit=copied_sheet),
    "merged cells": lambda c: as_book(c, edit=merged),
    "hidden columns": lambda c: as_book(c, edit=hidden),
    "the lines in another order": lambda c: written(
        [*rows_of(c)[: FIRST - 1], *reversed(rows_of(c)[FIRST - 1 :])]),
    "a line twice": lambda c: with_lines(line_of(c, 0))(c),
    "a person in two parts": lambda c: written(
        [*rows_of(c)[: FIRST - 1], line_of(c, 0, deducted="300,00"), *rows_of(c)[FIRST:],
         line_of(c, 0, deducted="195,00")]),
    "a person in two equal parts": lambda c: written(
        [*rows_of(c)[: FIRST - 1], *[line_of(c, 0, deducted="247,50", total="247,50")] * 2,
         *rows_of(c)[FIRST:]]),
    "a person in two parts, one with a reason": lambda c: written(
        [*rows_of(c)[: FIRST - 1], line_of(c, 0, deducted="400"), *rows_of(c)[FIRST:],
         line_of(c, 0, number="1", national_id="", deducted="95", reason="NO_PAY")]),
}  # fmt: skip


async def test_what_can_be_told_is_taken(office, sent):
    """Three were deducted in full and one is on leave, however the file was saved."""
    _, members, content = sent
    full = {(members[place], 49500, None) for place in (0, 1, 3)}
    for how, save in TAKEN.items():
        back = save(content)
        verdict = await office.take(back)
        assert (verdict.outcome, verdict.reasons, verdict.faults) == ("applied", (), ()), how
        assert (verdict.missing, verdict.unanswered, verdict.asked) == (0, 0, 0), how
        assert await said(office, back) == full | {(members[2], 0, "UNPAID_LEAVE")}, how
    assert await office.pool.fetchval("SELECT count(*) FROM tasks") == 0


REFUSED = {
    "a list of another month": (heads(Periode="2026-11"), 3, "write 2026-12"),
    "another month in words": (heads(Periode="november 2026"), 3, "write 2026-12"),
    "a KID of another list": (heads(KID="2000000010000020"), 5, "KID is not that"),
    "another total": (heads(Sum="1485,00"), 6, "write 1980,00"),
    "a total a hundred times too large": (heads(Sum="198000"), 6, "write 1980,00"),
    "another count": (heads(Antall="3"), 7, "write 4"),
    "another employer": (heads(Arbeidsgivers="312345676"), 2, "your own list"),
    "a list that is not there": (heads(Listenummer="00000001-7"), 4, "no list of this"),
    "nothing was filled in": (cells("deducted", lambda _: ""), None, None),
    "two filled sheets": (
        lambda c: as_book(c, edit=lambda sheet: sheet.parent.copy_worksheet(sheet)),
        None,
        "2 sheets of the workbook hold a list that is filled in",
    ),
    "a wrong cell of the second sheet": (
        lambda c: as_book(heads(Antall="3")(c), edit=second_sheet), 7, "of sheet 2: Antall"
    ),
    "an OpenDocument sheet": (
        lambda _: b"PK\x03\x04" + b"\0" * 26 + b"mimetypeapplication/vnd.oasis.opendocument."
        b"spreadsheetPK", None, "OpenDocument"
    ),
    "a locked workbook": (
        lambda _: b"\xd0\xcf\x11\xe0" + b"\0" * 99 + "EncryptedPackage".encode("utf-16-le"),
        None, "locked by a password: use the one of your lists",
    ),
    "a PDF": (lambda _: b"%PDF-1.7\n", None, "is a PDF"),
    "a web page": (lambda _: b"\r\n<HTML><table><tr><td>Medlemsnummer</td></tr></table></HTML>",
                   None, "is a web page, whatever its name"),
    "XML": (lambda _: b'<?xml version="1.0"?><Workbook/>', None, "is XML"),
}  # fmt: skip


async def test_what_can_not_be_told_is_refused_with_its_cell(office, sent):
    """Each with the cell and what to write; nothing of what stood there leaves the file."""
    _, members, content = sent
    nothing = filled(content, {office.numbers[member]: ("", "") for member in members})
    for how, (save, cell, says) in REFUSED.items():
        back = nothing if says is None else save(content)
        verdict = await office.take(back)
        assert (verdict.outcome, len(verdict.reasons)) == ("refused", 1), how
        wanted = ("I10", "Trukket is empty on every line") if says is None else (cell, says)
        assert verdict.cell == (f"B{wanted[0]}" if isinstance(wanted[0], int) else wanted[0]), how
        assert wanted[1] in verdict.reasons[0], (how, verdict.reasons)
        assert await said(office, back) == set(), how


FAULTS = {
    "an amount in words": ("deducted", "omtrent 400", "I", "write kroner"),
    "a date": ("deducted", "04.des", "I", "write kroner"),
    "a thousand or a thousandth": ("deducted", "1.485", "I", "write kroner"),
    "an error of a formula": ("deducted", "#REF!", "I", "write kroner"),
    "øre for kroner": ("deducted", "49500", "I", "asked about before anything is booked"),
    "øre with decimals": ("deducted", "49 500,00", "I", "asked about"),
    "ten times": ("deducted", "4950,00", "I", "asked about"),
    "a hundredth, with a reason": ("both", "4,95|NO_PAY", "I", "asked about"),
    "a sum that was changed": ("total", "595,00", "G", "leave it as it was"),
    "two reasons": ("both", "0|Sluttet/Pensjon", "J", "must be one of LEFT (Sluttet)"),
    "no reason": ("both", "0|", "J", "Årsak must say why"),
    "a reason of nobody's": ("both", "0|Ferie", "J", "Ulønnet permisjon"),
    "a reason alone": ("both", "|Sluttet", "I", "write 0 if nothing was deducted"),
    "somebody else": ("number", "00099999", "A", "not a line of this list"),
    "a negative amount": ("deducted", "495,00-", "I", "less than nothing"),
}


async def test_a_wrong_cell_is_named_and_the_others_count(office, sent):
    """In a CSV and in a workbook; the cell says what stood there only to who has the file."""
    _, members, content = sent
    for how, (column, value, letter, says) in FAULTS.items():
        wrong = dict(zip(("deducted", "reason"), value.split("|"), strict=True)) if (
            column == "both") else {column: value}  # fmt: skip
        rows = rows_of(content)
        rows[FIRST] = line_of(content, 1, **wrong)
        for back in (written(rows), as_book(written(rows), number=False)):
            verdict = await office.take(back)
            assert (verdict.outcome, verdict.counted) == ("applied", 3), how
            (fault,) = verdict.faults
            assert (fault.line, fault.cell) == (11, f"{letter}11"), how
            assert says in fault.fault, (how, fault.fault)
            stands = rows[FIRST][ord(letter) - ord("A")]
            assert what_stood(back, [fault.cell]) == {fault.cell: stands}, how
            assert members[1] not in {member for member, *_ in await said(office, back)}, how


NOT_OUR_HEADINGS = {
    "misspelt": (lambda text: "Trukkent" if text == "Trukket" else text,
                 "I9", "Trukkent", "write Trukket in this cell"),
    "left out": (lambda text: "" if text == "Årsak" else text,
                 "J9", "", "the heading Årsak is missing: add the column"),
    "no id": (lambda text: "Ansattnr" if text in {"Medlemsnummer", "Fødselsnummer"} else text,
              "A9", "Ansattnr", "write Medlemsnummer above its column"),
}  # fmt: skip


async def test_a_wrong_heading_is_named_by_its_cell(office, sent):
    """What stood there and what to write; a break in a heading moves no cell of a spreadsheet."""
    _, _, content = sent
    for how, (change, cell, stood, says) in NOT_OUR_HEADINGS.items():
        wrong = headings(change)(content)
        for back in (wrong, as_book(wrong), headings(lambda t: t.replace("n", "\nn", 1))(wrong)):
            verdict = await office.take(back)
            assert (verdict.outcome, verdict.cell) == ("refused", cell), (how, verdict.reasons)
            assert says in verdict.reasons[0], (how, verdict.reasons)
            assert what_stood(back, [cell])[cell].replace(" ", "") == stood, how
    rows = rows_of(headings(lambda text: text.replace("n", "\nn", 1))(content))
    rows[FIRST] = line_of(content, 1, deducted="omtrent 400")
    (fault,) = (await office.take(written(rows))).faults
    assert (fault.line, fault.cell) == (11, "I11")


async def test_a_task_about_a_report_is_over_once_the_list_is_answered(office, sent):
    """Whatever was wrong with it: a good file closes it, with what came; half a file does not."""
    number, members, content = sent
    own = [office.numbers[member] for member in members]
    wrong = {
        "misread.csv": cells("deducted", lambda _: "omtrent")(content),
        "another.csv": heads(Listenummer="00000009-7")(content),
        f"{number} (1).csv": b"%PDF-1.7",
        "a heading.csv": headings(lambda text: text.replace("Trukket", "Trk"))(content),
        "nobody's.csv": b"Alle er trukket som avtalt.",
    }
    open_tasks = "SELECT says FROM tasks WHERE kind = 'deduction_report' AND closed_on IS NULL"
    for name, back in wrong.items():
        await office.take(back, name=name)
    assert len(await office.pool.fetch(open_tasks)) == 5
    await office.take(filled(content, only={own[0], own[1]}))
    assert len(await office.pool.fetch(open_tasks)) == 5
    rest = filled(content, {own[2]: ("0", "UNPAID_LEAVE")}, only={own[2], own[3]})
    assert (await office.take(rest)).faults == ()
    # Nothing tells which list that one was on: a person decides.
    [left] = await office.pool.fetch(open_tasks)
    assert "the row of headings is missing" in left["says"]
    notes = await office.pool.fetch("SELECT DISTINCT note, closed_by FROM tasks WHERE settled")
    report = hashlib.sha256(rest).hexdigest()[:16]
    assert [tuple(row) for row in notes] == [
        (f"report {report} came, and the whole list is answered", "report")
    ]
    # A wrong file that comes after the good one is a matter of its own.
    await office.take(cells("deducted", lambda _: "fire hundre")(content))
    assert len(await office.pool.fetch(open_tasks)) == 2


async def test_an_amount_that_can_not_be_meant_waits_for_a_person(office, sent):
    """Øre for kroner: no money moves, a task asks; the right file, or a name, settles it."""
    number, members, content = sent
    own = [office.numbers[member] for member in members]
    wrong = filled(content, {own[0]: ("49500", ""), own[2]: ("0", "UNPAID_LEAVE")})
    verdict = await office.take(wrong)
    assert (verdict.counted, verdict.asked) == (3, 1)
    state = await office.settle(number)
    assert (state.figures.reported_ore, state.figures.unanswered) == (99000, 1)
    assert await office.pool.fetchval("SELECT count(*) FROM deductions") == 0
    says = await office.pool.fetchval("SELECT says FROM tasks WHERE kind = 'deduction_report'")
    assert "1 amounts can't be meant, and nothing is booked of them: ask the employer" in says
    assert (await office.take(content)).faults == ()
    state = await office.settle(number)
    # 3 x 495.00, and the one on leave is invoiced: the first file's line has no say in it.
    assert (state.figures.reported_ore, state.figures.open_lines) == (148500, 0)
    assert await office.pool.fetchval("SELECT count(*) FROM over_deductions") == 0


async def test_what_was_meant_after_all_is_booked_by_name(office, sent):
    """The employer did deduct 49,500 kroner: who asked is kept, and the rest goes back."""
    number, members, content = sent
    own = [office.numbers[member] for member in members]
    wrong = filled(content, {own[0]: ("49500", ""), own[2]: ("0", "UNPAID_LEAVE")})
    assert (await office.take(wrong)).asked == 1
    for name in ("Ola", None):
        verdict = await office.take(wrong, meant_by=name)
        assert (verdict.counted, verdict.asked, verdict.faults) == (4, 0, ())
    await office.settle(number)
    over = await office.pool.fetch("SELECT membership_id, deducted_ore FROM over_deductions")
    assert [tuple(row) for row in over] == [(members[0], 4_950_000)]
    kept = await office.pool.fetch("SELECT confirmed_by FROM confirmed_reports")
    assert [row[0] for row in kept] == ["Ola"]


async def test_how_much_can_not_be_meant_is_a_policy(office, sent):
    """Ten times unless told otherwise: 4,950 kroner are booked where it is a hundred times."""
    _, members, content = sent
    await office.pool.execute(
        "INSERT INTO policies VALUES ('implausible_factor', '2026-01-01', '100', 'D9')"
    )
    back = filled(content, {office.numbers[members[0]]: ("4950,00", "")})
    assert (await office.take(back)).asked == 0
    assert (members[0], 495_000, None) in await said(office, back)


async def test_a_typed_sum_that_differs_is_told(office, sent):
    """The lines count; that they come to something else is worth a look."""
    _, _, content = sent
    row = ["Totalt", "", "", "", "", "", "", "", "1980,00", ""]
    verdict = await office.take(with_lines(row)(content))
    assert (verdict.lines, verdict.counted) == (4, 4)
    (fault,) = verdict.faults
    assert (fault.line, fault.cell) == (14, "I14")
    assert "typed sum" in fault.fault


async def test_parts_that_do_not_add_up_are_asked_about(office, sent):
    """Two amounts of one person: neither counts, and both cells are named."""
    _, _, content = sent
    lines = [line_of(content, 0, deducted=ore, reason="NO_PAY") for ore in ("100,00", "95,00")]
    rows = rows_of(content)
    verdict = await office.take(written([*rows[: FIRST - 1], *lines, *rows[FIRST:]]))
    assert verdict.counted == 3
    assert [fault.cell for fault in verdict.faults] == ["I10", "I11"]
    assert "write one line with what was deducted in all" in verdict.faults[0].fault


async def test_a_member_that_is_missing_is_counted(office, sent):
    """Left out of the file: told at once, and asked for when the due day is over."""
    _, members, content = sent
    own = [office.numbers[member] for member in members]
    for save in (lambda c: c, as_book):
        verdict = await office.take(save(filled(content, only=set(own[1:]))))
        assert (verdict.lines, verdict.counted, verdict.missing) == (3, 3, 1)


async def test_a_name_in_a_remark_raises_the_alarm_and_says_nothing(office, sent):
    """S30: a remark that names a hidden member is answered as any other."""
    _, _, content = sent
    await office.joins(name="Hilde Hemmelig", hidden=True)
    verdicts = [
        await office.take(with_lines(BLANK, ["", "", name, *BLANK[3:]])(content))
        for name in ("Hilde Hemmelig", "Per Person Nordmann")
    ]
    assert verdicts[0] == verdicts[1]
    assert verdicts[0].remarks == (15,)
    assert "hidden_named" in await office.tasks()


def formula(value):
    """Return a change that puts a formula into the first line, with what it came to."""

    def change(content):
        book = as_book(content, edit=lambda sheet: sheet.__setitem__("I10", "=G10"))
        return _with_value(book, value)

    return change


def _with_value(content, value):
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as own,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for part in own.infolist():
            data = own.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                data = data.replace(b"<f>G10</f><v></v>", b"<f>G10</f><v>" + value + b"</v>")
                data = data.replace(b"<f>G10</f><v />", b"<f>G10</f><v>" + value + b"</v>")
            made.writestr(part.filename, data)
    return out.getvalue()


async def test_a_formula_is_what_it_came_to(office, sent):
    """What its spreadsheet worked out is read; without that it is refused with its cell."""
    _, members, content = sent
    back = formula(b"495")(content)
    assert (await office.take(back)).faults == ()
    assert (members[0], 49500, None) in await said(office, back)
    verdict = await office.take(formula(b"")(content))
    assert (verdict.outcome, verdict.cell) == ("refused", "I10")
    assert "write the amount" in verdict.reasons[0]


PASSWORD = "en lang setning 17"


async def test_a_return_may_come_locked_as_its_list_went_out(office, sent):
    """Under the password of the employer's lists, known by the file's name; no other opens it."""
    number, members, content = sent
    await office.pool.execute(
        "UPDATE employers SET email = 'lonn@a.example', list_channel = 'email', list_password = $1",
        PASSWORD,
    )
    back = locked(as_book(content), PASSWORD)
    taken = await office.take(back, name=f"Kopi av {number} (2).xlsx")
    assert (taken.outcome, taken.counted) == ("applied", 4)
    assert (members[2], 0, "UNPAID_LEAVE") in await said(office, back)
    for name, password in ((f"{number}.xlsx", "et annet passord"), ("retur.xlsx", PASSWORD)):
        refused = await office.take(locked(as_book(content), password), name=name)
        assert "locked by a password" in refused.reasons[0]


def test_a_lock_that_would_take_for_ever_is_not_tried(monkeypatch):
    """A file says how many rounds a key takes: beyond a bound it is not opened at all."""
    content = locked(as_book(b"Medlemsnummer;Trukket"), PASSWORD)
    assert unlocked(content, PASSWORD).startswith(b"PK")
    assert unlocked(content[:3000], PASSWORD) is None
    monkeypatch.setattr(locks, "MOST_ROUNDS", 99_999)
    assert unlocked(content, PASSWORD) is None


@pytest.mark.parametrize(
    ("name", "payer"),
    [
        ("00000012-3.xlsx", "00000012"), ("Kopi av 00000012-3 (1).xlsx", "00000012"),
        ("retur.xlsx", None), ("900000012-3.xlsx", None), ("2026-12-01.xlsx", None),
    ],
)  # fmt: skip
def test_a_file_name_tells_whose_list_it_was(name, payer):
    """Also of a copy that a mail program or a person made."""
    assert payer_in(name) == payer
