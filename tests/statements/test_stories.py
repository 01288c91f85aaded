"""A year end on the real server: statements made, mailed as PDFs, and reported to a file."""

import asyncio
import csv
import email
import email.policy
import io
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowFailureError

from activities.letters.settings import NotificationSettings
from activities.membership.activities import Persistence
from schemas.statements.contracts import YearEndReport
from tests.clock import today
from tests.commands import commands_of
from tests.life import PATIENCE_SECONDS
from tests.pricing.hall import Hall, open_hall
from tests.statements.making import member, pays
from workers.cli.statements.tax_report import report_csv
from workers.stack import MailSink, PostgresServer

Command = Callable[..., Awaitable[Any]]

MAY = date(2025, 5, 5)


@pytest.fixture(scope="module")
async def hall(
    tmp_path_factory: pytest.TempPathFactory,
    postgres: PostgresServer,
    migrated: str,
    letters: NotificationSettings,
    mail_sink: MailSink,
) -> AsyncIterator[Hall]:
    """A service of the test's own: a year end is about everybody."""
    folder = tmp_path_factory.mktemp("yearend")
    url = await postgres.create_database(folder.name, template=migrated)
    async with open_hall(folder, url, letters, mail_sink.mail_dir) as hall:
        yield hall


@pytest.fixture
def command(hall: Hall, tmp_path: Path) -> Command:
    """Run a command on the hall's service."""
    return commands_of(tmp_path, database_url=hall.database_url, temporal_address=hall.address)


async def run_year(hall: Hall, *order: Any) -> YearEndReport:
    """Run the workflow as another system would."""
    found = await hall.client.execute_workflow(
        "YearEndStatements",
        args=list(order),
        id=f"year-end-200{len(order)}",
        task_queue="membership",
    )
    return YearEndReport.model_validate(found)


