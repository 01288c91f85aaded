"""Returns as people and their programs change them: old encodings, words, labels, sums (D9)."""

import io
import zipfile

from tests.deduction.making import rows_of, written
from tests.deduction.saving import (
    FIRST,
    as_book,
    cells,
    headings,
    heads,
    line_of,
    said,
    with_lines,
    without,
)


def plain(content):
    """Return a text in letters that every Norwegian encoding has."""
    text = content.decode("utf-8-sig")
    return text.translate(str.maketrans("ČŊčŋáÁ", "CNcnaA"))


def called(**words):
    """Give headings other words, by how they begin."""
    return headings(
        lambda text: next((new for old, new in words.items() if text.startswith(old)), text)
    )


def above(change):
    """Change the rows above the lines."""

    def changed(content):
        rows = rows_of(content)
        return written([*change(rows[:7]), *rows[7:]])

    return changed


def without_heads(*labels):
    """Leave out what stands above the lines under some labels."""
    return above(lambda rows: [row for row in rows if row[0] not in labels])


def pages(content):
    """Repeat the headings on a second page."""
    rows = rows_of(content)
    return written([*rows[: FIRST + 1], rows[FIRST - 2], *rows[FIRST + 1 :]])


def parts(content):
    """Add a sum below two lines each, and one of all: 990.00 + 495.00 = 1,485.00."""
    rows = rows_of(content)
    row = ["Delsum", "", "", "", "", "", "990,00", "", "990,00", ""]
    last = ["Sum avdeling 2", "", "", "", "", "", "990,00", "", "495,00", ""]
    total = ["Å betale", "", "", "", "", "", "1980,00", "", "1485,00", ""]
    return written([*rows[: FIRST + 1], row, *rows[FIRST + 1 :], last, total])


def with_hidden_copy(sheet):
    """Leave another copy of the list, filled in, where nobody sees it."""
    copy = sheet.parent.copy_worksheet(sheet)
    copy.cell(FIRST, 9).value = 1
    copy.sheet_state = "hidden"


def spread(sheet):
    """Put empty columns between ours."""
    sheet.insert_cols(3)
    sheet.insert_cols(8)


def powers_of_ten(sheet):
    """Show what was deducted as 4.95E+02; it is a number all the same."""
    for row in range(FIRST, FIRST + 4):
        sheet.cell(row, 9).number_format = "0.00E+00"


