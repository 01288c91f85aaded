"""Employers' reports: what is read, what is refused, and what is answered line by line."""

import hashlib
import io
import zipfile
from datetime import date

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.deduction import reading, sheets
from activities.deduction.reading import read_report
from activities.shared.wrong_file import WrongFile
from schemas.deduction.list_file import (
    ASKED,
    COLUMNS,
    amount_ore,
    harmless,
    headings_of,
    kroner,
)
from tests.deduction.making import B, filled, rows_of, written

HEADINGS = headings_of(COLUMNS)
ASKED_HEADINGS = headings_of(ASKED)
PLACES = {column.name: place for place, column in enumerate(COLUMNS)}
NAMES = ("Åse Ødegård", "Kari Nordmann", "Ola Nordmann")


@pytest.fixture
async def sent(office):
    """A list of three members, delivered: its number, the members, and its file."""
    members = [await office.joins(name=name) for name in NAMES]
    number = await office.ready(*members)
    return number, members, await office.file_of(number)


def workbook_of(content, edit=None):
    """Return a report as a workbook, its numbers as numbers where a spreadsheet would."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows_of(content):
        sheet.append([float(c.replace(",", ".")) if "," in c else c for c in row])
    if edit is not None:
        edit(sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


READ = {
    "as we sent it": ("utf-8-sig", lambda c: c),
    "without a mark": ("utf-8", lambda c: c.removeprefix(b"\xef\xbb\xbf")),
    "cp1252": ("cp1252", lambda c: written(rows_of(c), encoding="cp1252")),
    "utf-16": ("utf-16", lambda c: written(rows_of(c), encoding="utf-16")),
    "utf-16 without a mark": ("utf-16", lambda c: written(rows_of(c), encoding="utf-16-le")),
    "commas": ("utf-8-sig", lambda c: written(rows_of(c), separator=",")),
    "tabs": ("utf-8-sig", lambda c: written(rows_of(c), separator="\t")),
    "line feeds": ("utf-8-sig", lambda c: c.replace(b"\r\n", b"\n")),
    "empty lines": ("utf-8-sig", lambda c: c.replace(b"\r\n", b"\r\n\r\n")),
    "padded by a spreadsheet": (
        "utf-8-sig",
        lambda c: written([(row + [""] * 12)[:12] for row in rows_of(c)]),
    ),
    "without zeros in front": (
        "utf-8-sig",
        lambda c: written([[row[0].lstrip("0"), *row[1:]] if row else row for row in rows_of(c)]),
    ),
    "a spreadsheet's numbers": (
        "utf-8-sig",
        lambda c: written(
            [
                [row[0], "1,28486E+10", *row[2:]] if len(row) == len(COLUMNS) and row[1][0] == "1"
                else ["KID", "2,00000000001E+15"] if row[:1] == ["KID"]
                else ["Periode", "des.26"] if row[:1] == ["Periode"]
                else row
                for row in rows_of(c)
            ]
        ),
    ),
    "xlsx": ("xlsx", workbook_of),
}  # fmt: skip


async def test_every_way_of_saving_is_read(office, sent):
    """Encodings, separators, line ends and what a spreadsheet does: the same answers."""
    _, members, content = sent
    expected = {(members[0], 0, "NAV"), (members[1], 49500, None), (members[2], 49500, None)}
    for how, (encoding, saved) in READ.items():
        back = saved(filled(content, {office.numbers[members[0]]: ("0", "NAV")}))
        verdict = await office.take(back)
        assert (verdict.outcome, verdict.reasons, verdict.faults) == ("applied", (), ()), how
        assert (verdict.encoding, verdict.lines, verdict.counted) == (encoding, 3, 3), how
        rows = await office.pool.fetch(
            "SELECT membership_id, deducted_ore, reason FROM report_lines"
            " JOIN deduction_reports USING (report_id) WHERE file_id = $1",
            hashlib.sha256(back).hexdigest(),
        )
        assert {tuple(row) for row in rows} == expected, how


def head(label, value):
    """Change what stands above the lines."""

    def change(content):
        return written(
            [[label, value] if row[:1] == [label] and len(row) == 2 else row
             for row in rows_of(content)]
        )  # fmt: skip

    return change


def columns(*names):
    """Change the row of headings."""

    def change(content):
        return written([list(names) if row == HEADINGS else row for row in rows_of(content)])

    return change


def zipped(name, content):
    """An archive that is no workbook."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def bomb(content):
    """A workbook whose sheet unpacks to a gigabyte of zeros."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook_of(content))) as plain,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
    ):
        for part in plain.infolist():
            if part.filename == "xl/worksheets/sheet1.xml":
                with archive.open(part.filename, "w", force_zip64=True) as sheet:
                    for _ in range(1024):
                        sheet.write(b"\0" * 1024 * 1024)
            else:
                archive.writestr(part, plain.read(part))
    return out.getvalue()


def entities(content):
    """A workbook with an XML entity bomb."""
    laughs = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook_of(content))) as plain,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for part in plain.infolist():
            data = plain.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                data = laughs + data.split(b"?>", 1)[-1]
            archive.writestr(part.filename, data)
    return out.getvalue()


def formula(content):
    """A workbook that works an amount out."""
    return workbook_of(content, lambda sheet: sheet.__setitem__("I10", "=G10*2"))


REFUSED = {
    "nothing": (lambda _: b"", "is empty"),
    "blank lines": (lambda _: b"\r\n\r\n", "is empty"),
    "a picture": (lambda _: b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "can't be read"),
    "truncated utf-16": (lambda c: written(rows_of(c), encoding="utf-16")[:-1], "(utf-16)"),
    "a nul": (lambda c: c.replace(b"START", b"STA\0T"), "can't be read as text"),
    "bytes of no encoding": (lambda c: c.removeprefix(b"\xef\xbb\xbf") + b"\x81\x8d", "(cp1252)"),
    "broken utf-8": (lambda c: c + b"\xff", "(utf-8)"),
    "prose": (lambda _: b"Alle er trukket som avtalt.", "row of headings is missing"),
    "html": (lambda _: b"<html><table><tr><td>Medlemsnummer</td></tr></table>", "is a web page"),
    "only the heads": (lambda c: c[: c.index(b"Medlemsnummer")], "row of headings is missing"),
    "a column less": (columns(*HEADINGS[:-1]), "the heading Årsak is missing"),
    "no ids": (
        columns("Nr", "Født", *HEADINGS[2:]), "cell A9: the first heading is missing"
    ),
    "a heading twice": (
        columns(*ASKED_HEADINGS, "Trukket", "Årsak", "trukket"), "cell K9: the heading Trukket"
    ),
    "another list's columns": (
        columns("Medlemsnummer", "Navn"), "the heading Trukket and Årsak is missing"
    ),
    "a line with more cells": (
        lambda c: c + b"1;" * len(COLUMNS) + b"1\r\n", "line 13 has more cells"
    ),
    "an open quotation mark": (lambda c: c + b'"1;2;3', "quotation mark is not closed"),
    "no such list": (head("Listenummer", "00000009-7"), "there is no list of this Listenummer"),
    "no number, and a line less": (
        lambda c: head("KID", "")(head("Listenummer", "")(c[: c.index(b"00000003")])),
        "no Listenummer can be read, and the lines are not those of one list",
    ),
    "another list's KID": (head("KID", "2000000090000076"), "KID is not that of list"),
    "another employer": (head("Arbeidsgivers organisasjonsnummer", B), "Arbeidsgivers"),
    "another month": (head("Periode", "2026-11"), "Periode is not that of this list"),
    "another total": (head("Sum", "1485,01"), "Sum above the lines"),
    "no total": (head("Sum", ""), "Sum above the lines"),
    "another count": (head("Antall linjer", "4"), "Antall linjer"),
    "a count in words": (head("Antall linjer", "tre"), "Antall linjer"),
    "a head twice": (lambda c: b"Sum;1,00\r\n" + c.removeprefix(b"\xef\xbb\xbf"), "twice"),
    "a locked workbook": (lambda _: b"\xd0\xcf\x11\xe0" + b"\0" * 600, "locked by a password"),
    "a broken archive": (lambda c: workbook_of(c)[:900], "workbook can't be read"),
    "another archive": (lambda _: zipped("brev.txt", "hei"), "is packed, and no workbook"),
    "a formula": (formula, "cell I10: it holds a formula"),
    "an entity bomb": (entities, "workbook can't be read"),
    "a gigabyte of zeros": (bomb, "too large once it is unpacked"),
    "many columns": (
        lambda c: workbook_of(c, lambda sheet: sheet.cell(10, 60, "x")), "more than 40 columns"
    ),
    "an empty workbook": (lambda _: workbook_of(b""), "row of headings is missing"),
}  # fmt: skip


async def test_wrong_files_are_refused_whole(office, sent):
    """Each with one clear sentence that quotes nothing, and a task; not one line counts."""
    _, _, content = sent
    for number, (case, (spoil, says)) in enumerate(REFUSED.items(), 1):
        spoiled = spoil(filled(content))
        verdict = await office.take(spoiled)
        assert verdict.outcome == "refused", case
        (reason,) = verdict.reasons
        assert says in reason, (case, reason)
        assert not any(name in reason for name in NAMES), case
        assert await office.pool.fetchval("SELECT count(*) FROM report_lines") == 0, case
        tasks = await office.pool.fetch("SELECT says FROM tasks WHERE kind = 'deduction_report'")
        assert len(tasks) == number, case
        assert await office.take(spoiled) == verdict, case


async def test_too_many_lines_are_refused(monkeypatch):
    """More than any employer has; said before they are all read."""
    for module in (reading, sheets):
        monkeypatch.setattr(module, "MAX_LINES", 5)
    row = ["1"] * len(COLUMNS)
    with pytest.raises(WrongFile, match="more than 5 lines"):
        read_report(written([HEADINGS, *[row] * 6])).lines()
    monkeypatch.setattr(sheets, "MAX_BYTES", 100)
    with pytest.raises(WrongFile, match="is larger than"):
        read_report(b"x" * 101)


LINES = {
    "amount unreadable": ("deducted", "omtrent 400", "Trukket can't be read as an amount"),
    "a date for an amount": ("deducted", "04.des", "Trukket can't be read as an amount"),
    "a reason without an amount": ("deducted", "", "write 0 if nothing was deducted"),
    "less than nothing": ("deducted", "-10", "Trukket is less than nothing"),
    "reason unknown": ("reason", "SYK", "Årsak must be one of LEFT"),
    "reason missing": ("reason", "", "Årsak must say why"),
    "asked changed": ("total", "400,00", "Sum is not what we asked for"),
    "asked unreadable": ("total", "fire hundre", "Sum can't be read"),
    "another member's number": ("number", "00099999", "is not a line of this list"),
    "a number of letters": ("number", "=1+1", "is not a line of this list"),
    "another person's national id": ("national_id", "12848699810", "is not a line of this list"),
}


async def test_wrong_lines_are_answered_and_the_others_count(office, sent):
    """The verdict names the line as a spreadsheet counts it; nothing of what stood in it."""
    _, members, content = sent
    for case, (column, value, says) in LINES.items():
        back = rows_of(filled(content, {office.numbers[members[1]]: ("0", "NAV")}))
        line = next(n for n, row in enumerate(back) if row[:1] == [office.numbers[members[1]]])
        back[line][PLACES[column]] = value
        verdict = await office.take(written(back))
        assert (verdict.outcome, verdict.lines, verdict.counted) == ("applied", 3, 2), case
        (fault,) = verdict.faults
        assert fault.line == line + 1, case
        assert says in fault.fault, case
    kept = await office.pool.fetch("SELECT DISTINCT membership_id FROM report_lines")
    assert {row[0] for row in kept} == {members[0], members[2]}
    tasks = await office.pool.fetchval("SELECT count(*) FROM tasks")
    assert tasks == len(LINES)


async def test_open_lines_are_counted_and_wait(office, sent):
    """An employer may send what it knows, and the rest later."""
    _, members, content = sent
    verdict = await office.take(filled(content, {office.numbers[members[0]]: ("", "")}))
    assert (verdict.counted, verdict.unanswered, verdict.faults) == (2, 1, ())


async def test_a_line_without_a_member_number_is_found_by_national_id(office, sent):
    """A payroll system may know its own key only."""
    _, _, content = sent
    back = rows_of(filled(content))
    for row in back[9:]:
        row[0] = ""
    assert (await office.take(written(back))).counted == 3


async def test_the_same_line_twice_is_one_and_two_answers_are_none(office, sent):
    """A duplicate is harmless; another amount for the same member is nobody's."""
    _, _, content = sent
    back = rows_of(filled(content))
    twice = await office.take(written([*back, back[-1]]))
    assert (twice.counted, twice.faults) == (4, ())
    other = [*back[-1][: len(ASKED)], "0", "NAV"]
    verdict = await office.take(written([*back, other]))
    assert verdict.counted == 2
    assert [fault.line for fault in verdict.faults] == [12, 13]
    assert "neither counts" in verdict.faults[0].fault


