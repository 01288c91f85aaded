"""What single cells of a return say, as tables: words, months, KIDs, numbers, amounts (D9)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.deduction.answers import RowKind, SaidLine, is_implausible, judge, kind_of
from schemas.deduction.contracts import ShortReason
from schemas.deduction.heads import count_in, list_number_in, may_be_kid, month_in, orgnr_in
from schemas.deduction.list_file import COLUMNS, said
from schemas.deduction.words import REASONS, folded, heading_in, names_a_sum, reason_in

REASON_TEXTS = {
    "LEFT": "LEFT", "left": "LEFT", " Sluttet ": "LEFT", "SLUTTA": "LEFT", "Har sluttet": "LEFT",
    "Sluttet 15.11.2026": "LEFT", "LEFT (Sluttet)": "LEFT", "sluttet.": "LEFT",
    "Permittert": "LAID_OFF", "permitert": "LAID_OFF", "Laid off": "LAID_OFF",
    "laid-off": "LAID_OFF", "Pensjon": "PENSION", "PENSJONIST": "PENSION", "Pensjon (AFP)":
    "PENSION", "gått av med pensjon": "PENSION", "Ga\u030att av med pensjon": "PENSION",
    "Ulønnet permisjon": "UNPAID_LEAVE", "ulønna permisjon": "UNPAID_LEAVE",
    "ulonnet permisjon": "UNPAID_LEAVE", "ULØNNET_PERMISJON": "UNPAID_LEAVE",
    "Permisjon u/lønn": "UNPAID_LEAVE", "permisjon utan løn": "UNPAID_LEAVE",
    "Sykepenger/NAV": "NAV", "Nav": "NAV", "sykepenger": "NAV", "Sjukepengar": "NAV",
    "Foreldrepermisjon": "NAV", "Ikke lønn": "NO_PAY", "ikkje løn": "NO_PAY", "Inga lønn":
    "NO_PAY", "no pay": "NO_PAY", "Ukjent": "UNKNOWN_PERSON", "Ukjend person": "UNKNOWN_PERSON",
    "Ikke ansatt": "UNKNOWN_PERSON", "Annet": "OTHER", "anna": "OTHER", "'LEFT": "LEFT",
    "UlÃ¸nnet permisjon": "UNPAID_LEAVE",
    "Sluttet hos oss": "LEFT", "Arbeidsforholdet opphørt": "LEFT", "ulønnet perm.": "UNPAID_LEAVE",
    "Langtidssykmeldt": "NAV", "Pappaperm": "NAV", "Delvis permittert": "LAID_OFF",
    "Gikk av med pensjon": "PENSION", "Ingen lønn utbetalt": "NO_PAY",
    "Permisjon med lønn": None, "Studiepermisjon": None, "Utmeldt": None,
    # Since when, or until when, is not asked for.
    "Sluttet 30.11.2026": "LEFT", "Sluttet pr. 30. november": "LEFT", "Left since Nov 2026": "LEFT",
    "Sluttet i november 2026": "LEFT", "Permittert fra 1. des": "LAID_OFF",
    "Permittert 1.12.-31.12.": "LAID_OFF", "Permittert 100 %": "LAID_OFF",
    "permisjon f.o.m. 01.12.2026 t.o.m. 31.01.2027": "UNPAID_LEAVE",
    "Ulønnet permisjon fra og med 1. desember 2026 til 31. mai 2027": "UNPAID_LEAVE",
    "Sluttet eller permittert 30.11.2026": None, "30.11.2026": None, "i november": None,
    # Two reasons, a negation, or a word that may mean several.
    "Sluttet/Pensjon": None, "ikke sluttet": None, "SYK": None, "Ferie": None, "?": None, "": None,
    "Kari Nordmann": None, "LEFT - se brev": None,
}  # fmt: skip


@pytest.mark.parametrize("text", REASON_TEXTS)
def test_reasons(text):
    """Codes and words, in Bokmål, Nynorsk and English, however they are typed."""
    assert said([*[""] * 9, text], "reason") == REASON_TEXTS[text]


def test_each_reason_has_words_of_its_own():
    """What the letter asks for is read back, and no word stands for two reasons."""
    assert [words.reason for words in REASONS] == list(ShortReason)
    seen = {}
    for words in REASONS:
        for word in (words.reason, words.word, *words.others):
            assert seen.setdefault(folded(word), words.reason) == words.reason, word
            for typed in (word, word.upper(), word.lower(), f" {word}. "):
                assert reason_in(typed) == words.reason, typed


MONTHS = {
    "2026-12": "2026-12", "2026-12-01": "2026-12", "2026-12-01 00:00:00": "2026-12",
    "01.12.2026": "2026-12", "12.2026": "2026-12", "12/2026": "2026-12", "2026.12": "2026-12",
    "202612": "2026-12", "des.26": "2026-12", "des 2026": "2026-12", "Desember 2026": "2026-12",
    "Dec-26": "2026-12", "mai 27": "2027-05", "mars 2027": "2027-03", "1/12/2026": "2026-12",
    # 1 December 2026 is day 46,357 of a spreadsheet.
    "46357": "2026-12", "46387": "2026-12", "46357.0": "2026-12", "'2026-12": "2026-12",
    # The first of December, or the twelfth of January.
    "12/1/2026": None, "2026-13": None, "desember": None, "": None, "12": None,
}  # fmt: skip


@pytest.mark.parametrize("text", MONTHS)
def test_months(text):
    """As they are, and as a spreadsheet makes them; never a guess."""
    assert month_in(text) == MONTHS[text]


KIDS = {
    "2000000010000012": True, "2000000010000010": True, "2 000 000 010 000 012": True,
    "'2000000010000012": True, "2000000010000012.0": True, "2E+15": True, "2,00000001E+15": True,
    "2.00000001000001E+15": True,
    # Another number; so little of another one that it tells nothing; no number.
    "2000000010000029": False, "2000000010000020": False, "200000001000001": False,
    "3,1E+15": None, "": None, "se faktura": None,
}  # fmt: skip


@pytest.mark.parametrize("text", KIDS)
def test_kids(text):
    """A number keeps fifteen digits, cut off or rounded; shown short still less."""
    assert may_be_kid(text, "2000000010000012") is KIDS[text]


@given(st.integers(2 * 10**15, 3 * 10**15 - 1))
def test_a_kid_that_a_spreadsheet_kept_as_a_number_is_known(number):
    """A list's begins with 2: cut off behind the fifteenth digit, rounded there, or shown short."""
    kid = str(number)
    assert may_be_kid(kid[:15] + "0", kid)
    assert may_be_kid(str(round(number, -1)), kid)
    assert may_be_kid(f"{number:.5E}", kid)
    assert may_be_kid(f"{number:.8E}".replace(".", ","), kid)


