"""The insurance office's answer as its people and programs write it: read, or named (S9)."""

import pytest

from activities.insurance.reading import WrongCells, read_answer

COVERAGES = ("life", "disability", "critical_illness")
HEADINGS = "Medlemsnummer;Status;Liv;Uføre;Kritisk sykdom;Premie per måned"
FIRST, SECOND = "00000007;DEKKET;JA;JA;JA;200,00", "00000008;UT;NEI;NEI;NEI;0"
TEXT = f"Periode;2026-11\r\n\r\n{HEADINGS}\r\n{FIRST}\r\n{SECOND}\r\n"

READ = {
    "as it is asked for": TEXT.encode(),
    "DOS": TEXT.encode("cp865"),
    "an old Macintosh": TEXT.encode("mac_roman"),
    "a mark, and Ctrl-Z": TEXT.encode("utf-8-sig") + b"\x1a",
    "commas": TEXT.replace("200,00", "200.00").replace(";", ",").encode(),
    "bars": TEXT.replace(";", "|").encode(),
    "the month in the cell of its label": TEXT.replace("Periode;2026-11", "Periode: nov 2026")
    .encode(),
    "our own heading for the status": TEXT.replace("Status", "Endring").encode(),
    "short headings": TEXT.replace("Medlemsnummer", "Medl.nr").replace(
        "Premie per måned", "Premie pr. mnd").encode(),
    "headings on each page": TEXT.replace(SECOND, f"{HEADINGS}\r\n{SECOND}").encode(),
    "a line twice": TEXT.replace(SECOND, f"{SECOND}\r\n{FIRST}").encode(),
    "a greeting below": f"{TEXT}\r\nMed hilsen Forsikringskontoret\r\n".encode(),
    "who made it, below": f"{TEXT}\r\n;;;;;Ola\r\n".encode(),
    "numbers without zeros": TEXT.replace("0000000", "").encode(),
    "premiums in kroner": TEXT.replace("200,00", "kr 200,-").encode(),
    "sums below": f"{TEXT}Til innbetaling;;;;;200,00\r\nTotalt;;;;;200\r\n".encode(),
}  # fmt: skip


@pytest.mark.parametrize("content", READ.values(), ids=READ)
def test_the_same_two_members(content):
    """One is covered for 200.00 a month, the other is out, however the file was made."""
    period, lines = read_answer(content, COVERAGES)
    assert period == "2026-11"
    assert [(one.number, str(one.standing), one.coverages, one.premium_ore) for one in lines] == [
        ("7", "covered", COVERAGES, 20000),
        ("8", "not_covered", (), 0),
    ]


@pytest.mark.parametrize(
    ("text", "column"),
    [
        (TEXT.replace(SECOND, FIRST.replace("200", "100")), "A"),
        (TEXT.replace("UT", "ukjent"), "B"),
        (TEXT.replace("200,00", "200,0000x"), "F"),
        (TEXT.replace("00000008", "?"), "A"),
    ],
    ids=["two-premiums", "status", "premium", "number"],
)
def test_what_may_mean_two_things_is_named(text, column):
    """A member with two premiums, words where a number stands: nothing of the answer counts."""
    with pytest.raises(WrongCells) as wrong:
        read_answer(text.encode(), COVERAGES)
    assert [fault.cell[0] for fault in wrong.value.faults] == [column]


def test_a_number_of_the_offices_stands_once():
    """The policy's number on every line is nobody's own: named, with what to do (M22)."""
    text = TEXT.replace(HEADINGS, f"{HEADINGS};Polisenummer")
    text = text.replace(FIRST, f"{FIRST};GR-1").replace(SECOND, f"{SECOND};gr-1")
    with pytest.raises(WrongCells) as wrong:
        read_answer(text.encode(), COVERAGES)
    (fault,) = wrong.value.faults
    assert (fault.cell[0], fault.stood) == ("G", "gr-1")
    assert fault.says == (
        "line 4 has that number too: write each member's own, or leave the column empty"
    )
