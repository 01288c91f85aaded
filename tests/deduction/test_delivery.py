"""A list on its way: the gate for each line, the files, the channels."""

import io
import stat
from dataclasses import replace
from datetime import date
from email import message_from_bytes, policy
from typing import Any

import openpyxl
import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from activities.deduction.sheets import read_sheets
from activities.letters.errors import DeliveryFailed
from activities.letters.list_files import ShownList, csv_file, xlsx_file
from schemas.deduction.list_file import COLUMNS, ShownLine, headings_of
from schemas.deduction.words import REASONS, reason_in
from tests.deduction.making import DUE_ON, A, rows_of
from tests.kids import list_kid
from tests.letters.mailserver import all_said, mail_server
from tests.persons.making import change_person
from workers.stack import MailSink

PASSWORD = "en lang setning 17"


def sheet_of(content: bytes) -> Any:
    """Return the first sheet of a workbook."""
    return openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]


async def test_the_csv_has_the_columns_of_every_month(office):
    """Headings, then one line a member, amounts as a Norwegian spreadsheet writes them."""
    kari = await office.joins(name="Kari Nordmann", national_id="12848699810")
    await office.charge(kari, central=49500, local=5000, premium=20000)
    await office.make()
    number = await office.number_of()
    done = await office.deliver(number)
    assert (done.delivered, done.shown, done.withheld) == (True, 1, 0)
    content = await office.file_of(number)
    assert content.startswith(b"\xef\xbb\xbf")
    assert rows_of(content) == [
        ["Forbundets organisasjonsnummer", "999999999"],
        ["Arbeidsgivers organisasjonsnummer", A],
        ["Periode", "2026-12"],
        ["Listenummer", number],
        ["KID", list_kid(number[:8], 1)],
        ["Sum", "745,00"],
        ["Antall linjer", "1"],
        [],
        headings_of(COLUMNS),
        [
            office.numbers[kari], "12848699810", "Kari Nordmann",
            "495,00", "50,00", "200,00", "745,00", "START", "", "",
        ],
    ]  # fmt: skip


async def test_the_workbook_says_the_same(office):
    """Ids are text with their zeros, amounts numbers, the headings frozen, columns wide enough."""
    kari = await office.joins(name="Kari Nordmann med et ganske langt navn")
    await office.charge(kari, central=24750, correction={"central": -10000})
    await office.make()
    number = await office.number_of()
    await office.deliver(number)
    sheet = sheet_of(await office.file_of(number, "xlsx"))
    heads = {row[0].value: row[1] for row in sheet.iter_rows(max_row=7)}
    assert (heads["KID"].value, heads["KID"].data_type) == (list_kid(number[:8], 1), "s")
    assert (heads["Sum"].value, heads["Antall linjer"].value) == (147.5, 1)
    assert [cell.value for cell in sheet[9]] == headings_of(COLUMNS)
    assert sheet.freeze_panes == "A10"
    line = sheet[10]
    assert (line[0].value, line[0].data_type) == (office.numbers[kari], "s")
    assert line[1].data_type == "s"
    # 247.50 less 100.00 of the month before.
    assert [cell.value for cell in line[3:7]] == [147.5, 0, 0, 147.5]
    assert {cell.data_type for cell in line[3:7]} == {"n"}
    assert [cell.value for cell in line[8:]] == [None, None]
    for cell in (*line, *sheet[9], heads["KID"]):
        width = sheet.column_dimensions[cell.column_letter].width
        assert width >= min(len(str(cell.value or "")), 32), cell.coordinate


NAMES = (
    "=1+1", "+1", "-1", "@SUM(A1)", " =1+1", "＝1+1", "＋1", "－1", "＠x", "\u200b=1",
    "=cmd|' /C",
)  # fmt: skip


async def test_no_name_is_a_formula(office):
    """D2: what begins like one is neutralised, in both files; a number stays one."""
    number = await office.ready(*[await office.joins(name=name) for name in NAMES])
    wanted = [f"'{name}" for name in NAMES]
    assert [row[2] for row in rows_of(await office.file_of(number))[9:]] == wanted
    sheet = sheet_of(await office.file_of(number, "xlsx"))
    assert [row[2].value for row in sheet.iter_rows(min_row=10)] == wanted
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