NUMBERS = {
    "00000001-1": "00000001-1", "1-1": "00000001-1", "12 – 11": "00000012-11",
    "'00000012-11": "00000012-11", "2026-01-01": None, "01.jan": None, "1-0": None, "": None,
}  # fmt: skip


@pytest.mark.parametrize("text", NUMBERS)
def test_list_numbers(text):
    """Without zeros, with blanks, with another dash; a date is none."""
    assert list_number_in(text) == NUMBERS[text]


def test_other_heads():
    """An employer's number with its letters, and a count that became a decimal."""
    for text in ("974760673", "974 760 673", "NO974760673MVA", "'974760673", "974760673.0"):
        assert orgnr_in(text) == "974760673", text
    assert orgnr_in("97476067") is None
    assert [count_in(text) for text in ("4", " 4 ", "4,0", "4.00", "fire", "")] == [
        4, 4, 4, 4, None, None
    ]  # fmt: skip


AMOUNTS = {
    "494.99999999999994": 49500, "99.99000000000001": 9999, "1485.0000000000002": 148500,
    "494,50000000000006": 49450, "495,0000": 49500, "495,00-": -49500, "247,50 \u2212": -24750,
    "(247,50)": -24750, "-kr 495,00": -49500, "kr -495,00": -49500, "KR. 495": 49500,
    "1\u202f234,50": 123450, "1\u2009234,50 kr": 123450, "495,--": 49500, "\u200b495": 49500,
    " kr - ": 0, "-": 0, "\u2013": 0,
    # Not noise: somebody meant more decimals, or a thousand.
    "494.9951": None, "495,555": None, "495,000": None, "1.234": None, "4,95E+02": None,
    "#REF!": None, "04.des": None,
}  # fmt: skip


@pytest.mark.parametrize("text", AMOUNTS)
def test_amounts_of_spreadsheets(text):
    """Noise, signs behind, brackets, and the dash for nothing."""
    assert said([*[""] * 8, text, ""], "deducted") == AMOUNTS[text]


def row(**cells):
    """Return a row with some cells filled in."""
    return [cells.get(column.name, "") for column in COLUMNS]


KINDS = [
    (row(number="00000001", deducted="495,00"), RowKind.LINE),
    (row(number="1"), RowKind.LINE),
    (row(national_id="01818649904"), RowKind.LINE),
    (row(national_id="1,28E+10", deducted="495"), RowKind.LINE),
    (row(name="Per Person", deducted="495,00"), RowKind.LINE),
    (row(number="Per", reason="Sluttet"), RowKind.LINE),
    (row(number="Sum", total="990,00", deducted="495,00"), RowKind.SUM),
    (row(number="Sum", national_id="990,00"), RowKind.SUM),
    (row(name="TOTALT:", deducted="495,00"), RowKind.SUM),
    (row(code="I alt"), RowKind.SUM),
    (row(deducted="990,00"), RowKind.SUM),
    (row(total="Sum", deducted="990,00"), RowKind.SUM),
    (row(reason="Sum", deducted="990,00"), RowKind.SUM),
    # The unit below a heading of two rows.
    (row(deducted="kr"), RowKind.REMARK),
    (row(name="Antall", deducted="4"), RowKind.REMARK),
    (row(number="Antall linjer:", total="4"), RowKind.REMARK),
    (row(number="Hilsen lønn"), RowKind.REMARK),
    (row(name="Per Person"), RowKind.REMARK),
]


