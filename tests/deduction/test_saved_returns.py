"""Returns as spreadsheets save them: the list of four members, in every way (D9)."""

from tests.deduction.making import rows_of, written
from tests.deduction.saving import (
    BLANK,
    FIRST,
    as_book,
    as_period,
    cells,
    coloured,
    copied_sheet,
    decomposed,
    diagram,
    headings,
    heads,
    hidden,
    line_of,
    merged,
    reordered,
    said,
    second_sheet,
    unsplit,
    with_lines,
    without,
    wrapped,
)

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
    "a typed sum beside its word": with_lines(["Sum", "1485,00"]),
    "a typed sum without a word": with_lines(["", "", "", "", "", "", "", "", "1485,00", ""]),
    "i alt": with_lines(["I alt", "", "", "", "", "", "", "", "1485", ""]),
    "a count below the sum": with_lines(["", "", "Sum trukket", "", "", "", "", "", "1485,00", ""],
                                        ["", "", "Antall", "", "", "", "", "", "4", ""]),
    "a sum in more words": with_lines(["Sum trukket kontingent", *[""] * 7, "1485,00", ""]),
    "a sum called so beside it": with_lines([*[""] * 6, "Sum", "", "1485,00", ""]),
    "a unit below the headings": lambda c: written(
        [*rows_of(c)[: FIRST - 1], [*[""] * 8, "kr", ""], *rows_of(c)[FIRST - 1 :]]),
    "a cell coloured far below": lambda c: as_book(c, edit=coloured),
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