async def sent(hall: Hall, count: int) -> None:
    """Wait until the mailing has sent so many letters."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while count != await hall.pool.fetchval("SELECT count(*) FROM letters WHERE status='sent'"):
            await asyncio.sleep(0.1)


def arrived(hall: Hall) -> list[EmailMessage]:
    """Return every mail in the sink."""
    files = hall.mail_dir.glob("*.eml")
    return [email.message_from_bytes(f.read_bytes(), policy=email.policy.default) for f in files]


async def test_everybody_gets_a_statement_and_the_authority_a_file(hall, command, tmp_path):
    """By command: statements, letters with a PDF (M18), the CSV; again nothing; all of it once."""
    persistence = Persistence(hall.pool, allow_synthetic_ids=True)
    kari = await member(persistence, hall.pool, name="=1+1", email="kari-tax@example.org")
    ola = await member(persistence, hall.pool, national_id=None, language="en")
    for one in (kari, ola):
        await pays(hall.pool, one, 49500, MAY)
    rehearsed = YearEndReport.model_validate(
        (await command("year-end", "2025", "--dry-run", "--json")).json
    )
    assert (rehearsed.new, rehearsed.letters, rehearsed.paid_ore) == (2, 2, 2 * 49500)
    file = tmp_path / "report.csv"
    ran = await command("year-end", "2025", "--csv", str(file))
    assert (ran.code, ran.err) == (0, "")
    assert "2 statements for 2025 made" in ran.out
    assert "the cap of 2025 is not confirmed" in ran.out
    assert "Without a national id, and not reported: 1" in ran.out
    await sent(hall, 2)

    [mail] = [mail for mail in arrived(hall) if mail["To"] == "kari-tax@example.org"]
    assert mail["Subject"] == "Årsoppgave til skattemeldingen"
    assert "495,00" in mail.get_body(("plain",)).get_content()
    [pdf] = list(mail.iter_attachments())
    assert pdf.get_filename() == "aarsoppgave.pdf"
    assert pdf.get_content().startswith(b"%PDF")

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    rows = list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig")), delimiter=";"))
    [row] = rows
    number = await hall.pool.fetchval(
        "SELECT national_id FROM people JOIN memberships USING (person_id)"
        " WHERE membership_id = $1",
        kari,
    )
    assert (row["Fødselsnummer"], row["Navn"]) == (number, "'=1+1")
    assert row["Betalt direkte"] == "495,00"
    told = await hall.pool.fetch("SELECT membership_id, audience FROM disclosures")
    assert [tuple(one) for one in told] == [(kari, "tax_authority")]
    assert "2024 has no statements" in (await command("tax-report", "2024")).err

    ran = await command("tax-report", "2025")
    assert "Still to be told: 1 new, 0 changed, 0 taken back; 495 kr." in ran.out
    assert "1 without a national id, 0 who object" in ran.out
    xml = tmp_path / "report.xml"
    assert "--by NAME" in (await command("tax-report", "2025", "--xml", str(xml))).err
    ran = await command("tax-report", "2025", "--xml", str(xml), "--by", "Berit")
    assert "file 1 of 2025, with 1 person and 495 kr" in ran.out
    assert stat.S_IMODE(xml.stat().st_mode) == 0o600
    written = xml.read_bytes()
    await command("tax-report", "2025", "--xml", str(xml))
    assert xml.read_bytes() == written, "nothing is left to tell: the same file"
    xml.write_text("another")
    ran = await command("tax-report", "2025", "--xml", str(xml))
    assert "holds something else" in ran.err
    assert xml.read_text() == "another", "what stands there stays"
    ran = await command("tax-objection", kari, "--from-year", "2025", "--by", "Berit")
    assert "the tax authority is told nothing of" in ran.out
    ran = await command("tax-report", "2025", "--xml", str(xml), "--by", "Berit")
    assert "is there already; name another file" in ran.err
    later = str(tmp_path / "later.xml")
    ran = await command("tax-report", "2025", "--xml", later, "--by", "Berit", "--json")
    assert (ran.json["number"], ran.json["line_count"], ran.json["total_kroner"]) == (2, 1, 0)
    first = tmp_path / "first.xml"
    await command("tax-report", "2025", "--xml", str(first), "--delivery", "1")
    assert first.read_bytes() == written
    ran = await command("tax-report", "2025", "--xml", str(first), "--delivery", "3")
    assert "2025 has 2 deliveries" in ran.err
    await command("tax-objection", kari, "--from-year", "2025", "--by", "Berit", "--withdraw")

    again = YearEndReport.model_validate((await command("year-end", "2025", "--json")).json)
    assert (again.statements, again.new, again.corrections, again.letters) == (2, 0, 0, 0)
    await command("year-end", "2025", "--csv", str(file))
    # The list, the file and what took it back.
    assert await hall.pool.fetchval("SELECT count(*) FROM disclosures") == 3


async def test_what_can_not_be_stated_ends_with_a_sentence(hall, command):
    """A year that is not over, an unknown cap, an order that is none: said, and nothing made."""
    year = today().year
    for order, says in (
        ({"year": year}, f"{year} is not over yet"),
        ({"year": "last"}, "year: must be"),
        ("2025", "must be"),
    ):
        with pytest.raises(WorkflowFailureError) as failed:
            await run_year(hall, order)
        assert says in str(failed.value.cause)
    await hall.pool.execute("DELETE FROM tax_caps WHERE year = 2025")
    ran = await command("year-end", "2025")
    assert ran.code == 2
    assert "the cap of 2025 is not known: set it with `medlemsflyt tax-cap 2025 AMOUNT" in ran.err
    ran = await command("tax-cap", "2025", "8300,00", "--confirmed")
    assert ran.out == "Of the dues of 2025, 8300.00 kr are deductible.\n"
    ran = await command("tax-cap", "2025", "8400", "--confirmed")
    assert "is confirmed as 8300.00; --replace" in ran.err
    ran = await command("tax-cap", "2025", "lots")
    assert "KR: lots is no amount in kroner" in ran.err
    await hall.pool.execute(
        "INSERT INTO tax_caps VALUES ($1, 1, true, 'test') ON CONFLICT DO NOTHING", year - 1
    )
    assert (await run_year(hall)).year == year - 1, "none is named: the year that is over"


def test_the_file_holds_no_formula():
    """A name stays text on its own line, whatever is in it; ids keep their zeros (D2)."""
    row = {
        "member_number": "00000001",
        "national_id": "01018600000",
        "name": "+47;\r\n@x",
        "reported_ore": 123456,
    }
    text = report_csv(2024, [row]).decode("utf-8-sig")
    [line] = list(csv.reader(io.StringIO(text), delimiter=";"))[1:]
    assert line == [
        "2024",
        "00000001",
        "01018600000",
        "'+47; @x",
        "1234,56",
    ]