async def test_a_report_on_a_list_that_is_not_there_yet_is_judged_anew(office, sent):
    """The same bytes, once the list exists: they are not refused for ever."""
    _, members, content = sent
    await office.charge(members[0], "2027-01", central=49500)
    kid_of_next = await office.pool.fetchval(
        "SELECT with_mod10('2' || payer_number || '000002') FROM employers WHERE orgnr ="
        " (SELECT employer_orgnr FROM deduction_lists)"
    )
    number = f"{kid_of_next[1:9]}-2"
    early = rows_of(filled(content, only={office.numbers[members[0]]}))
    heads = {"Listenummer": number, "KID": kid_of_next, "Periode": "2027-01", "Sum": "495,00",
             "Antall linjer": "3"}  # fmt: skip
    early = [[row[0], heads.get(row[0], row[1])] if len(row) == 2 else row for row in early]
    assert (await office.take(written(early))).outcome == "refused"
    await office.make("2027-01")
    verdict = await office.take(written(early))
    # One charged member, and two whose deduction stops.
    assert (verdict.outcome, verdict.counted) == ("applied", 1)


HIDDEN_BY = {
    "member number": ("NUMBER", "", "Kari"),
    "national id": ("", "12848699918", "Kari"),
    "name": ("", "", "Hilde Hemmelig"),
}


