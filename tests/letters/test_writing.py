"""A mailing's letters are written in processes of their own."""

import os
import signal
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from activities.letters import wording
from activities.letters.cases import Addressee, InvoiceFacts, LetterContext, OpenLetter
from activities.letters.compose import Money, compose
from activities.letters.errors import NotTaken, NotWritten
from activities.letters.mailing import PAGE_SIZE, PAGES_AT_ONCE, SMALLEST_PAGE, page_size
from activities.letters.postbox import stuffed
from activities.letters.recipients import Recipient
from activities.letters.writing import Writers, write_in_thread
from schemas.shared.vocabulary import Audience, Language, Stage, Template
from tests.letters.conftest import settings_for
from tests.letters.making import TODAY

CASE = LetterContext(
    membership_id="membership-0",
    stage=Stage.ACTIVE,
    outcome=None,
    hidden=False,
    hiding=False,
    member_number="00012345",
    member_since=date(2020, 1, 1),
    person=Addressee(
        name="Kari Nordmann",
        birth_date=date(1986, 4, 12),
        national_id=None,
        email="kari@example.org",
        phone=None,
        address=("Storgata 1", "0155 Oslo"),
        language=Language.NB,
    ),
    employer_orgnr=None,
    branch=None,
    recruiter_email=None,
    may_tell_recruiter=False,
)
LETTER = OpenLetter(
    key="dues-run-2026-11",
    template=Template.DUES_INVOICE,
    audience=Audience.MEMBER,
    figures={},
    status="sending",
    attempts=1,
    message_id="0" * 40,
    sent_on=TODAY,
    decided_at=datetime(2026, 11, 22, tzinfo=UTC),
)
INVOICE = InvoiceFacts(
    number="2026-000123",
    kid="1000123450000017",
    period_from=date(2026, 11, 1),
    issued_on=date(2026, 11, 22),
    due_on=date(2026, 12, 7),
    total_ore=49500,
    lines=({"kind": "central_dues", "amount_ore": 49500, "cadence": "monthly"},),
)
TO = Recipient("kari@example.org")
SETTINGS = settings_for(25)


async def test_a_process_writes_what_a_thread_writes() -> None:
    """The same bytes; a fault is told without its cause; a process that is ended costs one try."""
    writers = Writers()
    written = await write_in_thread(LETTER, CASE, TO, Money(INVOICE), SETTINGS)
    try:
        assert await writers.write(LETTER, CASE, TO, Money(INVOICE), SETTINGS) == written
        with pytest.raises(NotWritten, match="could not be written") as fault:
            await writers.write(LETTER, CASE, TO, Money(), SETTINGS)
        assert "Kari" not in repr(fault.value)
        os.kill(await writers.run(os.getpid), signal.SIGKILL)
        with pytest.raises(NotTaken, match="was ended"):
            await writers.run(os.getpid)
        assert await writers.write(LETTER, CASE, TO, Money(INVOICE), SETTINGS) == written
    finally:
        writers.close()


@pytest.mark.parametrize(
    ("letters", "size"),
    [
        (1, SMALLEST_PAGE),
        (32 * 50, 50),
        (32 * 50 + 1, 51),  # 1,601 / 32 = 50.03
        (10_000, 313),  # 10,000 / 32 = 312.5
        (16_000, PAGE_SIZE),
        (400_000, PAGE_SIZE),
    ],
)
def test_a_batch_is_work_for_as_many_as_can_be(letters: int, size: int) -> None:
    """As many pages as are handed out at once, neither too small nor too large."""
    assert page_size(letters) == size
    assert PAGES_AT_ONCE == 32


def test_amounts_and_days_are_put_into_words_once() -> None:
    """Two members' invoices over the same sum ask Babel for nothing that the first has asked."""
    for name in ("money", "day", "month", "period"):
        getattr(wording, name).cache_clear()
    compose(LETTER, CASE, TO, Money(INVOICE), SETTINGS)
    asked = [words.cache_info().misses for words in (wording.money, wording.day, wording.period)]
    other = replace(INVOICE, number="100099", kid="1000990000009999")
    compose(LETTER, CASE, TO, Money(other), SETTINGS)
    again = [words.cache_info().misses for words in (wording.money, wording.day, wording.period)]
    assert asked == again
    assert all(asked)


def test_a_line_s_first_dot_is_doubled() -> None:
    """It would end the mail otherwise. Source: RFC 5321, 4.5.2."""
    assert stuffed(b".a\r\n.\r\n..b\r\nc.\r\n") == b"..a\r\n..\r\n...b\r\nc.\r\n"