@pytest.mark.parametrize(("cells", "kind"), KINDS)
def test_rows(cells, kind):
    """A line names somebody, a sum says so or only adds up, a remark answers nothing."""
    assert kind_of(cells) is kind


@pytest.mark.parametrize(
    "text",
    ["Sum", "sum:", "TOTALT", "I alt", "Til sammen", "Total sum", "Sum trukket kontingent",
     "Totalt beløp:", "Beløp i alt", "Sum desember 2026", "Sum 4 ansatte", "Samlet lønnstrekk",
     "\u2211"],
)  # fmt: skip
def test_words_for_a_sum(text):
    """And a name is none of them."""
    names = ("Summer Olsen", "Sum Olsen", "Sumi", "Sum Mai", "Sum i", "Total Olsen beløp")
    assert names_a_sum(text)
    assert not any(map(names_a_sum, names))
    assert not names_a_sum("Sum Olsen")


@pytest.mark.parametrize(
    ("deducted", "listed", "implausible"),
    [
        # Ten times what was asked for, or a tenth of it, is where it begins.
        (49500 * 100, 49500, True), (49500 * 10, 49500, True), (494999, 49500, False),
        (49500 * 3, 49500, False), (495, 49500, True), (4950, 49500, True), (4951, 49500, False),
        (0, 49500, False), (-49500, 49500, False),
        # Nothing was asked for: beside what was asked for of others, at most 695.00.
        (49500, 0, False), (695000, 0, True), (100, 0, False), (49500, -24750, False),
    ],
)  # fmt: skip
def test_what_can_not_be_meant(deducted, listed, implausible):
    """Øre for kroner or the reverse, in proportion to what was asked for."""
    assert is_implausible(deducted, listed, 10, 69500) is implausible


def lines(*said_of_one, listed=49500):
    """Return the lines of one person, with nothing wrong in any."""
    return [
        SaidLine(place, "membership-1", listed, listed, ore, reason)
        for place, (ore, reason) in enumerate(said_of_one, 1)
    ]


PERSONS: dict[str, tuple[list[Any], list[Any]]] = {
    # 300.00 + 195.00 and 247.50 + 247.50 are what was asked for: one answer.
    "two parts": ([(30000, None), (19500, None)], [(49500, None)]),
    "two parts, one with a reason": ([(30000, "NO_PAY"), (19500, None)], [(49500, None)]),
    "two equal parts": ([(24750, None)] * 2, [(49500, None)]),
    "three parts": ([(16500, None)] * 3, [(49500, None)]),
    "a line twice": ([(49500, None)] * 2, [(49500, None)] * 2),
    # Half of it for a reason, twice: two halves, or one half written twice.
    "equal parts with a reason": ([(24750, "NO_PAY")] * 2, [(24750, "NO_PAY")] * 2),
    # 545.00 - 50.00 and 495.00 + 495.00 - 495.00 are 495.00: one takes back what is too much.
    "a correction": ([(54500, None), (-5000, None)], [(49500, None)]),
    "a line twice and taken back": (
        [(49500, None), (49500, None), (-49500, None)], [(49500, None)]
    ),
    "parts of something else": (
        [(10000, "NO_PAY"), (20000, "NO_PAY")], [(10000, "NO_PAY"), (20000, "NO_PAY")]
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", PERSONS)
def test_lines_of_one_person(case):
    """Added up when they come to what was asked for; else each stands for itself."""
    given_, wanted = PERSONS[case]
    judged = judge(lines(*given_), 10)
    assert [(answer.deducted_ore, answer.reason) for answer in judged.answers] == wanted
    assert (judged.counted, judged.faults) == (len(given_), ())


@pytest.mark.parametrize(
    ("others", "fault"),
    [
        ((54500, None), "negative"),  # 545.00 - 60.00 is 485.00, and not 545.00
        ((49500, None), "negative"),
    ],
)
def test_beside_a_wrong_line_no_other_of_the_person_counts(others, fault):
    """Money was booked by what one line said, although another of the same member took it back."""
    judged = judge(lines(others, (-6000, None)), 10)
    assert judged.answers == ()
    assert judged.faults == ((1, "contradicts"), (2, fault))


@pytest.mark.parametrize(
    "text", ["Trukket (kr)", "Trukket kr", "TRUKKET BELØP", "Trukket (i kroner):", " trukket "]
)
def test_a_heading_may_name_its_unit(text):
    """And what is another heading stays one."""
    assert heading_in(text) == folded("Trukket")
    assert heading_in("Kr") == "kr"
    assert heading_in("Sum") == "sum"


def test_since_when_costs_no_more_than_its_length():
    """A cell made to be gone through in every way is over at once."""
    assert reason_in("1 " * 149 + "x") is None
    assert reason_in(" ," * 150) is None


def test_what_is_meant_is_not_asked_about():
    """Somebody has asked: the amount stands, and is over what was asked for."""
    absurd = lines((4_950_000, None))
    assert judge(absurd, 10).faults == ((1, "amount_implausible"),)
    assert [answer.deducted_ore for answer in judge(absurd, 10, meant=True).answers] == [4_950_000]