@pytest.mark.parametrize("flag", ["hidden", "hiding"])
@pytest.mark.parametrize("by", HIDDEN_BY)
async def test_a_hidden_member_looks_like_nobody(office, sent, by, flag):
    """S30: the alarm within the house; to the employer the very answer a stranger gets."""
    number, _, content = sent
    hidden = await office.joins(name="Hilde Hemmelig", national_id="12848699918")
    await office.pool.execute(
        f"UPDATE memberships SET {flag} = true WHERE membership_id = $1", hidden
    )
    named = [office.numbers[hidden] if each == "NUMBER" else each for each in HIDDEN_BY[by]]
    back = rows_of(filled(content))
    line = [*named, "495,00", "0,00", "0,00", "495,00", "START", "495,00", ""]
    strange = ["" if not value else other for value, other in
               zip(named, ("00099999", "12848699950", "Per Person"), strict=True)]  # fmt: skip
    verdict = await office.take(written([*back, line]))
    stranger = await office.take(written([*back, [*strange, *line[3:]]]))
    assert verdict == stranger
    alarms = await office.pool.fetch("SELECT * FROM tasks WHERE kind = 'hidden_named'")
    assert [row["membership_id"] for row in alarms] == [hidden]
    assert "hidden" not in alarms[0]["says"]
    assert (await office.pool.fetchval(
        "SELECT count(*) FROM report_lines WHERE membership_id = $1", hidden)) == 0  # fmt: skip
    assert (await office.settle(number)).figures.lines == 3