async def test_delivered_again_the_files_are_the_same_bytes(office):
    """Cut off before it was noted, a list goes out again as it was; noted, not at all."""
    number = await office.ready(*[await office.joins() for _ in range(3)])
    before = [await office.file_of(number, ending) for ending in ("csv", "xlsx")]
    await office.pool.execute("ALTER TABLE list_deliveries DISABLE TRIGGER USER")
    await office.pool.execute("DELETE FROM list_deliveries")
    await office.deliver(number)
    assert [await office.file_of(number, ending) for ending in ("csv", "xlsx")] == before
    (office.folder / number[:8] / f"{number}.csv").unlink()
    assert (await office.deliver(number)).shown == 3
    assert not (office.folder / number[:8] / f"{number}.csv").exists()


SAYS = (
    "Svar og betal senest 15. januar 2027.",
    "Kontonummer: 1234 56 78903",
    "0 hvis ingenting er trukket",
    "- LEFT: Sluttet",
    "- UNPAID_LEAVE: Ulønnet permisjon",
    "- LAID_OFF: Permittert",
    "- NAV: Sykepenger/NAV",
    "- PENSION: Pensjon",
    "- NO_PAY: Ikke lønn",
    "- UNKNOWN_PERSON: Ukjent",
    "- OTHER: Annet",
)


async def test_the_letter_names_deadline_account_and_reasons(office):
    """In a folder it lies beside the list; each word it asks for is one that is read (D5)."""
    number = await office.ready(await office.joins(name="Kari Nordmann"))
    letter = (await office.file_of(number, "txt")).decode("utf-8-sig")
    for says in (*SAYS, f"KID: {list_kid(number[:8], 1)}", f"{number}.csv og {number}.xlsx"):
        assert says in " ".join(letter.split()), says
    assert "Kari" not in letter
    asked = dict(line[2:].split(": ") for line in letter.splitlines() if ": " in line[2:])
    for words in REASONS:
        assert reason_in(asked[words.reason]) == reason_in(words.reason) == words.reason


