"""What of a return is refused, and which cell is named: what stood there, what to write (D9)."""

from activities.deduction.standing import what_stood
from tests.deduction.making import filled, rows_of, written
from tests.deduction.saving import (
    FIRST,
    as_book,
    cells,
    headings,
    heads,
    line_of,
    said,
    second_sheet,
)

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