async def test_a_withheld_member_looks_like_nobody_too(office):
    """Hidden after the list was made: the employer never saw the line, so it is none."""
    stays, hides = await office.joins(), await office.joins()
    for member in (stays, hides):
        await office.charge(member)
    await office.make()
    await office.pool.execute(
        "UPDATE memberships SET hidden = true WHERE membership_id = $1", hides
    )
    number = await office.number_of()
    await office.deliver(number)
    back = rows_of(filled(await office.file_of(number)))
    verdict = await office.take(written([*back, [office.numbers[hides], *back[-1][1:]]]))
    assert [fault.fault for fault in verdict.faults] == ["is not a line of this list"]
    assert (await office.tasks())["hidden_named"] == hides


AMOUNTS = {
    "495": 49500, "495,00": 49500, "495.00": 49500, "495,5": 49550, "1 234,50": 123450,
    "1.234,50": 123450, "1,234.50": 123450, "1\u00a0234,50": 123450, "12 345": 1234500,
    "-247,50": -24750, "\u2212247,50": -24750, "- 247,50": -24750, "+10": 1000, "0": 0,
    "kr 495,-": 49500, "495 kr": 49500, "NOK 495,00": 49500, " 495 ": 49500,
    "1234567,89": 123456789,
    "1.234.567,89": 123456789, "495,-": 49500,
    # What could be a thousand or a thousandth, or is no amount at all.
    "1.234": None, "1,234": None, "495,555": None, "1.2.3": None, "12 34": None, "": None,
    "4,95E+02": None, "abc": None, "4-95": None, "--1": None, "1 234.567,00": None, "٤٩٥": None,
    "1,234,50": None, "99999999999999": None, ",50": None,
}  # fmt: skip