async def test_the_folder_is_nobody_elses(office):
    """One folder an employer, named by its payer number; only its owner may look."""
    number = await office.ready(await office.joins())
    folder = office.folder / number[:8]
    names = [f"{number}.{ending}" for ending in ("csv", "txt", "xlsx")]
    assert sorted(file.name for file in folder.iterdir()) == names
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(office.folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


WITHHELD: dict[str, dict[str, Any]] = {
    "hidden since": {"hidden": True},
    "asked to be hidden since": {"hiding": True},
    "no national id": {"national_id": None},
    "has left": {"stage": "ended", "outcome": "resigned"},
    "has died": {"stage": "ended", "outcome": "deceased"},
}


@pytest.mark.parametrize("case", WITHHELD)
async def test_what_the_gate_stops_is_withheld(office, case):
    """Left out of the file, its total and its count; not disclosed; a task; once."""
    stays, goes = await office.joins(), await office.joins()
    for member in (stays, goes):
        await office.charge(member)
    await office.make()
    for column, value in WITHHELD[case].items():
        if column == "national_id":
            await change_person(office.pool, goes, national_id=value)
            continue
        if column == "outcome":
            continue
        if column == "stage":
            await office.pool.execute(
                "UPDATE memberships SET stage = 'ended', outcome = $2 WHERE membership_id = $1",
                goes,
                WITHHELD[case]["outcome"],
            )
            continue
        await office.pool.execute(
            f"UPDATE memberships SET {column} = $2 WHERE membership_id = $1", goes, value
        )
    number = await office.number_of()
    done = await office.deliver(number)
    assert (done.shown, done.withheld) == (1, 1)
    rows = rows_of(await office.file_of(number))
    assert [row[0] for row in rows[9:]] == [office.numbers[stays]]
    assert (rows[5][1], rows[6][1]) == ("495,00", "1")
    assert office.numbers[goes].encode() not in await office.file_of(number)
    told = await office.pool.fetch("SELECT membership_id, key, audience FROM disclosures")
    assert [tuple(row) for row in told] == [(stays, f"deduction-list-{number}", "employer")]
    assert await office.tasks() == {"deduction_withheld": goes}


async def test_a_stop_reaches_the_employer_of_whoever_has_left(office):
    """A line of nothing: who has left is told to the employer that deducts, and no more."""
    stays, left = await office.joins(), await office.joins()
    for member in (stays, left):
        await office.charge(member, "2026-11")
    await office.make("2026-11")
    await office.pool.execute(
        "UPDATE memberships SET stage = 'ended', outcome = 'resigned' WHERE membership_id = $1",
        left,
    )
    number = await office.ready(stays)
    lines = {row[0]: row[6:8] for row in rows_of(await office.file_of(number))[9:]}
    assert lines == {
        office.numbers[stays]: ["495,00", "CONTINUE"],
        office.numbers[left]: ["0,00", "STOP"],
    }


async def test_without_a_folder_the_list_waits_visibly(office):
    """A task says what is missing; nothing is disclosed; once it is there, the list goes out."""
    member = await office.joins()
    await office.charge(member)
    await office.make()
    number = await office.number_of()
    nowhere = replace(office.settings, list_folder=None)
    for _ in range(2):
        done = await office.deliver(number, settings=nowhere)
        assert not done.delivered
        assert "MEDLEMSFLYT_LIST_FOLDER" in done.why
    assert await office.tasks() == {"deduction_not_delivered": None}
    assert await office.pool.fetchval("SELECT count(*) FROM disclosures") == 0
    assert (await office.deliver(number)).delivered
    assert await office.tasks() == {}


@pytest.fixture
async def mailing(office, mail_sink: MailSink):
    """An office whose employer takes lists by mail."""
    await office.pool.execute(
        "INSERT INTO employers (orgnr, email, list_channel, list_password)"
        " VALUES ($1, $2, 'email', $3) ON CONFLICT (orgnr) DO UPDATE SET email = excluded.email,"
        " list_channel = excluded.list_channel, list_password = excluded.list_password",
        A,
        f"lonn-{id(office)}@employer.example",
        PASSWORD,
    )
    office.settings = replace(
        office.settings, host="127.0.0.1", port=mail_sink.smtp_port, list_folder=None
    )
    return office


def mails_to(office, mail_sink):
    """Return the mails that employer got."""
    found = []
    for file in sorted(mail_sink.mail_dir.glob("*.eml")):
        mail = message_from_bytes(file.read_bytes(), policy=policy.default)
        if mail["To"] == f"lonn-{id(office)}@employer.example":
            found.append(mail)
    return found


@pytest.mark.parametrize("char", ["\ufffe", "\uffff", "\x0b", "\x1f"], ids=ascii)
def test_a_character_that_xml_has_no_place_for_spoils_no_workbook(char):
    """One name, kept before such were refused, must not keep an employer from all the others."""
    line = ShownLine("00000001", "12848699810", f"Ka{char}ri", 49500, 0, 0, 49500, "START")
    shown = ShownList("974760673", "312345676", date(2026, 12, 1), "00000001-1", "20", (line,))
    (sheet,) = read_sheets(xlsx_file(shown))
    assert sheet.rows[-1][2] == "Ka\ufffdri"
    assert char not in csv_file(shown).decode("utf-8-sig")


async def test_by_mail_the_workbook_is_locked(mailing, mail_sink):
    """The mail names nobody, and only the password opens what it carries."""
    kari = await mailing.joins(name="Kari Nordmann", national_id="12848699810")
    await mailing.charge(kari)
    await mailing.make()
    number = await mailing.number_of()
    assert (await mailing.deliver(number)).delivered
    assert (await mailing.deliver(number)).delivered
    (mail,) = mails_to(mailing, mail_sink)
    for secret in ("Kari", "12848699810", A, PASSWORD):
        assert secret not in all_said(mail), secret
    assert number not in mail["Subject"]
    said = " ".join(mail.get_body(("plain",)).get_content().split())
    for says in (*SAYS, f"KID: {list_kid(number[:8], 1)}", "med det samme passordet"):
        assert says in said, says
    (attached,) = mail.iter_attachments()
    content = attached.get_content()
    assert attached.get_filename() == f"{number}.xlsx"
    assert b"Nordmann" not in content
    office_file = OOXMLFile(io.BytesIO(content))
    assert office_file.is_encrypted()
    office_file.load_key(password=PASSWORD)
    opened = io.BytesIO()
    office_file.decrypt(opened)
    assert sheet_of(opened.getvalue())["C10"].value == "Kari Nordmann"


async def test_a_mail_server_that_is_away_is_tried_again(mailing):
    """The list is not noted as delivered; the next attempt delivers it."""
    await mailing.charge(await mailing.joins())
    await mailing.make()
    number = await mailing.number_of()
    with pytest.raises(DeliveryFailed):
        await mailing.deliver(number, settings=replace(mailing.settings, port=1))
    assert await mailing.pool.fetchval("SELECT count(*) FROM list_deliveries") == 0
    assert (await mailing.deliver(number)).delivered


async def test_a_reminder_names_nobody_and_comes_once(mailing, mail_sink):
    """To the employer as such; without an address a caseworker has the task anyway."""
    from temporalio.testing import ActivityEnvironment

    from activities.deduction.delivery import ListDelivery
    from schemas.deduction.contracts import ListRequest

    number = await mailing.ready(await mailing.joins())
    room = ListDelivery(mailing.pool, mailing.settings)
    request = ListRequest(list_number=number, today=DUE_ON)
    for _ in range(2):
        assert await ActivityEnvironment().run(room.remind_employer, request)
    mails = mails_to(mailing, mail_sink)
    assert len(mails) == 2
    reminder = mails[1]
    assert list(reminder.iter_attachments()) == []
    body = " ".join(reminder.get_body(("plain",)).get_content().split())
    for says in (number, "Fristen var 15. januar 2027", list_kid(number[:8], 1), "1234 56 78903"):
        assert says in body, says
    assert mails[0]["Subject"] == "Månedens liste til dere"
    assert reminder["Subject"] == "Vi venter på svar fra dere"
    await mailing.pool.execute("UPDATE employers SET list_channel = 'folder', email = NULL")
    await mailing.charge(await mailing.joins(), "2027-01")
    await mailing.make("2027-01", date(2027, 1, 2))
    request = ListRequest(list_number=await mailing.number_of(period="2027-01"), today=DUE_ON)
    assert not await ActivityEnvironment().run(room.remind_employer, request)


async def test_a_relay_that_never_answers_gets_three_copies_of_a_list(mailing):
    """Each waits longer, nobody is locked meanwhile; then a task says that it may have arrived."""
    await mailing.charge(await mailing.joins())
    await mailing.make()
    number = await mailing.number_of()
    async with mail_server() as mails:
        mails.silent = 9
        relay = replace(mailing.settings, port=mails.port)
        for copies in (1, 2):
            for _ in range(2):
                with pytest.raises(DeliveryFailed):
                    await mailing.deliver(number, settings=relay)
                assert len(mails.mails) == copies
            await mailing.pool.execute("UPDATE list_hand_overs SET not_before = NULL")
        for _ in range(2):
            done = await mailing.deliver(number, settings=relay)
            assert (done.delivered, "may have arrived" in done.why) == (False, True)
        assert len(mails.mails) == 3
    assert await mailing.tasks() == {"deduction_not_delivered": None}


async def test_a_list_that_is_refused_for_our_sake_waits_and_is_asked_about(mailing):
    """5.7.1 is no fault of the employer's address: kept, and after a day a task names the code."""
    await mailing.charge(await mailing.joins())
    await mailing.make()
    number = await mailing.number_of()
    async with mail_server() as mails:
        mails.answers = ["554 5.7.1 Relay access denied"] * 2
        relay = replace(mailing.settings, port=mails.port)
        with pytest.raises(DeliveryFailed, match=r"554 5\.7\.1"):
            await mailing.deliver(number, settings=relay)
        await mailing.pool.execute(
            "UPDATE list_hand_overs SET refused_at = refused_at - interval '1 day'"
        )
        assert r"554 5.7.1" in (await mailing.deliver(number, settings=relay)).why
        assert await mailing.tasks() == {"deduction_not_delivered": None}
        await mailing.pool.execute("UPDATE list_hand_overs SET not_before = NULL")
        assert (await mailing.deliver(number, settings=relay)).delivered
    assert await mailing.tasks() == {}