def packed(content):
    """Put a file into an archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("retur.csv", content)
    return out.getvalue()


def strict(content):
    """Save as Strict Open XML, which a spreadsheet offers beside its own."""
    out = io.BytesIO()
    own, other = b"http://schemas.openxmlformats.org", b"http://purl.oclc.org/ooxml"
    with (
        zipfile.ZipFile(io.BytesIO(as_book(content))) as book,
        zipfile.ZipFile(out, "w") as made,
    ):
        for part in book.infolist():
            data = book.read(part).replace(own + b"/spreadsheetml/2006", other + b"/spreadsheetml")
            made.writestr(part.filename, data)
    return out.getvalue()


TAKEN = {
    "CSV (MS-DOS)": lambda c: plain(c).encode("cp865"),
    "CSV (MS-DOS) of Western Europe": lambda c: plain(c).encode("cp850"),
    "CSV (Macintosh)": lambda c: plain(c).encode("mac_roman"),
    "CSV (Macintosh) with its ends of lines": lambda c: plain(c).replace("\r\n", "\r")
    .encode("mac_roman"),
    "a mark twice": lambda c: b"\xef\xbb\xbf" + c,
    "UTF-16 without its mark": lambda c: c.decode("utf-8-sig").encode("utf-16-le"),
    "bars": lambda c: written(rows_of(c), separator="|"),
    "an end of file of DOS": lambda c: c + b"\x1a",
    "NULs behind the last line": lambda c: c + b"\0\0\0",
    "cells that are all quoted": lambda c: "\r\n".join(
        ";".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows_of(c)
    ).encode(),
    "a label and its value in one cell": above(
        lambda rows: [[": ".join(row[:2])] for row in rows]),
    "that without a colon": above(lambda rows: [[" ".join(row[:2])] for row in rows]),
    "what stands above in one row": above(
        lambda rows: [[cell for row in rows for cell in row[:2]]]),
    "what stands above turned round": above(lambda rows: [
        [row[0] for row in rows], [row[1] for row in rows]]),
    "no sum above": without_heads("Sum"),
    "no count above": without_heads("Antall linjer"),
    "its number and its KID alone": without_heads(
        "Sum", "Antall linjer", "Periode", "Arbeidsgivers organisasjonsnummer"),
    "a count with its word": heads(Antall="4 stk."),
    "an employer with its name": heads(Arbeidsgivers="974760673 Eksempel AS"),
    "an employer shown as a number": heads(Arbeidsgivers="9,74760673E+08"),
    "a total with apostrophes": heads(Sum="1'980,00"),
    "a total with typographic ones": heads(Sum="1\N{RIGHT SINGLE QUOTATION MARK}980.00"),
    "an empty column in front": lambda c: written([["", *row] for row in rows_of(c)]),
    "empty columns between": lambda c: as_book(c, edit=spread),
    "headings on each page": pages,
    "a sum of each part": parts,
    "a copy that nobody sees": lambda c: as_book(c, edit=with_hidden_copy),
    "Medlemsnr.": lambda c: without("national_id")(called(Medlemsnummer="Medlemsnr.")(c)),
    "Fnr": lambda c: called(Fødselsnummer="Fnr")(without("number")(c)),
    "Beløp trukket": called(Trukket="Beløp trukket"),
    "Trekk": called(Trukket="Trekk"),
    "Trekt": called(Trukket="Trekt"),
    "Begrunnelse": called(Årsak="Begrunnelse"),
    "Årsakskode": called(Årsak="Årsakskode"),
    "Deducted and Reason": called(Trukket="Deducted", Årsak="Reason"),
    "a column of their own beside ours": lambda c: written(
        [[*row, "Trekk" if row[0] == "Medlemsnummer" else "1"] if len(row) == 10 else row
         for row in rows_of(c)]),
    "amounts in kroner": cells("deducted", lambda text: f"{text} kroner"),
    "amounts in NOK": cells("deducted", lambda text: f"NOK{text}"),
    "amounts as in Sweden": cells("deducted", lambda text: text.replace(",00", ":-")),
    "amounts with a plus": cells("deducted", lambda text: f"+{text}"),
    "amounts kept as texts": cells("deducted", lambda text: f'="{text}"'),
    "amounts shown as powers of ten": lambda c: as_book(c, edit=powers_of_ten),
    "hyphens that do not break": lambda c: without("number")(cells(
        "national_id", lambda text: f"{text[:6]}\N{NON-BREAKING HYPHEN}{text[6:]}")(c)),
    "dashes with blanks": lambda c: without("number")(cells(
        "national_id", lambda text: f"{text[:6]} \N{EN DASH} {text[6:]}")(c)),
    "numbers with a point": cells("number", lambda text: f"{text}."),
    "numbers with a hash": cells("number", lambda text: f"#{int(text)}"),
    "numbers called so": cells("number", lambda text: f"Nr. {int(text)}"),
    "a dash for no reason": cells("reason", lambda text: text or "-"),
    "OK where all was deducted": cells("reason", lambda text: text or "OK"),
    "Ingen avvik": cells("reason", lambda text: text or "Ingen avvik"),
    "a sum in kroner": with_lines(["SUM KR", *[""] * 7, "1485", ""]),
    "what was paid": with_lines(["Til innbetaling:", *[""] * 7, "1 485,00", ""]),
    "all lines twice": lambda c: written([*rows_of(c), *rows_of(c)[FIRST - 1 :]]),
}  # fmt: skip


async def test_what_was_meant_is_taken(office, sent):
    """Three were deducted in full and one is on leave, whoever has touched the file."""
    _, members, content = sent
    full = {(members[place], 49500, None) for place in (0, 1, 3)}
    for how, change in TAKEN.items():
        back = change(content)
        verdict = await office.take(back)
        assert (verdict.outcome, verdict.reasons, verdict.faults) == ("applied", (), ()), how
        assert (verdict.missing, verdict.unanswered, verdict.remarks) == (0, 0, ()), how
        answers = {member: (ore, reason) for member, ore, reason in await said(office, back)}
        assert answers == {
            **{member: (ore, reason) for member, ore, reason in full},
            members[2]: (0, "UNPAID_LEAVE"),
        }, how
    assert await office.pool.fetchval("SELECT count(*) FROM tasks") == 0


REFUSED = {
    "half a workbook": (lambda c: as_book(c)[:3000], "the workbook can't be read"),
    "an archive": (packed, "the file is packed, and no workbook"),
    "7-Zip": (lambda _: b"7z\xbc\xaf\x27\x1c", "the file is packed"),
    "Strict Open XML": (strict, "save it as an ordinary Excel workbook"),
    "nothing at all": (lambda _: b"", "the file is empty"),
    "nothing but a mark": (lambda _: b"\xef\xbb\xbf", "the file is empty"),
    "nothing but blanks": (lambda _: b" \r\n \r\n", "the file is empty"),
    "half a text": (lambda c: c[:-60], "a quotation mark is not closed"),
    "letters as question marks": (
        lambda c: plain(c).encode("ascii", "replace"), "write Årsak in this cell"
    ),
    "amounts that came apart": (
        lambda c: "\r\n".join(",".join(row) for row in rows_of(c)).encode(),
        "an amount with a comma, or a name with the separator, must stand in quotation marks",
    ),
}  # fmt: skip


async def test_what_can_not_be_read_is_refused(office, sent):
    """With what to do instead, and nothing of it is kept as an answer."""
    _, _, content = sent
    for how, (change, says) in REFUSED.items():
        verdict = await office.take(change(content))
        assert (verdict.outcome, len(verdict.reasons)) == ("refused", 1), how
        assert says in verdict.reasons[0], (how, verdict.reasons)
    assert await office.pool.fetchval("SELECT count(*) FROM report_lines") == 0


FAULTS = {
    # 495 kroner shown as a day are 9 May 1901 to whoever reads them.
    "an amount shown as a day": ("deducted", "09.05.1901", "I11"),
    "three decimals": ("deducted", "495,000", "I11"),
    "a power of ten": ("deducted", "4,95E+02", "I11"),
    "a blank behind the comma": ("deducted", "495, 00", "I11"),
    "null": ("deducted", "null", "I11"),
    "a short word of two reasons": ("reason", "Perm.", "J11"),
    "a reason and more": ("reason", "Ulønnet permisjon, se e-post", "J11"),
}


async def test_what_may_mean_two_things_is_asked_about(office, sent):
    """The cell is named, and the other lines count."""
    _, _, content = sent
    for how, (column, value, cell) in FAULTS.items():
        rows = rows_of(content)
        rows[FIRST] = line_of(content, 1, **{column: value})
        verdict = await office.take(written(rows))
        assert (verdict.outcome, verdict.counted) == ("applied", 3), how
        assert [fault.cell for fault in verdict.faults] == [cell], how


async def test_a_line_that_takes_back_another_month_is_nobodys(office, sent):
    """Without a number it belongs to no line of the list: told, and not booked."""
    _, _, content = sent
    row = ["", "", "Korreksjon november", *[""] * 5, "-495,00", ""]
    verdict = await office.take(with_lines(row)(content))
    assert (verdict.counted, [fault.cell for fault in verdict.faults]) == (4, ["A14"])