@pytest.mark.parametrize("text", AMOUNTS)
def test_amounts(text):
    """Norwegian and plain ways of writing; never a guess (D9)."""
    assert amount_ore(text) == AMOUNTS[text]


@given(st.integers(-(10**11), 10**11))
def test_what_we_write_we_read(ore):
    """Every amount comes back as it went out."""
    assert amount_ore(kroner(ore)) == ore


@given(st.text(max_size=12))
def test_nothing_harmless_begins_like_a_formula(text):
    """Whatever a name is made of; and nothing but the apostrophe is added."""
    made = harmless(text)
    assert made.lstrip()[:1] not in set("=+-@") | set("＝＋－＠")
    assert not set(made) & set("\t\r\n")


@settings(max_examples=50)
@given(st.binary(max_size=400))
def test_garbage_is_refused_and_never_a_crash(content):
    """Any bytes at all end as a sentence."""
    for start in (b"", b"PK\x03\x04", b"\xff\xfe", b"Medlemsnummer;"):
        with pytest.raises(WrongFile):
            read_report(start + content).lines()


def test_columns_stand_in_any_order_with_others_between():
    """Some may be missing, hidden, added or moved; each cell is that of its heading."""
    names = [name for name in PLACES if name not in {"local", "code"}]
    names = [*reversed(names[2:]), "remark", *names[:2]]
    headings = [HEADINGS[PLACES[name]] if name in PLACES else "Merknad" for name in names]
    ((number, row),) = read_report(written([headings, names])).lines()
    assert number == 2
    assert row == [name if name in names else "" for name in PLACES]


def test_dates_and_truths_are_text():
    """What a spreadsheet makes of a cell is read as text, and judged as such."""
    content = written([HEADINGS, ["1"] * len(COLUMNS)])
    book = workbook_of(content, lambda sheet: sheet.append([True, date(2026, 12, 1), 4.5e-7]))
    ((_, _), (_, row)) = read_report(book).lines()
    assert row[:3] == ["True", "2026-12-01", "0.00000045"]
